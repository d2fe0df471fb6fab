"""The answers of all servers, with what they were asked of."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.experiment.search.answer import Answer
from simsched.report.search.sentences import sentence
from simsched.report.text import clean
from simsched.scenario.model.scenario import Scenario

MISSED = 3
"""The exit code where a server keeps the limits at no value."""

UNTOLD = 4
"""The exit code where an answer is not as narrow as asked."""


@dataclass(frozen=True)
class Capacity:
    """What ``simsched capacity`` found.

    Attributes:
        scenario: what was asked of, with its seed.
        answers: those of the servers that were come to, in their order.
    """

    scenario: Scenario
    answers: tuple[Answer, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, a sentence for each server."""
        return tuple(clean(f"{sentence(each)}.") for each in self.answers)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the runs leave in doubt."""
        found = (clean(warning) for each in self.answers for warning in each.warnings)
        return tuple(dict.fromkeys(found))

    @property
    def is_interrupted(self) -> bool:
        """Whether the search was broken off."""
        return any(each.status == "interrupted" for each in self.answers)

    @property
    def exit_code(self) -> int:
        """What the command line ends with: 3 if a server never keeps the limits, 4 if it is open.

        0 where every answer is as narrow as asked.
        """
        statuses = {each.status for each in self.answers}
        if "never" in statuses:
            return MISSED
        return UNTOLD if "open" in statuses else 0


def heading(found: Capacity) -> str:
    """Return what was searched, and from which seed."""
    what = {each.parameter.path: each.limits for each in found.answers}
    asked = "; ".join(f"{path} for {limits}" for path, limits in what.items())
    return clean(f"{found.scenario.name}: {asked}, seed {found.scenario.run.seed}")
