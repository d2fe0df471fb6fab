"""From a sweep file to points, each of which is a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from simsched.errors import Fault, ScenarioError
from simsched.scenario.composing import Document, compose
from simsched.scenario.faults import report
from simsched.scenario.node import MappingNode, Node, ScalarNode, child
from simsched.scenario.overriding import override, put
from simsched.scenario.problem import Path as Steps
from simsched.scenario.problem import Problem
from simsched.scenario.reading import UnreadableError, read
from simsched.scenario.scenario import Scenario
from simsched.scenario.sweep.checking import faulty_values, impossible
from simsched.scenario.sweep.model import Beside, Linked
from simsched.scenario.sweep.points import MOST_POINTS, MOST_POINTS_EVER, PointReader
from simsched.scenario.sweep.same import distinct
from simsched.scenario.sweep.settings import Settings, value_at
from simsched.scenario.sweep.written import written_in


@dataclass(frozen=True)
class Sweep:
    """A sweep as it was written.

    Attributes:
        points: the values of each point, in order.
        sampled: the identities of the points that were drawn at random.
        notes: sentences for the reader.
        directory: what the names of data files are relative to.
    """

    points: tuple[Settings, ...]
    sampled: frozenset[frozenset[object]]
    notes: tuple[str, ...]
    directory: Path
    _base: Document = field(repr=False)

    @property
    def paths(self) -> tuple[Steps, ...]:
        """What is varied, in the order of the file."""
        return tuple(dict.fromkeys(each.path for point in self.points for each in point))

    def base(self) -> dict[str, object]:
        """Return the scenario that the points change, as it is written."""
        root = self._base.root
        return root.data() if isinstance(root, MappingNode) else {}

    def value(self, point: Settings, path: Steps) -> Node | None:
        """Return the value at *path* in the scenario of *point*, if one is written there."""
        return value_at(self._base.root, point, path)

    def scenario(self, point: Settings) -> Scenario:
        """Return the scenario of *point*.

        Raises:
            ScenarioError: it is none; the faults have their places in the sweep's file.
        """
        root = self._base.root
        for each in point:
            root = put(root, each.path, each.node) if root is not None else None
        document = replace(self._base, root=root)
        return Scenario.read(document, self.directory)


def load_sweep(path: str | Path, overrides: Sequence[str] = (), most: int = MOST_POINTS) -> Sweep:
    """Return the sweep in the file *path*.

    Args:
        path: a YAML file, in UTF-8, with a section ``sweep``.
        overrides: changes to the scenario, made before the sweep's own.
        most: the most points that there may be, up to a million.

    Raises:
        ScenarioError: the file cannot be used; it holds every fault found.
    """
    path = Path(path)
    document = compose(_text(path).removeprefix("\ufeff"), str(path))
    root = document.root
    if not isinstance(root, MappingNode) or document.faults:
        raise ScenarioError(report((), document) or (_no_sweep(path),))
    if "sweep" not in root.entries:
        raise ScenarioError((_no_sweep(path),))
    written, sound, problems = written_in(document, root)
    base, directory = _base(written, document, root, path)
    for option in overrides:
        override(base, option)
    whole = replace(base, root=root, broken=set(), incomplete=set())
    if base.faults or base.root is None:
        raise ScenarioError(report(problems, whole))
    reader = PointReader(base.root, sound.entries["sweep"].value, written.sweep)
    points, found = _points(reader, _seed(base.root), min(most, MOST_POINTS_EVER))
    sweep = Sweep(tuple(points), frozenset(reader.sampled), (), directory, base)
    found = [_exactly(each, sweep, reader) for each in found]
    if problems := [*problems, *found]:
        values = Problem(("sweep",), "values are faulty", elsewhere=faulty_values(sweep))
        raise ScenarioError(report([*problems, *([values] if values.elsewhere else [])], whole))
    return _each_once(sweep, reader.repeated)


def _text(path: Path) -> str:
    try:
        return read(path)
    except UnreadableError as error:
        raise ScenarioError((Fault(str(path), error.message, hint=error.hint),)) from None


def _no_sweep(path: Path) -> Fault:
    hint = "simsched run simulates a scenario as it is; docs/sweeps.md tells of sweeps"
    return Fault(str(path), "there is no section 'sweep' in it", hint=hint)


def _base(
    written: Beside | Linked, document: Document, root: MappingNode, path: Path
) -> tuple[Document, Path]:
    """Return the scenario that the points change, and what its data files are relative to."""
    if isinstance(written, Beside):
        rest = {key: entry for key, entry in root.entries.items() if key != "sweep"}
        return replace(document, root=replace(root, entries=rest)), path.parent
    other = path.parent / written.scenario
    try:
        base = compose(read(other).removeprefix("\ufeff"), str(other))
    except UnreadableError as error:
        message = f"{str(other)!r} cannot be used: {error.message}"
        problem = Problem(("scenario",), message, error.hint)
        raise ScenarioError(report([problem], document)) from None
    base.sources.insert(0, str(path))
    base.files.append(str(path))
    base.root = _named(base.root, root)
    return base, other.parent


def _named(base: Node | None, root: MappingNode) -> Node | None:
    """Return *base* with the name and the description that the sweep in *root* gives itself."""
    own = {k: v for k, v in root.entries.items() if k in {"name", "description"}}
    if not isinstance(base, MappingNode):
        return base
    return replace(base, entries={**base.entries, **own})


def _points(reader: PointReader, seed: int, most: int) -> tuple[list[Settings], list[Problem]]:
    """Return the points, and what is wrong with them."""
    points = reader.points(seed, most)
    problems = reader.problems
    if (count := reader.count()) > most:
        problems.append(_too_many(count))
    if not (points or problems):
        problems.append(Problem(("sweep",), "no point is left", at_key=True))
    return points, problems


def _each_once(sweep: Sweep, repeated: int) -> Sweep:
    points = distinct(sweep.points, sweep.scenario)
    notes = _notes(repeated + len(sweep.points) - len(points))
    return replace(sweep, points=tuple(points), notes=notes)


def _exactly(problem: Problem, sweep: Sweep, reader: PointReader) -> Problem:
    """Return *problem* with what is wrong with the values of an exclude that no point can have."""
    return replace(problem, elsewhere=impossible(sweep, reader.unmatched.get(problem.path, ())))


def _too_many(count: int) -> Problem:
    message = f"{count:,} points are more than {MOST_POINTS:,}"
    hint = "take fewer values, draw some with sample, or give --yes"
    if count > MOST_POINTS_EVER:
        message = f"{count:,} points are too many; the most is {MOST_POINTS_EVER:,}"
        hint = "take fewer values, or draw some with sample"
    return Problem(("sweep",), message, hint, at_key=True)


def _notes(repeated: int) -> tuple[str, ...]:
    if not repeated:
        return ()
    if repeated == 1:
        return ("1 point was there before, and is simulated once",)
    return (f"{repeated:,} points were there before, and are simulated once",)


def _seed(root: Node) -> int:
    """Return the seed of the scenario in *root*, which is checked with the points."""
    run = child(root, "run")
    node = child(run, "seed") if run is not None else None
    seed = node.data() if isinstance(node, ScalarNode) else None
    return seed if isinstance(seed, int) and seed >= 0 else 1
