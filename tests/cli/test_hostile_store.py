"""A shared folder of results that someone has filled with code: nothing of it runs."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from simsched.experiment import checkpoint, store
from simsched.experiment.checkpoint import Checkpoint
from simsched.experiment.search.journal import Journal

SCENARIO = """
name: shared
requests:
  page: [{cpu: {exponential: 10ms}}]
workload: {open: {rate: 20/s}, requests: 300}
servers: {web: {model: serial}}
run: {replications: 2}
"""
SWEEP = SCENARIO + "sweep: {matrix: {servers.web.workers: [1, 2]}}\n"
COMMANDS = {
    "run": ("run", "scenario.yaml"),
    "sweep": ("sweep", "sweep.yaml"),
    "best": ("best", "sweep.yaml"),
    "capacity": ("capacity", "scenario.yaml", "--slo", "response_time.mean < 50ms"),
}


class Hostile:
    """Makes the file *mark* when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> object:
        return Path.touch, (self._mark,)


def sealed(path: Path, content: bytes) -> bytes:
    """Return *content* with a digest that is right."""
    store.write(path, content)
    found = path.read_bytes()
    path.unlink()
    return found


def framings(mark: Path, name: str) -> Iterator[bytes]:
    """Yield a pickle that makes *mark* in every guise in which one was ever kept as *name*."""
    import pyarrow as pa

    for content in (Hostile(mark), ("name", Hostile(mark))):
        plain = pickle.dumps(content)
        pressed = len(plain).to_bytes(8) + pa.compress(plain, "lz4", asbytes=True)
        digests = [hashlib.sha256(pressed + each.encode()).digest() for each in (name, "entry")]
        entries = [digest + pressed for digest in digests]
        yield plain
        yield from entries
        yield from (len(entry).to_bytes(8) + entry for entry in entries)
        yield sealed(mark.with_name(name or "sealed"), plain)
        huge = (1 << 45).to_bytes(8) + pressed[8:]  # claims more than any machine has
        yield hashlib.sha256(huge + name.encode()).digest() + huge


@pytest.mark.parametrize("what", list(COMMANDS))
def test_a_pickle_in_the_store_is_ignored_and_the_answer_is_the_same(
    simsched, monkeypatch, tmp_path, caplog, what
):
    (tmp_path / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "sweep.yaml").write_text(SWEEP, encoding="utf-8")
    monkeypatch.setattr(checkpoint, "EVERY_S", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", 1e9)
    with monkeypatch.context() as patched:
        for each in (Journal, Checkpoint):
            patched.setattr(each, "forget", lambda _: None)
        whole = simsched(*COMMANDS[what], "--jobs", 1, "--format", "json")
    mark = tmp_path / "owned"
    kept = sorted(filter(Path.is_file, tmp_path.glob("reports/.simsched-store/**/*")))
    assert kept
    for number, path in enumerate(kept):
        each = list(framings(mark, path.name))
        path.write_bytes(each[number % len(each)])
    kept[0].with_name(f"{'0' * 40}.search").write_bytes(next(framings(mark, "entry")))
    found = simsched(*COMMANDS[what], "--jobs", 1, "--format", "json")
    assert (found.code, found.out) == (whole.code, whole.out)
    assert not mark.exists()
    assert len(caplog.messages) >= len(kept)
    assert not any("\n" in each for each in caplog.messages)


def test_no_guise_of_a_pickle_is_unpickled_wherever_it_lies(tmp_path, caplog):
    mark, name = tmp_path / "owned", "ab" * 20
    kept = store.Store(tmp_path)
    journal = Journal(kept.search_folder(name))
    guises = list(framings(mark, ""))
    for number in range(len(guises)):
        for path in (kept.path(name), journal._path(tmp_path, "a")):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(list(framings(mark, path.name))[number])
        assert kept.get(name) is None
        assert Journal(tmp_path).find("a", tuple) is None
    assert len(caplog.messages) == 2 * len(guises)
    assert not mark.exists()
    pickle.loads(guises[0])  # noqa: S301  it is what it claims to be
    assert mark.exists()


def test_no_code_of_simsched_unpickles() -> None:
    code = Path(store.__file__).parents[1].rglob("*.py")
    words = ("import pickle", "import marshal", "import shelve", "import dill", "cloudpickle")
    assert [path.name for path in code if any(w in path.read_text("utf-8") for w in words)] == []
