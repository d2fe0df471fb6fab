"""Whether chance has any part in a scenario, or replications of it are all alike."""

from __future__ import annotations

from simsched.scenario.model.scenario import Scenario, by_stream
from simsched.scenario.model.servers import Server
from simsched.workload.arrivals import between_arrivals
from simsched.workload.classes import class_shares, varies
from simsched.workload.distributions import law
from simsched.workload.planning import handoffs
from simsched.workload.waits import vary


def is_random(scenario: Scenario) -> bool:
    """Return whether anything of the scenario's workload depends on chance.

    A distribution of variance 0 does not, nor does a class that no request is of. A random choice
    of worker is the server's affair, and the jitter of a retry the client's.
    """
    return _arrivals_vary(scenario) or _classes_vary(scenario) or _phases_vary(scenario)


def is_certain(scenario: Scenario, server: Server) -> bool:
    """Return whether nothing that happens to *server* is random, so that replications are alike."""
    drawn = server.needs_draws or handoffs(scenario) > 0
    return not (drawn or _jitters(scenario) or vary(scenario) or is_random(scenario))


def _jitters(scenario: Scenario) -> bool:
    """Say whether chance decides how long clients wait before they try again."""
    every = (one.client.retries for one in by_stream(scenario).values())
    return any(retries is not None and retries.jitter != "none" for retries in every)


def _arrivals_vary(scenario: Scenario) -> bool:
    return any(map(_stream_varies, by_stream(scenario).values()))


def _stream_varies(scenario: Scenario) -> bool:
    opened, closed = scenario.workload.open, scenario.workload.closed
    if closed is not None:
        return law(closed.pacing or closed.think).variance > 0
    if opened is None:
        return False
    return opened.bursts is not None or between_arrivals(opened).variance > 0


def _classes_vary(scenario: Scenario) -> bool:
    return any(map(_mix_varies, by_stream(scenario).values()))


def _mix_varies(scenario: Scenario) -> bool:
    workload = scenario.workload
    given = workload.schedule is not None or (workload.trace and workload.trace.request)
    return not given and max(class_shares(scenario).values()) < 1


def _phases_vary(scenario: Scenario) -> bool:
    shares = class_shares(scenario)
    used = (request.phases for name, request in scenario.requests.items() if shares[name] > 0)
    return any(varies(phases) for phases in used)
