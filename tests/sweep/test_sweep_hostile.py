"""Whatever stands in a sweep, it gives points or faults that have a place."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sweep_examples import BASE

from simsched.errors import ScenarioError
from simsched.scenario.sweep.loading import load_sweep
from simsched.scenario.sweep.points import check_values

PATHS = st.sampled_from(
    [
        "workload.open.rate",
        "workload.open",
        "workload",
        "servers.serial",
        "servers.serial.workers",
        "servers.serial.model",
        "requests.page[1].io",
        "requests.page[1].io.exponential",
        "requests.page",
        "run.seed",
        "run",
        "name",
        "servers.seriel",
        "a..b",
    ]
)
SCALARS = st.sampled_from(["20/s", "5ms", 1, 2, 0, -1, None, True, "serial", "threaded", "x", 1.5])
VALUES = st.one_of(
    SCALARS,
    st.sampled_from(
        [{"rate": "9/s"}, {"model": "serial"}, {"exponential": "2ms"}, [{"cpu": "1ms"}], {}, []]
    ),
)
RANGES = st.fixed_dictionaries(
    {"from": SCALARS, "to": SCALARS},
    optional={"steps": st.sampled_from([2, 3, 1]), "factor": st.sampled_from([2, 0.5])},
)
AXES = st.dictionaries(PATHS, st.one_of(st.lists(VALUES, max_size=3), RANGES), max_size=3)
WHOLES = st.lists(st.dictionaries(PATHS, VALUES, max_size=3), max_size=2)
BLOCKS = st.fixed_dictionaries(
    {},
    optional={
        "matrix": AXES,
        "zip": AXES,
        "include": WHOLES,
        "exclude": WHOLES,
        "sample": st.sampled_from([{"method": "lhs", "points": 3}, {"method": "lhs"}]),
        "matrx": AXES,
    },
)
SWEEPS = st.one_of(BLOCKS, st.lists(st.one_of(BLOCKS, SCALARS), max_size=3))


@given(sweep=SWEEPS)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_sweep_gives_points_or_faults_with_their_places(tmp_path: Any, sweep: Any) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f"{BASE}sweep: {json.dumps(sweep)}\n", encoding="utf-8")
    try:
        found = load_sweep(file)
        check_values(found)
    except ScenarioError as error:
        places = [(fault.line, fault.column) for fault in error.faults]
        assert all(line and column for line, column in places)
        assert places == sorted(places)
    else:
        assert found.points
