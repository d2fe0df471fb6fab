"""Whether both engines give the same trace."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from simsched.engine import compiled, reference
from simsched.engine.conditions import Conditions
from simsched.engine.trace import MISSING, Trace
from simsched.errors import RunError
from simsched.scenario.model.servers import Server
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload


def disagreement(
    workload: Workload | ClosedWorkload,
    server: Server,
    conditions: Conditions,
    **kept: Any,
) -> list[str]:
    """Return where the engines disagree: on the trace, or on why there is none."""
    outcomes = []
    for engine in (reference, compiled):
        try:
            outcomes.append(engine.simulate(workload, server, conditions, **kept))
        except RunError as error:
            outcomes.append(str(error))
    one, other = outcomes
    if isinstance(one, Trace) and isinstance(other, Trace):
        return differences(one, other)
    return [] if one == other else [f"{one}\n  but {other}"]


def differences(one: Trace, other: Trace) -> list[str]:
    """Return what differs between two traces, each with both values; nothing if they are equal."""
    return list(_differences("trace", _filled(one), _filled(other)))


def _filled(trace: Trace) -> dict[str, Any]:
    """Return the fields of a trace, where what was left out as needless is filled in.

    Which engine it is from is the one thing that differs.
    """
    found = {each.name: getattr(trace, each.name) for each in fields(trace)}
    del found["engine"]
    if found["late_cpu_ns"] is None:
        found["late_cpu_ns"] = np.zeros(len(trace), np.int64)
        found["late_until_ns"] = np.full(len(trace), MISSING)
    return found


def _differences(name: str, one: Any, other: Any) -> list[str]:
    if isinstance(one, np.ndarray):
        same = isinstance(other, np.ndarray) and one.dtype == other.dtype
        same = same and np.array_equal(one, other)
        return [] if same else [f"{name}: {one!r}\n  but {other!r}"]
    if is_dataclass(one) and type(one) is type(other):
        one, other = ({f.name: getattr(x, f.name) for f in fields(x)} for x in (one, other))
    if isinstance(one, dict):
        return [
            found for key in one for found in _differences(f"{name}.{key}", one[key], other[key])
        ]
    return [] if one == other else [f"{name}: {one!r}\n  but {other!r}"]
