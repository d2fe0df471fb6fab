"""Mistakes in what a search is asked for: each has its message, and advice."""

from __future__ import annotations

import pytest

LIMIT = "response_time.mean < 50ms"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("capacity", "mm1.yaml"),
            "mm1: there is no limit to keep; write one under slo, or give --slo "
            "'response_time.p99 < 500ms'",
        ),
        (
            ("capacity", "mm1.yaml", "--slo", "fast"),
            "--slo: 'fast' is not a limit; write one such as response_time.p99 < 500ms or "
            "throughput >= 80/s",
        ),
        (
            ("capacity", "mm1.yaml", "--slo", LIMIT, "--slo", "fast"),
            "--slo: 'fast' is not a limit; write one such as response_time.p99 < 500ms or "
            "throughput >= 80/s",
        ),
        (
            ("capacity", "mm1.yaml", "--slo", "response_time.max < 1s"),
            "response_time.max < 1s: a maximum grows with the length of the run, so no run can "
            "decide this; limit a quantile, such as response_time.p99.9",
        ),
        (
            ("capacity", "mm1.yaml", "--slo", "response_time.mean > 20ms"),
            "response_time.mean > 20ms: slow servers keep this, and the more load the better; "
            "write it with <",
        ),
        (
            ("capacity", "mm1.yaml", "--slo", "response_time.mean <= 0ms"),
            "response_time.mean <= 0ms: every response takes some time, so nothing keeps this",
        ),
        (
            ("capacity", "mm1.yaml", "--slo", "resource_wait.db < 1s"),
            "--slo: there is no such resource; write for example resources: {db: {capacity: 10}}",
        ),
        (
            ("capacity", "slo.yaml", "--for", "servers.seriel.workers"),
            "--for servers.seriel.workers: there is no server 'seriel'; did you mean 'serial'?",
        ),
        (
            ("capacity", "slo.yaml", "--for", "resources.db.capacity"),
            "--for resources.db.capacity: there is no resource 'db'",
        ),
        (
            ("capacity", "slo.yaml", "--for", "services.db.workers"),
            "--for services.db.workers: there is no service 'db'",
        ),
        (
            ("capacity", "streams.yaml", "--slo", LIMIT),
            "mm1: the workload has the streams once, 'all day.'; name the value to search with "
            '--for, such as workload."all day.".closed.users',
        ),
        (
            ("capacity", "slo.yaml", "--for", "servers.serial.wrkers"),
            "--for: servers.serial.wrkers: unknown key; did you mean 'workers'?",
        ),
        (
            ("capacity", "slo.yaml", "--for", "servers.serial.model"),
            "--for servers.serial.model: the text 'serial' is no number, duration or rate to "
            "search",
        ),
        (
            ("capacity", "slo.yaml", "--for", "requests.page"),
            "--for requests.page: a list is no number, duration or rate to search",
        ),
        (
            ("capacity", "slo.yaml", "--for", "a..b"),
            "--for a..b: this is no path; write one as in requests.page[0].cpu",
        ),
        (
            ("capacity", "schedule.yaml", "--slo", LIMIT),
            "mm1: a schedule has no rate to search; write workload.open.rate or "
            "workload.closed.users, or name another value with --for",
        ),
        (
            ("capacity", "slo.yaml", "--relative", "80%"),
            "--relative 80%: out of range; it must be at least 0.01 % and below 50 %",
        ),
        (("capacity", "q.yaml"), "q.yaml: no such file; did you mean 'two.yaml'?"),
        (("best", "q.yaml"), "q.yaml: no such file; did you mean 'two.yaml'?"),
        (
            ("best", "mm1.yaml"),
            "there is one design only, so it is the best; name a scenario with several servers, or "
            "a sweep",
        ),
        (
            ("best", "two.yaml", "--metric", "cpu_utilisation"),
            "--metric cpu_utilisation: neither less nor more of it is better by itself; add "
            "--minimize or --maximize",
        ),
        (
            ("best", "two.yaml", "--metric", "order.kendall_tau"),
            "--metric order.kendall_tau: neither less nor more of it is better by itself; add "
            "--minimize or --maximize",
        ),
        (
            ("best", "two.yaml", "--metric", "response_time.max"),
            "--metric response_time.max: a maximum grows with the length of a run, so it compares "
            "nothing; take a quantile, such as response_time.p99.9",
        ),
        (
            ("best", "two.yaml", "--metric", "time_spent.queue"),
            "--metric time_spent.queue: designs are not compared by this",
        ),
        (
            ("best", "two.yaml", "--confidence", "20%"),
            "--confidence 20%: out of range; it must be at least 50 % and below 100 %",
        ),
        (
            ("best", "two.yaml", "--indifference", "0%"),
            "--indifference 0%: a difference that matters is more than 0",
        ),
    ],
)
def test_bad_input_is_an_error_with_advice(simsched, arguments, message):
    outcome = simsched(*arguments)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"simsched: {message}\n")
