"""Where values are tried: every replication of a server is simulated once, then judged.

Replication *n* uses the draws of replication *n* at every value (common random numbers): arrivals
come sooner or later, but the same requests come in the same order. So the figures at two values
differ by what the values do, and what chance does to both cancels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from simsched.engine.trace import Trace
from simsched.errors import InputError
from simsched.experiment.search.journal import Journal
from simsched.experiment.search.parameter import MakeScenario, Parameter
from simsched.experiment.search.trial import Side, Trial, hopeless, judged
from simsched.experiment.simulating import Simulate, one_by_one
from simsched.scenario.model.scenario import Scenario
from simsched.statistics import slo
from simsched.statistics.contender import Contender
from simsched.statistics.estimate import Estimate
from simsched.statistics.run_length import requests_needed
from simsched.statistics.summarize import summarize_by
from simsched.units import SECOND
from simsched.workload.arrivals import arrival_rate_per_s

FIRST = 10
"""How many replications every value that is tried is given."""

PRECISION = 0.10
"""How precisely :data:`FIRST` replications together estimate the mean wait. A coarser estimate
would do, as near saturation a small change of the rate changes the wait by much more; but shorter
runs would be mostly warm-up, and overrate the server."""

FEWEST = 2_000
"""A run of fewer requests is mostly warm-up."""

TAIL = 0.04
"""Quantiles that leave a smaller share of the requests beyond them need longer runs than a mean.

The requests beyond a p99 come in a few clusters. Where a run has one or two of them, its p99 is so
skewed that intervals over 20 runs cover the truth in 89 % of experiments (M/M/1 at load 0.82, 5,300
requests each); four times as long, in 94 %.
"""

MOST = 50_000
"""The most requests of one run: near saturation the formula asks for more than anyone waits for."""

KEPT = 1_000_000
"""Traces of so many requests are kept, in case their values need more replications."""


@dataclass
class Laboratory:
    """Tries values of one server, and remembers what was found.

    Attributes:
        load: makes the scenario.
        parameter: what varies.
        server: the server's name.
        simulate: how replications are simulated.
        journal: the findings of an earlier, interrupted search.
        trials: what was found so far, by value.
    """

    load: MakeScenario
    parameter: Parameter
    server: str
    simulate: Simulate = one_by_one
    journal: Journal = field(default_factory=Journal)
    trials: dict[float, Trial] = field(default_factory=dict)
    _traces: dict[float, list[Trace]] = field(default_factory=dict)

    def probe(self, value: float, replications: int = FIRST) -> Trial | None:
        """Return the trial of *value* with at least so many *replications*.

        None where the scenario cannot have that value. Where the load alone decides, nothing is
        simulated.

        Raises:
            RunError: a simulation failed.
        """
        # Values that differ in digits without meaning would be simulated twice.
        value = self.parameter.snap(value)
        known = self.trials.get(value)
        if known is not None and (known.replications >= replications or not known.replications):
            return known
        contender = self._contender(value)
        if contender is None:
            return None
        # A repr has all digits of the value: the same search asks for the same finding again.
        name = f"{self.server}: {value!r}, {replications}"
        self.trials[value] = self.journal.recall(
            name, Trial, lambda: self._tried(value, contender, replications)
        )
        return self.trials[value]

    def _contender(self, value: float) -> Contender | None:
        try:
            scenario = self.load((self.parameter.option(value),))
        except InputError:
            return None
        return planned(Contender(self.server, scenario, scenario.servers[self.server]))

    def _tried(self, value: float, contender: Contender, replications: int) -> Trial:
        objectives = contender.objectives()
        unstable = None if contender.load is None else contender.load.unstable_warning()
        if unstable is not None and any(slo.is_delay(each.limit) for each in objectives):
            return hopeless(value, unstable, objectives)
        traces = self._simulated(value, contender, 1 if contender.is_certain else replications)
        summary = summarize_by(contender.method(), contender.label, traces)
        return judged(value, contender, summary, len(traces), sum(map(len, traces)))

    def _simulated(self, value: float, contender: Contender, replications: int) -> list[Trace]:
        """Return the traces at *value*, after simulating those that are missing."""
        traces = self._traces.pop(value, [])
        traces += self.simulate(contender, range(len(traces) + 1, replications + 1))
        self._traces[value] = traces
        # The oldest go first; the newest stay, however many they are.
        while len(self._traces) > 1 and self._kept() > KEPT:
            del self._traces[next(iter(self._traces))]
        return traces

    def _kept(self) -> int:
        return sum(len(trace) for traces in self._traces.values() for trace in traces)


def enclosing(trials: Iterable[Trial]) -> tuple[Estimate, Side | None]:
    """Return the values between which *trials* show the boundary to lie, and the side of the kept.

    There are no values where the trials do not enclose it.
    """
    found = list(trials)
    kept = [trial.value for trial in found if trial.verdict == "kept"]
    missed = [trial.value for trial in found if trial.verdict == "missed"]
    if kept and missed and max(kept) < min(missed):
        return Estimate(None, max(kept), min(missed)), "below"
    if kept and missed and max(missed) < min(kept):
        return Estimate(None, max(missed), min(kept)), "above"
    return Estimate(None), None


def planned(contender: Contender) -> Contender:
    """Return *contender* with runs that end after as many requests as its load needs.

    :data:`FIRST` replications together estimate the mean wait within :data:`PRECISION` of it (see
    :mod:`simsched.statistics.run_length`); a limit on a quantile in the tail takes longer. Where no
    formula gives the number of requests, a run is as long as in the file, and at least
    :data:`FEWEST` requests. Other workloads than an open one with a steady state keep their end.
    """
    scenario = contender.scenario
    if contender.is_certain or not contender.is_steady or scenario.workload.open is None:
        return contender
    end = {"requests": _requests(contender), "duration": None}
    workload = scenario.workload.model_copy(update=end)
    return replace(contender, scenario=scenario.model_copy(update={"workload": workload}))


def _requests(contender: Contender) -> int:
    queue, times = contender.queue(), _tail(contender)
    if queue is None:
        return max(round(FEWEST * times), round(_as_written(contender.scenario)))
    # Rounded up, as the replications share what is needed.
    needed = max(FEWEST, -(-requests_needed(queue, PRECISION) // FIRST))
    return min(round(needed * times), MOST) + _of_warmup(contender.scenario)


def _tail(contender: Contender) -> float:
    """Return how many times as long as for a mean a run is, for the quantiles of the limits."""
    quantiles = [each.limit.metric.quantile for each in contender.objectives()]
    return max([1.0, *(TAIL / (1 - each) for each in quantiles if each is not None)])


def _as_written(scenario: Scenario) -> float:
    workload = scenario.workload
    if workload.requests is not None:
        return workload.requests
    return arrival_rate_per_s(scenario) * (workload.duration or 0) / SECOND


def _of_warmup(scenario: Scenario) -> int:
    """Return how many requests arrive in a warm-up that the file gives as a time."""
    time_ns = scenario.run.warmup
    return round(arrival_rate_per_s(scenario) * time_ns / SECOND) if isinstance(time_ns, int) else 0
