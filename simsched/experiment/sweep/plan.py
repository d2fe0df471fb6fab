"""What a sweep will simulate: its parameters, and its points with their scenarios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from simsched.errors import InputError
from simsched.experiment.runner import prepare
from simsched.experiment.sweep.columns import column
from simsched.scenario import Scenario
from simsched.scenario.file import tree
from simsched.scenario.file.overriding import parse_option
from simsched.scenario.file.tree import dotted
from simsched.scenario.file.wording import flow
from simsched.scenario.loading import with_objectives
from simsched.scenario.model.objectives import Slo
from simsched.scenario.sweep.checks import check_values
from simsched.scenario.sweep.loading import load_sweep
from simsched.scenario.sweep.paths import Settings, within
from simsched.scenario.sweep.points import MOST_POINTS, MOST_POINTS_EVER, Sweep
from simsched.scenario.sweep.ranges import quantity

__all__ = ["MOST_POINTS", "MOST_POINTS_EVER", "Parameter", "Plan", "Point", "Value", "plan"]

Kind = Literal["duration", "rate", "number", "text"]
"""What the values of a parameter are: durations in seconds, rates per second, numbers, or text."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a parameter is at a point: ``text`` as it is written, ``number`` where it is one."""

    text: str
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """What is varied: a path of the scenario, and what its values are."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Point:
    """One scenario of a sweep.

    Attributes:
        number: its place in the sweep, from 1.
        settings: the values that it puts into the scenario.
        values: that of each parameter, in their order; None where the scenario has none.
    """

    number: int
    settings: Settings
    values: tuple[Value | None, ...]


@dataclass(frozen=True)
class Plan:
    """All that a sweep will simulate.

    Attributes:
        name: the sweep's name: that of its scenario, or of the file where each point has its own.
        description: what it is about.
        parameters: what is varied, in the order of the file.
        points: the points, in the order of the file.
        notes: sentences for the reader.
        sweep: the sweep as it was written.
        seed: replaces the scenarios' own.
        replications: how often to simulate each point, in place of what the scenarios say.
        slo: the objectives, in place of the scenarios' own.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    points: tuple[Point, ...]
    notes: tuple[str, ...]
    sweep: Sweep
    seed: int | None = None
    replications: int | None = None
    slo: Mapping[str, Slo] | None = None

    def scenario(self, point: Point) -> Scenario:
        """Return the scenario of *point*, prepared as for :func:`simsched.experiment.run`.

        Raises:
            InputError: it is none: its values do not go together.
        """
        scenario = self.sweep.scenario(point.settings)
        if self.slo is not None:
            scenario = with_objectives(scenario, self.slo)
        return prepare([scenario], self.seed, self.replications)[0]

    def with_objectives(self, slo: Mapping[str, Slo]) -> Plan:
        """Return the same points, judged by *slo* in place of the scenarios' own objectives.

        Raises:
            InputError: a scenario lacks what a limit names, or the sweep varies the objectives.
        """
        check_objectives_given(self.sweep)
        if (scenario := next(self._possible(), None)) is not None:
            with_objectives(scenario, slo)
        return replace(self, slo=slo)

    def _possible(self) -> Iterator[Scenario]:
        """Yield the scenarios of the points whose values go together; the others fail later."""
        for point in self.points:
            with suppress(InputError):
                yield self.sweep.scenario(point.settings)


def plan(
    path: str | Path,
    overrides: Sequence[str] = (),
    most: int = MOST_POINTS,
    seed: int | None = None,
    replications: int | None = None,
) -> Plan:
    """Return what the sweep in the file *path* will simulate.

    Args:
        path: a sweep file.
        overrides: changes to the scenario, as in ``servers.cooperative.workers=2``.
        most: the most points that there may be, up to a million.
        seed: replaces the scenarios' own.
        replications: how often to simulate each point, in place of what the scenarios say.

    Every value is tried in a point before this returns. A point whose values do not go together,
    though each of them can be used elsewhere, is part of the plan all the same.

    Raises:
        InputError: the file cannot be used (a ScenarioError holds every fault found), or what is
            given has no say, as the sweep varies it.
    """
    sweep = load_sweep(path, overrides, most)
    check_given(sweep, overrides, seed, replications)
    check_values(sweep)
    columns = [column(sweep, steps) for steps in sweep.paths]
    names = [dotted(steps, longest=None) for steps in sweep.paths]
    kinds = list(map(_kind, columns))
    values = zip(*map(_values, columns), strict=True)
    points = zip(sweep.points, values, strict=True)
    return Plan(
        name=_own(sweep, "name") or Path(path).stem,
        description=_own(sweep, "description"),
        parameters=tuple(map(Parameter, names, kinds)),
        points=tuple(Point(n, settings, values) for n, (settings, values) in enumerate(points, 1)),
        notes=sweep.notes,
        sweep=sweep,
        seed=seed,
        replications=replications,
    )


def _own(sweep: Sweep, key: str) -> str:
    """Return the text under *key* of the file itself: those of the points are values of theirs."""
    text = sweep.base().get(key)
    return text if isinstance(text, str) else ""


def _values(column: Sequence[object]) -> Iterator[Value | None]:
    """Yield the values in *column*, each of which is read once."""
    found = {text: _value(data) for text, data in _distinct(column).items()}
    return (found[repr(data)] for data in column)


def _distinct(column: Sequence[object]) -> dict[str, object]:
    """Return the values in *column* once each, by what tells 1 from 1.0 and from true."""
    return {repr(data): data for data in column}


def _value(data: object) -> Value | None:
    if data is None:
        return None
    found = quantity(data)
    return Value(flow(data), None if found is None else found.value)


def _kind(column: Sequence[object]) -> Kind:
    found = [quantity(data) for data in _distinct(column).values() if data is not None]
    units: set[Kind] = {"text" if each is None else each.unit for each in found}
    return units.pop() if len(units) == 1 else "text"


def check_given(
    sweep: Sweep,
    overrides: Sequence[str],
    seed: int | None,
    replications: int | None,
) -> None:
    """Refuse what *sweep* varies itself.

    An override is made before the changes of the points: it has a say as long as one of them leaves
    it as it is. A seed, and a number of replications, would be put in the place of all of theirs.

    Raises:
        InputError: something is given that is swept.
    """
    for option in overrides:
        path, _ = parse_option(option)
        holding = [_holding(point, path) for point in sweep.points]
        if holding and all(holding):
            raise _no_say(f"--set {dotted(path)}", holding[0][0])
    given = {"seed": seed, "replications": replications}
    for key, value in given.items():
        if value is not None and ("run", key) in sweep.paths:
            raise _no_say(f"--{key}", ("run", key))


def check_objectives_given(sweep: Sweep) -> None:
    """Refuse objectives in the place of the scenarios' own where *sweep* varies these.

    Raises:
        InputError: it does.
    """
    for path in sweep.paths:
        if path[0] == "slo":
            raise _no_say("--slo", path)


def _holding(point: Settings, path: tree.Path) -> list[tree.Path]:
    """Return what *point* sets that holds the value at *path*."""
    return [each.path for each in point if within(path, each.path)]


def _no_say(option: str, path: tree.Path) -> InputError:
    return InputError(
        f"{option}: {dotted(path)} is swept; leave the option out, or change the values in the "
        "sweep"
    )
