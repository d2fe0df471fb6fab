"""Whether anything that happens to a server is left to chance: its work, its clients, or itself."""

from __future__ import annotations

from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.workload.drawing import is_random


def is_certain(scenario: Scenario, server: Server) -> bool:
    """Return whether nothing that happens to *server* is, so that all replications are alike."""
    dealt_out = server.dispatch == "random" and server.workers > 1
    return not (dealt_out or _jitters(scenario) or is_random(scenario))


def _jitters(scenario: Scenario) -> bool:
    """Say whether chance decides how long clients wait before they try again."""
    retries = scenario.client.retries
    return retries is not None and retries.jitter != "none"
