"""How long a run took: told on its page, kept beside it, and the only thing that differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import simsched
from simsched.errors import InputError
from simsched.report import folders, progress, stored

LECTURE = Path(__file__).parents[2] / "scenarios" / "lecture.yaml"


def written(root: Path, took_s: int | None) -> Path:
    result = replace(simsched.run(LECTURE), took_s=took_s)
    return simsched.write(result, root, "directory")


@pytest.mark.parametrize(
    ("took_s", "told"),
    [
        (1, "It took less than a second."),
        (2, "It took 2 s."),
        (720, "It took 12 min."),
    ],
)
def test_the_page_tells_how_long_it_took_and_is_rebuilt_the_same(tmp_path, took_s, told):
    folder = written(tmp_path, took_s)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert f"seed 1. {told} In the folder of this page:" in page
    assert 'href="timing.json"' in page
    assert (folder / "timing.json").read_text(encoding="utf-8") == f'{{"took_s": {took_s}}}\n'
    folders.rebuild(folder, stored.read(folder), "directory")
    assert (folder / "report.html").read_text(encoding="utf-8") == page


def test_where_nobody_looked_nothing_is_told(tmp_path):
    folder = written(tmp_path, None)
    assert not (folder / "timing.json").exists()
    assert stored.read(folder).result.took_s is None
    assert "It took" not in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"took_s": "2"}', '{"took_s": 0}', "\udc00"])
def test_a_damaged_file_is_refused(tmp_path, text):
    folder = written(tmp_path, 2)
    (folder / "timing.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError) as raised:
        stored.read(folder)
    assert str(raised.value) == (
        f"{folder / 'timing.json'}: damaged: it does not tell how long the run took; delete it"
    )


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    folder = written(tmp_path, 2)
    (folder / "timing.json").unlink()
    (folder / "timing.json").mkdir()
    with pytest.raises(InputError, match=r"timing\.json: cannot be read: Is a directory"):
        stored.read(folder)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.2, "1 s"),
        (100, "100 s"),
        (720, "12 min"),
        (12600, "3.5 h"),
        (float("nan"), "an unknown time"),
    ],
)
def test_how_long_something_takes_is_told_roughly(seconds, told):
    assert progress.duration(seconds) == told
