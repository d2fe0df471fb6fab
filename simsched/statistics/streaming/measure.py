"""The metrics of a server from what was counted of its replications, as from their traces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simsched.scenario.metrics import PARTS, SLOWEST, quantile_name, time_spent_name
from simsched.statistics.fairness import jain_index
from simsched.statistics.measurement import (
    NOTHING_COMPLETED,
    Measurement,
    mean,
    ratio,
    refused,
)
from simsched.statistics.metrics import MAXIMUM, NO_TIME, throughput
from simsched.statistics.sections import measured, too_few
from simsched.statistics.share import share
from simsched.statistics.streaming.sketch import Sketch
from simsched.statistics.streaming.tally import Tally
from simsched.statistics.time_spent import Part
from simsched.units import SECOND
from simsched.workload.columns import Floats

_BEYOND = dict(zip(SLOWEST, (0.95, 0.99), strict=True))


@dataclass(frozen=True)
class Observed:
    """What was counted in a stretch of a replication, how long that is, and on how many cores."""

    tally: Tally
    length_ns: int
    cores: int
    whole: bool = True


def measure(
    runs: Sequence[Observed],
    quantiles: Sequence[float],
    asked: Sequence[Part] = (),
    *,
    retried: bool = False,
) -> dict[str, Measurement]:
    """Return every metric by dotted name, as :func:`simsched.statistics.metrics.measure` does."""
    parts = [part for part in PARTS if retried or part != "retries"]
    return {
        **_metrics(runs, quantiles),
        **_means("all", runs, parts),
        **_slowest(runs, parts),
        **_quantiles_of_parts(runs, asked),
    }


def _metrics(runs: Sequence[Observed], quantiles: Sequence[float]) -> dict[str, Measurement]:
    lengths = _each(runs, lambda run: run.length_ns / SECOND)
    completed = _each(runs, lambda run: run.tally.completed)
    ended = _each(runs, lambda run: run.tally.ended)
    return {
        "throughput_per_s": throughput(_each(runs, lambda run: run.tally.completions), lengths),
        "failed_fraction": share(ended - completed, ended),
        "response_time_s.mean": ratio(
            _each(runs, lambda run: run.tally.response_ns / SECOND), completed
        ),
        **_quantiles(runs, quantiles),
        "response_time_s.max": _maximum(runs, lambda tally: tally.longest_ns, SECOND),
        "slowdown": ratio(
            _each(runs, lambda run: run.tally.slowdown_sum),
            _each(runs, lambda run: run.tally.slowdowns),
        ),
        "cpu_utilisation": ratio(
            _each(runs, lambda run: run.tally.cpu_ns / SECOND),
            _each(runs, lambda run: run.cores) * lengths,
            NO_TIME,
        ),
        "order.overtaken_fraction": ratio(_each(runs, lambda run: run.tally.overtaken), completed),
        "order.kendall_tau": mean(_each(runs, _tau)),
        "order.largest_displacement": _maximum(runs, lambda tally: tally.displacement, 1),
        "fairness.jain_index": jain_index(
            _each(runs, _jain), _each(runs, lambda run: run.tally.slowdowns)
        ),
    }


def _each(runs: Sequence[Observed], figure: Callable[[Observed], float]) -> Floats:
    return np.array([figure(run) for run in runs], dtype=np.float64)


def _tau(run: Observed) -> float:
    """Return Kendall's tau; that of a part of a run would be something else."""
    count = run.tally.completed
    if count < 2 or not run.whole:  # noqa: PLR2004
        return np.nan
    return 1 - 4 * run.tally.inversions / (count * (count - 1))


def _jain(run: Observed) -> float:
    tally = run.tally
    if not tally.slowdown_squares:
        return np.nan
    return tally.slowdown_sum**2 / (tally.slowdowns * tally.slowdown_squares)


