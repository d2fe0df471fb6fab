"""What events ask of the rest, and of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from simsched.scenario.file.problems import Problem
from simsched.scenario.file.wording import quote
from simsched.scenario.model.quantities import read_duration
from simsched.scenario.model.rules.workload import source
from simsched.scenario.model.rules.written import Written, events, section
from simsched.units import write_duration


def _workers(scenario: Written) -> Iterator[Problem]:
    """Yield events of workers that a server does not have."""
    for position, event in events(scenario):
        worker = event.get("worker")
        if isinstance(worker, int):
            for name, workers in _workers_of(scenario, event.get("server")):
                if worker >= workers:
                    message = f"the server {quote(name)} has {workers}, counted from 0"
                    yield Problem(
                        ("events", position, "worker"), message, rests_on=(("servers", name),)
                    )
                    break


def _workers_of(scenario: Written, server: object) -> Iterator[tuple[str, int]]:
    """Yield the servers that an event of a worker is about, and how many workers they have."""
    for name, written in section(scenario, "servers").items():
        workers = written.get("workers", 1) if isinstance(written, Mapping) else None
        if server in (None, name) and isinstance(workers, int) and workers > 0:
            yield name, workers


def _arrivals(scenario: Written) -> Iterator[Problem]:
    """Yield events of arrivals that no Poisson process brings."""
    if source(scenario) is None:
        return
    written = section(section(scenario, "workload"), "open")
    regular = written.get("arrivals", "poisson") != "poisson"
    if source(scenario) == "open" and not regular and not written.keys() & _UNSCALED:
        return
    for position, event in events(scenario):
        if "arrivals" in event:
            message = "only the rate of open Poisson arrivals can be multiplied"
            yield Problem(("events", position, "arrivals"), message, at_key=True)


_UNSCALED = {"interarrival", "cv", "bursts"}


class _Window(NamedTuple):
    """When an event happens, and to what."""

    position: int
    target: tuple[str, Any]
    begin: int
    end: int
    server: object


def _overlaps(scenario: Written) -> Iterator[Problem]:
    """Yield events that happen to the same thing at the same time."""
    windows = sorted(_windows(scenario), key=lambda window: (window.begin, window.position))
    open_until: dict[tuple[str, Any], list[_Window]] = {}
    for window in windows:
        before = [each for each in open_until.get(window.target, ()) if each.end > window.begin]
        clash = next((each for each in before if _same(each.server, window.server)), None)
        if clash is not None:
            until = write_duration(clash.end)
            message = f"events[{clash.position}] is about the same until {until}"
            yield Problem(("events", window.position, "at"), message, "let one follow the other")
        open_until[window.target] = [*before, *([window] if clash is None else [])]


def _same(first: object, second: object) -> bool:
    return first is None or second is None or first == second


def _windows(scenario: Written) -> Iterator[_Window]:
    for position, event in events(scenario):
        begin, lasting = read_duration(event.get("at")), read_duration(event.get("for"))
        if begin is not None and lasting is not None:
            for target in _targets(event):
                yield _Window(position, target, begin, begin + lasting, event.get("server"))


def _targets(event: Written) -> Iterator[tuple[str, Any]]:
    if isinstance(event.get("resource"), str):
        yield "resource", event["resource"]
    if isinstance(event.get("worker"), int):
        yield "worker", event["worker"]
    if "arrivals" in event:
        yield "arrivals", None


RULES = (_workers, _arrivals, _overlaps)
