"""Plain SimPy, as its documentation writes it: a process per request, a resource for the CPU."""

from __future__ import annotations

import random
from collections.abc import Generator

import simpy

from contestants.work import Undrawn
from contestants.work import draw_later as draw

__all__ = ["PACKAGE", "draw", "simulate"]

PACKAGE = "simpy"

Process = Generator[simpy.Event, None, None]


def request(
    env: simpy.Environment,
    cpu: simpy.Resource,
    todo: Undrawn,
    chance: random.Random,
    responses: list[float],
) -> Process:
    """Go through one request."""
    arrived = env.now
    for visit in range(todo.work.visits):
        if visit:
            yield env.timeout(todo.io_s(chance))
        with cpu.request() as turn:
            yield turn
            yield env.timeout(todo.cpu_s(chance))
    responses.append(env.now - arrived)


def source(
    env: simpy.Environment,
    cpu: simpy.Resource,
    todo: Undrawn,
    chance: random.Random,
    responses: list[float],
) -> Process:
    """Let requests arrive."""
    for _ in range(todo.requests):
        yield env.timeout(todo.between_arrivals_s(chance))
        env.process(request(env, cpu, todo, chance, responses))


def simulate(todo: Undrawn) -> float:
    """Return the mean response of so many requests, in seconds."""
    env = simpy.Environment()
    responses: list[float] = []
    cpu = simpy.Resource(env, capacity=1)
    env.process(source(env, cpu, todo, todo.chance(), responses))
    env.run()
    return sum(responses) / len(responses)
