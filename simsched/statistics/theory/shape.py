"""What a scenario must look like before a formula is believed of it.

Every test here is on the safe side: a part that carries a setting unknown to it matches no model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simsched.scenario.base import Part
from simsched.scenario.phases import Column, CpuPhase, IoPhase, Phase
from simsched.scenario.scenario import Scenario
from simsched.scenario.workload import ClosedUsers
from simsched.workload.distributions import Law, law
from simsched.workload.distributions.elementary import Exponential

_SECTIONS = ("name", "description", "requests", "workload", "servers", "resources", "run", "slo")


def is_plain(part: Part, allowed: Iterable[str]) -> bool:
    """Say whether *part* has every setting but those *allowed* at its default."""
    fields = type(part).model_fields
    return all(
        getattr(part, name) == field.get_default(call_default_factory=True)
        for name, field in fields.items()
        if name not in set(allowed)
    )


def poisson_rate(scenario: Scenario) -> float | None:
    """Return the rate per second of Poisson arrivals; None for any others."""
    known = ("open", "mix", "duration", "requests")
    if not is_plain(scenario, _SECTIONS) or not is_plain(scenario.workload, known):
        return None
    arrivals = scenario.workload.open
    if arrivals is None or not is_plain(arrivals, ("rate", "arrivals", "interarrival")):
        return None
    if arrivals.interarrival is not None:
        between = law(arrivals.interarrival)
        return 1e9 / between.mean if isinstance(between, Exponential) else None
    if arrivals.arrivals == "poisson" and isinstance(arrivals.rate, float):
        return arrivals.rate
    return None


def users(scenario: Scenario) -> ClosedUsers | None:
    """Return the users of a closed workload; None for any others."""
    known = ("closed", "mix", "duration", "requests")
    if not is_plain(scenario, _SECTIONS) or not is_plain(scenario.workload, known):
        return None
    closed = scenario.workload.closed
    plain = closed is not None and is_plain(closed, ("users", "think", "ramp_up"))
    return closed if plain else None


def is_simple(scenario: Scenario) -> bool:
    """Say whether every request is a list of CPU and I/O phases and nothing else.

    I/O may need a resource; classes may have priorities, which one discipline alone looks at.
    """
    requests = scenario.requests.values()
    phases = (phase for request in requests for phase in request.phases)
    plain = all(is_plain(request, ("phases", "priority")) for request in requests)
    return plain and all(
        type(phase) in (CpuPhase, IoPhase) and is_plain(phase, ("cpu", "io", "on", "label"))
        for phase in phases
    )


def duration(phase: Phase) -> Law:
    """Return the law of how long a CPU or I/O phase takes.

    Raises:
        TypeError: it is neither, or its duration stands in a file; see :func:`is_simple`.
    """
    if not isinstance(phase, (CpuPhase, IoPhase)):
        raise TypeError(f"{phase} is no plain phase")
    demand = phase.io if isinstance(phase, IoPhase) else phase.cpu
    if isinstance(demand, Column):
        raise TypeError(f"{phase} takes as long as a file says")
    return law(demand)


def bursts(row: Iterable[Phase]) -> list[list[Law]]:
    """Return the runs of CPU phases between I/O phases; an I/O phase at either end leaves none."""
    return [burst for burst in _split(row) if burst]


def _split(row: Iterable[Phase]) -> Iterator[list[Law]]:
    burst: list[Law] = []
    for phase in row:
        if isinstance(phase, IoPhase):
            yield burst
            burst = []
        else:
            burst.append(duration(phase))
    yield burst


def common_exponential(laws: Iterable[list[Law]]) -> float | None:
    """Return the mean, in seconds, if all are single exponentials of one mean; else None."""
    means = {
        one[0].mean if len(one) == 1 and isinstance(one[0], Exponential) else None for one in laws
    }
    mean = means.pop() if len(means) == 1 else None
    return None if mean is None else mean / 1e9
