"""What requests needed, without what they waited for: CPU time and calls from their intervals.

On one event loop computing intervals cannot overlap. So where the intervals between a request's
calls overlap those of other requests, part of them was waiting; and a call that returned while the
loop computed for others was noticed late: when it was ready is only known to be within that busy
stretch. Its duration is *interval-censored*. It is drawn within its bounds from the estimated
distribution, so that every request has durations of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simsched.calibrate.busy import Busy, busy_from, union
from simsched.calibrate.censored import drawn_between, self_consistent
from simsched.calibrate.mode import NOTHING, Moment, above, mean_of, mode
from simsched.calibrate.noticed import Noticed
from simsched.workload.arrays import Bools, Floats, Int32s, Int64s

_SEED = 1976


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
        waited: (n,) whether the loop was busy when the interval began with the request, so that
            this may have waited before.
        outside_ns: CPU time of the server around a request, before its span and after it, as far as
            it is seen where the loop goes from one request to the next; None if it is not.
        switch_ns: CPU time of the server at each return to a request; None if it is not seen.
    """

    need_ns: Floats
    censored: Bools
    waited: Bools
    outside_ns: Moment | None
    switch_ns: Moment | None


def demands_on_loops(recorded: Recorded) -> Demands:
    """Return what the intervals needed, where each process is an event loop."""
    need = (recorded.end_ns - recorded.start_ns).astype(float)
    censored, waited = np.zeros((2, len(need)), np.bool_)
    outside, switch = [], []
    # Nanoseconds since 1970 are more than floats hold.
    origin = recorded.start_ns.min()
    recorded = replace(
        recorded, start_ns=recorded.start_ns - origin, end_ns=recorded.end_ns - origin
    )
    for loop in np.unique(recorded.loop):
        rows = recorded.loop == loop
        found = _Loop(recorded.of(rows)).demands()
        need[rows], censored[rows] = found.need_ns, found.censored
        waited[rows] = found.waited
        outside.append(found.outside_ns)
        switch.append(found.switch_ns)
    return Demands(need, censored, waited, mean_of(outside), mean_of(switch))


