"""Which values of a point make a fault that shows elsewhere, as in a key of the scenario itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from simsched.errors import Fault
from simsched.scenario.problem import dotted
from simsched.scenario.sweep_settings import Setting, Settings, within

Faults = Callable[[Settings], Sequence[Fault]]
"""Gives what is wrong with the scenario of a point."""


def explained(point: Settings, faults_of: Faults) -> Iterator[Fault]:
    """Yield the faults of *point*; those that its values make elsewhere name these values.

    A value makes a fault that is not there without it.
    """
    found = faults_of(point)
    without = [(each, faults_of(_without(point, each))) for each in point]
    for fault in found:
        makers = [
            each
            for each, rest in without
            if fault not in rest
            and not _covers(each, fault)
            and (set(rest) <= set(found) or _beside(each, fault))
        ]
        yield _naming(fault, makers) if makers else fault


def _without(point: Settings, setting: Setting) -> Settings:
    # A detail may have no place without the whole that it is of.
    return tuple(each for each in point if not within(each.path, setting.path))


def _covers(setting: Setting, fault: Fault) -> bool:
    """Return whether *fault* is about *setting* itself."""
    name = setting.name
    return fault.path == name or fault.path.startswith((f"{name}.", f"{name}["))


def _beside(setting: Setting, fault: Fault) -> bool:
    """Return whether *fault* is about what stands beside *setting*.

    Of what stands elsewhere, nothing can be told if the scenario is none without the setting.
    """
    return fault.path.startswith(f"{dotted(setting.path[:-1])}.")


def _naming(fault: Fault, makers: Sequence[Setting]) -> Fault:
    values = " and ".join(f"{each.name}: {each.text}{_place(each)}" for each in makers)
    message = f"{fault.message}, in points with {values}"
    return replace(fault, message=message, hint=fault.hint or _hint(makers))


def _place(setting: Setting) -> str:
    place = setting.node.place
    return f" ({place.source}:{place.line}:{place.column})"


def _hint(makers: Sequence[Setting]) -> str:
    for each in makers:
        *above, last = each.path
        if last == "model" and above:
            return f"sweep {dotted(tuple(above))} as a whole, each with the keys of its model"
    return "leave these points out"
