"""The metrics of a server, in the order of ``summary.json``, from what its replications show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from simsched.scenario.metrics import PARTS, parse_metric, quantile_name, time_spent_name
from simsched.statistics import quantile
from simsched.statistics.fairness import jain_index
from simsched.statistics.measurement import (
    NOTHING_COMPLETED,
    Measurement,
    mean,
    ratio,
    refused,
    share,
)
from simsched.statistics.observation import BEYOND, Asked, Group, Observation
from simsched.statistics.sections import too_few
from simsched.units import SECOND
from simsched.workload.columns import Floats

UTILISATION = "resource_utilisation"
"""The share of a resource's slots that was in use: the slots in use, averaged over time."""

WAIT = "resource_wait_s"
"""How long those waited for a slot who asked for one, on average."""

NO_TIME = "no time is left to observe"
NONE_COMPLETED = "nothing was completed, which does not tell how seldom it is"
NOT_USED = "nobody asked for a slot of it"
MAXIMUM = "a maximum grows with the length of the run, so it estimates nothing"

_FAMILIES = ("time_spent_s", UTILISATION, WAIT)
"""Figures on top of the metrics: they are grouped, and servers are not compared by them."""


def bounds(metric: str) -> tuple[float, float]:
    """Return the least and the greatest value of *metric*, to which its interval is cut."""
    return parse_metric(metric).bounds


def is_compared(metric: str) -> bool:
    """Say whether *metric* is one that servers are compared by."""
    return metric.partition(".")[0] not in _FAMILIES


def measure(runs: Sequence[Observation], asked: Asked | None = None) -> dict[str, Measurement]:
    """Return every metric of one server, by dotted name, from one observation per replication.

    With it come where time went and how the resources were used, and the quantiles *asked* for.
    """
    asked = asked or Asked()
    return {
        **_metrics(runs, asked.responses),
        **_time_spent(runs),
        **_quantiles_of_parts(runs, asked),
        **_resources(runs),
    }


def refuse_steady_state(found: Mapping[str, Measurement], reason: str) -> dict[str, Measurement]:
    """Return *found* without the means that only a steady state has, for *reason*."""
    return {
        metric: refused(one.replications, reason) if _is_steady_state(metric) else one
        for metric, one in found.items()
    }


def _is_steady_state(metric: str) -> bool:
    if metric == "response_time_s.max":
        return False
    times = ("response_time_s.", "time_spent_s.", f"{WAIT}.")
    return metric.startswith(times) or metric in {"slowdown", "fairness.jain_index"}


def _metrics(runs: Sequence[Observation], quantiles: Sequence[float]) -> dict[str, Measurement]:
    completed = _each(runs, lambda run: run.completed)
    lengths = _each(runs, lambda run: run.length_s)
    slowdowns = _each(runs, lambda run: run.slowdowns)
    longest = _each(runs, lambda run: run.responses.longest / SECOND)
    return {
        "throughput_per_s": _throughput(
            _each(runs, lambda run: run.completions),
            _each(runs, lambda run: run.served_ns / SECOND),
        ),
        "failed_fraction": _failed(_each(runs, lambda run: run.ended), completed),
        "response_time_s.mean": ratio(_each(runs, lambda run: run.response_s), completed),
        **_quantiles(runs, quantiles),
        "response_time_s.max": _maximum(longest),
        "slowdown": ratio(_each(runs, lambda run: run.slowdown), slowdowns),
        "cpu_utilisation": ratio(
            _each(runs, lambda run: run.cpu_s),
            _each(runs, lambda run: run.cores) * lengths,
            NO_TIME,
        ),
        "order.overtaken_fraction": ratio(_each(runs, lambda run: run.overtaken), completed),
        "order.kendall_tau": mean(_each(runs, lambda run: run.kendall_tau)),
        "order.largest_displacement": _maximum(_each(runs, lambda run: run.displacement)),
        "fairness.jain_index": jain_index(_each(runs, lambda run: run.jain_index), slowdowns),
    }


