"""The value of a scenario that a search varies: its path, its kind, and how it is written."""

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
from simsched.scenario.file.tree import Node, Path, ScalarNode, at, dotted
from simsched.scenario.file.wording import closest, counted, describe, listed, quote
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.workload import Source

Kind = Literal["rate", "count", "duration", "number"]
"""What is varied: a rate per second, a whole number, nanoseconds, or a number without a unit."""

MakeScenario = Callable[[Sequence[str]], Scenario]
"""Makes the scenario, with overrides as in ``servers.cooperative.workers=2``."""

RATE = "workload.open.rate"
USERS = "workload.closed.users"

DIGITS = 6
"""The significant digits of the values that are tried: enough for any answer, short to read."""

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
        # So that what is reported is what was simulated, and finds the same journal entry again.
        rounded = float(f"{value:.{DIGITS - 1}e}")
        if self.kind in {"count", "duration"}:
            return float(max(1, round(rounded)))
        return rounded

    def option(self, value: float) -> str:
        """Return the override that sets *value*."""
        return f"{self.path}={self.text(value)}"

    def text(self, value: float) -> str:
        """Return *value* as it is written in a scenario file."""
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


def find(load: MakeScenario, path: str | None) -> Parameter:
    """Return what to vary: the value at *path*, or the load of the scenario if that is None.

    Raises:
        InputError: there is no such value, or it cannot be varied.
    """
    scenario = load(())
    if path is None:
        return _load_of(scenario)
    try:
        steps = parse_path(path)
    except NowhereError as error:
        raise ScenarioError((Fault(f"--for {path}", error.message, hint=error.hint),)) from None
    _check_names(scenario, steps, path)
    return _written(load, path, at(compose(dump(scenario), scenario.name).root, steps))


def _check_names(scenario: Scenario, steps: Path, path: str) -> None:
    """Refuse a path to an unknown server, service or resource, which an override would create.

    Raises:
        ScenarioError: there is none of that name.
    """
    section, name = (*map(str, steps[:2]), "", "")[:2]
    sections = ("servers", "services", "resources")
    known = {each: list(getattr(scenario, each)) for each in sections}
    if name and section in known and name not in known[section]:
        message = f"there is no {section.removesuffix('s')} {quote(name)}"
        hint = f"there are {listed(known[section])}" if known[section] else ""
        if near := closest(name, known[section]):
            hint = f"did you mean {quote(near)}?"
        raise ScenarioError((Fault(f"--for {path}", message, hint=hint),))


def _key_of_load(source: Source) -> Path:
    """Return the keys of the one number that says how much *source* asks; none where none does."""
    if source.closed is not None and source.closed.stages is None:
        return "closed", "users"
    if source.open is not None and isinstance(source.open.rate, float):
        return "open", "rate"
    return ()


def _load_of(scenario: Scenario) -> Parameter:
    """Return the rate of arrival, or the number of users."""
    if scenario.workload.streams is not None:
        streams = scenario.workload.streams
        loads = [(name, *load) for name, each in streams.items() if (load := _key_of_load(each))]
        named = f", such as {dotted(('workload', *loads[0]))}" if loads else ""
        raise InputError(
            f"{scenario.name}: the workload has the streams {listed(list(streams))}; name the value"
            f" to search with --for{named}"
        )
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


def _written(load: MakeScenario, path: str, node: Node | None) -> Parameter:
    """Return the parameter at *path*, where the scenario has *node*; None if it has nothing."""
    if node is None:
        return _left_out(load, path)
    kind_and_start = _read(node.text) if isinstance(node, ScalarNode) else None
    if kind_and_start is None:
        raise InputError(
            f"--for {path}: {describe(node.data())} is no number, duration or rate to search"
        )
    kind, start = kind_and_start
    # A whole number in the file may be of a value that takes any number.
    if kind == "count" and _is_possible(load, path, f"{start + 0.5}"):
        kind = "number"
    return Parameter(path, kind, start or _least(kind))


def _left_out(load: MakeScenario, path: str) -> Parameter:
    """Return the parameter at *path*, which has its default.

    A default may be None, so samples show which kinds of value the path takes.

    Raises:
        InputError: it takes none that can be searched.
    """
    for kind, sample in _SAMPLES.items():
        if _is_possible(load, path, sample):
            found = _read(sample)
            if kind == "count" and _is_possible(load, path, "2.5"):
                continue
            return Parameter(path, kind, 1.0 if found is None or kind == "count" else found[1])
    try:
        load((f"{path}={_SAMPLES['count']}",))
    except ScenarioError as error:  # the user gave --for, not the override that was tried
        faults = error.faults
        raise ScenarioError(
            tuple(replace(f, file="--for") if f.file.startswith("--set ") else f for f in faults)
        ) from None
    raise InputError(f"--for {path}: there is no number, duration or rate to search")


def _is_possible(load: MakeScenario, path: str, text: str) -> bool:
    try:
        load((f"{path}={text}",))
    except InputError:
        return False
    return True


def _read(text: str) -> tuple[Kind, float] | None:
    """Return what kind of value *text* is, and the value; None if it cannot be varied."""
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
