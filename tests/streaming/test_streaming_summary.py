from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simsched import experiment
from simsched.engine.trace import Status
from simsched.experiment.runner import contenders_of
from simsched.scenario import loads
from simsched.statistics.streaming import RELATIVE_ERROR, Stream, warmup
from simsched.statistics.streaming.summarize import BATCHES, NOT_KEPT, summarize_streams
from simsched.statistics.summarize import summarize_by

SECOND = 10**9
SCENARIO = """
name: mixed
requests:
  page: [{{cpu: {{exponential: 4ms}}}}, {{io: {{exponential: 50ms}}, on: db}}, {{cpu: 2ms}}]
  ping: [{{cpu: 1ms}}]
workload: {{open: {{rate: 80/s}}, {end}}}
resources: {{db: {{capacity: 30}}}}
servers: {{cooperative: {{model: cooperative}}, threaded: {{model: threaded, threads: 4}}}}
client: {client}
run: {{seed: 3, replications: 2, quantiles: [p50, p99]}}
slo: {{quick: "time_spent.queue.p90 < 1s"}}
"""
KINDS = {
    "open": SCENARIO.format(end="requests: 900", client="{}"),
    "cut off": SCENARIO.format(end="duration: 9s", client="{}"),
    "impatient": SCENARIO.format(end="requests: 900", client="{timeout: 60ms, retries: {max: 2}}"),
}


@pytest.fixture(scope="module", params=KINDS)
def simulated(request):
    result = experiment.run(experiment.prepare([loads(KINDS[request.param])]))
    return [(each, result.traces[each.label]) for each in contenders_of(result.scenarios)]


def stream_of(trace, method, parts=1):
    origin = warmup.origin_ns(method.warmup)
    names = [resource.name for resource in trace.resources]
    asked = [part for part, _ in method.parts]
    stream = Stream(trace.classes, names, origin_ns=origin, asked=asked)
    if parts == 1:
        stream.add(trace)
    else:
        size = -(-len(trace) // parts)
        for start in range(0, len(trace), size):
            stream.add_part(trace.rows(slice(start, start + size)))
        stream.finish(trace.end_ns)
    return stream


def both(contender, traces, rule, parts=1):
    method = replace(contender.method(), warmup=rule)
    streams = [stream_of(trace, method, parts) for trace in traces]
    kept = summarize_by(method, contender.label, traces)
    return kept, summarize_streams(method, contender.label, streams, warmup.cuts(streams, rule))


def figures(summary):
    found = summary.figures()
    for name, one in summary.classes.items():
        found |= {f"{name}: {metric}": estimate for metric, estimate in one.figures().items()}
    return found


def about(value, tolerance):
    return None if value is None else pytest.approx(value, rel=tolerance)


def tolerance(metric):
    if "slowest" in metric:
        return np.inf  # of few requests, a few more or fewer: see below
    return RELATIVE_ERROR * 1.01 if ".p" in metric else 1e-12


@pytest.mark.parametrize("rule", ["none", 2 * SECOND])
def test_figures_are_those_of_a_run_that_is_kept(simulated, rule):
    for contender, traces in simulated:
        kept, counted = both(contender, traces, rule)
        assert counted.requests == kept.requests
        assert counted.attempts == kept.attempts
        assert list(figures(counted)) == list(figures(kept))
        for metric, one in figures(kept).items():
            if not metric.startswith("resource"):
                other = figures(counted)[metric]
                assert other.value == about(one.value, tolerance(metric)), metric


def test_intervals_of_means_are_those_of_a_run_that_is_kept(simulated):
    contender, traces = simulated[0]
    kept, counted = both(contender, traces, "none")
    for metric in ("throughput_per_s", "response_time_s.mean", "cpu_utilisation", "slowdown"):
        one, other = kept.estimates[metric], counted.estimates[metric]
        assert other.low == pytest.approx(one.low)
        assert other.high == pytest.approx(one.high)


def test_in_how_many_parts_a_run_comes_makes_no_difference(simulated):
    contender, traces = simulated[0]
    if traces[0].attempt.max() > 1:
        pytest.skip("requests that are sent again do not come in parts")
    _, whole = both(contender, traces, 2 * SECOND)
    _, parts = both(contender, traces, 2 * SECOND, parts=37)
    for metric, one in figures(whole).items():
        found = figures(parts)[metric]
        assert found.value == about(one.value, 1e-12)


def test_the_use_of_resources_is_null_with_the_reason(simulated):
    contender, traces = simulated[0]
    _, counted = both(contender, traces, "none")
    assert counted.resource_utilisation["db"].value is None
    assert counted.resource_utilisation["db"].reason == NOT_KEPT


def test_a_warm_up_is_found_where_it_is_in_a_run_that_is_kept_up_to_the_next_edge(simulated):
    for contender, traces in simulated:
        kept, counted = both(contender, traces, "auto")
        stream = stream_of(traces[0], contender.method())
        for exact, told in zip(kept.warmup, counted.warmup, strict=True):
            assert exact.time_ns <= told.time_ns < exact.time_ns + stream.every.length_ns
            assert told.share == pytest.approx(exact.share, abs=0.01)


LONG = """
name: long
requests: {page: [{cpu: {exponential: 8ms}}]}
workload: {open: {rate: 80/s}, requests: 12000}
servers: {serial: {model: serial}}
run: {seed: 5, replications: 1}
"""


@pytest.fixture(scope="module")
def long():
    result = experiment.run(experiment.prepare([loads(LONG)]))
    (contender,) = contenders_of(result.scenarios)
    return contender, result.traces["serial"]


def test_a_single_run_has_intervals_from_batches_that_are_stretches_of_it(long):
    contender, traces = long
    kept, counted = both(contender, traces, "none")
    one, other = (each.estimates["throughput_per_s"] for each in (kept, counted))
    assert other.half_width == pytest.approx(one.half_width, rel=0.5)
    assert other.low < other.value < other.high
    assert BATCHES <= len(counted.measurements["throughput_per_s"].influence) < 2 * BATCHES


def test_the_slowest_of_many_are_those_beyond_the_quantile_as_it_is_told(long):
    contender, traces = long
    kept, counted = both(contender, traces, "none")
    for group in ("slowest_5_percent", "slowest_1_percent"):
        for part in ("queue", "cpu"):
            exact, told = (each.time_spent[group][part].value for each in (kept, counted))
            assert told == pytest.approx(exact, rel=0.03)


def test_a_warm_up_is_found_where_responses_settle(long):
    contender, (trace,) = long
    slow = trace.arrival_ns < 0.2 * trace.end_ns
    method = replace(contender.method(), warmup="auto")
    late = replace(
        trace,
        finish_ns=trace.finish_ns + slow * SECOND * 5,
        queue_ns=trace.queue_ns + slow * SECOND * 5,
    )
    stream = stream_of(late, method)
    (cut,) = warmup.cuts([stream], "auto")
    assert 0.2 <= cut.time_ns / trace.end_ns < 0.25
    assert cut.requests == np.count_nonzero(trace.arrival_ns < cut.time_ns)
    assert stream.count(Status.COMPLETED) == 12_000
