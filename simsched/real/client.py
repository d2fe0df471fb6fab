"""The client of a measured server: it sends each request when it is due, and notes the answer.

A response time counts from the moment at which the request was meant to arrive, even if the client
was late to send it: otherwise a stall would hide itself (G. Tene, How NOT to Measure Latency, 2013,
calls that coordinated omission).
"""

from __future__ import annotations

import asyncio
import json
import select
import selectors
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from time import monotonic_ns
from types import MappingProxyType

import numpy as np

from simsched.engine.trace import Status
from simsched.errors import RunError
from simsched.real.exchanges import Exchange, LocalExchange
from simsched.real.jobs import Program, Record
from simsched.workload.closed import Block, ClosedWorkload
from simsched.workload.columns import Requests, Workload

TIMELINE = 200
"""How many of the first requests have a timeline."""


@dataclass(slots=True, eq=False)
class Sent:
    """A request that was sent, and what came of it. Moments are those of ``time.monotonic_ns``.

    Attributes:
        number: its number in order of sending, from 1.
        requests: the columns that hold it,
        index: and its position in them.
        arrival: when it was meant to arrive.
        user: who sent it; -1 where no user did.
        late: how much later it was sent, in nanoseconds.
        finish: when its answer came; None if none did.
        status: how it ended.
    """

    number: int
    requests: Requests
    index: int
    arrival: int
    user: int = -1
    late: int = 0
    finish: int | None = None
    status: Status = Status.UNFINISHED

    def program(self) -> Program:
        """Return the rows of its program."""
        first, end = self.requests.first_row[self.index : self.index + 2].tolist()
        steps = self.requests.step_id[first:end].tolist()
        operands = self.requests.duration_ns[first:end].tolist()
        drawn = self.requests.fails
        fails = drawn[0, first:end].tolist() if len(drawn) else [False] * len(steps)
        return list(zip(steps, operands, fails, strict=True))


def _as_drawn(sent: Sent, busy: Sequence[int]) -> int:
    return int(sent.requests.dispatch[sent.index] * len(busy))


def _in_turn(sent: Sent, busy: Sequence[int]) -> int:
    return (sent.number - 1) % len(busy)


def _least_busy(_: Sent, busy: Sequence[int]) -> int:
    return busy.index(min(busy))


DISPATCH: Mapping[str, Callable[[Sent, Sequence[int]], int]] = MappingProxyType(
    {
        # Those workers have one listener, and decide among themselves.
        **dict.fromkeys(("shared", "race"), lambda _, __: 0),
        "random": _as_drawn,
        "round_robin": _in_turn,
        "least_busy": _least_busy,
    }
)
"""From a request, and how many each listener has at hand, to the listener that gets it."""


class _PreciseSelector(selectors.DefaultSelector):
    """A selector that waits to the microsecond, where epoll's timeout is in milliseconds."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0 and hasattr(self, "fileno"):
            select.select([self.fileno()], [], [], timeout)
            timeout = 0
        return super().select(timeout)


def new_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop for a client, whose timers are precise."""
    return asyncio.SelectorEventLoop(_PreciseSelector())


