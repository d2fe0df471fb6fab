"""A run of a recording keeps it: its folder repeats everything wherever it is moved."""

from __future__ import annotations

from pathlib import Path

import pytest

import simsched
from simsched.errors import RunError
from simsched.report import files, stored

SCENARIO = """
name: {name}
requests: {{page: [{{cpu: 2ms}}, {{io: {{column: io_s}}}}]}}
workload: {{trace: {{file: {file}, arrival: arrival_s}}}}
servers: {{serial: {{model: serial}}, cooperative: {{model: cooperative}}}}
"""
ROWS = "arrival_s,io_s\n" + "".join(f"{n / 100},{0.001 * (n % 7)}\n" for n in range(50))


def scenario(folder: Path, name: str = "replay", recording: str = "runs.csv") -> Path:
    (folder / recording).write_text(ROWS, encoding="utf-8")
    file = folder / f"{name}.yaml"
    file.write_text(SCENARIO.format(name=name, file=recording), encoding="utf-8")
    return file


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_folder_that_was_moved_away_from_its_recording_is_whole(tmp_path):
    (tmp_path / "from").mkdir()
    file = scenario(tmp_path / "from")
    folder = simsched.write(simsched.run(file), tmp_path / "from" / "reports")
    before = contents(folder)
    assert before["recording.csv"] == ROWS.encode()
    moved = folder.rename(tmp_path / "moved")
    for path in (file, file.with_name("runs.csv")):
        path.unlink()
    files.rebuild(moved, stored.read(moved))
    assert contents(moved) == before
    again = simsched.write(simsched.run(moved / "scenario.yaml"), tmp_path / "again")
    assert contents(again) == before
    assert b'href="recording.csv"' in before["report.html"]
    assert str(tmp_path).encode() not in b"".join(before.values())


def test_recordings_of_several_scenarios_are_counted_and_one_that_they_share_is_kept_once(tmp_path):
    one, two = scenario(tmp_path, "one"), scenario(tmp_path, "two", "more.csv")
    folder = simsched.write(simsched.run(one, two), tmp_path / "apart")
    assert {"recording-1.csv", "recording-2.csv"} < set(contents(folder))
    assert simsched.load(folder / "scenario-2.yaml").workload.trace.file == str(
        folder / "recording-2.csv"
    )
    same = scenario(tmp_path, "same")
    folder = simsched.write(simsched.run(one, same), tmp_path / "together")
    assert [name for name in contents(folder) if "recording" in name] == ["recording.csv"]


def test_a_recording_that_goes_while_it_is_replayed_fails_the_run_and_leaves_nothing(tmp_path):
    result = simsched.run(scenario(tmp_path))
    (tmp_path / "runs.csv").unlink()
    with pytest.raises(RunError) as error:
        simsched.write(result, tmp_path / "reports")
    assert str(error.value) == (
        f"{tmp_path / 'runs.csv'}: cannot be read any more: No such file or directory"
    )
    assert not list((tmp_path / "reports").glob("*/*"))
