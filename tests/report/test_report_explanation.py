from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simsched.report import explanation
from simsched.report.explanation import Explanation, as_text, first
from simsched.statistics.words.events import clocks

SCENARIOS = Path(__file__).parents[2] / "scenarios"
LECTURE = SCENARIOS / "lecture.yaml"
LONG = (SCENARIOS / "flask-vs-quart.yaml", "--set", "workload.duration=22s")
FORKS = """
name: forks
requests:
  page: [{parallel: [[{io: 5ms, on: pool}], [{io: 5ms, on: pool}], [{io: 3ms}], [{io: 3ms}]]}]
resources: {pool: {capacity: 1}}
workload: {schedule: [{at: 1ms, request: page}, {at: 2.5ms, request: page}]}
client: {timeout: 12ms, retries: {max: 1, backoff: {initial: 1ms}, jitter: none}}
servers: {framework: {model: cooperative, max_in_flight: 1}}
"""

CALLS = """
name: calls
services: {shop: {model: serial}, db: {model: serial}}
requests:
  page:
    - call: shop
      phases: [{cpu: 1ms}, {call: db, phases: [{cpu: 2ms}]}]
      label: prices
      timeout: 5ms
    - {io: 1ms, label: db}
  ping: [{call: db, phases: [{cpu: 1ms}]}]
workload: {schedule: [{at: 0ms, request: page, times: 2}, {at: 4ms, request: ping}], duration: 9ms}
servers: {framework: {model: threaded, threads: 2}}
run: {engine: simpy}
"""


def said(text: str) -> list[str]:
    """Return the lines of the list, without heading and remarks."""
    return text.split("\n\n")[1].splitlines()


def test_the_events_of_two_servers_are_one_list_in_order_of_time(simsched):
    lines = said(simsched("explain", LECTURE).out)
    assert (
        lines[0] == "  0 ms  serial       request 1 (page) arrives and computes (framework, 10 ms)"
    )
    assert lines[1].startswith("  0 ms  cooperative  request 1 (page) arrives")
    assert lines[-1] == "184 ms  serial       request 3 is answered after 112 ms"


def test_one_server_can_be_chosen(simsched):
    lines = said(simsched("explain", LECTURE, "--server", "cooperative").out)
    answered = [line for line in lines if "is answered" in line]
    assert answered == [
        " 94 ms  request 1 is answered after 94 ms",
        " 98 ms  request 3 is answered after 26 ms",
        "108 ms  request 2 is answered after 88 ms",
    ]


def test_attempts_branches_and_slots_are_worded(simsched, tmp_path):
    (tmp_path / "forks.yaml").write_text(FORKS, encoding="utf-8")
    lines = said(simsched("explain", "forks.yaml", "--from", "0", "--to", "14.5ms").out)
    unwrapped = " ".join(" ".join(lines).split())
    for words in (
        "1.0 ms request 1 (page) arrives, waits for a slot of pool (request 1 has it), "
        "starts I/O (2 at once, 3 ms) and starts I/O (5 ms) with a slot of pool",
        "2.5 ms request 2 (page) arrives and waits in the queue (request 1 waits for I/O)",
        "4.0 ms request 1 ends I/O (2 at once)",
        "6.0 ms request 1 ends I/O, takes a slot of pool after 5 ms and starts I/O (5 ms)",
        "11.0 ms request 1 ends I/O and is answered after 10 ms",
        "11.0 ms request 2 leaves the queue after 8.5 ms, waits for a slot of pool (request 2 "
        "has it), starts I/O (2 at once, 3 ms) and starts I/O (5 ms) with a slot of pool",
        "14.5 ms request 2 is given up by its client after 12 ms",
    ):
        assert words in unwrapped


POOL = """
name: pool
requests:
  page: [{cpu: 1ms}, {io: 30ms, blocking: true, in: thread}, {cpu: 2ms, in: process}]
workload: {schedule: [{at: 0ms, request: page, times: 2}]}
client: {timeout: 40ms}
servers: {framework: {model: cooperative, thread_pool: 1, process_pool: 1}}
"""


def test_who_waits_for_a_thread_is_not_lost_and_what_outlasts_a_client_goes_on(simsched, tmp_path):
    (tmp_path / "pool.yaml").write_text(POOL, encoding="utf-8")
    lines = said(simsched("explain", "pool.yaml").out)
    assert lines[3:] == [
        " 1 ms  request 2 leaves the queue after 1 ms and computes (1 ms)",
        " 2 ms  request 2 waits for a thread or process",
        "31 ms  request 1 ends I/O and computes (2 ms)",
        "31 ms  request 2 gets a thread or process after 29 ms and starts I/O (30 ms)",
        "33 ms  request 1 is answered after 33 ms",
        "40 ms  request 2 is given up by its client after 40 ms",
        "61 ms  request 2 (given up) ends I/O and computes (2 ms)",
        "63 ms  request 2 (given up) stops computing",
    ]


QUEUED = """
name: queued
requests: {page: [{cpu: 10ms}, {io: 50ms}]}
workload: {schedule: [{at: 0ms, request: page, times: 2}]}
client: {timeout: 5ms}
servers: {framework: {model: serial}}
run: {engine: simpy}
"""


