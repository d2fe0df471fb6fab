"""What an experiment hands on: the servers' figures and the traces they come from."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simsched.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from simsched.engine.trace import Trace
    from simsched.scenario import Scenario
    from simsched.statistics.ranking import Place
    from simsched.statistics.slo import Judgement
    from simsched.statistics.stability import Load
    from simsched.statistics.summary import Comparison, ServerSummary
    from simsched.statistics.theory.known import Known


@dataclass(frozen=True, repr=False)
class Result:
    """The outcome of one scenario, or of several held against each other.

    Attributes:
        name: the scenario's name; several are joined with " + ".
        scenarios: the scenarios as simulated, with seed and replications filled in.
        confidence: the level of every interval.
        servers: each server's figures, in the order of the files; the first is the baseline. Where
            several scenarios are compared a server is called ``scenario/server``.
        comparisons: every server but the baseline against it, for each metric.
        class_comparisons: the same for each class of requests, where there are several.
        traces: each server's traces, one per replication; of a very long run those of the first
            replications, the others are reduced to their figures and dropped.
        warnings: sentences for the reader.
        verdicts: sentences on how each server compares with the baseline.
        ranking: the servers in order, as far as the evidence orders them.
        loads: what is asked of each server, where requests arrive at a rate.
        known: what formulas say of the servers.
        judgements: how the servers stand to the objectives.
        notes: what the stopping rule did.
        made_with: the ``engine`` that simulated (``simpy`` or ``compiled``), and the versions of
            the packages that figures rest on.
        took_s: how long simulating took, with all figures, in whole seconds, the last one begun;
            None where nobody looked. Nothing else of a result changes from one time to the next.
    """

    name: str
    scenarios: tuple[Scenario, ...]
    confidence: float
    servers: Mapping[str, ServerSummary]
    comparisons: tuple[Comparison, ...]
    traces: Mapping[str, tuple[Trace, ...]]
    warnings: tuple[str, ...]
    verdicts: tuple[str, ...] = ()
    ranking: tuple[Place, ...] = ()
    loads: Mapping[str, Load] = field(default_factory=dict)
    known: tuple[Known, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    notes: tuple[str, ...] = ()
    class_comparisons: tuple[Comparison, ...] = ()
    made_with: Mapping[str, str] = field(default_factory=dict)
    took_s: int | None = None

    @property
    def holds_every_request(self) -> bool:
        """Whether the traces of all replications are there."""
        each = {one.name: one.run.replications or 1 for one in self.scenarios}
        return all(len(one) == max(each.values()) for one in self.traces.values())

    @property
    def summary(self) -> pd.DataFrame:
        """The figures: a row per server and metric, in the order of ``summary.csv``.

        The index is (``server``, ``metric``); the columns ``value``, ``low`` and ``high`` are
        float64, in seconds where the metric is a time, and NaN where there is no honest figure.
        """
        from simsched.experiment.tables import summary_rows

        rows = [(r.server, r.metric, r.value, r.low, r.high) for r in summary_rows(self)]
        return _indexed(rows, _INTERVAL)

    @property
    def comparison(self) -> pd.DataFrame:
        """Every server but the baseline against it: a row per server and metric.

        The index is (``server``, ``metric``); the columns are float64: ``difference`` (the server's
        value minus the baseline's), ``difference_low``, ``difference_high``, ``ratio`` (the
        server's value over the baseline's), ``ratio_low``, ``ratio_high``.
        """
        return _indexed([_comparison_row(each) for each in self.comparisons], _COMPARISON)

    @property
    def class_comparison(self) -> pd.DataFrame:
        """The same for each class of requests, of which there are several.

        The index is (``server``, ``class``, ``metric``); the columns are those of ``comparison``.
        """
        import pandas as pd

        rows = [(each.request, *_comparison_row(each)) for each in self.class_comparisons]
        frame = pd.DataFrame(rows, columns=["class", "server", "metric", *_COMPARISON])
        return frame.set_index(["server", "class", "metric"]).astype("float64")

    @property
    def requests(self) -> pd.DataFrame:
        """Every request of every server and replication: the columns of ``requests.parquet``.

        Times are whole nanoseconds (``Int64``, with NA where there is none); ``server``, ``class``
        and ``status`` are categories.

        Raises:
            InputError: there are too many requests to hold.
        """
        if not self.holds_every_request:
            raise InputError(
                "the run has too many requests to hold them all; look at the requests of fewer "
                "replications, or of shorter ones"
            )
        import pandas as pd

        from simsched.experiment.tables import requests_table

        nullable = {"int64": pd.Int64Dtype(), "int32": pd.Int32Dtype()}
        frame: pd.DataFrame = requests_table(self).to_pandas(
            types_mapper=lambda kind: nullable.get(str(kind))
        )
        return frame

    def __repr__(self) -> str:
        # Written out, the traces would fill a notebook.
        replications = self.scenarios[0].run.replications or 1
        return f"Result({self.name!r}, servers={list(self.servers)}, replications={replications})"

    def _repr_html_(self) -> str:
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
    """Return *rows*, which begin with a server and a metric, as a frame indexed by them."""
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
