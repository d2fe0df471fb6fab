"""Finished runs of every kind held against each other, as `simsched compare` does it."""

from __future__ import annotations

from pathlib import Path

import pytest

import simsched
from simsched.report import files, html, markdown, stored, terminal
from simsched.report.run_document import document
from simsched.report.stored import Stored, join
from simsched.scenario import dump, loads
from simsched.statistics.contrast import Pair, Unpaired

USERS = """
name: users
requests: {page: [{cpu: 2ms}, {io: {exponential: 20ms}, on: pool}]}
resources: {pool: {capacity: 2}}
workload: {closed: {users: 6, think: {exponential: 10ms}}, duration: 4s}
servers: {loop: {model: cooperative}, serial: {model: serial, workers: 3}}
run: {replications: 3, warmup: none}
"""
STUCK = """
name: stuck
requests: {page: [{hold: session, phases: [{io: 5ms}, {io: 1ms, on: session}]}]}
resources: {session: {capacity: 2}}
workload: {schedule: [{at: 0ms, request: page, times: 3}]}
servers: {framework: {model: cooperative}}
"""
OTHERS = """
name: others
requests: {page: [{cpu: 2ms}, {io: 20ms}]}
workload: {open: {rate: 30/s}, duration: 4s}
servers: {threads: {model: threaded}}
run: {replications: 2, warmup: none}
"""


@pytest.fixture
def held(tmp_path: Path):
    """Return a function that holds one finished run against another, from their files."""

    def hold(first: tuple[str, ...], second: tuple[str, ...]) -> Stored:
        return join(*(_finished(tmp_path, *each) for each in (first, second)))

    return hold


def _finished(root: Path, text: str, *overrides: str) -> Stored:
    result = simsched.run(loads(text, overrides=list(overrides)))
    return stored.read(files.write_run(result, root, {result.name: dump(result.scenarios[0])}))


def shown_everywhere(joined: Stored) -> str:
    """Return the comparison in the terminal, after it was put on a page and in Markdown."""
    assert "<h1>" in html.render(joined.result, joined.scenario_texts, links=())
    assert markdown.render(document(joined.result)).startswith("### ")
    return " ".join(terminal.render(document(joined.result), 200, color=False).split())


def difference(joined: Stored, server: str, metric: str):
    (found,) = [c for c in joined.result.comparisons if (c.server, c.metric) == (server, metric)]
    return found.difference


def test_users_of_a_larger_pool_are_answered_sooner(held):
    joined = held((USERS,), (USERS, "resources.pool.capacity=4"))
    assert difference(joined, "second/loop", "response_time_s.mean").high < 0
    assert difference(joined, "second/loop", "throughput_per_s").low > 0
    text = shown_everywhere(joined)
    assert "second/loop" in text
    assert "compared as independent ones" in text


def test_a_run_of_users_compared_with_itself_is_paired_and_does_not_differ(held):
    joined = held((USERS,), (USERS,))
    assert joined.result.notes[0].startswith("Both runs met the same requests")
    assert difference(joined, "second/serial", "response_time_s.mean").value == 0


def test_users_of_another_seed_are_compared_as_independent(held):
    joined = held((USERS,), (USERS, "run.seed=12"))
    assert joined.result.notes[0].startswith("The runs met different requests")
    assert "3 replications, 95 % intervals, seed 1 and 12" in shown_everywhere(joined)
    found = difference(joined, "second/loop", "response_time_s.mean")
    assert found.low < 0 < found.high


def test_a_deadlock_is_compared_with_its_repair(held):
    joined = held((STUCK,), (STUCK, "resources.session.capacity=4"))
    assert list(joined.result.servers) == ["first/framework", "second/framework"]
    assert joined.result.servers["first/framework"].requests == {"completed": 0, "unfinished": 3}
    assert difference(joined, "second/framework", "response_time_s.mean").value is None
    page = html.render(joined.result, joined.scenario_texts, links=())
    assert "first: framework: deadlock: 3 requests are stuck" in page
    assert "Deadlock on <bdi>second/framework</bdi>" not in page
    assert "3 requests" in shown_everywhere(joined)


