"""How requests come: by themselves, or from users who wait for their answers."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator

import simpy

from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.clients import Client, Request
from simsched.engine.standstill import MOST_AT_ONCE, standstill
from simsched.workload.closed import Block, ClosedWorkload, Population
from simsched.workload.columns import Workload

Process = Generator[simpy.Event, None, None]


def schedule(calendar: Calendar, workload: Workload | ClosedWorkload, client: Client) -> None:
    """Let the requests of *workload* come through *client*."""
    numbers = itertools.count(1)
    if isinstance(workload, Workload):
        calendar.process(_arrive(calendar, workload, client, numbers))
    else:
        _Users(calendar, workload, client, numbers)
        if workload.beside is not None:
            calendar.process(_arrive(calendar, workload.beside, client, numbers))


def _arrive(
    calendar: Calendar, workload: Workload, client: Client, numbers: Iterator[int]
) -> Process:
    for index, arrival in enumerate(workload.arrival_ns.tolist()):
        yield calendar.after(arrival - calendar.now, Order.ARRIVAL)
        client.send(Request(workload, index, next(numbers)))


class _Users:
    """Each user thinks, asks, waits for the answer, and thinks again."""

    def __init__(
        self,
        calendar: Calendar,
        workload: ClosedWorkload,
        client: Client,
        numbers: Iterator[int],
    ) -> None:
        self._calendar = calendar
        self._workload = workload
        self._client = client
        self._blocks: list[Block] = []
        self._numbers = numbers
        first = 0
        for population in workload.populations:
            requests = itertools.count(1)
            for number in range(population.users):
                calendar.process(self._go_on(population, first, number, requests))
            first += population.users

    def _go_on(
        self, population: Population, first: int, number_among: int, requests: Iterator[int]
    ) -> Process:
        """Let one user of a *population* go on, the *first* of whom has that number among all."""
        user = first + number_among
        most = population.most_requests
        began = rounds = sent = 0
        for block, index in itertools.islice(self._requests(user), population.iterations):
            now = self._calendar.now
            rounds = rounds + 1 if now == began else 0
            began = now
            if rounds > MOST_AT_ONCE:
                raise standstill(user, began)
            think = int(block.think_ns[index])
            moment = population.next_request(number_among, now, sent, think)
            if moment is None:
                return
            yield self._calendar.after(moment - now, Order.ARRIVAL)
            if most is not None and next(requests) > most:
                return
            answered = self._calendar.event()
            sent = self._calendar.now
            number = next(self._numbers)
            self._client.send(Request(block, index, number, user, answered.succeed))
            yield answered

    def _requests(self, user: int) -> Iterator[tuple[Block, int]]:
        for position in itertools.count():
            if position == len(self._blocks):
                self._blocks.append(self._workload.block(position))
            block = self._blocks[position]
            for index in range(user * block.per_user, (user + 1) * block.per_user):
                yield block, index
