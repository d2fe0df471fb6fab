"""What a scenario predicts of requests that were measured: when they came, and of which class."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import stdtrit

from simsched.calibrate.agreement import FIGURES, Course, Curves, course, curve, tau
from simsched.calibrate.clients import Clients
from simsched.calibrate.measured import LEAST_REQUESTS
from simsched.calibrate.replay import Replay
from simsched.errors import InputError
from simsched.scenario import Scenario, load
from simsched.scenario.file.wording import closest, listed
from simsched.scenario.model.base import Part
from simsched.scenario.model.distributions import Values
from simsched.workload import Workload, draw
from simsched.workload.arrays import Bools, Floats

REPLICATIONS = 10
"""How often the requests are simulated, each time with other durations."""

_SEED = 1986


@dataclass(frozen=True, slots=True)
class Forecast:
    """A figure of the response time as it was measured and as it is predicted, in seconds.

    Attributes:
        measured_s: of the measured requests.
        predicted_s: the mean over the simulations.
        low_s, high_s: 95 % of runs of the same requests lie between, if the scenario is right and
            the durations that were observed for it are a fair sample.
    """

    measured_s: float
    predicted_s: float
    low_s: float
    high_s: float

    @property
    def error(self) -> float | None:
        """How far the prediction is above the measurement, as a ratio to it; None to 0."""
        return self.predicted_s / self.measured_s - 1 if self.measured_s else None


@dataclass(frozen=True)
class Prediction:
    """What was predicted of requests.

    Attributes:
        requests: how many there are of each class, and of all under "".
        unanswered: how many have no answer in some simulation, and are left out of that.
        figures: for each class, and for all under "", the figures by name.
        curves: the distributions of each of them, of all simulations together.
        course: the means of all requests over time.
        kendall_tau: Kendall's tau between the measured order of completion and that of a
            simulation, on average.
    """

    requests: Mapping[str, int]
    unanswered: int
    figures: Mapping[str, Mapping[str, Forecast]]
    curves: Curves
    course: Course
    kendall_tau: float


def predict(scenario: Scenario, server: str, clients: Clients, source: str = "") -> Prediction:
    """Return what *scenario* predicts of the requests of *clients*, which arrive when theirs did.

    Args:
        scenario: what predicts.
        server: its server that was measured.
        clients: the requests.
        source: where they are from, for errors.

    Raises:
        InputError: a request is of a class that the scenario does not have.
    """
    _check_classes(scenario, clients, source or scenario.name)
    measured = clients.response_ns.astype(float)
    simulated = _simulated(scenario, server, clients)
    names = np.array(clients.request or [""] * len(clients))
    groups = {"": np.ones(len(clients), np.bool_)}
    if clients.request is not None:
        groups |= {str(name): names == name for name in np.unique(names)}
    return Prediction(
        requests={name: int(rows.sum()) for name, rows in groups.items()},
        unanswered=int(np.isnan(simulated).any(axis=0).sum()),
        figures={name: _forecasts(measured, simulated, rows) for name, rows in groups.items()},
        curves={
            name: (curve(measured[rows]), curve(simulated[:, rows]))
            for name, rows in groups.items()
        },
        course=course(clients.arrival_ns, measured, simulated),
        kendall_tau=float(np.mean([_tau(clients, run) for run in simulated])),
    )


def _tau(clients: Clients, simulated: Floats) -> float:
    """Return Kendall's tau between the measured order and that of (n,) simulated times, or NaN."""
    answered = ~np.isnan(simulated)
    columns = (clients.arrival_ns, clients.response_ns, simulated)
    return tau(*(each[answered].astype(np.int64) for each in columns))


def _check_classes(scenario: Scenario, clients: Clients, source: str) -> None:
    known = list(scenario.requests)
    unknown = [name for name in dict.fromkeys(clients.request or ()) if name not in known]
    if not unknown:
        return
    near = closest(unknown[0], known)
    mean = f"did you mean {near!r}?" if near else f"its classes are {listed(known)}"
    raise InputError(
        f"{source}: the scenario {scenario.name} has no class of requests {listed(unknown)}; {mean}"
    )


def _simulated(scenario: Scenario, server: str, clients: Clients) -> Floats:
    """Return (replications, n) the simulated response times in nanoseconds."""
    request = clients.request
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "arrivals.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(["at", "class"])
            names = request or [""] * len(clients)
            rows.writerows(zip(clients.arrival_ns.tolist(), names, strict=True))
        trace = {"file": str(file), "arrival": "at", "unit": "ns"}
        workload: dict[str, object] = {"trace": trace}
        if request is not None:
            trace["request"] = "class"
        elif scenario.workload.mix:
            workload["mix"] = dict(scenario.workload.mix)
        replayed = load(scenario, [f"workload={json.dumps(workload)}"])
        replay = replace(Replay.of(replayed, server), simulations=REPLICATIONS)
        overhead = replayed.servers[server].overhead
        found = []
        for number in range(1, REPLICATIONS + 1):
            rng = np.random.default_rng(_SEED)
            requests = _resampled(replayed.requests, rng, number - 1)
            drawn = draw(replayed.model_copy(update={"requests": requests}), number)
            assert isinstance(drawn, Workload)  # noqa: S101  a trace arrives by itself
            again = replace(replay, workload=drawn)
            found.append(again.response_ns(overhead.request, overhead.io))
    return np.array(found)


def _resampled(part: Any, rng: np.random.Generator, number: int) -> Any:
    """Return *part* of a scenario with resampled observed durations, as chance might have had them.

    All resamples together have each of the durations equally often, so that they add nothing to
    the mean of the predictions (Davison, Hinkley & Schechtman, Efficient bootstrap simulation,
    Biometrika 73 (1986)). An equal *rng* is to be given for each *number*, from 0. A few values are
    those that someone wrote, and stay as they are.
    """
    match part:
        case Values() if (n := len(part.values)) >= LEAST_REQUESTS:
            chosen = rng.permutation(n * REPLICATIONS)[number * n : (number + 1) * n] % n
            values = np.array(part.values, np.int64)[chosen]
            return part.model_copy(update={"values": tuple(values.tolist())})
        case Part():
            changed = {
                name: new
                for name in type(part).model_fields
                if (new := _resampled(old := getattr(part, name), rng, number)) is not old
            }
            return part.model_copy(update=changed) if changed else part
        case Mapping():
            return {key: _resampled(each, rng, number) for key, each in part.items()}
        case tuple():
            return tuple(_resampled(each, rng, number) for each in part)
        case _:
            return part


def _forecasts(measured: Floats, simulated: Floats, rows: Bools) -> dict[str, Forecast]:
    reach = float(stdtrit(REPLICATIONS - 1, 0.975)) * (1 + 1 / REPLICATIONS) ** 0.5
    found = {}
    for name, quantile in FIGURES.items():
        known = _figure(measured[rows], quantile)
        runs = np.array([_figure(run[rows], quantile) for run in simulated])
        mean, spread = float(np.nanmean(runs)), float(np.nanstd(runs, ddof=1)) * reach
        found[name] = Forecast(known, mean, max(0.0, mean - spread), mean + spread)
    return found


def _figure(response_ns: Floats, quantile: float | None) -> float:
    known = response_ns[~np.isnan(response_ns)]
    if not len(known):
        return float("nan")
    return float(known.mean() if quantile is None else np.quantile(known, quantile)) / 1e9
