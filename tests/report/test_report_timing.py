"""How long work takes: what is said of it, and the only thing that differs between two runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import simsched
from simsched.errors import InputError
from simsched.report import files, progress, stored

LECTURE = Path(__file__).parents[2] / "scenarios" / "lecture.yaml"


def written(root: Path, took_s: int | None) -> Path:
    result = replace(simsched.run(LECTURE), took_s=took_s)
    return simsched.write(result, root, "directory")


@pytest.mark.parametrize(
    ("took_s", "text"),
    [
        (1, "It took less than a second."),
        (2, "It took 2 s."),
        (720, "It took 12 min."),
    ],
)
def test_the_page_says_how_long_it_took_and_is_rebuilt_the_same(tmp_path, took_s, text):
    folder = written(tmp_path, took_s)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert f"seed 1. {text} In the folder of this page:" in page
    assert 'href="timing.json"' in page
    assert (folder / "timing.json").read_text(encoding="utf-8") == f'{{"took_s": {took_s}}}\n'
    files.rebuild(folder, stored.read(folder), "directory")
    assert (folder / "report.html").read_text(encoding="utf-8") == page


def test_where_it_was_not_measured_nothing_is_said(tmp_path):
    folder = written(tmp_path, None)
    assert not (folder / "timing.json").exists()
    assert stored.read(folder).result.took_s is None
    assert "It took" not in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("[]", "Input should be an object"),
        ("{}", "took_s: Field required"),
        ('{"took_s": "2"}', "took_s: Input should be a valid integer"),
        ('{"took_s": 0}', "took_s: Input should be greater than 0"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, text, why):
    folder = written(tmp_path, 2)
    (folder / "timing.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        stored.read(folder)
    assert str(raised.value) == (
        f"{folder / 'timing.json'}: damaged: {why}; delete the file to do without it"
    )


def test_a_file_that_is_not_text_is_refused(tmp_path):
    folder = written(tmp_path, 2)
    (folder / "timing.json").write_bytes("\udc00".encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError, match=r"timing\.json: damaged: "):
        stored.read(folder)


def test_a_file_that_cannot_be_read_is_reported(tmp_path):
    folder = written(tmp_path, 2)
    (folder / "timing.json").unlink()
    (folder / "timing.json").mkdir()
    with pytest.raises(InputError, match=r"timing\.json: cannot be read: "):
        stored.read(folder)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (100, "100 s"),
        (720, "12 min"),
        (12600, "3.5 h"),
        (float("nan"), "an unknown time"),
    ],
)
def test_a_duration_is_rounded(seconds, text):
    assert progress.duration(seconds) == text
