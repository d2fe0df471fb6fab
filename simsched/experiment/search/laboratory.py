"""Where values are tried: every replication of a server is simulated once, and its figures drawn.

Replication *n* meets the draws of replication *n* at every value (common random numbers): arrivals
that come sooner or later, but the same requests in the same order. So figures at two values differ
by what the values do, and what chance does to both cancels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from simsched.engine.trace import Trace
from simsched.errors import InputError
from simsched.experiment.search.journal import Journal
from simsched.experiment.search.length import FIRST, planned
from simsched.experiment.search.parameter import Load, Parameter
from simsched.experiment.search.trial import Trial, hopeless, judged
from simsched.experiment.simulating import Simulate, one_by_one
from simsched.statistics import slo
from simsched.statistics.contender import Contender
from simsched.statistics.summarize import summarize_by

KEPT = 1_000_000
"""Traces of so many requests are kept, for more replications of their values; the oldest go."""

Watch = Callable[[int], None]
"""Told, before it is simulated, how many replications are to come, and then 0 for each one done."""


def _unwatched(_: int) -> None:
    pass


@dataclass(frozen=True)
class Variation:
    """A server as it is at each value of a parameter.

    Attributes:
        load: makes the scenario.
        parameter: what varies.
        server: the server's name.
    """

    load: Load
    parameter: Parameter
    server: str

    def at(self, value: float) -> Contender | None:
        """Return the server at *value*, with runs as long as its load needs.

        None where the scenario cannot have that value.
        """
        try:
            scenario = self.load((self.parameter.option(value),))
        except InputError:
            return None
        return planned(Contender(self.server, scenario, scenario.servers[self.server]))


@dataclass
class Laboratory:
    """Tries values of one server, and remembers what was found.

    Attributes:
        variation: the server.
        simulate: how replications are simulated.
        watch: told of every replication.
        journal: what an earlier search found that was broken off.
        trials: what was found so far, by value.
    """

    variation: Variation
    simulate: Simulate = one_by_one
    watch: Watch = _unwatched
    journal: Journal = field(default_factory=Journal)
    trials: dict[float, Trial] = field(default_factory=dict)
    _traces: dict[float, list[Trace]] = field(default_factory=dict)

    def probe(self, value: float, replications: int = FIRST) -> Trial | None:
        """Return what *value* tells after at least *replications*; None if it cannot be had.

        What is known to be hopeless is not simulated.

        Raises:
            RunError: a simulation cannot be done.
        """
        value = self.variation.parameter.snap(value)
        known = self.trials.get(value)
        if known is not None and (known.replications >= replications or not known.replications):
            return known
        contender = self.variation.at(value)
        if contender is None:
            return None
        name = f"{self.variation.server}: {value!r}, {replications}"
        self.trials[value] = self.journal.recall(
            name, Trial, lambda: self._tried(value, contender, replications)
        )
        return self.trials[value]

    def _tried(self, value: float, contender: Contender, replications: int) -> Trial:
        delays = [each for each in contender.objectives() if slo.is_delay(each.limit)]
        unstable = None if contender.load is None else contender.load.sentence()
        if delays and unstable is not None:
            return hopeless(value, unstable, contender.objectives())
        if contender.is_certain:
            replications = 1
        traces = self._simulated(value, contender, replications)
        summary = summarize_by(contender.method(), contender.label, traces)
        return judged(value, contender, summary, len(traces), sum(map(len, traces)))

    def _simulated(self, value: float, contender: Contender, replications: int) -> list[Trace]:
        """Return the traces at *value*, those that are missing simulated."""
        traces = self._traces.pop(value, [])
        missing = range(len(traces) + 1, replications + 1)
        self.watch(len(missing))
        for trace in self.simulate(contender, missing):
            traces.append(trace)
            self.watch(0)
        self._traces[value] = traces
        self._forget()
        return traces

    def _forget(self) -> None:
        """Drop the oldest traces, but not the newest, until those that are left are few enough."""
        while len(self._traces) > 1 and self._kept() > KEPT:
            del self._traces[next(iter(self._traces))]

    def _kept(self) -> int:
        return sum(len(trace) for traces in self._traces.values() for trace in traces)
