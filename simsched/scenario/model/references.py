"""Names that one section uses and another one gives: classes, resources, servers, columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import chain, islice
from typing import Any, NamedTuple

from simsched.scenario.file.problems import Problem, Unknown
from simsched.scenario.file.tree import Path
from simsched.scenario.file.wording import quote
from simsched.scenario.metrics import Metric, parse_metric
from simsched.scenario.model.events import MOST_EVENTS
from simsched.scenario.model.objectives import parse_limit
from simsched.scenario.model.workload import SOURCES, streams_of

Written = Mapping[str, Any]
"""A mapping as it was written."""


class PhaseAt(NamedTuple):
    """A phase, where it is, and how many phases lie around it."""

    path: Path
    phase: Written
    depth: int


def mapping(written: object) -> Written:
    """Return *written* if it is a mapping, or an empty one."""
    return written if isinstance(written, Mapping) else {}


def section(written: object, *keys: str) -> Written:
    """Return the mapping under the *keys*, one within the other, or an empty one."""
    for key in keys:
        written = mapping(written).get(key)
    return mapping(written)


def items(written: object) -> Iterator[tuple[int, Any]]:
    """Yield the items of a list with their positions; of anything else, nothing."""
    yield from enumerate(written if isinstance(written, (list, tuple)) else ())


def present(written: Written, keys: tuple[str, ...]) -> list[str]:
    """Return which of *keys* are there and not empty, in the order they were written."""
    return [key for key in written if key in keys and written[key] is not None]


def events(scenario: Written) -> Iterator[tuple[int, Written]]:
    """Yield the events with their positions, as many as there may be."""
    for position, event in islice(items(scenario.get("events")), MOST_EVENTS):
        yield position, mapping(event)


def phases(scenario: Written) -> Iterator[PhaseAt]:
    """Yield every phase of every class, each before those within it."""
    for name, body in section(scenario, "requests").items():
        if isinstance(body, Mapping):
            yield from _listed(("requests", name, "phases"), body.get("phases"), 0)
        else:
            yield from _listed(("requests", name), body, 0)


def _listed(path: Path, written: object, depth: int) -> Iterator[PhaseAt]:
    for position, phase in items(written):
        if isinstance(phase, Mapping):
            yield PhaseAt((*path, position), phase, depth)
            for inner, phases_within in _within(phase):
                yield from _listed((*path, position, *inner), phases_within, depth + 1)


def _within(phase: Written) -> Iterator[tuple[Path, object]]:
    """Yield the lists of phases within *phase*, with the path to each.

    Whatever its kind, they are under ``phases``, in it or in a part of it, or lists of a list.
    """
    for key, value in phase.items():
        if key == "phases":
            yield (key,), value
            continue
        yield (key, "phases"), mapping(value).get("phases")
        for position, item in items(value):
            if isinstance(item, (list, tuple)):
                yield (key, position), item
            yield (key, position, "phases"), mapping(item).get("phases")


def views(scenario: Written) -> Iterator[tuple[Path, Written]]:
    """Yield *scenario* as each stream of its workload has it, and where that stream is."""
    streams = streams_of(scenario.get("workload"))
    if not streams:
        yield ("workload",), scenario
    for name, stream in streams.items():
        yield ("workload", name), {**scenario, "workload": mapping(stream)}


def source(scenario: Written) -> str | None:
    """Return the way in which requests arrive, or None where that is not clear."""
    given = present(section(scenario, "workload"), SOURCES)
    return given[0] if len(given) == 1 else None


class _Use(NamedTuple):
    """A name, and where it is used; as a key, where ``at_key``."""

    path: Path
    name: object
    at_key: bool = False


def _classes(scenario: Written) -> Iterator[Problem]:
    uses = _uses_of_classes(scenario)
    yield from _unknown(scenario, "requests", uses, "there is no such class of requests", "classes")


def _servers(scenario: Written) -> Iterator[Problem]:
    uses = _uses_of_servers(scenario)
    yield from _unknown(scenario, "servers", uses, "there is no such server", "servers")


def _resources(scenario: Written) -> Iterator[Problem]:
    uses = _uses_of_resources(scenario)
    message = "there is no such resource"
    yield from _optional(scenario, "resources", uses, message, "{capacity: 10}")


def _services(scenario: Written) -> Iterator[Problem]:
    called = (_Use((*path, "call"), phase.get("call")) for path, phase, _ in phases(scenario))
    measured = (_Use(path, metric.service) for path, metric in _measured(scenario))
    happening = (
        _Use(("events", position, "service"), event.get("service"))
        for position, event in events(scenario)
    )
    uses = chain(called, measured, happening)
    message = "there is no such service"
    yield from _optional(scenario, "services", uses, message, "{model: threaded}")


def _optional(
    scenario: Written, key: str, uses: Iterator[_Use], message: str, example: str
) -> Iterator[Problem]:
    """Yield the *uses* of names that a section does not give that may be left out."""
    if scenario.get(key, {}) != {}:
        yield from _unknown(scenario, key, uses, message, key)
        return
    for path, name, _ in uses:
        if isinstance(name, str):
            hint = f"write for example {key}: {{{name}: {example}}}"
            yield Problem(path, message, hint, rests_on=((key,), ()))


def _unknown(
    scenario: Written, key: str, uses: Iterator[_Use], message: str, plural: str
) -> Iterator[Problem]:
    """Yield the *uses* of names that the section *key* does not give."""
    # A section that is faulty itself names nothing reliably: its own fault is enough.
    given = scenario.get(key)
    if not isinstance(given, Mapping):
        return
    known = tuple(given)
    for path, name, at_key in uses:
        if isinstance(name, str) and name not in given:
            unknown = Unknown(name, known, plural)
            yield Problem(path, message, unknown=unknown, at_key=at_key, rests_on=((key,),))


def _uses_of_classes(scenario: Written) -> Iterator[_Use]:
    for place, view in views(scenario):
        for position, arrival in items(section(view, "workload").get("schedule")):
            path = (*place, "schedule", position, "request")
            yield _Use(path, mapping(arrival).get("request"))
        for name in section(view, "workload", "mix"):
            yield _Use((*place, "mix", name), name, at_key=True)
    for name, objective in section(scenario, "slo").items():
        yield _Use(("slo", name, "request"), mapping(objective).get("request"))


def _streams(scenario: Written) -> Iterator[Problem]:
    """Yield objectives about streams that the workload does not have."""
    known = tuple(streams_of(scenario.get("workload")))
    for name, objective in section(scenario, "slo").items():
        stream = mapping(objective).get("stream")
        if isinstance(stream, str) and stream not in known:
            path = ("slo", name, "stream")
            unknown = Unknown(stream, known, "streams") if known else None
            hint = "" if known else "give each stream a name, as in workload: {load: {open: ...}}"
            message = "the workload has no such stream"
            yield Problem(path, message, hint, unknown=unknown, rests_on=(("workload",),))


def _uses_of_servers(scenario: Written) -> Iterator[_Use]:
    for position, event in events(scenario):
        yield _Use(("events", position, "server"), event.get("server"))
    for name, objective in section(scenario, "slo").items():
        for number, server in items(mapping(objective).get("servers")):
            yield _Use(("slo", name, "servers", number), server)


def _uses_of_resources(scenario: Written) -> Iterator[_Use]:
    for path, phase, _ in phases(scenario):
        for key in ("on", "hold"):
            yield _Use((*path, key), phase.get(key))
    for position, event in events(scenario):
        yield _Use(("events", position, "resource"), event.get("resource"))
    yield from (_Use(path, metric.resource) for path, metric in _measured(scenario))


def _shared_resources(scenario: Written) -> Iterator[Problem]:
    """Yield resources that phases of several servers need: each has resources of its own."""
    users: dict[str, str | None] = {}
    for path, phase, _ in phases(scenario):
        user = served_by(scenario, path)
        for key in ("on", "hold"):
            name = phase.get(key)
            if not isinstance(name, str):
                continue
            if users.setdefault(name, user) != user:
                message = f"phases of {_whose(users[name])} need it, too"
                hint = "give the phases of each service resources of their own"
                yield Problem((*path, key), message, hint)
            elif user and section(scenario, "resources", name).get("per") == "worker":
                message = "it is per: worker, which only the resources of servers can be"
                yield Problem((*path, key), message, "leave out per at the resource")


def served_by(scenario: Written, path: Path) -> str | None:
    """Return the service whose phase is at *path*; None if it is the server's own."""
    service = None
    at: Any = scenario
    for key in path[:-1]:
        if isinstance(at, Mapping) and isinstance(at.get("call"), str):
            service = at["call"]
        at = at[key]
    return service


