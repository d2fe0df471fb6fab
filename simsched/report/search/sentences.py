"""What a search found for a server, in a sentence."""

from __future__ import annotations

from simsched.experiment.search.answer import Answer
from simsched.experiment.search.trial import Reading, Trial
from simsched.scenario.metrics import show_value
from simsched.statistics.words.numbers import percent


def sentence(answer: Answer) -> str:
    """Return what was found."""
    tell = {
        "told": _told,
        "open": _open,
        "never": _never,
        "always": _always,
        "interrupted": _interrupted,
    }
    return f"{answer.server} {tell[answer.status](answer)}"


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


def interval(answer: Answer) -> str:
    """Return the interval in words: ``95 % interval 78.9/s to 81.4/s``."""
    low, high = answer.boundary.low, answer.boundary.high
    if low is None or high is None:
        return "no interval"
    show = answer.parameter.show
    return f"{percent(answer.confidence)} interval {show(low)} to {show(high)}"


def _told(answer: Answer) -> str:
    value, show = answer.boundary.value or 0.0, answer.parameter.show
    limits = answer.limits
    is_exact = answer.boundary.low == answer.boundary.high
    known = _exactly(answer) if is_exact or _is_certain(answer) else f" ({interval(answer)})"
    if answer.parameter.is_load and answer.kept == "below":
        return f"carries {show(value)}{known} with {limits}"
    where = "up to" if answer.kept == "below" else "from"
    on = " on" if answer.kept == "above" else ""
    return f"keeps {limits} {where} {answer.parameter.path} = {show(value)}{on}{known}"


def _exactly(answer: Answer) -> str:
    """Return how well a boundary is known that has no interval by chance."""
    low, high, show = answer.boundary.low, answer.boundary.high, answer.parameter.show
    if low is None or high is None or low == high:
        further = _neighbour(answer)
        return "" if further is None else f", and not at {show(further.value)}"
    return f" (between {show(low)} and {show(high)}; nothing is left to chance)"


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
    limits, low, high = answer.limits, answer.boundary.low, answer.boundary.high
    why = f"after {answer.replications} replications" if answer.replications else ""
    if low is None or high is None:
        return f"keeps {limits} or not: that cannot be told {answer.reason or why}"
    show, noun = answer.parameter.show, _noun(answer)
    wanted = f"within {percent(answer.relative)}"
    if answer.parameter.kind == "count":
        wanted = "exactly" if answer.relative * high < 1 else wanted
    where = f"between {show(low)} and {show(high)}"
    reason = f" ({answer.reason})" if answer.reason else ""
    untold = f"that cannot be told {wanted}{reason}"
    change = "starts to keep" if answer.kept == "above" else "stops keeping"
    return f"{change} {limits} somewhere {where}{noun}; {why} {untold}"


def _noun(answer: Answer) -> str:
    return "" if answer.parameter.is_load else f" of {answer.parameter.path}"


def _never(answer: Answer) -> str:
    simulated = [trial for trial in answer.trials if trial.replications]
    if not simulated:
        last = answer.trials[0]
        return f"never keeps {answer.limits}: {last.reason}"
    nearest = max(simulated, key=lambda trial: trial.margin.value or float("-inf"))
    at = _where(answer, nearest)
    return f"never keeps {answer.limits}: at best, {at}, {_told_readings(answer, nearest)}"


def _always(answer: Answer) -> str:
    low, high = answer.trials[0].value, answer.trials[-1].value
    show = answer.parameter.show
    return (
        f"keeps {answer.limits} at every value of {answer.parameter.path} that was tried, "
        f"{show(low)} to {show(high)}"
    )


def _interrupted(answer: Answer) -> str:
    low, high, show = answer.boundary.low, answer.boundary.high, answer.parameter.show
    if low is None or high is None:
        return f"was interrupted before anything could be told of {answer.limits}"
    kept, missed = (low, high) if answer.kept == "below" else (high, low)
    return (
        f"was interrupted: so far it keeps {answer.limits} at {show(kept)} and not at "
        f"{show(missed)}"
    )


def _where(answer: Answer, trial: Trial) -> str:
    shown = answer.parameter.show(trial.value)
    return f"at {shown}" if answer.parameter.is_load else f"at {answer.parameter.path} = {shown}"


def _told_readings(answer: Answer, trial: Trial) -> str:
    return " and ".join(_reading(answer, each) for each in trial.readings)


def _reading(answer: Answer, reading: Reading) -> str:
    metric, figure = reading.objective.limit.metric, reading.figure
    if figure.value is None:
        return f"{metric.text} is not told: {figure.reason}"
    told = f"{metric.text} is {show_value(figure.value, metric.kind)}"
    if figure.low is None or figure.high is None or figure.low == figure.high:
        return told
    ends = f"{show_value(figure.low, metric.kind)} to {show_value(figure.high, metric.kind)}"
    return f"{told} ({percent(answer.confidence)} interval {ends})"


def _is_certain(answer: Answer) -> bool:
    return answer.replications <= 1
