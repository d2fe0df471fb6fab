"""Which points of a sweep keep the objectives, and the cheapest that keep all of them.

A design is a server at a point. Costs are compared under the same load: where a sweep also varies
the workload, the requests or the clients, there is a cheapest design for each of their settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from simsched.experiment.sweep.plan import Point
from simsched.experiment.sweep.result import SweepResult
from simsched.statistics.slo import Outcome, overall

# Parameters in these sections are the operator's choice; all others are part of the load.
_OF_DESIGNS = ("servers.", "services.", "resources.")

Setting = tuple[tuple[str, str], ...]
"""Names of parameters and their values."""


@dataclass(frozen=True, slots=True)
class Design:
    """A server at a point: its cost, and the outcome of all objectives that apply to it."""

    point: Point
    server: str
    cost: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Cheapest:
    """The cheapest designs that keep all objectives under one load.

    Attributes:
        at: the setting of the load; empty where that is not swept.
        designs: the cheapest that keep all objectives, all at the same cost; none where the
            evidence shows it of no design.
        unsettled: cheaper designs that may keep them.
    """

    at: Setting
    designs: tuple[Design, ...]
    unsettled: tuple[Design, ...]


def designs(result: SweepResult) -> tuple[Design, ...]:
    """Return the servers that have objectives, point by point."""
    found = []
    for point in result.done:
        one = result.records[point.number]
        for server in one.servers:
            outcomes = [each.outcome for each in one.judgements if each.server == server]
            if outcomes:
                found.append(Design(point, server, one.costs[server], overall(outcomes)))
    return tuple(found)


def cheapest(result: SweepResult) -> tuple[Cheapest, ...]:
    """Return the cheapest designs that keep all objectives, for each setting of the load."""
    names = [parameter.name for parameter in result.plan.parameters]
    given = [n for n, name in enumerate(names) if not is_of_design(name)]
    groups: dict[Setting, list[Design]] = {}
    for each in designs(result):
        texts = ("" if (v := each.point.values[n]) is None else v.text for n in given)
        setting = tuple(zip((names[n] for n in given), texts, strict=True))
        groups.setdefault(setting, []).append(each)
    return tuple(_cheapest(setting, found) for setting, found in groups.items())


def cheapest_by_point(result: SweepResult) -> dict[int, Cheapest]:
    """Return, by the number of a point, the cheapest of its servers that keep all objectives."""
    by_point = groupby(designs(result), key=lambda each: each.point.number)
    return {number: _cheapest((), list(found)) for number, found in by_point}


def is_of_design(parameter: str) -> bool:
    """Return whether *parameter* is the operator's choice, and not part of the load."""
    return parameter.startswith(_OF_DESIGNS)


def _cheapest(setting: Setting, found: Sequence[Design]) -> Cheapest:
    # An inconclusive design is not shown to suffice, so it is never named as the cheapest.
    kept = [each for each in found if each.outcome == "pass"]
    least = min((each.cost for each in kept), default=float("inf"))
    return Cheapest(
        setting,
        tuple(each for each in kept if each.cost == least),
        tuple(e for e in found if e.outcome == "inconclusive" and e.cost < least),
    )
