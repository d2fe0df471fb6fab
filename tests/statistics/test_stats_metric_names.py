from __future__ import annotations

import re

import pytest

from simsched import units
from simsched.scenario.metrics import METRICS, Metric, parse_metric, parse_quantile, parse_share
from simsched.scenario.model.objectives import Limit, parse_limit
from simsched.scenario.number_format import show_value

KNOWN = ", ".join(METRICS)


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("throughput", Metric("throughput", "throughput_per_s", "rate", better="higher")),
        ("throughput_per_s", Metric("throughput", "throughput_per_s", "rate", better="higher")),
        (
            "response_time.p99.9",
            Metric(
                "response_time.p99.9", "response_time_s.p99.9", "duration", 0.999, better="lower"
            ),
        ),
        (
            "response_time_s.p50",
            Metric("response_time.p50", "response_time_s.p50", "duration", 0.5, better="lower"),
        ),
        (
            "time_spent.queue.mean",
            Metric("time_spent.queue", "time_spent_s.all.queue", "duration", part="queue"),
        ),
        (
            "time_spent_s.all.queue",
            Metric("time_spent.queue", "time_spent_s.all.queue", "duration", part="queue"),
        ),
        (
            "time_spent_s.p99.9.io",
            Metric("time_spent.io.p99.9", "time_spent_s.p99.9.io", "duration", 0.999, "io"),
        ),
        (
            "time_spent.cpu_wait.slowest_1_percent",
            Metric(
                "time_spent.cpu_wait.slowest_1_percent",
                "time_spent_s.slowest_1_percent.cpu_wait",
                "duration",
                part="cpu_wait",
            ),
        ),
        (
            "resource_utilisation.my db",
            Metric(
                "resource_utilisation.my db",
                "resource_utilisation.my db",
                "share",
                resource="my db",
            ),
        ),
        (
            "resource_wait_s.db",
            Metric("resource_wait.db", "resource_wait_s.db", "duration", resource="db"),
        ),
        (
            "service_wait.my db",
            Metric("service_wait.my db", "service_wait_s.my db", "duration", service="my db"),
        ),
        (
            "service_utilisation.db",
            Metric(
                "service_utilisation.db",
                "service_utilisation.db",
                "share",
                service="db",
                title="db busy",
            ),
        ),
    ],
)
def test_a_metric_has_the_name_of_the_scenario_or_of_the_summary(text, metric):
    assert parse_metric(text) == metric


