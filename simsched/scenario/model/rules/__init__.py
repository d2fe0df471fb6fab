"""What the sections of a scenario ask of each other.

The rules look at what was written, as plain data, and are silent about what they cannot make sense
of: so they hold even where other parts of a file are faulty.
"""

from __future__ import annotations

from collections.abc import Iterator

from simsched.scenario.file.problems import Problem
from simsched.scenario.model.rules import arrivals, events, names, nesting, workload
from simsched.scenario.model.rules.columns import check_columns
from simsched.scenario.model.rules.written import Written

_RULES = (*workload.RULES, *arrivals.RULES, *names.RULES, *events.RULES, *nesting.RULES)


def check(scenario: Written, columns: tuple[str, ...] | None) -> Iterator[Problem]:
    """Yield what is wrong between the sections of *scenario*.

    *columns* are those of the trace's file; None where there is none, or it cannot be read.
    """
    for rule in _RULES:
        yield from rule(scenario)
    yield from check_columns(scenario, columns)
