"""Parts of time and the use of resources, as metrics of objectives and of stopping rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stats_traces import MS, mm1, trace

from simsched.engine.trace import MISSING, Visits
from simsched.scenario import loads
from simsched.scenario.metrics import parse_metric
from simsched.scenario.model.objectives import parse_limit
from simsched.scenario.model.run import Until
from simsched.statistics import Method, summarize, summarize_by
from simsched.statistics.slo import Objective, judge
from simsched.statistics.stopping import Precision, decide
from simsched.statistics.time_spent import components
from simsched.statistics.warmup import Cut
from simsched.workload.steps import Resource

S = 1000 * MS


def using(*visits, end=10 * S):
    """A run of one request, of which *visits* to a pool of two are (asked, granted, released)."""
    asked, granted, released = (
        np.array(moments, np.int64) for moments in zip(*visits, strict=True)
    )
    pool = np.zeros(len(visits), np.int32)
    run = trace([0], [end], end=end)
    return replace(
        run,
        resources=(Resource("db", 2),),
        visits=Visits(pool, np.zeros(len(visits), np.int64), asked, granted, released),
    )


POOL = using(
    (0, 0, 4 * S),
    (1 * S, 1 * S, 6 * S),
    (2 * S, 4 * S, 8 * S),
    (5 * S, 6 * S, MISSING),
    (7 * S, MISSING, 9 * S),
)


def pool_after(start):
    """What is told of the pool from *start* on."""
    return summarize_by(Method(), "s", [POOL], [Cut(start)])


def test_a_pool_is_in_use_as_far_as_the_window_goes():
    assert pool_after(0).resource_utilisation["db"].value == (4 + 5 + 4 + 4) / 20
    assert pool_after(5 * S).resource_utilisation["db"].value == (1 + 3 + 4) / 10


def test_waits_for_a_pool_are_of_those_who_asked_in_the_window():
    assert pool_after(0).resource_wait["db"].value == (0 + 0 + 2 + 1 + 2) / 5
    assert pool_after(1 * S + 1).resource_wait["db"].value == pytest.approx((2 + 1 + 2) / 3)
    late = pool_after(7 * S + 1).resource_wait["db"]
    assert (late.value, late.reason) == (None, "no request asked for a slot of it")


def test_who_never_gets_a_slot_waits_until_the_end():
    stuck = using((0, 0, MISSING), (0, 0, MISSING), (4 * S, MISSING, MISSING))
    found = summarize("s", [stuck])
    assert found.resource_wait["db"].value == 6 / 3
    assert found.resource_utilisation["db"].value == 1.0


def test_the_use_of_a_pool_has_an_interval_over_replications_within_its_bounds():
    full = using((0, 0, MISSING), (0, 0, MISSING))
    found = summarize("s", [POOL, full, full]).resource_utilisation["db"]
    assert found.value == pytest.approx((0.85 + 1 + 1) / 3)
    assert found.low < found.value < found.high == 1.0


def judged(text, traces, **method):
    limit = parse_limit(text)
    asked = ((limit.metric.part, limit.metric.quantile),) if limit.metric.quantile else ()
    summary = summarize_by(Method(parts=asked, **method), "s", traces)
    (found,) = judge([Objective("fast", text, limit)], [summary])
    return found.outcome, found.sentence.partition(": ")[2]


def runs(count=10, requests=5000):
    return [mm1(seed, requests, 0.8) for seed in range(count)]


@pytest.mark.parametrize(
    ("text", "outcome", "evidence"),
    [
        ("time_spent.queue < 50ms", "pass", "it is 38.9 ms (95 % interval 33.8 ms to 44.1 ms)"),
        ("time_spent.queue < 30ms", "fail", "it is 38.9 ms (95 % interval 33.8 ms to 44.1 ms)"),
        (
            "time_spent.queue < 40ms",
            "inconclusive",
            "it is 38.9 ms (95 % interval 33.8 ms to 44.1 ms)",
        ),
        (
            "time_spent.queue.p95 < 200ms",
            "pass",
            "it is 134 ms (95 % interval 119 ms to 150 ms)",
        ),
        (
            "time_spent.queue.slowest_5_percent < 1s",
            "pass",
            "it is 172 ms (95 % interval 161 ms to 182 ms)",
        ),
        ("time_spent.retries < 1ms", "pass", "it is 0 s throughout"),
    ],
)
def test_a_part_of_time_can_be_an_objective(text, outcome, evidence):
    assert judged(text, runs()) == (outcome, evidence)


def test_a_quantile_of_a_part_is_numpys():
    traces = runs(3)
    summary = summarize_by(Method(parts=(("queue", 0.9),)), "s", traces)
    together = np.concatenate([one.queue_ns for one in traces])
    assert summary.time_spent["p90"]["queue"].value == pytest.approx(
        np.quantile(together, 0.9) / 1e9
    )


def test_one_long_run_tells_parts_of_time_from_its_batches():
    (run,) = [mm1(3, 50_000, 0.5)]
    summary = summarize_by(Method(batches=True, parts=(("queue", 0.9),)), "s", [run])
    mean, p90 = summary.time_spent["all"]["queue"], summary.time_spent["p90"]["queue"]
    assert mean.low < mean.value < mean.high
    assert p90.low < p90.value < p90.high
    below = np.quantile(run.queue_ns, [0.88, 0.92]) / 1e9
    assert below[0] < p90.low < p90.high < below[1]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("resource_utilisation.db < 87%", "inconclusive"),
        ("resource_utilisation.db > 60%", "pass"),
        ("resource_utilisation.db > 86%", "fail"),
        ("resource_wait.db <= 1s", "pass"),
        ("resource_wait.db < 1s", "fail"),
    ],
)
def test_the_use_of_a_pool_can_be_an_objective(text, outcome):
    more = using((0, 0, MISSING), (1 * S, 1 * S, 9 * S))
    spread = [more, POOL, more, POOL] if outcome == "inconclusive" else [POOL, POOL, POOL]
    assert judged(text, spread)[0] == outcome


def test_a_part_of_time_of_a_server_that_cannot_keep_up_is_not_told():
    outcome, evidence = judged("time_spent.queue < 1s", runs(3), unstable="it grows")
    assert (outcome, evidence) == ("inconclusive", "it grows")


def test_where_requests_were_lost_a_part_of_time_of_the_others_proves_nothing():
    lost = [replace(one, status=(np.arange(len(one)) % 10 == 0).astype(np.int8)) for one in runs()]
    outcome, evidence = judged("time_spent.queue < 1s", lost)
    assert outcome == "inconclusive"
    assert evidence.endswith(", but 10 % of the requests got no answer")


def test_a_maximum_that_is_no_response_time_breaks_a_limit_too():
    assert judged("order.largest_displacement < 5", [overtaking(9)] * 3)[0] == "fail"
    assert judged("order.largest_displacement < 9", [overtaking(5)] * 3)[0] == "inconclusive"


def overtaking(places):
    """A run in which the first request finishes so many places late."""
    arrival = np.arange(20) * MS
    finish = arrival + MS // 2
    finish[0] = arrival[places] + 3 * MS // 4
    return trace(arrival, finish)


def retried(seconds):
    """A run in which the only request took two attempts, the second so much later."""
    run = trace([0, seconds * S], [1 * S, seconds * S + S], attempt=[1, 2], status=[1, 0])
    return replace(run, request=np.array([1, 1]))


@pytest.mark.parametrize("position", [0, 1])
def test_retries_count_in_whichever_replication_they_were_needed(position):
    never = trace([0], [1 * S])
    traces = [never, never]
    traces[position] = retried(3)
    spent = summarize("s", traces).time_spent["all"]
    assert list(spent) == ["retries", "queue", "cpu_wait", "cpu", "io_wait", "io"]
    assert spent["retries"].value == 1.5
    assert sum(each.value for each in spent.values()) == (1 + 4) / 2


def test_a_run_without_retries_has_no_such_part():
    assert "retries" not in components(trace([0], [1 * S]))


def test_replications_are_added_until_parts_and_pools_are_told_well():
    text = "time_spent.queue", "time_spent.queue.p95"
    wanted = Precision(tuple(map(parse_metric, text)), 0.01)
    summary = summarize_by(Method(parts=(("queue", 0.95),)), "s", runs())
    assert decide([summary], wanted, 10).more == 10
    easy = decide([summary], Precision(wanted.metrics, 0.2), 10)
    assert easy.sentences == (
        "10 replications give time_spent.queue and time_spent.queue.p95 of every server within "
        "20 %",
    )
    pool = decide(
        [summarize("s", [POOL] * 10)], Precision((parse_metric("resource_wait.db"),), 0.1), 10
    )
    assert pool.sentences == ("10 replications give resource_wait.db of every server within 10 %",)


def test_a_rule_for_retries_where_nobody_retries_is_told():
    decision = decide(
        [summarize("s", runs(10, 50))], Precision((parse_metric("time_spent.retries"),), 0.1), 10
    )
    assert decision.sentences == (
        "time_spent.retries of s: more replications cannot narrow its interval: "
        "no request was tried again",
    )


SCENARIO = """
name: x
requests: {page: [{io: {exponential: 10ms}, on: db}]}
workload: {open: {rate: 50/s}, requests: 100}
servers: {s: {model: serial}}
resources: {db: {capacity: 2}}
run:
"""


@pytest.mark.parametrize(
    ("until", "goals"),
    [
        ("", ()),
        ("{metric: throughput, relative: 2%}", [(("throughput",), 0.02)]),
        (
            "{metric: [throughput, resource_utilisation.db], relative: 2%}",
            [(("throughput", "resource_utilisation.db"), 0.02)],
        ),
        (
            "[{metric: throughput, relative: 2%}, {metric: time_spent.io.p95, relative: 10%}]",
            [(("throughput",), 0.02), (("time_spent.io.p95",), 0.1)],
        ),
    ],
)
def test_a_stopping_rule_may_stand_alone_or_be_one_of_several(until, goals):
    scenario = loads(SCENARIO + f"  until: {until}")
    assert scenario.run.goals == tuple(Until(metric=m, relative=r) for m, r in goals)
    again = type(scenario.run).model_validate(scenario.run.model_dump())
    assert again == scenario.run


def test_an_objective_says_whose_it_is_and_is_told_from_the_words_around_it():
    limit = parse_limit("response_time.mean < 1s")
    named = Objective("pages are quick", "response_time.mean < 1s", limit, request="page")
    (found,) = judge([named], [summarize("s", [POOL, POOL])])
    assert found.sentence == (
        "s misses 'pages are quick' (response_time.mean < 1s for page): it is 10.0 s throughout"
    )


def test_a_metric_that_a_summary_lacks_is_not_taken_for_nothing():
    limit = parse_limit("resource_wait.cache < 1s")
    (found,) = judge([Objective("fast", "x", limit)], [summarize("s", [POOL, POOL])])
    assert found.outcome == "inconclusive"
    assert found.sentence.endswith(": this run does not measure it")
    decision = decide([summarize("s", [POOL, POOL])], Precision((limit.metric,), 0.1), 2)
    assert decision.sentences[0].endswith("interval: this run does not measure it")
