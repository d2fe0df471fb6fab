from __future__ import annotations

import numpy as np
import pytest
from stats_traces import MS, mm1, trace

from simsched.statistics import summarize


def two_classes(n=200):
    """Long requests, and a short one after each five, which overtakes them."""
    arrival = np.arange(n) * 10 * MS
    short = np.arange(n) % 6 == 5
    stay = np.where(short, 4, 50) * MS
    return trace(
        arrival,
        arrival + stay,
        cpu=np.where(short, 2, 20) * MS,
        cpu_wait=np.where(short, 1, 5) * MS,
        class_id=short,
        classes=("long", "short"),
    )


def test_the_parts_of_the_mean_add_up_to_it():
    summary = summarize("cooperative", [two_classes(), two_classes(100)])
    for spent, mean in [
        (summary.time_spent, summary.estimates["response_time_s.mean"]),
        *((c.time_spent, c.estimates["response_time_s.mean"]) for c in summary.classes.values()),
    ]:
        assert sum(part.value for part in spent["all"].values()) == pytest.approx(mean.value)


def test_time_is_told_by_activity_in_the_order_it_is_met():
    spent = summarize("cooperative", [two_classes()]).classes["short"].time_spent["all"]
    assert list(spent) == ["queue", "cpu_wait", "cpu", "io_wait", "io"]
    assert spent["cpu"].value == pytest.approx(0.002)
    assert spent["cpu_wait"].value == pytest.approx(0.001)
    assert spent["io"].value == pytest.approx(0.001)
    assert spent["queue"].value == 0


def test_the_slowest_requests_are_those_beyond_the_quantile():
    run = mm1(1, 2000, 0.9)
    spent = summarize("serial", [run]).time_spent
    response = run.finish_ns - run.arrival_ns
    slow = response >= np.quantile(response, 0.95)
    assert slow.sum() == 100
    assert spent["slowest_5_percent"]["queue"].value == pytest.approx(
        run.queue_ns[slow].mean() / 1e9
    )
    assert spent["slowest_1_percent"]["queue"].value > spent["all"]["queue"].value


def test_too_few_slow_requests_are_refused():
    spent = summarize("serial", [mm1(1, 200, 0.9)]).time_spent["slowest_1_percent"]
    assert spent["queue"].value is None
    assert spent["queue"].reason == "p99 needs at least 500 completed requests; there are 200"


def test_time_spent_has_intervals_over_replications():
    spent = summarize("serial", [mm1(seed, 500, 0.5) for seed in range(5)]).time_spent["all"]
    assert spent["queue"].low < spent["queue"].value < spent["queue"].high


def test_a_class_is_overtaken_by_requests_of_every_class():
    classes = summarize("cooperative", [two_classes()]).classes
    assert classes["short"].estimates["order.overtaken_fraction"].value == 0
    assert classes["long"].estimates["order.overtaken_fraction"].value > 0
    assert classes["long"].estimates["order.kendall_tau"].value == 1


def test_a_class_has_its_own_throughput_and_share_of_the_cpu():
    summary = summarize("cooperative", [two_classes()])
    for metric in ("throughput_per_s", "cpu_utilisation"):
        parts = sum(one.estimates[metric].value for one in summary.classes.values())
        assert parts == pytest.approx(summary.estimates[metric].value)


def test_a_single_class_is_not_told_twice():
    assert summarize("serial", [mm1(1, 10, 0.5)]).classes == {}
