"""What each point has at the paths that are swept: its own, the scenario's, or a default."""

from __future__ import annotations

from collections.abc import Iterator

from simsched.errors import ScenarioError
from simsched.scenario import Scenario
from simsched.scenario.file.tree import Path
from simsched.scenario.sweep.paths import Setting, Settings, within
from simsched.scenario.sweep.points import Sweep


def column(sweep: Sweep, path: Path) -> list[object]:
    """Return what stands at *path* in each point, as in a file; None where nothing does.

    A default is looked up once for all points in which the same settings decide upon it.
    """
    return list(_column(sweep, path))


def _column(sweep: Sweep, path: Path) -> Iterator[object]:
    defaults: dict[object, object] = {}
    for point in sweep.points:
        if (node := sweep.value(point, path)) is not None:
            yield node.data()
            continue
        decisive = tuple(each.identity for each in point if _decides(each, path))
        if decisive not in defaults and (scenario := _scenario(sweep, point)) is not None:
            defaults[decisive] = _default(scenario, path)
        yield defaults.get(decisive)


def _decides(setting: Setting, path: Path) -> bool:
    """Return whether what is the default at *path* may hang on *setting*."""
    *above, last = setting.path
    return within(path, setting.path) or (last == "model" and within(path, tuple(above)))


def _scenario(sweep: Sweep, point: Settings) -> Scenario | None:
    try:
        return sweep.scenario(point)
    except ScenarioError:
        return None


def _default(scenario: Scenario, path: Path) -> object:
    """Return what *scenario* has at *path*; None where that is nothing."""
    found: object = scenario.model_dump(by_alias=True)
    for step in path:
        if not isinstance(found, dict) or step not in found:
            return None
        found = found[step]
    return found
