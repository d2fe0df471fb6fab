"""Text for a terminal, made in memory."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, RenderableType

NARROWEST, WIDEST = 60, 200


def printable(width: int) -> int:
    """Return how many cells are written on a terminal *width* cells wide."""
    return min(max(width, NARROWEST), WIDEST)


def takes(characters: str, encoding: str) -> bool:
    """Say whether a terminal of this *encoding* can show *characters*."""
    try:
        characters.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def printed(parts: Iterable[RenderableType], width: int, *, color: bool) -> str:
    """Return what a terminal *width* cells wide shows of *parts*; with *color*, ANSI escapes."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    for part in parts:
        console.print(part, overflow="fold")
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
