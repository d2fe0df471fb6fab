"""Replications of servers as they were simulated: kept whole, or counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simsched.engine import Trace
from simsched.experiment.streaming import Streams

Traces = dict[str, list[Trace]]
"""The traces of each server, by its name in the comparison."""


@dataclass(frozen=True)
class Runs:
    """The same replications of every server of an experiment, by its name in the comparison.

    Attributes:
        traces: what happened in each; none where statistics alone are kept.
        streams: what was counted of each; none where requests are kept.
    """

    traces: Traces = field(default_factory=dict)
    streams: Streams = field(default_factory=dict)

    def __add__(self, later: Runs) -> Runs:
        """Return these replications and *later* ones of the same servers."""
        return Runs(
            {label: [*each, *later.traces[label]] for label, each in self.traces.items()},
            {label: [*each, *later.streams[label]] for label, each in self.streams.items()},
        )

    def __len__(self) -> int:
        """Return how many replications there are of each server."""
        return max(map(len, self.traces.values()), default=0) or max(
            map(len, self.streams.values()), default=0
        )

    @property
    def engines(self) -> Iterator[str | None]:
        """What simulated them."""
        yield from (one.engine for each in self.traces.values() for one in each)
        yield from (one.engine for each in self.streams.values() for one in each)
