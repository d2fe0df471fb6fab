"""What can be said of a scenario before it runs: the load that each server will meet."""

from __future__ import annotations

from collections.abc import Iterator

from simsched import units
from simsched.report.text import clean
from simsched.scenario import Scenario, Server
from simsched.scenario.file.wording import counted
from simsched.statistics.stability import load


def render(name: str, scenario: Scenario) -> str:
    """Return a line that says that the file *name* is valid, and a line for each server."""
    return "\n".join([f"{name}: {clean(scenario.name)} is valid", *_servers(scenario)]) + "\n"


def _servers(scenario: Scenario) -> Iterator[str]:
    width = max(len(clean(name)) for name in scenario.servers)
    for name, server in scenario.servers.items():
        workers = counted(server.workers, "worker")
        yield f"  {clean(name):{width}}  {server.model}, {workers}{_load(scenario, server)}"


def _load(scenario: Scenario, server: Server) -> str:
    """Return how much of it is asked for; nothing for a schedule, which has no rate."""
    found = load("", scenario, server)
    if found is None:
        return ""
    excess = (
        f"what it cannot do is {found.limit}" if found.stable else "its queue will grow without end"
    )
    told = "" if found.keeps_up else f", {excess}"
    return f", offered load {units.format_number(found.utilisation * 100)}%{told}"
