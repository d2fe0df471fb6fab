"""A deadlock: requests that wait for each other for ever."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wait:
    """What a stuck request has, and what it waits for, in words: a resource, a thread, a loop."""

    request: int
    holds: tuple[str, ...]
    waits_for: str

    def __str__(self) -> str:
        holds = " and ".join(self.holds) or "nothing"
        return f"request {self.request} holds {holds} and waits for {self.waits_for}"


@dataclass(frozen=True, slots=True)
class Deadlock:
    """How many requests are stuck at the end of a run, and what the first of them wait for."""

    stuck: int
    waits: tuple[Wait, ...]
