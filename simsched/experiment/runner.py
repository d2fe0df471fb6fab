"""Run scenarios: every replication of every server, then the figures and comparisons."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simsched.engine import Trace, simulate
from simsched.errors import InputError
from simsched.experiment.result import Result
from simsched.scenario import Scenario
from simsched.scenario.servers import Server
from simsched.statistics import compare, summarize
from simsched.workload import draw, is_random

CONFIDENCE = 0.95
"""The confidence level of every interval."""

REPLICATIONS = 10
"""How often a scenario is simulated that depends on chance and does not say how often."""

TIMELINE = 200
"""For how many of the first requests of the first replication the timeline is kept."""

Progress = Callable[[int, int], None]
"""Told how many simulations are done, and of how many."""


@dataclass(frozen=True)
class Contender:
    """One server of the scenario at ``position``, under the name it has in the comparison."""

    label: str
    position: int
    server: Server


def prepare(
    scenarios: Sequence[Scenario], seed: int | None = None, replications: int | None = None
) -> tuple[Scenario, ...]:
    """Return *scenarios* with their seed and number of replications settled.

    Scenarios that are compared have the same number of replications: the largest that one of them
    needs. *seed* and *replications* replace what the scenarios say.
    """
    count = replications or max(_replications(scenario) for scenario in scenarios)
    return tuple(_settle(scenario, seed, count) for scenario in scenarios)


def run(scenarios: Sequence[Scenario], progress: Progress | None = None) -> Result:
    """Return the outcome of simulating every server of *scenarios*, which are prepared.

    Args:
        scenarios: what :func:`prepare` returned; the first server of the first is the baseline.
        progress: called after every simulation.

    Raises:
        InputError: two servers would have the same name in the comparison.
        RunError: a simulation cannot be done.
    """
    contenders = _contenders(scenarios)
    traces = _simulate(scenarios, contenders, progress)
    servers = {
        each.label: summarize(
            each.label, traces[each.label], scenarios[each.position].run.warmup, CONFIDENCE
        )
        for each in contenders
    }
    baseline, *others = servers.values()
    return Result(
        name=" + ".join(scenario.name for scenario in scenarios),
        scenarios=tuple(scenarios),
        confidence=CONFIDENCE,
        servers=servers,
        comparisons=compare(baseline, others, CONFIDENCE),
        traces=traces,
        warnings=(),
    )


def _replications(scenario: Scenario) -> int:
    if scenario.run.replications is not None:
        return scenario.run.replications
    chance = is_random(scenario) or any(
        server.model == "cooperative" and server.workers > 1 for server in scenario.servers.values()
    )
    return REPLICATIONS if chance else 1


def _settle(scenario: Scenario, seed: int | None, replications: int) -> Scenario:
    settled = {"replications": replications} | ({} if seed is None else {"seed": seed})
    return scenario.model_copy(update={"run": scenario.run.model_copy(update=settled)})


def _contenders(scenarios: Sequence[Scenario]) -> list[Contender]:
    contenders = [
        Contender(name if len(scenarios) == 1 else f"{scenario.name}/{name}", position, server)
        for position, scenario in enumerate(scenarios)
        for name, server in scenario.servers.items()
    ]
    labels = Counter(each.label for each in contenders)
    label, count = labels.most_common(1)[0]
    if count > 1:
        raise InputError(
            f"{count} of the scenarios have a server {label!r}; give each scenario its own name"
        )
    return contenders


def _simulate(
    scenarios: Sequence[Scenario], contenders: Sequence[Contender], progress: Progress | None
) -> dict[str, tuple[Trace, ...]]:
    traces: dict[str, list[Trace]] = {each.label: [] for each in contenders}
    replications = scenarios[0].run.replications or 1
    done = itertools.count(1)
    for replication in range(1, replications + 1):
        workloads = [draw(scenario, replication) for scenario in scenarios]
        timeline = TIMELINE if replication == 1 else 0
        for each in contenders:
            trace = simulate(workloads[each.position], each.server, timeline=timeline)
            traces[each.label].append(trace)
            if progress is not None:
                progress(next(done), replications * len(contenders))
    return {label: tuple(each) for label, each in traces.items()}
