from __future__ import annotations

import numpy as np
import pytest
from stats_traces import MS, mm1, trace

from simsched.statistics import warmup
from simsched.statistics.mser import BATCH, batch_sums, settled, squared_errors
from simsched.statistics.warmup import Cut


def settling(seed, transient=200, length=2000, height=10.0):
    """A series that starts too high and settles at 1 after *transient* points."""
    noise = np.random.default_rng(seed).normal(1.0, 1.0, length)
    noise[:transient] += np.linspace(height, height / 2, transient)
    return noise


def mser5(series):
    return settled(batch_sums(series, len(series) // BATCH))


@pytest.mark.parametrize("transient", [50, 200, 600])
def test_mser_finds_a_known_transient(transient):
    assert abs(mser5(settling(3, transient)) - transient) <= 25


def test_mser_leaves_a_settled_series_alone():
    assert mser5(np.random.default_rng(5).normal(1.0, 1.0, 2000)) <= 50


def test_mser_is_the_least_squared_error_by_brute_force():
    values = np.random.default_rng(2).exponential(1.0, 40)
    expected = [np.sum((values[d:] - values[d:].mean()) ** 2) / (40 - d) ** 2 for d in range(40)]
    assert squared_errors(values) == pytest.approx(np.array(expected))


def test_mser_cuts_in_batches_of_five():
    assert mser5(settling(4, 203)) % 5 == 0


def test_too_short_a_series_is_not_cut():
    assert mser5(settling(1, 20, 49)) == 0


def test_a_series_that_never_settles_is_cut_past_its_half():
    assert mser5(np.linspace(0.0, 100.0, 1000)) > 500


def ramp(n=1000, settled_after=None):
    """Requests every millisecond whose response grows without end, or up to a request."""
    arrival = np.arange(n) * MS
    response = np.minimum(np.arange(n), settled_after or n) * MS
    return trace(arrival, arrival + response)


def test_a_replication_is_cut_where_the_others_settle():
    early, late = ramp(settled_after=100), ramp(settled_after=300)
    ends = warmup.cuts([early, late, late], "auto")
    assert [round(cut.requests, -1) for cut in ends] == [300, 300, 300]
    ends = warmup.cuts([late, early, early], "auto")
    assert round(ends[0].requests, -1) == 100
    assert ends[0].time_ns == ends[0].requests * MS
    assert ends[0].share == ends[0].requests / 1000


def test_a_single_replication_is_cut_where_it_settles_itself():
    (cut,) = warmup.cuts([ramp(settled_after=300)], "auto")
    assert round(cut.requests, -1) == 300


def test_a_cut_past_half_of_the_run_is_made_at_the_half_and_warned_of():
    ends = warmup.cuts([ramp()], "auto")
    assert ends[0].requests == 500
    assert warmup.warning("serial", ends, "auto") == (
        "serial: the run settles after 97% of it, if at all, and its warm-up is cut at the half "
        "(500 ms); simulate longer"
    )


def test_a_warm_up_that_was_asked_for_is_made_as_told():
    assert warmup.cuts([ramp()], 250 * MS) == (Cut(250 * MS, 250, 250 / 1998),)


def test_a_given_warm_up_past_half_is_warned_of():
    given = 1500 * MS
    assert warmup.warning("serial", warmup.cuts([ramp()], given), given) == (
        "serial: the warm-up takes 75% of the run; simulate longer, or leave out less"
    )


@pytest.mark.parametrize("rule", ["none", 0])
def test_no_warm_up_leaves_nothing_out_and_warns_of_nothing(rule):
    ends = warmup.cuts([ramp()], rule)
    assert ends == (Cut(),)
    assert warmup.warning("serial", ends, rule) is None


def test_servers_are_cut_together_at_the_latest_of_their_cuts():
    early, late = ramp(settled_after=100), ramp(settled_after=300)
    found = [warmup.cuts([early], "auto"), warmup.cuts([late], "auto")]
    (first,), (second,) = warmup.together(found, [[early], [late]])
    assert first.time_ns == second.time_ns == found[1][0].time_ns
    assert first.requests == second.requests == found[1][0].requests
    assert first.share == found[0][0].share


def test_the_cut_of_a_replication_does_not_depend_on_its_own_luck():
    traces = [mm1(seed, 1000, 0.8) for seed in range(4)]
    before = warmup.cuts(traces, "auto")
    after = warmup.cuts([mm1(99, 1000, 0.8), *traces[1:]], "auto")
    assert after[0].share == before[0].share
