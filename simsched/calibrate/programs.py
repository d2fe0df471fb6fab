"""From the stages of a request to the phases of a scenario."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simsched.calibrate.structure import Again, Form, Lane, Stage
from simsched.calibrate.visits import Visits
from simsched.errors import InputError
from simsched.scenario.file.wording import listed
from simsched.workload.arrays import Int64s

_RELEASES = ("pg_advisory_unlock_all", "reset all", "discard all", "rollback")
"""What pools send when a connection is given back."""

YIELDS = "lets others run"
"""The label of I/O of no length, for which a request leaves its loop to others."""

_LONGEST = 40
_QUERY = re.compile(
    r"\s*(\w+)\s*(?:(\w+\(\))|.*?\b(?:from|into|update|table)\s+([\w.\"]+))?", re.I | re.S
)

Phase = dict[str, Any]
"""A phase as a scenario has it; a duration may be an array of observed ones, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Callee:
    """What a call is to.

    Attributes:
        label: the label of its phase.
        resource: the resource of which its request keeps a slot meanwhile; None for none.
        releases: whether the request gives that back when the call returns.
        on: the resource that the call itself occupies; None for none.
        remote: the service that is called, and what it does; None if it is only waited for.
    """

    label: str
    resource: str | None = None
    releases: bool = False
    on: str | None = None
    remote: Remote | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Remote:
    """A service that is called, what it does, and how long the network takes, each way."""

    service: str
    phases: Sequence[Phase]
    network_ns: Int64s


def callees(visits: Visits, pools: Mapping[str, int]) -> list[Callee]:
    """Return what each label calls; calls of *pools* need a slot of them.

    A pool has the calls whose labels contain its name. The calls of databases are of the pool
    ``db``, or of the only pool that has no calls by its name.

    Raises:
        InputError: a pool has no calls.
    """
    found = []
    called = {call.label for visit in visits.visits for call in visit.calls}
    texts = [visits.labels[label].lower() for label in called]
    unnamed = [pool for pool in pools if not any(pool.lower() in text for text in texts)]
    database = "db" if "db" in unnamed else unnamed[0] if len(unnamed) == 1 else None
    for at, label in enumerate(visits.labels):
        pool = next((each for each in pools if each.lower() in label.lower()), None)
        if pool is None and at in visits.databases:
            pool = database
        releases = any(word in label.lower() for word in _RELEASES)
        found.append(Callee(_short(label), pool, releases))
    for pool in pools:
        if all(found[label].resource != pool for label in called):
            known = listed([found[label].label for label in sorted(called)])
            raise InputError(f"--pool {pool}: no call is of it; the calls are {known or 'none'}")
    return found


def _short(label: str) -> str:
    """Return what a call is called: of a query, what it does to which table."""
    _, is_query, statement = label.partition(": ")
    if is_query and (found := _QUERY.match(statement)):
        verb, function, table = found[1].lower(), found[2], found[3]
        return f"{verb} {function or table}" if function or table else verb
    return label if len(label) <= _LONGEST else label[: _LONGEST - 3].rstrip() + "..."


@dataclass(frozen=True, slots=True)
class Program:
    """Writes the phases of a request.

    Attributes:
        callees: what calls are to, by their labels in the stages.
        duration: returns the duration of a leaf.
        times: returns how often the repetition with this number is made.
        yields_ns: of the leaves of computing in which the request lets others run, after how long.
    """

    callees: Sequence[Callee]
    duration: Callable[[int], Any]
    times: Callable[[int], Any]
    yields_ns: Mapping[int, int] = field(default_factory=dict)

    def phases(self, form: Form, first: int) -> list[Phase]:
        """Return the phases of *form*, whose leaves are numbered from *first* on."""
        nodes: list[_Node] = []
        repeats = 0
        for part in form:
            if isinstance(part, Again):
                inner: list[_Node] = []
                for stage in part.unit:
                    first = self._add(inner, stage, first)
                again = {"repeat": {"times": self.times(repeats), "phases": self._held(inner)}}
                whole = _resource_of_all(inner)
                if whole:
                    again["repeat"]["phases"] = [node.phase for node in inner]
                nodes.append(_Node(again, whole, waits=True))
                repeats += 1
            else:
                first = self._add(nodes, part, first)
        return self._held([*nodes, *self._computing(first)])

    def _add(self, nodes: list[_Node], stage: Stage, first: int) -> int:
        """Add the phases of a stage, the computing before it first; return the next leaf."""
        nodes += self._computing(first)
        if len(stage) == 1:
            calls, first = self._lane(stage[0], first)
            nodes += calls
            return first
        branches = []
        for number, lane in enumerate(stage):
            # The computing before the first lane is that before they part.
            before = self._computing(first) if number else []
            calls, first = self._lane(lane, first)
            branches.append(self._held([*before, *calls]))
        nodes.append(_Node({"parallel": branches}, waits=True))
        return first

    def _lane(self, lane: Lane, first: int) -> tuple[list[_Node], int]:
        """Return the phases of a lane from its first call on, and the next leaf."""
        nodes: list[_Node] = []
        for label in lane:
            if nodes:
                nodes += self._computing(first)
            callee = self.callees[label]
            call: Phase = {"io": self.duration(first + 1), "label": callee.label}
            if (remote := callee.remote) is not None:
                call = {"call": remote.service, "phases": remote.phases}
                call |= {"network": remote.network_ns, "label": callee.label}
            if callee.on:
                call["on"] = callee.on
            nodes.append(_Node(call, callee.resource, callee.releases, waits=True))
            first += 2
        return nodes, first

    def _computing(self, leaf: int) -> list[_Node]:
        """Return the computing of a leaf, which waiting for nothing divides where it yields."""
        duration = self.duration(leaf)
        if leaf not in self.yields_ns:
            return [_Node({"cpu": duration})]
        before = np.minimum(duration, self.yields_ns[leaf])
        phases: list[Phase] = [{"io": "0s", "label": YIELDS}, {"cpu": duration - before}]
        if before.any():
            phases.insert(0, {"cpu": before})
        return [_Node(phase) for phase in phases]

    def _held(self, nodes: Sequence[_Node]) -> list[Phase]:
        """Return phases in which a slot is kept from the first call that needs it to its release.

        Without a call that releases it, it is kept until the last call that needs it before another
        wait.
        """
        phases: list[Phase] = []
        at = 0
        while at < len(nodes):
            resource = nodes[at].resource
            if resource is None:
                phases.append(nodes[at].phase)
                at += 1
                continue
            end = _end_of_hold(nodes, at, resource)
            inside = [node.phase for node in nodes[at : end + 1]]
            phases.append({"hold": resource, "phases": inside})
            at = end + 1
        return phases


@dataclass(frozen=True, slots=True)
class _Node:
    phase: Phase
    resource: str | None = None
    releases: bool = False
    waits: bool = False


def _end_of_hold(nodes: Sequence[_Node], at: int, resource: str) -> int:
    end = at
    for position in range(at, len(nodes)):
        node = nodes[position]
        if node.resource == resource:
            end = position
            if node.releases:
                break
        elif node.waits:
            rest = nodes[position:]
            released = next((each for each in rest if each.resource == resource), None)
            # Something else between two calls of one hold: it is only known by the release.
            if released is None or not released.releases:
                break
    return end


def _resource_of_all(nodes: Sequence[_Node]) -> str | None:
    """Return the resource that all calls among *nodes* need and none of them releases."""
    calls = [node for node in nodes if node.waits]
    resources = {node.resource for node in calls}
    kept = len(resources) == 1 and not any(node.releases for node in calls)
    return next(iter(resources)) if kept else None
