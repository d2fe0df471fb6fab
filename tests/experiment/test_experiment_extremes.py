"""Scenarios at the ends of what may be written: years of work, and figures that may be 0."""

from __future__ import annotations

import pytest

from simsched import engine, workload
from simsched.errors import RunError
from simsched.experiment import run
from simsched.scenario import loads

HOUR = 3600.0


def of(text, *overrides):
    return run([loads(text, "x.yaml", overrides)])


SLOW_AND_QUICK = """
name: zdiv
requests: {page: [{cpu: {exponential: 2ms}}]}
workload: {open: {rate: 2/s}, requests: 20}
servers: {plain: {model: serial, overhead: {request: 50ms}}, tuned: {model: serial}}
run: {replications: 2, warmup: none}
"""


def test_a_ratio_whose_interval_begins_at_0_is_at_least_so_many_times():
    found = of(SLOW_AND_QUICK)
    (ratio,) = (c.ratio for c in found.comparisons if c.metric == "response_time_s.mean")
    assert ratio.low == 0
    assert found.verdicts[0].endswith(", 95 % interval at least 7.8 times)")
    assert 1 / ratio.high == pytest.approx(7.8, abs=0.05)


def test_the_same_holds_of_each_class():
    text = SLOW_AND_QUICK.replace("{page:", "{ping: [{cpu: {exponential: 2ms}}], page:")
    (sentence,) = (one for one in of(text).verdicts if one.startswith("By class"))
    assert "times faster (at least " in sentence


ALL_AT_ONCE = """
name: over
requests: {page: [{cpu: 1h}], ping: [{cpu: 1h}]}
workload:
  schedule: [{at: 0ms, request: page, times: 2000}, {at: 0ms, request: ping, times: 1300}]
servers: {one: {model: serial}}
"""


def test_sums_of_times_do_not_overflow():
    one = of(ALL_AT_ONCE).servers["one"]
    mean = (3300 + 1) / 2 * HOUR  # an hour, two hours, and so on
    assert one.estimates["response_time_s.mean"].value == pytest.approx(mean, rel=1e-12)
    assert one.time_spent["all"]["queue"].value == pytest.approx(mean - HOUR, rel=1e-12)
    late = 2000 + (1300 + 1) / 2
    assert one.classes["ping"].estimates["response_time_s.mean"].value == pytest.approx(late * HOUR)
    assert one.classes["ping"].time_spent["all"]["queue"].value == pytest.approx((late - 1) * HOUR)
    assert one.estimates["cpu_utilisation"].value == 1.0
    assert one.estimates["throughput_per_s"].value == pytest.approx(1 / HOUR)


POOLED = """
name: pooled
requests: {page: [{hold: db, phases: [{io: 1ms}, {cpu: 1h}]}]}
resources: {db: {capacity: 5000}}
workload: {schedule: [{at: 0ms, request: page, times: 3300}]}
servers: {loop: {model: cooperative}}
"""


def test_slots_that_are_held_for_centuries_together_are_counted():
    # all have a slot at once, and give it back one an hour
    used = of(POOLED).servers["loop"].resource_utilisation["db"].value
    assert used == pytest.approx((3300 + 1) / 2 / 5000, rel=1e-6)


TWO_ATTEMPTS = """
name: late
requests: {page: [{cpu: 8784h}]}
workload: {schedule: [{at: 0ms, request: page, times: 140}]}
servers: {one: {model: serial, workers: 140}}
client: {timeout: 1h, retries: {max: 2, backoff: {initial: 1h, max: 1h}}}
"""


def test_the_work_of_all_attempts_is_counted():
    # each of three attempts is done to its end, at 420 years of work in all
    one = of(TWO_ATTEMPTS).servers["one"]
    assert one.estimates["cpu_utilisation"].value == pytest.approx(1.0)


ENDLESS = """
name: endless
requests: {page: [{cpu: 1ms}]}
workload: {open: {rate: 1/s}, requests: 300}
servers: {one: {model: serial, overhead: {request: 8784h}}}
run: {warmup: none}
"""


@pytest.mark.parametrize("name", ["simpy", "compiled"])
def test_a_run_beyond_what_a_trace_can_hold_is_refused(name):
    scenario = loads(ENDLESS)
    requests = workload.draw(scenario, 1)
    with pytest.raises(RunError, match="more than 292 years of simulated time"):
        engine.simulate(requests, scenario.servers["one"], engine=name)


@pytest.mark.parametrize("name", ["simpy", "compiled"])
def test_a_run_of_290_years_is_not(name):
    scenario = loads(ENDLESS, "x.yaml", ["workload.requests=290"])
    trace = engine.simulate(workload.draw(scenario, 1), scenario.servers["one"], engine=name)
    assert trace.end_ns == trace.finish_ns[-1] > 290 * 366 * 24 * 3600 * 10**9
