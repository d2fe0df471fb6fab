"""Whom a server keeps out when there are too many: by a rate limit, and by CoDel."""

from __future__ import annotations

from simsched.engine import rate_limits
from simsched.engine.codel import CoDelState, refuses
from simsched.engine.reference.calendar import Calendar
from simsched.engine.reference.queues import Queue
from simsched.engine.reference.tasks import Task
from simsched.scenario.model.servers import Server
from simsched.workload.steps import Tokens


class Bucket:
    """A bucket of tokens, which is full at the beginning."""

    def __init__(self, calendar: Calendar, tokens: Tokens) -> None:
        self._calendar = calendar
        self._tokens = tokens
        self._full_again = 0

    def take(self) -> int | None:
        """Take a token; return how long (ns) until it is there, None for one who is refused."""
        tokens, now = self._tokens, self._calendar.now
        wait = rate_limits.wait(self._full_again, now, tokens.interval_ns, tokens.burst)
        if wait and tokens.refuses:
            return None
        self._full_again = rate_limits.full_again(self._full_again, now, tokens.interval_ns)
        return wait


class Shedding:
    """The bucket of tokens of *server* or of each worker, and what CoDel knows of each queue."""

    def __init__(self, calendar: Calendar, server: Server) -> None:
        self._calendar = calendar
        limit = server.rate_limit
        self._per_worker = limit is not None and limit.per == "worker"
        tokens = Tokens.of(limit)
        self._buckets = (
            [] if tokens is None else [Bucket(calendar, tokens) for _ in range(server.workers)]
        )
        self._codel = server.codel
        self._states: dict[Queue, CoDelState] = {}

    def wait_for_token(self) -> int | None:
        """Take a token of the server's; return how long (ns) until there is one.

        None where requests without a token are refused, and 0 where there is no such limit.
        """
        return 0 if self._per_worker or not self._buckets else self._buckets[0].take()

    def wait_for_token_of(self, queue: Queue) -> int | None:
        """Take a token of the worker whose accept *queue* it is, in the same way."""
        return self._buckets[queue.worker or 0].take() if self._per_worker else 0

    def codel_refuses(self, task: Task) -> bool:
        """Return whether CoDel refuses *task*, whose turn comes in an accept queue."""
        queue, codel = task.queue, self._codel
        if codel is None or queue is None:
            return False
        state = self._states.setdefault(queue, CoDelState(codel.target, codel.interval))
        now = self._calendar.now
        return refuses(state, now, now - task.job.sent, len(queue))
