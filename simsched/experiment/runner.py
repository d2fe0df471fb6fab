"""Run scenarios: every replication of every server, then the figures and comparisons."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from simsched.engine import Trace, simulate
from simsched.engine.conditions import Conditions
from simsched.errors import InputError, ScenarioError
from simsched.experiment import cost
from simsched.experiment.provenance import made_with
from simsched.experiment.result import Result
from simsched.experiment.runs import Runs
from simsched.experiment.timelines import with_slowest
from simsched.scenario import Scenario
from simsched.scenario.model.scenario import Run
from simsched.statistics.appraisal import Appraisal, conclude, go_on
from simsched.statistics.contender import Contender
from simsched.workload import ClosedWorkload, Workload, draw

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
    scenarios: Sequence[Scenario],
    progress: Progress | None = None,
    *,
    timelines: bool = True,
    phases: float = 0.0,
) -> Result:
    """Return the outcome of simulating every server of *scenarios*, which are prepared.

    Args:
        scenarios: what :func:`prepare` returned; the first server of the first is the baseline.
        progress: called after every simulation.
        timelines: whether the traces are to hold segments of the first requests and the slowest.
        phases: about how many phases this process simulates in all, where that is more than this
            run; the engine is chosen by it.

    A scenario with a stopping rule is simulated until its intervals are narrow enough, and with it
    those it is compared with.

    Raises:
        InputError: two servers would have the same name in the comparison.
        LittlesLawError: a trace contradicts itself, which is an error of simsched.
        RunError: a simulation cannot be done.
    """
    runs = Runs(phases=max(phases, sum(map(cost.phases, scenarios))))
    numbers = range(1, (scenarios[0].run.replications or 1) + 1)
    while True:
        replicate(scenarios, runs, numbers, progress, timelines=timelines)
        result, more = settle(scenarios, runs)
        if not more:
            return result
        numbers = range(len(runs) + 1, len(runs) + more + 1)


def replicate(
    scenarios: Sequence[Scenario],
    runs: Runs,
    numbers: Sequence[int],
    progress: Progress | None = None,
    *,
    timelines: bool = False,
) -> None:
    """Add to *runs* the replications of those *numbers*, from 1, of every server of *scenarios*.

    Wherever and in whatever order they are simulated, they are the same.

    Raises:
        InputError: two servers would have the same name in the comparison.
        RunError: a simulation cannot be done.
    """
    contenders = contenders_of(scenarios)
    total = len(contenders) * numbers[-1]
    done = itertools.count(len(contenders) * (numbers[0] - 1) + 1)
    for number in numbers:
        traces = {}
        for _, rivals in itertools.groupby(contenders, lambda each: id(each.scenario)):
            several = list(rivals)
            drawn = draw(several[0].scenario, number)  # servers meet the same requests
            for each in several:
                long = timelines and number == 1
                traces[each.label] = _simulated(each, drawn, runs.phases, timelines=long)
                if progress is not None:
                    progress(next(done), total)
        runs.add(traces)


def settle(scenarios: Sequence[Scenario], runs: Runs) -> tuple[Result, int]:
    """Return what *runs* show, and how many more replications the stopping rules ask for.

    Raises:
        LittlesLawError: a trace contradicts itself.
    """
    contenders = contenders_of(scenarios)
    found = conclude(contenders, runs.reduced(contenders, partial(replicated, phases=runs.phases)))
    decision = go_on(contenders, found.servers, len(runs))
    done = tuple(_changed(scenario, {"replications": len(runs)}) for scenario in scenarios)
    return result_of(
        done, runs.traces, found, decision.sentences, made_with(runs.engines)
    ), decision.more


def replicated(contender: Contender, number: int, phases: float = 0.0) -> Trace:
    """Return the trace of replication *number* of one server, from 1.

    The engine is chosen by how many *phases* this process simulates in all.

    Raises:
        RunError: the simulation cannot be done.
    """
    return _simulated(contender, draw(contender.scenario, number), phases)


def _simulated(
    contender: Contender,
    workload: Workload | ClosedWorkload,
    phases: float,
    *,
    timelines: bool = False,
) -> Trace:
    """Return what happens; with *timelines* of the first and the slowest requests in detail."""
    conditions = Conditions.of(contender.scenario, contender.name)
    engine = contender.scenario.run.engine
    once = partial(simulate, workload, contender.server, conditions, engine=engine, phases=phases)
    return with_slowest(once) if timelines else once(timeline=0)


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


def result_of(
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
