"""What each server did, at a glance: the order of its answers, and where its requests waited."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.engine.trace import Activity
from simsched.experiment.result import Result
from simsched.report.text import IN_A_SENTENCE, truncated
from simsched.scenario.metrics import show_value
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import captions as words

_MOST_SERVERS = 4
_MOST_NUMBERS = 12


@dataclass(frozen=True, slots=True)
class Glance:
    """A server, its answered requests in their order, where these are few, and a sentence."""

    server: str
    order: tuple[int, ...]
    waits: str


def glances(result: Result) -> tuple[Glance, ...]:
    """Return what there is to see of each server; nothing of more servers than fit."""
    if len(result.servers) > _MOST_SERVERS:
        return ()
    found = (
        Glance(truncated(name, IN_A_SENTENCE), _order(one), _waits(result, name))
        for name, one in result.servers.items()
    )
    return tuple(each for each in found if each.order or each.waits)


def _order(one: ServerSummary) -> tuple[int, ...]:
    order = one.completion_order or ()
    return tuple(order) if len(order) <= _MOST_NUMBERS else ()


def _waits(result: Result, server: str) -> str:
    """Return what the requests of *server* spend most of their time on.

    Where branches overlap, the parts are more than the whole, and nothing is said.
    """
    one, traces = result.servers[server], result.traces.get(server, ())
    mean = one.value("response_time_s.mean")
    parts = {name: part.value or 0.0 for name, part in one.time_spent.get("all", {}).items()}
    if mean is None or not any(parts.values()) or any(trace.concurrent for trace in traces):
        return ""
    longest = max(parts, key=lambda name: parts[name])
    shown = show_value(parts[longest], "duration"), show_value(mean, "duration")
    return words.most_time(_called(result, server, longest), *shown)


def _called(result: Result, server: str, part: str) -> str:
    """Return what a part of the response time is spent on; an only resource is named."""
    if part == "retries":
        return words.RETRIES
    activity = Activity[part.upper()]
    names = [each.name for trace in result.traces.get(server, ())[:1] for each in trace.resources]
    if activity is Activity.IO_WAIT and len(names) == 1:
        return words.waiting_for(truncated(names[0]))
    return words.SPENT_ON[activity]
