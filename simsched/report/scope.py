"""Which part of a run the figures are of, and what its captions say."""

from __future__ import annotations

import math
from collections.abc import Container

from simsched.experiment.result import Result
from simsched.report.text import IN_A_SENTENCE, truncated
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server
from simsched.statistics.summary import ServerSummary
from simsched.statistics.window import Window
from simsched.statistics.words import captions as words
from simsched.statistics.words.numbers import show_exact
from simsched.units import SECOND

_NEAR = 0.05
"""A throughput that differs by a smaller share from the rate of arrivals needs no explanation."""


def windows(result: Result, server: str) -> list[Window]:
    """Return what counts of each replication of *server* that is held: all after its warm-up."""
    traces = result.traces[server]
    cuts = result.servers[server].warmup
    starts = [cut.time_ns for cut in cuts] or [0] * len(traces)
    return [Window(trace, start) for trace, start in zip(traces, starts, strict=False)]


def servers_of(result: Result) -> dict[str, Server]:
    """Return the servers that the scenarios name, by their names in the comparison of these."""
    several = len(result.scenarios) > 1
    return {
        f"{scenario.name}/{name}" if several else name: server
        for scenario in result.scenarios
        for name, server in scenario.servers.items()
    }


def is_cut(result: Result) -> bool:
    """Return whether some server has a warm-up that its figures leave out."""
    return any(cut.time_ns for one in result.servers.values() for cut in one.warmup)


def caption(result: Result) -> str:
    """Return what the figures cover, in a sentence; "" where that is everything there is."""
    held = "all replications" if result.holds_every_request else "the first replications"
    return words.scope(replications=held if _has_many(result) else "", is_cut=is_cut(result))


def whole(result: Result) -> str:
    """Return that something covers the warm-up, in a sentence; "" where there is none."""
    return words.WITH_WARMUP if is_cut(result) else ""


def first_replication(result: Result) -> str:
    """Return that only one replication is shown, in a sentence; "" where there is only one."""
    return words.FIRST_REPLICATION if _has_many(result) else ""


def _has_many(result: Result) -> bool:
    return any((each.run.replications or 1) > 1 for each in result.scenarios)


def warmup(result: Result) -> str:
    """Return how long the warm-ups are, as in ``a warm-up of 30 s``; "" where there are none."""
    ends = {cut.time_ns for one in result.servers.values() for cut in one.warmup}
    if not any(ends):
        return ""
    return words.warmups(show_exact(max(ends) / SECOND), is_one=len(ends) == 1)


def throughput(result: Result) -> str:
    """Return over what time throughput is, where a run goes on until all is done; "" elsewhere.

    Nothing needs saying where it is the rate of arrivals that the scenario asks for.
    """
    if is_cut(result) or any(not _ends_when_done(each) for each in result.scenarios):
        return ""
    if not any(_differs_from_rate(result, one) for one in result.servers.values()):
        return ""
    return words.throughput_window(
        is_open=all(
            one.open is not None
            for scenario in result.scenarios
            for one in scenario.workload.sources.values()
        ),
        all_answered=all(
            one.requests["completed"] == sum(one.requests.values())
            for one in result.servers.values()
        ),
    )


def _ends_when_done(scenario: Scenario) -> bool:
    # The users of a closed workload make a run last as long as it does: its throughput is theirs.
    sources = scenario.workload.sources.values()
    has_users = any(one.closed is not None for one in sources)
    return not has_users and any(one.duration is None for one in sources)


def _differs_from_rate(result: Result, one: ServerSummary) -> bool:
    load = result.loads.get(one.server)
    rate = math.inf if load is None else load.station.arrival_rate_per_s
    value = one.value("throughput_per_s")
    return bool(value) and abs((value or 0.0) / rate - 1) > _NEAR


def not_drawn(result: Result, drawn: Container[str]) -> str:
    """Return which servers of *result* are not among those *drawn*, and why, in a sentence."""
    return words.not_drawn(
        {
            truncated(name, IN_A_SENTENCE): _why(one)
            for name, one in result.servers.items()
            if name not in drawn
        }
    )


def _why(one: ServerSummary) -> str:
    if one.unstable is not None:
        return words.CANNOT_KEEP_UP
    if one.value("response_time_s.mean") is not None:
        return words.TOO_FEW
    return words.NO_ANSWER_AFTER_WARMUP if one.requests.get("completed") else words.NO_ANSWER
