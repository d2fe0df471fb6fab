"""A finished run for other tools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simsched.experiment.result import Result
from simsched.report.export import otlp, perfetto
from simsched.report.export.slices import count
from simsched.statistics.words import captions as words

__all__ = ["FORMATS", "Export", "extent"]


@dataclass(frozen=True, slots=True)
class Export:
    """A format: what its file is called in a run directory, and what goes into it."""

    file_name: str
    render: Callable[[Result], bytes]


FORMATS = {
    "perfetto": Export("perfetto.json", perfetto.render),
    "otlp": Export("otlp.json", otlp.render),
}
"""Each format by its name on the command line."""


def extent(result: Result) -> str:
    """Return the line that says which requests a file has, if it has not all of them."""
    traces = [replications[0] for replications in result.traces.values()]
    return words.exported(sum(map(count, traces)), sum(len(each.requests) for each in traces))
