"""Scenarios for the tests of the workload, written as a file would have them."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from simsched.scenario.model.distributions import Demand
from simsched.scenario.model.scenario import Scenario

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
    requests: dict[str, Any] | None = None,
    *,
    seed: int = 1,
    server: dict[str, Any] | None = None,
    **sections: Any,
) -> Scenario:
    """A scenario with this workload; its requests are the feedback network's unless given."""
    return Scenario.model_validate(
        {
            "name": "scene",
            "requests": requests or {"page": FEEDBACK},
            "workload": workload,
            "servers": {"server": server or {"model": "serial"}},
            "run": {"seed": seed},
            **sections,
        }
    )


def open_at(rate: Any, **workload: Any) -> dict[str, Any]:
    """Open arrivals at this rate."""
    return {"open": {"rate": rate}, **workload}


def closed(users: int, think: Any = 0, ramp_up: Any = 0, **end: Any) -> dict[str, Any]:
    """Users who think so long; until the end of 10 s unless told otherwise."""
    end = end or {"duration": "10s"}
    return {"closed": {"users": users, "think": think, "ramp_up": ramp_up}, **end}
