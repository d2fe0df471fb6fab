"""Which part of a run a figure shows, which servers it leaves out, and how a caption says so."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator

from simsched.experiment.result import Result
from simsched.report.text import IN_A_SENTENCE, clean, truncated
from simsched.scenario.metrics import show_value
from simsched.scenario.model.scenario import Scenario
from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import ServerSummary
from simsched.statistics.window import Window
from simsched.statistics.words.numbers import show_exact

_NEAR = 0.05
"""A throughput that differs by a smaller share from the rate of arrivals is what anyone expects."""

_MOST_SERVERS = 3
"""Of more servers than these it is not said how long each served."""


def windows(result: Result, server: str) -> list[Window]:
    """Return what counts of each replication of *server* that is held: all after its warm-up."""
    traces = result.traces[server]
    cuts = result.servers[server].warmup
    starts = [cut.time_ns for cut in cuts] or [0] * len(traces)
    return [Window(trace, start) for trace, start in zip(traces, starts, strict=False)]


def caption(result: Result) -> str:
    """Return of what the figures are, in a sentence; "" where that is all there is."""
    held = "All replications" if result.holds_every_request else "The first replications"
    of = [held] if _are_many(result) else []
    told = ", ".join([*of, *(["after the warm-up"] if is_cut(result) else [])])
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def whole(result: Result) -> str:
    """Return that something is of the whole run, in a sentence; "" where everything is."""
    return "The warm-up included." if is_cut(result) else ""


def warmup(result: Result) -> str:
    """Return how long the warm-ups are, as in ``a warm-up of 30 s``; "" where there are none."""
    ends = {cut.time_ns for one in result.servers.values() for cut in one.warmup}
    if not any(ends):
        return ""
    if len(ends) == 1:
        return f"a warm-up of {show_exact(max(ends) / 1e9)}"
    return f"warm-ups of up to {show_exact(max(ends) / 1e9)}"


def throughput(result: Result) -> str:
    """Return over what time throughput is, where a run goes on until all is done; "" elsewhere.

    Of an open workload it is said where the throughput is not the rate that is asked for.
    """
    lengths = dict(_served(result))
    if not lengths:
        return ""
    listed = any(one.workload.open is None for one in result.scenarios)
    start = "the first arrival" if listed else "time 0"
    answered = all(
        one.requests["completed"] == sum(one.requests.values()) for one in result.servers.values()
    )
    end = "the last answer" if answered else "the end of the last request"
    mean = " on average" if _are_many(result) else ""
    if len(lengths) > _MOST_SERVERS:
        told = ""
    elif len(set(lengths.values())) == 1:
        told = f", {next(iter(lengths.values()))}{mean}"
    else:
        told = f": {', '.join(f'{clean(name)} {each}' for name, each in lengths.items())}{mean}"
    return f"throughput is over the time from {start} to {end}{told}"


def _served(result: Result) -> Iterator[tuple[str, str]]:
    """Yield how long requests came and were served, on average, for each server to tell it of."""
    if is_cut(result) or any(not _is_told(each) for each in result.scenarios):
        return
    for name, one in result.servers.items():
        value = one.estimates.get("throughput_per_s", Estimate(None)).value
        load = result.loads.get(name)
        rate = math.inf if load is None else load.station.arrival_rate_per_s
        if value and abs(value / rate - 1) > _NEAR:
            completed = one.requests["completed"] / max(1, len(one.warmup))
            yield name, show_value(completed / value, "duration")


def _is_told(scenario: Scenario) -> bool:
    """Say whether it goes on until all is done, and users are not those who make it long."""
    return scenario.workload.duration is None and scenario.workload.closed is None


def first_replication(result: Result) -> str:
    """Return that only one replication is shown, in a sentence; "" where there is only one."""
    return "The first replication." if _are_many(result) else ""


def _are_many(result: Result) -> bool:
    return any((each.run.replications or 1) > 1 for each in result.scenarios)


def is_cut(result: Result) -> bool:
    """Say whether some server has a warm-up that its figures leave out."""
    return any(cut.time_ns for one in result.servers.values() for cut in one.warmup)


def not_drawn(result: Result, drawn: Container[str]) -> str:
    """Return which servers of *result* are not among those *drawn*, and why, in a sentence."""
    told = [
        f"{truncated(name, IN_A_SENTENCE)}, {_why(one)}"
        for name, one in result.servers.items()
        if name not in drawn
    ]
    return f"Not drawn: {'; '.join(told)}." if told else ""


def _why(one: ServerSummary) -> str:
    if one.unstable is not None:
        return "which cannot keep up with the load"
    mean = one.estimates.get("response_time_s.mean")
    if mean is not None and mean.value is not None:
        return "which answered too few requests"
    late = " after the warm-up" if one.requests.get("completed") else ""
    return f"which answered no request{late}"
