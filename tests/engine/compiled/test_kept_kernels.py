"""What is compiled is kept on disk, and said to be compiled where it is not yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from simsched.engine.compiled import jit


def test_each_version_of_the_sources_has_a_folder_where_numba_is_told_to_keep_things(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit._settings, "CACHE_DIR", str(tmp_path))
    folder = jit._folder()
    assert folder is not None
    assert folder.parent == tmp_path
    monkeypatch.setattr(jit.numba, "__version__", "0.1")
    assert jit._folder() != folder


def test_where_nothing_can_be_written_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(jit._settings, "CACHE_DIR", str(tmp_path / "file" / "below"))
    assert jit._folder() is None


def test_compiling_is_told_the_first_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jit, "FOLDER", tmp_path)
    for _ in range(2):
        with jit.compiled_once("plain"):
            pass
    assert caplog.messages == ["Compiling the engine for plain runs; it is kept for the next time."]


def test_compiling_that_was_interrupted_is_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jit, "FOLDER", tmp_path)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), jit.compiled_once("plain"):
            raise KeyboardInterrupt
    assert len(caplog.messages) == 2
