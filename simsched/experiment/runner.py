"""Run scenarios: every replication of every server, then the figures and comparisons."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from simsched.engine import Trace, simulate
from simsched.engine.conditions import Conditions
from simsched.errors import InputError, ScenarioError
from simsched.experiment.provenance import made_with
from simsched.experiment.result import Result
from simsched.experiment.runs import Runs, Traces
from simsched.experiment.streaming import COUNTED, Streams, count
from simsched.experiment.timelines import with_slowest
from simsched.scenario import Scenario
from simsched.scenario.scenario import Run
from simsched.statistics.appraisal import Appraisal, appraise, go_on
from simsched.statistics.contender import Contender
from simsched.statistics.streaming.appraisal import appraise_streams
from simsched.workload import draw

REPLICATIONS = 10
"""How often a scenario is simulated that depends on chance and does not say how often."""

Progress = Callable[[int, int], None]
"""Told how many simulations are done, and of how many."""


def prepare(
    scenarios: Sequence[Scenario], seed: int | None = None, replications: int | None = None
) -> tuple[Scenario, ...]:
    """Return *scenarios* with their seed and number of replications settled.

    Scenarios that are compared have the same number of replications: the largest that one of them
    needs. *seed* and *replications* replace what the scenarios say.

    Raises:
        InputError: there is no scenario, two have the same name, or *seed* or *replications* is out
            of the bounds that a scenario file has for it.
    """
    if not scenarios:
        raise InputError("there is nothing to run; name a scenario file")
    _check_unique((scenario.name for scenario in scenarios), "scenarios are called")
    given = {"seed": seed, "replications": replications}
    changes = {name: value for name, value in given.items() if value is not None}
    changed = [_changed(scenario, changes) for scenario in scenarios]
    count = max(_replications(scenario) for scenario in changed)
    return tuple(_changed(scenario, {"replications": count}) for scenario in changed)


def run(
    scenarios: Sequence[Scenario], progress: Progress | None = None, *, timelines: bool = True
) -> Result:
    """Return the outcome of simulating every server of *scenarios*, which are prepared.

    Args:
        scenarios: what :func:`prepare` returned; the first server of the first is the baseline.
        progress: called after every simulation.
        timelines: whether the traces are to hold segments of the first requests and the slowest.

    A scenario with a stopping rule is simulated until its intervals are narrow enough, and with it
    those it is compared with.

    Raises:
        InputError: two servers would have the same name in the comparison.
        LittlesLawError: a trace contradicts itself, which is an error of simsched.
        RunError: a simulation cannot be done.
    """
    first = scenarios[0].run.replications or 1
    runs = replicate(scenarios, range(1, first + 1), progress, timelines=timelines)
    result, more = settle(scenarios, runs)
    while more:
        numbers = range(len(runs) + 1, len(runs) + more + 1)
        runs += replicate(scenarios, numbers, progress, timelines=timelines)
        result, more = settle(scenarios, runs)
    return result


def replicate(
    scenarios: Sequence[Scenario],
    numbers: Sequence[int],
    progress: Progress | None = None,
    *,
    timelines: bool = False,
) -> Runs:
    """Return the replications of those *numbers*, from 1, of every server of *scenarios*.

    Wherever and in whatever order they are simulated, they are the same.

    Raises:
        InputError: two servers would have the same name in the comparison.
        RunError: a simulation cannot be done.
    """
    contenders = contenders_of(scenarios)
    empty = [each.label for each in contenders]
    if any(scenario.run.keep == "statistics" for scenario in scenarios):
        streams: Streams = {label: [] for label in empty}
        count(numbers, contenders, streams, progress)
        return Runs(streams=streams)
    traces: Traces = {label: [] for label in empty}
    _simulate(numbers, contenders, traces, progress, timelines=timelines)
    return Runs(traces=traces)


def settle(scenarios: Sequence[Scenario], runs: Runs) -> tuple[Result, int]:
    """Return what *runs* tell, and how many more replications the stopping rules ask for.

    Raises:
        LittlesLawError: a trace contradicts itself.
    """
    contenders = contenders_of(scenarios)
    counted = bool(runs.streams)
    found = (
        appraise_streams(contenders, runs.streams) if counted else appraise(contenders, runs.traces)
    )
    decision = go_on(contenders, found.servers, len(runs))
    notes = (*decision.sentences, *([COUNTED] if counted else []))
    done = tuple(_changed(scenario, {"replications": len(runs)}) for scenario in scenarios)
    made = made_with(runs.engines)
    return conclude(done, runs.traces, found, notes, made), decision.more


def _replications(scenario: Scenario) -> int:
    if scenario.run.replications is not None:
        return scenario.run.replications
    if scenario.run.goals:
        return min(REPLICATIONS, *(goal.at_most for goal in scenario.run.goals))
    certain = all(each.is_certain for each in contenders_of([scenario]))
    return 1 if certain else REPLICATIONS


def _changed(scenario: Scenario, changes: Mapping[str, int]) -> Scenario:
    """Return *scenario* with *changes* to its run, within the same bounds as in a file."""
    try:
        run = Run(**{**scenario.run.model_dump(by_alias=True, exclude_defaults=True), **changes})
    except ScenarioError as error:
        faults = (f"{each.path}: {each.message}" for each in error.faults)
        raise InputError("\n".join(faults)) from None
    return scenario.model_copy(update={"run": run})


def contenders_of(scenarios: Sequence[Scenario]) -> list[Contender]:
    """Return every server of *scenarios* under the name that it has in their comparison.

    Raises:
        InputError: two servers would have the same name.
    """
    contenders = [
        Contender(name if len(scenarios) == 1 else f"{scenario.name}/{name}", scenario, server)
        for scenario in scenarios
        for name, server in scenario.servers.items()
    ]
    _check_unique((each.label for each in contenders), "servers are called")
    return contenders


def _check_unique(names: Iterable[str], things: str) -> None:
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise InputError(f"{count} {things} {name!r}; give each scenario a name of its own")


def _simulate(
    replications: Sequence[int],
    contenders: Sequence[Contender],
    traces: Traces,
    progress: Progress | None,
    *,
    timelines: bool,
) -> None:
    """Add to *traces* those of *replications*, in which every server meets the same requests."""
    before = len(contenders) * (replications[0] - 1)
    total = len(contenders) * replications[-1]
    done = itertools.count(before + 1)
    for replication in replications:
        for _, group in itertools.groupby(contenders, lambda each: id(each.scenario)):
            rivals = list(group)
            workload = draw(rivals[0].scenario, replication)
            for each in rivals:
                conditions = Conditions.of(each.scenario, each.name)
                once = partial(
                    simulate,
                    workload,
                    each.server,
                    conditions,
                    engine=each.scenario.run.engine,
                )
                long = timelines and replication == 1
                traces[each.label].append(with_slowest(once) if long else once(timeline=0))
                if progress is not None:
                    progress(next(done), total)


def conclude(
    scenarios: tuple[Scenario, ...],
    traces: Mapping[str, Sequence[Trace]],
    found: Appraisal,
    notes: tuple[str, ...],
    made_with: Mapping[str, str],
) -> Result:
    """Return the result of *scenarios* from the *traces* of their servers and what they tell."""
    return Result(
        name=" + ".join(scenario.name for scenario in scenarios),
        scenarios=scenarios,
        confidence=scenarios[0].run.confidence,
        servers=found.servers,
        comparisons=found.comparisons,
        class_comparisons=found.class_comparisons,
        traces={label: tuple(each) for label, each in traces.items()},
        warnings=found.warnings,
        verdicts=found.verdicts,
        ranking=found.ranking,
        loads=found.loads,
        known=found.known,
        judgements=found.judgements,
        notes=notes,
        made_with=made_with,
    )
