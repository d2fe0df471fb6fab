"""Calls between services: which request at another service each was, and how far clocks differ.

Only durations are compared across services, each of which was measured with one clock. What a call
takes longer than it is served is under way on the network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from simsched.calibrate.otlp import CLIENT, SERVER, Spans


def served(spans: Spans, homes: Sequence[int]) -> dict[int, int]:
    """Return for the row of each call of another service that of the request there.

    Args:
        spans: the spans.
        homes: the row of the request that each is part of.
    """
    return {
        above: row
        for row, (home, above) in enumerate(zip(homes, spans.parent, strict=True))
        if home == row and above >= 0 and spans.kind[row] == SERVER and spans.kind[above] == CLIENT
        if spans.service[above] != spans.service[row]
    }


class Links:
    """What the calls of one service are at others.

    A call without a span at the other service is taken for what most of its label are.

    Attributes:
        label: the labels of those calls that are of another service, by their rows.
        serving: what these labels ask for: the name of the service, and the label there.
        services: the positions of the services, in the order of the first calls.
    """

    def __init__(
        self,
        spans: Spans,
        served: Mapping[int, int],
        calls: Sequence[int],
        path: Sequence[int],
        labels: list[str],
    ) -> None:
        self._spans, self._served = spans, served
        wanted: dict[int, Counter[tuple[int, int]]] = {}
        for row in calls:
            if (at := served.get(row)) is not None and spans.service[at] not in path:
                wanted.setdefault(spans.label[row], Counter())[_asked(spans, at)] += 1
        number: dict[tuple[int, int], int] = {}
        self.label: dict[int, int] = {}
        for row in calls:
            counts = wanted.get(spans.label[row])
            if counts is None:
                continue
            at = served.get(row)
            asked = counts.most_common(1)[0][0] if at is None else _asked(spans, at)
            if asked[0] in path:
                continue
            if asked not in number:
                number[asked] = len(labels)
                labels.append(f"{spans.services[asked[0]]} {spans.labels[asked[1]]}")
            self.label[row] = number[asked]
        self.serving = {
            label: (spans.services[service], kind) for (service, kind), label in number.items()
        }
        self.services = list(dict.fromkeys(service for service, _ in number))

    def served(self, row: int) -> tuple[int, int]:
        """Return when the other service began with a call and how long it took, -1 if unknown."""
        at = self._served.get(row) if row in self.label else None
        if at is None:
            return -1, -1
        start = self._spans.start_ns[at]
        return start, self._spans.end_ns[at] - start

    def clocks(self) -> dict[str, int]:
        """Return by how much the clocks of the services are ahead, where that shows.

        It does where requests seem to be served before they were sent, or after the answer.
        """
        spans, found = self._spans, {}
        for service in self.services:
            rows = [
                (row, at)
                for row in self.label
                if (at := self._served.get(row)) is not None and spans.service[at] == service
            ]
            times = np.array(
                [
                    (spans.start_ns[at] - spans.start_ns[row], spans.end_ns[row] - spans.end_ns[at])
                    for row, at in rows
                ]
            )
            there, back = np.median(times, axis=0)
            if min(there, back) < 0:
                found[spans.services[service]] = round((there - back) / 2)
        return found


def _asked(spans: Spans, at: int) -> tuple[int, int]:
    return spans.service[at], spans.label[at]