def test_who_is_given_up_in_the_queue_stays_in_the_same_queue(simsched, tmp_path):
    (tmp_path / "queued.yaml").write_text(QUEUED, encoding="utf-8")
    assert said(simsched("explain", "queued.yaml").out) == [
        "  0 ms  request 1 (page) arrives and computes (10 ms)",
        "  0 ms  request 2 (page) arrives and waits in the queue (request 1 computes)",
        "  5 ms  request 1 is given up by its client after 5 ms",
        "  5 ms  request 2 is given up by its client after 5 ms",
        " 10 ms  request 1 (given up) starts I/O (50 ms)",
        " 60 ms  request 1 (given up) ends I/O",
        " 60 ms  request 2 (given up) leaves the queue after 60 ms and computes (10 ms)",
        " 70 ms  request 2 (given up) starts I/O (50 ms)",
        "120 ms  request 2 (given up) ends I/O",
    ]


def test_calls_are_calls_of_a_service(simsched, tmp_path):
    (tmp_path / "calls.yaml").write_text(CALLS, encoding="utf-8")
    assert said(simsched("explain", "calls.yaml", "--set", "workload.duration=4.5ms").out) == [
        "0.0 ms  request 1 (page) arrives and calls shop (prices, 3 ms)",
        "0.0 ms  request 2 (page) arrives and calls shop (prices, 4.5 ms)",
        "3.0 ms  request 1 ends its call of shop (prices, served in 3 ms) and starts I/O",
        "        (db, 1 ms)",
        "4.0 ms  request 1 ends I/O (db) and is answered after 4 ms",
        "4.0 ms  request 3 (ping) arrives and calls db (500 µs)",
        "4.5 ms  request 2 is still there when the run ends",
        "4.5 ms  request 3 is still there when the run ends",
    ]
    longer = simsched("explain", "calls.yaml", "--set", "requests.page[0].timeout=9ms").out
    assert "request 2 ends its call of shop (prices, 3 ms in its queue, served in" in longer
    assert "request 3 ends its call of db (2 ms in its queue, served in 1 ms)" in longer
    lines = said(simsched("explain", "calls.yaml", "--set", "servers.framework.threads=1").out)
    assert "request 2 (page) arrives and waits in the queue (request 1 waits for shop)" in lines[1]
    listed = json.loads(simsched("explain", "calls.yaml", "--format", "json").out)
    assert [each["service"] for each in listed["events"][0]["started"]] == ["shop"]
    late = simsched("explain", "calls.yaml", "--set", "requests.page[0].timeout=2ms").out
    assert "request 1 ends its call of shop (prices) and fails after 2 ms" in late


FAILS = """
name: fails
requests:
  page: [{cpu: 1ms}, {parallel: [[{io: 3ms}], [{io: 6ms}], [{io: 9ms, timeout: 4ms, label: b}]]}]
workload: {schedule: [{at: 0ms, request: page, times: 2}]}
servers: {framework: {model: cooperative, overhead: {switch: 1ms}}}
"""


SHOPS = """
name: shops
services: {shop: {model: serial}}
requests: {page: [{call: shop, phases: [{cpu: 1ms}]}]}
workload: {schedule: [{at: 0ms, request: page}, {at: 5ms, request: page}]}
servers: {framework: {model: cooperative}}
run: {engine: simpy}
"""


def test_calls_of_requests_that_arrive_later_are_left_out(simsched, tmp_path):
    (tmp_path / "shops.yaml").write_text(SHOPS, encoding="utf-8")
    lines = said(simsched("explain", "shops.yaml", "--to", "2ms").out)
    assert " ".join(" ".join(lines).split()) == (
        "0 ms request 1 (page) arrives and calls shop (1 ms) "
        "1 ms request 1 ends its call of shop (served in 1 ms) and is answered after 1 ms"
    )


def test_branches_wait_together_and_go_on_when_another_fails(simsched, tmp_path):
    (tmp_path / "fails.yaml").write_text(FAILS, encoding="utf-8")
    lines = said(simsched("explain", "fails.yaml").out)
    assert lines[2] == " 1 ms  request 1 waits for the CPU (3 at once, request 2 computes)"
    first = [line for line in lines if "ms  request 1 " in line]
    assert first[-5:] == [
        " 4 ms  request 1 gets the CPU after 3 ms, computes (overhead, 1 ms) and starts",
        " 5 ms  request 1 starts I/O (b, 4 ms)",
        " 6 ms  request 1 ends I/O",
        " 9 ms  request 1 ends I/O (b) and fails after 9 ms",
        "10 ms  request 1 ends I/O",
    ]


def test_a_time_is_explained_of_a_long_run(simsched):
    outcome = simsched("explain", *LONG, "--from", "10s", "--to", "10.02s")
    clocks = {line.split()[0] for line in said(outcome.out) if not line.startswith("     ")}
    assert all(10_000 <= float(clock.replace(",", "")) <= 10_020 for clock in clocks)
    assert "request 498 (ping) arrives and waits in the queue (request" in outcome.out


