"""The value of a scenario that a search varies: where it stands, and how it is written."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from simsched import units
from simsched.errors import Fault, InputError, ScenarioError
from simsched.scenario.dumping import dump
from simsched.scenario.file.composing import compose
from simsched.scenario.file.overriding import NowhereError, parse_path
from simsched.scenario.file.tree import Node, Path, ScalarNode, at
from simsched.scenario.file.wording import closest, counted, describe, listed, quote
from simsched.scenario.model.scenario import Scenario

Kind = Literal["rate", "count", "duration", "number"]
"""What is varied: a rate per second, a whole number, nanoseconds, or a number without a unit."""

Load = Callable[[Sequence[str]], Scenario]
"""Makes the scenario, with overrides as in ``servers.cooperative.workers=2``."""

RATE = "workload.open.rate"
USERS = "workload.closed.users"

DIGITS = 6
"""The significant digits of the values that are tried."""

_COUNT = re.compile(r"[0-9]+")
_SHOWN_DIGITS = 4
_SAMPLES: dict[Kind, str] = {"count": "2", "number": "1.5", "duration": "10ms", "rate": "10/s"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a search varies.

    Attributes:
        path: where it stands in the scenario, as after ``--set``.
        kind: what it is.
        start: what it is in the scenario; a rate per second, a duration in nanoseconds.
    """

    path: str
    kind: Kind
    start: float

    @property
    def is_load(self) -> bool:
        """Whether it is how much is asked of the servers, so that more of it is never better."""
        return self.path in {RATE, USERS}

    def snap(self, value: float) -> float:
        """Return the value nearest to *value* that can be tried."""
        rounded = float(f"{value:.{DIGITS - 1}e}")
        if self.kind in {"count", "duration"}:
            return float(max(1, round(rounded)))
        return rounded

    def option(self, value: float) -> str:
        """Return the override that sets *value*."""
        return f"{self.path}={self.text(value)}"

    def text(self, value: float) -> str:
        """Return *value* as a scenario file has it."""
        if self.kind == "rate":
            return units.write_rate(value)
        if self.kind == "duration":
            return units.write_duration(round(value))
        return str(round(value)) if self.kind == "count" else repr(value)

    def show(self, value: float) -> str:
        """Return *value* as people read it: ``212.4/s``, ``12 users``, ``4``, ``12.5 ms``."""
        if self.kind == "count":
            return counted(round(value), "user") if self.path == USERS else f"{value:,.0f}"
        if self.kind == "duration":
            return units.format_duration(value / units.SECOND, _SHOWN_DIGITS)
        shown = units.format_number(value, _SHOWN_DIGITS)
        return f"{shown}/s" if self.kind == "rate" else shown


def find(load: Load, path: str | None) -> Parameter:
    """Return what is to be varied: the value at *path*, or else the load of the scenario.

    Raises:
        InputError: there is no such value, or it is none that can be varied.
    """
    scenario = load(())
    if path is None:
        return _load_of(scenario)
    try:
        steps = parse_path(path)
    except NowhereError as error:
        raise ScenarioError((Fault(f"--for {path}", error.message, hint=error.hint),)) from None
    _check_names(scenario, steps, path)
    return _written(load, path, _node(scenario, steps))


def _check_names(scenario: Scenario, steps: Path, path: str) -> None:
    """Refuse a path to a server or a resource that there is not: it would make a new one.

    Raises:
        ScenarioError: there is none.
    """
    known: dict[str | int, list[str]] = {
        "servers": list(scenario.servers),
        "resources": list(scenario.resources),
    }
    if len(steps) < 2 or steps[0] not in known:  # noqa: PLR2004
        return
    names, name = known[steps[0]], str(steps[1])
    if name not in names:
        kind = str(steps[0]).removesuffix("s")
        near = closest(name, names)
        hint = f"did you mean {quote(near)}?" if near else ""
        if names and not near:
            hint = f"there are {listed(names)}"
        message = f"there is no {kind} {quote(name)}"
        raise ScenarioError((Fault(f"--for {path}", message, hint=hint),))


