"""The replications of an experiment: in memory while they fit, or else simulated again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from simsched.engine import Trace
from simsched.statistics.appraisal import cuts, reduced
from simsched.statistics.contender import Contender
from simsched.statistics.replication import Replication
from simsched.statistics.warmup import Cut, Settling, settling

HELD = 20_000_000
"""Traces are held while they have no more rows than this in all; the first replication always is.

As many response times of a server are held, for the quantiles of all replications.
"""

Traces = dict[str, list[Trace]]
"""The traces of each server, by its name in the comparison."""

Again = Callable[[Contender, int], Trace]
"""Simulates a replication, by its number from 1, once more."""


@dataclass(frozen=True)
class Runs:
    """The same replications of every server of an experiment, by its name in the comparison.

    Attributes:
        traces: those that are held: the same first replications for every server.
        settlings: what is needed to find the warm-up of each replication.
        engines: the engines that simulated them.
        phases: about how many phases this process simulates in all; the engine is chosen by it.
    """

    traces: Traces = field(default_factory=dict)
    settlings: dict[str, list[Settling]] = field(default_factory=dict)
    engines: set[str | None] = field(default_factory=set)
    phases: float = 0.0

    _rows: list[int] = field(default_factory=lambda: [0])  # of all replications so far
    _dropped: dict[str, list[Replication]] = field(default_factory=dict)

    def add(self, traces: dict[str, Trace], contenders: Sequence[Contender] = ()) -> bool:
        """Add the next replication, the trace of each server; return whether they are held.

        Those that are not held are reduced at once, if the warm-ups of *contenders* are known.
        """
        all_held = all(len(held) == len(self) for held in self.traces.values())
        # Once a replication is dropped so are all later ones: those held are always the first.
        self._rows[0] += sum(map(len, traces.values()))
        fits = all_held and (self._rows[0] <= HELD or not len(self))
        for label, trace in traces.items():
            held = self.traces.setdefault(label, [])
            if fits:
                held.append(trace)
            self.settlings.setdefault(label, []).append(settling(trace))
            self.engines.add(trace.engine)
        if not fits and all(each.method().warmup != "auto" for each in contenders):
            last = {label: found[-1:] for label, found in self.settlings.items()}
            ends = cuts(contenders, last)
            for each in contenders:
                self._drop(each, traces[each.label], ends[each.label])
        return fits

    def _drop(self, contender: Contender, trace: Trace, ends: Sequence[Cut]) -> None:
        found = self._dropped.setdefault(contender.label, [])
        found += reduced(contender, [trace], ends, is_single=False)
        # Quantiles of each replication are kept in place of its response times.
        if sum(each.points for each in found) > HELD:
            found[:] = [each.without_points() for each in found]

    def __len__(self) -> int:
        """Return the number of replications of each server."""
        return max(map(len, self.settlings.values()), default=0)

    @property
    def rows(self) -> int:
        """The number of rows of the first replication, of all servers."""
        return sum(len(held[0]) for held in self.traces.values())

    def reduced(
        self, contenders: Sequence[Contender], again: Again
    ) -> dict[str, list[Replication]]:
        """Return every replication of each of *contenders*, reduced to what estimates need.

        Where the end of a warm-up depends on all replications, those that are not held are
        simulated *again*.

        Raises:
            LittlesLawError: a trace contradicts itself.
        """
        ends = cuts(contenders, self.settlings)
        return {each.label: self._reduced(each, ends[each.label], again) for each in contenders}

    def _reduced(
        self, contender: Contender, ends: Sequence[Cut], again: Again
    ) -> list[Replication]:
        found: list[Replication] = []
        points = 0
        known = self._dropped.get(contender.label, [])
        count = len(self) - len(known)
        traces = self._each(contender, again, count)
        others = reduced(contender, traces, ends[:count], is_single=len(self) == 1)
        for one in chain(others, known):
            # Some with points and some without cannot be pooled, so all lose theirs at once.
            if points <= HELD < points + one.points:
                found = [each.without_points() for each in found]
            points += one.points
            found.append(one if points <= HELD else one.without_points())
        return found

    def _each(self, contender: Contender, again: Again, count: int) -> Iterator[Trace]:
        """Yield the first *count* traces of a server, one by one."""
        held = self.traces[contender.label]
        yield from held
        for number in range(len(held) + 1, count + 1):
            yield again(contender, number)
