"""Durations that come from columns of a trace."""

from __future__ import annotations

from collections.abc import Iterator

from simsched.scenario.file.problems import Path, Problem, Unknown
from simsched.scenario.model.rules.workload import source
from simsched.scenario.model.rules.written import Written, phases, section


def check_columns(scenario: Written, columns: tuple[str, ...] | None) -> Iterator[Problem]:
    """Yield the columns that *scenario* names in vain.

    *columns* are those of the trace's file; None where that is not known.
    """
    traced = source(scenario) == "trace"
    for path, name in _named(scenario):
        if not traced and source(scenario) is not None:
            message = "only a workload that is a trace has columns"
            yield Problem(path, message, rests_on=(("workload",),))
        elif traced and columns is not None and name not in columns:
            unknown = Unknown(name, columns, "columns")
            yield Problem(path, "the trace has no such column", unknown=unknown)
        elif traced and columns is not None and columns.count(name) > 1:
            yield Problem(path, "the trace has several columns of this name")


def _named(scenario: Written) -> Iterator[tuple[Path, str]]:
    for path, phase, _ in phases(scenario):
        for key in ("cpu", "io"):
            name = section(phase, key).get("column")
            if isinstance(name, str):
                yield (*path, key, "column"), name
