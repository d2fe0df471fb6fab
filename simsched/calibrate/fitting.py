"""Estimating a server's overheads from response times that were measured.

The overhead before each request (CPU time) and the lateness of each I/O (no CPU time) are those
with which simulated response times are closest to measured ones, request by request, in the sum of
absolute deviations: stalls of the machine and other outliers have little weight. What makes the two
distinguishable is load: CPU time makes others wait, lateness does not.

Standard errors are by the bootstrap over blocks of consecutive requests, since neighbours wait for
each other (Kuensch, The jackknife and the bootstrap for general stationary observations, Annals of
Statistics 17 (1989)): each resample of the blocks has its own closest overheads. A linear model of
the response times would promise too much, since small changes reorder requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, minimize

from simsched.calibrate.agreement import Agreement, compare
from simsched.calibrate.measured import Measured
from simsched.calibrate.replay import Replay
from simsched.workload.arrays import Floats
from simsched.workload.columns import Workload
from simsched.workload.steps import StepKind

GRID = 7
"""How many values of each overhead are tried before the best of them are refined."""

RESOLUTION_NS = 1_000
"""How finely overheads are searched: no standard error is smaller."""

BLOCKS = 20
"""How many blocks of requests the bootstrap draws from."""

RESAMPLES = 200
"""How often it does."""

AROUND = 7
"""How many values of each overhead around an estimate a resample may take."""

ALIKE = 0.9995
"""Two overheads whose effects have at least this cosine cannot be distinguished."""

_MOST_STEPS = 100
_INSIDE = 0.97
"""What part of the resamples lies within the values that are tried."""
_UNANSWERED_NS = 1e12
"""What a request without an answer counts as missing the measured time by."""

Overheads = Literal["request", "io"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """An estimated overhead, in nanoseconds, with its standard error."""

    value_ns: int
    standard_error_ns: float


@dataclass(frozen=True)
class Fit:
    """What was estimated of a server, and how well that predicts.

    Attributes:
        server: its name.
        parameters: the estimates, from all requests.
        requests: from how many requests.
        prediction: how the second half of the requests agrees with what the first half predicts.
        indistinct: whether the measurements do not distinguish CPU time of requests from late I/O,
            so that ``request`` stands for both.
    """

    server: str
    parameters: Mapping[Overheads, Parameter]
    requests: int
    prediction: Agreement
    indistinct: bool


def fit(replay: Replay, measured: Measured) -> Fit:
    """Return the overheads with which *replay* is closest to what was *measured*.

    The recording of *replay* has the requests of *measured*, one by one.
    """
    every, half = slice(None), len(measured) // 2
    first, second = slice(half), slice(half, None)
    search = _Search(replay, measured)
    names = search.identifiable()
    ahead = search.closest(names, first)
    found = search.closest(names, every, near=ahead)
    prediction = compare(
        measured.arrival_ns[second],
        measured.response_ns[second],
        replay.response_ns(*_pair(names, ahead))[second],
    )
    errors = search.standard_errors(names, found)
    return Fit(
        server=replay.server,
        parameters={
            name: Parameter(round(value), error)
            for name, value, error in zip(names, found, errors, strict=True)
        },
        requests=len(measured),
        prediction=prediction,
        indistinct=search.has_io and "io" not in names,
    )


class _Search:
    """Looks for the overheads that bring simulated times closest to measured ones."""

    def __init__(self, replay: Replay, measured: Measured) -> None:
        self.measured = measured.response_ns.astype(float)
        self.simulated = replay.response_ns
        does_io = _does_io(replay.workload)
        self.has_io = bool(does_io.any())
        # A request takes at least its demand and its overheads, which waiting only adds to. Those
        # that do no I/O say nothing of how late it is.
        excess = (self.measured - replay.demand_ns)[does_io if self.has_io else slice(None)]
        self.most = max(float(np.quantile(excess, 0.25)), 10.0 * RESOLUTION_NS)

    def identifiable(self) -> tuple[Overheads, ...]:
        """Return the overheads that differ in what they do to these requests."""
        if not self.has_io:
            return ("request",)
        effects = self._effects(("request", "io"), (self.most / 4, self.most / 4))
        request, io = effects.T
        norm = np.linalg.norm(request) * np.linalg.norm(io)
        return ("request",) if norm and request @ io >= ALIKE * norm else ("request", "io")

    def closest(
        self, names: Sequence[Overheads], rows: slice, near: Floats | None = None
    ) -> Floats:
        """Return the overheads that are closest in *rows*; the search begins *near* some.

        It begins anew from what it finds, since the simplex may shrink before it gets there.
        """
        best = self._best_of_grid(names, rows) if near is None else near
        for spread in (self.most / (2 * GRID), self.most / (8 * GRID)):
            best = self._refined(names, rows, best, spread)
        return best

    def _refined(
        self, names: Sequence[Overheads], rows: slice, near: Floats, spread: float
    ) -> Floats:
        def distance(values: Floats) -> float:
            return self._distance(names, values, rows)

        options: Any = {
            "initial_simplex": [near, *(near + spread * axis for axis in np.eye(len(names)))],
            "xatol": RESOLUTION_NS,
            "fatol": 0.0,
            "maxfev": _MOST_STEPS,
        }
        bounds = Bounds(0.0, 2 * self.most)
        found = minimize(distance, near, method="Nelder-Mead", bounds=bounds, options=options)
        refined: Floats = np.maximum(found.x, 0.0)
        return refined

    def standard_errors(self, names: Sequence[Overheads], found: Floats) -> list[float]:
        """Return the bootstrap's standard error of each of the overheads *found*.

        For each resample the closest of many values around those found is taken. How far around is
        enlarged until hardly any resample takes one at the border.
        """
        shares = np.random.default_rng(BLOCKS).multinomial(BLOCKS, [1 / BLOCKS] * BLOCKS, RESAMPLES)
        around = _grid(np.linspace(-1, 1, AROUND), len(names))
        reach = np.full(len(names), 10.0 * RESOLUTION_NS)
        while True:
            points = np.maximum(found + around * reach, 0.0)
            missed = np.array([self._missed_in_blocks(names, point) for point in points])
            taken = (shares @ missed.T).argmin(axis=1)
            # Below 0 there is nothing, so that 0 is no border.
            is_border = (np.abs(around) == 1) & (points > 0)
            too_near = (is_border[taken].mean(axis=0) > 1 - _INSIDE) & (reach < self.most)
            if not too_near.any():
                break
            reach[too_near] *= 2
        return [max(float(each), float(RESOLUTION_NS)) for each in points[taken].std(axis=0)]

    def _missed_in_blocks(self, names: Sequence[Overheads], values: Floats) -> Floats:
        """Return (blocks,) the sum of absolute deviations of each block of requests."""
        missed = self._missed(names, values)
        return np.add.reduceat(missed, np.arange(BLOCKS) * len(missed) // BLOCKS)

    def _missed(self, names: Sequence[Overheads], values: Floats) -> Floats:
        """Return (n,) the absolute deviation of each request's simulated time."""
        missed = np.abs(self.simulated(*_pair(names, values)) - self.measured)
        deviations: Floats = np.nan_to_num(missed, nan=_UNANSWERED_NS)
        return deviations

    def _best_of_grid(self, names: Sequence[Overheads], rows: slice) -> Floats:
        points = _grid(np.linspace(0.0, self.most, GRID), len(names))
        distances = [self._distance(names, point, rows) for point in points]
        best: Floats = points[int(np.argmin(distances))]
        return best

    def _distance(self, names: Sequence[Overheads], values: Floats, rows: slice) -> float:
        return float(self._missed(names, values)[rows].mean())

    def _effects(self, names: Sequence[Overheads], values: Sequence[float]) -> Floats:
        """Return (n, names) by how much each response grows with each overhead, per nanosecond."""
        step = max(self.most / 20, RESOLUTION_NS)
        columns = []
        for axis in np.eye(len(names)):
            low = np.maximum(np.array(values) - step * axis, 0.0)
            high = np.array(values) + step * axis
            difference = self.simulated(*_pair(names, high)) - self.simulated(*_pair(names, low))
            columns.append(difference / float((high - low).sum()))
        return np.stack(columns, axis=1)


def _does_io(workload: Workload) -> NDArray[np.bool_]:
    """Return (n,) which requests do any I/O."""
    is_io = np.array([step.kind is StepKind.IO for step in workload.steps])[workload.step_id]
    return np.asarray(np.logical_or.reduceat(is_io, workload.first_row[:-1]))


def _grid(axis: Floats, dimensions: int) -> Floats:
    """Return (points, dimensions) all combinations of the values of *axis*."""
    return np.stack(np.meshgrid(*[axis] * dimensions), axis=-1).reshape(-1, dimensions)


def _pair(names: Sequence[Overheads], values: Floats) -> tuple[int, int]:
    """Return the overheads of a request and of I/O, in whole nanoseconds; those not named are 0."""
    given = {name: max(0, round(float(value))) for name, value in zip(names, values, strict=True)}
    return given.get("request", 0), given.get("io", 0)
