"""What is known of scenarios without simulating them."""

from __future__ import annotations

from collections.abc import Sequence

from simsched.scenario import Scenario
from simsched.statistics.appraisal import known_answers
from simsched.statistics.contender import contenders_of
from simsched.statistics.theory.known import describe


def theory(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Return a line for each server that cannot keep up, and each model that a server matches.

    Raises:
        InputError: two servers would have the same name in a comparison.
    """
    contenders = contenders_of(scenarios)
    overloads = [each.load.sentence() for each in contenders if each.load is not None]
    return (
        *(text for text in overloads if text is not None),
        *map(describe, known_answers(contenders)),
    )
