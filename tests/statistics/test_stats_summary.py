from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from stats_traces import MS, lindley, mm1, trace

from simsched.engine.trace import MISSING, Status
from simsched.statistics import Estimate, LittlesLawError, compare, summarize
from simsched.statistics.interval import t_quantile
from simsched.statistics.replication import area_ns, check_littles_law
from simsched.statistics.window import Window

S = 1000 * MS

METRICS = [
    "throughput_per_s",
    "failed_fraction",
    "response_time_s.mean",
    "response_time_s.p50",
    "response_time_s.p90",
    "response_time_s.p95",
    "response_time_s.p99",
    "response_time_s.max",
    "slowdown",
    "cpu_utilisation",
    "order.overtaken_fraction",
    "order.kendall_tau",
    "order.largest_displacement",
    "fairness.jain_index",
]


def lecture():
    """The cooperative server of the lecture, as its engine tells it."""
    return trace(
        np.array([0, 20, 72]) * MS,
        np.array([94, 108, 98]) * MS,
        cpu=np.array([30, 30, 8]) * MS,
        demand=np.array([85, 85, 14]) * MS,
    )


def test_the_metrics_stand_in_the_order_of_the_summary():
    assert list(summarize("cooperative", [lecture()]).estimates) == METRICS


def test_the_lecture_by_hand():
    summary = summarize("cooperative", [lecture()])
    values = {metric: estimate.value for metric, estimate in summary.estimates.items()}
    assert values["throughput_per_s"] == pytest.approx(3 / 0.108)
    assert values["response_time_s.mean"] == pytest.approx((94 + 88 + 26) / 3 / 1000)
    assert values["response_time_s.p50"] == pytest.approx(0.088)
    assert values["response_time_s.max"] == pytest.approx(0.094)
    assert values["slowdown"] == pytest.approx((94 / 85 + 88 / 85 + 26 / 14) / 3)
    assert values["cpu_utilisation"] == pytest.approx(68 / 108)
    assert values["order.overtaken_fraction"] == pytest.approx(1 / 3)
    assert values["order.kendall_tau"] == pytest.approx(1 / 3)
    assert values["order.largest_displacement"] == 1
    slowdowns = np.array([94 / 85, 88 / 85, 26 / 14])
    assert values["fairness.jain_index"] == pytest.approx(
        slowdowns.sum() ** 2 / (3 * (slowdowns**2).sum())
    )
    assert summary.completion_order == (1, 3, 2)
    assert summary.requests == {"completed": 3}


def test_one_replication_has_no_interval_and_says_so():
    estimate = summarize("cooperative", [lecture()]).estimates["response_time_s.mean"]
    assert (estimate.low, estimate.high) == (None, None)
    assert estimate.reason == "one replication has no interval; ask for more replications"


def test_a_quantile_with_too_few_points_in_its_tail_is_refused():
    assert summarize("cooperative", [lecture()]).estimates["response_time_s.p95"] == Estimate(
        None, reason="p95 needs at least 100 completed requests; there are 3"
    )


def test_a_maximum_has_no_interval():
    summary = summarize("serial", [mm1(1, 50, 0.5), mm1(2, 50, 0.5)])
    assert summary.estimates["response_time_s.max"].reason == (
        "a maximum grows with the length of the run, so it estimates nothing"
    )


def test_a_mean_over_replications_is_a_mean_over_requests():
    few, many = mm1(1, 100, 0.5), mm1(2, 900, 0.5)
    responses = np.concatenate([one.finish_ns - one.arrival_ns for one in (few, many)])
    value = summarize("serial", [few, many]).estimates["response_time_s.mean"].value
    assert value == pytest.approx(responses.mean() / 1e9)


def test_replications_of_one_length_have_students_interval():
    traces = [mm1(seed, 200, 0.5) for seed in range(8)]
    means = np.array([np.mean(one.finish_ns - one.arrival_ns) for one in traces]) / 1e9
    half = 2.364624 * means.std(ddof=1) / np.sqrt(8)  # t with 7 degrees of freedom, from a table
    estimate = summarize("serial", traces).estimates["response_time_s.mean"]
    assert estimate.low == pytest.approx(means.mean() - half, rel=1e-6)
    assert estimate.high == pytest.approx(means.mean() + half, rel=1e-6)


def test_students_quantile_is_the_tables():
    assert t_quantile(0.975, 9) == pytest.approx(2.262157, abs=1e-6)


def test_cpu_utilisation_is_of_all_cores():
    observed = trace([0, 0], [10 * MS, 10 * MS], cpu=[10 * MS, 5 * MS], cores=2)
    estimates = summarize("serial", [observed]).estimates
    assert estimates["cpu_utilisation"].value == pytest.approx(0.75)


