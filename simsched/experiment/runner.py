"""Run scenarios: every replication of every server, then the figures and comparisons."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from pydantic import ValidationError

from simsched.engine import Trace, simulate
from simsched.engine.conditions import Conditions
from simsched.errors import InputError
from simsched.experiment.provenance import made_with
from simsched.experiment.result import Result
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

Traces = dict[str, list[Trace]]
"""The traces of each server, by its name in the comparison."""

Runs = TypeVar("Runs", Traces, Streams)

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


def run(scenarios: Sequence[Scenario], progress: Progress | None = None) -> Result:
    """Return the outcome of simulating every server of *scenarios*, which are prepared.

    Args:
        scenarios: what :func:`prepare` returned; the first server of the first is the baseline.
        progress: called after every simulation.

    A scenario with a stopping rule is simulated until its intervals are narrow enough, and with it
    those it is compared with.

    Raises:
        InputError: two servers would have the same name in the comparison.
        LittlesLawError: a trace contradicts itself, which is an error of simsched.
        RunError: a simulation cannot be done.
    """
    contenders = contenders_of(scenarios)
    if any(scenario.run.keep == "statistics" for scenario in scenarios):
        streams: Streams = {each.label: [] for each in contenders}
        done, found, notes = _repeat(contenders, streams, count, appraise_streams, progress)
        made = _made_with(streams)
        return conclude(_settled(scenarios, done), {}, found, (*notes, COUNTED), made)
    traces: Traces = {each.label: [] for each in contenders}
    done, found, notes = _repeat(contenders, traces, _simulate, appraise, progress)
    return conclude(_settled(scenarios, done), traces, found, notes, _made_with(traces))


def _made_with(runs: Traces | Streams) -> dict[str, str]:
    return made_with(one.engine for each in runs.values() for one in each)


def _repeat(
    contenders: Sequence[Contender],
    runs: Runs,
    simulate_all: Callable[[Sequence[int], Sequence[Contender], Runs, Progress | None], None],
    appraise_all: Callable[[Sequence[Contender], Runs], Appraisal],
    progress: Progress | None,
) -> tuple[int, Appraisal, tuple[str, ...]]:
    """Fill *runs* with as many replications as are asked for; return how many, and what they tell.

    What the stopping rules did comes last.
    """
    done = contenders[0].scenario.run.replications or 1
    simulate_all(range(1, done + 1), contenders, runs, progress)
    found = appraise_all(contenders, runs)
    while more := (decision := go_on(contenders, found.servers, done)).more:
        simulate_all(range(done + 1, done + more + 1), contenders, runs, progress)
        done += more
        found = appraise_all(contenders, runs)
    return done, found, decision.sentences


def _settled(scenarios: Sequence[Scenario], replications: int) -> tuple[Scenario, ...]:
    return tuple(_changed(scenario, {"replications": replications}) for scenario in scenarios)


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
        run = Run.model_validate({**scenario.run.model_dump(), **changes})
    except ValidationError as error:
        wrong = error.errors()[0]
        raise InputError(f"{wrong['loc'][0]} {wrong['input']!r}: {wrong['msg']}") from None
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
                trace = with_slowest(once) if replication == 1 else once(timeline=0)
                traces[each.label].append(trace)
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
