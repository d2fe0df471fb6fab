"""What the values of a scenario are called."""

from __future__ import annotations

import pytest

from simsched.scenario.file.overriding import parse_path
from simsched.statistics.words.parameters import titles

PAGE = [
    {"cpu": "10ms", "label": "framework"},
    {"io": "40ms", "label": "database"},
    {"parallel": [[{"io": "5ms", "on": "cache"}], [{"call": "auth", "timeout": "1s"}]]},
    {"io": "15ms"},
]
ONE = {"requests": {"page": PAGE}}
TWO = {"requests": {"page": [*PAGE, {"io": "15ms", "label": "database"}], "ping": [{"cpu": "4ms"}]}}


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("requests.page[1].io", "database wait"),
        ("requests.page[1].io.exponential", "mean database wait"),
        ("requests.page[1].io.lognormal.mean", "mean database wait"),
        ("requests.page[1].io.lognormal.cv", "cv of database wait"),
        ("requests.page[1].io.lognormal.p99", "p99 of database wait"),
        ("requests.page[0].cpu", "framework CPU time"),
        ("requests.page[2].parallel[0][0].io", "cache wait"),
        ("requests.page[2].parallel[1][0].timeout", "auth timeout"),
        ("requests.page[3].io", "I/O wait"),
        ("requests.page[3].io.exponential", "mean I/O wait"),
        ("requests.page", "class page"),
        ("requests.page.priority", "priority of page"),
        ("servers.serial", "server serial"),
        ("servers.serial.workers", "workers of serial"),
        ("servers.serial.max_in_flight", "max in flight of serial"),
        ("servers.serial.overhead.request", "overhead per request of serial"),
        ("services.auth.threads", "threads of auth"),
        ("resources.db.capacity", "capacity of db"),
        ("workload.open.rate", "arrival rate"),
        ("workload.closed.users", "users"),
        ("workload.probe.open.rate", "arrival rate of probe"),
        ("workload.requests", "requests"),
        ("workload.closed.think.exponential", "mean think time"),
        ("workload.schedule[2].at", "time of arrival 3"),
        ("client.timeout", "client timeout"),
        ("client.retries.max", "client retries max"),
        ("run.seed", "seed"),
        ("events[0].for", "length of event 1"),
        ("slo.fast", "slo.fast"),
        ("name", "name"),
    ],
)
def test_a_value_is_called_in_words(path, title):
    assert titles([parse_path(path)], ONE) == (title,)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("requests.page[1].io", "database wait in phase 2 of page"),
        ("requests.page[4].io", "database wait in phase 5 of page"),
        ("requests.page[0].cpu", "framework CPU time of page"),
        ("requests.ping[0].cpu", "CPU time of ping"),
    ],
)
def test_a_title_names_the_class_and_the_phase_where_others_are_alike(path, title):
    assert titles([parse_path(path)], TWO) == (title,)


def test_a_phase_of_which_the_scenario_knows_nothing_has_its_number():
    assert titles([parse_path("requests.page[1].io")], {}) == ("I/O wait in phase 2 of page",)


def test_values_that_would_be_called_the_same_are_called_by_their_paths():
    paths = ["servers.db.workers", "services.db.workers", "resources.db.capacity"]
    found = titles([*map(parse_path, paths)], ONE)
    assert found == ("servers.db.workers", "services.db.workers", "capacity of db")
