"""Where time went: what requests spent their time on, all of them and the slowest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simsched.engine.trace import Activity
from simsched.experiment.result import Result
from simsched.report.html.figure import (
    Explorable,
    Figure,
    RowBlock,
    label,
    layout,
    named_rows,
    single,
)
from simsched.report.html.palette import ACTIVITIES, RETRIES, Look
from simsched.report.scope import caption, not_drawn
from simsched.report.text import IN_A_SENTENCE, distinct, truncated
from simsched.statistics.estimate import Estimate
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import Unit, percent, show, unit_of

_SLOW = {f"slowest_{n}_percent": f"slowest {percent(n / 100)}" for n in (1, 5)}
_LANE_PIXELS = 34


@dataclass(frozen=True, slots=True)
class Stack:
    """A bar of a server: its name, in lines, and the mean time spent on each activity."""

    server: int
    name: str
    spent: Mapping[str, Estimate]

    @property
    def words(self) -> str:
        """Its name on one line."""
        return self.name.replace("\n", " ")

    @property
    def length_s(self) -> float:
        """The whole bar."""
        return sum(map(self.seconds, self.spent))

    def seconds(self, activity: str) -> float:
        """Return the time spent on an activity."""
        return self.spent.get(activity, Estimate(0.0)).value or 0.0

    def shown(self, activity: str) -> str:
        """Return the time spent on an activity, with its interval."""
        return show(self.spent.get(activity, Estimate(0.0)), "duration")


def time_spent_figure(result: Result) -> Figure | None:
    """Return the mean response time of every server in its parts; None where there is none."""
    stacks = [*_stacks(result)]
    if not any(stack.length_s for stack in stacks):
        return None
    unit = unit_of(max(stack.length_s for stack in stacks), "duration")
    activities = dict.fromkeys(a for one in stacks for a in one.spent if one.seconds(a))
    drawn = [name for name, one in result.servers.items() if _is_known(one.time_spent.get("all"))]
    plan = layout(
        110 + _LANE_PIXELS * len(stacks),
        f"mean time per request ({unit.name})",
        y=named_rows([stack.name for stack in stacks]),
    )
    plan["legend"] = plan["legend"] | {"traceorder": "normal"}
    return Figure(
        id="time-spent",
        title="Where time went",
        alt=". ".join(map(_in_words, stacks)),
        views=single(
            [_bars(activity, stacks, unit) for activity in activities],
            plan
            | {"barmode": "stack"}
            | Explorable(
                rows=[RowBlock(n - 0.5, n + 0.5, each.server) for n, each in enumerate(stacks)]
            ).layout,
        ),
        lede=words.sentences(caption(result), _overlaps(result), not_drawn(result, drawn)),
    )


def _overlaps(result: Result) -> str:
    forking = [
        truncated(server, IN_A_SENTENCE)
        for server, traces in result.traces.items()
        if any(trace.concurrent for trace in traces)
    ]
    return words.branches_overlap(forking)


def _stacks(result: Result) -> Iterator[Stack]:
    """Yield each server's bars: of all requests, and of the slowest where they are known."""
    names = distinct(result.servers)
    for position, (name, one) in enumerate(zip(names, result.servers.values(), strict=True)):
        spent = one.time_spent
        if _is_known(spent.get("all")):
            yield Stack(position, name, spent["all"])
        slow = next((group for group in _SLOW if _is_known(spent.get(group))), None)
        if slow is not None:
            yield Stack(position, f"{name},\n{_SLOW[slow]}", spent[slow])


def _is_known(means: Mapping[str, Estimate] | None) -> bool:
    return bool(means) and all(estimate.value is not None for estimate in (means or {}).values())


def _look(activity: str) -> Look:
    return RETRIES if activity == "retries" else ACTIVITIES[Activity[activity.upper()]]


def _bars(activity: str, stacks: Sequence[Stack], unit: Unit) -> dict[str, Any]:
    look = _look(activity)
    return {
        "type": "bar",
        "orientation": "h",
        "name": look.words,
        "y": list(range(len(stacks))),
        "x": [stack.seconds(activity) / unit.size or None for stack in stacks],
        "width": 0.7,
        "marker": look.marker(),
        "hovertext": [
            f"<b>{look.words}: {stack.shown(activity)}</b><br>{label(stack.words)}"
            for stack in stacks
        ],
        "hoverinfo": "text",
    }


def _in_words(stack: Stack) -> str:
    parts = (f"{_look(a).words} {stack.shown(a)}" for a in stack.spent if stack.seconds(a))
    return f"{stack.words}: {', '.join(parts)}"
