"""The result of an experiment: the servers' figures, and the traces they come from."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from simsched.engine import library_of
from simsched.errors import InputError
from simsched.statistics.appraisal import Appraisal
from simsched.statistics.moments import Moment, moments, numbers, span
from simsched.statistics.presence import Work
from simsched.statistics.summary import summary_rows
from simsched.statistics.time_spent import slowest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

    from simsched.engine.trace import Trace
    from simsched.scenario import Scenario
    from simsched.statistics.summary import Comparison


MEASURED_ON = "measured on"
"""The key of what a run was ``made_with`` that was measured, not simulated: its machine."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Result(Appraisal):
    """The outcome of one scenario, or of several that are compared.

    Attributes:
        name: the scenario's name; several are joined with " + ".
        scenarios: the scenarios as simulated, with seed and replications filled in.
        confidence: the level of every interval.
        traces: each server's traces, one per replication; of a very long run only those of the
            first replications.
        notes: the outcome of the stopping rule, in sentences.
        made_with: the ``engine`` that simulated (``simpy`` or ``compiled``), and the versions of
            the packages that figures rest on; or what it was :data:`MEASURED_ON`.
        changes: of two runs that are compared, what is different in the second scenario; None of
            any other result.
        took_s: how many seconds simulating took, with all figures, rounded up; None if it was not
            measured. This is all that differs when a run is repeated.
    """

    name: str
    scenarios: tuple[Scenario, ...]
    confidence: float
    traces: Mapping[str, Sequence[Trace]]
    notes: tuple[str, ...] = ()
    made_with: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] | None = None
    took_s: int | None = None

    @classmethod
    def of(
        cls,
        scenarios: tuple[Scenario, ...],
        traces: Mapping[str, Sequence[Trace]],
        found: Appraisal,
        notes: tuple[str, ...] = (),
        made_with: Mapping[str, str] | None = None,
    ) -> Result:
        """Return the result of *scenarios*, from their servers' *traces* and what was found."""
        return cls(
            **{each.name: getattr(found, each.name) for each in fields(Appraisal)},
            name=" + ".join(scenario.name for scenario in scenarios),
            scenarios=scenarios,
            confidence=scenarios[0].run.confidence,
            traces={label: tuple(each) for label, each in traces.items()},
            notes=notes,
            made_with=made_with or {},
        )

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """The instants of the first replication that are worth a look."""
        cuts = {name: one.warmup[0].time_ns for name, one in self.servers.items() if one.warmup}
        return moments(self._firsts, self.scenarios, cuts)

    def to_show(self) -> dict[str, frozenset[int]]:
        """Return the numbers of the requests that a timeline shows beside the first, by server."""
        work = Work.of(self.scenarios)
        spans = {each.at_ns: span(self._firsts, each.at_ns) for each in self.moments}
        found: dict[str, frozenset[int]] = {}
        for name, trace in self._firsts.items():
            rows = [numbers(trace, at_ns, between, work) for at_ns, between in spans.items()]
            each = [trace.requests.request[slowest(trace)], *rows]
            found[name] = frozenset(np.concatenate(each).tolist())
        return found

    @property
    def _firsts(self) -> dict[str, Trace]:
        return {name: traces[0] for name, traces in self.traces.items()}

    @property
    def is_measured(self) -> bool:
        """Whether it was measured, rather than simulated."""
        return MEASURED_ON in self.made_with

    @property
    def holds_every_request(self) -> bool:
        """Whether ``traces`` has all replications."""
        each = {one.name: one.run.replications or 1 for one in self.scenarios}
        return all(len(one) == max(each.values()) for one in self.traces.values())

    @property
    def summary(self) -> pd.DataFrame:
        """The figures: a row for each server and metric, in the order of ``summary.csv``.

        The index is (``server``, ``metric``); the columns ``value``, ``low`` and ``high`` are
        float64, times in seconds, with NaN where there is no sound figure.
        """
        return _indexed([astuple(row) for row in summary_rows(self.servers)], _INTERVAL)

    @property
    def comparison(self) -> pd.DataFrame:
        """Every server but the baseline compared with it: a row for each server and metric.

        The index is (``server``, ``metric``); the columns are float64: ``difference`` (the server's
        value minus the baseline's), ``difference_low``, ``difference_high``, ``ratio`` (the
        server's value over the baseline's), ``ratio_low``, ``ratio_high``.
        """
        return _indexed([_comparison_row(each) for each in self.comparisons], _COMPARISON)

    @property
    def class_comparison(self) -> pd.DataFrame:
        """The same for each class of requests, if there are several.

        The index is (``server``, ``class``, ``metric``); the columns are those of ``comparison``.
        """
        import pandas as pd

        rows = [(each.request, *_comparison_row(each)) for each in self.class_comparisons]
        frame = pd.DataFrame(rows, columns=["class", "server", "metric", *_COMPARISON])
        return frame.set_index(["server", "class", "metric"]).astype("float64")

    @property
    def requests(self) -> pd.DataFrame:
        """Every request of every server and replication: the columns of ``requests.parquet``.

        Times are whole nanoseconds (``Int64``, with NA for missing ones); ``server``, ``class``
        and ``status`` are categories.

        Raises:
            InputError: the run has too many requests to keep them all.
        """
        from simsched.experiment.tables import requests_table

        return self._held(requests_table)

    @property
    def calls(self) -> pd.DataFrame:
        """Every call of a service, of every server and replication: as in ``calls.parquet``.

        Times are whole nanoseconds (``Int64``, with NA for missing ones); ``server``, ``service``
        and ``status`` are categories. Without services it has no rows.

        Raises:
            InputError: the run has too many requests to keep them all.
        """
        from simsched.experiment.tables import calls_table

        return self._held(calls_table)

    def _held(self, table: Callable[[Result], pa.Table]) -> pd.DataFrame:
        """Return the *table* of all replications, if they are held, as a frame."""
        if not self.holds_every_request:
            raise InputError(
                "the run has too many requests to hold them all; look at the requests of fewer "
                "replications, or of shorter ones"
            )
        import pandas as pd

        nullable = {"int64": pd.Int64Dtype(), "int32": pd.Int32Dtype()}
        frame: pd.DataFrame = table(self).to_pandas(
            types_mapper=lambda kind: nullable.get(str(kind))
        )
        return frame

    def __repr__(self) -> str:
        # The traces would fill a notebook.
        replications = self.scenarios[0].run.replications or 1
        return f"Result({self.name!r}, servers={list(self.servers)}, replications={replications})"

    def _repr_html_(self) -> str:
        # Metrics keep the order of the summary, which a pivot would sort by name.
        first, *_ = self.servers.values()
        values = self.summary["value"].unstack("server")
        table = values.loc[list(first.estimates), list(self.servers)]
        notes = [self.name, *(f"Warning: {each}" for each in self.warnings)]
        text = "".join(f"<p>{html.escape(each)}</p>" for each in notes)
        return text + table.to_html(float_format="{:.4g}".format, na_rep="")


