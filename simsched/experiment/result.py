"""What an experiment hands on: the servers' figures and the traces they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simsched.engine.trace import Trace
    from simsched.scenario import Scenario
    from simsched.statistics.summary import Comparison, ServerSummary


@dataclass(frozen=True)
class Result:
    """The outcome of one scenario, or of several held against each other.

    Attributes:
        name: the scenario's name; several are joined with " + ".
        scenarios: the scenarios as simulated, with seed and replications filled in.
        servers: each server's figures, in the order of the files; the first is the baseline. Where several scenarios are
            compared a server is called ``scenario/server``.
        comparisons: every server but the baseline against it, for each metric.
        traces: each server's traces, one per replication.
        warnings: sentences for the reader.
    """

    name: str
    scenarios: tuple[Scenario, ...]
    confidence: float
    servers: Mapping[str, ServerSummary]
    comparisons: tuple[Comparison, ...]
    traces: Mapping[str, tuple[Trace, ...]]
    warnings: tuple[str, ...]
