"""How requests come: by themselves, or from users who wait for their answers."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator

import simpy

from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.client import Client, Request
from simsched.engine.standstill import MOST_AT_ONCE, standstill
from simsched.workload.closed import Block, ClosedWorkload
from simsched.workload.columns import Workload

Process = Generator[simpy.Event, None, None]


def schedule(calendar: Calendar, workload: Workload | ClosedWorkload, client: Client) -> None:
    """Let the requests of *workload* come through *client*."""
    if isinstance(workload, Workload):
        calendar.process(_arrive(calendar, workload, client))
    else:
        _Users(calendar, workload, client)


def _arrive(calendar: Calendar, workload: Workload, client: Client) -> Process:
    for index, arrival in enumerate(workload.arrival_ns.tolist()):
        yield calendar.after(arrival - calendar.now, Order.ARRIVAL)
        client.send(Request(workload, index, number=index + 1))


class _Users:
    """Each user thinks, asks, waits for the answer, and thinks again."""

    def __init__(self, calendar: Calendar, workload: ClosedWorkload, client: Client) -> None:
        self._calendar = calendar
        self._workload = workload
        self._client = client
        self._blocks: list[Block] = []
        self._numbers = itertools.count(1)
        for user in range(workload.users):
            calendar.process(self._go_on(user))

    def _go_on(self, user: int) -> Process:
        most = self._workload.most_requests
        began = rounds = sent = 0
        for block, index in self._requests(user):
            now = self._calendar.now
            rounds = rounds + 1 if now == began else 0
            began = now
            if rounds > MOST_AT_ONCE:
                raise standstill(user, began)
            moment = self._workload.next_request(user, now, sent, int(block.think_ns[index]))
            if moment is None:
                return
            yield self._calendar.after(moment - now, Order.ARRIVAL)
            number = next(self._numbers)
            if most is not None and number > most:
                return
            answered = self._calendar.event()
            sent = self._calendar.now
            self._client.send(Request(block, index, number, user, answered.succeed))
            yield answered

    def _requests(self, user: int) -> Iterator[tuple[Block, int]]:
        iterations = self._workload.iterations
        return itertools.islice(self._all_requests(user), iterations)

    def _all_requests(self, user: int) -> Iterator[tuple[Block, int]]:
        for position in itertools.count():
            if position == len(self._blocks):
                self._blocks.append(self._workload.block(position))
            block = self._blocks[position]
            for index in range(user * block.per_user, (user + 1) * block.per_user):
                yield block, index
