"""A run: every replication of every server, then the figures and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from simsched.engine import Trace
from simsched.errors import InputError, ScenarioError
from simsched.experiment import cost
from simsched.experiment.result import Result, made_with
from simsched.experiment.runs import HELD, Runs
from simsched.experiment.simulating import TIMELINE, OneByOne, Simulate, replicated
from simsched.scenario import Scenario
from simsched.scenario.model.run import Run
from simsched.statistics.appraisal import conclude, go_on, known_answers
from simsched.statistics.contender import check_unique, contenders_of
from simsched.statistics.theory.known import describe

if TYPE_CHECKING:
    from simsched.experiment.checkpoint import Checkpoint

REPLICATIONS = 10
"""The default number of replications of a scenario that depends on chance."""

LONGEST = 250_000
"""With more attempts than this, only the first requests have a timeline."""

MOST_AHEAD = 16
"""The most replications that other processes simulate before their traces are collected."""

Timelines = Literal["all", "first", "none"]
"""The requests whose timelines are wanted."""

Progress = Callable[[int, int], None]
"""Called with the number of finished simulations, and of all."""


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
    check_unique((scenario.name for scenario in scenarios), "scenarios are called")
    given = {"seed": seed, "replications": replications}
    changes = {name: value for name, value in given.items() if value is not None}
    changed = [_changed(scenario, changes) for scenario in scenarios]
    # Servers are compared replication by replication, so all need the same number.
    count = max(_replications(scenario) for scenario in changed)
    return tuple(_changed(scenario, {"replications": count}) for scenario in changed)


def run(  # noqa: PLR0913 - each is named in a call
    scenarios: Sequence[Scenario],
    progress: Progress | None = None,
    *,
    timelines: Timelines = "all",
    phases: float = 0.0,
    simulate: Simulate | None = None,
    checkpoint: Checkpoint | None = None,
) -> Result:
    """Return the outcome of simulating every server of *scenarios*, which are prepared.

    Args:
        scenarios: what :func:`prepare` returned; the first server of the first is the baseline.
        progress: called after every simulation.
        timelines: the requests whose segments the traces of the first replication hold; by default
            the first ones, the slowest, and those around its :func:`moments`.
        phases: about how many phases this process simulates in all, if more than those of this run;
            the engine is chosen by it.
        simulate: simulates replications, perhaps in other processes; by default in this one.

        checkpoint: finished replications are recalled from it, and kept in it.

    A scenario with a stopping rule is simulated until its intervals are narrow enough, together
    with those that it is compared with.

    Raises:
        InputError: two servers would have the same name in the comparison.
        LittlesLawError: a trace contradicts itself, which is an error of simsched.
        RunError: a simulation cannot be done, or a replication cannot be kept.
    """
    # The engine is chosen once for all replications, by how much there is to simulate in all.
    runs = Runs(phases=max(phases, sum(map(cost.phases, scenarios))))
    wanted = scenarios[0].run.replications or 1
    # The first replication is simulated here: only this process asks for timelines.
    if timelines != "none":
        _replicate_in_detail(scenarios, runs, progress, wanted, checkpoint)
    while True:
        missing = range(len(runs) + 1, wanted + 1)
        replicate(scenarios, runs, missing, progress, simulate, checkpoint)
        result, more = settle(scenarios, runs)
        if not more:
            return _in_detail(result, runs.phases) if timelines == "all" else result
        wanted += more


def replicate(  # noqa: PLR0913, PLR0917 - the arguments of a run, and which replications
    scenarios: Sequence[Scenario],
    runs: Runs,
    numbers: Sequence[int],
    progress: Progress | None = None,
    simulate: Simulate | None = None,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Add to *runs* the replications of those *numbers*, from 1, of every server of *scenarios*.

    They do not depend on where, or in which order, *simulate* does it.

    Raises:
        InputError: two servers would have the same name in the comparison.
        RunError: a simulation cannot be done, or a replication cannot be kept.
    """
    contenders, simulate = contenders_of(scenarios), simulate or OneByOne()
    for few in _in_lots(numbers, runs.rows):
        kept = {} if checkpoint is None else checkpoint.recall_each(few)
        missing = [number for number in few if number not in kept]
        traces = {each.label: iter(simulate(each, missing, runs.phases)) for each in contenders}
        for number in few:
            if number in kept:
                found: Iterable[tuple[str, Trace]] = kept[number].items()
            else:
                found = ((label, next(each)) for label, each in traces.items())
            # What is not held in memory is not stored either: it might fill the disk.
            complete = _counted(found, len(contenders), runs, progress, numbers[-1])
            if runs.add(complete, contenders) and checkpoint is not None and number not in kept:
                checkpoint.keep(number, complete, more=number < numbers[-1])


