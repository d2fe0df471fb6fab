"""Lists of records that know their neighbours: one is left from amid without looking for it."""

from __future__ import annotations

from typing import Any

from simsched.engine.compiled.layout import NONE, Record
from simsched.engine.compiled.memory import record_at
from simsched.engine.jit import apart, rule


@rule
def append(ends: Record, records: int, kind: Any, at: int) -> None:
    """Let the one at this position be the last of the list between *ends*.

    It is one of the *records* of a *kind* at that address.
    """
    one = record_at(records, at, kind)
    one.next = NONE
    one.previous = ends.last
    if ends.last == NONE:
        ends.first = at
    else:
        record_at(records, ends.last, kind).next = at
    ends.last = at


@apart
def insert(ends: Record, records: int, kind: Any, at: int, previous: int) -> None:
    """Let the one at this position follow *previous* in the list, or be its first."""
    one = record_at(records, at, kind)
    one.previous = previous
    one.next = ends.first if previous == NONE else record_at(records, previous, kind).next
    if previous == NONE:
        ends.first = at
    else:
        record_at(records, previous, kind).next = at
    if one.next == NONE:
        ends.last = at
    else:
        record_at(records, one.next, kind).previous = at


@rule
def remove(ends: Record, records: int, kind: Any, at: int) -> None:
    """Let the one at this position be in the list between *ends* no longer."""
    one = record_at(records, at, kind)
    if one.previous == NONE:
        ends.first = one.next
    else:
        record_at(records, one.previous, kind).next = one.next
    if one.next == NONE:
        ends.last = one.previous
    else:
        record_at(records, one.next, kind).previous = one.previous
