"""What an experiment hands on: the servers' figures and the traces they come from."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from simsched.engine.trace import Trace
    from simsched.scenario import Scenario
    from simsched.statistics.summary import Comparison, ServerSummary


@dataclass(frozen=True)
class Result:
    """The outcome of one scenario, or of several held against each other.

    Attributes:
        name: the scenario's name; several are joined with " + ".
        scenarios: the scenarios as simulated, with seed and replications filled in.
        confidence: the level of every interval.
        servers: each server's figures, in the order of the files; the first is the baseline. Where
            several scenarios are compared a server is called ``scenario/server``.
        comparisons: every server but the baseline against it, for each metric.
        traces: each server's traces, one per replication.
        warnings: sentences for the reader.
    """

    name: str
    scenarios: tuple[Scenario, ...]
    confidence: float
    servers: Mapping[str, ServerSummary]
    comparisons: tuple[Comparison, ...]
    traces: Mapping[str, tuple[Trace, ...]]
    warnings: tuple[str, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """The figures: a row per server and metric, with ``value``, ``low`` and ``high``."""
        import pandas as pd

        from simsched.experiment.tables import summary_rows

        frame = pd.DataFrame(summary_rows(self))
        return frame.set_index(["server", "metric"])

    @property
    def comparison(self) -> pd.DataFrame:
        """Every server but the baseline against it: a row per server and metric.

        The columns are ``difference`` and ``ratio``, each with its ``_low`` and ``_high``.
        """
        import pandas as pd

        rows = [_comparison_row(each) for each in self.comparisons]
        columns = ["server", "metric", *_COMPARISON_COLUMNS]
        return pd.DataFrame(rows, columns=columns).set_index(["server", "metric"])

    @property
    def requests(self) -> pd.DataFrame:
        """Every request of every server and replication: the columns of ``requests.parquet``.

        Times are nanoseconds.
        """
        from simsched.experiment.tables import requests_table

        return requests_table(self).to_pandas()

    def _repr_html_(self) -> str:
        metrics = list(next(iter(self.servers.values())).estimates)
        table = self.summary["value"].unstack("server").loc[metrics, list(self.servers)]
        return f"<p>{html.escape(self.name)}</p>{table.to_html(float_format='%.4g', na_rep='')}"


_COMPARISON_COLUMNS = [
    f"{what}{end}" for what in ("difference", "ratio") for end in ("", "_low", "_high")
]


def _comparison_row(comparison: Comparison) -> tuple[str | float | None, ...]:
    difference, ratio = comparison.difference, comparison.ratio
    return (
        comparison.server,
        comparison.metric,
        *(difference.value, difference.low, difference.high),
        *(ratio.value, ratio.low, ratio.high),
    )
