"""Why a server is not in a figure."""

from __future__ import annotations

from collections.abc import Container

from simsched.experiment.result import Result
from simsched.report.text import IN_A_SENTENCE, truncated
from simsched.statistics.summary import ServerSummary


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
