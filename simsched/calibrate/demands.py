"""What requests needed, without what they waited for: CPU time and calls from their intervals.

On one event loop computing intervals cannot overlap. So where the intervals between a request's
calls overlap those of other requests, part of them was waiting; and a call that returned while the
loop computed for others was noticed late: when it was ready is only known to be within that busy
stretch. Its duration is *interval-censored*. It is drawn within its bounds from the estimated
distribution, so that every request has durations of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from simsched.calibrate.busy import Busy, busy_from, union
from simsched.calibrate.censored import Noticed, self_consistent
from simsched.calibrate.mode import NOTHING, Moment, above, mean_of, mode
from simsched.calibrate.yields import Turns
from simsched.workload.arrays import Bools, Floats, Int32s, Int64s

_SEED = 1976
_AFTER_LONG = (0.75, 0.5)
"""Computing is long if this share of all is shorter; the second if too little is longer."""
_WAITS = 0.75
"""How often others compute where a span begins, relative to how busy the loop is, if it waits."""


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
        yields_ns: of the leaves in which requests let others run although they wait for nothing,
            after how much computing.
    """

    need_ns: Floats
    censored: Bools
    waited: Bools
    outside_ns: Moment | None
    switch_ns: Moment | None
    yields_ns: Mapping[int, int] = field(default_factory=dict)


def demands_on_loops(recorded: Recorded) -> Demands:
    """Return what the intervals needed, where each process is an event loop."""
    need = (recorded.end_ns - recorded.start_ns).astype(float)
    censored, waited = np.zeros((2, len(need)), np.bool_)
    outside, switch, yields_ns = [], [], dict[int, int]()
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
        yields_ns |= found.yields_ns
    return Demands(need, censored, waited, mean_of(outside), mean_of(switch), yields_ns)


def demands_as_recorded(recorded: Recorded) -> Demands:
    """Return what the intervals needed, where nothing waits for a loop: their lengths."""
    length = (recorded.end_ns - recorded.start_ns).astype(float)
    nothing = np.zeros(len(length), np.bool_)
    return Demands(length, nothing, nothing, None, None)


