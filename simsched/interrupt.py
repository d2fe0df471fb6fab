"""Ctrl-C that does not get lost, and a request to end that is heeded like it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""

_ORDINARY: dict[signal.Signals, Any] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}
"""The signals that are heeded, and what Python does at each."""

_pressed: list[int] = []
"""The signals that came in the outermost block, which may have begun long before an inner one."""


@contextmanager
def heeded() -> Iterator[Callable[[], None]]:
    """Yield a function that raises KeyboardInterrupt if Ctrl-C was pressed in this block.

    Ctrl-C raises it at once, as ever, and so does a request to end (SIGTERM, as service managers
    send it). But some libraries swallow it: numpy.random for one, whose compiled modules go on
    after any exception in a part of their import that they can do without. A block inside of
    another heeds what was pressed in that one before.
    """
    _check()
    ours = list(_ours())
    for number in ours:
        signal.signal(number, _press)
    try:
        yield _check
    finally:
        for number in ours:
            signal.signal(number, _ORDINARY[number])
        if ours:
            _pressed.clear()


def _press(number: int, _: Any) -> None:
    _pressed.append(number)
    raise KeyboardInterrupt


def _check() -> None:
    if _pressed:
        raise KeyboardInterrupt


def _ours() -> Iterator[signal.Signals]:
    """Yield the signals that nobody else sees to, or has ignored as nohup does.

    Python lets the main thread alone see to signals.
    """
    if threading.current_thread() is threading.main_thread():
        yield from (n for n, usual in _ORDINARY.items() if signal.getsignal(n) is usual)
