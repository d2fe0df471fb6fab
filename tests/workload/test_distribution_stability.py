"""Asking for more draws, or for the same in pieces, never changes the first ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workload_scenes import demand

from simsched.errors import RunError
from simsched.workload.distributions import checked, law
from simsched.workload.streams import Streams

SIMPLE = [
    "10ms",
    {"exponential": "10ms"},
    {"lognormal": {"mean": "40ms", "cv": 1.2}},
    {"lognormal": {"p50": "30ms", "p99": "400ms"}},
    {"gamma": {"mean": "40ms", "cv": 0.5}},
    {"gamma": {"mean": "40ms", "cv": 2.0}},
    {"erlang": {"mean": "12ms", "stages": 3}},
    {"hyperexponential": {"mean": "20ms", "cv": 3.0}},
    {"uniform": {"low": "5ms", "high": "15ms"}},
    {"weibull": {"mean": "40ms", "cv": 1.7}},
    {"pareto": {"low": "1ms", "high": "10s", "shape": 1.5}},
    {"empirical": {"values": ("1ms", "2ms", "9ms")}},
]


def mixture_of(parts):
    component = st.builds(
        lambda weight, duration: {"weight": weight, "duration": duration},
        st.floats(0.01, 100),
        parts,
    )
    return st.lists(component, min_size=1, max_size=4).map(lambda c: {"mixture": tuple(c)})


def shift_of(parts):
    return parts.map(lambda part: {"shifted": {"by": "1ms", "duration": part}})


nested = st.recursive(
    st.sampled_from(SIMPLE), lambda parts: mixture_of(parts) | shift_of(parts), max_leaves=8
)


def draws_in(pieces, written):
    draw = law(demand(written)).sampler(Streams(5, 2, "here"))
    return np.concatenate([draw(n) for n in pieces])


@settings(deadline=None)
@given(nested, st.lists(st.integers(0, 30), min_size=1, max_size=5), st.integers(0, 50))
def test_draws_are_one_sequence_however_they_are_asked_for(written, pieces, more):
    whole = draws_in([sum(pieces) + more], written)
    assert np.array_equal(draws_in(pieces, written), whole[: sum(pieces)])


@pytest.mark.parametrize("written", SIMPLE[1:], ids=str)
def test_a_thousand_draws_begin_a_hundred_thousand(written):
    assert np.array_equal(draws_in([1000], written), draws_in([100_000], written)[:1000])


@settings(deadline=None)
@given(nested)
def test_no_duration_is_negative(written):
    assert draws_in([200], written).min() >= 0


def test_a_draw_beyond_simulated_time_names_its_distribution():
    wide = law(demand({"lognormal": {"mean": "8000h", "cv": 100.0}}))
    with pytest.raises(
        RunError, match=r"drawn from a lognormal with mean .* beyond the limit of 100000 h"
    ):
        checked(wide.sampler(Streams(1, 1))(100_000), wide)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_draw_that_is_no_duration_is_refused(bad):
    with pytest.raises(RunError, match="beyond the limit"):
        checked(np.array([1.0, bad]), law(demand("1ms")))
