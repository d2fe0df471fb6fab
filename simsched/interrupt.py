"""Ctrl-C and SIGTERM: raised in Python at once, and again if a library swallowed them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

INTERRUPTED = 130
"""The exit code after Ctrl-C, as in shells: 128 plus the number of SIGINT."""

_DEFAULTS: dict[signal.Signals, Any] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}
"""The signals that are handled, with Python's own handlers."""

_received: list[int] = []
"""The signals received in the outermost block."""


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Yield a function that raises KeyboardInterrupt if a signal was received in this block.

    Ctrl-C raises it at once, and so does SIGTERM, which service managers send. But some libraries
    swallow the exception (numpy.random, for one: its compiled modules ignore any exception in the
    imports that they can do without), so long work calls the function now and then. A block inside
    another also sees the signals of the outer one.
    """
    _check()
    ours = list(_ours())
    for number in ours:
        signal.signal(number, _receive)
    try:
        yield _check
    finally:
        for number in ours:
            signal.signal(number, _DEFAULTS[number])
        if ours:
            _received.clear()


@contextmanager
def ended_at_once() -> Iterator[None]:
    """Let Ctrl-C end the process at once in this block, where :func:`interruptible` handles it.

    A compiler spends minutes outside Python, where no handler runs, and calls back into Python
    where exceptions are swallowed. So a thread waits for the signal and ends the process. Nothing
    may be half written during the block.
    """
    ours = [n for n in _DEFAULTS if signal.getsignal(n) is _receive]
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
            signal.signal(number, _receive)
        signal.set_wakeup_fd(before)
        os.close(sender)


def start_tracker() -> None:
    """Start the resource tracker, which removes the semaphores of a killed process.

    Starting it unblocks Ctrl-C, so it must run before processes are started with that blocked.
    """
    if sys.platform != "win32":
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()


@contextmanager
def deferred() -> Iterator[None]:
    """Defer Ctrl-C and SIGTERM to the end of this block, so that no process is half started.

    Processes that are started in it never receive Ctrl-C.
    """
    usual: dict[int, Any] = {number: signal.getsignal(number) for number in _DEFAULTS}
    handled = {number: handler for number, handler in usual.items() if callable(handler)}
    if threading.current_thread() is not threading.main_thread() or not handled:
        yield
        return
    pressed: list[tuple[int, FrameType | None]] = []
    for number in handled:
        signal.signal(number, lambda number, frame: pressed.append((number, frame)))
    try:
        with _blocked():
            yield
    finally:
        for number, handler in handled.items():
            signal.signal(number, handler)
        if pressed:
            handled[pressed[0][0]](*pressed[0])


@contextmanager
def _blocked() -> Iterator[None]:
    """Block Ctrl-C in this thread, and in the processes that it starts, which inherit this."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent() -> None:
    """Let this process, which another one started, end as soon as that has ended."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _wait_for_the_end(_: int, __: Any) -> None:
    """Do nothing: the thread that reads the pipe is about to end the process."""


def _end(receiver: int) -> None:
    signalled = os.read(receiver, 1)
    os.close(receiver)
    if signalled:
        os.write(2, b"simsched: interrupted; run the same command again\n")
        os._exit(INTERRUPTED)


def _receive(number: int, _: Any) -> None:
    _received.append(number)
    raise KeyboardInterrupt


def _check() -> None:
    if _received:
        raise KeyboardInterrupt


def _ours() -> Iterator[signal.Signals]:
    """Yield the signals that have Python's own handlers: others, as under nohup, are left alone.

    Only the main thread may set handlers.
    """
    if threading.current_thread() is threading.main_thread():
        yield from (n for n, usual in _DEFAULTS.items() if signal.getsignal(n) is usual)
