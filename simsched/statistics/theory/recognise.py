"""Which models with a known answer a server of a scenario matches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from simsched.scenario.metrics import quantile_name
from simsched.scenario.scenario import Scenario
from simsched.scenario.servers import SerialServer, Server
from simsched.statistics.metrics import QUANTILES
from simsched.statistics.theory import bounds, feedback, mg1, mm1, mmc, shape
from simsched.statistics.theory.candidate import Candidate
from simsched.statistics.theory.known import Figure, Known
from simsched.workload.offered import offered_load

_OPTIONS = ("model", "workers", "cores", "discipline", "overhead")


@dataclass(frozen=True)
class _Match:
    """A model's mean response time, and its quantiles where they are known."""

    model: str
    source: str
    mean_s: float
    quantile_s: Callable[[float], float] | None = None

    def known(self, server: str, quantiles: Sequence[float]) -> Known:
        figures = [Figure("response_time_s.mean", self.mean_s)]
        if self.quantile_s is not None:
            names = {p: f"response_time_s.{quantile_name(p)}" for p in quantiles}
            figures += [Figure(names[p], self.quantile_s(p)) for p in quantiles]
        return Known(server, self.model, self.source, tuple(figures))


def known(
    scenario: Scenario, name: str, server: Server, quantiles: Sequence[float] = QUANTILES
) -> tuple[Known, ...]:
    """Return what formulas say of *server*, called *name*: exact figures first, then bounds.

    A server that cannot keep up has bounds alone.
    """
    candidate = _candidate(scenario, server)
    match = _match(candidate) if candidate else None
    exact = (match.known(name, quantiles),) if match else ()
    return (*exact, *_bounds(scenario, name, server))


def _candidate(scenario: Scenario, server: Server) -> Candidate | None:
    rate = shape.poisson_rate(scenario)
    offered = offered_load(scenario, server) if rate else None
    if rate is None or offered is None or not (shape.is_simple(scenario) and _is_plain(server)):
        return None
    stable = 0 < offered.bottleneck.utilisation < 1
    return Candidate(scenario, server, rate) if stable else None


def _is_plain(server: Server) -> bool:
    """Say whether each worker has a core, and who is next does not depend on service times."""
    cores = getattr(server, "cores", None) or server.workers
    blind = server.discipline in {"fifo", "lifo"}
    return blind and cores >= server.workers and shape.is_plain(server, _OPTIONS)


def _match(candidate: Candidate) -> _Match | None:
    if isinstance(candidate.server, SerialServer):
        return _single(candidate) if candidate.server.workers == 1 else _many(candidate)
    return _network(candidate) if candidate.has_io else _single(candidate)


def _single(candidate: Candidate) -> _Match:
    """Return the model of one server with one queue."""
    rate, exponential_s = candidate.queue_rate, candidate.exponential_s()
    if exponential_s is None:
        service = candidate.service()
        model = mg1.NAME if service.variance else mg1.NAME_CONSTANT
        return _Match(model, mg1.SOURCE, mg1.mean_response(rate, service))
    mean = mm1.mean_response(rate, 1 / exponential_s)
    quantile = partial(mm1.response_quantile, arrival_rate=rate, service_rate=1 / exponential_s)
    return _Match(mm1.NAME, mm1.SOURCE, mean, quantile if candidate.is_fifo else None)


def _many(candidate: Candidate) -> _Match | None:
    """Return the model of several servers with one queue."""
    exponential_s, servers = candidate.exponential_s(), candidate.server.workers
    if exponential_s is None:
        return None
    rates = {"arrival_rate": candidate.rate, "service_rate": 1 / exponential_s}
    mean = mmc.mean_response(**rates, servers=servers)
    quantile = partial(mmc.response_quantile, **rates, servers=servers)
    name = mmc.NAME.format(servers)
    return _Match(name, mmc.SOURCE, mean, quantile if candidate.is_fifo else None)


def _network(candidate: Candidate) -> _Match | None:
    """Return the model of one loop with I/O."""
    burst_s = candidate.burst_s()
    if burst_s is None or not candidate.alternates:
        return None
    mean = feedback.mean_response(
        candidate.queue_rate, candidate.visits(), burst_s, candidate.delay_s()
    )
    return _Match(feedback.NAME, feedback.SOURCE, mean)


def _bounds(scenario: Scenario, name: str, server: Server) -> tuple[Known, ...]:
    """Return what no order of work can beat."""
    offered = offered_load(scenario, server)
    if offered is None:
        return ()
    station, rate = offered.bottleneck, offered.arrival_rate_per_s
    most = bounds.open_throughput(rate, station.demand_s, station.servers)
    demands = [(one.cpu_s + one.io_s) * one.arrival_rate_per_s for one in offered.classes]
    figures = (
        Figure("throughput_per_s", most, "<="),
        Figure("response_time_s.mean", sum(demands) / rate, ">="),
    )
    return (Known(name, bounds.NAME, bounds.SOURCE, figures),)
