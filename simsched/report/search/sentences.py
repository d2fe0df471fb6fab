"""The sentences on searches: how far a value may go, and which design is best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from simsched.experiment.search.best import Selection, Standing
from simsched.experiment.search.question import Answer
from simsched.experiment.search.trial import Reading, Trial
from simsched.scenario.number_format import show_value
from simsched.statistics.words.numbers import counted, joined, percent

_MOST_NAMED = 12


def sentence(answer: Answer) -> str:
    """Return the answer for one server, such as ``serial carries 80.1/s with ...``."""
    match answer.status:
        case "found":
            said = _found(answer)
        case "open":
            said = _open(answer)
        case "never":
            said = _never(answer)
        case "always":
            low, high = (answer.parameter.show(answer.trials[end].value) for end in (0, -1))
            tried = f"every value of {answer.parameter.path} that was tried, {low} to {high}"
            said = f"keeps {answer.limits} at {tried}"
        case "interrupted":
            said = _interrupted(answer)
        case _:
            assert_never(answer.status)
    return f"{answer.server} {said}"


def boundary(answer: Answer) -> str:
    """Return the last or the first value that keeps the limits: ``80.1/s [78.9/s, 81.4/s]``."""
    show = answer.parameter.show
    value, low, high = answer.boundary.value, answer.boundary.low, answer.boundary.high
    if low is None or high is None:
        return "—" if value is None else show(value)
    if low == high:
        return show(low)
    if value is None or _is_certain(answer):
        return f"{show(low)} to {show(high)}"
    return f"{show(value)} [{show(low)}, {show(high)}]"


def _found(answer: Answer) -> str:
    show, path = answer.parameter.show, answer.parameter.path
    value = show(answer.boundary.value or 0.0)
    # Without an interval the nearest value that misses the limits shows how exact this is.
    known, further = _precision(answer), _neighbour(answer)
    missed = "" if known or further is None else show(further.value)
    but_not = f", but not with {missed}" if missed else ""
    if answer.kept == "above":
        return f"keeps {answer.limits} with {path} = {value} or more{known}{but_not}"
    if answer.parameter.is_load:
        but_not = f", but not {missed}" if missed else ""
        return f"carries {value}{known} with {answer.limits}{but_not}"
    return f"keeps {answer.limits} up to {path} = {value}{known}{but_not}"


def _precision(answer: Answer) -> str:
    """Return the interval of a boundary; empty for one that is known exactly."""
    low, high, show = answer.boundary.low, answer.boundary.high, answer.parameter.show
    if low == high or low is None or high is None:
        return ""
    if _is_certain(answer):
        return f" (between {show(low)} and {show(high)}; nothing is left to chance)"
    return f" ({percent(answer.confidence)} interval {show(low)} to {show(high)})"


def _neighbour(answer: Answer) -> Trial | None:
    """Return the value next to the boundary at which the limits are missed."""
    value = answer.boundary.value or 0.0
    beyond = [
        trial
        for trial in answer.trials
        if not trial.keeps and (trial.value > value) == (answer.kept == "below")
    ]
    return min(beyond, key=lambda trial: abs(trial.value - value), default=None)


def _open(answer: Answer) -> str:
    low, high, show = answer.boundary.low, answer.boundary.high, answer.parameter.show
    few = f"{answer.replications} replications are too few"
    if low is None or high is None:
        return f"may or may not keep {answer.limits}: {answer.reason or few}"
    # Among whole numbers a precision of less than one asks for the number itself.
    is_exact = answer.parameter.kind == "count" and answer.relative * high < 1
    wanted = "to decide exactly" if is_exact else f"for a precision of {percent(answer.relative)}"
    change = "starts to keep" if answer.kept == "above" else "stops keeping"
    noun = "" if answer.parameter.is_load else f" of {answer.parameter.path}"
    reason = f" ({answer.reason})" if answer.reason else ""
    where = f"somewhere between {show(low)} and {show(high)}{noun}"
    return f"{change} {answer.limits} {where}: {few} {wanted}{reason}"


def _never(answer: Answer) -> str:
    # A value known to be overloaded has no figures to show how near the limit it comes.
    simulated = [trial for trial in answer.trials if trial.replications]
    if not simulated:
        return f"never keeps {answer.limits}: {answer.trials[0].reason}"
    nearest = max(simulated, key=lambda trial: trial.margin.value or float("-inf"))
    shown, path = answer.parameter.show(nearest.value), answer.parameter.path
    at = shown if answer.parameter.is_load else f"{path} = {shown}"
    figures = " and ".join(_reading(answer, each) for each in nearest.readings)
    return f"never keeps {answer.limits}: at best, at {at}, {figures}"


def _interrupted(answer: Answer) -> str:
    low, high, show = answer.boundary.low, answer.boundary.high, answer.parameter.show
    if low is None or high is None:
        return f"was interrupted before anything was known about {answer.limits}"
    kept, missed = (low, high) if answer.kept == "below" else (high, low)
    so_far = f"keeps {answer.limits} at {show(kept)} but not at {show(missed)}"
    return f"was interrupted: so far it {so_far}"


def _reading(answer: Answer, reading: Reading) -> str:
    metric, figure = reading.objective.limit.metric, reading.figure
    if figure.value is None:
        return f"{metric.text} is unknown: {figure.reason}"
    said = f"{metric.text} is {show_value(figure.value, metric.kind)}"
    if figure.low is None or figure.high is None or figure.low == figure.high:
        return said
    ends = f"{show_value(figure.low, metric.kind)} to {show_value(figure.high, metric.kind)}"
    return f"{said} ({percent(answer.confidence)} interval {ends})"


def _is_certain(answer: Answer) -> bool:
    return answer.replications <= 1


def selection(found: Selection) -> Iterator[str]:
    """Yield which design is best, with which guarantee, which are as good, and what it took."""
    yield _undecided(found) if found.best is None else _selected(found, found.best)
    tied = [each.name for each in _named(found, "tied") if not _is_same(each)]
    if tied:
        verb = "is" if len(tied) == 1 else "are"
        yield f"{_joined(tied)} {verb} as good within the indifference zone of {zone(found)}."
    yield _effort(found)


def zone(found: Selection) -> str:
    """Return the indifference zone, as in ``1 % (0.42 ms)``."""
    shown = show_value(found.zone, found.criterion.metric.kind)
    return f"{percent(found.criterion.zone)} ({shown})" if found.criterion.is_relative else shown


def _is_same(standing: Standing) -> bool:
    """Return whether no replication showed a difference; for rare events that proves little."""
    return standing.fate == "tied" and standing.low == standing.high == 0


def _selected(found: Selection, best: Standing) -> str:
    if found.compared == 1:
        return f"{best.name} is the only design that can be compared; the others are left out."
    metric = found.criterion.metric
    word = "lowest" if found.criterion.aim == "minimize" else "highest"
    mean = show_value(best.mean or 0.0, metric.kind)
    head = f"{best.name} has the {word} {metric.text}, {mean} on average"
    same = [each.name for each in found.standings if _is_same(each)]
    if same:
        head += f" ({_joined(same)} had the same in every replication)"
    if found.compared == 1 + len(same):
        return f"{head}."
    return (
        f"{head}: with a probability of at least {percent(found.criterion.confidence)} no other "
        f"design is better{_by_how_much(found)}."
    )


def _by_how_much(found: Selection) -> str:
    """Return by how much others may be better; one whose interval excludes 0 is not at all."""
    tied = [each for each in _named(found, "tied") if not _is_same(each)]
    is_open = any((each.low or 0.0) <= 0 <= (each.high or 0.0) for each in tied)
    return f" by more than {zone(found)}" if is_open else ""


def _undecided(found: Selection) -> str:
    left = _joined([each.name for each in _named(found, "undecided")])
    if found.is_interrupted:
        return f"Interrupted: {left} may each be the best."
    most = max(each.replications for each in found.standings)
    return (
        f"Undecided after {most:,} replications: {left} may each be the best; allow more with "
        "--at-most, or a wider --indifference."
    )


def _effort(found: Selection) -> str:
    """Return how many simulations there were, and how the designs were compared."""
    total = counted(found.replications, "simulation")
    if found.compared == 1:
        return f"{total}."
    after = _joined([f"{each:,}" for each in found.rounds])
    return (
        f"{total}; the designs were compared after {after} replications, by paired intervals that "
        "are adjusted for the number of designs and of rounds."
    )


def _named(found: Selection, fate: str) -> list[Standing]:
    return [each for each in found.standings if each.fate == fate]


def _joined(names: Sequence[str]) -> str:
    """Return *names* with commas and an "and", the first dozen of them."""
    shown = names[:_MOST_NAMED]
    if len(names) > len(shown):
        return f"{', '.join(shown)} and {len(names) - len(shown)} more"
    return joined(shown)
