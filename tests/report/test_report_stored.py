from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from report_results import lecture, load

import simsched
from simsched.engine.trace import Trace
from simsched.errors import InputError
from simsched.report import files, html, stored, summary
from simsched.report.stored import read_traces
from simsched.scenario import dump

SCENARIOS = Path(__file__).parents[2] / "scenarios"
OPEN = ["run.replications=3", "workload.duration=10s", "run.warmup=2s"]


def finished(root: Path, *names: str, overrides: tuple[str, ...] = ()) -> Path:
    result = simsched.run(*(SCENARIOS / file for file in names), overrides=overrides)
    texts = {each.name: dump(each) for each in result.scenarios}
    return files.write_run(result, root, texts)


@pytest.fixture(scope="module")
def lecture_dir(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("runs"), "lecture.yaml")


def test_the_page_is_rebuilt_byte_for_byte(lecture_dir):
    back = stored.read(lecture_dir)
    assert (
        html.render(back.result, back.scenario_texts).encode()
        == (lecture_dir / "report.html").read_bytes()
    )


def test_the_page_of_a_random_load_is_rebuilt_byte_for_byte(tmp_path):
    folder = finished(tmp_path, "flask-vs-quart.yaml", overrides=tuple(OPEN))
    back = stored.read(folder)
    assert summary.to_json(back.result) == (folder / "summary.json").read_text()
    assert (
        html.render(back.result, back.scenario_texts).encode()
        == (folder / "report.html").read_bytes()
    )


def test_traces_come_back_column_for_column(tmp_path):
    result = load(count=30)
    folder = files.write_run(result, tmp_path, {"a": ""})
    for server, traces in read_traces(folder).items():
        for back, trace in zip(traces, result.traces[server], strict=True):
            assert_same(back, trace)


def assert_same(back: Trace, trace: Trace) -> None:
    for name, column in vars(trace).items():
        if isinstance(column, np.ndarray):
            np.testing.assert_array_equal(getattr(back, name), column)
            assert getattr(back, name).dtype == column.dtype
    for name, column in vars(trace.segments).items():
        np.testing.assert_array_equal(getattr(back.segments, name), column)
    assert (back.classes, back.workers, back.cores, back.end_ns) == (
        trace.classes,
        trace.workers,
        trace.cores,
        trace.end_ns,
    )


def test_a_page_is_rebuilt_without_drawing_anything_again(tmp_path, monkeypatch):
    folder = finished(tmp_path, "lecture.yaml")
    page = (folder / "report.html").read_bytes()
    monkeypatch.setattr("simsched.workload.streams.stream", lambda *_: pytest.fail("drawn"))
    back = stored.read(folder)
    assert html.render(back.result, back.scenario_texts).encode() == page


def test_a_folder_without_demands_is_refused_with_the_cure(tmp_path):
    folder = finished(tmp_path, "lecture.yaml")
    path = folder / "requests.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["demand_ns"]), path)
    message = r"requests\.parquet: damaged: column demand_ns is missing; run the scenario again$"
    with pytest.raises(InputError, match=message):
        stored.read(folder)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("scenario.yaml", "there is no scenario.yaml in it"),
        ("summary.json", "summary.json: cannot be read: No such file"),
        ("requests.parquet", "requests.parquet: cannot be read"),
        ("segments.parquet", "segments.parquet: cannot be read"),
    ],
)
def test_a_missing_file_is_named(tmp_path, name, message):
    folder = finished(tmp_path, "lecture.yaml")
    (folder / name).unlink()
    with pytest.raises(InputError, match=message):
        stored.read(folder)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("summary.json", "{", "summary.json: damaged: Invalid JSON"),
        ("summary.json", "[]", "summary.json: damaged: Input should be an object"),
        ("summary.json", '{"notes": 1}', "summary.json: damaged: notes: Input should be a valid"),
        ("requests.parquet", "text", "requests.parquet: damaged"),
        ("scenario.yaml", "name: [", "scenario.yaml: cannot be read any more"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, name, content, message):
    folder = finished(tmp_path, "lecture.yaml")
    (folder / name).write_text(content)
    with pytest.raises(InputError, match=message):
        stored.read(folder)


@pytest.mark.parametrize("content", [None, "text"])
def test_a_missing_or_damaged_file_of_resources_is_named(tmp_path, content):
    folder = finished(tmp_path, "deadlock.yaml")
    path = folder / "resources.parquet"
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(InputError, match=r"resources\.parquet: (cannot be read|damaged)"):
        stored.read(folder)


def test_visits_of_resources_come_back(tmp_path):
    result = simsched.run(
        SCENARIOS / "db-pool.yaml", overrides=["run.replications=2", "workload.duration=3s"]
    )
    folder = files.write_run(result, tmp_path, {"a": ""})
    for server, traces in read_traces(folder).items():
        for back, trace in zip(traces, result.traces[server], strict=True):
            assert back.resources == trace.resources
            assert len(back.visits) == len(trace.visits) > 0
            for name, column in vars(trace.visits).items():
                np.testing.assert_array_equal(getattr(back.visits, name), column)


def test_a_table_of_another_origin_is_refused(tmp_path):
    folder = files.write_run(lecture(), tmp_path, {"a": ""})
    table = pq.read_table(folder / "requests.parquet").replace_schema_metadata({})
    pq.write_table(table, folder / "requests.parquet")
    with pytest.raises(InputError, match=r"requests\.parquet: damaged: its metadata: Invalid JSON"):
        read_traces(folder)
