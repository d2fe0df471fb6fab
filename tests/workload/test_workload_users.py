"""Closed workloads: blocks of requests, the same whoever else there is."""

from __future__ import annotations

import itertools
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from workload_scenes import FEEDBACK, closed, scenario

import simsched
from simsched.workload import Block, ClosedWorkload, draw, is_random, offered_load
from simsched.workload.closed import LARGEST_BLOCK, extent, stays

CLASSES = {"page": FEEDBACK, "ping": [{"cpu": {"exponential": "1ms"}}]}


def drawn(users=3, replication=1, seed=1, **workload):
    think = workload.pop("think", {"exponential": "1s"})
    return draw(scenario(closed(users, think, **workload), CLASSES, seed=seed), replication)


def of_user(block, user):
    """Everything that chance said about one user's requests in a block."""
    mine = range(user * block.per_user, (user + 1) * block.per_user)
    programs = [
        block.duration_ns[block.first_row[i] : block.first_row[i + 1]].tolist() for i in mine
    ]
    columns = (block.think_ns, block.class_id, block.dispatch)
    return programs, [column[mine.start : mine.stop].tolist() for column in columns]


def test_blocks_follow_one_another_and_grow():
    extents = [extent(number) for number in range(12)]
    assert extents[:4] == [(0, 8), (8, 16), (24, 32), (56, 64)]
    assert extents[-1][1] == extents[-2][1] == LARGEST_BLOCK
    for (before, size), (following, _) in itertools.pairwise(extents):
        assert before + size == following


def test_a_closed_workload_tells_its_users_and_its_end():
    workload = drawn(7, duration="15s")
    assert isinstance(workload, ClosedWorkload)
    (users,) = workload.populations
    assert (users.users, workload.end_ns, users.most_requests) == (7, 15_000_000_000, None)
    counted = drawn(7, requests=100)
    assert (counted.end_ns, counted.populations[0].most_requests) == (None, 100)


def test_a_block_holds_requests_of_every_user():
    block = drawn(3).block(1)
    assert isinstance(block, Block)
    assert (block.before, block.per_user, len(block)) == (8, 16, 48)
    assert len(block.think_ns) == len(block.class_id) == len(block.dispatch) == 48
    assert (block.demand_ns() > 0).all()


@pytest.mark.parametrize("number", [0, 1, 5])
def test_a_block_is_the_same_whenever_it_is_drawn(number):
    early = drawn().block(number)
    workload = drawn()
    workload.block(2)
    assert of_user(workload.block(number), 1) == of_user(early, 1)


@pytest.mark.parametrize("number", [0, 1])
def test_more_users_leave_the_first_ones_as_they_were(number):
    few, many = drawn(3).block(number), drawn(5).block(number)
    for user in range(3):
        assert of_user(few, user) == of_user(many, user)


def test_users_blocks_replications_and_seeds_differ():
    sixteen = [
        drawn(2, replication, seed).block(number).think_ns[i]
        for replication in (1, 2)
        for seed in (1, 2)
        for number in (1, 2)
        for i in (0, drawn(2).block(number).per_user)
    ]
    assert len(set(sixteen)) == 16


def test_users_think_as_they_are_said_to():
    think_s = drawn(100).block(3).think_ns / 1e9
    assert stats.kstest(think_s, stats.expon().cdf).pvalue > 0.001


def test_classes_are_drawn_from_the_mix():
    counts = np.bincount(drawn(100, mix={"page": 3, "ping": 1}, duration="1s").block(4).class_id)
    assert stats.chisquare(counts, counts.sum() * np.array([0.75, 0.25])).pvalue > 0.001


def test_users_think_before_their_first_request():
    first = drawn(5, think="3s").block(0)
    assert first.think_ns.tolist() == [3 * 10**9] * 40
    think_s = drawn(2000).block(0).think_ns[::8] / 1e9
    assert stats.kstest(think_s, stats.expon().cdf).pvalue > 0.001


def test_users_begin_one_after_the_other_while_they_ramp_up():
    block = drawn(4, ramp_up="10s", think="1s").block(0)
    first_s = block.think_ns[:: block.per_user] / 1e9
    assert first_s.tolist() == [1, 3.5, 6, 8.5]
    later = drawn(4, ramp_up="10s").block(1)
    assert of_user(later, 2) == of_user(drawn(4).block(1), 2)


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_both_engines_let_users_think_first(engine):
    written = scenario(
        closed(2, "1s", "1s", requests=4), {"page": [{"cpu": "10ms"}]}, run={"engine": engine}
    )
    requests = simsched.run(written).requests
    assert requests["arrival_ns"].tolist() == [ms * 10**6 for ms in (1000, 1500, 2010, 2510)]


