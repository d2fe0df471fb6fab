"""The metrics of a server, in the order of ``summary.json``, from what its replications show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simsched.scenario.metrics import PARTS, parse_metric, quantile_name, time_spent_name
from simsched.statistics import quantile
from simsched.statistics.figures import FIGURES, NO_TIME
from simsched.statistics.measurement import Measurement, ratio, refused
from simsched.statistics.observation import BEYOND, Asked, Group, Observation, Use
from simsched.statistics.quantile import too_few

UTILISATION = "resource_utilisation"
"""The share of a resource's slots that was in use: the slots in use, averaged over time."""

WAIT = "resource_wait_s"
"""How long requests for a slot waited for it, on average."""

NOT_USED = "no request asked for a slot of it"

BUSY = "service_utilisation"
"""The share of a service's cores, or of its workers or threads, that was busy: the higher one."""

SERVICE_WAIT = "service_wait_s"
"""How long calls waited in the queue of a service, on average."""

SERVICE_TIME = "service_time_s"
"""How long a request spends on calls of a service, all together, on average."""

NOT_CALLED = "no request called it"

# Figures on top of the metrics: they are grouped, and servers are not compared by them.
_FAMILIES = ("time_spent_s", UTILISATION, WAIT, BUSY, SERVICE_WAIT, SERVICE_TIME)


def bounds(metric: str) -> tuple[float, float]:
    """Return the least and the greatest value of *metric*, to which its interval is cut."""
    return parse_metric(metric).bounds


def is_compared(metric: str) -> bool:
    """Say whether *metric* is one that servers are compared by."""
    return metric.partition(".")[0] not in _FAMILIES


def measure(
    runs: Sequence[Observation], asked: Asked | None = None, whole: Observation | None = None
) -> dict[str, Measurement]:
    """Return every metric of one server, by dotted name, from one observation per replication.

    With it come where time went and how the resources were used, and the quantiles *asked* for.
    Where *runs* are the batches of one, its *whole* saves sorting them together.
    """
    asked = asked or Asked()
    return {
        **_metrics(runs, asked.responses, whole),
        **_time_spent(runs, whole),
        **_quantiles_of_parts(runs, asked, whole),
        **_uses(runs, [run.resources for run in runs], UTILISATION, WAIT, NOT_USED),
        **_uses(runs, [run.services for run in runs], BUSY, SERVICE_WAIT, NOT_CALLED),
        **_spent_on_services(runs),
    }


def refuse_steady_state(found: Mapping[str, Measurement], reason: str) -> dict[str, Measurement]:
    """Return *found* without the means that only a steady state has, for *reason*."""
    return {
        metric: refused(one.replications, reason) if _is_steady_state(metric) else one
        for metric, one in found.items()
    }


def _is_steady_state(metric: str) -> bool:
    if metric in FIGURES:
        return FIGURES[metric].is_steady
    waits = (f"{WAIT}.", f"{SERVICE_WAIT}.", f"{SERVICE_TIME}.")
    return metric.startswith(("response_time_s.", "time_spent_s.", *waits))


def _metrics(
    runs: Sequence[Observation], quantiles: Sequence[float], whole: Observation | None
) -> dict[str, Measurement]:
    found: dict[str, Measurement] = {}
    for name, figure in FIGURES.items():
        seen = np.array([run.seen[name] for run in runs], dtype=np.float64)
        found[name] = figure.over(seen[:, 0], seen[:, 1])
        # In summary.json the quantiles follow the mean.
        if name == "response_time_s.mean":
            found |= _quantiles(runs, quantiles, whole)
    return found


def _quantiles(
    runs: Sequence[Observation], quantiles: Sequence[float], whole: Observation | None
) -> dict[str, Measurement]:
    names = [f"response_time_s.{quantile_name(probability)}" for probability in quantiles]
    known = None if whole is None else whole.responses
    found = quantile.pooled([run.responses for run in runs], quantiles, known)
    return dict(zip(names, found, strict=True))


def _time_spent(runs: Sequence[Observation], whole: Observation | None) -> dict[str, Measurement]:
    """Return the mean time in each part: over all completed requests, and over the slowest."""
    all_of_each = [run.groups["all"] for run in runs]
    some = {part for one in all_of_each for part in one.spent_s}
    parts = [part for part in PARTS if part in some]
    total = sum(run.completed for run in runs)
    found = _means("all", all_of_each, parts)
    slowest = _slowest(runs, whole)
    for group, probability in BEYOND.items():
        reason = too_few(total, probability)
        if reason is None:
            found |= _means(group, slowest[group], parts)
        else:
            none = refused(np.full(len(runs), np.nan), reason, is_short=total > 0)
            found |= {time_spent_name(group, part): none for part in parts}
    return found


def _slowest(runs: Sequence[Observation], whole: Observation | None) -> dict[str, list[Group]]:
    """Return the slowest requests of each replication: beyond the quantile of all together.

    Where points are no longer held they are those beyond that of their own replication.
    """
    # Points are dropped of all replications together, or of none.
    points = [run.points for run in runs if run.points is not None]
    if len(points) < len(runs):
        return {group: [run.groups[group] for run in runs] for group in BEYOND}
    one = whole or (runs[0] if len(runs) == 1 else None)
    if one is None:
        limits = quantile.together([run.responses for run in runs], [*BEYOND.values()]).tolist()
    else:
        limits = [one.responses.quantiles[probability] for probability in BEYOND.values()]
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


def _quantiles_of_parts(
    runs: Sequence[Observation], asked: Asked, whole: Observation | None
) -> dict[str, Measurement]:
    return {
        time_spent_name(quantile_name(probability), part): quantile.pooled(
            [run.parts[part, probability] for run in runs],
            [probability],
            None if whole is None else whole.parts[part, probability],
        )[0]
        for part, probability in asked.parts
    }


def _uses(
    runs: Sequence[Observation],
    uses: Sequence[Mapping[str, Use]],
    utilisation: str,
    wait: str,
    unused: str,
) -> dict[str, Measurement]:
    """Return how resources or services were used in each run, under the names of both families."""
    lengths = np.array([run.length_ns for run in runs], dtype=np.float64)
    found = {}
    for name, one in uses[0].items():
        busy = np.array([each[name].busy_ns for each in uses])
        found[f"{utilisation}.{name}"] = ratio(busy, lengths * one.capacity, NO_TIME)
    for name in uses[0]:
        waited = np.array([each[name].waited_s for each in uses])
        counts = np.array([float(each[name].waits) for each in uses])
        found[f"{wait}.{name}"] = ratio(waited, counts, unused)
    return found


def _spent_on_services(runs: Sequence[Observation]) -> dict[str, Measurement]:
    """Return how long the completed requests of each run spent on calls of each service."""
    completed = np.array([float(run.completed) for run in runs])
    return {
        f"{SERVICE_TIME}.{name}": ratio(
            np.array([run.services[name].spent_s for run in runs]), completed
        )
        for name in runs[0].services
    }
