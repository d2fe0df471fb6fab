"""What a search found for one server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from simsched.experiment.search.parameter import Parameter
from simsched.experiment.search.trial import Trial
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Objective

Status = Literal["told", "open", "never", "always", "interrupted"]
"""
told            the boundary is known as well as was asked
open            it is not, and no more replications were allowed
never           no value that was tried keeps the limits
always          every value that was tried keeps them
interrupted     the search was broken off
"""

Side = Literal["below", "above"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found for one server.

    Attributes:
        server: its name.
        parameter: what was varied.
        objectives: the limits.
        confidence: the level of the interval.
        relative: half the interval over the value that was asked for.
        status: how far the answer goes.
        boundary: the last value at which the limits are kept, or the first one if they are kept
            above it, with its interval.
        kept: on which side of it they are kept; None where that is not known.
        highest: the rate from which the server cannot keep up, where one was searched for.
        trials: every value that was tried, in rising order.
        reason: what is to say beyond the figures.
    """

    server: str
    parameter: Parameter
    objectives: tuple[Objective, ...]
    confidence: float
    relative: float
    status: Status
    boundary: Estimate
    kept: Side | None
    highest: float | None
    trials: tuple[Trial, ...]
    reason: str | None = None

    @property
    def limits(self) -> str:
        """The limits as the scenario has them, as in ``response_time.p99 < 500ms``."""
        return " and ".join(each.text for each in self.objectives)

    @property
    def replications(self) -> int:
        """The most replications of any value."""
        return max((trial.replications for trial in self.trials), default=0)

    @property
    def requests(self) -> int:
        """How many requests were simulated in all."""
        return sum(trial.requests for trial in self.trials)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the runs nearest to the boundary leave in doubt."""
        if self.boundary.value is None:
            return ()
        near = sorted(self.trials, key=lambda t: abs(t.value - (self.boundary.value or 0.0)))
        return next((trial.warnings for trial in near if trial.replications), ())


def known_so_far(trials: Sequence[Trial]) -> tuple[Estimate, Side | None]:
    """Return between which values the boundary lies, and on which side of it the limits are kept.

    That is as far as the *trials* are sure of it.
    """
    kept = sorted(trial.value for trial in trials if trial.verdict == "kept")
    missed = sorted(trial.value for trial in trials if trial.verdict == "missed")
    if not (kept and missed):
        return Estimate(None), None
    if kept[-1] < missed[0]:
        return Estimate(None, kept[-1], missed[0]), "below"
    if missed[-1] < kept[0]:
        return Estimate(None, missed[-1], kept[0]), "above"
    return Estimate(None), None
