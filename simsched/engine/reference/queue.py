"""A queue of requests, and the workers that wait for one."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush

import simpy

from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.discipline import Discipline
from simsched.engine.reference.job import Job


class Queue:
    """Requests wait here for a worker, or workers for a request.

    Waiting requests are served in the order of the discipline. Idle workers are served in the order
    in which they became idle.
    """

    def __init__(self, calendar: Calendar, discipline: Discipline) -> None:
        self._calendar = calendar
        self._discipline = discipline
        self._joined = 0
        self._waiting: list[tuple[int, int, Job]] = []
        self._idle: deque[simpy.Event] = deque()

    def put(self, job: Job) -> None:
        """Let *job* join the queue, or hand it to the worker that has been idle longest."""
        if self._idle:
            self._idle.popleft().succeed(job)
            return
        self._joined += 1
        job.joined = self._joined
        heappush(self._waiting, (self._discipline(job), job.joined, job))

    def get(self) -> simpy.Event:
        """Return the event of being handed a request, which is its value."""
        request = self._calendar.event()
        if self._waiting:
            request.succeed(heappop(self._waiting)[-1])
        else:
            self._idle.append(request)
        return request
