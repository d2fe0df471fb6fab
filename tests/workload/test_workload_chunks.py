from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workload_scenes import closed, open_at, scenario

from simsched.workload import draw, draw_chunks
from simsched.workload.chunks import regrouped

BUSY = {
    "page": [
        {"cpu": {"exponential": "4ms"}},
        {"choose": [{"weight": 1, "phases": [{"io": {"lognormal": {"mean": "9ms", "cv": 2}}}]}]},
        {
            "repeat": {
                "times": {"poisson": {"mean": 2}},
                "phases": [{"io": {"gamma": {"mean": "5ms", "cv": 0.5}}}],
            }
        },
    ],
    "ping": [{"parallel": [[{"io": {"exponential": "2ms"}}], [{"io": "3ms"}, {"cpu": "1ms"}]]}],
}

WORKLOADS = (
    open_at("80/s", requests=1000),
    open_at("80/s", duration="12s"),
    open_at("80/s", requests=1000, mix={"page": 1}),
    {"open": {"rate": "80/s", "cv": 3}, "requests": 500, "mix": {"page": 1, "ping": 9}},
    {"open": {"rate": "80/s", "bursts": {"on": "1s", "off": "2s"}}, "requests": 1000},
    {"open": {"rate": "80/s", "arrivals": "constant"}, "requests": 100},
    {"schedule": [{"at": 0, "request": "page"}, {"at": "3ms", "request": "ping", "times": 20}]},
)
COLUMNS = ("arrival_ns", "class_id", "step_id", "duration_ns", "dispatch")


def joined(parts, name):
    return np.concatenate([getattr(part, name) for part in parts])


@settings(max_examples=40)
@given(st.sampled_from(WORKLOADS), st.integers(1, 1200), st.integers(1, 3))
def test_the_parts_one_behind_the_other_are_the_whole(workload, size, replication):
    one = scenario(workload, BUSY, client={"timeout": "1s", "retries": {"max": 2}})
    whole, parts = draw(one, replication), list(draw_chunks(one, replication, size))
    assert [len(part) for part in parts[:-1]] == [size] * (len(parts) - 1)
    for name in COLUMNS:
        assert (joined(parts, name) == getattr(whole, name)).all()
    lengths = np.concatenate([np.diff(part.first_row) for part in parts])
    assert (lengths == np.diff(whole.first_row)).all()
    for name in ("jitter", "dispatch"):
        drawn = [getattr(part.retries, name) for part in parts]
        assert (np.concatenate(drawn, axis=1) == getattr(whole.retries, name)).all()
    assert {part.end_ns for part in parts} == {whole.end_ns}
    assert {part.steps for part in parts} == {whole.steps}


def test_the_parts_of_a_recorded_workload_have_its_durations(tmp_path):
    file = tmp_path / "runs.csv"
    file.write_text("at,took\n" + "".join(f"{n},{n * n}\n" for n in range(50)))
    trace = {"file": str(file), "arrival": "at", "unit": "ms"}
    one = scenario({"trace": trace}, {"page": [{"io": {"column": "took"}}]})
    parts = list(draw_chunks(one, 1, 7))
    assert len(parts) == 8
    assert joined(parts, "duration_ns").tolist() == [n * n * 10**6 for n in range(50)]


def test_a_closed_workload_has_no_parts():
    with pytest.raises(NotImplementedError, match="closed"):
        next(draw_chunks(scenario(closed(3)), 1))


@given(st.lists(st.lists(st.integers()), max_size=5), st.integers(1, 6))
def test_blocks_are_regrouped_in_order(blocks, size):
    values = [value for block in blocks for value in block]
    parts = [list(part) for part in regrouped([np.array(block, object) for block in blocks], size)]
    assert [value for part in parts for value in part] == values
    assert all(len(part) == size for part in parts[:-1])
    assert len(parts) == max(1, -(-len(values) // size))