def _whose(service: str | None) -> str:
    return "the server" if service is None else f"the service {quote(service)}"


def _measured(scenario: Written) -> Iterator[tuple[Path, Metric]]:
    """Yield the metrics that are named, where these are as they should be."""
    for path, text, parse in (*_metrics(scenario), *_limits(scenario)):
        if isinstance(text, str):
            with suppress(ValueError):
                yield path, parse(text)


def _metrics(scenario: Written) -> Iterator[tuple[Path, object, Callable[[str], Metric]]]:
    until = section(scenario, "run").get("until")
    for path, goal in [((), until), *(((i,), each) for i, each in items(until))]:
        metric = mapping(goal).get("metric")
        for last, text in [((), metric), *(((i,), each) for i, each in items(metric))]:
            yield ("run", "until", *path, "metric", *last), text, parse_metric


def _limits(scenario: Written) -> Iterator[tuple[Path, object, Callable[[str], Metric]]]:
    for name, slo in section(scenario, "slo").items():
        alone = isinstance(slo, str)
        path = ("slo", name) if alone else ("slo", name, "limit")
        text = slo if alone else mapping(slo).get("limit")
        yield path, text, lambda limit: parse_limit(limit).metric


def check_columns(scenario: Written, columns: tuple[str, ...] | None) -> Iterator[Problem]:
    """Yield a problem for each column that *scenario* names and the trace does not have once.

    *columns* are those of the trace's file; None where that is not known.
    """
    traced = source(scenario) == "trace"
    for path, name in _named(scenario):
        if not traced and (source(scenario) is not None or streams_of(scenario.get("workload"))):
            message = "only a workload that is a trace has columns"
            yield Problem(path, message, rests_on=(("workload",),))
        elif traced and columns is not None and name not in columns:
            unknown = Unknown(name, columns, "columns")
            yield Problem(path, "the trace has no such column", unknown=unknown)
        elif traced and columns is not None and columns.count(name) > 1:
            yield Problem(path, "the trace has several columns of this name")


def _named(scenario: Written) -> Iterator[tuple[Path, str]]:
    for path, phase, _ in phases(scenario):
        for key, duration in phase.items():
            name = mapping(duration).get("column")
            if isinstance(name, str):
                yield (*path, key, "column"), name


RULES = (_classes, _streams, _servers, _resources, _services, _shared_resources)
