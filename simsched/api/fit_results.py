"""Results of fits and checks: data frames and figures, with a short text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, NamedTuple, assert_never

from simsched.api.arguments import as_arguments, path_of
from simsched.api.display import Shown, plot
from simsched.calibrate import Agreement, Fit, Learned, Prediction
from simsched.calibrate.writing import Written, write
from simsched.report.html.calibration_page import figure_of
from simsched.scenario import Scenario, dump
from simsched.statistics.words import calibration as words

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # it carries no types

Held = Prediction | Agreement
"""How what was predicted agrees with what was measured."""

_TIMES = ("measured", "predicted", "low", "high", "error")


@dataclass(frozen=True, repr=False)
class FitResult(Shown):
    """A scenario that was fitted to measurements, and how well it predicts.

    Attributes:
        scenario: the scenario, to run and to change.
        found: what was estimated.
        held: how what it predicts agrees with what was measured, for each run: first for the
            ``second half`` of the requests, as the first half of them predicts it.
    """

    scenario: Scenario
    found: Learned | Fit
    held: Mapping[str, Held]
    _names = ("estimates", "predictions", "remarks", "figure", "scenario", "save")

    @property
    def estimates(self) -> pd.DataFrame:
        """A row for each estimated time, whose name is the index.

        The columns are ``value`` and ``standard_error``, in seconds, and ``source``: what in the
        measurements identified it.
        """
        import pandas as pd

        columns = ["estimate", "value", "standard_error", "source"]
        frame = pd.DataFrame(_estimates(self.found), columns=columns)
        return frame.set_index("estimate").astype({"value": float, "standard_error": float})

    @property
    def predictions(self) -> pd.DataFrame:
        """How well it predicts: a row for each run, class of requests and figure.

        The columns are ``run``, ``class``, ``figure``, ``measured`` and ``predicted`` in seconds,
        ``low`` and ``high`` (95 % of runs of the same requests lie between; NaN where each request
        is replayed as it was), and ``error``, as a ratio to what was measured.
        """
        import pandas as pd

        rows = [(run, *row) for run, held in self.held.items() for row in _rows(held)]
        frame = pd.DataFrame(rows, columns=["run", "class", "figure", *_TIMES])
        return frame.astype(dict.fromkeys(_TIMES, float))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader should know of the estimates: a sentence each."""
        match self.found:
            case Learned(blueprint=blueprint):
                return tuple(map(as_arguments, blueprint.remarks))
            case Fit(indistinct=indistinct):
                return (words.INDISTINCT,) if indistinct else ()
            case _:
                assert_never(self.found)

    def save(self, file: str | PathLike[str]) -> None:
        """Write the scenario as the YAML *file*, and beside it the observed durations and arrivals.

        Raises:
            InputError: one of the files exists already, or cannot be written.
        """
        out = path_of("file", file)
        match self.found:
            case Learned(blueprint=blueprint):
                write(blueprint, out.stem).save(out)
            case Fit():
                Written(dump(self.scenario), {}).save(out)
            case _:
                assert_never(self.found)

    def figure(self, name: str = "distribution", view: str | None = None) -> go.Figure:
        """Return a figure of measured and predicted response times, for a notebook.

        Args:
            name: ``distribution``, of the first of the runs that were predicted; or the name of
                another run.
            view: which class of requests; all of them unless given.

        Raises:
            InputError: there is no such figure, or it has no such view.
        """
        names = ["distribution", *list(self.held)[1:]]
        both = zip(names, self.held.values(), strict=False)  # few requests predict nothing
        return plot([figure_of(held.curves, each) for each, held in both], name, view)

    def __repr__(self) -> str:
        counts = f"requests={self.found.requests}, estimates={len(_estimates(self.found))}"
        return f"FitResult({self.scenario.name!r}, {counts})"


@dataclass(frozen=True, repr=False)
class CheckResult(Shown):
    """How well a scenario predicts response times that were measured.

    Attributes:
        scenario: the scenario that predicts.
        server: its server that was measured.
        measured: where the measurements are from.
        held: how both agree.
    """

    scenario: Scenario
    server: str
    measured: str
    held: Held
    _names = ("summary", "figure", "scenario", "server", "measured")

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each class of requests and figure, which are the index.

        The columns are ``measured`` and ``predicted`` in seconds, ``low`` and ``high`` (95 % of
        runs of the same requests lie between; NaN where each request is replayed as it was), and
        ``error``, as a ratio to what was measured.
        """
        import pandas as pd

        frame = pd.DataFrame(_rows(self.held), columns=["class", "figure", *_TIMES])
        return frame.set_index(["class", "figure"]).astype(float)

    def figure(self, name: str = "distribution", view: str | None = None) -> go.Figure:
        """Return the figure ``distribution`` of measured and predicted response times.

        Args:
            name: there is this one.
            view: which class of requests; all of them unless given.

        Raises:
            InputError: there is no such figure, or it has no such view.
        """
        return plot([figure_of(self.held.curves, "distribution")], name, view)

    def __repr__(self) -> str:
        rows = (each for each in _rows(self.held) if each.group == words.ALL)
        errors = (f"{each.figure} {words.signed(each.error)}" for each in rows)
        return f"CheckResult({self.scenario.name!r}, {self.server!r}, {', '.join(errors)})"


class _Row(NamedTuple):
    """A figure of the response times of a class, as it was measured and predicted."""

    group: str
    figure: str
    measured: float
    predicted: float
    low: float | None
    high: float | None
    error: float | None


def _rows(held: Held) -> list[_Row]:
    match held:
        case Prediction(figures=groups):
            return [
                _Row(
                    group or words.ALL,
                    name,
                    each.measured_s,
                    each.predicted_s,
                    each.low_s,
                    each.high_s,
                    each.error,
                )
                for group, figures in groups.items()
                for name, each in figures.items()
            ]
        case Agreement(figures=figures):
            return [
                _Row(words.ALL, name, each.measured_s, each.predicted_s, None, None, each.error)
                for name, each in figures.items()
            ]
        case _:
            assert_never(held)


def _estimates(found: Learned | Fit) -> list[tuple[str, float, float, str]]:
    match found:
        case Learned(estimates=estimates):
            return [
                (each.name, each.value_ns / 1e9, each.standard_error_ns / 1e9, each.source)
                for each in estimates
            ]
        case Fit(server=server, parameters=parameters):
            return [
                (
                    f"servers.{server}.overhead.{name}",
                    each.value_ns / 1e9,
                    each.standard_error_ns / 1e9,
                    words.ONE_BY_ONE,
                )
                for name, each in parameters.items()
            ]
        case _:
            assert_never(found)
