"""What requests needed, without what they waited for: CPU time and calls from their intervals.

On one event loop computing intervals cannot overlap. So where the intervals between a request's
calls overlap those of other requests, part of them was waiting; and a call that returned while the
loop computed for others was noticed late: when it was ready is only known to be within that busy
stretch. Its duration is *interval-censored*, and its distribution is estimated by self-consistency
(Turnbull, The empirical distribution function with arbitrarily grouped, censored and truncated
data, Journal of the Royal Statistical Society B 38 (1976)). Each censored duration is then drawn
from that distribution within its interval, so that every request has durations of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.workload.arrays import Bools, Floats, Int32s, Int64s

_SEED = 1976
_LEAST_TRANSITIONS = 20
_ITERATIONS = 200
_SETTLED = 1e-6


@dataclass(frozen=True, eq=False)
class Recorded:
    """Intervals of requests at one server, as columns; times in nanoseconds.

    Attributes:
        start_ns: (n,) when each began.
        end_ns: (n,) when it ended.
        loop: (n,) the process that it was in.
        leaf: (n,) the kind of interval: those of one kind have one distribution.
        computes: (n,) whether it computed rather than waited for a call.
        resumes: (n,) whether it began when a call returned.
        begins: (n,) whether it began with the request.
        answers: (n,) whether it ended with it.
    """

    start_ns: Int64s
    end_ns: Int64s
    loop: Int32s
    leaf: Int32s
    computes: Bools
    resumes: Bools
    begins: Bools
    answers: Bools

    def of(self, rows: Bools) -> Recorded:
        """Return some of the intervals."""
        return Recorded(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Demands:
    """What the intervals needed.

    Attributes:
        need_ns: (n,) the CPU time or the duration of the call of each interval.
        censored: (n,) whether that is only known to be within bounds.
        outside_ns: CPU time of the server around a request, before its span and after it, as far as
            it is seen where the loop goes from one request to the next; None if it is not.
        switch_ns: CPU time of the server at each return to a request; None if it is not seen.
    """

    need_ns: Floats
    censored: Bools
    outside_ns: float | None
    switch_ns: float | None


def demands_on_loops(recorded: Recorded) -> Demands:
    """Return what the intervals needed, where each process is an event loop."""
    need = (recorded.end_ns - recorded.start_ns).astype(float)
    censored = np.zeros(len(need), np.bool_)
    outside, switch = [], []
    for loop in np.unique(recorded.loop):
        rows = recorded.loop == loop
        found = _Loop(recorded.of(rows)).demands()
        need[rows], censored[rows] = found.need_ns, found.censored
        outside += [found.outside_ns] * (found.outside_ns is not None)
        switch += [found.switch_ns] * (found.switch_ns is not None)
    return Demands(need, censored, _mean(outside), _mean(switch))


def demands_as_recorded(recorded: Recorded) -> Demands:
    """Return what the intervals needed, where nothing waits for a loop: their lengths."""
    length = (recorded.end_ns - recorded.start_ns).astype(float)
    return Demands(length, np.zeros(len(length), np.bool_), None, None)


def _mean(values: list[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return sum(known) / len(known) if known else None


class _Loop:
    """The intervals of one event loop.

    A span begins either when the loop runs the request, as with instrumentation in the process, or
    already when the request could run, as with spans of a proxy or a simulation. Which it is shows
    in how often others compute at that moment: hardly ever, or for the share of time that they do.
    """

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        cpu = recorded.computes
        self.start, self.end = recorded.start_ns[cpu], recorded.end_ns[cpu]
        self.leaf = recorded.leaf[cpu]
        self.starts, self.ends = np.sort(self.start), np.sort(self.end)
        runs = np.ones(len(self.start), np.bool_)
        for rows in (recorded.begins[cpu], recorded.resumes[cpu]):
            runs[rows] = self._run_from_their_start(rows)
        self.runs = runs
        self.rng = np.random.default_rng(_SEED)

    def demands(self) -> Demands:
        recorded = self.recorded
        need = (recorded.end_ns - recorded.start_ns).astype(float)
        censored = np.zeros(len(need), np.bool_)
        cpu = recorded.computes
        need[cpu], censored[cpu] = self._cpu()
        began = np.where(self.runs, self.start, self.end - need[cpu].astype(np.int64))
        outside, switch = self._between(began)
        if self.runs[recorded.resumes[cpu]].any():
            need[~cpu], censored[~cpu] = self._calls(began, outside, switch)
        return Demands(need, censored, None if outside is None else sum(outside), switch)

    def _others_at(self, rows: Bools) -> Bools:
        """Return whether others computed when the intervals *rows* began."""
        at = self.start[rows]
        begun = np.searchsorted(self.starts, at, "left")
        over = np.searchsorted(self.ends, at, "right")
        # An interval of no length has begun and ended at that moment.
        others: Bools = begun > over
        return others

    def _run_from_their_start(self, rows: Bools) -> bool:
        if not rows.any():
            return True
        begun, over = _union(self.start, self.end)
        busy = (over - begun).sum() / max(1, self.ends[-1] - self.starts[0])
        return bool(self._others_at(rows).mean() <= busy / 2)

    def _cpu(self) -> tuple[Floats, Bools]:
        """Return the CPU time of each computing interval, and whether it was drawn."""
        length = (self.end - self.start).astype(float)
        # Who waits for the loop runs from when the last of the others stopped, to the own end.
        before = np.searchsorted(self.ends, self.end, "left") - 1
        last = np.where(before >= 0, self.ends[np.maximum(before, 0)], self.starts[0])
        ran = (self.end - np.maximum(self.start, last)).astype(float)
        need = np.where(self.runs, length, ran)
        begun = np.searchsorted(self.starts, self.end, "left")
        inside = begun > np.searchsorted(self.starts, self.start, "right")
        mixed: Bools = self.runs & (inside | self._others_at(np.ones(len(self.start), np.bool_)))
        least = self._alone()
        for leaf in np.unique(self.leaf[mixed]):
            of_leaf = self.leaf == leaf
            rows = np.flatnonzero(of_leaf & mixed)
            donors = np.sort(length[of_leaf & ~mixed])
            need[rows] = self._drawn_between(donors, least[rows], length[rows])
        return need, mixed

    def _alone(self) -> Floats:
        """Return (n,) for how long nobody else computed during each interval."""
        times = np.concatenate([self.starts, self.ends])
        change = np.concatenate([np.ones(len(self.starts)), -np.ones(len(self.ends))])
        order = np.argsort(times, kind="stable")
        times, active = times[order], np.cumsum(change[order])
        total = np.concatenate([[0.0], np.cumsum(np.diff(times) * (active[:-1] == 1))])
        until: Floats = np.interp(self.end, times, total) - np.interp(self.start, times, total)
        return until

    def _drawn_between(self, donors: Floats, least: Floats, most: Floats) -> Floats:
        """Return a random one of *donors* within each of the bounds; their middle if there is none.

        ``donors`` is sorted.
        """
        first = np.searchsorted(donors, least, "left")
        last = np.searchsorted(donors, most, "right")
        chosen = first + (self.rng.random(len(least)) * (last - first)).astype(np.int64)
        padded = np.append(donors, 0.0)
        middle = (least + most) / 2
        return np.where(last > first, padded[np.minimum(chosen, len(donors))], middle)

    def _between(self, began: Int64s) -> tuple[tuple[float, float] | None, float | None]:
        """Return the CPU time that the server takes before and after spans, and at each return.

        It is what passes between two requests where the second surely waited: after long
        computing of the first, the most common time (half-sample mode: Bickel & Fruehwirth, On a
        fast, robust estimator of the mode, Computational Statistics & Data Analysis 50 (2006)).
        """
        recorded = self.recorded
        cpu = recorded.computes
        order = np.lexsort((self.end, began))
        start, end = began[order], self.end[order]
        answers = recorded.answers[cpu][order][:-1]
        begins, resumes = recorded.begins[cpu][order][1:], recorded.resumes[cpu][order][1:]
        runs = self.runs[order][1:]
        passed = start[1:] - end[:-1]
        long = end[:-1] - start[:-1] >= np.quantile(end - start, 0.75)
        usable = long & runs & (passed > 0)
        switch = _mode(passed[usable & ~answers & resumes])
        after = _mode(passed[usable & answers & resumes])
        before = _mode(passed[usable & ~answers & begins])
        if switch is None:
            return None, None
        around = (max(0.0, (before or switch) - switch), max(0.0, (after or switch) - switch))
        return around, switch

    def _calls(
        self, began: Int64s, outside: tuple[float, float] | None, switch: float | None
    ) -> tuple[Floats, Bools]:
        """Return the duration of each call, and whether it was drawn within bounds."""
        recorded = self.recorded
        cpu = recorded.computes
        before, after = outside or (0.0, 0.0)
        start = began - (recorded.begins[cpu] * before).astype(np.int64)
        end = self.end + (recorded.answers[cpu] * after).astype(np.int64)
        near = round(3 * (switch or 0.0)) + 20_000
        busy_from, _ = _union(start, end, near)
        calls = recorded.of(~cpu)
        at = busy_from[np.maximum(np.searchsorted(busy_from, calls.end_ns, "right") - 1, 0)]
        most = (calls.end_ns - calls.start_ns).astype(float)
        late = (calls.end_ns - at > near) & (at <= calls.end_ns)
        least = np.where(late, np.maximum(at - calls.start_ns, 0), most)
        need = most.copy()
        for leaf in np.unique(calls.leaf[late]):
            rows = calls.leaf == leaf
            need[rows] = self._self_consistent(least[rows], most[rows], late[rows])
        return np.maximum(0.0, need - (switch or 0.0)), late

    def _self_consistent(self, least: Floats, most: Floats, late: Bools) -> Floats:
        """Return durations: those not *late* as they are, the others drawn within their bounds.

        The draws are from the self-consistent estimate of the distribution.
        """
        need = most.copy()
        exact = np.sort(most[~late])
        first = np.searchsorted(exact, least[late], "left")
        last = np.searchsorted(exact, most[late], "right")
        none = last == first
        middle = (least[late] + most[late]) / 2
        weights = _masses(len(exact), first[~none], last[~none])
        upto = np.concatenate([[0.0], np.cumsum(weights)])
        drawn = middle
        inside = upto[first] + self.rng.random(len(first)) * (upto[last] - upto[first])
        chosen = np.clip(np.searchsorted(upto, inside, "right") - 1, first, np.maximum(last - 1, 0))
        if len(exact):
            drawn = np.where(none, middle, exact[np.minimum(chosen, len(exact) - 1)])
        need[late] = drawn
        return need


def _masses(exact: int, first: Int64s, last: Int64s) -> Floats:
    """Return (exact,) the probability of each exact value.

    Args:
        exact: how many values are known exactly; they are sorted.
        first: (n,) the first of them that is within the bounds of each censored value.
        last: (n,) the one after the last of them.
    """
    mass = np.full(exact, 1.0 / max(1, exact))
    for _ in range(_ITERATIONS):
        upto = np.concatenate([[0.0], np.cumsum(mass)])
        share = 1.0 / np.maximum(upto[last] - upto[first], 1e-300)
        steps = np.bincount(first, share, exact + 1) - np.bincount(last, share, exact + 1)
        new = (1.0 + mass * np.cumsum(steps)[:exact]) / (exact + len(first))
        moved = float(np.abs(new - mass).sum())
        mass = new
        if moved < _SETTLED:
            break
    return mass


def _union(start: Int64s, end: Int64s, near: int = 0) -> tuple[Int64s, Int64s]:
    """Return where intervals, and those not more than *near* apart as one, begin and end."""
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order])
    first = np.concatenate([[True], start[1:] > end[:-1] + near])
    return start[first], end[np.append(np.flatnonzero(first)[1:] - 1, len(end) - 1)]


def _mode(values: Int64s) -> float | None:
    """Return the half-sample mode; None of too few values."""
    if len(values) < _LEAST_TRANSITIONS:
        return None
    values = np.sort(values)
    while len(values) > 2:  # noqa: PLR2004
        half = (len(values) + 1) // 2
        widths = values[half - 1 :] - values[: len(values) - half + 1]
        at = int(np.argmin(widths))
        values = values[at : at + half]
    return float(values.mean())
