"""Scenarios run for real, beside their simulation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from simsched.api.arguments import check_overrides, check_text, in_python
from simsched.api.display import Shown
from simsched.api.results import Result
from simsched.api.running import load
from simsched.errors import InputError
from simsched.scenario.file.wording import describe

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # it carries no types

    from simsched.api.results import RunFigure
    from simsched.api.running import Source
    from simsched.real.noise import Noise

_T = TypeVar("_T")


@dataclass(frozen=True, repr=False)
class MeasureResult(Shown):
    """What was measured of a scenario, beside its simulation.

    Attributes:
        measured: the servers as they were measured: figures, requests and plots as of a run.
        simulated: the same servers, simulated with the same requests.
        noise: how noisy the machine was; ``noise.is_noisy`` is the verdict.
        is_interrupted: whether some servers, or requests of the last one, are missing.
    """

    measured: Result
    simulated: Result
    noise: Noise
    is_interrupted: bool
    _names = ("summary", "figure", "measured", "simulated", "noise", "is_interrupted")

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each server and metric, which are the index.

        The columns are ``measured``, ``simulated``, and the ``error`` of the simulation as a ratio
        to what was measured; times are in seconds.
        """
        measured = self.measured.summary["value"]
        frame = measured.to_frame("measured")
        frame["simulated"] = self.simulated.summary["value"]
        frame["error"] = frame["simulated"] / measured.where(measured != 0) - 1
        return frame

    def figure(self, name: RunFigure = "response_time", view: str | None = None) -> go.Figure:
        """Return a figure of what was measured, as :meth:`Result.figure` does.

        Raises:
            InputError: there is no such figure, or it has no such view.
        """
        return self.measured.figure(name, view)

    def __repr__(self) -> str:
        servers, noisy = list(self.measured.servers), self.noise.is_noisy
        return f"MeasureResult({self.measured.name!r}, servers={servers}, is_noisy={noisy})"


def measure(
    scenario: Source,
    *,
    using: Sequence[Literal["uvicorn", "hypercorn", "gunicorn"]] = (),
    overrides: Sequence[str] = (),
    seed: int | None = None,
    time_limit: str = "5min",
) -> MeasureResult:
    """Run a scenario for real on this machine, which takes as long as what it measures.

    A script needs ``if __name__ == "__main__":`` around what it does, since the servers are
    processes that import it.

    Args:
        scenario: as for :func:`simsched.load`.
        using: real servers to serve it with, where it has such a model.
        overrides: changes to the scenario, as in ``servers.cooperative.workers=2``.
        seed: replaces the scenario's own.
        time_limit: how long it may take; what takes longer is refused.

    Raises:
        ScenarioError: the scenario cannot be used, or something in it cannot be measured.
        InputError: it takes longer than *time_limit*, or an argument cannot be used.
        RunError: a server ended, or could not be started.
    """
    from simsched.real import deployed, measuring

    check_overrides(overrides)
    check_text("time_limit", time_limit)
    if isinstance(using, str) or not isinstance(using, Sequence):
        raise InputError(f"using: a list of servers is needed, not {describe(using)}")
    with in_python():
        limit_ns = limit_of(time_limit)
        real = deployed.check_installed(using)
        loaded = load(scenario, overrides)
        plan = measuring.plan(loaded, seed, limit_ns, real)
        found = _apart(lambda: measuring.measure(plan, limit_ns))
    return MeasureResult(
        Result.like(found.measured),
        Result.like(found.simulated),
        found.noise,
        found.is_interrupted,
    )


def limit_of(text: str) -> int:
    """Return the nanoseconds of a limit such as ``5min``.

    Raises:
        InputError: it is none; the message names the option of the command line.
    """
    from simsched.units import parse_duration

    try:
        found = parse_duration(text)
    except ValueError as error:
        raise InputError(f"--time-limit: {error}") from None
    if found <= 0:
        raise InputError(f"--time-limit {text}: too short; write for example 5min")
    return found


def _apart(work: Callable[[], _T]) -> _T:
    """Return what *work* returns, which runs an event loop; where one runs here, in a thread."""
    try:
        asyncio.get_running_loop()  # as in a notebook
    except RuntimeError:
        return work()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()