def test_the_window_begins_after_the_warm_up():
    observed = trace(
        np.array([0, 10, 20, 30]) * MS,
        np.array([5, 25, 28, 40]) * MS,
        cpu=np.array([5, 8, 8, 10]) * MS,
        cores=2,
    )
    estimates = summarize("serial", [observed], warmup_ns=20 * MS).estimates
    assert estimates["throughput_per_s"].value == pytest.approx(3 / 0.020)
    assert estimates["response_time_s.mean"].value == pytest.approx(0.009)
    # request 2 is in service from 10 to 25 ms, so a third of its 8 ms is counted
    assert estimates["cpu_utilisation"].value == pytest.approx((8 / 3 + 8 + 10) / 40)


def overloaded(at):
    """Return a core busy for 40 ms: all requests come at 0, each computing 10 ms at the end."""
    finish = np.array([10, 20, 30, 40]) * MS
    cpu, stays = np.full(4, 10 * MS), finish - 0
    kinds = {"class_id": [0, 1, 0, 1], "classes": ("page", "ping")}
    return Window(trace(np.zeros(4), finish, cpu=cpu, cpu_wait=stays - cpu, **kinds), at * MS)


def test_a_core_that_is_always_busy_is_busy_after_the_warm_up():
    """Spread evenly, the 10 ms of each request would leave the core idle at the end."""
    for at in (1, 5, 20, 35):
        assert overloaded(at).cpu_s() == pytest.approx((40 - at) / 1000)


def test_the_cpu_time_of_classes_adds_up_to_that_of_all():
    window = overloaded(20)
    parts = [window.of_class(each).cpu_s() for each in range(2)]
    assert sum(parts) == pytest.approx(0.020)
    assert parts[0] < parts[1]


@pytest.mark.parametrize("cores", [1, 2])
def test_a_core_computes_no_more_than_it_can(cores):
    """Spread evenly, three requests would have the only core compute 11 ms in 10 ms."""
    stays = np.array([[0, 11], [8, 20], [9, 20]]) * MS
    observed = trace(stays[:, 0], stays[:, 1], cpu=np.array([4, 7, 8]) * MS, cores=cores)
    (estimate,) = (
        summarize("loop", [observed] * 2, warmup_ns=10 * MS).estimates["cpu_utilisation"],
    )
    spread = (4 / 11 + 7 * 10 / 12 + 8 * 10 / 11) / 10
    assert estimate.value == pytest.approx(min(1, spread / cores))
    assert estimate.low <= estimate.value <= estimate.high


def test_who_was_answered_before_the_window_is_not_completed_in_it():
    """The long stay of the first request makes it look far back for those who are still there."""
    observed = trace(np.array([0, 10, 12, 30]) * MS, np.array([35, 15, 20, 40]) * MS)
    assert Window(observed, start_ns=20 * MS).completions() == 2
    assert Window(observed, start_ns=20 * MS - 1).completions() == 3


def test_work_for_a_client_that_gave_up_counts_when_it_was_done():
    """The client of the first request gives up at 4 s; from 20 to 26 s it is worked on for 6 s."""
    one = trace([0, 30 * S], [4 * S, 31 * S], end=40 * S, cpu=[0, S], status=[1, 0])
    late = replace(
        one,
        start_ns=np.array([20 * S, 30 * S]),
        late_cpu_ns=np.array([6 * S, 0]),
        late_until_ns=np.array([26 * S, MISSING]),
    )
    assert Window(late).cpu_s() == pytest.approx(7)
    assert Window(late, start_ns=20 * S).cpu_s() == pytest.approx(7)
    assert Window(late, start_ns=0, stop_ns=20 * S).cpu_s() == pytest.approx(0)
    assert Window(late, start_ns=23 * S, stop_ns=30 * S).cpu_s() == pytest.approx(3)
    assert Window(late, start_ns=26 * S).cpu_s() == pytest.approx(1)


def test_requests_that_were_not_completed_are_counted_but_not_timed():
    observed = trace(
        np.array([0, 10, 20]) * MS,
        np.array([5 * MS, MISSING, 20 * MS]),
        status=[Status.COMPLETED, Status.UNFINISHED, Status.REFUSED],
        end=50 * MS,
    )
    summary = summarize("serial", [observed])
    assert summary.requests == {"completed": 1, "refused": 1, "unfinished": 1}
    assert summary.estimates["response_time_s.mean"].value == pytest.approx(0.005)
    assert summary.estimates["throughput_per_s"].value == pytest.approx(1 / 0.050)
    assert summary.completion_order == (1,)


