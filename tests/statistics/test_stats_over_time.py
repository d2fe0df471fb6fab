from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simsched
from simsched.engine.trace import Trace
from simsched.scenario import loads
from simsched.statistics.over_time import _within, over_time, stretches
from simsched.statistics.presence import count_steps, in_queue, in_system, interval_of, mean_count

STAYS = st.lists(
    st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda s: (s[0], s[0] + s[1])),
    min_size=1,
    max_size=30,
)


def columns(stays: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    came, went = np.array(stays, dtype=np.int64).T
    return came, went


def test_two_stays_that_overlap_by_half_count_one_and_a_half():
    came, went = columns([(0, 100), (50, 150)])
    assert mean_count(came, went, np.array([0.0, 100.0, 200.0])).tolist() == [1.5, 0.5]


@given(STAYS)
def test_all_intervals_together_hold_the_whole_of_every_stay(stays):
    came, went = columns(stays)
    edges = np.linspace(0, 2000, 14)
    total = float(mean_count(came, went, edges) @ np.diff(edges))
    assert total == pytest.approx(float(np.sum(went - came)), abs=1e-6)


@given(STAYS)
def test_steps_count_those_who_are_there(stays):
    came, went = columns(stays)
    times, counts = count_steps(came, went)
    for time, count in zip(times * 1e9, counts, strict=True):
        assert count == sum(c <= round(time) < w for c, w in stays)


@given(STAYS)
def test_the_mean_is_the_integral_of_the_steps(stays):
    came, went = columns(stays)
    times, counts = count_steps(came, went)
    integral = float(np.diff(times * 1e9, append=2000) @ counts)
    (mean,) = mean_count(came, went, np.array([0.0, 2000.0]))
    assert mean * 2000 == pytest.approx(integral, abs=1e-5)


@given(
    st.lists(st.integers(-5, 10**6 + 5), min_size=1, max_size=40),
    st.integers(1, 130),
    st.integers(1, 10**6),
)
def test_every_instant_is_in_the_interval_between_its_edges(instants, intervals, end):
    edges = np.linspace(0, end, intervals + 1)
    found = interval_of(np.array([*instants, *np.rint(edges).astype(int)]), edges)
    exact = np.searchsorted(edges, [*instants, *np.rint(edges)], side="right") - 1
    assert found.tolist() == np.clip(exact, 0, intervals - 1).tolist()


STORM = """
name: storm
requests: {page: [{cpu: 100ms}]}
workload: {schedule: [{at: 0ms, request: page, times: 5}]}
client: {timeout: 150ms, retries: {max: 1, backoff: {initial: 50ms}, jitter: none}}
servers: {s: {model: serial}}
"""
"""The first is answered at 100 ms; four give up at 150 ms and again, for good, at 350 ms."""

MIXED = """
name: mixed
requests:
  page: [{io: {exponential: 40ms}}, {cpu: {exponential: 4ms}}, {io: 30ms}, {cpu: 2ms}]
workload: {open: {rate: 140/s}, requests: 180}
client: {timeout: 100ms, retries: {max: 2, backoff: {initial: 10ms}}}
servers:
  s: {model: cooperative}
run: {replications: 1}
"""


def told(text: str, *overrides: str) -> Trace:
    return simsched.run(loads(text, overrides=overrides)).traces["s"][0]


def there(stays: tuple[np.ndarray, np.ndarray], at_ms: float) -> int:
    came, went = stays
    return int(np.count_nonzero((came <= at_ms * 1e6) & (at_ms * 1e6 < went)))


def test_a_request_that_is_tried_again_is_in_the_system_once():
    storm = told(STORM)
    assert len(storm) == 9
    assert [there(in_system(storm), at) for at in (50, 120, 170, 300, 360)] == [5, 4, 4, 4, 0]


def test_what_clients_gave_up_waits_in_the_queue_all_the_same():
    """From 200 ms on the four that were left behind wait with the four that were sent again."""
    storm = told(STORM)
    waiting = [there(in_queue(storm), at) for at in (50, 120, 170, 250, 360, 750)]
    assert waiting == [4, 3, 3, 6, 5, 1]


def test_what_clients_gave_up_has_left_the_queue_of_a_server_that_drops_it():
    storm = told(STORM, "servers.s.cancel_abandoned=true")
    assert [there(in_queue(storm), at) for at in (50, 120, 170, 250, 360)] == [4, 3, 0, 3, 0]


def test_who_gives_up_is_counted_once_and_every_attempt_is_sent():
    storm = told(STORM)
    found = over_time(storm, 9)
    assert found is not None
    length_s = np.diff(found.edges_s)
    assert float(found.failures_per_s @ length_s) == pytest.approx(4)
    assert float(found.throughput_per_s @ length_s) == pytest.approx(1)
    assert float(found.attempts_per_s @ length_s) == pytest.approx(9)


def test_a_cpu_that_always_computes_is_always_full():
    """Nine attempts of 100 ms each, eight of which nobody waits for in the end."""
    found = over_time(told(STORM), 9)
    assert found is not None
    assert found.cpu_share.tolist() == pytest.approx([1.0] * 9)


@pytest.mark.parametrize("intervals", [7, 30, 120])
def test_the_cpu_is_never_more_than_full_and_does_all_that_is_computed(intervals):
    mixed = told(MIXED)
    found = over_time(mixed, intervals)
    assert found is not None
    assert mixed.late_cpu_ns is not None
    assert mixed.late_cpu_ns.sum() > 0
    assert found.cpu_share.max() <= 1
    computed = found.cpu_share @ (np.diff(found.edges_s) * 1e9)
    assert computed == pytest.approx(mixed.cpu_ns.sum() + mixed.late_cpu_ns.sum(), rel=1e-9)


def test_the_share_is_near_what_the_stretches_tell():
    mixed = told(MIXED)
    stays = stretches(mixed)
    assert stays is not None
    found = over_time(mixed, 10)
    assert found is not None
    exact = mean_count(*stays, found.edges_s * 1e9)
    assert np.abs(found.cpu_share - exact).max() < 0.1


def test_stretches_that_are_not_all_stored_tell_nothing():
    assert stretches(told(MIXED, "workload.requests=600")) is None


def test_more_than_the_cores_can_do_is_done_later():
    spent, room = np.array([0.0, 3.0, 3.0, 4.0]), np.array([0.0, 2.0, 4.0, 6.0])
    assert _within(spent, room).tolist() == [0, 2, 3, 4]


def test_what_is_then_left_over_at_the_end_is_done_earlier():
    spent, room = np.array([0.0, 0.0, 1.0, 5.0]), np.array([0.0, 2.0, 4.0, 6.0])
    assert _within(spent, room).tolist() == [0, 1, 3, 5]
