"""One long run as if it were many: consecutive batches stand in for replications.

The window is cut into batches of equal time. Their means are nearly independent once a batch is
long against the memory of the system; whether it is, is checked on the batches themselves, and
where it is not the interval is refused.

Sources: Schmeiser, Batch size effects in the analysis of simulation output, Operations Research 30
(3), 1982 (10 to 30 batches suffice); von Neumann, Annals of Mathematical Statistics 12, 1941, and
Fishman, Grouping observations in digital simulation, Management Science 24 (5), 1978 (the check).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from simsched.scenario.metrics import quantile_name, time_spent_name
from simsched.statistics.correlation import refusal
from simsched.statistics.measurement import Measurement
from simsched.statistics.metrics import measure
from simsched.statistics.quantile import by_order_statistics
from simsched.statistics.time_spent import Part, points_ns
from simsched.statistics.window import Window
from simsched.workload.columns import Int64s

BATCHES = 20
"""How many batches a run is cut into."""

FEWEST = 100
"""A batch needs this many completed requests on average; a shorter run is not cut."""

TAU = "Kendall's tau of a batch is not that of a run; ask for replications"


def batches(window: Window) -> list[Window]:
    """Return *window* cut into :data:`BATCHES` windows of equal length."""
    edges = np.linspace(window.start_ns, window.end_ns, BATCHES + 1).astype(np.int64).tolist()
    edges[-1] = window.end_ns + 1  # what happens at the very end belongs to the last batch
    return [replace(window, start_ns=start, stop_ns=stop) for start, stop in pairwise(edges)]


def measure_run(
    window: Window, quantiles: Sequence[float], parts: Sequence[Part] = ()
) -> dict[str, Measurement]:
    """Return every metric of one run, its value from the whole and its influences from batches."""
    whole = measure([window], quantiles, parts)
    if len(window.response_ns) < BATCHES * FEWEST:
        return whole
    cut = batches(window)
    pieces = measure(cut, quantiles, parts)
    together = {metric: joined(metric, whole[metric], pieces[metric]) for metric in whole}
    for names, points in _quantiles(cut, quantiles, parts):
        ordered = np.sort(np.concatenate(points))
        for metric, probability in names.items():
            measured = together[metric]
            together[metric] = by_order_statistics(measured, points, ordered, probability)
    return together


def _quantiles(
    cut: Sequence[Window], quantiles: Sequence[float], parts: Sequence[Part]
) -> Iterator[tuple[dict[str, float], list[Int64s]]]:
    """Yield the probabilities of quantiles by name, and the points that they are quantiles of."""
    names = {f"response_time_s.{quantile_name(each)}": each for each in quantiles}
    yield names, [one.response_ns for one in cut]
    for part, probability in parts:
        name = time_spent_name(quantile_name(probability), part)
        yield {name: probability}, points_ns(cut, part)


def joined(metric: str, whole: Measurement, parts: Measurement) -> Measurement:
    """Return *metric* of a *whole* run with the influences of its *parts*, or why it has none."""
    if whole.value is None or whole.influence is None:
        return whole
    if metric == "order.kendall_tau":
        return _short(whole, TAU)
    if parts.influence is None:
        return _short(whole, parts.reason)
    if (correlated := refusal(parts.influence)) is not None:
        return _short(whole, correlated)
    return replace(whole, influence=parts.influence)


def _short(whole: Measurement, reason: str | None) -> Measurement:
    """Return *whole* without an interval: replications would give it one."""
    return replace(whole, influence=None, reason=reason, is_short=True)
