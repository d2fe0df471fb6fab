"""Everything that the documentation shows is done, and gives what it says.

With ``--update`` the pages are given what the commands and scenarios really print.
"""

from __future__ import annotations

import doctest
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import docs_console as console
import pytest
import typer.main
from docs_blocks import Block, blocks, pages, replaced
from docs_scenarios import check_sweep, is_sweep, picture, scenario, warnings

import simsched
from simsched.cli import app

ROOT = Path(__file__).parents[2]
PAGES = [page for page in pages(ROOT) if page.name != "extending.md"]  # has tests of its own
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Reader:
    """Somebody who does all that a page shows, from top to bottom, in one directory.

    Where the page shows something else than what comes of it, ``changes`` holds the true text.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.changes: dict[Block, str] = {}
        self._names: dict[str, Any] = {}
        self._scenario = ""

    def read(self, block: Block) -> None:
        if block.mark == "file":
            (self.directory / block.about).write_text(block.text, encoding="utf-8")
        if block.mark == "timeline":
            self._expect(block, picture(scenario(self._scenario, self.directory)))
        elif block.mark == "warning":
            self._expect(block, warnings(scenario(self._scenario, self.directory)))
        elif block.mark != "not run":
            {"console": self._console, "python": self._python, "yaml": self._yaml}.get(
                block.language, self._shown
            )(block)

    def _expect(self, block: Block, text: str) -> None:
        if text != block.text:
            self.changes[block] = text

    def _console(self, block: Block) -> None:
        told = []
        for each in console.exchanges(block.text):
            code, printed = console.run(each.command, self.directory)
            assert (code != 0) == (block.mark == "fails"), f"{each.command}: exit code {code}"
            fits = console.fits(each.printed, printed)
            lines = each.printed if fits else console.renewed(each.printed, printed)
            told.append(console.Exchange(each.command, lines).text)
        self._expect(block, "".join(told))

    def _python(self, block: Block) -> None:
        if ">>>" not in block.text:
            exec(block.text, self._names)  # noqa: S102  this is what the block is for
            return
        test = doctest.DocTestParser().get_doctest(block.text, self._names, "page", None, 0)
        said: list[str] = []
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        runner.run(test, out=said.append, clear_globs=False)
        self._names.update(test.globs)
        assert not runner.failures, "".join(said)

    def _yaml(self, block: Block) -> None:
        if is_sweep(block.text):
            check_sweep(block.text, self.directory)
            return
        self._scenario = block.text
        simsched.run(scenario(block.text, self.directory), replications=1)

    def _shown(self, block: Block) -> None:
        assert block.language in {"text", "json", "csv"}, f"mark it as not run:\n{block.text}"


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with simsched installed, as ``make`` leaves it."""
    for folder in ("scenarios", "tests/data/measured"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "simsched").symlink_to(Path(sys.executable).parent / "simsched")
    (tmp_path / ".venv" / "installed").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_a_page_shows_is_so(path, directory, request):
    page = path.read_text(encoding="utf-8")
    reader = Reader(directory)
    for block in blocks(page):
        reader.read(block)
    if request.config.getoption("--update"):
        path.write_text(replaced(page, reader.changes), encoding="utf-8")
        return
    for block, text in reader.changes.items():
        assert block.text == text, f"in {path.name}; renew it: pytest tests/docs --update"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\((?!https?://)([^)#]*)#?[^)]*\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_command_is_documented():
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    told = re.findall(r"^## simsched (.+)\n\n```console\n\$ simsched \1 --help\n", text, re.M)
    assert told == list(typer.main.get_command(app).commands)


def test_contributors_are_told_what_make_test_does():
    (lines,) = (each.text for each in blocks((ROOT / "CONTRIBUTING.md").read_text("utf-8")))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = [makefile.split(f"\n{name}:")[1].split("\n\n")[0] for name in ("lint", "test")]
    pytest_ = makefile.split("\nTEST := ")[1].split("\n")[0]
    assert lines.splitlines() == [
        line.strip().replace("$(TEST)", pytest_).replace("$(BIN)", ".venv/bin")
        for recipe in recipes
        for line in recipe.splitlines()[1:]
    ]


def test_the_elision_of_lines():
    assert console.fits(("a", "...", "d"), ("a", "b", "c", "d"))
    assert console.fits(("a", "...", "d"), ("a", "d"))
    assert not console.fits(("a", "...", "a"), ("a",))
    assert not console.fits(("a", "..."), ("b", "c"))
    assert console.renewed(("a", "...", "d"), ("1", "2", "3", "4")) == ("1", "...", "4")
    assert console.renewed(("...", "d"), ("1", "2")) == ("...", "2")
