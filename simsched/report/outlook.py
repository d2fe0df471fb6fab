"""What can be said of a scenario before it runs: the load that each server will meet."""

from __future__ import annotations

from collections.abc import Iterator

from simsched import units
from simsched.report.text import clean
from simsched.scenario import Scenario, Server
from simsched.workload import offered_load


def render(name: str, scenario: Scenario) -> str:
    """Return a line that says that the file *name* is valid, and a line for each server."""
    return "\n".join([f"{name}: {clean(scenario.name)} is valid", *_servers(scenario)]) + "\n"


def _servers(scenario: Scenario) -> Iterator[str]:
    width = max(len(clean(name)) for name in scenario.servers)
    for name, server in scenario.servers.items():
        workers = f"{server.workers} worker{'s' * (server.workers > 1)}"
        yield f"  {clean(name):{width}}  {server.model}, {workers}{_load(scenario, server)}"


def _load(scenario: Scenario, server: Server) -> str:
    """Return how much of it is asked for; nothing for a schedule, which has no rate."""
    load = offered_load(scenario, server)
    if load is None:
        return ""
    utilisation = load.bottleneck.utilisation
    growing = ", its queue will grow without end" if utilisation >= 1 else ""
    return f", offered load {units.format_number(utilisation * 100)}%{growing}"