class _Loop:
    """The intervals of one event loop.

    A span begins either when the loop runs the request, as with instrumentation in the process, or
    already when the request could run, as with spans of a proxy or a simulation. Which it is shows
    in how often others compute at that moment: for the share of time that they do if it waited, and
    otherwise only those that have yielded.
    """

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        cpu = recorded.computes
        self.start, self.end = recorded.start_ns[cpu], recorded.end_ns[cpu]
        self.leaf = recorded.leaf[cpu]
        self.starts, self.ends = np.sort(self.start), np.sort(self.end)
        stopped = np.searchsorted(self.ends, self.end, "left") - 1
        # When the last of those stopped that stopped before each interval's end.
        self.last = np.where(stopped >= 0, self.ends[np.maximum(stopped, 0)], self.starts[0])
        runs = np.ones(len(self.start), np.bool_)
        for rows in (recorded.begins[cpu], recorded.resumes[cpu]):
            runs[rows] = self._run_from_their_start(rows)
        self.runs = runs
        self.gave_way_ns: Int64s = np.full(len(self.start), -1, np.int64)
        self.rng = np.random.default_rng(_SEED)

    def demands(self) -> Demands:
        recorded = self.recorded
        need = (recorded.end_ns - recorded.start_ns).astype(float)
        censored, waited = np.zeros((2, len(need)), np.bool_)
        cpu = recorded.computes
        began = np.where(self.runs, self.start, np.maximum(self.start, self.last))
        outside, switch = self._between(began)
        before, after = outside or (NOTHING, NOTHING)
        returning = (switch or NOTHING).value
        unseen = recorded.begins[cpu] * before.value + recorded.resumes[cpu] * returning
        need[cpu], censored[cpu], yields_ns = self._cpu(began, unseen, returning)
        busy = self._busy(began, unseen, before.value, after.value, returning)
        waited[cpu] = (
            recorded.begins[cpu] & self.runs & (self.start - busy.since(self.start) > busy.near_ns)
        )
        if self.runs[recorded.resumes[cpu]].any():
            need[~cpu], censored[~cpu] = self._calls(busy, before.value, returning)
        around = None
        if outside is not None:
            error = (before.error**2 + after.error**2) ** 0.5
            around = Moment(before.value + after.value, error)
        return Demands(need, censored, waited, around, switch, yields_ns)

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
        return bool(self._others_at(rows).mean() <= _WAITS * busy)

    def _cpu(
        self, began: Int64s, unseen: Floats, returning: float
    ) -> tuple[Floats, Bools, dict[int, int]]:
        """Return how long each interval computed, whether that is in doubt, and the yields."""
        need, doubtful = (self.end - began).astype(float), np.zeros(len(began), np.bool_)
        request = np.cumsum(self.recorded.begins, dtype=np.int64)[self.recorded.computes]
        at = np.flatnonzero(self.runs & (self.start < self.end))
        turns = Turns(
            self.start[at], self.end[at], self.leaf[at], request[at], unseen[at], returning
        )
        need[at], doubtful[at], found, gave_way = turns.computed()
        self.gave_way_ns[at] = gave_way
        return need, doubtful, found

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
        before_ns = (end - start)[:-1]
        # What takes longer than most computing was no overhead, but an idle loop.
        request = np.cumsum(recorded.begins)[cpu][order]
        usable = runs & (request[1:] != request[:-1])
        usable &= (passed >= 0) & (passed < np.quantile(end - start, 0.75))

        def common(rows: Bools) -> Moment | None:
            """Return the most common time that passes, after long computing if that is known."""
            found = (
                mode(passed[rows & (before_ns >= least)])
                for least in np.quantile(end - start, _AFTER_LONG)
            )
            return next((each for each in found if each is not None), None)

        resuming, ending = (common(usable & rows & resumes) for rows in (~answers, answers))
        switch = resuming or ending
        usual = switch or NOTHING
        after = above(ending or usual, usual)
        # What requests wait for together passed before the first of them.
        usable &= begins & (passed > usual.value)
        before, both = common(usable & ~answers), common(usable & answers)
        if before is None and both is not None:
            before = above(both, after)
        if switch is None and before is None:
            return None, None
        return (before or NOTHING, after), switch

    def _busy(
        self, began: Int64s, unseen: Floats, before: float, after: float, returning: float
    ) -> Busy:
        """Return since when the loop was busy, with what it computes unseen."""
        answers = self.recorded.answers[self.recorded.computes]
        end = self.end + (answers * after).astype(np.int64)
        near = round(returning) + 20_000
        alone = near + round(returning + max(before, returning))
        return Busy(busy_from(began, end, unseen, near), alone)

    def _calls(self, busy: Busy, before: float, returning: float) -> tuple[Floats, Bools]:
        """Return the duration of each call, and whether it was drawn within bounds."""
        recorded = self.recorded
        cpu = recorded.computes
        calls = recorded.of(~cpu)
        at = busy.since(calls.end_ns)
        # What the loop computes before it goes on with a request is no time of its call.
        most = np.maximum(calls.end_ns - calls.start_ns - round(returning), 0).astype(float)
        late = calls.end_ns - at > round(3 * returning) + 20_000
        least = np.where(late, np.maximum(at - calls.start_ns, 0), most)
        first = self.start[recorded.begins[cpu] & self.runs]
        # Those that let others run are behind what was ready then; the loop is theirs at their end.
        away = self.gave_way_ns >= 0
        gave_way, back = self.gave_way_ns[away], self.end[away] - 1
        earliest, latest = (calls.start_ns + each.astype(np.int64) for each in (least, most))
        since = busy.since(first)
        came = np.maximum(since, first - round(before))
        events = Noticed(
            at_ns=np.concatenate([latest, first, back]),
            earliest_ns=np.concatenate([earliest, since, gave_way]),
            latest_ns=np.concatenate([latest, came, gave_way]),
            began_ns=np.concatenate([calls.start_ns, first, gave_way]),
            leaf=np.concatenate([calls.leaf, np.full(len(first) + len(back), -1, np.int32)]),
        )
        known = {
            int(leaf): self_consistent(least[rows], most[rows], late[rows])
            for leaf in np.unique(calls.leaf[late])
            for rows in [calls.leaf == leaf]
        }
        ready = events.ready_ns(self.rng, known)[: len(latest)]
        return ready - calls.start_ns, late
