"""The CPU time of a service is found in its metrics."""

from __future__ import annotations

import pytest
from otlp_examples import EPOCH_NS, attributes_of, batch, span, write

from simsched.calibrate import Facts, Learner, cpu_metrics, format_of
from simsched.calibrate.otlp import read_spans
from simsched.calibrate.visits import visits_of
from simsched.errors import ScenarioError

S = 10**9


def metrics(points, *, name="process.cpu.time", temporality=2, service="app", instance="1"):
    """Return a batch with points: seconds since the beginning, and CPU time in seconds, a state."""
    found = [
        {
            "startTimeUnixNano": str(EPOCH_NS + round(since * S)),
            "timeUnixNano": str(EPOCH_NS + round(at * S)),
            "asDouble": value,
            "attributes": attributes_of({"cpu.mode": state}),
        }
        for since, at, value, state in points
    ]
    one = {"name": name, "sum": {"aggregationTemporality": temporality, "dataPoints": found}}
    about = attributes_of({"service.name": service, "service.instance.id": instance})
    resource = {"attributes": about}
    scopes = [{"metrics": [{"name": "memory", "gauge": {"dataPoints": []}}, one]}]
    return {"resourceMetrics": [{"resource": resource, "scopeMetrics": scopes}]}


def cumulative(rate, until, step=10, state="user", before=100.0):
    return [(0, at, before + rate * at, state) for at in range(0, until + 1, step)]


def cpu_s(tmp_path, *batches) -> float | None:
    """Return the CPU time of requests from 5 to 45 s after the beginning."""
    requests = [span(i + 1, 1, 5000 + 1000 * i, 5010 + 1000 * i) for i in range(40)]
    requests.append(span(99, 1, 44_990, 45_000))
    files = [
        write(tmp_path / "spans.jsonl", batch(requests)),
        write(tmp_path / "metrics.jsonl", *batches),
    ]
    assert [format_of(file) for file in files] == ["spans", "spans"]
    found = visits_of(read_spans(files)).cpu_ns
    return None if found is None else found / S


def test_states_are_added_and_only_the_time_of_the_requests_counts(tmp_path):
    both = [*cumulative(0.3, 50), *cumulative(0.1, 50, state="system")]
    assert cpu_s(tmp_path, metrics(both)) == pytest.approx(0.4 * 40)


def test_processes_are_added_and_other_services_are_not(tmp_path):
    found = cpu_s(
        tmp_path,
        metrics(cumulative(0.3, 50)),
        metrics(cumulative(0.2, 50), instance="2"),
        metrics(cumulative(0.9, 50), service="other"),
    )
    assert found == pytest.approx(0.5 * 40)


def test_a_process_that_is_started_again_counts_on(tmp_path):
    points = [*cumulative(0.5, 20), *[(30, at, 0.5 * (at - 20), "user") for at in (30, 40, 50)]]
    # From 20 to 30 s it counts to 110, and from 0 to 5, which is seen as no increase.
    assert cpu_s(tmp_path, metrics(points)) == pytest.approx(0.5 * 30)


def test_differences_are_added(tmp_path):
    points = [(at, at + 10, 2.0, "user") for at in range(0, 50, 10)]
    assert cpu_s(tmp_path, metrics(points, temporality=1)) == pytest.approx(0.2 * 40)


def test_the_metric_may_have_its_old_name_but_counts_once(tmp_path):
    old = metrics(cumulative(0.3, 50), name="process.runtime.cpython.cpu_time")
    assert cpu_s(tmp_path, old) == pytest.approx(0.3 * 40)
    assert cpu_s(tmp_path, old, metrics(cumulative(0.3, 50))) == pytest.approx(0.3 * 40)


def test_points_of_only_a_part_of_the_time_say_nothing(tmp_path):
    assert cpu_s(tmp_path, metrics(cumulative(0.3, 20))) is None


def test_what_is_learned_has_that_cpu_time(tmp_path):
    requests = [span(i + 1, 1, 1000 * i, 1000 * i + 10) for i in range(40)]
    files = [
        write(tmp_path / "spans.jsonl", batch(requests)),
        write(tmp_path / "metrics.jsonl", metrics(cumulative(0.02, 50))),
    ]
    found = Learner(visits_of(read_spans(files)), Facts()).learned()
    overhead = next(each for each in found.estimates if each.name == "overhead.request")
    assert overhead.value_ns / 1e6 == pytest.approx(0.02 * 39_010 / 40 - 10, rel=1e-3)
    assert overhead.source == "the CPU time, less what spans show"


def test_a_time_that_is_none_is_refused(tmp_path):
    bad = metrics(cumulative(0.3, 10))
    bad["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][1]["sum"]["dataPoints"][0][
        "timeUnixNano"
    ] = "soon"
    with pytest.raises(ScenarioError, match="the time 'soon' is no number of nanoseconds"):
        cpu_s(tmp_path, bad)


@pytest.mark.parametrize(
    "value",
    [
        {"asInt": 10**400},
        {"asInt": "x" * 100_000},
        {"asInt": "9" * 10_000},
        {"asInt": "nan"},
        {"asInt": "inf"},
        {"asDouble": -5.0},
    ],
)
def test_a_cpu_time_that_is_none_is_refused_in_a_short_message(tmp_path, value):
    found = metrics([(0, 1, 0.0, "user")])
    point = found["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][1]["sum"]["dataPoints"][0]
    point |= {"asDouble": None, **value}
    with pytest.raises(
        ScenarioError, match=r"jsonl:1: the CPU time .* is no number of sec"
    ) as error:
        cpu_s(tmp_path, found)
    assert len(str(error.value)) < len(str(tmp_path)) + 200


def test_points_and_what_they_are_of_are_bounded(tmp_path, monkeypatch):
    file = write(
        tmp_path / "m.jsonl", metrics([(0, 1, 0.0, "u" * 10**6)]), batch([span(1, 1, 0, 1)])
    )
    (series,) = read_spans([file]).cpu.series.values()
    assert [len(name) < 1_000 for name in series] == [True]
    monkeypatch.setattr(cpu_metrics, "MOST_POINTS", 5)
    many = write(tmp_path / "many.jsonl", metrics(cumulative(0.3, 50)))
    with pytest.raises(ScenarioError, match="1: more than 5 points of CPU times are too many"):
        read_spans([many])
