"""Work without bound is foreseen, and refused before anything is drawn or simulated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simsched.errors import InputError
from simsched.experiment.cost import phases
from simsched.scenario import Scenario, loads
from simsched.scenario.model.workload import Workload
from simsched.workload import draw
from simsched.workload.work import MOST_TURNS, check_work, expected_requests

TURNS = """
name: turns
requests: {{page: [{{cpu: {cpu}}}]}}
workload: {{schedule: [{{at: 0ms, request: page, times: {times}}}]}}
servers: {{quick: {{model: serial}}, cut: {{{server}}}}}
"""


def turns(server: str, cpu: str = "2s", times: int = 2) -> Scenario:
    return loads(TURNS.format(server=server, cpu=cpu, times=times))


CUT = [
    ("time_slice", "model: serial, workers: 2, cores: 1"),
    ("time_slice", "model: cooperative, workers: 3, cores: 2"),
    ("time_slice", "model: threaded, interpreter_lock: false"),
    ("time_slice", "model: threaded, workers: 2, cores: 1, threads: 1"),
    ("time_slice", "model: threaded, threads: 1, interpreter_lock: false, parallel: concurrent"),
    ("switch_interval", "model: threaded"),
    ("switch_interval", "model: threaded, threads: 1, parallel: concurrent"),
]


@pytest.mark.parametrize(("option", "server"), CUT)
def test_turns_that_are_too_many_are_refused_with_what_to_write(option: str, server: str) -> None:
    with pytest.raises(InputError) as refused:
        draw(turns(f"{server}, {option}: 1ns"), 1)
    assert str(refused.value) == (
        f"servers.cut.{option}: the first 200 requests would compute in about 3,999,999,998 turns"
        f" of 1ns; 2,000,000 are the most: write {option}: 2us or more"
    )
    draw(turns(f"{server}, {option}: 2us"), 1)


@pytest.mark.parametrize(
    "server",
    [
        "model: serial, workers: 2, time_slice: 1ns",
        "model: cooperative, workers: 2, cores: 2, time_slice: 1ns",
        "model: threaded, switch_interval: 1ns, interpreter_lock: false, cores: 8",
        "model: threaded, switch_interval: 1ns, threads: 1",
    ],
)
def test_where_nobody_takes_turns_they_may_be_as_short_as_you_like(server: str) -> None:
    draw(turns(server), 1)


def test_many_requests_of_few_turns_each_are_bounded_too() -> None:
    scenario = loads("""
name: many
requests: {page: [{cpu: {exponential: 2ms}}]}
workload: {open: {rate: 100/s}, requests: 1000000}
servers: {cut: {model: threaded, switch_interval: 1us}}
""")
    with pytest.raises(InputError) as refused:
        draw(scenario, 1)
    assert str(refused.value) == (
        "servers.cut.switch_interval: the requests would compute in about 1,999,000,000 turns of"
        f" 1us; {MOST_TURNS:,} are the most: write switch_interval: 2us or more"
    )


def test_the_servers_overhead_is_cut_too() -> None:
    with pytest.raises(InputError, match=r"about 4,999,999,998 turns"):
        draw(turns("model: threaded, switch_interval: 1ns, overhead: {request: 500ms}"), 1)


def test_a_turn_is_as_much_work_as_a_phase() -> None:
    cut = turns("model: threaded, switch_interval: 1ms", cpu="50ms", times=20)
    # on each server a phase and the arrival, and 49 turns besides on the second
    assert phases(cut) == pytest.approx(20 * (2 + 2 + 49))


def test_turns_of_recorded_cpu_times_are_bounded(tmp_path: Path) -> None:
    recorded = tmp_path / "runs.csv"
    recorded.write_text("at,cpu\n0,3\n1,5\n")
    scenario = loads(f"""
name: recorded
requests: {{page: [{{cpu: {{column: cpu}}}}, {{io: 9s}}]}}
workload: {{trace: {{file: {recorded}, arrival: at, unit: s}}}}
servers: {{cut: {{model: threaded, switch_interval: 1ns}}}}
""")
    with pytest.raises(InputError, match=r"about 7,999,999,998 turns of 1ns"):
        draw(scenario, 1)


USERS = """
name: users
requests: {{page: [{{cpu: {cpu}}}]}}
workload: {{closed: {{{closed}}}, {length}}}
servers: {{asked: {{{server}}}}}
{others}
"""


def users(
    closed: str,
    cpu: str = "10ms",
    length: str = "duration: 1h",
    server: str = "model: serial",
    others: str = "",
) -> Scenario:
    return loads(USERS.format(closed=closed, cpu=cpu, length=length, server=server, others=others))


AT_ONCE = {"at": "0ms", "request": "page", "times": 100_000}

RETRYING = "client: {timeout: 1ms, retries: {max: 1, backoff: {initial: 8ms, max: 8ms}}}"


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (users("users: 9"), 3600 / 0.010),  # as many as the worker does
        (users("users: 9, think: 890ms"), 9 * 3600 / 0.9),
        (users("users: 9", server="model: serial, workers: 20"), 9 * 3600 / 0.010),
        (users("users: 9", length="requests: 70"), 70),
        # 3 are served or wait, and 6 are refused once in a millisecond
        (
            users("users: 9, think: 1ms", server="model: serial, backlog: 2"),
            3600 * (100 + 6 / 0.001),
        ),
        (users("users: 9, think: 10ms", others=RETRYING), 9 * 3600 / (0.010 + 2 * 0.001 + 0.008)),
    ],
)
def test_how_often_users_ask_is_foreseen(scenario: Scenario, expected: float) -> None:
    (server,) = scenario.servers.values()
    assert expected_requests(scenario, server) == pytest.approx(expected)


@pytest.mark.parametrize(
    "scenario",
    [
        users("users: 3", cpu="1ns"),
        users("users: 3, think: 1ns", server="model: serial, backlog: 0"),
        users("users: 3", others="client: {timeout: 1ns}"),
        turns("model: serial", times=100_000).model_copy(
            update={
                "workload": Workload.model_validate(
                    {"schedule": [dict(AT_ONCE) for _ in range(6000)]}
                )
            }
        ),
    ],
)
def test_more_requests_than_fit_are_refused(scenario: Scenario) -> None:
    with pytest.raises(InputError, match=re.escape("the bounds are 2,000,000,000 requests")):
        draw(scenario, 1)


def test_the_draws_of_retries_have_to_fit() -> None:
    text = """
name: retries
requests: {{page: [{{cpu: 1ms}}]}}
workload: {{open: {{rate: 100/s}}, requests: 20000000}}
client: {{timeout: 1s, retries: {{max: {retries}}}}}
servers: {{any: {{model: serial}}}}
"""
    check_work(loads(text.format(retries=3)))
    with pytest.raises(InputError, match=r"take 32\.8 GB"):
        check_work(loads(text.format(retries=100)))
