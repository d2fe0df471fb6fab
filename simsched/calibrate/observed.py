"""Requests of a real server as it was seen from outside: when they came, and how long they took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simsched.calibrate.reading import printable
from simsched.workload.arrays import Int32s, Int64s


@dataclass(frozen=True)
class About:
    """Where requests are from, and what is odd about them.

    Attributes:
        source: the names of the files, to be shown.
        remarks: what was found out, and what is not used, in sentences.
    """

    source: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Observed:
    """The requests of logs or tables, in order of arrival.

    Attributes:
        arrival_ns: (n,) when each arrived, counted from the first.
        response_ns: (n,) how long it took.
        class_id: (n,) its class, by position in *classes*.
        classes: their names, the most frequent first.
        upstream_ns: (n,) how long other servers took for it, -1 where that is not known; None where
            it never is.
        about: where they are from.
    """

    arrival_ns: Int64s
    response_ns: Int64s
    class_id: Int32s
    classes: tuple[str, ...]
    upstream_ns: Int64s | None
    about: About

    def __len__(self) -> int:
        return len(self.arrival_ns)


def observed(
    arrival_ns: Int64s,
    response_ns: Int64s,
    labels: Sequence[str],
    about: About,
    upstream_ns: Int64s | None = None,
) -> Observed:
    """Return requests, in any order, as they arrived; *labels* are the names of their classes."""
    order = np.argsort(arrival_ns, kind="stable")
    arrival = arrival_ns[order]
    # Not an array of strings: each of its cells would be as wide as the longest name.
    numbers: dict[str, int] = {}
    found = (numbers.setdefault(printable(label), len(numbers)) for label in labels)
    class_id = np.fromiter(found, np.int32, len(labels))
    count, names = np.bincount(class_id), list(numbers)
    by_count = sorted(range(len(names)), key=lambda i: (-count[i], names[i]))
    rank = np.empty(len(names), np.int32)
    rank[by_count] = np.arange(len(names))
    return Observed(
        arrival - arrival[0],
        response_ns[order],
        rank[class_id][order],
        tuple(names[i] for i in by_count),
        None if upstream_ns is None else upstream_ns[order],
        about,
    )
