"""Ctrl-C ends a block once it is pressed, whatever swallows the exception."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from simsched.interrupt import interruptible


@pytest.fixture(autouse=True)
def python_sees_to_ctrl_c() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press(number: signal.Signals = signal.SIGINT) -> None:
    """Press Ctrl-C, or send another signal, and wait for it."""
    os.kill(os.getpid(), number)
    time.sleep(10)


def test_without_ctrl_c_nothing_happens():
    with interruptible() as check:
        check()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_ends_the_block_at_once():
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), interruptible():
        press()
    assert time.monotonic() - began < 5


def test_sigterm_ends_a_block_like_ctrl_c():
    with pytest.raises(KeyboardInterrupt), interruptible():
        press(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_ctrl_c_that_is_swallowed_is_raised_again():
    with interruptible() as check:
        with contextlib.suppress(KeyboardInterrupt):
            press()
        with pytest.raises(KeyboardInterrupt):
            check()


def test_after_the_block_ctrl_c_is_as_before():
    with contextlib.suppress(KeyboardInterrupt), interruptible():
        press()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_that_is_ignored_stays_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruptible() as check:
        os.kill(os.getpid(), signal.SIGINT)
        check()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_another_thread_leaves_ctrl_c_to_the_first():
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with interruptible() as check:
                check()
        except ValueError as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert failed == []
