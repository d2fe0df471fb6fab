"""Waiting is taken out of what spans show: by hand, and of simulated loops."""

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np
import pytest

from simsched.calibrate.contention import occupying, served_alone
from simsched.calibrate.demands import Recorded, demands_as_recorded, demands_on_loops
from simsched.calibrate.yields import Turns

US, MS = 1_000, 1_000_000


def loop(requests: int, seed: int, *, noticed: bool, unseen: tuple[int, int] = (0, 0)):
    """Run requests with 2 ms, a call of 10 to 30 ms, and 6 ms on a loop by hand, at 50 a second.

    Return what spans would show, and what the requests needed. Where a call is *noticed*, its span
    ends when the loop returns to the request, otherwise when its answer came. For each request and
    each answer the loop computes something *unseen*: of all that it finds at once before the first
    goes on, as asyncio does.
    """
    rng = np.random.default_rng(seed)
    arrival = np.cumsum(rng.exponential(20 * MS, requests)).astype(np.int64)
    cpu = (rng.uniform(0.5, 1.5, (requests, 2)) * (2 * MS, 6 * MS)).astype(np.int64)
    call = rng.uniform(10 * MS, 30 * MS, requests).astype(np.int64)
    ready = [(int(at), i, 0) for i, at in enumerate(arrival)]
    free, called, rows, found = 0, {}, [], []
    while ready or found:
        if not found:
            free = max(free, ready[0][0])
            while ready and ready[0][0] <= free:
                found.append(heapq.heappop(ready))
            free += sum(unseen[part] for _, _, part in found)
        at, i, part = found.pop(0)
        start = free
        free = start + int(cpu[i, part])
        began = start if noticed else at
        rows.append((i, 2 * part, began, free, True))
        if part:
            rows.append((i, 1, called[i], began, False))
        else:
            called[i] = free
            heapq.heappush(ready, (free + int(call[i]), i, 1))
    rows.sort()
    i, leaf, start, end, computes = (np.array(each) for each in zip(*rows, strict=True))
    recorded = Recorded(
        start_ns=start.astype(np.int64),
        end_ns=end.astype(np.int64),
        loop=np.zeros(len(i), np.int32),
        leaf=leaf.astype(np.int32),
        computes=computes.astype(bool),
        resumes=leaf == 2,
        begins=leaf == 0,
        answers=leaf == 2,
    )
    return recorded, np.stack([cpu[:, 0], call, cpu[:, 1]], axis=1).ravel()


@pytest.mark.parametrize("seed", range(3))
def test_waiting_for_a_loop_that_is_seen_as_computing_is_taken_out_exactly(seed):
    recorded, need = loop(400, seed, noticed=False)
    found = demands_on_loops(recorded)
    assert (found.need_ns == need).all()
    assert not found.censored.any()


@pytest.mark.parametrize("seed", range(3))
def test_calls_that_were_noticed_late_have_the_right_mean(seed):
    recorded, need = loop(3000, seed, noticed=True)
    found = demands_on_loops(recorded)
    computes = recorded.computes
    assert (found.need_ns[computes] == need[computes]).all()
    calls, late = ~computes, found.censored
    length = (recorded.end_ns - recorded.start_ns)[calls]
    error = need[calls].std() / np.sqrt(calls.sum())
    assert length.mean() - need[calls].mean() > 5 * error  # what spans show is far too long
    assert abs(found.need_ns[calls].mean() - need[calls].mean()) < 3 * error
    for quantile in (0.1, 0.5, 0.9):
        of_need = np.quantile(need[calls], quantile)
        assert np.quantile(found.need_ns[calls], quantile) == pytest.approx(of_need, rel=0.03)
    exact = calls & ~late
    assert (found.need_ns[exact] == need[exact]).mean() > 0.9


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("request_ns", [500 * US, 2 * MS])
def test_what_a_loop_computes_unseen_makes_calls_late_too(request_ns, seed):
    recorded, need = loop(6000, seed, noticed=True, unseen=(request_ns, 50 * US))
    found = demands_on_loops(recorded)
    calls = ~recorded.computes
    error = need[calls].std() / np.sqrt(calls.sum())
    assert abs(found.need_ns[calls].mean() - need[calls].mean()) < 2 * error


