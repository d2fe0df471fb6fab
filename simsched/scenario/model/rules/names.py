"""Names that one section uses and another one gives: classes, resources, servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from simsched.scenario.file.problems import Path, Problem, Unknown
from simsched.scenario.metrics import Metric, parse_limit, parse_metric
from simsched.scenario.model.rules.written import Written, events, items, mapping, phases, section


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
    if scenario.get("resources", {}) != {}:
        yield from _unknown(scenario, "resources", uses, message, "resources")
        return
    for path, name, _ in uses:
        if isinstance(name, str):
            hint = f"write for example resources: {{{name}: {{capacity: 10}}}}"
            yield Problem(path, message, hint, rests_on=(("resources",), ()))


def _unknown(
    scenario: Written, key: str, uses: Iterator[_Use], message: str, plural: str
) -> Iterator[Problem]:
    """Yield the *uses* of names that the section *key* does not give."""
    given = scenario.get(key)
    if not isinstance(given, Mapping):
        return
    known = tuple(given)
    for path, name, at_key in uses:
        if isinstance(name, str) and name not in given:
            unknown = Unknown(name, known, plural)
            yield Problem(path, message, unknown=unknown, at_key=at_key, rests_on=((key,),))


def _uses_of_classes(scenario: Written) -> Iterator[_Use]:
    workload = section(scenario, "workload")
    for position, arrival in items(workload.get("schedule")):
        path = ("workload", "schedule", position, "request")
        yield _Use(path, mapping(arrival).get("request"))
    for name in section(workload, "mix"):
        yield _Use(("workload", "mix", name), name, at_key=True)
    for name, objective in section(scenario, "slo").items():
        yield _Use(("slo", name, "request"), mapping(objective).get("request"))


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
    yield from _measured_resources(scenario)


def _measured_resources(scenario: Written) -> Iterator[_Use]:
    """Yield the resources in the names of metrics, where these are as they should be."""
    for path, text, parse in (*_metrics(scenario), *_limits(scenario)):
        if isinstance(text, str):
            with suppress(ValueError):
                yield _Use(path, parse(text).resource)


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


RULES = (_classes, _servers, _resources)