_INTERVAL = ("value", "low", "high")
_COMPARISON = (
    "difference",
    "difference_low",
    "difference_high",
    "ratio",
    "ratio_low",
    "ratio_high",
)


def _indexed(rows: Sequence[Sequence[str | float | None]], columns: Sequence[str]) -> pd.DataFrame:
    """Return *rows*, which start with a server and a metric, as a frame indexed by these."""
    import pandas as pd

    frame = pd.DataFrame(rows, columns=["server", "metric", *columns])
    return frame.set_index(["server", "metric"]).astype("float64")


def _comparison_row(comparison: Comparison) -> tuple[str | float | None, ...]:
    difference, ratio = comparison.difference, comparison.ratio
    return (
        comparison.server,
        comparison.metric,
        *(difference.value, difference.low, difference.high),
        *(ratio.value, ratio.low, ratio.high),
    )


def made_with(engines: Iterable[str | None]) -> dict[str, str]:
    """Return the versions that a run depends on whose simulations used *engines*.

    ``engine`` is ``simpy`` or ``compiled`` (or both, where scenarios differ in size); the other
    keys are packages, each with its version: NumPy, which draws, and what the engine is made
    with, unless it was shipped compiled.
    """
    used = sorted({engine for engine in engines if engine is not None})
    libraries = [name for engine in used if (name := library_of(engine)) is not None]
    packages = ["numpy", *libraries]
    return {"engine": _joined(used), **{package: version(package) for package in packages}}


def merged(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Return what two runs were made with; where they differ, both versions."""
    return {
        name: _joined(dict.fromkeys(made[name] for made in (one, other) if name in made))
        for name in dict.fromkeys([*one, *other])
    }


def _joined(values: Iterable[str]) -> str:
    return " and ".join(values)