def test_nothing_completed_is_none_and_not_zero():
    observed = trace([0], [MISSING], status=[Status.UNFINISHED], end=MS)
    estimates = summarize("serial", [observed]).estimates
    assert estimates["response_time_s.mean"].value is None
    assert estimates["response_time_s.max"].value is None
    assert estimates["slowdown"].value is None
    assert estimates["order.kendall_tau"].value is None
    assert estimates["throughput_per_s"].value == 0


def test_an_order_is_told_for_a_single_small_run_only():
    assert summarize("serial", [mm1(1, 101, 0.5)]).completion_order is None
    assert summarize("serial", [mm1(1, 9, 0.5), mm1(2, 9, 0.5)]).completion_order is None


def test_intervals_need_no_scipy_whose_import_takes_long(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    found = summarize("serial", [mm1(1, 500, 0.5), mm1(2, 500, 0.5)]).estimates
    assert found["response_time_s.mean"].low is not None


def test_a_trace_that_breaks_littles_law_is_an_internal_error():
    observed = lecture()
    observed.queue_ns[1] += 1
    with pytest.raises(
        LittlesLawError,
        match=r"^internal error: a trace breaks Little's law: the number in the system integrates "
        r"to 208000000 ns, but requests spent 208000001 ns in it; "
        r"please report it with the scenario and its seed$",
    ):
        summarize("cooperative", [observed])


def test_branches_may_add_up_to_more_than_the_time_in_the_system_but_never_to_less():
    observed = replace(lecture(), concurrent=True)
    observed.io_ns[1] += 1
    check_littles_law(observed)
    observed.io_ns[1] -= 2
    with pytest.raises(LittlesLawError):
        check_littles_law(observed)


def test_littles_law_does_not_overflow():
    n = 1000
    year = 366 * 24 * 3600 * 10**9
    observed = trace(np.zeros(n), np.full(n, year))
    assert area_ns(observed) == n * year > 2**63
    check_littles_law(observed)


def pairs():
    slow = [mm1(seed, 300, 0.5) for seed in range(6)]
    fast = [mm1(seed, 300, 0.5, speed=1.25) for seed in range(6)]
    return summarize("slow", slow), summarize("fast", fast), slow, fast


def test_a_difference_is_server_minus_baseline_with_the_paired_interval():
    slow, fast, slow_traces, fast_traces = pairs()
    by_metric = {one.metric: one for one in compare(slow, [fast])}
    mean = [
        np.mean(f.finish_ns - f.arrival_ns) / 1e9 - np.mean(s.finish_ns - s.arrival_ns) / 1e9
        for f, s in zip(fast_traces, slow_traces, strict=True)
    ]
    half = 2.570582 * np.std(mean, ddof=1) / np.sqrt(6)  # t with 5 degrees of freedom
    difference = by_metric["response_time_s.mean"].difference
    assert difference.value == pytest.approx(np.mean(mean))
    assert difference.value < 0
    assert difference.high - difference.value == pytest.approx(half, rel=1e-6)


def test_a_ratio_is_server_over_baseline():
    slow, fast, _, _ = pairs()
    ratio = {one.metric: one for one in compare(slow, [fast])}["response_time_s.mean"].ratio
    expected = fast.estimates["response_time_s.mean"].value
    assert ratio.value == pytest.approx(expected / slow.estimates["response_time_s.mean"].value)
    assert ratio.low < ratio.value < ratio.high < 1


def test_pairing_narrows_the_interval():
    slow, fast, _, _ = pairs()
    paired = {one.metric: one for one in compare(slow, [fast])}["response_time_s.mean"].difference
    alone = [one.estimates["response_time_s.mean"].half_width for one in (slow, fast)]
    assert paired.half_width < 0.6 * np.hypot(*alone)


def test_a_server_held_against_itself_differs_by_nothing():
    slow, *_ = pairs()
    for one in compare(slow, [slow]):
        assert one.difference.value in (0, None)


def test_different_replications_cannot_be_paired():
    one, two = [mm1(1, 50, 0.5)] * 2, [mm1(1, 50, 0.5)] * 3
    with pytest.raises(ValueError, match="3 and 2 replications cannot be paired"):
        compare(summarize("one", one), [summarize("two", two)])


def test_lindley_agrees_with_its_recursion():
    arrival, service = [0, 3, 4, 20], [5, 5, 1, 2]
    assert lindley(arrival, service).finish_ns.tolist() == [5, 10, 11, 22]
