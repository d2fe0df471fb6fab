"""Burning CPU time, as the code of a request would spend it.

The loop is pure Python, so that it holds the interpreter lock and lets go of it when another thread
asks, as ordinary code does. It counts the CPU time of its thread: time in which another process or
thread had the core, or the lock, is not computing.
"""

from __future__ import annotations

from time import monotonic_ns, thread_time_ns

CHUNK_NS = 10_000
"""The clocks are read after each so many nanoseconds of computing."""

GAP_NS = 500_000
"""Longer between two readings, and the thread had to wait for a core or the lock."""

_LOOPS = 20_000
_TRIALS = 5


def calibrated() -> int:
    """Return how many turns of the loop take about :data:`CHUNK_NS` on this machine."""
    quickest = min(_timed(_LOOPS) for _ in range(_TRIALS))
    return max(1, _LOOPS * CHUNK_NS // max(1, quickest))


def _timed(turns: int) -> int:
    began = thread_time_ns()
    for _ in range(turns):
        pass
    return thread_time_ns() - began


def burn(cpu_ns: int, turns: int) -> tuple[int, list[tuple[int, int]]]:
    """Compute for *cpu_ns* of this thread's CPU time, with *turns* of the loop at a time.

    Return how much CPU time it took, and the stretches of computing: moments of
    ``time.monotonic_ns``.
    """
    began = spent_until = thread_time_ns()
    since = last = monotonic_ns()
    until = began + cpu_ns - CHUNK_NS // 2  # so that it is as often too early as too late
    stretches = []
    while spent_until < until:
        for _ in range(turns):
            pass
        spent_until = thread_time_ns()
        now = monotonic_ns()
        if now - last > GAP_NS:
            stretches.append((since, last))
            since = now
        last = now
    stretches.append((since, last))
    return spent_until - began, stretches
