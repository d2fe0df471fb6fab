"""How long work takes: the progress bar, and the forecast."""

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
    forecast = _Forecast(said=foreseen)
    if sys.stderr is None or not sys.stderr.isatty():
        yield forecast.update
        return
    with ExitStack() as stack:
        bar = _Bar(description, stack)

        def update(done: int, total: int) -> None:
            if not bar.is_shown:  # it says by itself how long the rest takes
                forecast.update(done, total)
            bar.update(done, total)

        yield update


def announce(seconds: float, *, at_least: bool = False) -> None:
    """Say on stderr how long it takes, if that is more than a minute."""
    if sys.stderr is not None and seconds > MINUTE:
        least = "at least " if at_least else ""
        sys.stderr.write(f"this takes {least}about {duration(seconds)}\n")
        sys.stderr.flush()


class _Forecast:
    """Says once how long the whole takes, as soon as that can be seen and is more than a minute."""

    def __init__(self, *, said: bool) -> None:
        self._began = time.monotonic()
        self._said = said

    def update(self, done: int, total: int) -> None:
        spent = time.monotonic() - self._began
        if self._said or spent < LONG or not done:
            return
        if (whole := spent * total / done) > MINUTE:
            self._said = True
            announce(whole)


class _Bar:
    def __init__(self, description: str, stack: ExitStack) -> None:
        self._description = description
        self._stack = stack
        self._began = time.monotonic()
        self._progress: Progress | None = None

    @property
    def is_shown(self) -> bool:
        return self._progress is not None

    def update(self, done: int, total: int) -> None:
        if self._progress is None:
            if time.monotonic() - self._began < LONG:
                return
            self._progress = self._show()
            self._progress.add_task(self._description)
        self._progress.update(self._progress.task_ids[0], completed=done, total=total)

    def _show(self) -> Progress:
        from rich.console import Console
        from rich.progress import Progress

        return self._stack.enter_context(Progress(console=Console(stderr=True), transient=True))
