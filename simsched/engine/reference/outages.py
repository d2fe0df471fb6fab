"""Outages: a worker goes down, what it has at hand fails, and it returns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simsched.engine.conditions import Outage
from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.model import Model


def schedule(calendar: Calendar, model: Model[Any], outages: Iterable[Outage]) -> None:
    """Let the *outages* happen; those of one worker do not overlap."""
    for outage in outages:
        _schedule(calendar, model, outage)


def _schedule(calendar: Calendar, model: Model[Any], outage: Outage) -> None:
    def go_down() -> None:
        model.workers.put_down(outage.worker)
        model.fail(outage.worker)

    calendar.after(outage.start, Order.TIMER).callbacks.append(lambda _: go_down())
    calendar.after(outage.finish, Order.TIMER).callbacks.append(
        lambda _: model.workers.put_up(outage.worker)
    )