def _load_of(scenario: Scenario) -> Parameter:
    """Return the rate of arrival, or the number of users."""
    opened, closed = scenario.workload.open, scenario.workload.closed
    if closed is not None and closed.stages is not None:
        raise InputError(
            f"{scenario.name}: the number of users changes, so there is no one number to search; "
            "leave out workload.closed.stages, or name another value with --for"
        )
    if closed is not None:
        return Parameter(USERS, "count", float(closed.users))
    if opened is None:
        kind = "schedule" if scenario.workload.schedule else "trace"
        raise InputError(
            f"{scenario.name}: a {kind} has no rate to search; write workload.open.rate or "
            "workload.closed.users, or name another value with --for"
        )
    if not isinstance(opened.rate, float):
        what = "the times between arrivals are given" if opened.rate is None else "the rate changes"
        raise InputError(
            f"{scenario.name}: {what}, so there is no one rate to search; write "
            f"{RATE} as one rate, or name another value with --for"
        )
    return Parameter(RATE, "rate", opened.rate)


def _node(scenario: Scenario, path: Path) -> Node | None:
    """Return what stands at *path* in the scenario; None where it is left out, or nothing is."""
    return at(compose(dump(scenario), scenario.name).root, path)


def _written(load: Load, path: str, node: Node | None) -> Parameter:
    """Return the parameter at *path*, whose value in the scenario is *node*."""
    if node is None:
        return _left_out(load, path)
    kind_and_start = _read(node.text) if isinstance(node, ScalarNode) else None
    if kind_and_start is None:
        raise InputError(
            f"--for {path}: {describe(node.data())} is no number, duration or rate to search"
        )
    kind, start = kind_and_start
    if kind == "count" and _is_possible(load, path, f"{start + 0.5}"):
        kind = "number"
    return Parameter(path, kind, start or _least(kind))


def _left_out(load: Load, path: str) -> Parameter:
    """Return the parameter at *path*, which has its default: what it may be is tried."""
    for kind, sample in _SAMPLES.items():
        if _is_possible(load, path, sample):
            found = _read(sample)
            if kind == "count" and _is_possible(load, path, "2.5"):
                continue
            return Parameter(path, kind, 1.0 if found is None or kind == "count" else found[1])
    _complain(load, path, _SAMPLES["count"])
    raise InputError(f"--for {path}: there is no number, duration or rate to search")


def _complain(load: Load, path: str, text: str) -> None:
    """Raise what is wrong with *text* at *path*, if anything is, as said of ``--for``.

    Raises:
        ScenarioError: it holds every fault.
    """
    try:
        load((f"{path}={text}",))
    except ScenarioError as error:
        raise ScenarioError(
            tuple(
                replace(fault, file="--for") if fault.file.startswith("--set ") else fault
                for fault in error.faults
            )
        ) from None


def _is_possible(load: Load, path: str, text: str) -> bool:
    try:
        load((f"{path}={text}",))
    except InputError:
        return False
    return True


def _read(text: str) -> tuple[Kind, float] | None:
    """Return what kind of value *text* is, and the value; None if it is none to vary."""
    if _COUNT.fullmatch(text):
        return "count", float(text)
    for kind, parse in _PARSERS:
        try:
            value = float(parse(text))
        except ValueError:
            continue
        if math.isfinite(value) and value >= 0:
            return kind, value
    return None


def _least(kind: Kind) -> float:
    """Return where to begin with a value that is 0."""
    return float(units.SECOND // 1000) if kind == "duration" else 1.0


_PARSERS: tuple[tuple[Kind, Callable[[str], float]], ...] = (
    ("duration", units.parse_duration),
    ("rate", units.parse_rate),
    ("number", float),
)