def _each(runs: Sequence[Observation], figure: Callable[[Observation], float]) -> Floats:
    """Return (R,) a *figure* of each replication."""
    return np.array([figure(run) for run in runs], dtype=np.float64)


def _throughput(completions: Floats, lengths_s: Floats) -> Measurement:
    """Return completions per second, from (R,) counts; zero completions do not tell how rare."""
    found = ratio(completions, lengths_s, NO_TIME)
    if found.value != 0:
        return found
    return Measurement(found.value, found.replications, reason=NONE_COMPLETED)


def _failed(ended: Floats, completed: Floats) -> Measurement:
    return share(ended - completed, ended)


def _quantiles(runs: Sequence[Observation], quantiles: Sequence[float]) -> dict[str, Measurement]:
    names = [f"response_time_s.{quantile_name(probability)}" for probability in quantiles]
    found = quantile.pooled([run.responses for run in runs], quantiles)
    return dict(zip(names, found, strict=True))


def _maximum(values: Floats) -> Measurement:
    """Return the largest of (R,) maxima, NaN where a replication has none."""
    if np.isnan(values).all():
        return refused(values, NOTHING_COMPLETED)
    return Measurement(float(np.nanmax(values)), values, reason=MAXIMUM)


def _time_spent(runs: Sequence[Observation]) -> dict[str, Measurement]:
    """Return the mean time in each part: over all completed requests, and over the slowest."""
    all_of_each = [run.groups["all"] for run in runs]
    some = {part for one in all_of_each for part in one.spent_s}
    parts = [part for part in PARTS if part in some]
    total = sum(run.completed for run in runs)
    found = _means("all", all_of_each, parts)
    slowest = _slowest(runs)
    for group, probability in BEYOND.items():
        reason = too_few(total, probability)
        if reason is None:
            found |= _means(group, slowest[group], parts)
        else:
            none = refused(np.full(len(runs), np.nan), reason, is_short=total > 0)
            found |= {time_spent_name(group, part): none for part in parts}
    return found


def _slowest(runs: Sequence[Observation]) -> dict[str, list[Group]]:
    """Return the slowest requests of each replication: beyond the quantile of all together.

    Where points are no longer held they are those beyond that of their own replication.
    """
    points = [run.points for run in runs if run.points is not None]
    if len(points) < len(runs):
        return {group: [run.groups[group] for run in runs] for group in BEYOND}
    limits = quantile.together([run.responses for run in runs], [*BEYOND.values()])
    return {
        group: [one.beyond(limit) for one in points]
        for group, limit in zip(BEYOND, limits, strict=True)
    }


def _means(group: str, of_each: Sequence[Group], parts: Sequence[str]) -> dict[str, Measurement]:
    counts = np.array([one.count for one in of_each], dtype=np.float64)
    return {
        time_spent_name(group, part): ratio(
            np.array([one.spent_s.get(part, 0.0) for one in of_each]), counts
        )
        for part in parts
    }


def _quantiles_of_parts(runs: Sequence[Observation], asked: Asked) -> dict[str, Measurement]:
    return {
        time_spent_name(quantile_name(probability), part): quantile.pooled(
            [run.parts[part, probability] for run in runs], [probability]
        )[0]
        for part, probability in asked.parts
    }


def _resources(runs: Sequence[Observation]) -> dict[str, Measurement]:
    return dict([*_utilisations(runs), *_waits(runs)])


def _utilisations(runs: Sequence[Observation]) -> Iterator[tuple[str, Measurement]]:
    lengths = np.array([run.length_ns for run in runs], dtype=np.float64)
    for name, one in runs[0].resources.items():
        busy = np.array([run.resources[name].busy_ns for run in runs])
        yield f"{UTILISATION}.{name}", ratio(busy, lengths * one.capacity, NO_TIME)


def _waits(runs: Sequence[Observation]) -> Iterator[tuple[str, Measurement]]:
    for name in runs[0].resources:
        waited = np.array([run.resources[name].waited_s for run in runs])
        counts = np.array([float(run.resources[name].waits) for run in runs])
        yield f"{WAIT}.{name}", ratio(waited, counts, NOT_USED)