def _replicate_in_detail(
    scenarios: Sequence[Scenario],
    runs: Runs,
    progress: Progress | None,
    last: int,
    checkpoint: Checkpoint | None,
) -> None:
    """Add the first replication to *runs*, its traces with the timelines of the first requests."""
    contenders, here = contenders_of(scenarios), OneByOne()
    kept = None if checkpoint is None else checkpoint.recall(1)
    if kept is not None:
        found: Iterable[tuple[str, Trace]] = kept.items()
    else:
        simulated = ((c.label, here.simulating(c, 1, runs.phases)) for c in contenders)
        found = ((label, simulate(timeline=TIMELINE)) for label, simulate in simulated)
    traces = _counted(found, len(contenders), runs, progress, last)
    runs.add(traces, contenders)
    if checkpoint is not None and kept is None:
        checkpoint.keep(1, traces, more=last > 1)


def _in_detail(result: Result, phases: float) -> Result:
    """Return *result* with the timelines of its slowest requests, and of those around its moments.

    Which these are is known only at the end. As the same arguments always give the same trace, the
    first replication is simulated once more, unless it is of more than :data:`LONGEST` attempts:
    that would double its time and memory.
    """
    traces, here = dict(result.traces), OneByOne()
    numbers = result.to_show()
    for contender in contenders_of(result.scenarios):
        first, *others = traces[contender.label]
        also = frozenset(numbers[contender.label]) - frozenset(range(TIMELINE + 1))
        if also and len(first) <= LONGEST:
            again = here.simulating(contender, 1, phases)(timeline=TIMELINE, also=also)
            traces[contender.label] = (replace(first, segments=again.segments), *others)
    return replace(result, traces=traces)


def _counted(
    found: Iterable[tuple[str, Trace]],
    servers: int,
    runs: Runs,
    progress: Progress | None,
    last: int,
) -> dict[str, Trace]:
    """Return the traces *found* for the next of *runs*, by label, and report the progress."""
    traces: dict[str, Trace] = {}
    for label, trace in found:
        traces[label] = trace
        if progress is not None:
            progress(servers * len(runs) + len(traces), servers * last)
    return traces


def _in_lots(numbers: Sequence[int], rows: int) -> Iterator[Sequence[int]]:
    """Yield *numbers* in lots that fit into memory, with *rows* for each replication."""
    # Other processes would otherwise send more traces than fit into memory.
    size = max(1, min(MOST_AHEAD, HELD // max(1, rows)))
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def settle(scenarios: Sequence[Scenario], runs: Runs) -> tuple[Result, int]:
    """Return the result of *runs*, and how many more replications the stopping rules need.

    Raises:
        LittlesLawError: a trace contradicts itself.
    """
    contenders = contenders_of(scenarios)
    reduced = runs.reduced(contenders, lambda each, n: replicated(each, runs.phases, n))
    found = conclude(contenders, reduced)
    decision = go_on(contenders, found.servers, len(runs))
    done = tuple(_changed(scenario, {"replications": len(runs)}) for scenario in scenarios)
    made = made_with(runs.engines)
    return Result.of(done, runs.traces, found, decision.sentences, made), decision.more


def _replications(scenario: Scenario) -> int:
    if scenario.run.replications is not None:
        return scenario.run.replications
    if scenario.run.goals:
        return min(REPLICATIONS, *(goal.at_most for goal in scenario.run.goals))
    certain = all(each.is_certain for each in contenders_of([scenario]))
    return 1 if certain else REPLICATIONS


def _changed(scenario: Scenario, changes: Mapping[str, int]) -> Scenario:
    """Return *scenario* with *changes* to its run, which are validated as in a file."""
    try:
        run = Run(**{**scenario.run.model_dump(by_alias=True, exclude_defaults=True), **changes})
    except ScenarioError as error:
        faults = (f"{each.path}: {each.message}" for each in error.faults)
        raise InputError("\n".join(faults)) from None
    return scenario.model_copy(update={"run": run})


def theory(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Return a line for each server that cannot keep up, and each model that a server matches.

    Nothing is simulated for it.

    Raises:
        InputError: two servers would have the same name in a comparison.
    """
    contenders = contenders_of(scenarios)
    overloads = [each.load.unstable_warning() for each in contenders if each.load is not None]
    return (
        *(text for text in overloads if text is not None),
        *map(describe, known_answers(contenders)),
    )
