"""The arrivals of a log, served again and again by requests that need other times."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simsched.calibrate.observed import Observed
from simsched.engine import simulate
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Status
from simsched.scenario.model.servers import Server
from simsched.workload import Workload
from simsched.workload.arrays import Floats, Int64s
from simsched.workload.steps import Step, StepKind

MOST_REQUESTS = 5_000
"""From so many consecutive requests needs are estimated, where there are more: the busiest ones."""

BINS = 50
"""In how many shares of equal size, by length, the times of a class are compared."""

_DRAWS = 2
_SIMULATIONS = 200


@dataclass(frozen=True, eq=False)
class Needs:
    """What requests of each class need: the means of equal shares, in nanoseconds.

    Attributes:
        bins: for each class, (b,) the means of the shares of its requests, the smallest first. Of a
            log with upstream times they are of CPU time; otherwise of CPU time and I/O together.
        cpu_ns: (classes,) how much of each need is CPU time, at most; not used with upstream times.
    """

    bins: tuple[Floats, ...]
    cpu_ns: Floats

    @property
    def mean_ns(self) -> Floats:
        """(classes,) the mean of each class."""
        return np.array([each.mean() for each in self.bins])

    def scaled(self, position: int, factor: float) -> Needs:
        """Return the needs with those of one class *factor* times as long."""
        bins = [each * (factor if i == position else 1) for i, each in enumerate(self.bins)]
        cpu_ns = self.cpu_ns.copy()
        cpu_ns[position] *= factor
        return Needs(tuple(bins), cpu_ns)


def busiest(observed: Observed, most: int = MOST_REQUESTS) -> Observed:
    """Return the *most* consecutive requests that came within the shortest time, or all.

    They have only the classes that are among them.
    """
    arrival = observed.arrival_ns
    first = int(np.argmin(arrival[most - 1 :] - arrival[: 1 - most])) if len(arrival) > most else 0
    found = part(observed, slice(first, first + most))
    present, class_id = np.unique(found.class_id, return_inverse=True)
    classes = tuple(observed.classes[i] for i in present)
    return replace(found, class_id=class_id.astype(np.int32), classes=classes)


def part(observed: Observed, rows: slice) -> Observed:
    """Return some consecutive requests, counted from the first of them."""
    arrival = observed.arrival_ns[rows]
    return replace(
        observed,
        arrival_ns=arrival - arrival[0],
        response_ns=observed.response_ns[rows],
        class_id=observed.class_id[rows],
        upstream_ns=None if observed.upstream_ns is None else observed.upstream_ns[rows],
    )


class RecordedLoad:
    """A server that meets recorded arrivals, again and again with other needs."""

    def __init__(self, observed: Observed, server: Server) -> None:
        self.observed, self.server = observed, server
        n = len(observed)
        self.rows = [np.flatnonzero(observed.class_id == i) for i in range(len(observed.classes))]
        upstream = observed.upstream_ns
        self.waited = None if upstream is None else np.maximum(upstream, 0).astype(float)
        waited = 0.0 if self.waited is None else self.waited
        self.measured: Floats = np.maximum(observed.response_ns - waited, 0.0)
        self.bins = self.binned(self.measured)
        done = np.sort(observed.arrival_ns + observed.response_ns)
        found = np.arange(n) - np.searchsorted(done, observed.arrival_ns, "right")
        self.found = self.centred(np.maximum(found, 0).astype(float))
        self._ranks = [self._rank(seed) for seed in range(_DRAWS)]

    @property
    def capacity_ns(self) -> float:
        """How much CPU time the server has while requests arrive and are served."""
        server, observed = self.server, self.observed
        computing = server.workers * (1 if server.one_computes else server.per_worker)
        span = float((observed.arrival_ns + observed.response_ns).max())
        return span * min(computing, server.core_count)

    def _rank(self, seed: int) -> Floats:
        """Return (n,) a random rank for each request among those of its class, in [0, 1)."""
        rng = np.random.default_rng(seed)
        rank = np.empty(len(self.observed))
        for rows in self.rows:
            rank[rows] = rng.permutation(len(rows)) / max(1, len(rows))
        return rank

    def binned(self, values: Floats) -> tuple[Floats, ...]:
        """Return, for each class, the means of equal shares of *values*, the smallest first."""
        return tuple(shares(values[rows]) for rows in self.rows)

    def binned_mean(self, draws: Floats) -> tuple[Floats, ...]:
        """Return the mean of what is binned of each of (draws, n) simulations."""
        each = [self.binned(draw) for draw in draws]
        return tuple(np.mean(bins, axis=0) for bins in zip(*each, strict=True))

    def centred(self, values: Floats) -> Floats:
        """Return (n,) *values* less the mean of their class."""
        centred = values.astype(float)
        for rows in self.rows:
            centred[rows] -= centred[rows].mean()
        return centred

    def residence(self, needs: Needs) -> Floats:
        """Return (draws, n) simulated response times less those upstream, in nanoseconds."""
        return np.stack([self._simulated(needs, seed) for seed in range(_DRAWS)])

    def _simulated(self, needs: Needs, seed: int) -> Floats:
        drawn = self.drawn(needs, self._ranks[seed])
        io = self.waited if self.waited is not None else np.zeros(len(drawn))
        cpu = drawn
        if self.waited is None:
            cpu = np.minimum(needs.cpu_ns[self.observed.class_id], drawn)
            io = drawn - cpu
        found = responses(self.observed, cpu, io, self.server, seed)
        return found - (0.0 if self.waited is None else self.waited)

    def drawn(self, needs: Needs, rank: Floats) -> Floats:
        """Return (n,) a need for each request, by its rank in its class."""
        found = np.empty(len(rank))
        for rows, bins in zip(self.rows, needs.bins, strict=True):
            found[rows] = bins[(rank[rows] * len(bins)).astype(int)]
        return found


def shares(values: Floats) -> Floats:
    """Return the means of up to :data:`BINS` equal shares of *values*, the smallest first."""
    parts = np.array_split(np.sort(values), min(BINS, max(1, len(values))))
    return np.array([each.mean() if len(each) else 0.0 for each in parts])


def responses(observed: Observed, cpu: Floats, io: Floats, server: Server, seed: int) -> Floats:
    """Return (n,) the simulated response times of requests with these needs, in nanoseconds.

    A request computes half of its CPU time, waits for its I/O, and computes the other half.
    """
    n = len(observed)
    cpu_ns = np.rint(cpu).astype(np.int64)
    rows: Int64s = np.stack([cpu_ns // 2, np.rint(io).astype(np.int64), cpu_ns - cpu_ns // 2], 1)
    workload = Workload(
        classes=observed.classes,
        priorities=(0,) * len(observed.classes),
        steps=(Step(StepKind.CPU), Step(StepKind.IO)),
        class_id=observed.class_id,
        first_row=np.arange(n + 1, dtype=np.int64) * 3,
        step_id=np.tile(np.array([0, 1, 0], np.int32), n),
        duration_ns=rows.ravel(),
        dispatch=np.random.default_rng(seed).random(n),
        arrival_ns=observed.arrival_ns,
    )
    phases = _SIMULATIONS * len(workload.step_id)
    trace = simulate(workload, server, Conditions(), timeline=0, phases=phases).requests
    answered = trace.status == Status.COMPLETED
    return np.where(answered, trace.finish_ns - trace.arrival_ns, 0).astype(float)