class Client:
    """Sends requests to the listeners at *addresses*, and keeps what comes of them in ``sent``.

    ``records`` are what answers bring along of what a worker noted.

    Args:
        addresses: the sockets that the workers listen on.
        dispatch: how it is decided which of them gets a request, as in :data:`DISPATCH`.
        refuses: whether a request that finds no room is refused; else it waits for some.
        exchange: how a request is sent and answered.
        why_failed: says why a worker has ended, as far as that is known.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        dispatch: str,
        *,
        refuses: bool,
        exchange: type[Exchange] = LocalExchange,
        why_failed: Callable[[], str] = lambda: "its error is above",
    ) -> None:
        self.sent: list[Sent] = []
        self.records: list[Record] = []
        self._refuses = refuses
        self._exchange = exchange
        self._why_failed = why_failed
        self._addresses = addresses
        self._choose = DISPATCH[dispatch]
        self._busy = [0] * len(addresses)
        self._numbers = count(1)
        self._open: set[Exchange] = set()
        self._failed: asyncio.Future[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    async def load(self, workload: Workload | ClosedWorkload, start: int) -> None:
        """Send the requests of *workload*, which begins at *start*, until the server is done.

        Raises:
            RunError: a worker has ended.
        """
        self._failed = asyncio.get_running_loop().create_future()
        sending = asyncio.ensure_future(self._send_all(workload, start))
        try:
            await asyncio.wait([sending, self._failed], return_when=asyncio.FIRST_COMPLETED)
            await (self._failed if self._failed.done() else sending)
        finally:
            sending.cancel()
            for exchange in self._open:
                exchange.close()

    def note_due(self, workload: Workload, start: int, end: int) -> None:
        """Note those requests of *workload* that were due before *end*, and were not sent by then.

        They arrived all the same: that the client was late is no reason to leave them out.
        """
        for index in range(len(self.sent), int(np.searchsorted(workload.arrival_ns, end - start))):
            arrival = start + int(workload.arrival_ns[index])
            self.sent.append(Sent(next(self._numbers), workload, index, arrival))

    def fail(self) -> None:
        """Note that a worker has ended."""
        if self._failed is not None and not self._failed.done():
            self._failed.set_exception(
                RunError(f"a worker process ended while it was measured; {self._why_failed()}")
            )

    async def _send_all(self, workload: Workload | ClosedWorkload, start: int) -> None:
        if isinstance(workload, Workload):
            for index, arrival in enumerate(workload.arrival_ns.tolist()):
                await _sleep_until(start + arrival)
                self._send(Sent(next(self._numbers), workload, index, start + arrival))
        else:
            users = range(workload.users)
            await asyncio.gather(*(self._ask(workload, user, start) for user in users))
        while any(self._busy):
            self._idle.clear()
            await self._idle.wait()

    async def _ask(self, workload: ClosedWorkload, user: int, start: int) -> None:
        """Think, ask, wait for the answer, and begin anew, as *user*."""
        now = sent = 0
        (users,) = workload.populations
        for block, index in islice(_requests(workload, user), users.iterations):
            moment = users.next_request(user, now, sent, int(block.think_ns[index]))
            if moment is None:
                return
            await _sleep_until(start + moment)
            number = next(self._numbers)
            if users.most_requests is not None and number > users.most_requests:
                return
            request = Sent(number, block, index, start + moment, user)
            await self._send(request)
            sent, now = moment, (request.finish or monotonic_ns()) - start

    def _send(self, request: Sent) -> asyncio.Future[None]:
        """Send *request*; the future is done when its client has the answer."""
        request.late = max(0, monotonic_ns() - request.arrival)
        self.sent.append(request)
        listener = self._choose(request, self._busy)
        self._busy[listener] += 1
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        content = [request.number, request.arrival, request.number <= TIMELINE, request.program()]
        exchange = self._exchange(
            json.dumps(content).encode(),
            refuses=self._refuses,
            answered=partial(self._end, request, answered),
            over=lambda: self._leave(listener, exchange, answered),
        )
        self._open.add(exchange)
        exchange.connect(self._addresses[listener])
        return answered

    def _end(
        self,
        request: Sent,
        answered: asyncio.Future[None],
        status: Status,
        record: Record | None = None,
    ) -> None:
        """Note that *request* has its answer, and perhaps what its worker noted."""
        request.finish, request.status = monotonic_ns(), status
        if record is not None:
            self.records.append(record)
        if not answered.done():
            answered.set_result(None)

    def _leave(self, listener: int, exchange: Exchange, answered: asyncio.Future[None]) -> None:
        """Note that the server is done with a request of *listener*."""
        self._open.remove(exchange)
        self._busy[listener] -= 1
        self._idle.set()
        if not answered.done():
            self.fail()


def _requests(workload: ClosedWorkload, user: int) -> Iterator[tuple[Block, int]]:
    for number in count():
        block = workload.block(number)
        for index in range(user * block.per_user, (user + 1) * block.per_user):
            yield block, index


async def _sleep_until(moment: int) -> None:
    await asyncio.sleep(max(0, moment - monotonic_ns()) / 1e9)
