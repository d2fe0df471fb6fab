"""What a sweep will simulate: its parameters, and its points with their scenarios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from simsched.errors import InputError, ScenarioError
from simsched.experiment.runner import prepare
from simsched.scenario import Scenario
from simsched.scenario.file import tree
from simsched.scenario.file.overriding import parse_option
from simsched.scenario.file.tree import dotted
from simsched.scenario.file.wording import flow
from simsched.scenario.loading import with_objectives
from simsched.scenario.model.objectives import Slo
from simsched.scenario.sweep.loading import load_sweep
from simsched.scenario.sweep.paths import Setting, Settings, within
from simsched.scenario.sweep.points import MOST_POINTS, MOST_POINTS_EVER, Sweep, check_values
from simsched.scenario.sweep.ranges import quantity
from simsched.statistics.words.parameters import titles

__all__ = ["MOST_POINTS", "MOST_POINTS_EVER", "Parameter", "Plan", "Point", "Value", "plan"]

Kind = Literal["duration", "rate", "number", "text"]
"""The kind of a parameter's values: durations in seconds, rates per second, numbers, or text."""


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a parameter at a point: its ``text``, and the ``number`` where it is one."""

    text: str
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """What is varied: a path of the scenario, the kind of its values, and its title in words."""

    name: str
    kind: Kind
    title: str


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
            InputError: its values do not go together.
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
    source: str | Path | Mapping[str, object],
    overrides: Sequence[str] = (),
    most: int = MOST_POINTS,
    seed: int | None = None,
    replications: int | None = None,
) -> Plan:
    """Return what a sweep will simulate.

    Args:
        source: a sweep file, or what such a file would hold.
        overrides: changes to the scenario, as in ``servers.cooperative.workers=2``.
        most: the most points that there may be, up to a million.
        seed: replaces the scenarios' own.
        replications: how often to simulate each point, in place of what the scenarios say.

    Every value is tried in a point before this returns. A point whose values do not go together,
    though each of them is valid elsewhere, is part of the plan all the same.

    Raises:
        InputError: the file cannot be used (a ScenarioError holds every fault found), or an
            argument would have no effect, as the sweep varies the same value.
    """
    sweep = load_sweep(source, overrides, most)
    check_given(sweep, overrides, seed, replications)
    check_values(sweep)
    columns = [_column(sweep, steps) for steps in sweep.paths]
    names = [dotted(steps, longest=None) for steps in sweep.paths]
    kinds = list(map(_kind, columns))
    values = zip(*map(_values, columns), strict=True)
    points = zip(sweep.points, values, strict=True)
    return Plan(
        name=_own(sweep, "name") or ("sweep" if isinstance(source, Mapping) else Path(source).stem),
        description=_own(sweep, "description"),
        parameters=tuple(map(Parameter, names, kinds, titles(sweep.paths, sweep.base()))),
        points=tuple(Point(n, settings, values) for n, (settings, values) in enumerate(points, 1)),
        notes=sweep.notes,
        sweep=sweep,
        seed=seed,
        replications=replications,
    )


def _column(sweep: Sweep, path: tree.Path) -> list[object]:
    """Return the value at *path* in each point, as in a file; None where there is none.

    A default is looked up once for all points in which the same settings decide on it.
    """
    found: list[object] = []
    defaults: dict[object, object] = {}
    for point in sweep.points:
        if (node := sweep.value(point, path)) is not None:
            found.append(node.data())
            continue
        decisive = tuple(each.identity for each in point if _decides(each, path))
        if decisive not in defaults:
            with suppress(ScenarioError):  # another point may be a valid scenario
                defaults[decisive] = _default(sweep.scenario(point), path)
        found.append(defaults.get(decisive))
    return found


def _decides(setting: Setting, path: tree.Path) -> bool:
    """Return whether the default at *path* may depend on *setting*."""
    *above, last = setting.path
    return within(path, setting.path) or (last == "model" and within(path, tuple(above)))


def _default(scenario: Scenario, path: tree.Path) -> object:
    """Return the value at *path* in *scenario*; None where there is none."""
    found: object = scenario.model_dump(by_alias=True)
    for step in path:
        if not isinstance(found, dict) or step not in found:
            return None
        found = found[step]
    return found


def _own(sweep: Sweep, key: str) -> str:
    """Return the text under *key* of the file itself; points may have their own."""
    text = sweep.base().get(key)
    return text if isinstance(text, str) else ""


def _values(column: Sequence[object]) -> Iterator[Value | None]:
    """Yield the values in *column*, each of which is parsed once."""
    found = {text: _value(data) for text, data in _distinct(column).items()}
    return (found[repr(data)] for data in column)


def _distinct(column: Sequence[object]) -> dict[str, object]:
    """Return the values in *column* once each, by their repr, in which 1 and 1.0 differ."""
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

    An override is made before the changes of the points, so it has an effect if one of them leaves
    that value alone. A seed or a number of replications would replace those of all points.

    Raises:
        InputError: something that is swept is given.
    """
    for option in overrides:
        path, _ = parse_option(option)
        holding = [_holding(point, path) for point in sweep.points]
        if holding and all(holding):
            raise _no_effect(f"--set {dotted(path)}", holding[0][0])
    given = {"seed": seed, "replications": replications}
    for key, value in given.items():
        if value is not None and ("run", key) in sweep.paths:
            raise _no_effect(f"--{key}", ("run", key))


def check_objectives_given(sweep: Sweep) -> None:
    """Refuse objectives in place of the scenarios' own if *sweep* varies these.

    Raises:
        InputError: it does.
    """
    for path in sweep.paths:
        if path[0] == "slo":
            raise _no_effect("--slo", path)


def _holding(point: Settings, path: tree.Path) -> list[tree.Path]:
    """Return the paths that *point* sets and that contain *path*."""
    return [each.path for each in point if within(path, each.path)]


def _no_effect(option: str, path: tree.Path) -> InputError:
    return InputError(
        f"{option}: {dotted(path)} is swept; leave the option out, or change the values in the "
        "sweep"
    )
