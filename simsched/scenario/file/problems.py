"""What is wrong with a scenario, before it is known where that stands in a file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simsched.errors import Fault

Path = tuple[str | int, ...]
"""The way from the top of a scenario to a value: keys, and positions in lists."""

COMPLAINT = "simsched"
"""The type that pydantic's error list gives to a complaint of ours."""

_PLAIN = re.compile(r"[\w -]+")
_LONGEST_STEP = 40


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that is not known, and those that are: the hint is made from them.

    ``plural`` names their kind, as in ``request classes``; it is empty where the message already
    lists them.
    """

    name: str
    known: tuple[str, ...]
    plural: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint about a scenario.

    Attributes:
        path: the way to the value that it is about.
        message: what is wrong.
        hint: what to write instead.
        unknown: the name that is not known, where that is the matter.
        at_key: whether it is the key that is wrong, not the value under it.
        absent: the keys of which one is missing, where that is the matter; none where any would do.
        rests_on: other values that it takes to be complete.
        elsewhere: faults in another file, which are reported in its place.
    """

    path: Path
    message: str
    hint: str = ""
    unknown: Unknown | None = None
    at_key: bool = False
    absent: tuple[str, ...] | None = None
    rests_on: tuple[Path, ...] = ()
    elsewhere: tuple[Fault, ...] = ()


def dotted(path: Path, longest: int | None = _LONGEST_STEP) -> str:
    """Return *path* as it is written after ``--set``: ``servers."my.server".workers``.

    Names that are longer than *longest*, if that is given, are cut.
    """
    return "".join(_step(step, longest) for step in path).removeprefix(".")


def _step(step: str | int, longest: int | None) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if longest is not None and len(step) > longest:
        step = f"{step[: longest - 1]}…"
    return f".{step}" if _PLAIN.fullmatch(step) else f'."{step}"'
