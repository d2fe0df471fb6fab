"""What is said of where the time of a request goes, and of what is busiest."""

from __future__ import annotations

import pytest

import simsched
from simsched.scenario import loads
from simsched.statistics import bottleneck
from simsched.statistics.words import servers as words

TEXT = """
name: by hand
services: {{db: {{model: serial}}}}
resources: {{pool: {{capacity: 1}}}}
requests: {{page: [{phase}]}}
workload: {{schedule: [{{at: 0ms, request: page, times: 3}}]}}
servers: {{loop: {{model: cooperative}}}}
run: {{engine: simpy}}
"""


def said(phase: str) -> str | None:
    result = simsched.run(loads(TEXT.format(phase=phase)))
    return next(bottleneck.sentences(result.servers.values()), None)


@pytest.mark.parametrize(
    ("phase", "sentence"),
    [
        (
            "{call: db, phases: [{cpu: 10ms}]}",
            "loop: 20.0 of 20.0 ms are spent in calls to db; db is busy 100 %",
        ),
        (
            "{io: 10ms, on: pool}",
            "loop: 10.0 of 20.0 ms wait for the pool pool; 100 % of the slots of pool are taken",
        ),
        (
            "{cpu: 10ms}",
            "loop: 10.0 of 20.0 ms are spent in the queue; the CPU of loop is busy 100 %",
        ),
        ("{io: 10ms}", None),
    ],
)
def test_what_takes_most_of_the_time_and_what_is_busiest_are_named(
    phase: str, sentence: str | None
) -> None:
    assert said(phase) == sentence


def test_nothing_is_said_of_a_server_alone() -> None:
    text = TEXT.format(phase="{cpu: 10ms}")
    alone = "\n".join(line for line in text.splitlines() if not line.startswith(("serv", "res")))
    result = simsched.run(loads(f"{alone}\nservers: {{loop: {{model: cooperative}}}}"))
    assert list(bottleneck.sentences(result.servers.values())) == []


def test_servers_with_the_same_bottleneck_share_a_sentence() -> None:
    text = TEXT.format(phase="{io: 10ms, on: pool}")
    two = text.replace(
        "loop: {model: cooperative}", "loop: {model: cooperative}, other: {model: M}"
    )
    alike = simsched.run(loads(two.replace("M", "cooperative, workers: 2")))
    assert list(bottleneck.sentences(alike.servers.values())) == [
        "loop and other: 10.0 of 20.0 ms wait for the pool pool; 100 % of the slots of pool are "
        "taken"
    ]


def test_servers_that_share_a_sentence_have_their_own_amounts() -> None:
    servers = [("a", "76 of 118 ms"), ("b", "76 of 117 ms")]
    assert words.bottleneck(servers, "wait for the pool db", "") == (
        "76 of 118 ms (a) and 76 of 117 ms (b) wait for the pool db"
    )


def test_the_time_in_calls_is_per_request() -> None:
    twice = "{call: db, phases: [{cpu: 1ms}], network: 1ms}"
    result = simsched.run(loads(TEXT.format(phase=f"{twice}, {{cpu: 1ms}}, {twice}")))
    one = result.servers["loop"]
    mean = one.value("response_time_s.mean")
    assert one.service_time["db"].value is not None
    assert one.service_time["db"].value < mean
    assert one.service_time["db"].value > 2 * 0.003 - 1e-9
    assert len(result.calls) == 6
    assert result.calls["service"].tolist() == ["db"] * 6
