"""What the sections of a scenario ask of each other.

The rules look at what was written, as plain data, and are silent about what they cannot make sense
of: so they hold even where other parts of a file are faulty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from simsched.scenario.file.problems import Problem
from simsched.scenario.file.tree import Path
from simsched.scenario.file.wording import listed, quote
from simsched.scenario.model import references
from simsched.scenario.model.quantities import read_duration
from simsched.scenario.model.references import (
    Written,
    check_columns,
    events,
    items,
    mapping,
    phases,
    present,
    section,
    served_by,
    source,
    views,
)
from simsched.scenario.model.workload import SOURCES
from simsched.units import is_no_rate, write_duration


def _one_source(scenario: Written) -> Iterator[Problem]:
    if scenario.get("workload") is None:
        return
    workload = section(scenario, "workload")
    given = present(workload, SOURCES)
    if not given and workload == scenario["workload"]:
        message = f"one of {listed(SOURCES)} is needed"
        hint = "write for example open: {rate: 80/s}"
        yield Problem(("workload",), message, hint, absent=SOURCES)
    for extra in given[1:]:
        message = f"a workload has only one of {listed(SOURCES)}"
        yield Problem(("workload", extra), message, at_key=True)


def _schedule_alone(scenario: Written) -> Iterator[Problem]:
    if source(scenario) == "schedule":
        for key in present(section(scenario, "workload"), ("mix", "requests")):
            message = "a schedule already names its requests"
            yield Problem(("workload", key), message, "leave it out", at_key=True)


def _trace_classes(scenario: Written) -> Iterator[Problem]:
    workload = section(scenario, "workload")
    named = section(workload, "trace").get("request") is not None
    if source(scenario) == "trace" and named and workload.get("mix") is not None:
        message = "the trace already names the class of each request"
        yield Problem(("workload", "mix"), message, "leave it out", at_key=True)


def _end(scenario: Written) -> Iterator[Problem]:
    kind = source(scenario)
    if kind not in {"open", "closed"}:
        return
    article = "an" if kind == "open" else "a"
    workload = section(scenario, "workload")
    ends = present(workload, ("duration", "requests"))
    finite = section(workload, "closed").get("iterations") is not None
    if not ends and not finite:
        message = f"{article} {kind} workload needs an end"
        hint = "write for example duration: 60s or requests: 10000"
        yield Problem(("workload",), message, hint, absent=("duration", "requests"))
    for extra in ends[1:]:
        message = f"{article} {kind} workload ends after a duration or a number of requests"
        yield Problem(("workload", extra), f"{message}, not both", at_key=True)


def _warmup(scenario: Written) -> Iterator[Problem]:
    warmup = read_duration(section(scenario, "run").get("warmup"))
    workloads = [section(view, "workload") for _, view in views(scenario)]
    durations = [read_duration(each.get("duration")) for each in workloads]
    duration = None if None in durations else max(each for each in durations if each is not None)
    if warmup and duration and warmup >= duration:
        message = f"{write_duration(warmup)} is too long: the workload ends after"
        yield Problem(("run", "warmup"), f"{message} {write_duration(duration)}")
    lasts = [_last_scheduled(each) for each in workloads]
    last = None if None in lasts else max(each for each in lasts if each is not None)
    if warmup and last is not None and warmup > last:
        message = f"{write_duration(warmup)} is too long: the last request arrives at"
        yield Problem(("run", "warmup"), f"{message} {write_duration(last)}")


def _last_scheduled(workload: Written) -> int | None:
    """Return when the last request of a schedule arrives, or None where that is not clear."""
    entries = workload.get("schedule")
    if not isinstance(entries, (list, tuple)) or not entries:
        return None
    moments = [read_duration(section({"entry": each}, "entry").get("at")) for each in entries]
    return None if None in moments else max(each for each in moments if each is not None)


_PATH: Path = ("workload", "open")
_RHYTHMS = ("arrivals", "cv", "bursts")


def _open(scenario: Written) -> Written | None:
    written = section(scenario, "workload").get("open")
    return written if isinstance(written, Mapping) else None


def _rate(scenario: Written) -> Iterator[Problem]:
    written = _open(scenario)
    if written is None:
        return
    given = present(written, ("rate", "interarrival"))
    if not given:
        hint = "write for example rate: 80/s"
        message = "one of rate, interarrival is needed"
        yield Problem(_PATH, message, hint, absent=("rate", "interarrival"))
    for extra in given[1:]:
        message = "open arrivals have a rate or an interarrival, not both"
        yield Problem((*_PATH, extra), message, at_key=True)
    if given == ["interarrival"]:
        for key in present(written, _RHYTHMS):
            message = f"{key} goes with a rate, not with an interarrival"
            yield Problem((*_PATH, key), message, "leave it out", at_key=True)


def _rhythm(scenario: Written) -> Iterator[Problem]:
    written = _open(scenario) or {}
    given = present(written, _RHYTHMS)
    if "interarrival" in written:
        return
    for extra in given[1:]:
        message = f"it does not go with {given[0]}: each says how regular arrivals are"
        yield Problem((*_PATH, extra), message, "leave one out", at_key=True)
    if isinstance(written.get("rate"), Mapping):
        for key in given:
            if written[key] != "poisson":
                message = "a rate that changes over time has Poisson arrivals"
                yield Problem((*_PATH, key), message, "leave it out", at_key=True)


def _profile_end(scenario: Written) -> Iterator[Problem]:
    rate = section(section(scenario, "workload"), "open").get("rate")
    if section(scenario, "workload").get("requests") is None or not isinstance(rate, Mapping):
        return
    for key in ("steps", "ramp"):
        points = list(items(rate.get(key)))
        if points and _is_none(mapping(points[-1][1]).get("rate")):
            path = (*_PATH, "rate", key, len(points) - 1, "rate")
            message = "a rate that ends at 0 may never produce that many requests"
            yield Problem(path, message, "end after a duration")


def _is_none(rate: Any) -> bool:
    return rate == 0 or (isinstance(rate, str) and is_no_rate(rate))


def _workers(scenario: Written) -> Iterator[Problem]:
    """Yield events of workers that a server does not have."""
    for position, event in events(scenario):
        worker = event.get("worker")
        if isinstance(worker, int):
            for path, workers in _workers_of(scenario, event):
                if worker >= workers:
                    message = f"the {path[0][:-1]} {quote(path[1])} has {workers}, counted from 0"
                    yield Problem(("events", position, "worker"), message, rests_on=(path,))
                    break


def _workers_of(scenario: Written, event: Written) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield where those are that an event of a worker is about, and how many workers they have."""
    whose = "server" if event.get("service") is None else "service"
    for name, written in section(scenario, f"{whose}s").items():
        workers = written.get("workers", 1) if isinstance(written, Mapping) else None
        count = len(workers) if isinstance(workers, (list, tuple)) else workers
        if event.get(whose) in (None, name) and isinstance(count, int) and count > 0:
            yield (f"{whose}s", name), count


