"""The points of a sweep: each is a scenario, each is there once, and which values are invalid.

A value that no point can have is a mistake in the file. A point that is invalid, though each of its
values is valid elsewhere, is one that fails: the others continue.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.overriding import NowhereError
from simsched.scenario.file.problems import report
from simsched.scenario.file.tree import MOST_FAULTS, Document, MappingNode, Node, dotted
from simsched.scenario.file.tree import Path as Steps
from simsched.scenario.file.wording import counted, quote
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.sweep.blocks import BlockReader
from simsched.scenario.sweep.paths import (
    Setting,
    Settings,
    identity,
    put_all,
    value_at,
    within,
)

MOST_POINTS = 10_000
"""More points than this are refused unless that is asked for."""

MOST_POINTS_EVER = 1_000_000
"""More points than this are refused."""

MOST_TRIED = 20
"""In how many points a value is tried before it counts as invalid."""


@dataclass(frozen=True)
class Sweep:
    """A sweep as it was written.

    Attributes:
        points: the values of each point, in order.
        notes: sentences for the reader.
        directory: the folder that names of data files are relative to.
        root: the scenario that the points change.
        document: the file that it was read from.
    """

    points: tuple[Settings, ...]
    notes: tuple[str, ...]
    directory: Path
    root: Node = field(repr=False)
    document: Document = field(repr=False)

    @cached_property  # of many points this takes a while
    def paths(self) -> tuple[Steps, ...]:
        """What is varied, in the order of the file."""
        return tuple(dict.fromkeys(each.path for point in self.points for each in point))

    def base(self) -> dict[str, object]:
        """Return the scenario that the points change, as written."""
        return self.root.data() if isinstance(self.root, MappingNode) else {}

    def value(self, point: Settings, path: Steps) -> Node | None:
        """Return the value at *path* in the scenario of *point*, if one is written there."""
        return value_at(self.root, point, path)

    def scenario(self, point: Settings) -> Scenario:
        """Return the scenario of *point*.

        Raises:
            ScenarioError: it is invalid; the faults have their positions in the sweep's file.
        """
        document = replace(self.document, root=put_all(self.root, point))
        return Scenario.read(document, self.directory)


def points_of(blocks: Iterable[BlockReader], seed: int, most: int) -> list[Settings]:
    """Return the points of *blocks*, in the order of the file; the first path changes least often.

    Blocks that would exceed *most* points are skipped.
    """
    points: list[Settings] = []
    for block in blocks:
        if block.count <= most:
            most -= block.count
            points += block.points(seed)
    return points


def distinct(sweep: Sweep) -> Sweep:
    """Return *sweep* without points that an earlier one has, as they are written, and a note.

    Points that are equal by a default, which one sets and the other does not, are kept: to find
    them all scenarios would be made here. They are simulated once.
    """
    once: dict[frozenset[object], Settings] = {}
    for point in sweep.points:
        once.setdefault(identity(point), point)
    repeated = len(sweep.points) - len(once)
    verb = "is" if repeated == 1 else "are"
    note = f"{counted(repeated, 'repeated point')} {verb} left out"
    return replace(sweep, points=tuple(once.values()), notes=(note,) if repeated else ())


def check_values(sweep: Sweep) -> None:
    """Try every value of *sweep* in a point that has it; of values drawn for a path, one.

    Raises:
        ScenarioError: some values are invalid; it holds the faults of all of them.
    """
    fine, unusable = _tried(sweep)
    # If no point is valid, the faults of one repeat in the others.
    explained = _explained(sweep, unusable if fine else sweep.points[:1], fine)
    faults = list(islice(explained, MOST_FAULTS + 1))
    if not fine:
        faults += (fault for point in unusable for fault in _own(sweep, point))
    if found := report((), replace(sweep.document, faults=faults)):
        raise ScenarioError(found)


def independent(sweep: Sweep) -> list[Fault]:
    """Return the faults that do not depend on others: not all of the points may be known."""
    fine, unusable = _tried(sweep)
    everywhere = [] if fine else _faults(sweep, ())
    first = (fault for point in sweep.points[:1] for fault in _faults(sweep, point))
    own = (fault for point in unusable for fault in _own(sweep, point))
    return [*(fault for fault in first if fault in everywhere), *own]


def impossible(sweep: Sweep, settings: Settings) -> Iterator[Fault]:
    """Yield the faults of *settings*, which no point has, themselves."""
    paths = {each.path for each in settings}
    rest = (each for point in sweep.points[:1] for each in point if each.path not in paths)
    for fault in _own(sweep, (*rest, *settings)):
        if any(_covers(each, fault) for each in settings):
            yield fault


def _tried(sweep: Sweep) -> tuple[set[object], list[Settings]]:
    """Return the values with which a point is valid, and a point with each of the others."""
    fine: set[object] = set()
    failed: dict[object, list[Settings]] = {}
    known: set[int] = set()  # settings by id: to hash the values of a million points takes long
    for point in sweep.points:
        if known.issuperset(map(id, point)):
            continue
        values = [_tried_as(each) for each in point]
        # Nothing new would be learned, and each trial validates a whole scenario.
        if all(each in fine or len(failed.get(each, ())) >= MOST_TRIED for each in values):
            continue
        if not _faults(sweep, point):
            fine.update(values)
            known.update(map(id, point))
            continue
        for value in values:
            failed.setdefault(value, []).append(point)
    first = (points[0] for value, points in failed.items() if value not in fine)
    return fine, list({id(point): point for point in first}.values())


def _explained(
    sweep: Sweep, points: Iterable[Settings], fine: Collection[object]
) -> Iterator[Fault]:
    """Yield the faults of *points*; those that values elsewhere cause name these values.

    A value causes a fault that is absent without it. If none does, but the fault is of a value that
    is *fine* in other points, the values beside it are to blame that are not.
    """
    for point in points:
        found = _faults(sweep, point)
        # The cause is found by trial: a fault that goes away without a value is caused by it.
        without = [(each, _faults(sweep, _without(point, each))) for each in point]
        for fault in found:
            others = [(each, rest) for each, rest in without if not _covers(each, fault)]
            # Without the value the point may be invalid for another reason.
            makers = [e for e, rest in others if fault not in rest and set(rest) <= set(found)]
            if not makers and any(_covers(e, fault) and _tried_as(e) in fine for e in point):
                beside = (each for each, _ in others if _is_beside(each, fault))
                makers = [each for each in beside if _tried_as(each) not in fine]
            yield _naming(fault, makers) if makers else fault


def _without(point: Settings, setting: Setting) -> Settings:
    # A part may have no place without its whole.
    return tuple(each for each in point if not within(each.path, setting.path))


def _tried_as(setting: Setting) -> object:
    return setting.key if setting.drawn else setting.identity


def _faults(sweep: Sweep, point: Settings) -> tuple[Fault, ...]:
    try:
        sweep.scenario(point)
    except ScenarioError as error:
        return error.faults
    except NowhereError:  # the values of an exclude may fit no point
        return ()
    return ()


def _own(sweep: Sweep, point: Settings) -> Iterator[Fault]:
    """Yield the faults of *point* that concern one of its values, whatever the others are."""
    models = [each for each in point if each.path[-1] == "model"]
    for fault in _faults(sweep, point):
        # With another model, the keys beside it might be valid.
        by_model = any(_is_beside(e, fault) and not _covers(e, fault) for e in models)
        if any(_covers(each, fault) for each in point) and not by_model:
            yield fault


def _covers(setting: Setting, fault: Fault) -> bool:
    """Return whether *fault* concerns *setting* itself."""
    name = dotted(setting.path)
    return fault.path == name or fault.path.startswith((f"{name}.", f"{name}["))


def _is_beside(setting: Setting, fault: Fault) -> bool:
    """Return whether *fault* concerns a key of the mapping that *setting* is in."""
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
