"""How rarely requests need next to nothing, by the phases that they are made of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.scenario import loads
from simsched.workload import draw
from simsched.workload.near_zero import NOTHING, NearZero, orders

SCENARIO = """
name: s
requests:
  page: {phases}
workload: {{open: {{rate: 1/s}}, requests: {requests}}}
resources: {{db: {{capacity: 1}}}}
servers: {{serial: {{model: serial}}}}
"""
EXP = "{cpu: {exponential: 1ms}}"


def scenario(phases, requests=10):
    return loads(SCENARIO.format(phases=phases, requests=requests))


def order(phases):
    return orders(scenario(phases))["page"]


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("1ms", math.inf),
        ("{exponential: 1ms}", 1),
        ("{uniform: {low: 0, high: 2ms}}", 1),
        ("{uniform: {low: 1ms, high: 2ms}}", math.inf),
        ("{erlang: {mean: 1ms, stages: 3}}", 3),
        ("{gamma: {mean: 1ms, cv: 2}}", 0.25),
        ("{weibull: {mean: 1ms, cv: 1}}", 1),
        ("{hyperexponential: {mean: 1ms, cv: 2}}", 1),
        ("{lognormal: {mean: 1ms, cv: 2}}", math.inf),
        ("{pareto: {low: 1ms, high: 1s, shape: 1.5}}", math.inf),
        ("{empirical: {values: [0, 1ms]}}", math.inf),
        ("{shifted: {by: 1ms, duration: {exponential: 1ms}}}", math.inf),
        ("{shifted: {by: 0, duration: {exponential: 1ms}}}", 1),
    ],
)
def test_each_law_has_an_order(duration, expected):
    assert order(f"[{{cpu: {duration}}}]") == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        (f"[{EXP}, {EXP}]", 2),
        (f"[{EXP}, {{io: 1ms}}]", math.inf),
        (f"[{EXP}, {{io: 0}}]", 1),
        (f"[{{parallel: [[{EXP}], [{EXP}, {EXP}]]}}]", 3),
        (f"[{{hold: db, phases: [{EXP}, {EXP}]}}]", 2),
        (f"[{EXP}, {{choose: [{{weight: 1, phases: []}}, {{weight: 1, phases: [{EXP}]}}]}}]", 1),
        ("[{choose: [{weight: 1, phases: []}, {weight: 1, phases: [{io: 40ms}]}]}]", math.inf),
        (f"[{{repeat: {{times: 3, phases: [{EXP}]}}}}]", 3),
        (f"[{{repeat: {{times: {{poisson: {{mean: 3}}}}, phases: [{EXP}]}}}}, {EXP}]", 1),
        (f"[{{repeat: {{times: {{uniform: {{low: 2, high: 5}}}}, phases: [{EXP}]}}}}]", 2),
        (f"[{{repeat: {{times: {{uniform: {{low: 0, high: 5}}}}, phases: [{EXP}]}}}}]", 1),
        (f"[{{repeat: {{times: {{geometric: {{mean: 2}}}}, phases: [{EXP}, {EXP}]}}}}]", 2),
        (f"[{{repeat: {{times: {{values: [2, 4]}}, phases: [{EXP}]}}}}]", 2),
    ],
)
def test_orders_of_phases_add_up_and_of_choices_the_least_counts(phases, expected):
    assert order(phases) == expected


@pytest.mark.parametrize("phases", [f"[{EXP}]", f"[{EXP}, {EXP}]", f"[{EXP}, {EXP}, {EXP}]"])
def test_so_many_draws_are_that_short(phases):
    """Half as short a demand is 2**order times as rare, where demands are next to nothing."""
    demands = draw(scenario(phases, 400_000), 1).demand_ns()
    counts = [np.count_nonzero(demands < limit) for limit in (50_000, 100_000)]
    error = math.sqrt(sum(1 / count for count in counts))
    assert math.log2(counts[1] / counts[0]) == pytest.approx(order(phases), abs=0.1 + 4 * error)


def test_classes_that_do_not_occur_have_no_order():
    text = SCENARIO.format(phases=f"[{EXP}]\n  ping: [{{cpu: 1ms}}]", requests=10)
    mixed = text.replace("requests: 10", "requests: 10, mix: {ping: 1}")
    assert orders(loads(text)) == {"page": 1, "ping": math.inf}
    assert orders(loads(mixed)) == {"ping": math.inf}


near = st.builds(NearZero, st.sampled_from([0.5, 1.0, 2.0, math.inf]), st.booleans())


@given(near, near, near)
def test_sums_do_not_depend_on_their_order(a, b, c):
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + NOTHING == a
    assert a.times(3) == a + a + a