def test_a_deadlock_compared_with_itself_says_that_nothing_is_answered(held):
    text = shown_everywhere(held((STUCK,), (STUCK,)))
    assert text.count("unfinished") >= 2


def test_runs_without_a_server_in_common_are_compared_with_the_first_baseline(held):
    joined = held((USERS,), (OTHERS,))
    assert list(joined.result.servers) == ["users/loop", "others/threads", "users/serial"]
    assert "different requests (of other scenarios" in joined.result.notes[0]
    assert {(c.server, c.baseline) for c in joined.result.comparisons} == {
        ("others/threads", "users/loop")
    }
    assert joined.result.notes[0].startswith("The runs met different requests")
    text = shown_everywhere(joined)
    assert "others/threads" in text
    assert "users and others: 3 and 2 replications, 95 % intervals, seed 1, engine " in text


def test_runs_of_which_only_one_has_a_resource_show_what_there_is(held):
    joined = held((OTHERS,), (USERS,))
    page = html.render(joined.result, joined.scenario_texts, links=())
    assert "pool: slots in use" in page


CHANCE = """
name: chance
requests: {page: [{cpu: {exponential: 2ms}}, {io: {exponential: 20ms}}]}
workload: {open: {rate: 30/s}, duration: 4s}
servers:
  a: {model: cooperative}
  b: {model: cooperative, workers: 2}
  c: {model: threaded}
  d: {model: threaded, workers: 2}
run: {replications: 3, warmup: none}
"""


def test_runs_of_unequal_length_and_seed_say_so_with_the_verdict(held):
    joined = held((CHANCE,), (CHANCE, "run.replications=5", "run.seed=2"))
    assert joined.result.notes == (
        "The runs met different requests (3 and 5 replications, seeds 1 and 2): they are compared "
        "as independent ones.",
    )


def test_of_runs_without_intervals_it_is_said_that_chance_may_have_done_it(held):
    joined = held((CHANCE, "run.replications=1"), (CHANCE, "run.replications=1", "run.seed=2"))
    assert joined.result.notes[1:] == (
        "There are no intervals, as there are too few replications: a difference may be chance.",
    )
    assert joined.result.notes[1] in shown_everywhere(joined)


def test_every_server_of_the_second_run_has_its_sentences(held):
    joined = held((CHANCE,), (CHANCE, "run.seed=2"))
    for name in "abcd":
        assert f"second/{name} and first/{name}: no measurable difference" in shown_everywhere(
            joined
        )


@pytest.mark.parametrize("second", [("run.seed=2",), ("servers.d.workers=3",)])
def test_several_servers_are_tested_together(held, second):
    """Each is wider than it would be if its server had been compared alone."""
    joined = held((CHANCE,), (CHANCE, *second))
    alone = Pair if joined.result.notes[0].startswith("Both") else Unpaired
    ours, theirs = (
        joined.result.servers[f"{which}/d"].measurements["response_time_s.mean"]
        for which in ("second", "first")
    )
    narrow = alone(ours, theirs).difference(0.95)
    wide = difference(joined, "second/d", "response_time_s.mean")
    assert wide.value == narrow.value
    assert wide.high - wide.low > 1.2 * (narrow.high - narrow.low)


def test_the_page_of_two_runs_says_what_each_server_is_compared_with(held):
    joined = held((CHANCE,), (CHANCE, "run.seed=2"))
    page = html.render(joined.result, joined.scenario_texts, links=())
    assert "compared with the server of the same name in the first run" in page


def test_the_table_of_two_runs_marks_no_best_and_does_not_say_that_it_does(held):
    joined = held((CHANCE,), (CHANCE, "run.seed=2"))
    page = html.render(joined.result, joined.scenario_texts, links=())
    assert 'class="badge">best' not in page
    assert "A best value is marked" not in page
