"""A finished run for other tools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simsched.experiment.result import Result
from simsched.report.export import otlp, perfetto

__all__ = ["FORMATS", "Export"]


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
