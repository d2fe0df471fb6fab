from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_results import lecture

from simsched.errors import InputError, RunError
from simsched.report import files, folders
from simsched.report.files import write_run as write
from simsched.report.folders import check_writable, publish, replace_file, safe_name

FILES = [
    "report.html",
    "requests.parquet",
    "scenario.yaml",
    "segments.parquet",
    "summary.csv",
    "summary.json",
]
TEXTS = {"lecture": "name: lecture\n"}


def failing(error: BaseException):
    def fill(folder: Path) -> None:
        (folder / "begun").write_text("half")
        raise error

    return fill


def test_a_run_leaves_every_file_and_nothing_else(tmp_path):
    folder = write(lecture(), tmp_path / "reports", TEXTS)
    assert folder.parent == tmp_path / "reports" / "lecture"
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert list(folder.parent.iterdir()) == [folder]
    assert (folder / "scenario.yaml").read_text() == "name: lecture\n"


def test_several_scenarios_are_kept_in_order(tmp_path):
    folder = write(lecture(), tmp_path, {"b": "name: b\n", "a": "name: a\n"})
    assert (folder / "scenario-1.yaml").read_text() == "name: b\n"
    assert (folder / "scenario-2.yaml").read_text() == "name: a\n"


def test_the_same_result_gives_the_same_bytes_in_every_file(tmp_path):
    one, two = (write(lecture(), tmp_path, TEXTS) for _ in range(2))
    assert one != two
    for name in FILES:
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_a_run_directory_is_as_open_as_any_new_directory(tmp_path):
    plain = tmp_path / "plain"
    plain.mkdir()
    assert write(lecture(), tmp_path, TEXTS).stat().st_mode == plain.stat().st_mode


def test_run_ids_sort_by_time_and_do_not_repeat():
    ids = [name for name, _ in zip(folders.run_ids(), range(20), strict=False)]
    assert ids == sorted(set(ids))


def test_runs_that_end_at_once_do_not_replace_each_other(tmp_path, monkeypatch):
    names = ["20261122-110441-001", "20261122-110441-002"]
    monkeypatch.setattr(folders, "run_ids", lambda: iter(names))
    first = publish(tmp_path, lambda folder: (folder / "a").write_text("first"))
    second = publish(tmp_path, lambda folder: (folder / "a").write_text("second"))
    assert [first.name, second.name] == names
    assert (first / "a").read_text() == "first"


def test_many_threads_each_get_a_directory_of_their_own(tmp_path):
    def one(number: int) -> Path:
        return publish(tmp_path, lambda folder: (folder / "n").write_text(str(number)))

    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(one, range(40)))
    assert sorted(int((folder / "n").read_text()) for folder in set(folders)) == list(range(40))


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("no"), SystemExit(1)])
def test_an_interrupted_run_leaves_nothing(tmp_path, error):
    with pytest.raises(type(error)):
        publish(tmp_path / "lecture", failing(error))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_there_before_stays(tmp_path):
    (tmp_path / "lecture").mkdir()
    with pytest.raises(ValueError, match="no"):
        publish(tmp_path / "lecture", failing(ValueError("no")))
    assert list(tmp_path.rglob("*")) == [tmp_path / "lecture"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_what_can_be_had_again_without_simulating_needs_only_room(tmp_path, number):
    reason = os.strerror(number)
    with pytest.raises(RunError) as caught:
        publish(tmp_path / "sweep", failing(OSError(number, reason)), kept=True)
    assert str(caught.value) == (
        f"{tmp_path / 'sweep'}: {reason}; what was simulated is kept: make room and run the same "
        "command again"
    )
    (tmp_path / "file").touch()
    with pytest.raises(RunError) as caught:
        replace_file(tmp_path / "file" / "page", "", kept=True)
    assert str(caught.value) == (
        f"{tmp_path / 'file' / 'page'}: Not a directory; what was simulated is kept: fix that and "
        "run the same command again"
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
def test_a_full_disk_is_a_failed_run_that_says_what_to_do(tmp_path, monkeypatch, number):
    full = failing(OSError(number, os.strerror(number)))
    monkeypatch.setattr(files, "_write_texts", lambda folder, *_: full(folder))
    with pytest.raises(RunError, match=f"{os.strerror(number)}; free some space") as caught:
        write(lecture(), tmp_path, TEXTS)
    assert str(tmp_path) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_bad_input(tmp_path):
    place = tmp_path / "reports"
    place.write_text("a file")
    for attempt in (lambda: check_writable(place), lambda: write(lecture(), place, TEXTS)):
        with pytest.raises(InputError, match=r"reports.*cannot write here.*--out"):
            attempt()
    assert place.read_text() == "a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_bad_input(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        check_writable(tmp_path / "reports")


def test_a_read_only_disk_is_bad_input(tmp_path):
    with pytest.raises(InputError, match="Read-only file system; choose another folder"):
        publish(tmp_path, failing(OSError(errno.EROFS, "Read-only file system")))


def test_a_place_that_is_checked_is_made_and_left_empty(tmp_path):
    check_writable(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize("name", ["lecture", "flask-vs-quart", "Übung 2".replace(" ", "_"), "v1.2"])
def test_a_tidy_name_is_kept(name):
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        "",
        "/",
        "a/b",
        "../../etc",
        "x" * 500,
        "CON",
        "nul.txt",
        " ",
        "-",
        ".hidden",
        "a\0b",
    ],
)
def test_an_awkward_name_becomes_a_folder_that_stays_inside(tmp_path, name):
    folder = tmp_path / safe_name(name)
    folder.mkdir()
    assert folder.resolve().parent == tmp_path.resolve()
    assert not folder.name.startswith((".", "-"))


@given(st.text(max_size=500))
def test_any_name_makes_a_portable_folder(name):
    made = safe_name(name)
    assert 0 < len(made.encode()) <= 80
    assert not set(made) & set('/\\:*?"<>|\0\n ')
    assert made.strip(".") == made


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_names_never_share_a_folder(one, two):
    assert (safe_name(one) == safe_name(two)) == (one == two)


def test_names_that_clean_to_the_same_are_kept_apart():
    assert len({safe_name(name) for name in ("a/b", "a b", "a-b", "a:b")}) == 4


def test_a_hostile_scenario_name_is_written_like_any_other(tmp_path):
    name = "<script>alert(1)</script>/../" + "🚀" * 300
    folder = write(replace(lecture(), name=name), tmp_path, TEXTS)
    assert folder.parent.parent == tmp_path
    assert sorted(path.name for path in folder.iterdir()) == FILES
