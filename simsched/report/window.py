"""Which part of a run the figures of a page are of, and how a caption says so."""

from __future__ import annotations

from simsched.experiment.result import Result
from simsched.report.figures import show_exact
from simsched.statistics.window import Window


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


def first_replication(result: Result) -> str:
    """Return that only one replication is shown, in a sentence; "" where there is only one."""
    return "The first replication." if _are_many(result) else ""


def _are_many(result: Result) -> bool:
    return any((each.run.replications or 1) > 1 for each in result.scenarios)


def is_cut(result: Result) -> bool:
    """Say whether some server has a warm-up that its figures leave out."""
    return any(cut.time_ns for one in result.servers.values() for cut in one.warmup)
