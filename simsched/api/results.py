"""Results: figures as data frames and plots, with a short text for consoles and notebooks.

They are the results of the stages before, with what only the report can draw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING, Any, Literal, Self

from simsched import experiment
from simsched.errors import InputError
from simsched.experiment.search.best import Selection
from simsched.experiment.search.question import Answer
from simsched.experiment.sweep import Plan
from simsched.experiment.sweep import SweepResult as SweptPoints
from simsched.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # it carries no types

    from simsched.report.html.figure import Figure
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
    "parallel",
]
"""The figures of sweeps over one parameter, over two, and over more."""


class Result(experiment.Result):
    """The outcome of one scenario, or of several that are compared.

    ``summary``, ``comparison``, ``class_comparison`` and ``requests`` are data frames;
    ``servers["cooperative"]`` has the figures of one server; ``warnings`` says how far to trust
    them.
    """

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


class SweepResult(SweptPoints):
    """The points of a sweep with their figures."""

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
                ``lost``; over two ``map``, ``winners`` or ``objectives``; over more ``parallel``.
                The first unless given.
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

    def _repr_html_(self) -> str:
        return as_html(self.summary)


@dataclass(frozen=True, repr=False)
class CapacityResult:
    """How far a value may go until a limit is missed.

    Attributes:
        scenario: what was asked about.
        answers: the answer for each server: ``boundary`` with its interval, ``status``, ``trials``.
    """

    scenario: Scenario
    answers: tuple[Answer, ...]

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

    def _repr_html_(self) -> str:
        return as_html(self.summary)


@dataclass(frozen=True, repr=False)
class BestResult:
    """Which of several designs is best.

    Attributes:
        compared: the sweep or scenario whose points or servers were compared.
        selection: the designs with what became of each, the best first.
    """

    compared: Plan | Scenario
    selection: Selection

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

    def _repr_html_(self) -> str:
        return as_html(self.summary)


def _sentences(found: Findings) -> str:
    return repr(" ".join(found.document.sentences))


def _frame(csv: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(StringIO(csv))


def as_html(frame: pd.DataFrame) -> str:
    """Return *frame* as a notebook shows it, with few digits."""
    html: str = frame.to_html(float_format="{:.4g}".format, na_rep="", max_rows=60)
    return html


def plot(figures: Iterable[Figure], name: str | None, view: str | None) -> go.Figure:
    """Return the figure called *name*, or the first, as Plotly's, with its title."""
    import plotly.graph_objects as go

    known = {_words(each.id): each for each in figures}
    found = next(iter(known.values()), None) if name is None else known.get(_words(name))
    if found is None:
        raise InputError(f"there is no figure {name!r} here; there is {_listed(known)}")
    views = {each.name: each for each in found.views}
    if view is not None and view not in views:
        raise InputError(f"{name} has no view {view!r}; it has {_listed(views)}")
    shown = found.views[0] if view is None else views[view]
    title: dict[str, Any] = {"title": {"text": found.title}, "margin": {"t": 80}}
    return go.Figure(data=shown.data, layout={**shown.layout, **title})


def _words(name: str) -> str:
    """Return *name* as Python has it, with underscores."""
    return name.replace("-", "_")


def _listed(names: Iterable[str]) -> str:
    from simsched.scenario.file.wording import listed

    return listed(tuple(names))
