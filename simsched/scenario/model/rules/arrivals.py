"""What goes with what in open arrivals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simsched.scenario.file.problems import Path, Problem
from simsched.scenario.model.rules.written import Written, items, mapping, present, section
from simsched.units import is_no_rate

_PATH: Path = ("workload", "open")
_RHYTHMS = ("arrivals", "cv", "bursts")


def _arrivals(scenario: Written) -> Written | None:
    written = section(scenario, "workload").get("open")
    return written if isinstance(written, Mapping) else None


def _rate(scenario: Written) -> Iterator[Problem]:
    written = _arrivals(scenario)
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
    written = _arrivals(scenario) or {}
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
            message = "a rate that ends at 0 may never bring the number of requests"
            yield Problem(path, message, "end after a duration")


def _is_none(rate: Any) -> bool:
    return rate == 0 or (isinstance(rate, str) and is_no_rate(rate))


RULES = (_rate, _rhythm, _profile_end)
