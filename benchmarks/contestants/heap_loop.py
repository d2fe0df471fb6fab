"""A yardstick: a loop over a heap of events, written by hand in pure Python."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush

from contestants.work import Undrawn
from contestants.work import draw_later as draw

__all__ = ["PACKAGE", "draw", "simulate"]

PACKAGE = ""

ARRIVE, SERVED, BACK = range(3)


def simulate(todo: Undrawn, varying: bool = True) -> float:
    """Return the mean response of so many requests, in seconds.

    CPU and I/O take their mean each time where they are not *varying*.
    """
    work, draw_exponential = todo.work, todo.chance().expovariate
    draw_duration = draw_exponential if varying else lambda rate: 1 / rate
    rate, cpu, io = work.rate, 1 / work.cpu_s, 1 / work.io_s if work.io_s else 0.0
    calendar = [(draw_exponential(rate), 0, ARRIVE, 0.0, 0)]
    waiting: deque[tuple[float, int]] = deque()
    busy, coming, order, total = False, todo.requests, 0, 0.0
    while calendar:
        now, _, kind, arrived, left = heappop(calendar)
        if kind == ARRIVE:
            arrived, left = now, work.visits
            coming -= 1
            if coming:
                order += 1
                heappush(calendar, (now + draw_exponential(rate), order, ARRIVE, 0.0, 0))
        elif kind == SERVED:
            order += 1
            if left > 1:
                heappush(calendar, (now + draw_duration(io), order, BACK, arrived, left - 1))
            else:
                total += now - arrived
            if not waiting:
                busy = False
                continue
            arrived, left = waiting.popleft()
            heappush(calendar, (now + draw_duration(cpu), order, SERVED, arrived, left))
            continue
        if busy:
            waiting.append((arrived, left))
        else:
            busy = True
            order += 1
            heappush(calendar, (now + draw_duration(cpu), order, SERVED, arrived, left))
    return total / todo.requests
