"""What is compiled is kept on disk, and said to be compiled where it is not yet."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sums

from simsched.engine import kept_code, machine_code, object_files
from simsched.engine.jit import object_code


@pytest.fixture(autouse=True)
def only_the_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_code, "FUNCTIONS", {"sum": "sums:add"})


def keep_in(monkeypatch: pytest.MonkeyPatch, folder: Path | None) -> None:
    monkeypatch.setattr(kept_code, "folder", lambda: folder)


def test_each_version_of_the_compiler_has_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    folder = kept_code._find_folder()
    assert folder is not None
    assert folder.parent == tmp_path
    monkeypatch.setattr(kept_code, "version", lambda _: "0.1")
    assert kept_code._find_folder() != folder


def test_where_nothing_can_be_written_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert kept_code._find_folder() is None


def test_compiled_code_is_kept_where_nobody_else_can_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0)
    try:
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
        folder = kept_code._find_folder()
        assert folder is not None
        assert folder.stat().st_mode & 0o777 == 0o700
        for mode in (0o701, 0o720, 0o777):  # what is in it may be a stranger's
            folder.chmod(mode)
            assert kept_code._find_folder() is None
        folder.chmod(0o700)
        assert kept_code._find_folder() == folder
        for mode, expected in ((0o777, None), (0o1777, folder), (0o755, folder)):
            tmp_path.chmod(mode)
            assert kept_code._find_folder() == expected
    finally:
        os.umask(before)


def test_compiled_code_of_another_user_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    folder = kept_code._find_folder()
    assert folder is not None
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    assert kept_code._find_folder() is None


def test_a_link_in_place_of_the_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    folder = kept_code._find_folder()
    assert folder is not None
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert kept_code._find_folder() is None


NOTE = "Compiling the sum."


def compile_sum() -> Callable[..., int]:
    return machine_code.compiled.__wrapped__("sum", NOTE)  # in a process without it


def test_compiled_code_is_announced_once_and_then_loaded_without_numba(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep_in(monkeypatch, tmp_path)
    assert not machine_code.is_at_hand("sum")
    assert compile_sum()(40, 2) == 42
    assert machine_code.is_at_hand("sum")
    monkeypatch.setitem(sys.modules, "simsched.engine.jit", None)  # cannot be imported
    assert compile_sum()(-1, 2**40) == 2**40 - 1
    assert caplog.messages == [NOTE]


def test_without_a_folder_each_process_compiles(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep_in(monkeypatch, None)
    for _ in range(2):
        assert compile_sum()(40, 2) == 42
    assert caplog.messages == [NOTE, NOTE]


_WAITING = """
import logging, sys
from pathlib import Path
from simsched.engine import kept_code, machine_code, object_files
from simsched.engine.jit import object_code
logging.basicConfig(format="%(message)s")
kept_code.folder = lambda: Path(sys.argv[1])
machine_code.FUNCTIONS = {"sum": "sums:add"}
machine_code.compiled("sum", "compiling")
"""


def test_of_several_processes_one_compiles_and_the_others_wait(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WAITING, tmp_path]
    paths = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    both = [
        subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
        )
        for _ in range(2)
    ]
    written = [process.communicate(timeout=60)[1] for process in both]
    assert sorted(written) == ["", "compiling\n"]


def test_without_a_lock_it_is_compiled_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "sum.lock").mkdir()  # so that it cannot be opened
    keep_in(monkeypatch, tmp_path)
    assert compile_sum()(40, 2) == 42
    assert len(caplog.messages) == 1


def test_compiling_that_was_interrupted_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def interrupted(*_: Any) -> bytes:
        raise KeyboardInterrupt

    keep_in(monkeypatch, tmp_path)
    monkeypatch.setattr("simsched.engine.jit.object_code", interrupted)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            compile_sum()
    assert len(caplog.messages) == 2
    assert not machine_code.is_at_hand("sum")


def test_a_full_disk_keeps_nothing_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_in(monkeypatch, tmp_path)
    (tmp_path / f"sum.{os.getpid()}").mkdir()  # so that it cannot be written
    assert compile_sum()(40, 2) == 42
    assert not machine_code.is_at_hand("sum")


def test_unused_code_of_other_versions_is_removed_after_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = time.time() - 2 * kept_code.UNUSED_S
    for name, used in {"mine": long_ago, "old": long_ago, "fresh": time.time()}.items():
        folder = tmp_path / f"engine-{name}"
        folder.mkdir()
        (folder / "plain.o").touch()
        for path in (folder / "plain.o", folder):
            os.utime(path, (used, used))
    (tmp_path / "another program's").mkdir()
    keep_in(monkeypatch, tmp_path / "engine-mine")
    compile_sum()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "another program's",
        "engine-fresh",
        "engine-mine",
    ]


def test_code_that_is_loaded_again_counts_as_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_in(monkeypatch, tmp_path)
    compile_sum()
    for path in (*tmp_path.iterdir(), tmp_path):
        os.utime(path, (0, 0))
    compile_sum()
    assert kept_code._last_used(tmp_path) > time.time() - 60


def test_another_process_may_remove_the_same_folder(tmp_path: Path) -> None:
    assert kept_code._last_used(tmp_path / "engine-gone") > time.time() - 60


PACKAGE = Path(machine_code.__file__).parents[1]


def imported(source: Path) -> set[Path]:
    """Return the modules of the package that a source takes names from."""
    nodes = ast.walk(ast.parse(source.read_text(encoding="utf-8")))
    names = [
        name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("simsched.")
        for name in (node.module, *(f"{node.module}.{each.name}" for each in node.names))
    ]
    paths = [PACKAGE.parent / f"{name.replace('.', '/')}.py" for name in names if name]
    return {path for path in paths if path.exists()}


def test_all_that_rules_are_made_of_is_part_of_the_version() -> None:
    rules = [*PACKAGE.glob("engine/compiled/*.py"), PACKAGE / "statistics" / "merge_count.py"]
    jit = PACKAGE / "engine" / "jit.py"
    needed = {each for source in rules if jit in imported(source) for each in imported(source)}
    assert len(needed) > 20
    covered = {path for pattern in kept_code.SOURCES for path in PACKAGE.glob(pattern)}
    assert needed <= covered


def test_a_rule_is_compiled_once_whatever_constants_it_is_called_with() -> None:
    code = object_code(sums.six_more, "six_more")
    assert object_files.loaded(code, "six_more")(36) == 42
    assert len(sums.more.overloads) == 1


def test_functions_that_are_compiled_together_share_what_is_typed_already() -> None:
    codes = [object_code(sums.six_more, "six_more") for _ in range(2)]
    assert codes[0] == codes[1]
    assert len(sums.more.overloads) == 1


OTHERS = """
import numba, numpy, sums
from simsched.engine.jit import object_code
object_code(sums.add, "add")
assert numba.njit(lambda count: numpy.ones(count).sum())(3) == 3
"""


def test_other_code_of_a_program_is_compiled_after_the_rules_are() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OTHERS],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
