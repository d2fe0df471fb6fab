from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.statistics.streaming.stretches import MOST, SHORTEST_NS, Stretches
from simsched.statistics.streaming.tally import Tally
from simsched.workload.arrays import total


@given(st.integers(0, 2**62), st.integers(0, 2**40))
def test_however_long_a_run_gets_its_stretches_are_few(time, origin):
    stretches = Stretches(origin)
    stretches.reach(origin + time)
    assert 1 <= len(stretches.tallies) <= MOST
    assert stretches.length_ns == SHORTEST_NS or len(stretches.tallies) > MOST / 2
    start, end = stretches.bounds(len(stretches.tallies) - 1)
    assert start <= origin + time < end


@given(st.lists(st.integers(0, 2**34), min_size=1, max_size=30), st.integers(0, 2**33))
def test_nothing_is_lost_where_stretches_are_joined(times, origin):
    stretches = Stretches(origin)
    for time in times:
        stretches.reach(time)
        for number, _ in stretches.groups(np.array([time])):
            stretches[number].arrived += 1
    counted = [stretches.early.arrived, *(one.arrived for one in stretches.tallies)]
    bounds = [stretches.bounds(number) for number in range(-1, len(stretches.tallies))]
    assert counted == [sum(start <= time < end for time in times) for start, end in bounds]


@given(
    st.lists(st.tuples(*[st.integers(0, 2**33)] * 3), min_size=1, max_size=20),
    st.integers(0, 2**32),
)
def test_cpu_time_is_spread_over_the_stretches_it_is_within(rows, origin):
    spent, since, length = np.array(rows, np.int64).T
    until = since + length
    stretches = Stretches(origin)
    stretches.reach(int(until.max()))
    stretches.spread(spent, since, until)
    for number in range(-1, len(stretches.tallies)):
        start, end = stretches.bounds(number)
        expected = sum(
            cpu * max(0, min(b, end) - max(a, start)) / (b - a)
            if b > a
            else cpu * (start <= a < end)
            for cpu, a, b in zip(spent.tolist(), since.tolist(), until.tolist(), strict=True)
        )
        assert stretches[number].cpu_ns == pytest.approx(expected, rel=1e-9, abs=1e-3)


def test_sums_of_times_do_not_overflow():
    year = 366 * 24 * 3600 * 10**9
    assert total(np.full(1000, year)) == 1000 * year > 2**63


def test_tallies_of_two_stretches_add_up():
    first, second = Tally(), Tally()
    first.arrived, second.arrived = 2, 3
    first.longest_ns, second.longest_ns = 7, 5
    first.spent_ns["cpu"], second.spent_ns["cpu"] = 2**70, 1
    first.merge(second)
    assert (first.arrived, first.longest_ns, first.spent_ns["cpu"]) == (5, 7, 2**70 + 1)
