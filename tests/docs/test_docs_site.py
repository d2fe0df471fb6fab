"""The site: it builds without a warning, needs nothing from elsewhere, and has every error."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import simsched

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site, built such that any warning fails."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_has_all_it_needs_beside_it(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        if page.is_relative_to(site / "reports"):
            continue
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(https?:[^"]*)', text)
        assert loaded == [], page.name


def test_the_search_works_without_a_server(site):
    assert (site / "search" / "search_index.js").is_file()
    text = (site / "how-to" / "workers.html").read_text(encoding="utf-8")
    assert "../assets/iframe-worker.js" in text
    assert (site / "assets" / "iframe-worker.js").is_file()


def public_names() -> Iterator[str]:
    """Yield the public functions and classes with their members, as the reference names them."""
    for name in simsched.__all__:
        found = getattr(simsched, name)
        if not callable(found) or not hasattr(found, "__qualname__"):
            continue  # the version, and the union of all phases
        place = f"{found.__module__}.{found.__qualname__}"
        yield place
        if isinstance(found, type) and found.__module__.startswith("simsched.api."):
            yield from (f"{place}.{each}" for each in vars(found) if not each.startswith("_"))


def test_every_public_name_is_in_the_reference(site):
    text = (site / "api.html").read_text(encoding="utf-8")
    names = list(public_names())
    assert {"simsched.api.fitting.fit", "simsched.api.results.Result.figure"} < {*names}
    assert [each for each in names if f'id="{each}"' not in text] == []


def test_every_message_says_what_to_do_or_the_page_on_errors_does(hooks):
    cures = list(hooks.cures_in(PAGE))
    messages = [*hooks.scenario_messages(), *hooks.other_messages()]
    assert len(messages) > 500
    assert [each for each in messages if not hooks.entry(each, cures)[1]] == []


def test_no_row_of_the_page_on_errors_is_about_nothing(hooks):
    messages = [*hooks.scenario_messages(), *hooks.other_messages()]
    silent = [each for each in messages if not hooks.entry(each, ())[1]]
    rows = list(hooks.cures_in(PAGE))
    assert [row.pattern for row, _ in rows if not any(map(row.match, silent))] == []


def test_every_message_is_on_the_page(site, hooks):
    rows = (site / "errors.html").read_text(encoding="utf-8").count("<tr>")
    messages = [*hooks.scenario_messages(), *hooks.other_messages()]
    assert rows > len(messages)


def test_every_scenario_is_among_the_examples(site):
    text = (site / "examples.html").read_text(encoding="utf-8")
    folder = ROOT / "scenarios"
    files = [file.relative_to(folder).as_posix() for file in folder.rglob("*.yaml")]
    assert [name for name in files if f'href="scenarios/{name}"' not in text] == []
