"""All that can be said of the servers of an experiment, from their traces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from simsched.engine.trace import Trace
from simsched.scenario.metrics import parse_metric
from simsched.scenario.model.scenario import Scenario
from simsched.statistics import (
    losses,
    ranking,
    run_length,
    slo,
    stopping,
    verdict,
    warmup,
)
from simsched.statistics.compare import compare, compare_classes
from simsched.statistics.contender import Contender
from simsched.statistics.ranking import Place
from simsched.statistics.replication import Replication, reduce
from simsched.statistics.slo import Judgement
from simsched.statistics.stability import Load
from simsched.statistics.stopping import Decision, Precision
from simsched.statistics.summarize import summarize_replications
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.theory import Known, batch_of, disagreements, known
from simsched.statistics.warmup import Cut, Settling, settling
from simsched.statistics.words import theory as theory_words
from simsched.statistics.words import warnings as words
from simsched.units import SECOND

ROUNDS = 100
"""How many requests each user must make before a closed workload is compared with a formula."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Appraisal:
    """The figures of every server and what follows from them.

    Attributes:
        servers: each server's figures, in the order of the files; the first is the baseline. Where
            several scenarios are compared a server is called ``scenario/server``.
        comparisons: every server but the baseline against it, for each metric.
        class_comparisons: the same for each class of requests, where there are several.
        warnings: sentences for the reader.
        verdicts: sentences on how each server compares with the baseline.
        ranking: the servers in order, as far as the evidence orders them.
        loads: what is asked of each server, where requests arrive at a rate.
        known: what formulas say of the servers.
        judgements: how the servers stand to the objectives.
    """

    servers: Mapping[str, ServerSummary]
    comparisons: tuple[Comparison, ...]
    class_comparisons: tuple[Comparison, ...] = ()
    warnings: tuple[str, ...]
    verdicts: tuple[str, ...] = ()
    ranking: tuple[Place, ...] = ()
    loads: Mapping[str, Load] = field(default_factory=dict)
    known: tuple[Known, ...] = ()
    judgements: tuple[Judgement, ...] = ()


def appraise(contenders: Sequence[Contender], traces: Mapping[str, Sequence[Trace]]) -> Appraisal:
    """Return all that can be said of *contenders*, the first of them the baseline.

    Args:
        contenders: the servers.
        traces: by label, each server's traces, one per replication.

    Raises:
        LittlesLawError: a trace contradicts itself.
    """
    ends = cuts(contenders, {label: list(map(settling, each)) for label, each in traces.items()})
    # A lone run is cut into batches only if no server has several: they are compared pairwise.
    is_single = all(len(each) == 1 for each in traces.values())
    runs = {
        each.label: list(reduced(each, traces[each.label], ends[each.label], is_single=is_single))
        for each in contenders
    }
    return conclude(contenders, runs)


def reduced(
    contender: Contender, traces: Iterable[Trace], ends: Sequence[Cut], *, is_single: bool
) -> Iterator[Replication]:
    """Yield the *traces* of *contender*, each from the end of its warm-up on, without its requests.

    A single run is observed in batches, which stand for replications.
    """
    method = contender.method()
    in_batches = is_single and method.batches
    for trace, cut in zip(traces, ends, strict=True):
        yield reduce(trace, cut, method.asked, in_batches=in_batches, span=contender.span)


def conclude(
    contenders: Sequence[Contender], runs: Mapping[str, Sequence[Replication]]
) -> Appraisal:
    """Return all that can be said of *contenders* from their replications, by label."""
    servers = {
        each.label: summarize_replications(each.method(), each.label, runs[each.label])
        for each in contenders
    }
    confidence = contenders[0].scenario.run.confidence
    baseline, *others = servers.values()
    comparisons = compare(baseline, others, confidence)
    of_classes = compare_classes(baseline, others, confidence)
    formulas = _remarked(known_answers(contenders), contenders, runs)
    return Appraisal(
        servers=servers,
        comparisons=comparisons,
        class_comparisons=of_classes,
        verdicts=(
            *verdict.sentences(baseline, others, comparisons, confidence),
            *verdict.class_sentences(baseline, others, of_classes, confidence),
        ),
        ranking=ranking.rank([*servers.values()], confidence=confidence),
        loads={each.label: each.load for each in contenders if each.load is not None},
        known=formulas,
        judgements=tuple(_judgements(contenders, servers)),
        warnings=(
            *_warnings(contenders, servers, runs),
            *disagreements([one for one in formulas if one.remark is None], servers, confidence),
        ),
    )


def known_answers(contenders: Sequence[Contender]) -> tuple[Known, ...]:
    """Return what formulas say of each server, without any simulation."""
    return tuple(
        one
        for rivals in _by_scenario(contenders)
        for batch in [batch_of(rivals[0].scenario)]
        for each in rivals
        for one in known(each.scenario, each.label, each.server, each.method().quantiles, batch)
    )