def test_a_long_ramp_up_of_many_users_is_exact():
    users, year = 10_000, 8784 * 3600 * 10**9
    block = drawn(users, ramp_up="8784h", think=0, requests=1).block(0)
    begins = block.think_ns[:: block.per_user]
    assert begins[[0, 1, 2, -1]].tolist() == [u * year // users for u in (0, 1, 2, users - 1)]


def test_a_paced_user_begins_at_once_and_has_a_draw_for_each_later_request():
    pacing = {"uniform": {"low": "1s", "high": "2s"}}
    written = {"closed": {"users": 2, "pacing": pacing, "ramp_up": "10s"}, "duration": "60s"}
    workload = draw(scenario(written), 1)
    assert workload.populations[0].paced
    assert is_random(scenario(written))
    assert workload.block(0).think_ns[:: workload.block(0).per_user].tolist() == [0, 5 * 10**9]
    later = workload.block(1).think_ns
    assert later.min() >= 10**9
    assert later.max() <= 2 * 10**9


@given(
    st.lists(st.tuples(st.integers(0, 10**17), st.integers(0, 9)), min_size=1, max_size=6),
    st.data(),
)
def test_at_any_time_as_many_users_are_there_as_the_stages_have_it(stages, data):
    stages = [(0, 3), *sorted(stages, key=lambda stage: stage[0])]
    found = stays(stages)
    moment = data.draw(
        st.integers(0, 2 * stages[-1][0] + 1) | st.sampled_from([at for at, _ in stages])
    )
    there = sum(
        join <= moment < leave for join, leave in zip(found.joins_ns, found.leaves_ns, strict=True)
    )
    assert there == number_at(stages, moment)
    assert len(found.first) == 1 + max(users for _, users in stages)


def number_at(stages, moment):
    """Return the number of users at *moment*, from the definition."""
    passed = [i for i, (at, _) in enumerate(stages) if at <= moment]
    at, users = stages[passed[-1]]
    if passed[-1] + 1 == len(stages):
        return users
    after, then = stages[passed[-1] + 1]
    return math.floor(users + Fraction((then - users) * (moment - at), after - at))


def test_many_users_who_join_over_a_long_time_do_so_evenly():
    year = 8784 * 3600 * 10**9
    found = stays([(0, 0), (year, 1_000_000), (2 * year, 0)])
    assert found.joins_ns[[0, 499_999, -1]].tolist() == [-(-year // 1_000_000), year // 2, year]
    assert (found.leaves_ns + found.joins_ns == 2 * year + 1).all()


def test_a_think_time_beyond_2_to_the_53_is_exact():
    think_ns = drawn(1, think="31000000000000001ns").block(0).think_ns
    assert set(think_ns.tolist()) == {31_000_000_000_000_001}


def test_without_think_time_users_ask_again_at_once():
    assert not drawn(think=0).block(1).think_ns.any()


def test_a_closed_workload_travels_to_another_process():
    workload = drawn()
    copy = pickle.loads(pickle.dumps(workload))  # noqa: S301  it is our own
    assert of_user(copy.block(1), 0) == of_user(workload.block(1), 0)


@pytest.mark.parametrize(
    ("think", "classes", "expected"),
    [
        ("1s", {"page": [{"cpu": "1ms"}]}, False),
        ({"exponential": "1s"}, {"page": [{"cpu": "1ms"}]}, True),
        ("1s", CLASSES, True),
        ("1s", {"page": [{"cpu": "1ms"}], "ping": [{"cpu": "1ms"}]}, True),
    ],
)
def test_users_are_random_when_chance_decides_what_they_do(think, classes, expected):
    assert is_random(scenario(closed(3, think), classes)) == expected


def test_users_offer_no_rate():
    scene = scenario(closed(3))
    assert offered_load(scene, scene.servers["server"]) is None


def test_a_hundred_thousand_users_have_a_first_block_within_bounds():
    block = drawn(100_000).block(0)
    columns = (block.think_ns, block.class_id, block.first_row, block.step_id, block.duration_ns)
    assert len(block) == 800_000
    assert sum(column.nbytes for column in columns) < 64 * len(block)