def test_computing_that_overlaps_adds_up_to_the_time_that_it_took():
    """Of every 20th pair, the first is noticed to go on while the second computes."""
    n = 400
    at = 100 * MS * np.arange(n)
    short, long = np.full(n, 1 * MS), np.full(n, 20 * MS)
    over = np.arange(n) % 20 == 0
    # The two of a pair are apart, or the long one runs within the short one.
    start = np.stack([at, np.where(over, at + MS // 2, at + 50 * MS)], axis=1)
    end = np.stack([at + short + over * long, start[:, 1] + long], axis=1)
    recorded = Recorded(
        start_ns=start.ravel().astype(np.int64),
        end_ns=end.ravel().astype(np.int64),
        loop=np.zeros(2 * n, np.int32),
        leaf=np.tile([0, 1], n).astype(np.int32),
        computes=np.ones(2 * n, np.bool_),
        resumes=np.zeros(2 * n, np.bool_),
        begins=np.ones(2 * n, np.bool_),
        answers=np.ones(2 * n, np.bool_),
    )
    found = demands_on_loops(recorded)
    assert found.need_ns.reshape(n, 2).sum(axis=1) == pytest.approx(short + long)
    assert found.need_ns.reshape(n, 2)[over] == pytest.approx(np.tile([MS, 20 * MS], (20, 1)))


def turns(*rows: tuple[int, int, int], unseen_ms: int = 0, returning_ms: int = 0) -> Turns:
    """Return intervals, each with its beginning and end in ms, and its leaf; a request each."""
    start, end, leaf = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    unseen = np.full(n, float(unseen_ms * MS))
    return Turns(
        start * MS, end * MS, leaf.astype(np.int32), np.arange(n), unseen, returning_ms * MS
    )


def repeated(*rows: tuple[int, int, int], times: int = 3) -> list[tuple[int, int, int]]:
    """Return rows that occur again and again, a second later each time."""
    return [(a + 1000 * i, b + 1000 * i, leaf) for i in range(times) for a, b, leaf in rows]


def computed(found: Turns, n: int) -> list[float]:
    """Return how many ms the first *n* intervals computed."""
    return (found.computed()[0][:n] / MS).tolist()


def test_a_request_that_yields_computes_before_and_after_the_others():
    """It computes 2 ms, lets one of 4 and one of 7 ms run, and computes 3 ms."""
    found = turns(*repeated((10, 26, 0), (12, 16, 1), (16, 23, 1)))
    need, doubtful, yields, gave_way = found.computed()
    assert (need.reshape(-1, 3) == [5 * MS, 4 * MS, 7 * MS]).all()
    assert not doubtful.any()
    assert yields == {0: 2 * MS}
    assert gave_way.tolist() == [at for i in range(3) for at in ((1000 * i + 12) * MS, -1, -1)]


def test_what_the_loop_computes_unseen_between_them_is_not_theirs():
    rows = repeated((10, 26, 0), (13, 17, 1), (18, 25, 1))
    assert computed(turns(*rows, unseen_ms=1, returning_ms=1), 3) == [2, 4, 7]


def test_who_yields_to_none_has_still_returned():
    rows = [*repeated((10, 26, 0), (12, 23, 1)), (9000, 9008, 0), (9100, 9108, 1)]
    found = turns(*rows, returning_ms=1)
    assert found.computed()[2] == {0: 2 * MS}
    assert (found.computed()[0][-2:] == [7 * MS, 8 * MS]).all()


def test_two_that_both_yield_share_the_time_as_usual():
    """The second yields after 1 ms, as it usually does, so that the first goes on to its end."""
    usual = repeated((500, 510, 1), (501, 505, 2))
    rows = [(10, 20, 0), (12, 28, 1), *usual, *repeated((700, 710, 0), (702, 704, 2))]
    need, doubtful, yields, _ = turns(*rows).computed()
    assert yields == {1: 1 * MS, 0: 2 * MS}
    assert need[:2].tolist() == [2 * MS + 7 * MS, 1 * MS + 8 * MS]
    assert doubtful.tolist() == [True, True] + [False] * (len(rows) - 2)


def test_a_yield_is_seen_several_times_at_a_place_that_is_known():
    pair = (10, 26, 0), (12, 16, 1)
    assert turns(*repeated(*pair, times=2)).computed()[2] == {}
    assert turns(*repeated((10, 26, -1), (12, 16, -1))).computed()[2] == {}
    assert turns(*repeated((10, 12, 0), (12, 16, 1))).computed()[2] == {}  # one after the other
    lanes = turns(*repeated(*pair))
    assert replace(lanes, request=lanes.request // 2).computed()[2] == {}  # of one request


@pytest.mark.parametrize("noticed", [False, True])
def test_on_a_loop_that_runs_each_to_its_next_call_nothing_yields(noticed):
    recorded, _ = loop(2000, 1, noticed=noticed)
    assert not demands_on_loops(recorded).yields_ns


def test_where_nothing_waits_for_a_loop_intervals_are_what_is_needed():
    recorded, _ = loop(50, 1, noticed=True)
    found = demands_as_recorded(recorded)
    assert (found.need_ns == recorded.end_ns - recorded.start_ns).all()


def test_each_process_has_a_loop_of_its_own():
    recorded, need = loop(300, 1, noticed=False)
    twice = Recorded(
        *(
            np.concatenate([column, column + (name == "loop")])
            for name in recorded.__dataclass_fields__
            for column in [getattr(recorded, name)]
        )
    )
    assert (demands_on_loops(twice).need_ns == np.tile(need, 2)).all()


def line(n: int, seed: int):
    """Return calls of a database with one core: short queries, and sleeps that occupy nothing."""
    rng = np.random.default_rng(seed)
    start = np.cumsum(rng.exponential(4 * MS, n)).astype(np.int64)
    kind = rng.choice([3, 7], n, p=[0.8, 0.2]).astype(np.int32)
    need = np.where(kind == 3, rng.uniform(1 * MS, 2 * MS, n), 20 * MS).astype(np.int64)
    free, end = 0, start + need
    for i in np.flatnonzero(kind == 3):
        free = max(free, int(start[i])) + int(need[i])
        end[i] = free
    return start, (end - start).astype(float), kind, need


@pytest.mark.parametrize("seed", range(5))
def test_queries_that_wait_for_each_other_are_found_and_sleeps_are_not(seed):
    start, duration, kind, need = line(3000, seed)
    assert occupying(start, duration, kind) == (3,)
    rows = kind == 3
    assert (served_alone(start[rows], duration[rows]) == need[rows]).all()


@pytest.mark.parametrize("seed", range(5))
def test_calls_that_wait_for_nothing_occupy_nothing(seed):
    start, _, kind, need = line(3000, seed)
    assert occupying(start, need.astype(float), kind) == ()
