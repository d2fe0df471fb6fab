"""salabim: a component per request, a resource for the CPU; generators, nothing monitored."""

from __future__ import annotations

import random
from collections.abc import Generator

import salabim

from contestants.work import Undrawn
from contestants.work import draw_later as draw

__all__ = ["PACKAGE", "draw", "simulate"]

PACKAGE = "salabim"


class Request(salabim.Component):
    """One request."""

    def setup(
        self,
        cpu: salabim.Resource,
        todo: Undrawn,
        chance: random.Random,
        responses: list[float],
    ) -> None:
        """Keep what the request needs."""
        self.cpu, self.todo, self.chance, self.responses = cpu, todo, chance, responses

    def process(self) -> Generator[object, None, None]:
        """Go through the request."""
        arrived = self.env.now()
        for visit in range(self.todo.work.visits):
            if visit:
                yield self.hold(self.todo.io_s(self.chance))
            yield self.request(self.cpu)
            yield self.hold(self.todo.cpu_s(self.chance))
            self.release(self.cpu)
        self.responses.append(self.env.now() - arrived)


class Source(salabim.Component):
    """What lets requests arrive."""

    def setup(self, todo: Undrawn, **passed_on: object) -> None:
        """Keep what the requests need."""
        self.todo, self.passed_on = todo, passed_on

    def process(self) -> Generator[object, None, None]:
        """Let them arrive."""
        chance = self.passed_on["chance"]
        for _ in range(self.todo.requests):
            yield self.hold(self.todo.between_arrivals_s(chance))
            Request(todo=self.todo, mode=None, **self.passed_on)


def simulate(todo: Undrawn) -> float:
    """Return the mean response of so many requests, in seconds."""
    env = salabim.Environment(yieldless=False, trace=False)
    cpu = salabim.Resource("cpu", capacity=1, monitor=False)
    responses: list[float] = []
    Source(todo=todo, cpu=cpu, chance=todo.chance(), responses=responses)
    env.run()
    return sum(responses) / len(responses)
