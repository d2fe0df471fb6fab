"""The walks of the page on extending: each is made on a copy of the package, and then it works."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import docs_console as console
import pytest
from docs_blocks import Block, blocks, replaced

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "extending.md"
MOST_FILES = {
    "A server model": 6,
    "A kind of phase": 6,
    "A metric": 2,
    "A panel of the report": 2,
}
FILE = re.compile(r"--- (\S+)\n")


def walks() -> dict[str, list[Block]]:
    """Return the blocks of each section, by its title."""
    page = PAGE.read_text(encoding="utf-8")
    titles = [(each.start(), each[1]) for each in re.finditer(r"^## (.+)$", page, re.M)]
    found: dict[str, list[Block]] = {title: [] for _, title in titles}
    for block in blocks(page):
        found[[title for start, title in titles if start < block.start][-1]].append(block)
    return found


def hunks(diff: str) -> Iterator[tuple[str, str]]:
    """Yield what each hunk replaces, and by what: unified diffs without line numbers."""
    for hunk in diff.split("@@\n")[1:]:
        lines = hunk.splitlines(keepends=True)
        assert all(line[0] in " +-\n" for line in lines), hunk
        before, after = (
            "".join(line[1:] or line for line in lines if line[0] != left_out) for left_out in "+-"
        )
        yield before, after


def apply(diff: str, root: Path) -> Path:
    """Make the changes of *diff* below *root*, and return which file they are in."""
    match = FILE.match(diff)
    assert match, diff
    file = root / match[1]
    text = file.read_text(encoding="utf-8")
    for before, after in hunks(diff):
        assert before, f"{match[1]}: nothing shows where this belongs:\n{after}"
        assert text.count(before) == 1, f"{match[1]}: {text.count(before)} times:\n{before}"
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package, which commands then import, in the working directory."""
    shutil.copytree(ROOT / "simsched", tmp_path / "simsched", ignore=lambda *_: {"__pycache__"})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def prepare(walk: list[Block], root: Path) -> set[Path]:
    """Make the edits of *walk* and write its files; return the source files that are edited."""
    for block in walk:
        if block.mark == "file":
            (root / block.about).write_text(block.text, encoding="utf-8")
    return {apply(block.text, root) for block in walk if block.language == "diff"}


@pytest.mark.parametrize("title", MOST_FILES)
def test_a_walk_leads_where_it_says(title, copy, request):
    walk = walks()[title]
    assert 0 < len(prepare(walk, copy)) <= MOST_FILES[title]
    changes = {}
    for block in walk:
        if block.language == "console":
            text = "".join(map(repeated(copy), console.exchanges(block.text)))
            changes |= {block: text} if text != block.text else {}
    if request.config.getoption("--update"):
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(replaced(page, changes), encoding="utf-8")
        return
    for block, text in changes.items():
        assert block.text == text, "renew it: pytest tests/docs --update"


def repeated(directory: Path):
    """Return what runs a command again, and gives it with what it prints now."""

    def run(each: console.Exchange) -> str:
        code, printed = console.printed_by(console.in_a_shell, each.command, directory)
        assert code == 0, printed
        fits = console.fits(each.printed, printed)
        lines = each.printed if fits else console.renewed(each.printed, printed)
        return console.Exchange(each.command, lines).text

    return run


def test_all_sections_are_walked():
    assert [*walks()] == [*MOST_FILES]


@pytest.mark.long
def test_both_engines_simulate_the_model_of_the_walk(copy):
    prepare(walks()["A server model"], copy)
    found = []
    for engine in ("simpy", "compiled"):
        command = f"simsched run greenlets.yaml --set run.engine={engine} --format json 2>&1"
        code, printed = console.printed_by(console.in_a_shell, command, copy)
        assert code == 0, printed
        text = "\n".join(printed)
        found.append(json.loads(text[text.index("{") : text.rindex("}") + 1]))
    assert [each.pop("made_with")["engine"] for each in found] == ["simpy", "compiled"]
    assert found[0] == found[1]
