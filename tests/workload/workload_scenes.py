"""Scenarios for the tests of the workload, written as a file would have them."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from simsched.scenario.distributions import Demand
from simsched.scenario.scenario import Scenario

FEEDBACK = (
    {"cpu": {"exponential": "4ms"}},
    {"io": {"exponential": "50ms"}},
    {"cpu": {"exponential": "4ms"}},
)

_DEMANDS: TypeAdapter[Any] = TypeAdapter(Demand)


def demand(written: Any) -> Any:
    """A duration as the scenario stage hands it on."""
    return _DEMANDS.validate_python(written)


def scenario(
    workload: dict[str, Any],
    requests: dict[str, tuple[Any, ...]] | None = None,
    *,
    seed: int = 1,
    server: dict[str, Any] | None = None,
) -> Scenario:
    """A scenario with this workload; its requests are the feedback network's unless given."""
    classes = requests or {"page": FEEDBACK}
    return Scenario.model_validate(
        {
            "name": "scene",
            "requests": {name: {"phases": phases} for name, phases in classes.items()},
            "workload": workload,
            "servers": {"server": server or {"model": "serial"}},
            "run": {"seed": seed},
        }
    )


def open_at(rate: str, **workload: Any) -> dict[str, Any]:
    """Open arrivals at this rate."""
    return {"open": {"rate": rate}, **workload}
