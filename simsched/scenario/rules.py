"""What the sections of a scenario ask of each other.

The rules look at what was written, as plain data, and are silent about what they cannot make sense
of: so they hold even where other parts of a file are faulty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from simsched.scenario.problem import Path, Problem, Unknown
from simsched.scenario.quantities import read_duration
from simsched.scenario.wording import listed
from simsched.units import write_duration

Written = Mapping[str, Any]
"""A mapping as it was written."""

SOURCES = ("schedule", "open")
"""The ways in which requests arrive, of which a workload has one."""


def check(scenario: Written) -> Iterator[Problem]:
    """Yield what is wrong between the sections of *scenario*."""
    for rule in _RULES:
        yield from rule(scenario)


def _section(written: object, key: str) -> Written:
    value = written.get(key) if isinstance(written, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _present(written: Written, keys: tuple[str, ...]) -> list[str]:
    return [key for key in written if key in keys and written[key] is not None]


def _one_source(scenario: Written) -> Iterator[Problem]:
    if not isinstance(scenario.get("workload"), Mapping):
        return
    workload = _section(scenario, "workload")
    present = _present(workload, SOURCES)
    if not present:
        message = f"one of {listed(SOURCES)} is needed"
        hint = "write for example open: {rate: 80/s}"
        yield Problem(("workload",), message, hint, absent=SOURCES)
    for extra in present[1:]:
        message = f"a workload has only one of {listed(SOURCES)}"
        yield Problem(("workload", extra), message, at_key=True)


def _schedule_alone(scenario: Written) -> Iterator[Problem]:
    workload = _section(scenario, "workload")
    if _present(workload, SOURCES) == ["schedule"]:
        for key in _present(workload, ("mix", "requests")):
            message = "a schedule says itself which requests arrive"
            yield Problem(("workload", key), message, "leave it out", at_key=True)


def _open_end(scenario: Written) -> Iterator[Problem]:
    workload = _section(scenario, "workload")
    if _present(workload, SOURCES) != ["open"]:
        return
    ends = _present(workload, ("duration", "requests"))
    if not ends:
        message = "an open workload needs an end"
        hint = "write for example duration: 60s or requests: 10000"
        yield Problem(("workload",), message, hint, absent=("duration", "requests"))
    for extra in ends[1:]:
        message = "an open workload ends after a duration or a number of requests, not both"
        yield Problem(("workload", extra), message, at_key=True)


def _open_rate(scenario: Written) -> Iterator[Problem]:
    workload = _section(scenario, "workload")
    if not isinstance(workload.get("open"), Mapping):
        return
    path, arrivals = ("workload", "open"), workload["open"]
    given = _present(arrivals, ("rate", "interarrival"))
    if not given:
        hint = "write for example rate: 80/s"
        message = "one of rate, interarrival is needed"
        yield Problem(path, message, hint, absent=("rate", "interarrival"))
    for extra in given[1:]:
        message = "open arrivals have a rate or an interarrival, not both"
        yield Problem((*path, extra), message, at_key=True)
    if given == ["interarrival"] and "arrivals" in arrivals:
        message = "arrivals goes with a rate, not with an interarrival"
        yield Problem((*path, "arrivals"), message, "leave it out", at_key=True)


def _known_classes(scenario: Written) -> Iterator[Problem]:
    classes = scenario.get("requests")
    if not isinstance(classes, Mapping):
        return
    known = tuple(classes)
    for path, name, at_key in _named_classes(_section(scenario, "workload")):
        if name not in classes:
            unknown = Unknown(name, known, "classes")
            message = "there is no such class of requests"
            yield Problem(path, message, unknown=unknown, at_key=at_key, rests_on=(("requests",),))


def _named_classes(workload: Written) -> Iterator[tuple[Path, str, bool]]:
    schedule = workload.get("schedule")
    for position, arrival in enumerate(schedule if isinstance(schedule, (list, tuple)) else ()):
        name = arrival.get("request") if isinstance(arrival, Mapping) else None
        if isinstance(name, str):
            yield ("workload", "schedule", position, "request"), name, False
    for name in _section(workload, "mix"):
        yield ("workload", "mix", name), name, True


def _warmup(scenario: Written) -> Iterator[Problem]:
    warmup = read_duration(_section(scenario, "run").get("warmup"))
    duration = read_duration(_section(scenario, "workload").get("duration"))
    if warmup and duration and warmup >= duration:
        message = f"{write_duration(warmup)} is too long: the workload ends after"
        yield Problem(("run", "warmup"), f"{message} {write_duration(duration)}")


def _known_in_objectives(scenario: Written) -> Iterator[Problem]:
    servers, classes = scenario.get("servers"), scenario.get("requests")
    for name, objective in _section(scenario, "slo").items():
        if not isinstance(objective, Mapping):
            continue
        listed_servers = objective.get("servers")
        for i, server in enumerate(
            listed_servers if isinstance(listed_servers, (list, tuple)) else ()
        ):
            if isinstance(servers, Mapping) and isinstance(server, str) and server not in servers:
                unknown = Unknown(server, tuple(servers), "servers")
                path: Path = ("slo", name, "servers", i)
                yield Problem(
                    path, "there is no such server", unknown=unknown, rests_on=(("servers",),)
                )
        request = objective.get("request")
        if isinstance(classes, Mapping) and isinstance(request, str) and request not in classes:
            unknown = Unknown(request, tuple(classes), "classes")
            message = "there is no such class of requests"
            yield Problem(
                ("slo", name, "request"), message, unknown=unknown, rests_on=(("requests",),)
            )


_RULES: tuple[Callable[[Written], Iterator[Problem]], ...] = (
    _one_source,
    _schedule_alone,
    _open_end,
    _open_rate,
    _known_classes,
    _known_in_objectives,
    _warmup,
)
