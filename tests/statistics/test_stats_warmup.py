from __future__ import annotations

import numpy as np
import pytest
from stats_traces import MS, mm1, trace

from simsched.statistics import warmup
from simsched.statistics.observation import Asked
from simsched.statistics.replication import reduce
from simsched.statistics.warmup import BATCH, Cut, batch_sums, settled, squared_errors


def cuts(traces, rule):
    return warmup.cuts([warmup.settling(each) for each in traces], rule)


def series(seed, transient=200, length=2000, height=10.0):
    """A series that starts too high and settles at 1 after *transient* points."""
    noise = np.random.default_rng(seed).normal(1.0, 1.0, length)
    noise[:transient] += np.linspace(height, height / 2, transient)
    return noise


def mser5(values):
    return settled(batch_sums(values, len(values) // BATCH))


@pytest.mark.parametrize("transient", [50, 200, 600])
def test_mser_finds_a_known_transient(transient):
    assert abs(mser5(series(3, transient)) - transient) <= 25


def test_mser_leaves_a_settled_series_alone():
    assert mser5(np.random.default_rng(5).normal(1.0, 1.0, 2000)) <= 50


def test_mser_is_the_least_squared_error_by_brute_force():
    values = np.random.default_rng(2).exponential(1.0, 40)
    expected = [np.sum((values[d:] - values[d:].mean()) ** 2) / (40 - d) ** 2 for d in range(40)]
    assert squared_errors(values) == pytest.approx(np.array(expected))


def test_mser_cuts_in_batches_of_five():
    assert mser5(series(4, 203)) % 5 == 0


def test_too_short_a_series_is_not_cut():
    assert mser5(series(1, 20, 49)) == 0


def test_a_series_that_never_settles_is_cut_past_its_half():
    assert mser5(np.linspace(0.0, 100.0, 1000)) > 500


def ramp(n=1000, settled_after=None):
    """Requests every millisecond whose response grows without end, or up to a request."""
    arrival = np.arange(n) * MS
    response = np.minimum(np.arange(n), settled_after or n) * MS
    return trace(arrival, arrival + response)


def test_a_replication_is_cut_where_the_others_settle():
    early, late = ramp(settled_after=100), ramp(settled_after=300)
    ends = cuts([early, late, late], "auto")
    assert [round(cut.time_ns / MS, -1) for cut in ends] == [300, 300, 300]
    ends = cuts([late, early, early], "auto")
    assert round(ends[0].time_ns / MS, -1) == 100
    assert ends[0].share == ends[0].time_ns / MS / 1000


def test_a_single_replication_is_cut_where_it_settles_itself():
    (cut,) = cuts([ramp(settled_after=300)], "auto")
    assert round(cut.time_ns / MS, -1) == 300


def test_a_cut_past_half_of_the_run_is_made_at_the_half_and_warned_of():
    ends = cuts([ramp()], "auto")
    assert ends[0].time_ns == 500 * MS
    assert warmup.warning("serial", ends, "auto") == (
        "serial: the run settles only after 97 % of it, if at all; its warm-up is cut at half of "
        "the run (500 ms); simulate longer"
    )


def test_a_warm_up_that_was_asked_for_is_made_as_told():
    assert cuts([ramp()], 250 * MS) == (Cut(250 * MS, share=250 / 1998),)


def test_a_given_warm_up_past_half_is_warned_of():
    given = 1500 * MS
    assert warmup.warning("serial", cuts([ramp()], given), given) == (
        "serial: the warm-up takes 75 % of the run; simulate longer, or shorten the warm-up"
    )


@pytest.mark.parametrize("rule", ["none", 0])
def test_no_warm_up_leaves_nothing_out_and_warns_of_nothing(rule):
    ends = cuts([ramp()], rule)
    assert ends == (Cut(),)
    assert warmup.warning("serial", ends, rule) is None


def test_servers_are_cut_together_at_the_latest_of_their_cuts():
    early, late = ramp(settled_after=100), ramp(settled_after=300)
    found = [cuts([early], "auto"), cuts([late], "auto")]
    runs = [[warmup.settling(early)], [warmup.settling(late)]]
    (first,), (second,) = warmup.together(found, runs)
    assert first.time_ns == second.time_ns == found[1][0].time_ns
    assert first.share == found[0][0].share


def test_half_of_a_faster_server_is_kept_though_another_settles_after_its_end():
    arrival = np.arange(100) * MS
    fast = trace(arrival, arrival + 5 * MS)
    slow = ramp(settled_after=300)
    found = [cuts([fast], "auto"), cuts([slow], "auto")]
    runs = [[warmup.settling(fast)], [warmup.settling(slow)]]
    (first,), (second,) = warmup.together(found, runs)
    assert first.time_ns == 50 * MS
    assert second == found[1][0]


def test_the_cut_of_a_replication_does_not_depend_on_its_own_luck():
    traces = [mm1(seed, 1000, 0.8) for seed in range(4)]
    before = cuts(traces, "auto")
    after = cuts([mm1(99, 1000, 0.8), *traces[1:]], "auto")
    assert after[0].share == before[0].share


def test_a_long_run_settles_in_coarser_batches(monkeypatch):
    run = ramp(settled_after=300)
    exact = warmup.settling(run)
    monkeypatch.setattr(warmup, "MOST", 60)
    coarse = warmup.settling(run)
    assert (exact.size, coarse.size) == (5, 20)
    assert exact.coarser(20).sums == pytest.approx(coarse.sums)
    assert exact.coarser(20).starts_ns.tolist() == coarse.starts_ns.tolist()
    mixed = warmup.cuts([exact, coarse], "auto")
    assert mixed[0] == mixed[1] == warmup.cuts([coarse, coarse], "auto")[0]
    assert abs(mixed[0].time_ns / MS - 300) <= 20


def test_a_reduced_replication_knows_how_many_requests_its_warm_up_has():
    run = ramp()
    assert reduce(run, Cut(250 * MS), Asked()).cut == Cut(250 * MS, requests=250)
