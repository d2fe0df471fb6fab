"""The files of data that lie beside the page of a run."""

from __future__ import annotations

from simsched.experiment.result import Result
from simsched.report import timing
from simsched.report.recordings import recordings

RESOURCES = "resources.parquet"
"""The uses of resources, which a run without resources has not."""

_SUMMARIES = ("summary.json", "summary.csv")
_TABLES = ("requests.parquet", "segments.parquet")


def data_files(result: Result) -> tuple[str, ...]:
    """Return the names of the files that *result* is written to, besides page and scenarios."""
    return (*_SUMMARIES, *_tables(result), *recordings(result.scenarios).values(), *_took(result))


def _tables(result: Result) -> tuple[str, ...]:
    if not result.holds_every_request:
        return ()
    return (*_TABLES, RESOURCES) if has_resources(result) else _TABLES


def _took(result: Result) -> tuple[str, ...]:
    return () if result.took_s is None else (timing.FILE,)


def has_resources(result: Result) -> bool:
    """Return whether some server's requests may use a resource."""
    return any(trace.resources for traces in result.traces.values() for trace in traces)
