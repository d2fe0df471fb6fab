"""Outages: a worker goes down, what it has at hand fails, and it returns. Or it is slower."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simsched.engine.conditions import Outage
from simsched.engine.reference.calendar import Calendar, Order
from simsched.engine.reference.model import Model


def schedule(calendar: Calendar, model: Model[Any], outages: Iterable[Outage]) -> None:
    """Let the *outages* happen; those of one worker neither overlap nor touch."""
    for outage in outages:
        _schedule(calendar, model, outage)


def _schedule(calendar: Calendar, model: Model[Any], outage: Outage) -> None:
    def at(moment: int, order: Order, change: Callable[[int], None]) -> None:
        calendar.after(moment, order).callbacks.append(lambda _: change(outage.worker))

    if outage.slower is not None:
        factor = outage.slower
        at(outage.start, Order.CAPACITY, lambda worker: model.workers.slow(worker, factor))
        at(outage.finish, Order.CAPACITY, lambda worker: model.workers.slow(worker, 1.0))
        return
    if outage.drain:
        at(outage.start, Order.CAPACITY, model.workers.retire)
    else:
        at(outage.start, Order.CAPACITY, model.close)
        at(outage.start, Order.TIMER, model.fail)
    at(outage.finish, Order.CAPACITY, model.workers.let_up)
