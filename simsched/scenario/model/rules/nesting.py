"""How deep phases lie inside each other."""

from __future__ import annotations

from collections.abc import Iterator

from simsched.scenario.file.problems import Problem
from simsched.scenario.model.rules.written import Written, phases

DEEPEST = 20
"""How many phases may lie around another one."""


def _depth(scenario: Written) -> Iterator[Problem]:
    for path, _, depth in phases(scenario):
        if depth == DEEPEST + 1:
            yield Problem(path, f"more than {DEEPEST} phases lie around this one")


RULES = (_depth,)
