"""Ctrl-C that does not get lost, and a request to end that is heeded like it."""

from __future__ import annotations

import os
import signal
import sys
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


@contextmanager
def ended_at_once() -> Iterator[None]:
    """Let Ctrl-C end the process at once in this block, wherever :func:`heeded` handles it.

    A compiler spends minutes outside of Python, where no handler runs, and calls back into Python
    where an exception is swallowed. So a thread waits for the signal and ends the process. Nothing
    may be half written meanwhile.
    """
    ours = [n for n in _ORDINARY if signal.getsignal(n) is _press]
    is_main = threading.current_thread() is threading.main_thread()
    if not (ours and is_main) or sys.platform == "win32":
        yield
        return
    receiver, sender = os.pipe()
    os.set_blocking(sender, False)
    before = signal.set_wakeup_fd(sender)
    for number in ours:
        signal.signal(number, _wait_for_the_end)
    threading.Thread(target=_end, args=(receiver,), daemon=True).start()
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, _press)
        signal.set_wakeup_fd(before)
        os.close(sender)


def _wait_for_the_end(_: int, __: Any) -> None:
    """Do nothing: the thread that got the signal is about to end the process."""


def _end(receiver: int) -> None:
    signalled = os.read(receiver, 1)
    os.close(receiver)
    if signalled:
        os.write(2, b"simsched: interrupted; run the same command again\n")
        os._exit(INTERRUPTED)


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
