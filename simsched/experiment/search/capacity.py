"""How much a server carries: the largest load, or the bound of another value, within its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from simsched.engine.trace import Trace
from simsched.experiment.search.boundary import Boundary, Found
from simsched.experiment.search.bracket import UndecidedError, bracket, decided
from simsched.experiment.search.journal import Journal
from simsched.experiment.search.laboratory import Laboratory, enclosing
from simsched.experiment.search.parameter import RATE, Parameter
from simsched.experiment.search.question import Answer, Question, Status
from simsched.experiment.search.trial import Side, Trial
from simsched.experiment.simulating import Simulate, one_by_one
from simsched.scenario.model.objectives import Limit
from simsched.statistics import losses, slo
from simsched.statistics.contender import Contender
from simsched.statistics.estimate import Estimate

_WIDENINGS = 8

OVERLOAD = 1 + 1e-3
"""This factor above its highest rate a server is overloaded even if nothing is left to chance."""

Progress = Callable[[int, int], None]
"""Called with how many replications are done, and how many are known to be needed."""


def capacities(
    question: Question,
    simulate: Simulate = one_by_one,
    progress: Progress = lambda _done, _total: None,
    journal: Journal | None = None,
) -> Iterator[Answer]:
    """Yield the answer of each server as it is found.

    Args:
        question: what is asked.
        simulate: how replications are simulated.
        progress: called before and after every replication.
        journal: where the findings are stored.

    A KeyboardInterrupt ends the search: the current server is answered as far as it got, and those
    after it not at all.

    Raises:
        RunError: a simulation failed.
    """
    simulate, journal = _counted(simulate, progress), journal or Journal()
    for server in question.servers:
        answer = _Search(question, server, simulate, journal).answer()
        yield answer
        if answer.status == "interrupted":
            return


def _counted(simulate: Simulate, progress: Progress) -> Simulate:
    """Return *simulate*, reporting *progress*."""
    done = total = 0

    def counting(
        contender: Contender, replications: Sequence[int], _phases: float | None = None, /
    ) -> Iterator[Trace]:
        nonlocal done, total
        total += len(replications)
        progress(done, total)
        for trace in simulate(contender, replications):
            done += 1
            progress(done, total)
            yield trace

    return counting


class _Search:
    """The search for one server's answer."""

    def __init__(
        self, question: Question, server: str, simulate: Simulate, journal: Journal
    ) -> None:
        self._question = question
        self._laboratory = Laboratory(question.load, question.parameter, server, simulate, journal)
        scenario = question.scenario
        self._contender = Contender(server, scenario, scenario.servers[server])
        self._highest = _highest(question.parameter, self._contender)

    def answer(self) -> Answer:
        """Return what was found, however the search ended."""
        try:
            return self._found()
        except UndecidedError as error:
            where = self._question.parameter.show(error.trial.value)
            return self._so_far("open", f"at {where}: {error.trial.reason}")
        except KeyboardInterrupt:
            return self._so_far("interrupted")

    def _found(self) -> Answer:
        question, overload = self._question, self._highest
        if overload and self._contender.is_certain:  # at the highest rate it would still keep up
            overload *= OVERLOAD
        parameter, more_is_worse = question.parameter, self._is_worse_with_more()
        # Beyond the overload nothing is tried: delays have no bound there.
        start = bracket(self._probe, parameter, overload, more_is_worse=more_is_worse)
        if isinstance(start, Trial):
            return self._alike(start)
        search = Boundary(self._probe, parameter, question.relative, question.at_most, overload)
        found = search.find(start)
        side: Side = "below" if found.bracket.direction == 1 else "above"
        if not found.is_narrow and parameter.kind == "count":
            return self._widened(found, side)
        root = found.crossing
        status: Status = "found" if found.is_narrow else "open"
        return self._answer(status, Estimate(root.value, root.low, root.high), side)

    def _probe(self, value: float, replications: int) -> Trial | None:
        """Try *value* with at least so many replications, but no more than are allowed."""
        return self._laboratory.probe(value, min(replications, self._question.at_most))

    def _is_worse_with_more(self) -> bool:
        """Return whether the limits bound what can only grow with the load: delays and losses.

        Others, as on fairness or order, may be missed at a low load and kept at a high one.
        """
        limits = [each.limit for each in self._contender.objectives()]
        return self._question.parameter.is_load and all(map(_bounds_what_grows, limits))

    def _alike(self, outermost: Trial) -> Answer:
        """Return the answer where every value that was tried is like *outermost*."""
        found, replications = outermost, outermost.replications
        while found.verdict == "open" and replications < self._question.at_most:
            replications = min(2 * replications, self._question.at_most)
            found = decided(self._probe(found.value, replications)) or found
        if found.verdict == "open":
            return self._so_far("open")
        return self._answer("always" if found.verdict == "kept" else "never", Estimate(None), None)

    def _widened(self, found: Found, side: Side) -> Answer:
        """Return the answer where neighbouring whole numbers stay undecided.

        A line through two neighbours says little of the numbers beyond: these are tried.
        """
        self._widen(found.bracket.kept, -found.bracket.direction, "kept")
        self._widen(found.bracket.missed, found.bracket.direction, "missed")
        ends, _ = enclosing(self._laboratory.trials.values())
        low, high = ends.low, ends.high
        if side == "below" and high is not None:
            high -= 1  # the first that misses them: the one before is the last that may keep them
        if side == "above" and low is not None:
            low += 1
        return self._answer("open", Estimate(found.crossing.value, low, high), side)

    def _widen(self, trial: Trial, step: int, verdict: str) -> None:
        """Try whole numbers from *trial* on until one has that *verdict*."""
        replications = trial.replications
        for n in range(_WIDENINGS):
            value = trial.value + step * 2**n
            if trial.verdict == verdict or value <= 0:
                return
            further = decided(self._probe(value, replications))
            if further is None:
                return
            trial = further

    def _so_far(self, status: Status, reason: str | None = None) -> Answer:
        ends, side = enclosing(self._laboratory.trials.values())
        return self._answer(status, ends, side, reason)

    def _answer(
        self, status: Status, boundary: Estimate, side: Side | None, reason: str | None = None
    ) -> Answer:
        trials = sorted(self._laboratory.trials.values(), key=lambda trial: trial.value)
        return Answer(
            server=self._laboratory.server,
            parameter=self._question.parameter,
            objectives=self._contender.objectives(),
            confidence=self._contender.scenario.run.confidence,
            relative=self._question.relative,
            status=status,
            boundary=boundary,
            kept=side,
            highest=self._highest,
            trials=tuple(trials),
            reason=reason,
            saturates=_saturates(self._contender) if self._highest is not None else None,
        )


def _bounds_what_grows(limit: Limit) -> bool:
    is_loss = limit.metric.name == losses.FAILED and limit.operator in {"<", "<="}
    return is_loss or slo.is_delay(limit)


def _highest(parameter: Parameter, contender: Contender) -> float | None:
    """Return the rate from which the server cannot keep up, where a rate is searched for."""
    load = contender.load
    if parameter.path != RATE or load is None or load.excess_fate is not None:
        return None
    return load.highest_rate_per_s


def _saturates(contender: Contender) -> str | None:
    """Return what is busy first where the rate grows; None where there is only the server."""
    load, scenario = contender.load, contender.scenario
    alone = not (scenario.services or scenario.resources)
    return None if load is None or alone else load.station.name
