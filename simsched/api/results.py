"""Results: figures as data frames and plots, with a short text for consoles and notebooks.

They are the results of the stages before, with what only the report can draw.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING, Literal, Self

from simsched import experiment
from simsched.api.display import Shown, plot
from simsched.experiment.search.best import Selection
from simsched.experiment.search.question import Answer
from simsched.experiment.sweep import Plan
from simsched.experiment.sweep import SweepResult as SweptPoints
from simsched.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # it carries no types

    from simsched.report.search.findings import Findings

RunFigure = Literal[
    "response_time",
    "throughput",
    "distribution",
    "tail",
    "timeline",
    "order",
    "displacement",
    "time_spent",
    "over_time",
]
"""The figures of a run."""

SweepFigure = Literal[
    "throughput",
    "response_time",
    "cpu",
    "lost",
    "map",
    "winners",
    "objectives",
    "cheapest",
    "parallel",
]
"""The figures of sweeps over one parameter, over two, and over more."""


class Result(experiment.Result, Shown):
    """The outcome of one scenario, or of several that are compared.

    ``summary``, ``comparison``, ``class_comparison``, ``requests`` and ``calls`` are data frames;
    ``servers["cooperative"]`` has the figures of one server; ``warnings`` says how far to trust
    them.
    """

    _names = (
        *("summary", "comparison", "class_comparison", "requests", "calls", "figure"),
        *("servers", "warnings", "judgements", "name", "scenarios", "confidence"),
    )

    @classmethod
    def like(cls, found: experiment.Result) -> Self:
        """Return *found* as a result of this kind."""
        return cls(**{each.name: getattr(found, each.name) for each in fields(found)})

    def figure(self, name: RunFigure = "response_time", view: str | None = None) -> go.Figure:
        """Return a figure of the report, for a notebook.

        Args:
            name: one of ``response_time``, ``throughput``, ``distribution``, ``tail``,
                ``timeline``, ``order`` (of more than 100 requests ``displacement``),
                ``time_spent`` and ``over_time``, as far as the run has it.
            view: which view of a figure that has several; the first unless given.

        Raises:
            InputError: the run has no such figure, or the figure no such view.
        """
        from simsched.report.html.page import figures_of

        return plot(figures_of(self).values(), name, view)


class SweepResult(SweptPoints, Shown):
    """The points of a sweep with their figures."""

    _names = ("summary", "figure", "failures")

    @classmethod
    def like(cls, found: SweptPoints) -> Self:
        """Return *found* as a result of this kind."""
        return cls(found.plan, found.records, found.failures)

    @property
    def summary(self) -> pd.DataFrame:
        """The figures, tidy: a row for each point, server and metric, as in ``sweep.csv``.

        The columns are ``point``, one for each parameter, ``server``, ``metric``, ``value``,
        ``low``, ``high`` and ``n`` (replications); with objectives also ``cost`` and outcomes.
        Durations are in seconds, rates per second.
        """
        from simsched.experiment.sweep.tables import to_table

        frame: pd.DataFrame = to_table(self).to_pandas()
        return frame

    def figure(self, name: SweepFigure | None = None, view: str | None = None) -> go.Figure:
        """Return a figure of the report, for a notebook.

        Args:
            name: of a sweep over one parameter ``throughput``, ``response_time``, ``cpu`` or
                ``lost``; over two ``map``, ``winners``, ``objectives`` or ``cheapest``; over more
                ``parallel``. The first unless given.
            view: which view of a figure that has several; the first unless given.

        Raises:
            InputError: the sweep has no such figure, or the figure no such view.
        """
        from simsched.report.sweep.page import figures_of

        return plot(figures_of(self), name, view)

    def __repr__(self) -> str:
        names = [each.name for each in self.plan.parameters]
        points = f"points={len(self.done)}, failed={len(self.failures)}"
        return f"SweepResult({self.plan.name!r}, parameters={names}, {points})"


@dataclass(frozen=True, repr=False)
class CapacityResult(Shown):
    """How far a value may go until a limit is missed.

    Attributes:
        scenario: what was asked about.
        answers: the answer for each server: ``boundary`` with its interval, ``status``, ``trials``.
    """

    scenario: Scenario
    answers: tuple[Answer, ...]
    _names = ("summary", "trials", "figure", "scenario", "answers")

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each server, which is the index.

        The columns are ``parameter`` (what was varied), ``status`` (``found``, ``open``, ``never``
        or ``always``), ``value`` with ``low`` and ``high`` (NaN where there is none), ``highest``
        (the rate from which the server cannot keep up), ``replications`` and ``requests``.
        """
        import pandas as pd

        rows = [
            {
                "server": each.server,
                "parameter": each.parameter.path,
                "status": each.status,
                "value": each.boundary.value,
                "low": each.boundary.low,
                "high": each.boundary.high,
                "highest": each.highest,
                "replications": each.replications,
                "requests": each.requests,
            }
            for each in self.answers
        ]
        numbers = ["value", "low", "high", "highest"]
        return pd.DataFrame(rows).set_index("server").astype(dict.fromkeys(numbers, "float64"))

    @property
    def trials(self) -> pd.DataFrame:
        """A row for each server, value that was tried, and metric, as in ``capacity.csv``."""
        return _frame(self.findings.csv)

    def figure(self, name: str = "curve-1", view: str | None = None) -> go.Figure:
        """Return a figure of the report: ``curve-1`` and on, one for each limit.

        Raises:
            InputError: there is no such figure.
        """
        return plot(self.findings.figures, name, view)

    @cached_property
    def findings(self) -> Findings:
        """The sentences, tables and files of the report."""
        from simsched.report.search.capacity import findings

        return findings(self.scenario, self.answers)

    def __repr__(self) -> str:
        return f"CapacityResult({self.scenario.name!r}, {_sentences(self.findings)})"


@dataclass(frozen=True, repr=False)
class BestResult(Shown):
    """Which of several designs is best.

    Attributes:
        compared: the sweep or scenario whose points or servers were compared.
        selection: the designs with what became of each, the best first.
    """

    compared: Plan | Scenario
    selection: Selection
    _names = ("summary", "best", "figure", "compared", "selection")

    @property
    def best(self) -> str | None:
        """The name of the design that was selected; None where several stay undecided."""
        found = self.selection.best
        return None if found is None else found.name

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each design, the best first, as in ``best.csv``."""
        return _frame(self.findings.csv)

    def figure(self, name: str = "designs", view: str | None = None) -> go.Figure:
        """Return the figure of the report: ``designs``.

        Raises:
            InputError: there is no such figure.
        """
        return plot(self.findings.figures, name, view)

    @cached_property
    def findings(self) -> Findings:
        """The sentences, tables and files of the report."""
        from simsched.report.search.best import findings

        return findings(self.compared, self.selection)

    def __repr__(self) -> str:
        return f"BestResult({self.compared.name!r}, {_sentences(self.findings)})"


def _sentences(found: Findings) -> str:
    return repr(" ".join(found.document.sentences))


def _frame(csv: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(StringIO(csv))
