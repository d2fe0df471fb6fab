"""Whether all values that are set together take effect: none is put in the place of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simsched.scenario.node import Node, at
from simsched.scenario.overriding import NowhereError, put
from simsched.scenario.problem import Path, Problem, dotted
from simsched.scenario.sweep.settings import Setting, within
from simsched.scenario.sweep.values import text_of
from simsched.scenario.wording import quote


@dataclass(frozen=True)
class Written:
    """A setting, and where it stands in the sweep: the key of its path, and its value."""

    setting: Setting
    key: Path
    value: Path


def overlaps(base: Node, together: Sequence[Written]) -> Iterator[Problem]:
    """Yield what is wrong with settings that points of the scenario *base* have *together*."""
    keys = {each.setting.path: each.key for each in together}
    for path, key in keys.items():
        if not any(_inside(path, other) for other in keys):
            yield from _misplaced(base, path, key)
    for each in together:
        for path in keys:
            if _inside(path, each.setting.path):
                yield from _lost(each, path)


def _inside(path: Path, whole: Path) -> bool:
    return path != whole and within(path, whole)


def _misplaced(base: Node, path: Path, key: Path) -> Iterator[Problem]:
    """Complain if the scenario has no room for a value at *path*."""
    try:
        put(base, path, base)
    except NowhereError as error:
        hint = error.hint or "sweep that as a whole"
        yield Problem(key, error.message, hint, at_key=True)


def _lost(whole: Written, path: Path) -> Iterator[Problem]:
    """Complain if *whole* has a value at *path*, which is set, too, or no room for it."""
    setting = whole.setting
    rest = path[len(setting.path) :]
    inner = at(setting.node, rest)
    hint = "leave one of the two out"
    if inner is not None:
        message = f"{quote(text_of(inner))} is lost, as {dotted(path)} is set, too"
        yield Problem((*whole.value, *rest), message, hint)
        return
    try:
        put(setting.node, rest, setting.node, setting.path)
    except NowhereError as error:
        yield Problem(whole.value, f"{error.message}, but {dotted(path)} is set, too", hint)
