"""What the comments of the scenarios claim is what comes of them.

Each test does what a comment says, with fewer replications where that is enough.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
from scenario_runs import SCENARIOS, figure, outcome, response_s, share_over, spent, value

import simsched
from simsched.engine import Status

MEAN, P50, P99, MOST = (f"response_time_s.{each}" for each in ("mean", "p50", "p99", "max"))
NAMES = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_names_its_schema_for_editors(name):
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=simsched.schema.json\n#\n# ")
    assert f"\nname: {name}\n" in text


def test_every_scenario_has_its_claims_tested():
    tested = {"flask-vs-quart", "lecture"}  # in tests/experiment and tests/engine
    text = (SCENARIOS.parent / "tests/scenarios/test_scenario_claims.py").read_text("utf-8")
    assert [name for name in NAMES if name not in tested and f'outcome("{name}"' not in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_scenario_says_to_try_can_be_tried(name):
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    tries = [line for line in text.splitlines() if line.startswith("#") and "--set " in line]
    assert tries
    for line in tries:
        overrides = [value.strip("'") for value in re.findall(r"--set ('[^']+'|\S+)", line)]
        simsched.load(SCENARIOS / f"{name}.yaml", overrides=overrides)


# cityscape


def test_the_city_app_answers_308_requests_in_940_ms_as_the_published_run_did():
    result = outcome("cityscape")
    counts = [len(response_s(trace)) for trace in result.traces["quart"]]
    assert 307 < sum(counts) / len(counts) < 310
    assert min(counts) <= 311 <= max(counts)
    low, high = figure(result, "quart", MEAN).low, figure(result, "quart", MEAN).high
    assert 0.93 < low < high < 0.95
    assert spent(result, "quart", "queue") == 0


def test_the_published_flask_run_lies_between_four_and_five_workers():
    result = outcome("cityscape")
    four, five = (15 * value(result, name, "throughput_per_s") for name in ("flask4", "flask5"))
    assert round(four) == 62
    assert round(five) == 77
    for server in ("flask4", "flask5"):
        assert share_over(result, server, 2.0) == pytest.approx(0.89, abs=0.01)


def test_ten_times_the_users_get_ten_times_the_answers_until_computing_takes_the_time():
    users = "workload.closed.users=200"
    many = outcome("cityscape", users, replications=3)
    assert value(many, "quart", "throughput_per_s") == pytest.approx(205, abs=2)
    assert value(many, "flask4", "throughput_per_s") == pytest.approx(4.13, abs=0.2)
    costly = outcome("cityscape", users, "servers.quart.overhead.request=10ms", replications=3)
    assert value(costly, "quart", "throughput_per_s") == pytest.approx(84, abs=1)
    assert value(costly, "quart", MEAN) == pytest.approx(2.2, abs=0.05)


# gthread-queues


def test_many_processes_of_few_threads_let_requests_wait_beside_idle_threads():
    result = outcome("gthread-queues")
    assert value(result, "one", "throughput_per_s") == 64
    assert value(result, "one queue", "throughput_per_s") == 64
    assert value(result, "eight", "throughput_per_s") == pytest.approx(40, abs=1.5)
    assert spent(result, "one", "queue") == 0
    assert 0.2 < spent(result, "eight", "queue") < 0.4


def test_more_threads_help_and_more_processes_harm():
    more = outcome("gthread-queues", "servers.eight.threads=8")
    assert 0 < spent(more, "eight", "queue") < 0.1
    random = outcome("gthread-queues", "servers.eight.dispatch=random")
    assert value(random, "eight", "throughput_per_s") == pytest.approx(47, abs=1.5)
    apart = outcome("gthread-queues", "servers.eight.workers=32", "servers.eight.threads=1")
    assert value(apart, "eight", "throughput_per_s") < 33


# workers


def test_twice_the_cores_plus_one_are_too_few_workers_for_requests_that_wait():
    result = outcome("workers", replications=3)
    assert result.servers["five"].unstable is not None
    assert value(result, "five", "throughput_per_s") == pytest.approx(50, abs=1.5)
    assert value(result, "five", "cpu_utilisation") == pytest.approx(1 / 8, abs=0.01)
    assert result.servers["ten"].unstable is None
    assert 0.13 < value(result, "ten", MEAN) < 0.19
    assert 0.03 < spent(result, "ten", "queue") < 0.09
    for enough in ("sixteen", "forty"):
        assert value(result, enough, MEAN) == pytest.approx(0.1, abs=0.004)


def test_for_requests_that_compute_more_workers_only_share_the_cores():
    computing = ("requests.page[0].cpu=18ms", "requests.page[1].io=2ms")
    result = outcome("workers", *computing, replications=3)
    assert value(result, "five", MEAN) == pytest.approx(0.044, abs=0.003)
    assert value(result, "forty", MEAN) == pytest.approx(0.051, abs=0.004)
    five, *others = (value(result, name, MEAN) for name in ("five", "ten", "sixteen", "forty"))
    assert all(five < other for other in others)


# db-pool


def test_requests_wait_for_the_pool_and_not_for_the_loop():
    result = outcome("db-pool")
    assert value(result, "one loop", MEAN) == pytest.approx(0.118, abs=0.002)
    assert spent(result, "one loop", "io_wait") == pytest.approx(0.075, abs=0.002)
    assert spent(result, "one loop", "queue") + spent(result, "one loop", "cpu_wait") < 1e-3
    four = value(result, "four loops", MEAN)
    assert four == pytest.approx(value(result, "one loop", MEAN), rel=0.01)
    assert value(result, "one loop", "cpu_utilisation") == pytest.approx(0.23, abs=0.005)
    assert value(result, "four loops", "cpu_utilisation") == pytest.approx(0.06, abs=0.005)


@pytest.mark.parametrize(
    ("capacity", "waiting"), [(6, (0.011, 0.017)), (8, (0.001, 0.002)), (10, (5e-5, 4e-4))]
)
def test_more_connections_end_the_wait(capacity, waiting):
    result = outcome("db-pool", f"resources.database.capacity={capacity}", replications=2)
    low, high = waiting
    assert low < spent(result, "one loop", "io_wait") < high


def test_a_pool_of_four_cannot_keep_up():
    result = outcome("db-pool", "resources.database.capacity=4", replications=2)
    assert result.servers["one loop"].unstable is not None
    assert value(result, "one loop", "throughput_per_s") == pytest.approx(100, abs=3)


# blocking-call


def test_one_request_in_fifty_blocks_the_loop_for_everybody():
    result = outcome("blocking-call")
    assert value(result, "loop", P99, "page") > 0.5
    assert share_over(result, "loop", 0.15, "page") == pytest.approx(0.18, abs=0.02)
    assert value(result, "threads", P99, "page") == pytest.approx(0.14, abs=0.005)
    assert value(result, "loop", P50) == pytest.approx(0.036, abs=0.002)
    assert value(result, "threads", P50) == pytest.approx(0.024, abs=0.002)
    for server in ("loop", "threads"):
        assert value(result, server, "cpu_utilisation") == pytest.approx(0.12, abs=0.002)
    verdicts = {each.server: each.outcome for each in result.judgements}
    assert verdicts == {"loop": "fail", "threads": "pass"}


def test_awaiting_the_call_or_more_loops_help():
    awaited = outcome("blocking-call", "requests.legacy[1].blocking=false", replications=3)
    same = value(awaited, "threads", P99, "page")
    assert value(awaited, "loop", P99, "page") == pytest.approx(same, rel=0.02)
    four = outcome("blocking-call", "servers.loop.workers=4")
    assert value(four, "loop", P99, "page") == pytest.approx(0.24, abs=0.01)


# fan-out


def test_a_page_that_makes_a_hundred_calls_is_slow_634_times_in_a_thousand():
    result = outcome("fan-out")
    page = figure(result, "loop", MEAN, "page")
    assert page.low < 0.010 + (1 - 0.99**100) * 0.990 < page.high
    assert share_over(result, "loop", 0.5, "page") == pytest.approx(1 - 0.99**100, abs=0.03)
    assert share_over(result, "loop", 0.5, "single") == pytest.approx(0.01, abs=0.006)
    assert value(result, "loop", P50, "page") == 1
    assert value(result, "loop", "response_time_s.p95", "single") == 0.01
    assert value(result, "serial", MEAN, "page") == pytest.approx(1.99, abs=0.05)
    assert [each.outcome for each in result.judgements] == ["pass", "fail"]


def test_a_loop_that_awaits_one_call_after_another_is_as_slow_as_a_worker():
    result = outcome("fan-out", "servers.loop.parallel=sequential", replications=2)
    assert value(result, "loop", MEAN, "page") == value(result, "serial", MEAN, "page")


# background-task


def test_a_background_task_costs_a_loop_nothing_and_threads_their_threads():
    result = outcome("background-task")
    for request in ("signup", "page"):
        assert value(result, "loop", MEAN, request) == pytest.approx(0.023, abs=0.003)
        assert value(result, "threads", MEAN, request) == pytest.approx(0.08, abs=0.03)
    enough = outcome("background-task", "servers.threads.threads=8", replications=2)
    assert value(enough, "threads", MEAN) == pytest.approx(0.023, abs=0.002)


def test_a_background_task_that_blocks_stops_the_loop():
    blocks = outcome("background-task", "requests.signup[3].blocking=true", replications=2)
    assert blocks.servers["loop"].unstable is not None
    awaited = outcome("background-task", "requests.signup[2]={cpu: 0ms}", replications=2)
    assert value(awaited, "loop", MEAN, "signup") == pytest.approx(0.43, abs=0.03)


# pool-per-process


def test_four_pools_of_five_keep_requests_waiting_that_one_pool_of_twenty_does_not():
    apart = outcome("pool-per-process", replications=3)
    assert wait_s(apart, "four processes") == pytest.approx(0.056, abs=0.004)
    in_use = apart.servers["four processes"].resource_utilisation["db"].value
    assert in_use == pytest.approx(0.8, abs=0.01)
    fails = value(apart, "four processes", "failed_fraction")
    assert fails == pytest.approx(0.001, abs=0.0004)
    assert wait_s(apart, "least busy") == pytest.approx(0.008, abs=0.002)
    together = outcome("pool-per-process", "resources.db={capacity: 20}", replications=3)
    for name in ("four processes", "least busy"):
        assert wait_s(together, name) == pytest.approx(0.006, abs=0.002)
        assert value(together, name, "failed_fraction") == 0
    more = outcome("pool-per-process", "resources.db.capacity=7", replications=3)
    assert wait_s(more, "four processes") == pytest.approx(0.005, abs=0.001)


def wait_s(result, server):
    return result.servers[server].resource_wait["db"].value


def test_the_last_to_wait_first_answers_sooner_and_fails_more():
    last = outcome("pool-per-process", "resources.db.discipline=lifo", replications=3)
    assert value(last, "four processes", MEAN) == pytest.approx(0.129, abs=0.003)
    assert value(last, "four processes", "failed_fraction") == pytest.approx(0.024, abs=0.002)


# thread-pool


@pytest.mark.parametrize(
    ("override", "slowest"),
    [
        ("workload.schedule[0].times=41", 2),
        ("workload.schedule[0].times=40", 1),
        ("workload.schedule[0].times=81", 3),
        ("resources.threads.capacity=41", 1),
    ],
)
def test_the_forty_first_request_waits_for_a_token(override, slowest):
    result = outcome("thread-pool", override)
    assert value(result, "default", MOST) == slowest
    verdicts = [each.outcome for each in result.judgements]
    assert verdicts == ["pass" if slowest == 1 else "fail"]


def test_forty_of_the_41_have_a_token_at_once():
    (trace,) = outcome("thread-pool").traces["default"]
    assert sorted(response_s(trace).tolist()) == [1.0] * 40 + [2.0]


# offload


@pytest.mark.parametrize(
    ("override", "locked_ms", "free_ms"),
    [
        ("servers.one lock.switch_interval=5ms", [17] * 4, [7] * 4),
        ("servers.one lock.switch_interval=1ms", [9] * 4, [7] * 4),
        ("requests.upload=[{cpu: 150ms, in: process}]", [7] * 4, [7] * 4),
        ("requests.upload=[{cpu: 150ms}]", [147, 118, 89, 60], [147, 118, 89, 60]),
    ],
)
def test_an_upload_in_a_thread_holds_pages_up_and_one_in_a_process_does_not(
    override, locked_ms, free_ms
):
    result = outcome("offload", override)
    for server, expected in (("one lock", locked_ms), ("free threading", free_ms)):
        (trace,) = result.traces[server]
        assert (response_s(trace, "page") * 1000).round(6).tolist() == expected


# retry-storm


BUDGET = "client.retries.budget={ratio: 0.1, burst: 20}"


def test_a_storm_keeps_itself_alive():
    result = outcome("retry-storm")
    assert value(result, "naive", "throughput_per_s") == 0
    attempts = [(trace.arrival_ns > 30e9).sum() / 30 for trace in result.traces["naive"]]
    assert sum(attempts) / len(attempts) == pytest.approx(240, abs=8)
    before = [
        ((trace.finish_ns < 10e9) & (trace.status == Status.COMPLETED)).sum() / 10
        for trace in result.traces["naive"]
    ]
    assert sum(before) / len(before) == pytest.approx(60, abs=4)


def test_cancelling_recovers_in_some_runs_and_the_newest_first_in_all():
    result = outcome("retry-storm")
    cancelling, newest = (
        result.servers[name].measurements["throughput_per_s"].replications
        for name in ("cancelling", "newest first")
    )
    assert min(cancelling) < 45
    assert max(cancelling) > 57
    assert min(newest) > 57


def test_a_retry_budget_ends_the_storm():
    result = outcome("retry-storm", BUDGET)
    for server in result.servers:
        assert value(result, server, "throughput_per_s") == pytest.approx(60, abs=2)
    assert value(result, "naive", MEAN) == pytest.approx(0.026, abs=0.002)


# deadlock


def test_eleven_requests_wait_for_each_other_for_ever():
    result = outcome("deadlock")
    (trace,) = result.traces["framework"]
    assert trace.status.tolist() == [Status.UNFINISHED] * 11
    assert trace.end_ns == 21_000_000
    assert trace.deadlock is not None
    assert trace.deadlock.stuck == 11
    assert any("deadlock: 11 requests are stuck" in each for each in result.warnings)


@pytest.mark.parametrize(
    ("override", "count", "last"),
    [
        ("workload.schedule[0].times=10", 10, 0.025),
        ("resources.threads.capacity=12", 11, 0.043),
        ("workload.schedule[0].request=inside", 11, 0.042),
    ],
)
def test_what_prevents_the_deadlock(override, count, last):
    result = outcome("deadlock", override)
    (trace,) = result.traces["framework"]
    assert trace.deadlock is None
    assert response_s(trace).tolist() == sorted(response_s(trace))
    assert (len(response_s(trace)), value(result, "framework", MOST)) == (count, last)


def test_one_thread_more_is_no_cure():
    more = ("resources.threads.capacity=12", "workload.schedule[0].times=12")
    assert outcome("deadlock", *more).traces["framework"][0].deadlock is not None
    inside = ("workload.schedule[0].request=inside", "workload.schedule[0].times=200")
    assert outcome("deadlock", *inside).traces["framework"][0].deadlock is None


# replay


def test_the_replay_of_a_measured_run_takes_as_long_as_was_measured_with_its_overheads():
    file = SCENARIOS.parent / "tests" / "data" / "measured" / "quart_r40.csv"
    rows = np.genfromtxt(file, delimiter=",", names=True)
    measured_s = (rows["done_s"] - rows["arrival_s"]).mean()
    bare, fitted, second = (
        response_s(outcome("replay", *overrides).traces["quart"][0]).mean()
        for overrides in (
            (),
            ("servers.quart.overhead.request=0.7ms", "servers.quart.overhead.io=1.4ms"),
            ("servers.quart.workers=2",),
        )
    )
    assert fitted == pytest.approx(measured_s, rel=0.02)
    assert bare < 0.97 * measured_s
    assert second < bare


# three-tiers


def test_the_queue_is_before_the_application_and_the_bottleneck_behind_it():
    result = outcome("three-tiers", replications=3)
    found = result.servers["nginx"]
    assert 0.82 < found.service_utilisation["postgres"].value < 0.88
    assert found.service_wait["postgres"].value == 0
    assert 0.012 < found.service_wait["app"].value < 0.028
    assert value(result, "nginx", MEAN) == pytest.approx(0.072, abs=0.008)


def test_cores_of_the_database_help_and_threads_of_the_application_do_not():
    threads = outcome("three-tiers", "services.app.threads=20", replications=3)
    assert threads.servers["nginx"].service_wait["app"].value < 0.0001
    assert value(threads, "nginx", MEAN) == pytest.approx(0.071, abs=0.008)
    cores = outcome("three-tiers", "services.postgres.cores=3", replications=3)
    assert value(cores, "nginx", MEAN) == pytest.approx(0.031, abs=0.001)


# hedging


def test_hedging_cuts_the_tail_for_a_fifth_more_calls():
    result = outcome("hedging", replications=2)
    assert 0.17 < value(result, "web", P99, "once") < 0.25
    assert 0.055 < value(result, "web", P99, "hedged") < 0.085
    (trace, _) = result.traces["web"]
    sent = np.bincount(trace.class_id[trace.calls.row]) / np.bincount(trace.class_id)
    assert sent[0] == 1
    assert sent[1] == pytest.approx(1.21, abs=0.02)


def test_a_later_hedge_costs_less_and_cuts_less():
    result = outcome("hedging", "requests.hedged[1].hedge.after=60ms", replications=2)
    assert 0.08 < value(result, "web", P99, "hedged") < 0.1
    (trace, _) = result.traces["web"]
    sent = np.bincount(trace.class_id[trace.calls.row]) / np.bincount(trace.class_id)
    assert sent[1] < 1.1
