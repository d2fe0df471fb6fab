"""Whether the values of a sweep can be used at all, and which of them is to blame.

A value that no point can have is a mistake in the file. A point that cannot be, though each of its
values can elsewhere, is one that fails: the others go on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.overriding import NowhereError
from simsched.scenario.file.problems import report
from simsched.scenario.file.tree import MOST_FAULTS, dotted
from simsched.scenario.file.wording import quote
from simsched.scenario.sweep.paths import Setting, Settings, within
from simsched.scenario.sweep.points import Sweep

MOST_TRIED = 20
"""In how many points a value is tried before it counts as one that cannot be used."""


def check_values(sweep: Sweep) -> None:
    """Try every value of *sweep* in a point that has it; of values drawn for a path, one.

    Raises:
        ScenarioError: some values cannot be used; it holds the faults of all of them.
    """
    fine, unusable = _tried(sweep)
    # If there is no scenario at all, the faults of one point repeat in the others.
    explained = _explained(sweep, unusable if fine else sweep.points[:1], fine)
    faults = list(islice(explained, MOST_FAULTS + 1))
    if not fine:
        faults += (fault for point in unusable for fault in _own(sweep, point))
    if found := report((), replace(sweep.document, faults=faults)):
        raise ScenarioError(found)


def independent(sweep: Sweep) -> list[Fault]:
    """Return the faults that are there whatever else is: not all of the points may be known."""
    fine, unusable = _tried(sweep)
    everywhere = [] if fine else _faults(sweep, ())
    first = (fault for point in sweep.points[:1] for fault in _faults(sweep, point))
    own = (fault for point in unusable for fault in _own(sweep, point))
    return [*(fault for fault in first if fault in everywhere), *own]


def impossible(sweep: Sweep, settings: Settings) -> Iterator[Fault]:
    """Yield the faults that *settings*, which no point has, have themselves."""
    paths = {each.path for each in settings}
    rest = (each for point in sweep.points[:1] for each in point if each.path not in paths)
    for fault in _own(sweep, (*rest, *settings)):
        if any(_covers(each, fault) for each in settings):
            yield fault


def _tried(sweep: Sweep) -> tuple[set[object], list[Settings]]:
    """Return the values with which a point is a scenario, and a point with each of the others."""
    fine: set[object] = set()
    failed: dict[object, list[Settings]] = {}
    for point in sweep.points:
        values = [_tried_as(each) for each in point]
        if all(each in fine or len(failed.get(each, ())) >= MOST_TRIED for each in values):
            continue
        if not _faults(sweep, point):
            fine.update(values)
            continue
        for value in values:
            failed.setdefault(value, []).append(point)
    first = (points[0] for value, points in failed.items() if value not in fine)
    return fine, list({id(point): point for point in first}.values())


def _explained(
    sweep: Sweep, points: Iterable[Settings], fine: Collection[object]
) -> Iterator[Fault]:
    """Yield the faults of *points*; those that their values make elsewhere name these values.

    A value makes a fault that is not there without it. If there are none, but the fault is of a
    value that is *fine* in other points, those beside it are to blame that are not.
    """
    for point in points:
        found = _faults(sweep, point)
        without = [(each, _faults(sweep, _without(point, each))) for each in point]
        for fault in found:
            others = [(each, rest) for each, rest in without if not _covers(each, fault)]
            # Without the value there may be no scenario at all, for another reason.
            makers = [e for e, rest in others if fault not in rest and set(rest) <= set(found)]
            if not makers and any(_covers(e, fault) and _tried_as(e) in fine for e in point):
                beside = (each for each, _ in others if _is_beside(each, fault))
                makers = [each for each in beside if _tried_as(each) not in fine]
            yield _naming(fault, makers) if makers else fault


def _without(point: Settings, setting: Setting) -> Settings:
    # A detail may have no place without the whole that it is of.
    return tuple(each for each in point if not within(each.path, setting.path))


def _tried_as(setting: Setting) -> object:
    return setting.key if setting.drawn else setting.identity


def _faults(sweep: Sweep, point: Settings) -> tuple[Fault, ...]:
    try:
        sweep.scenario(point)
    except ScenarioError as error:
        return error.faults
    except NowhereError:  # the values of an exclude may have no place in any point
        return ()
    return ()


def _own(sweep: Sweep, point: Settings) -> Iterator[Fault]:
    """Yield the faults of *point* that are about one of its values, whatever the others are."""
    models = [each for each in point if each.path[-1] == "model"]
    for fault in _faults(sweep, point):
        # With another model, what stands beside it might be right.
        by_model = any(_is_beside(e, fault) and not _covers(e, fault) for e in models)
        if any(_covers(each, fault) for each in point) and not by_model:
            yield fault


def _covers(setting: Setting, fault: Fault) -> bool:
    """Return whether *fault* is about *setting* itself."""
    name = dotted(setting.path)
    return fault.path == name or fault.path.startswith((f"{name}.", f"{name}["))


def _is_beside(setting: Setting, fault: Fault) -> bool:
    """Return whether *fault* is about what stands in the same mapping as *setting*, or in it."""
    return fault.path.startswith(f"{dotted(setting.path[:-1])}.")


def _naming(fault: Fault, makers: Sequence[Setting]) -> Fault:
    named = " and ".join(
        f"{dotted(each.path)}: {quote(each.text)} ({':'.join(map(str, each.node.place))})"
        for each in makers
    )
    models = (each.path[:-1] for each in makers if each.path[-1] == "model" and each.path[:-1])
    servers = (f"sweep {dotted(e)} as a whole, each with the keys of its model" for e in models)
    hint = fault.hint or next(servers, "leave these points out")
    return replace(fault, message=f"{fault.message}, in points with {named}", hint=hint)