def test_around_a_time_of_a_long_run_are_the_events_of_the_next_requests(simsched):
    outcome = simsched("explain", *LONG, "--around", "10s")
    arrivals = [int(n) for n in re.findall(r"request (\d+) \(\w+\) arrives", outcome.out)]
    first, last = min(arrivals), max(arrivals)
    assert 492 <= first <= 498 <= last <= 492 + 60
    assert set(arrivals) == set(range(first, last + 1))


def test_without_a_time_a_long_run_is_explained_as_far_as_it_is_known(simsched):
    outcome = simsched("explain", *LONG, "--server", "quart")
    assert "choose another time with --around." in outcome.out
    assert "The first 1,000 events of" in outcome.out


def test_json_has_the_stretches_that_make_each_event(simsched):
    found = json.loads(simsched("explain", LECTURE, "--format", "json").out)
    (event,) = [
        each
        for each in found["events"]
        if (each["server"], each["at_ns"], each["request"]) == ("cooperative", 84_000_000, 1)
    ]
    assert event["text"] == "request 1 gets the CPU after 9 ms and computes (framework, 10 ms)"
    assert [each["activity"] for each in event["ended"]] == ["cpu_wait"]
    assert [each["finish_ns"] for each in event["started"]] == [94_000_000]


def test_markdown_is_a_table_of_words(simsched):
    text = simsched("explain", LECTURE, "--format", "markdown").out
    assert "| time | server | event |\n|---|---|---|\n| 0 ms | serial | request 1 " in text


def test_another_replication_has_other_events(simsched):
    again = ("explain", *LONG, "--to", "100ms")
    assert simsched(*again).out != simsched(*again, "--replication", "2").out
    assert simsched(*again).out == simsched(*again, "--replication", "1").out


def test_what_never_moves_again_is_said(simsched):
    text = " ".join(simsched("explain", SCENARIOS / "deadlock.yaml").out.split())
    assert (
        "21 ms request 1 ends I/O (query), waits for a slot of threads "
        "(requests 1, 2, 3 and 8 more have them) and is still there when the run ends" in text
    )
    assert text.endswith("request 11 is still there when the run ends")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--server", "x"), "--server x: no server of this name; there are serial, cooperative"),
        (("--from", "10"), "--from: 10 has no unit; write 10ms or 10s"),
        (("--to", "soon"), "--to: "),
        (
            ("--from", "2s", "--to", "1s"),
            "--from is later than --to; give the earlier time to --from",
        ),
        (("--around", "x"), "--around: "),
        (
            ("--around", "2s", "--to", "1s"),
            "--around is instead of --from and --to; leave it out, or both of them",
        ),
    ],
)
def test_bad_options_are_bad_input(simsched, arguments, message):
    outcome = simsched("explain", LECTURE, *arguments)
    assert outcome.code == 2
    assert outcome.err.startswith(f"simsched: {message}")


def test_an_empty_time_says_so(simsched):
    assert "Nothing happens in this time." in simsched("explain", LECTURE, "--from", "5s").out
    table = simsched("explain", LECTURE, "--from", "5s", "--format", "markdown").out
    assert table == "### lecture: replication 1, seed 1\n\nNothing happens in this time.\n"


def test_a_terminal_without_unicode_gets_ascii():
    text = as_text(Explanation("µ", {"one": ()}), 80, unicode=False)
    assert text.isascii()


def test_a_list_that_is_cut_keeps_the_first_events_of_all_servers():
    some = Explanation("", {"a": (event(0), event(2)), "b": (event(1), event(3))})
    kept = first(some, 3)
    assert [len(events) for events in kept.events.values()] == [2, 1]
    assert kept.remarks[0].startswith("The first 3 events of 4:")


def event(at_ns: int) -> explanation.Event:
    return explanation.Event(
        at_ns=at_ns,
        request=1,
        attempt=1,
        kind="page",
        arrives=False,
        ended=(),
        started=(),
        status=None,
        text="",
    )


BATCH = """
name: batch
requests: {page: [{cpu: 10ms}]}
workload: {schedule: [{at: 0ms, request: page}, {at: 1ms, request: page}]}
servers: {one: {model: serial, batch: {max: 2, wait: 5ms}}}
"""


def test_a_request_that_waits_for_its_batch_is_not_said_to_stop_waiting(simsched, tmp_path):
    (tmp_path / "batch.yaml").write_text(BATCH, encoding="utf-8")
    lines = said(simsched("explain", "batch.yaml").out)
    assert "request 1 has waited for the CPU for 10 ms and is answered after 21 ms" in lines[-1]


def test_clocks_have_the_fewest_decimals_that_serve():
    assert clocks([0, 72_000_000]) == ["0 ms", "72 ms"]
    assert clocks([500_000, 72_000_000]) == ["0.5 ms", "72.0 ms"]
    assert clocks([1_234_567, 19_785_123]) == ["1.2 ms", "19.8 ms"]
    assert clocks([1_234_567, 1_241_000]) == ["1.23 ms", "1.24 ms"]
    assert clocks([1_000_001, 1_000_002]) == ["1.000 ms", "1.000 ms"]
