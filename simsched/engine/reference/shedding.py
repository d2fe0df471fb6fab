"""Whom a server keeps out when there are too many: by a rate limit, and by CoDel."""

from __future__ import annotations

from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.queue import Queue
from simsched.engine.reference.task import Task
from simsched.engine.shedding import CoDelState, codel_refuses, full_again, token_wait
from simsched.scenario.model.servers import Server


class Shedding:
    """The bucket of tokens of *server* or of each worker, and what CoDel knows of each queue."""

    def __init__(self, calendar: Calendar, server: Server) -> None:
        self._calendar = calendar
        self._limit = server.rate_limit
        self._full_again = [0] * server.workers
        self._codel = server.codel
        self._states: dict[Queue, CoDelState] = {}

    def wait_for_token(self) -> int | None:
        """Take a token of the server's; return how long (ns) until there is one.

        None where requests without a token are refused, and 0 where there is no such limit.
        """
        if self._limit is None or self._limit.per == "worker":
            return 0
        return self._take_token(0)

    def may_come(self, queue: Queue) -> bool:
        """Take a token of the worker whose accept *queue* it is; return whether that is possible.

        Where workers have no limits, it is.
        """
        if self._limit is None or self._limit.per == "server":
            return True
        return self._take_token(queue.worker or 0) is not None

    def codel_refuses(self, task: Task) -> bool:
        """Return whether CoDel refuses *task*, whose turn comes in an accept queue."""
        queue, codel = task.queue, self._codel
        if codel is None or queue is None:
            return False
        state = self._states.setdefault(queue, CoDelState(codel.target, codel.interval))
        now = self._calendar.now
        return codel_refuses(state, now, now - task.job.sent, len(queue))

    def _take_token(self, bucket: int) -> int | None:
        limit, now, due = self._limit, self._calendar.now, self._full_again[bucket]
        if limit is None:
            raise AssertionError("tokens without a limit")
        wait = token_wait(due, now, limit.interval, limit.burst)
        if wait and limit.when_full == "refuse":
            return None
        self._full_again[bucket] = full_again(due, now, limit.interval)
        return wait
