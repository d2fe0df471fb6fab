"""What requests needed, estimated from nothing but when they came and how long they took.

A response time is what a request needed and what it waited. The waiting follows from what the
requests around it needed, so requests are simulated at the recorded times with needs drawn from a
distribution for each class, and the distributions are changed until simulated response times are
distributed like recorded ones (simulated moments: McFadden, A method of simulated moments for
estimation of discrete response models without numerical integration, Econometrica 57 (1989)).

How much of a need is CPU time does not show in the distribution. Where it is known, from the CPU
time of all requests or from what each waited for upstream, it is used. Otherwise it shows in how
responses depend on load: too little CPU time makes the simulated ones grow too little with the
number of requests that are found at arrival. The share of CPU time is the one with which both have
the same covariance with that number.

Standard errors are by blocks of consecutive requests, through the derivatives of what is matched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.calibrate.recorded_load import Needs, RecordedLoad
from simsched.scenario.model.servers import Server
from simsched.workload.arrays import Floats, Int64s

ROUNDS = 20
"""How often at most distributions are simulated and corrected."""

BLOCKS = 20
"""How many blocks of consecutive requests standard errors are from."""

_OWN = 0.7
_LEAST = 0.02
_SHAPE = 0.1
_CLOSE = 0.002
_LEAST_POWER = 0.1
_BUSIEST = 0.97
_SHARES = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
_REFINEMENTS = 3
_STEP = 0.1


@dataclass(frozen=True, slots=True)
class Share:
    """What part of needs is CPU time.

    Attributes:
        value: the share.
        standard_error: its standard error; 0 if it was given.
        change_ns: (classes,) by how much the mean needs would grow with the share: more CPU time
            means more waiting, so that less is left.
    """

    value: float
    standard_error: float = 0.0
    change_ns: Floats | float = 0.0


def depends_on_cpu(server: Server) -> bool:
    """Return whether it matters to *server* what part of a need is CPU time.

    It does not where a request occupies a worker of its own core from beginning to end.
    """
    if server.keeps and server.per_worker == 1:
        return server.core_count < server.workers
    return server.one_computes or server.core_count < server.workers * server.per_worker


def shows_cpu(server: Server) -> bool:
    """Return whether responses show what part of needs is CPU time.

    Where a request keeps its only worker, it waits for workers as it would for CPU time.
    """
    return depends_on_cpu(server) and not (server.keeps and server.per_worker == 1)


def needs_with(
    load: RecordedLoad,
    share: float | None,
    total_ns: float | None = None,
    first: Needs | None = None,
) -> Needs:
    """Return the needs with which simulated responses are distributed like recorded ones.

    Args:
        load: the server and the requests.
        share: what part of each class's mean need is CPU time; None with upstream times.
        total_ns: the CPU time of all requests together, in place of a share (utilisation law).
        first: needs to begin with.
    """
    bins = load.bins if first is None else first.bins
    power, before, best = 1.0, 0.0, (np.inf, bins)
    for _ in range(ROUNDS):
        simulated = load.residence(Needs(bins, _cpu(load, bins, share, total_ns)))
        reached = load.binned_mean(simulated)
        best = min(best, (_missed(load, reached), bins), key=lambda each: each[0])
        if best[0] < _CLOSE:
            break
        overall = float(np.log(_ratio(load.measured, simulated)))
        # Needs change waiting the more, the higher the load: a step too far is halved.
        power = max(power / 2, _LEAST_POWER) if overall * before < 0 else min(1.0, 1.2 * power)
        before = overall
        bins = _corrected(load, bins, reached, float(np.exp(power * overall)))
    return Needs(best[1], _cpu(load, best[1], share, total_ns))


def _missed(load: RecordedLoad, reached: tuple[Floats, ...]) -> float:
    """Return by how much simulated times miss the recorded ones, relative to these.

    What counts is the mean of each class, and the shape of its distribution.
    """
    off = [
        (len(rows) * abs(wanted.mean() - got.mean()), len(rows) * np.abs(wanted - got).mean())
        for rows, wanted, got in zip(load.rows, load.bins, reached, strict=True)
    ]
    means, shapes = np.sum(off, axis=0) / max(1.0, float(load.measured.sum()))
    return float(means + _SHAPE * shapes)


def _ratio(wanted: Floats, reached: Floats) -> float:
    """Return by what factor the mean of simulated times is too short."""
    one, other = float(wanted.mean()), float(reached.mean())
    return one / other if one > 0 and other > 0 else 1.0


def _corrected(
    load: RecordedLoad, bins: tuple[Floats, ...], reached: tuple[Floats, ...], factor: float
) -> tuple[Floats, ...]:
    """Return needs changed by what simulated times miss.

    What all requests miss is due to waiting, which all cause: all needs change by a *factor*. What
    a class misses beside that is added to its mean, and what a share of the class misses beside
    that to the share.
    """
    count = np.array([len(rows) for rows in load.rows])
    missed = [wanted - got for wanted, got in zip(load.bins, reached, strict=True)]
    of_all = float(count @ [each.mean() for each in missed]) / float(count.sum())
    found = []
    for each, own, wanted in zip(bins, missed, load.bins, strict=True):
        most = float(wanted.mean())
        mean = float(each.mean()) * factor + _OWN * float(own.mean() - of_all)
        mean = min(max(mean, _LEAST * most), most)
        shape = np.maximum(each + _OWN * (own - own.mean()), 0.0)
        shape = np.maximum.accumulate(shape) if shape.any() else np.ones_like(each)
        found.append(shape * (mean / shape.mean()))
    return tuple(found)


def _cpu(
    load: RecordedLoad, bins: tuple[Floats, ...], share: float | None, total_ns: float | None
) -> Floats:
    """Return (classes,) CPU times: a share of the mean needs, or with a total of all requests.

    They stay below what the server's cores, or its interpreter locks, can do meanwhile.
    """
    mean = np.array([each.mean() for each in bins])
    count = np.array([len(rows) for rows in load.rows])
    wanted = (share or 0.0) * float(count @ mean) if total_ns is None else total_ns
    wanted = min(wanted, _BUSIEST * load.capacity_ns)
    if not wanted:
        return np.zeros(len(mean))
    low, high = 0.0, 2.0 + 2.0 * float(max(each.max() for each in bins) / max(mean.min(), 1.0))
    for _ in range(30 if total_ns is not None or wanted < (share or 0.0) * (count @ mean) else 0):
        middle = (low + high) / 2
        each = [np.minimum(middle * m, b).mean() for m, b in zip(mean, bins, strict=True)]
        low, high = (middle, high) if count @ np.array(each) < wanted else (low, middle)
    return (low or (share or 0.0)) * mean


def share_of(load: RecordedLoad) -> tuple[Share, Needs]:
    """Return the share of CPU time with which responses depend on load as recorded, and needs."""
    known: dict[float, Needs] = {}

    def needs(share: float) -> Needs:
        if share not in known:
            near = min(known, key=lambda each: abs(each - share), default=None)
            known[share] = needs_with(load, share, first=None if near is None else known[near])
        return known[share]

    def products(share: float) -> Floats:
        """Return (n,) what requests contribute to the difference of the covariances."""
        simulated = load.residence(needs(share)).mean(axis=0)
        return load.found * (load.centred(load.measured) - load.centred(simulated))

    def missing(share: float) -> float:
        return float(products(share).mean())

    low = 0.0
    for high in _SHARES:
        if missing(high) <= 0:
            break
        low = high
    for _ in range(_REFINEMENTS if high > 0 and low < high else 0):
        middle = (low + high) / 2
        low, high = (middle, high) if missing(middle) > 0 else (low, middle)
    one, other = missing(low), missing(high)
    found = low if one == other else float(np.clip(low + (high - low) * one / (one - other), 0, 1))
    error = error_of_mean(products(found))
    below, above = max(0.0, found - _STEP), min(1.0, found + _STEP)
    slope = (missing(above) - missing(below)) / (above - below)
    change_ns = (needs(above).mean_ns - needs(below).mean_ns) / (above - below)
    return Share(found, error / -slope if slope < 0 else np.inf, change_ns), needs(found)


def error_of_mean(values: Floats | Int64s) -> float:
    """Return the standard error of the mean of *values*, by blocks of consecutive ones."""
    means = [block.mean() for block in np.array_split(values, min(BLOCKS, len(values)))]
    return float(np.std(means, ddof=1) / np.sqrt(len(means))) if len(means) > 1 else np.inf


def standard_errors(load: RecordedLoad, needs: Needs) -> Floats:
    """Return (classes,) the standard error of each class's mean need, in nanoseconds.

    The mean responses of the classes are what is matched. Their covariance, by blocks of
    consecutive requests of all classes, becomes that of the needs through the derivatives of each
    mean response by each mean need.
    """
    at = load.residence(needs).mean(axis=0)
    classes = len(needs.bins)
    slopes = np.eye(classes)
    for i, bins in enumerate(needs.bins):
        change = _STEP * max(float(bins.mean()), 1.0)
        less = load.residence(needs.scaled(i, 1 - _STEP)).mean(axis=0)
        slopes[:, i] = [(at[rows] - less[rows]).mean() / change for rows in load.rows]
    missed = load.measured - at
    count = min(BLOCKS, len(missed))
    sums = np.zeros((count, classes))
    for i, rows in enumerate(load.rows):
        block = rows * count // len(missed)
        sums[:, i] = np.bincount(block, missed[rows], count) / len(rows)
    covariance = np.atleast_2d(np.cov(sums, rowvar=False)) * count
    # Means are matched no closer than that.
    matched = _CLOSE * np.array([load.measured[rows].mean() for rows in load.rows])
    covariance += np.diag(matched**2)
    inverse = np.linalg.pinv(slopes)
    found: Floats = np.sqrt(np.maximum(np.diag(inverse @ covariance @ inverse.T), 0.0))
    return found
