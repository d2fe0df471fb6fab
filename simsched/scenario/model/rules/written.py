"""Looking at a scenario as it was written: plain data, of which anything may be faulty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from simsched.scenario.file.problems import Path

Written = Mapping[str, Any]
"""A mapping as it was written."""

MOST_EVENTS = 1000
"""The most events of one scenario."""


class PhaseAt(NamedTuple):
    """A phase, where it is, and how many phases lie around it."""

    path: Path
    phase: Written
    depth: int


def mapping(written: object) -> Written:
    """Return *written* if it is a mapping, or an empty one."""
    return written if isinstance(written, Mapping) else {}


def section(written: object, key: str) -> Written:
    """Return the mapping under *key*, or an empty one."""
    return mapping(mapping(written).get(key))


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
    """Yield the lists of phases within *phase*, with the path to each."""
    for branch, written in items(phase.get("parallel")):
        yield ("parallel", branch), written
    for number, choice in items(phase.get("choose")):
        yield ("choose", number, "phases"), mapping(choice).get("phases")
    yield ("repeat", "phases"), section(phase, "repeat").get("phases")
    yield ("phases",), phase.get("phases")