def _maximum(runs: Sequence[Observed], figure: Callable[[Tally], int], unit: int) -> Measurement:
    values = _each(runs, lambda run: figure(run.tally) / unit if run.tally.completed else np.nan)
    if np.isnan(values).all():
        return refused(values, NOTHING_COMPLETED)
    return Measurement(float(np.nanmax(values)), values, reason=MAXIMUM)


def _quantiles(runs: Sequence[Observed], quantiles: Sequence[float]) -> dict[str, Measurement]:
    names = [f"response_time_s.{quantile_name(probability)}" for probability in quantiles]
    found = pooled([run.tally.responses for run in runs], quantiles)
    return dict(zip(names, found, strict=True))


def _quantiles_of_parts(runs: Sequence[Observed], asked: Sequence[Part]) -> dict[str, Measurement]:
    found = {}
    for part, probability in asked:
        sketches = [run.tally.parts.get(part, Sketch()) for run in runs]
        name = time_spent_name(quantile_name(probability), part)
        (found[name],) = pooled(sketches, [probability])
    return found


def pooled(sketches: Sequence[Sketch], probabilities: Sequence[float]) -> list[Measurement]:
    """Return quantiles, in seconds, as :func:`simsched.statistics.quantile.pooled` does."""
    return measured(Counted(sketches), probabilities)


@dataclass(frozen=True, eq=False)
class Counted:
    """The :class:`simsched.statistics.sections.Points` of replications, one sketch for each."""

    sketches: Sequence[Sketch]

    @cached_property
    def counts(self) -> Floats:
        """(R,) how many there are in each replication."""
        return np.array([sketch.count for sketch in self.sketches], dtype=np.float64)

    @cached_property
    def together(self) -> Sketch:
        """All of them."""
        whole = Sketch(len(self.sketches[0].sums))
        for sketch in self.sketches:
            whole.merge(sketch)
        return whole

    def quantiles(self, probabilities: Sequence[float]) -> Floats:
        """Return (Q,) the quantiles of all together."""
        return self.together.quantiles(probabilities)

    def of_each(self, probabilities: Sequence[float]) -> Floats:
        """Return (R, Q) the quantiles of each replication."""
        return np.array([sketch.quantiles(probabilities) for sketch in self.sketches])

    def up_to(self, limit_ns: float) -> Floats:
        """Return (R,) how many are in the bucket of the limit or below, in each replication."""
        return np.array([sketch.up_to(limit_ns) for sketch in self.sketches], dtype=np.float64)


def _means(group: str, runs: Sequence[Observed], parts: Sequence[str]) -> dict[str, Measurement]:
    completed = _each(runs, lambda run: run.tally.completed)
    return {
        time_spent_name(group, part): ratio(
            np.array([run.tally.spent_ns[part] / SECOND for run in runs]), completed
        )
        for part in parts
    }


def _slowest(runs: Sequence[Observed], parts: Sequence[str]) -> dict[str, Measurement]:
    """Return the means of those in the bucket of the quantile, or beyond it."""
    together = Sketch(len(PARTS))
    for run in runs:
        together.merge(run.tally.responses)
    limits = together.quantiles([*_BEYOND.values()])
    found: dict[str, Measurement] = {}
    for (group, probability), limit in zip(_BEYOND.items(), limits, strict=True):
        reason = too_few(together.count, probability)
        if reason is None:
            found |= _beyond(group, runs, parts, float(limit))
        else:
            some = together.count > 0
            none = refused(np.full(len(runs), np.nan), reason, is_short=some)
            found |= {time_spent_name(group, part): none for part in parts}
    return found


def _beyond(
    group: str, runs: Sequence[Observed], parts: Sequence[str], limit_ns: float
) -> dict[str, Measurement]:
    slow = [run.tally.responses.beyond(limit_ns) for run in runs]
    counts = np.array([count for count, _ in slow], dtype=np.float64)
    return {
        time_spent_name(group, part): ratio(
            np.array([sums[PARTS.index(part)] / SECOND for _, sums in slow]), counts
        )
        for part in parts
    }
