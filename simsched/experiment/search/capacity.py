"""How much a server carries: the largest load, or any other value, that meets its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simsched.experiment.search.answer import Answer, Side, Status, known_so_far
from simsched.experiment.search.boundary import Boundary, Found
from simsched.experiment.search.bracket import UntoldError, bracket, told
from simsched.experiment.search.journal import Journal
from simsched.experiment.search.laboratory import Laboratory, Variation, Watch
from simsched.experiment.search.parameter import RATE, Parameter
from simsched.experiment.search.question import Question
from simsched.experiment.search.trial import Trial
from simsched.experiment.simulating import Simulate, one_by_one
from simsched.scenario.model.objectives import Limit
from simsched.statistics import losses, slo
from simsched.statistics.contender import Contender
from simsched.statistics.estimate import Estimate

_WIDENINGS = 8

OVERLOAD = 1 + 1e-3
"""So much more than a server can do is too much also where nothing is left to chance."""


def capacities(
    question: Question,
    simulate: Simulate = one_by_one,
    watch: Watch = lambda _: None,
    journal: Journal | None = None,
) -> Iterator[Answer]:
    """Yield the answer of each server as it is found.

    Args:
        question: what is asked.
        simulate: how replications are simulated.
        watch: told of every replication.
        journal: where the findings are kept.

    A KeyboardInterrupt ends the search: the server it came upon is answered as far as it got, and
    those after it not at all.

    Raises:
        RunError: a simulation cannot be done.
    """
    journal = Journal() if journal is None else journal
    for server in question.servers:
        search = _Search(question, server, simulate, watch, journal)
        answer = search.answer()
        yield answer
        if answer.status == "interrupted":
            return


class _Search:
    """The search for one server's answer."""

    def __init__(
        self,
        question: Question,
        server: str,
        simulate: Simulate,
        watch: Watch,
        journal: Journal,
    ) -> None:
        self._question = question
        self._server = server
        variation = Variation(question.load, question.parameter, server)
        self._laboratory = Laboratory(variation, simulate, watch, journal)
        scenario = question.scenario
        self._contender = Contender(server, scenario, scenario.servers[server])
        self._highest = _highest(question.parameter, self._contender)
        self._overload = _overload(self._highest, self._contender)

    def answer(self) -> Answer:
        """Return what was found, however the search ended."""
        try:
            return self._found()
        except UntoldError as error:
            where = self._question.parameter.show(error.trial.value)
            return self._so_far("open", f"at {where}: {error.trial.reason}")
        except KeyboardInterrupt:
            return self._so_far("interrupted", None)

    def _found(self) -> Answer:
        probe, question = self._probe, self._question
        begun = bracket(
            probe, question.parameter, self._overload, more_is_worse=self._is_worse_with_more()
        )
        if isinstance(begun, Trial):
            return self._alike(begun)
        boundary = Boundary(
            probe, question.parameter, question.relative, question.at_most, self._overload
        )
        found = boundary.find(begun)
        side: Side = "below" if found.bracket.direction == 1 else "above"
        if not found.is_told and question.parameter.kind == "count":
            return self._widened(found, side)
        told_ = found.crossing
        status: Status = "told" if found.is_told else "open"
        return self._answer(status, Estimate(told_.value, told_.low, told_.high), side)

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
            found = told(self._probe(found.value, replications)) or found
        if found.verdict == "open":
            return self._so_far("open", None)
        return self._answer("always" if found.verdict == "kept" else "never", Estimate(None), None)

    def _widened(self, found: Found, side: Side) -> Answer:
        """Return the answer where whole numbers are not told apart.

        A line through two neighbours says little of those beyond: they are tried.
        """
        kept, missed = found.bracket.kept, found.bracket.missed
        self._widen(kept, -found.bracket.direction, "kept")
        self._widen(missed, found.bracket.direction, "missed")
        ends, _ = known_so_far([*self._laboratory.trials.values()])
        low, high = ends.low, ends.high
        if side == "below" and high is not None:
            high -= 1
        if side == "above" and low is not None:
            low += 1
        return self._answer("open", Estimate(found.crossing.value, low, high), side)

    def _widen(self, begin: Trial, step: int, verdict: str) -> None:
        """Try whole numbers from *begin* on until one has that *verdict*."""
        trial, value = begin, begin.value
        for n in range(_WIDENINGS):
            if trial.verdict == verdict:
                return
            value += step * 2**n
            found = told(self._probe(value, begin.replications)) if value > 0 else None
            if found is None:
                return
            trial = found

    def _so_far(self, status: Status, reason: str | None) -> Answer:
        ends, side = known_so_far([*self._laboratory.trials.values()])
        return self._answer(status, ends, side, reason)

    def _answer(
        self, status: Status, boundary: Estimate, side: Side | None, reason: str | None = None
    ) -> Answer:
        trials = sorted(self._laboratory.trials.values(), key=lambda trial: trial.value)
        return Answer(
            server=self._server,
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
        )


def _bounds_what_grows(limit: Limit) -> bool:
    is_loss = limit.metric.name == losses.FAILED and limit.operator in {"<", "<="}
    return is_loss or slo.is_delay(limit)


def _highest(parameter: Parameter, contender: Contender) -> float | None:
    """Return the rate from which the server cannot keep up, where a rate is searched for."""
    load = contender.load
    if parameter.path != RATE or load is None or load.limit is not None:
        return None
    return load.highest_rate_per_s


def _overload(highest: float | None, contender: Contender) -> float | None:
    """Return a rate that the server cannot keep up with, as near to the *highest* as one can be.

    Where nothing is left to chance it can do all it is asked for at the highest one.
    """
    return highest and highest * (OVERLOAD if contender.is_certain else 1)


Progress = Callable[[int, int], None]
"""Told how many replications are done, and how many are known to be needed."""


def watching(progress: Progress) -> Watch:
    """Return what tells *progress* of the replications of a search."""
    counts = {"done": 0, "total": 0}

    def watch(planned: int) -> None:
        counts["total" if planned else "done"] += planned or 1
        progress(counts["done"], counts["total"])

    return watch
