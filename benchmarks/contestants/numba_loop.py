"""A yardstick: a loop for exactly this work, written by hand, compiled by Numba.

It runs over columns that are drawn beforehand, in nanoseconds, as simsched's engines do, and leaves
when each request finished. Nothing but I/O ends is ever in its heap.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from contestants.work import Work

PACKAGE = "numba"

Int64s = NDArray[np.int64]
Columns = tuple[Int64s, Int64s, Int64s]

NEVER = np.iinfo(np.int64).max


def draw(work: Work, requests: int, seed: int) -> Columns:
    """Return (n) arrivals, (n, visits) CPU and (n, visits - 1) I/O, in nanoseconds."""
    chance = np.random.default_rng(seed)
    between = chance.exponential(1e9 / work.rate, requests)
    cpu = chance.exponential(1e9 * work.cpu_s, (requests, work.visits))
    io = chance.exponential(1e9 * work.io_s, (requests, work.visits - 1))
    return np.cumsum(between).astype(np.int64), cpu.astype(np.int64), io.astype(np.int64)


def warm_up(work: Work) -> None:
    """Compile."""
    serve(*draw(work, 10, 1))


def simulate(columns: Columns) -> float:
    """Return the mean response of the requests, in seconds."""
    return float((serve(*columns) - columns[0]).mean()) / 1e9


@njit
def push(times: Int64s, owners: Int64s, size: int, time: int, owner: int) -> None:
    """Put an event into a binary heap of so many."""
    place = size
    while place > 0 and times[(place - 1) >> 1] > time:
        parent = (place - 1) >> 1
        times[place], owners[place] = times[parent], owners[parent]
        place = parent
    times[place], owners[place] = time, owner


@njit
def drop_first(times: Int64s, owners: Int64s, size: int) -> None:
    """Take the first event out of a binary heap of so many."""
    time, owner = times[size - 1], owners[size - 1]
    place, child = 0, 1
    while child < size - 1:
        if child + 1 < size - 1 and times[child + 1] < times[child]:
            child += 1
        if times[child] >= time:
            break
        times[place], owners[place] = times[child], owners[child]
        place, child = child, 2 * child + 1
    times[place], owners[place] = time, owner


@njit
def serve(arrival: Int64s, cpu: Int64s, io: Int64s) -> Int64s:
    """Return (n) when each request finishes on one CPU, first come first served."""
    n, visits = cpu.shape
    finish = np.empty(n, np.int64)
    visit = np.zeros(n, np.int64)
    ready = np.empty(n, np.int64)
    times, owners = np.empty(1024, np.int64), np.empty(1024, np.int64)
    head, tail, queued, waits, coming = 0, 0, 0, 0, 0
    running, done = -1, NEVER
    while True:
        back = times[0] if waits else NEVER
        new = arrival[coming] if coming < n else NEVER
        now = min(done, back, new)
        if now == NEVER:
            return finish
        if now == done:
            visit[running] += 1
            if visit[running] < visits:
                if waits == len(times):
                    times, owners = np.append(times, times), np.append(owners, owners)
                push(times, owners, waits, now + io[running, visit[running] - 1], running)
                waits += 1
            else:
                finish[running] = now
            running, done = -1, NEVER
        else:
            if now == back:
                joining = owners[0]
                drop_first(times, owners, waits)
                waits -= 1
            else:
                joining = coming
                coming += 1
            ready[tail] = joining
            tail = tail + 1 if tail + 1 < n else 0
            queued += 1
        if running < 0 and queued:
            running = ready[head]
            head = head + 1 if head + 1 < n else 0
            queued -= 1
            done = now + cpu[running, visit[running]]
