"""How far a long run is, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

LONG = 1.0
"""A run that takes longer than this many seconds shows its progress."""


@contextmanager
def shown_when_long(description: str = "simulating") -> Iterator[Callable[[int, int], None]]:
    """Yield what is to be told how much is done and of how much.

    The bar is on stderr, and appears only on a terminal and after :data:`LONG` seconds.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with ExitStack() as stack:
        yield _Bar(description, stack).update


class _Bar:
    def __init__(self, description: str, stack: ExitStack) -> None:
        self._description = description
        self._stack = stack
        self._began = time.monotonic()
        self._progress: Progress | None = None

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
