"""Calls of services that requests make, and when they are in the queue there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import Trace
from simsched.report.visits import known
from simsched.workload.columns import Int64s

Span = tuple[int, int]
"""From one instant to another (ns)."""

Key = tuple[int, int, str]
"""A request, an attempt at it, and the service that it calls."""


@dataclass(frozen=True, slots=True)
class Call:
    """A copy of a call at its service: it arrives, is taken, and ends there, at these instants.

    What had not happened when the run ended has its end. ``answered_ns`` is when the caller had the
    answer; None if it never did.
    """

    arrival_ns: int
    start_ns: int
    finish_ns: int
    answered_ns: int | None

    @property
    def stay_ns(self) -> tuple[int, int]:
        """How long it was in the queue, and served."""
        return self.start_ns - self.arrival_ns, self.finish_ns - self.start_ns


def calls_of(trace: Trace, requests: Int64s) -> Mapping[Key, Sequence[Call]]:
    """Return the calls that those *requests* made, and none that were made for calls."""
    calls = trace.calls
    # Of the attempts until an instant there are all calls, also those of later attempts.
    those = np.flatnonzero((calls.row < len(trace)) & (calls.caller < 0))
    those = those[np.isin(trace.request[calls.row[those]], requests)]
    came, taken, went = calls.stays(trace.end_ns)
    found: dict[Key, list[Call]] = defaultdict(list)
    for n in those.tolist():
        row, service = calls.row[n], trace.services[calls.service[n]].name
        call = Call(int(came[n]), int(taken[n]), int(went[n]), known(calls.answered_ns[n]))
        found[int(trace.request[row]), int(trace.attempt[row]), service].append(call)
    return found


def calls_between(trace: Trace, start_ns: int, finish_ns: int) -> list[tuple[int, ...]]:
    """Return all calls that are at a service between two instants, in order of arrival there.

    Each is the position of the service, the request, and when it came there, was taken, and ended.
    """
    calls = trace.calls
    came, taken, went = calls.stays(trace.end_ns)
    there = (came <= finish_ns) & (went >= start_ns) & (calls.row < len(trace))
    those = np.flatnonzero(there)[np.argsort(came[there], kind="stable")]
    return [
        (
            int(calls.service[n]),
            int(trace.request[calls.row[n]]),
            int(came[n]),
            int(taken[n]),
            int(went[n]),
        )
        for n in those.tolist()
    ]


def answering(calls: Iterable[Call], instant_ns: int) -> Call | None:
    """Return the first of *calls* whose answer came at *instant_ns*."""
    return next((call for call in calls if call.answered_ns == instant_ns), None)


def in_queue(calls: Sequence[Call], start_ns: int, finish_ns: int) -> tuple[Span, ...]:
    """Return when, between two instants, *calls* are in the queue of their service.

    A copy that was in the queue while the one was served whose answer came does not count.
    """
    answer = answering(calls, finish_ns)
    served = (finish_ns, finish_ns) if answer is None else (answer.start_ns, answer.finish_ns)
    waits = (
        (max(call.arrival_ns, start_ns), min(call.start_ns, finish_ns))
        for call in calls
        if call.answered_ns is None or call.answered_ns >= finish_ns
    )
    return _joined(piece for wait in waits for piece in _without(wait, served))


def _without(span: Span, gap: Span) -> tuple[Span, Span]:
    """Return what of *span* is before and after a *gap*; either may be empty, or less."""
    return (span[0], min(span[1], gap[0])), (max(span[0], gap[1]), span[1])


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return those *spans* that are not empty, with overlapping ones as one, in order."""
    found: list[Span] = []
    for start, finish in sorted(spans):
        if start >= finish:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], finish))
        else:
            found.append((start, finish))
    return tuple(found)
