"""Which values of a point make a fault that shows elsewhere, as in a key of the scenario itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from simsched.errors import Fault
from simsched.scenario.problem import dotted
from simsched.scenario.sweep.settings import Setting, Settings, within
from simsched.scenario.wording import quote


@dataclass(frozen=True)
class Trial:
    """What is known of the points that were tried.

    Attributes:
        faults_of: gives what is wrong with the scenario of a point.
        fine: the identities of the settings with which a point was a scenario.
    """

    faults_of: Callable[[Settings], Sequence[Fault]]
    fine: Collection[object]


def explained(point: Settings, trial: Trial) -> Iterator[Fault]:
    """Yield the faults of *point*; those that its values make elsewhere name these values.

    A value makes a fault that is not there without it.
    """
    for fault, makers in _blamed(point, trial):
        yield _naming(fault, makers) if makers else fault


def independent(point: Settings, trial: Trial) -> Iterator[Fault]:
    """Yield the faults of *point* that are there whatever its other values are."""
    models = [each for each in point if each.path[-1] == "model"]
    for fault, makers in _blamed(point, trial):
        # With another model, what stands beside it might be right.
        if not makers and not any(_beside(each, fault) for each in models):
            yield fault


def own(point: Settings, trial: Trial) -> Iterator[Fault]:
    """Yield the independent faults of *point* that are about one of its values itself."""
    for fault in independent(point, trial):
        if any(covers(each, fault) for each in point):
            yield fault


def _blamed(point: Settings, trial: Trial) -> Iterator[tuple[Fault, Sequence[Setting]]]:
    """Yield the faults of *point*, each with the values that make it and that it is not about."""
    found = trial.faults_of(point)
    without = [(each, trial.faults_of(_without(point, each))) for each in point]
    for fault in found:
        others = [(each, rest) for each, rest in without if not covers(each, fault)]
        makers = [
            each
            for each, rest in others
            if fault not in rest and (set(rest) <= set(found) or _beside(each, fault))
        ]
        yield fault, makers or _strange(point, fault, trial)


def _strange(point: Settings, fault: Fault, trial: Trial) -> Sequence[Setting]:
    """Return the values that go with nothing beside one that *fault* is about, and that is fine."""
    if not any(covers(each, fault) and each.identity in trial.fine for each in point):
        return ()
    return [
        each
        for each in point
        if not covers(each, fault) and _beside(each, fault) and each.identity not in trial.fine
    ]


def _without(point: Settings, setting: Setting) -> Settings:
    # A detail may have no place without the whole that it is of.
    return tuple(each for each in point if not within(each.path, setting.path))


def covers(setting: Setting, fault: Fault) -> bool:
    """Return whether *fault* is about *setting* itself."""
    name = dotted(setting.path)
    return fault.path == name or fault.path.startswith((f"{name}.", f"{name}["))


def _beside(setting: Setting, fault: Fault) -> bool:
    """Return whether *fault* is about what stands beside *setting*.

    Of what stands elsewhere, nothing can be told if the scenario is none without the setting.
    """
    return fault.path.startswith(f"{dotted(setting.path[:-1])}.")


def _naming(fault: Fault, makers: Sequence[Setting]) -> Fault:
    message = f"{fault.message}, in points with {' and '.join(map(_placed, makers))}"
    return replace(fault, message=message, hint=fault.hint or _hint(makers))


def _placed(setting: Setting) -> str:
    place = setting.node.place
    value = f"{dotted(setting.path)}: {quote(setting.text)}"
    return f"{value} ({place.source}:{place.line}:{place.column})"


def _hint(makers: Sequence[Setting]) -> str:
    for each in makers:
        *above, last = each.path
        if last == "model" and above:
            return f"sweep {dotted(tuple(above))} as a whole, each with the keys of its model"
    return "leave these points out"
