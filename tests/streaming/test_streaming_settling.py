from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simsched.statistics.mser import BATCH, batch_sums
from simsched.statistics.streaming.settling import MOST, Settling


@settings(max_examples=20)
@example([59_985, 60_000], 0)
@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=6), st.integers(0, 99))
def test_however_many_come_few_sums_are_kept_and_nothing_is_lost(sizes, seed):
    values = np.random.default_rng(seed).integers(0, 1000, sum(sizes))
    settling, start = Settling(), 0
    for size in sizes:
        settling.add(values[start : start + size], np.arange(start, start + size))
        start += size
    assert len(settling) < MOST
    assert len(settling) == sum(sizes) // settling.size
    per_sum = settling.size // BATCH
    fives = batch_sums(values, len(settling) * per_sum).reshape(-1, per_sum)
    assert settling.sums(settling.size).tolist() == fives.sum(axis=1).tolist()
    double = settling.sums(2 * settling.size)
    assert (
        double.tolist() == fives[: len(double) * 2].sum(axis=1).reshape(-1, 2).sum(axis=1).tolist()
    )
    for number in range(0, len(double), 100):
        assert settling.time_ns(number, 2 * settling.size) == number * 2 * settling.size
