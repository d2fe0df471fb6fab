"""How much of a scenario is simulated: all of it, or as much as there is time for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simsched.errors import InputError
from simsched.experiment import cost
from simsched.experiment.forecast import of_run
from simsched.report.progress import duration
from simsched.scenario.model.scenario import Scenario
from simsched.statistics.words.numbers import counted

DRAGGING_S = 0.08
"""About how many seconds a change may take to simulate while a slider is dragged."""

LONGEST_S = 60.0
"""A scenario that takes longer than this many seconds is not simulated on a page."""

MOST_ROWS = 20_000_000
"""A scenario with more requests than this, of all servers and replications, is not either."""

_FEWEST_REQUESTS = 200
_TYPICAL_S = 2e-5
"""Seconds for each phase, where no speed has been measured yet."""


@dataclass(frozen=True, slots=True)
class Effort:
    """A prepared scenario, perhaps shortened, and in words how much of it is simulated."""

    scenario: Scenario
    words: str
    is_full: bool


def in_full(scenario: Scenario) -> Effort:
    """Return the whole of *scenario*, which is prepared.

    Raises:
        InputError: it is too large; the message says how large.
    """
    if cost.rows(scenario) > MOST_ROWS:
        count = f"about {cost.rows(scenario):,.0f} requests of all servers and replications"
        raise InputError(f"{count} are too many to play with; the most is {MOST_ROWS:,}; {_CURE}")
    seconds = of_run([scenario])
    if seconds is not None and seconds > LONGEST_S:
        most = duration(LONGEST_S)
        raise InputError(
            f"simulating it takes about {duration(seconds)}, too long to play with; the most is "
            f"{most}; {_CURE}"
        )
    return Effort(scenario, f"In full: {_extent(scenario)}.", is_full=True)


_CURE = "shorten the workload, or simulate it in a terminal with simsched run"


def while_dragging(scenario: Scenario, pace: cost.Pace, *, at_first: bool = False) -> Effort:
    """Return as much of the prepared *scenario* as takes :data:`DRAGGING_S` at that *pace*.

    First there are fewer replications, then fewer requests. The page shows this also *at_first*,
    while all of it is simulated.
    """
    weight = cost.weight(scenario)
    seconds = pace.foresee(weight) if pace.known else weight * _TYPICAL_S
    wanted = scenario.run.replications or 1
    if seconds <= DRAGGING_S and not scenario.run.goals:
        return Effort(scenario, f"In full: {_extent(scenario)}.", is_full=True)
    count = max(1, min(wanted, math.floor(wanted * DRAGGING_S / seconds)))
    fewer = scenario.run.model_copy(update={"replications": count, "until": None})
    shorter = _shortened(
        scenario.model_copy(update={"run": fewer}), DRAGGING_S / (seconds * count / wanted)
    )
    when = "At first" if at_first else "While you drag"
    words = f"{when}: {_extent(shorter)}, instead of {_extent(scenario)}."
    return Effort(shorter, words, is_full=False)


def _shortened(scenario: Scenario, share: float) -> Scenario:
    """Return *scenario* with a *share* of its requests, where that is less than all."""
    workload, warmup = scenario.workload, scenario.run.warmup
    requests = cost.requests(scenario)
    share = max(share, min(1.0, _FEWEST_REQUESTS / max(requests, 1.0)))
    if share >= 1:
        return scenario
    changes: dict[str, int] = {}
    if workload.requests is not None:
        changes["requests"] = max(1, int(workload.requests * share))
    if workload.duration is not None:
        least = 3 * warmup if isinstance(warmup, int) else 0
        least = max(least, *(2 * (one.at + one.lasting) for one in scenario.events), 0)
        changes["duration"] = min(max(int(workload.duration * share), least), workload.duration)
    return scenario.model_copy(update={"workload": workload.model_copy(update=changes)})


def _extent(scenario: Scenario) -> str:
    """Return how much is simulated, in words."""
    replications = counted(scenario.run.replications or 1, "replication")
    requests = cost.requests(scenario)
    about = "" if scenario.workload.requests or scenario.workload.schedule else "about "
    each = counted(round(requests), "request")
    return f"{replications} of {about}{each}" if math.isfinite(requests) else replications