def _scaled_arrivals(scenario: Written) -> Iterator[Problem]:
    """Yield events of arrivals that no Poisson process brings."""
    every = [view for _, view in views(scenario)]
    if None in map(source, every) or any(map(_is_scaled, every)):
        return
    for position, event in events(scenario):
        if "arrivals" in event:
            message = "only the rate of open Poisson arrivals can be multiplied"
            yield Problem(("events", position, "arrivals"), message, at_key=True)


def _is_scaled(scenario: Written) -> bool:
    """Return whether an event can multiply the rate at which requests arrive."""
    written = section(section(scenario, "workload"), "open")
    regular = written.get("arrivals", "poisson") != "poisson"
    return source(scenario) == "open" and not regular and not written.keys() & _UNSCALED


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
    service = event.get("service")
    if isinstance(event.get("worker"), int) and isinstance(service, str | None):
        yield "worker", (service, event["worker"])
    if "arrivals" in event:
        yield "arrivals", None


DEEPEST = 20
"""How many phases may lie around another one."""


def _depth(scenario: Written) -> Iterator[Problem]:
    for path, _, depth in phases(scenario):
        if depth == DEEPEST + 1:
            yield Problem(path, f"more than {DEEPEST} phases lie around this one")


def _answers(scenario: Written) -> Iterator[Problem]:
    """Yield phases that would answer a request again, or from a branch."""
    answered: set[Path] = set()
    for path, phase, _ in phases(scenario):
        if phase.get("respond") is not True:
            continue
        around = next((key for key in path[2:] if key in ("parallel", "repeat")), None)
        if served_by(scenario, path) is not None:
            around = "call"
        if around is not None:
            message = f"a request is answered once, so not within {around}"
            yield Problem(path, message, "put it before or behind that phase", at_key=True)
        elif path[:-1] in answered:
            message = "the request has been answered by a phase before this one"
            yield Problem(path, message, "leave it out", at_key=True)
        answered.add(path[:-1])


_OF_EACH_SOURCE = (
    _one_source,
    _schedule_alone,
    _trace_classes,
    _end,
    _rate,
    _rhythm,
    _profile_end,
)
"""What is asked of a workload, or of each of its streams."""

_RULES = (
    _warmup,
    *references.RULES,
    _workers,
    _scaled_arrivals,
    _overlaps,
    _depth,
    _answers,
)


def check(scenario: Written, columns: tuple[str, ...] | None) -> Iterator[Problem]:
    """Yield what is wrong between the sections of *scenario*.

    *columns* are those of the trace's file; None where there is none, or it cannot be read.
    """
    for place, view in views(scenario):
        for rule in _OF_EACH_SOURCE:
            for each in rule(view):
                yield replace(each, path=(*place, *each.path[1:]))
    for rule in _RULES:
        yield from rule(scenario)
    yield from check_columns(scenario, columns)