def demands_as_recorded(recorded: Recorded) -> Demands:
    """Return what the intervals needed, where nothing waits for a loop: their lengths."""
    length = (recorded.end_ns - recorded.start_ns).astype(float)
    nothing = np.zeros(len(length), np.bool_)
    return Demands(length, nothing, nothing, None, None)


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
        censored, waited = np.zeros((2, len(need)), np.bool_)
        cpu = recorded.computes
        need[cpu], censored[cpu] = self._cpu()
        began = np.where(self.runs, self.start, self.end - need[cpu].astype(np.int64))
        outside, switch = self._between(began)
        busy = self._busy(began, outside or (NOTHING, NOTHING), switch or NOTHING)
        waited[cpu] = (
            recorded.begins[cpu] & self.runs & (self.start - busy.since(self.start) > busy.near_ns)
        )
        if self.runs[recorded.resumes[cpu]].any():
            need[~cpu], censored[~cpu] = self._calls(busy, (switch or NOTHING).value)
        around = None
        if outside is not None:
            before, after = outside
            error = (before.error**2 + after.error**2) ** 0.5
            around = Moment(before.value + after.value, error)
        return Demands(need, censored, waited, around, switch)

    def _others_at(self, rows: Bools) -> Bools:
        """Return whether others computed when the intervals *rows* began."""
        at = self.start[rows]
        started = np.searchsorted(self.starts, at, "left")
        over = np.searchsorted(self.ends, at, "right")
        # An interval of no length has started and ended at that moment.
        others: Bools = started > over
        return others

    def _run_from_their_start(self, rows: Bools) -> bool:
        if not rows.any():
            return True
        started, over = union(self.start, self.end)
        busy = (over - started).sum() / max(1, self.ends[-1] - self.starts[0])
        return bool(self._others_at(rows).mean() <= busy / 2)

    def _cpu(self) -> tuple[Floats, Bools]:
        """Return the CPU time of each computing interval, and whether it was drawn."""
        length = (self.end - self.start).astype(float)
        # Who waits for the loop runs from when the last of the others stopped, to the own end.
        before = np.searchsorted(self.ends, self.end, "left") - 1
        last = np.where(before >= 0, self.ends[np.maximum(before, 0)], self.starts[0])
        ran = (self.end - np.maximum(self.start, last)).astype(float)
        need = np.where(self.runs, length, ran)
        started = np.searchsorted(self.starts, self.end, "left")
        inside = started > np.searchsorted(self.starts, self.start, "right")
        mixed: Bools = self.runs & (inside | self._others_at(np.ones(len(self.start), np.bool_)))
        least = self._alone()
        for leaf in np.unique(self.leaf[mixed]):
            of_leaf = self.leaf == leaf
            rows = np.flatnonzero(of_leaf & mixed)
            donors = np.sort(length[of_leaf & ~mixed])
            need[rows] = drawn_between(self.rng, donors, least[rows], length[rows])
        return self._divided(need, least, mixed), mixed

    def _divided(self, need: Floats, least: Floats, mixed: Bools) -> Floats:
        """Return needs that add up to the time in which intervals overlap.

        Each keeps the *least*, when no other computed. The rest is divided as it was drawn.
        """
        order = np.argsort(self.start, kind="stable")
        until = np.maximum.accumulate(self.end[order])
        first = np.concatenate([[True], self.start[order][1:] >= until[:-1]])
        together = np.empty(len(order), np.int64)
        together[order] = np.cumsum(first) - 1
        last = np.append(np.flatnonzero(first)[1:] - 1, len(order) - 1)
        passed = (until[last] - self.start[order][first]).astype(float)
        drawn = need - least
        shared = np.maximum(0.0, passed - np.bincount(together, least))
        by = shared / np.maximum(np.bincount(together, drawn), 1.0)
        whole = np.bincount(together, ~mixed) == 0
        most = self.end - self.start
        return np.where(whole[together], np.minimum(least + drawn * by[together], most), need)

    def _alone(self) -> Floats:
        """Return (n,) for how long no other request computed during each interval."""
        times = np.concatenate([self.starts, self.ends])
        change = np.concatenate([np.ones(len(self.starts)), -np.ones(len(self.ends))])
        order = np.argsort(times, kind="stable")
        times, active = times[order], np.cumsum(change[order])
        total = np.concatenate([[0.0], np.cumsum(np.diff(times) * (active[:-1] == 1))])
        until: Floats = np.interp(self.end, times, total) - np.interp(self.start, times, total)
        return until

    def _between(self, began: Int64s) -> tuple[tuple[Moment, Moment] | None, Moment | None]:
        """Return the CPU time that the server takes before and after spans, and at each return.

        It is what passes between two requests where the second surely waited: after long
        computing of the first, the most common time.
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
        # What takes longer than most computing was no overhead, but an idle loop.
        request = np.cumsum(recorded.begins)[cpu][order]
        usable = long & runs & (request[1:] != request[:-1])
        usable &= (passed >= 0) & (passed < np.quantile(end - start, 0.75))
        resuming, ending = (
            mode(passed[usable & ~answers & resumes]),
            mode(passed[usable & answers & resumes]),
        )
        switch = resuming or ending
        usual = switch or NOTHING
        after = above(ending or usual, usual)
        # What requests wait for together passed before the first of them.
        usable &= begins & (passed > usual.value)
        before = mode(passed[usable & ~answers])
        both = mode(passed[usable & answers])
        if before is None and both is not None:
            before = above(both, after)
        if switch is None and before is None:
            return None, None
        return (before or NOTHING, after), switch

    def _busy(self, began: Int64s, outside: tuple[Moment, Moment], switch: Moment) -> Busy:
        """Return since when the loop was busy, with what it computes unseen."""
        recorded = self.recorded
        cpu = recorded.computes
        before, after = (each.value for each in outside)
        unseen = recorded.begins[cpu] * before + recorded.resumes[cpu] * switch.value
        end = self.end + (recorded.answers[cpu] * after).astype(np.int64)
        near = round(2 * switch.value) + 20_000
        alone = near + round(max(before, switch.value))
        return Busy(busy_from(began, end, unseen, near), alone)

    def _calls(self, busy: Busy, returning: float) -> tuple[Floats, Bools]:
        """Return the duration of each call, and whether it was drawn within bounds."""
        recorded = self.recorded
        cpu = recorded.computes
        calls = recorded.of(~cpu)
        at = busy.since(calls.end_ns)
        most = (calls.end_ns - calls.start_ns).astype(float)
        late = calls.end_ns - at > round(3 * returning) + 20_000
        least = np.where(late, np.maximum(at - calls.start_ns, 0), most)
        first = self.start[recorded.begins[cpu] & self.runs]
        events = Noticed(
            at_ns=np.concatenate([calls.end_ns, first]),
            earliest_ns=np.concatenate(
                [calls.end_ns - (most - least).astype(np.int64), busy.since(first)]
            ),
            began_ns=np.concatenate([calls.start_ns, first]),
            leaf=np.concatenate([calls.leaf, np.full(len(first), -1, np.int32)]),
        )
        known = {
            int(leaf): self_consistent(least[rows], most[rows], late[rows])
            for leaf in np.unique(calls.leaf[late])
            for rows in [calls.leaf == leaf]
        }
        ready = events.ready_ns(self.rng, known)[: len(most)]
        return np.maximum(0.0, ready - calls.start_ns - returning), late
