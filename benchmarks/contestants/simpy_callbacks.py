"""SimPy tuned by hand: no processes, only timeouts that call back."""

from __future__ import annotations

from collections import deque

import simpy

from contestants.work import Undrawn
from contestants.work import draw_later as draw

__all__ = ["PACKAGE", "draw", "simulate"]

PACKAGE = "simpy"

Request = list[float]
"""When it arrived, and how many visits it has left."""


class Server:
    """One CPU, and those who wait for it."""

    def __init__(self, env: simpy.Environment, todo: Undrawn) -> None:
        self.env, self.todo, self.chance = env, todo, todo.chance()
        self.waiting: deque[Request] = deque()
        self.busy = False
        self.coming, self.total = todo.requests, 0.0

    def after(self, delay_s: float, callback: object, request: Request | None = None) -> None:
        """Call back in so many seconds."""
        event = simpy.Timeout(self.env, delay_s, request)
        event.callbacks.append(callback)

    def arrive(self, _: simpy.Event) -> None:
        """Take a new request, and await the next."""
        self.join([self.env.now, self.todo.work.visits])
        self.coming -= 1
        if self.coming:
            self.after(self.todo.between_arrivals_s(self.chance), self.arrive)

    def back(self, event: simpy.Event) -> None:
        """Let a request join the queue again."""
        self.join(event.value)

    def join(self, request: Request) -> None:
        """Serve the request, or let it wait."""
        if self.busy:
            self.waiting.append(request)
        else:
            self.busy = True
            self.after(self.todo.cpu_s(self.chance), self.served, request)

    def served(self, event: simpy.Event) -> None:
        """Let one request go, and serve the next."""
        request = event.value
        request[1] -= 1
        if request[1]:
            self.after(self.todo.io_s(self.chance), self.back, request)
        else:
            self.total += self.env.now - request[0]
        if self.waiting:
            self.after(self.todo.cpu_s(self.chance), self.served, self.waiting.popleft())
        else:
            self.busy = False


def simulate(todo: Undrawn) -> float:
    """Return the mean response of so many requests, in seconds."""
    env = simpy.Environment()
    server = Server(env, todo)
    server.after(todo.between_arrivals_s(server.chance), server.arrive)
    env.run()
    return server.total / todo.requests