def _remarked(
    found: Sequence[Known],
    contenders: Sequence[Contender],
    runs: Mapping[str, Sequence[Replication]],
) -> tuple[Known, ...]:
    """Return *found*, with a remark where the run says nothing about a formula.

    Users who all begin at once, and are cut off at the end, are as formulas have them only after
    many rounds.
    """
    closed = {each.label: each.scenario.workload.closed for each in contenders}
    return tuple(
        one
        if (users := closed[one.server]) is None or one.is_bound
        else replace(one, remark=_remark(_rounds(one, users.users, runs[one.server])))
        for one in found
    )


def _remark(rounds: float) -> str | None:
    if rounds >= ROUNDS:
        return None
    return theory_words.rounds_made(round(rounds))


def _rounds(found: Known, users: int, runs: Sequence[Replication]) -> float:
    """Return how many requests a user makes in the shortest run, by the formula's throughput."""
    rates = [one.value for one in found.figures if one.metric == "throughput_per_s"]
    return min(run.end_ns for run in runs) / SECOND * max(rates, default=0.0) / users


def go_on(
    contenders: Sequence[Contender], servers: Mapping[str, ServerSummary], done: int
) -> Decision:
    """Return how many replications the stopping rules ask for beyond the *done* ones."""
    decisions = [
        stopping.decide([servers[each.label] for each in rivals], precision, done)
        for rivals in _by_scenario(contenders)
        for precision in _precisions(rivals[0].scenario)
    ]
    # Scenarios that are compared have equally many replications: the one that needs most decides.
    more = max((decision.more for decision in decisions), default=0)
    sentences = dict.fromkeys(text for decision in decisions for text in decision.sentences)
    return Decision(more, () if more else tuple(sentences))


def _by_scenario(contenders: Sequence[Contender]) -> list[list[Contender]]:
    # By identity: two scenarios may be equal and still be two sides of a comparison.
    groups = groupby(contenders, lambda each: id(each.scenario))
    return [list(group) for _, group in groups]


def _precisions(scenario: Scenario) -> list[Precision]:
    """Return the precisions that *scenario* asks for."""
    return [
        Precision(tuple(map(parse_metric, goal.metric)), goal.relative, goal.at_most)
        for goal in scenario.run.goals
    ]


def cuts(
    contenders: Sequence[Contender], runs: Mapping[str, Sequence[Settling]]
) -> dict[str, tuple[Cut, ...]]:
    """Return the warm-ups of each server's replications, the same for all with a steady state."""
    found = {each.label: warmup.cuts(runs[each.label], each.method().warmup) for each in contenders}
    # Servers without a steady state are observed whole; the others over the same requests.
    steady = [each.label for each in contenders if each.is_steady]
    joined = warmup.together([found[label] for label in steady], [runs[label] for label in steady])
    return found | dict(zip(steady, joined, strict=True))


def _judgements(
    contenders: Sequence[Contender], servers: Mapping[str, ServerSummary]
) -> Iterator[Judgement]:
    for each in contenders:
        confidence = each.scenario.run.confidence
        yield from slo.judge(each.objectives(), [servers[each.label]], each.is_certain, confidence)


def _warnings(
    contenders: Sequence[Contender],
    servers: Mapping[str, ServerSummary],
    runs: Mapping[str, Sequence[Replication]],
) -> Iterator[str]:
    yield from _different_requests([each.scenario for each in contenders])
    for each in contenders:
        server = servers[each.label]
        found = (
            server.unstable,
            None if each.load is None else each.load.bounded_overload_warning(),
            losses.warning(server),
            losses.retried(each.load, server),
            warmup.warning(each.label, server.warmup, each.method().warmup),
            *_too_short(each, server, runs[each.label]),
            losses.unfinished(server, runs[each.label], each.scenario.workload, each.load),
            losses.deadlocked(each.label, runs[each.label]),
        )
        yield from (sentence for sentence in found if sentence is not None)


def _different_requests(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """Yield a sentence if what is compared does not meet the same requests, by its seeds."""
    seeds = {each.name: each.run.seed for each in scenarios}
    if len(set(seeds.values())) > 1:
        yield words.different_seeds(seeds)


def _too_short(
    contender: Contender, server: ServerSummary, runs: Sequence[Replication]
) -> Iterator[str | None]:
    """Yield warnings about too few requests, in all and in each replication."""
    queue, load = contender.queue(), contender.load
    if queue is None or load is None:
        return
    skipped = sum(cut.requests for cut in server.warmup)
    count = sum(run.attempts for run in runs) - skipped
    yield run_length.warning(contender.label, queue, count, contender.scenario.run.confidence)
    if (many := len(runs)) > 1:
        rate = load.station.arrival_rate_per_s
        yield run_length.bias_warning(contender.label, queue, skipped / many, count / many, rate)
