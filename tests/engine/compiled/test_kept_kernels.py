"""What is compiled is kept on disk, and said to be compiled where it is not yet."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simsched.engine import kept_code


def test_each_version_of_the_sources_has_a_folder_where_numba_is_told_to_keep_things(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_code._settings, "CACHE_DIR", str(tmp_path))
    folder = kept_code._folder()
    assert folder is not None
    assert folder.parent == tmp_path
    monkeypatch.setattr(kept_code.numba, "__version__", "0.1")
    assert kept_code._folder() != folder


def test_where_nothing_can_be_written_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(kept_code._settings, "CACHE_DIR", str(tmp_path / "file" / "below"))
    assert kept_code._folder() is None


def test_compiled_code_is_kept_where_nobody_else_can_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0)
    try:
        monkeypatch.setattr(kept_code._settings, "CACHE_DIR", str(tmp_path))
        folder = kept_code._folder()
        assert folder is not None
        assert folder.stat().st_mode & 0o777 == 0o700
        for mode in (0o701, 0o720, 0o777):  # what is in it may be a stranger's
            folder.chmod(mode)
            assert kept_code._folder() is None
        folder.chmod(0o700)
        assert kept_code._folder() == folder
        for mode, expected in ((0o777, None), (0o1777, folder), (0o755, folder)):
            tmp_path.chmod(mode)
            assert kept_code._folder() == expected
    finally:
        os.umask(before)


def test_compiled_code_of_another_user_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_code._settings, "CACHE_DIR", str(tmp_path))
    folder = kept_code._folder()
    assert folder is not None
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    assert kept_code._folder() is None


def test_a_link_in_place_of_the_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_code._settings, "CACHE_DIR", str(tmp_path))
    folder = kept_code._folder()
    assert folder is not None
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert kept_code._folder() is None


def test_compiling_is_told_the_first_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kept_code, "FOLDER", tmp_path)
    for _ in range(2):
        with kept_code.compiled_once("plain"):
            pass
    assert caplog.messages == ["Compiling the engine for plain runs; it is kept for the next time."]


_WAITING = """
import logging, sys, time
from pathlib import Path
from simsched.engine import kept_code
logging.basicConfig(format="%(message)s")
kept_code.FOLDER = Path(sys.argv[1])
with kept_code.compiled_once("plain"):
    time.sleep(0.5)
"""


def test_of_several_processes_one_compiles_and_the_others_wait(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WAITING, tmp_path]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=60)[1] for process in both]
    assert sorted(told) == [
        "",
        "Compiling the engine for plain runs; it is kept for the next time.\n",
    ]


def test_without_a_lock_it_is_compiled_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "plain.lock").mkdir()  # so that it cannot be opened
    monkeypatch.setattr(kept_code, "FOLDER", tmp_path)
    with kept_code.compiled_once("plain"):
        pass
    assert len(caplog.messages) == 1


def test_compiling_that_was_interrupted_is_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kept_code, "FOLDER", tmp_path)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), kept_code.compiled_once("plain"):
            raise KeyboardInterrupt
    assert len(caplog.messages) == 2


def test_what_other_versions_kept_is_thrown_away_when_nobody_used_it_for_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = time.time() - 2 * kept_code.UNUSED_S
    for name, used in {"mine": long_ago, "old": long_ago, "fresh": time.time()}.items():
        folder = tmp_path / f"engine-{name}"
        folder.mkdir()
        (folder / "plain").touch()
        for path in (folder / "plain", folder):
            os.utime(path, (used, used))
    (tmp_path / "somebody else's").mkdir()
    monkeypatch.setattr(kept_code, "FOLDER", tmp_path / "engine-mine")
    with kept_code.compiled_once("general"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "engine-fresh",
        "engine-mine",
        "somebody else's",
    ]


def test_what_is_used_again_and_again_counts_as_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_code, "FOLDER", tmp_path)
    (tmp_path / "plain").touch()
    os.utime(tmp_path / "plain", (0, 0))
    with kept_code.compiled_once("plain"):
        pass
    assert kept_code._last_used(tmp_path) > time.time() - 60


def test_another_process_may_throw_the_same_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_code, "FOLDER", tmp_path / "engine-mine")
    with kept_code.compiled_once("plain"):
        pass
    assert kept_code._last_used(tmp_path / "engine-gone") > time.time() - 60