@pytest.mark.parametrize(
    ("text", "name", "operator", "value"),
    [
        ("response_time.p99 < 500ms", "response_time_s.p99", "<", 0.5),
        ("throughput>=80/s", "throughput_per_s", ">=", 80.0),
        ("time_spent.cpu_wait.p95 < 20ms", "time_spent_s.p95.cpu_wait", "<", 0.02),
        ("resource_utilisation.the db-1 <= 80%", "resource_utilisation.the db-1", "<=", 0.8),
        ("resource_wait.db<5ms", "resource_wait_s.db", "<", 0.005),
        ("  cpu_utilisation <= 80%", "cpu_utilisation", "<=", 0.8),
        ("cpu_utilisation <= 0.8", "cpu_utilisation", "<=", 0.8),
        ("order.kendall_tau > -0.5", "order.kendall_tau", ">", -0.5),
        ("order.kendall_tau >= -1", "order.kendall_tau", ">=", -1.0),
        ("cpu_utilisation <= 100%", "cpu_utilisation", "<=", 1.0),
        ("failed_fraction <= 0", "failed_fraction", "<=", 0.0),
        ("slowdown <= 1", "slowdown", "<=", 1.0),
    ],
)
def test_a_limit_is_a_metric_an_operator_and_a_value(text, name, operator, value):
    limit = parse_limit(text)
    assert (limit.metric.name, limit.operator, limit.value) == (name, operator, value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "response_time.p99",
            "'response_time.p99' is not a limit; write one such as response_time.p99 < 500ms or "
            "throughput >= 80/s",
        ),
        (
            "response_time.p99 == 3s",
            "'response_time.p99 == 3s' is not a limit; write one such as response_time.p99 < 500ms "
            "or throughput >= 80/s",
        ),
        (
            "latency < 3s",
            f"'latency' is not a metric; use one of {KNOWN}, response_time.p99, time_spent.queue, "
            "resource_utilisation.NAME, resource_wait.NAME, service_utilisation.NAME, "
            "service_wait.NAME, service_time.NAME",
        ),
        (
            "time_spent.waiting < 3s",
            "'time_spent.waiting' is not a metric; time_spent is of one of retries, queue, "
            "cpu_wait, cpu, io_wait, io",
        ),
        (
            "time_spent.queue.most < 3s",
            "'time_spent.queue.most' is not a metric; behind the part of time_spent stands one of "
            "mean, slowest_5_percent, slowest_1_percent, or a quantile such as p99",
        ),
        (
            "response_time.p100 < 3s",
            "'p100' is not a quantile; write one such as p50, p95 or p99.9",
        ),
        ("response_time.p0 < 3s", "'p0' is not a quantile; write one such as p50, p95 or p99.9"),
        (
            "throughput > 3s",
            "'3s' is not a rate; write a number per unit of time, such as 80/s or 600/min",
        ),
        ("cpu_utilisation < high", "'high' is not a share; write one such as 2% or 0.02"),
        ("slowdown < 2x", "'2x' is not a number"),
        (
            "cpu_utilisation < 80",
            "80 is out of range; cpu_utilisation is a share, from 0 to 1, which is 0% to 100%; "
            "write 80%",
        ),
        (
            "failed_fraction < 1.5",
            "1.5 is out of range; failed_fraction is a share, from 0 to 1, which is 0% to 100%; "
            "write 1.5%",
        ),
        (
            "resource_utilisation.db > 120",
            "120 is out of range; resource_utilisation.db is a share, from 0 to 1, which is 0% to "
            "100%",
        ),
        (
            "order.overtaken_fraction < 300%",
            "300% is out of range; order.overtaken_fraction is a share, from 0 to 1, which is 0% "
            "to 100%",
        ),
        (
            "order.kendall_tau > 5",
            "5 is out of range; order.kendall_tau is from -1 to 1",
        ),
        (
            "order.kendall_tau > -1.01",
            "-1.01 is out of range; order.kendall_tau is from -1 to 1",
        ),
        (
            "fairness.jain_index > 90",
            "90 is out of range; fairness.jain_index is from 0 to 1",
        ),
        ("slowdown > 0.5", "0.5 is out of range; slowdown is at least 1"),
        (
            "order.largest_displacement > -3",
            "-3 is out of range; order.largest_displacement is at least 0",
        ),
    ],
)
def test_what_is_not_a_limit_is_told_why(text, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_limit(text)


def test_a_duration_without_a_unit_is_told_as_everywhere_in_a_scenario():
    with pytest.raises(ValueError, match="3") as told:
        parse_limit("response_time.mean < 3")
    with pytest.raises(ValueError, match="3") as expected:
        units.parse_duration("3")
    assert str(told.value) == str(expected.value)


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_a_limit_allows_one_side(operator, below, at, above):
    limit = Limit(parse_metric("slowdown"), operator, 2.0)
    assert [limit.allows(value) for value in (1.9, 2.0, 2.1)] == [below, at, above]


def test_shares_and_quantiles_are_read():
    assert parse_share("2%") == parse_share("0.02") == 0.02
    assert [parse_quantile(text) for text in ("p50", "p99.9", "p5")] == [0.5, 0.999, 0.05]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0.412, "duration", "412 ms"),
        (80.25, "rate", "80.2/s"),
        (0.63, "share", "63.0 %"),
        (3.2, "number", "3.20"),
        (0.99873, "correlation", "0.9987"),
        (1.0, "correlation", "1.0000"),
        (-0.00001, "correlation", "0.0000"),
    ],
)
def test_values_are_shown_as_people_read_them(value, kind, text):
    assert show_value(value, kind) == text


@pytest.mark.parametrize(("operator", "kept"), [("<", False), ("<=", True), (">", False)])
def test_a_value_that_differs_from_a_limit_by_rounding_is_at_it(operator, kept):
    mean = 0.3 / 3  # three requests of 100 ms each
    assert mean != 0.1
    assert parse_limit(f"response_time.mean {operator} 100ms").allows(mean) is kept
