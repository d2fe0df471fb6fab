"""What a distribution comes to, as far as reading a scenario asks."""

from __future__ import annotations

from simsched.scenario.distributions import Demand, Empirical, Mixture, Shifted


def is_always_zero(demand: Demand) -> bool:
    """Return whether *demand* is 0 whatever chance decides."""
    if isinstance(demand, Empirical):
        return not any(demand.empirical.values)
    if isinstance(demand, Mixture):
        return all(is_always_zero(component.duration) for component in demand.mixture)
    if isinstance(demand, Shifted):
        return demand.shifted.by == 0 and is_always_zero(demand.shifted.duration)
    return demand == 0
