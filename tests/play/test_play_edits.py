from __future__ import annotations

from pathlib import Path

import pytest

from simsched.errors import InputError
from simsched.report.play.edits import edited, flow
from simsched.report.play.source import Source
from simsched.scenario.model.scenario import Scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
LECTURE = Source.of(SCENARIOS / "lecture.yaml")

REFERRING = """
name: referring
requests: {page: [{cpu: 1ms}]}
workload: {open: {rate: 10/s}, duration: 20s}
servers:
  one: {model: threaded, workers: 2, threads: 4, backlog: 9}
  two: {model: serial}
events: [{server: one, worker: 0, at: 5s, for: 1s, down: true}]
slo: {quick: {limit: response_time.mean < 1s, servers: [two, one]}}
"""


def after(source: Source, *edits: tuple[str, ...]) -> Scenario:
    changes: tuple[str, ...] = ()
    for edit in edits:
        changes = edited(source, changes, *edit)
    return source.scenario(changes)


def test_a_server_is_added_at_the_end():
    scenario = after(LECTURE, ("add", ""), ("add", ""))
    assert list(scenario.servers) == ["serial", "cooperative", "new server", "new server 2"]


def test_a_copy_has_the_same_options_and_a_name_of_its_own():
    scenario = after(Source(REFERRING, "referring", "."), ("copy", "one"), ("copy", "one"))
    assert list(scenario.servers) == ["one", "two", "one copy", "one copy 2"]
    assert scenario.servers["one copy"] == scenario.servers["one"]


def test_a_server_is_removed_with_what_was_changed_of_it():
    changes = edited(LECTURE, ("servers.serial.workers=3", "run.seed=2"), "remove", "serial")
    assert changes == ("run.seed=2", "servers={cooperative: {model: cooperative}}")
    assert list(LECTURE.scenario(changes).servers) == ["cooperative"]


def test_the_last_server_stays():
    changes = edited(LECTURE, (), "remove", "serial")
    with pytest.raises(InputError, match="it is the last server; add another one first"):
        edited(LECTURE, changes, "remove", "cooperative")


def test_a_new_name_is_carried_to_events_and_objectives_and_keeps_the_place():
    scenario = after(Source(REFERRING, "referring", "."), ("rename", "one", "uno"))
    assert list(scenario.servers) == ["uno", "two"]
    assert scenario.events[0].server == "uno"
    assert list(scenario.slo["quick"].servers) == ["two", "uno"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("serial", "there is a server 'serial' already; take another name"),
        ("", "a server cannot have this name; use some text without"),
        ('a "b"', "a server cannot have this name; use some text without"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name, message):
    with pytest.raises(InputError, match=message):
        edited(LECTURE, (), "rename", "cooperative", name)


def test_another_model_keeps_the_options_that_both_have():
    scenario = after(Source(REFERRING, "referring", "."), ("model", "one", "serial"))
    server = scenario.servers["one"]
    assert (server.model, server.workers, server.backlog) == ("serial", 2, 9)


def test_a_model_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="'fibers' is no model; it is one of serial, threaded"):
        edited(LECTURE, (), "model", "serial", "fibers")


def test_a_server_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="there is no server 'nginx'"):
        edited(LECTURE, (), "copy", "nginx")


def test_a_change_that_sets_nothing_is_refused():
    with pytest.raises(InputError, match="workers: this sets nothing"):
        edited(LECTURE, ("workers",), "remove", "serial")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"model": "serial", "workers": 2}, "{model: serial, workers: 2}"),
        (["a b", "1", "10ms", "true", ""], '[a b, "1", 10ms, "true", ""]'),
        ({"a: b": None, "#": True}, '{"a: b": null, "#": true}'),
    ],
)
def test_plain_data_is_written_on_one_line_such_that_it_is_read_again(value, text):
    from simsched.scenario.file.composing import compose

    assert flow(value) == text
    assert compose(text, "text").root.data() == value
