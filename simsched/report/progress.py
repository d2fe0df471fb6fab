"""How long work takes: the progress bar, the forecast, and the time that a run took."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

_MINUTE = 60
_HOUR = 3600


def duration(seconds: float) -> str:
    """Return about how long *seconds* are, as in ``40 s``, ``12 min`` or ``3.5 h``."""
    if math.isnan(seconds):
        return "an unknown time"
    if seconds < 2 * _MINUTE:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"


def took(seconds: int) -> str:
    """Return a sentence on how long a run took, from *seconds* rounded up."""
    return "It took less than a second." if seconds == 1 else f"It took {duration(seconds)}."


MINUTE = 60.0
"""What takes more seconds than this is announced."""

LONG = 1.0
"""A run that takes longer than this many seconds shows its progress."""


@contextmanager
def shown_when_long(
    description: str = "simulating", *, foreseen: bool = False
) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that takes how much is done, and how much there is.

    The bar is on stderr, and appears only on a terminal and after :data:`LONG` seconds. Elsewhere a
    line says how long the whole takes if that is more than a minute, unless that was *foreseen* and
    said before.
    """
    began = time.monotonic()
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    is_announced, bar = foreseen, None
    with ExitStack() as stack:

        def update(done: int, total: int) -> None:
            nonlocal is_announced, bar
            spent = time.monotonic() - began
            if spent < LONG:
                return
            # A bar says by itself how long the rest takes.
            if bar is None and not is_announced and done and spent * total / done > MINUTE:
                is_announced = True
                announce(spent * total / done)
            if is_terminal:
                bar = bar or _bar(stack, description)
                bar.update(bar.task_ids[0], completed=done, total=total)

        yield update


def _bar(stack: ExitStack, description: str) -> Progress:
    """Return a bar on stderr that disappears when *stack* is left."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task(description)
    return stack.enter_context(bar)


def announce(seconds: float, *, at_least: bool = False) -> None:
    """Write to stderr how long it takes, if that is more than a minute."""
    if sys.stderr is not None and seconds > MINUTE:
        least = "at least " if at_least else ""
        sys.stderr.write(f"this takes {least}about {duration(seconds)}\n")
        sys.stderr.flush()
