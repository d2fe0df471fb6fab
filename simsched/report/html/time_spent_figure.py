"""Where time went: what requests spent their time on, all of them and the slowest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.engine.trace import Activity
from simsched.experiment.result import Result
from simsched.report.html.figure import LEGEND, PLAIN, Figure, label, single
from simsched.report.html.palette import ACTIVITIES, RETRIES, Look
from simsched.report.scope import caption, not_drawn
from simsched.report.text import IN_A_SENTENCE, truncated
from simsched.statistics.estimate import Estimate
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import Unit, show, unit_of

_SLOW = (("slowest_1_percent", "slowest 1 %"), ("slowest_5_percent", "slowest 5 %"))
_LANE_PIXELS = 34


@dataclass(frozen=True, slots=True)
class Stack:
    """A bar: its name, in lines, and seconds by activity with what is said of each."""

    name: str
    seconds: dict[str, float]
    told: dict[str, str]

    @property
    def words(self) -> str:
        """Its name on one line."""
        return self.name.replace("\n", " ")

    @property
    def length_s(self) -> float:
        """The whole bar."""
        return sum(self.seconds.values())


def time_spent_figure(result: Result) -> Figure | None:
    """Return the mean response time of every server in its parts; None where there is none."""
    stacks = [stack for one in _mean_stacks(result) for stack in one]
    if not any(stack.length_s for stack in stacks):
        return None
    unit = unit_of(max(stack.length_s for stack in stacks), "duration")
    activities = dict.fromkeys(a for stack in stacks for a, s in stack.seconds.items() if s)
    return Figure(
        id="time-spent",
        title="Where time went",
        alt=". ".join(map(_in_words, stacks)),
        views=single(
            [_bars(activity, stacks, unit) for activity in activities],
            _layout(stacks, f"mean time per request ({unit.name})"),
        ),
        lede=words.sentences(
            caption(result), _overlaps(result), not_drawn(result, _told_of(result))
        ),
    )


def _overlaps(result: Result) -> str:
    forking = [
        truncated(server, IN_A_SENTENCE)
        for server, traces in result.traces.items()
        if any(trace.concurrent for trace in traces)
    ]
    return words.branches_overlap(forking)


def _told_of(result: Result) -> list[str]:
    servers = result.servers.items()
    return [name for name, one in servers if _is_told(one.time_spent.get("all", {}))]


def _mean_stacks(result: Result) -> Iterator[list[Stack]]:
    """Yield each server's bars: of all requests, and of the slowest that can be told of."""
    for name, one in result.servers.items():
        spent = one.time_spent
        slow = next(
            ((group, words) for group, words in _SLOW if _is_told(spent.get(group, {}))), None
        )
        found = [("all", truncated(name))] if _is_told(spent.get("all", {})) else []
        if slow:
            found.append((slow[0], f"{truncated(name)},\n{slow[1]}"))
        yield [_mean_stack(words, spent[group]) for group, words in found]


def _is_told(means: dict[str, Estimate] | Any) -> bool:
    return bool(means) and all(estimate.value is not None for estimate in means.values())


def _mean_stack(name: str, means: Any) -> Stack:
    return Stack(
        name,
        {activity: estimate.value for activity, estimate in means.items()},
        {activity: show(estimate, "duration") for activity, estimate in means.items()},
    )


def _look(activity: str) -> Look:
    return RETRIES if activity == "retries" else ACTIVITIES[Activity[activity.upper()]]


def _bars(activity: str, stacks: Sequence[Stack], unit: Unit) -> dict[str, Any]:
    look = _look(activity)
    return {
        "type": "bar",
        "orientation": "h",
        "name": look.words,
        "y": list(range(len(stacks))),
        "x": [stack.seconds.get(activity, 0.0) / unit.size or None for stack in stacks],
        "width": 0.7,
        "marker": look.marker(),
        "hovertext": [
            f"<b>{look.words}: {stack.told.get(activity, '0 s')}</b><br>{label(stack.words)}"
            for stack in stacks
        ],
        "hoverinfo": "text",
    }


def _layout(stacks: Sequence[Stack], title: str) -> dict[str, Any]:
    return {
        "height": 110 + _LANE_PIXELS * len(stacks),
        "barmode": "stack",
        "hovermode": "closest",
        "margin": {"t": 8, "r": 16, "b": 48, "l": 8},
        "legend": LEGEND | {"traceorder": "normal"},
        "showlegend": True,
        "xaxis": {"title": {"text": title}, "zeroline": False, **PLAIN},
        "yaxis": {
            "range": [len(stacks) - 0.5, -0.5],
            "tickvals": list(range(len(stacks))),
            "ticktext": [label(stack.name).replace("\n", "<br>") for stack in stacks],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
        },
    }


def _in_words(stack: Stack) -> str:
    parts = (f"{_look(a).words} {stack.told[a]}" for a, seconds in stack.seconds.items() if seconds)
    return f"{stack.words}: {', '.join(parts)}"
