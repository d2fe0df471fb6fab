"""Which engine simulates the points of a sweep: together they may be long enough to load one."""

from __future__ import annotations

from importlib.util import find_spec

from simsched.engine.choice import WORTH_COMPILING
from simsched.scenario import Scenario

WORTH_THE_FIRST_TIME = 1_000_000
"""From how many phases of a process on it is worth to compile the engine."""

REFERENCE_S = 2e-5
COMPILED_S = 2e-7
"""How long a phase takes on the engines, on a usual machine."""


def is_worth_compiling(phases: float) -> bool:
    """Return whether a process that is to simulate so many *phases* takes the compiled engine.

    The first time it is compiled, which takes far longer than to load what was compiled before.
    """
    if phases < WORTH_COMPILING or find_spec("numba") is None:
        return False
    return phases >= WORTH_THE_FIRST_TIME or _is_compiled()


def _is_compiled() -> bool:
    from simsched.engine.kept_code import is_kept

    return is_kept("plain") and is_kept("general")


def compiled(scenario: Scenario) -> Scenario:
    """Return *scenario* for the compiled engine, unless it names one; the outcome is the same."""
    if scenario.run.engine != "auto":
        return scenario
    run = scenario.run.model_copy(update={"engine": "compiled"})
    return scenario.model_copy(update={"run": run})


def guess_s(scenario: Scenario, phases: float) -> float:
    """Return about how many seconds *scenario* takes of so many *phases*, on a usual machine."""
    slow = scenario.run.engine == "simpy" or find_spec("numba") is None
    return phases * (REFERENCE_S if slow else COMPILED_S)
