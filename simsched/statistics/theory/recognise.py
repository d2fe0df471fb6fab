"""Which models with a known answer a server of a scenario matches."""

from __future__ import annotations

from collections.abc import Sequence

from simsched.scenario.scenario import Scenario
from simsched.scenario.servers import Server
from simsched.statistics.observation import QUANTILES
from simsched.statistics.theory import closed, opened, shape
from simsched.statistics.theory.bounds import of_server
from simsched.statistics.theory.candidate import Candidate
from simsched.statistics.theory.finite import Batch
from simsched.statistics.theory.known import Known, Match
from simsched.statistics.turns import CAPACITY
from simsched.workload.offered import offered_load


def known(
    scenario: Scenario,
    name: str,
    server: Server,
    quantiles: Sequence[float] = QUANTILES,
    batch: Batch | None = None,
) -> tuple[Known, ...]:
    """Return what formulas say of *server*, called *name*: exact figures first, then bounds.

    A server that cannot keep up has bounds alone. *batch* are the requests of a schedule or a
    trace; see :func:`simsched.statistics.theory.finite.batch_of`.
    """
    match = _match(scenario, server) if shape.is_simple(scenario) else None
    exact = () if match is None else (match.known(name, quantiles),)
    bounds = of_server(scenario, name, server, batch)
    return exact if bounds is None else (*exact, bounds)


def _match(scenario: Scenario, server: Server) -> Match | None:
    candidate, users = Candidate(scenario, server), shape.users(scenario)
    if users is not None:
        return closed.match(candidate, users)
    rate = shape.poisson_rate(scenario)
    offered = None if rate is None else offered_load(scenario, server)
    if rate is None or offered is None or not offered.bottleneck.utilisation:
        return None
    return opened.match(candidate, rate, stable=offered.bottleneck.utilisation < CAPACITY)
