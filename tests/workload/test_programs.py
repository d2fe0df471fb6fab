"""Programs laid out from plans: what rows there are, and where their draws come from."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simsched.scenario.model.counts import ObservedTimes, UniformTimes
from simsched.workload import layout
from simsched.workload.distributions import counts
from simsched.workload.distributions.laws import Constant, Exponential
from simsched.workload.layout import lay_out
from simsched.workload.plans import Choice, FanOut, Repetition, Series
from simsched.workload.single_rows import Mark, Recorded, Single
from simsched.workload.steps import StepKind, critical_path
from simsched.workload.streams import Streams

HERE = Streams(3, 1).child("here")
FORK, BRANCH = 90, 91

NONE_OR_TWO = counts(ObservedTimes(values=(0, 2)))
ONE_OR_FOUR = counts(ObservedTimes(values=(1, 4)))
UP_TO_THREE, UP_TO_SIX = (
    counts(UniformTimes.model_validate({"uniform": {"low": 0, "high": most}})) for most in (3, 6)
)


def fixed(step, duration=7):
    return Single(step, Constant(duration), HERE.child(step))


def varying(step, mean=1e6):
    return Single(step, Exponential(mean), HERE.child(step))


def programs(plan, n=1):
    first_row, rows = lay_out([plan], np.zeros(n, np.int32))
    bounds = itertools.pairwise(first_row.tolist())
    columns = np.stack([rows.step_id, rows.duration_ns], axis=1)
    return [[tuple(row) for row in columns[a:b].tolist()] for a, b in bounds]


def test_a_series_is_its_phases_in_order():
    plan = Series((fixed(1, 10), Mark(2), fixed(3, 20)))
    assert programs(plan, 2) == [[(1, 10), (2, 0), (3, 20)]] * 2


def test_a_recorded_phase_takes_the_duration_of_its_request():
    plan = Choice((0.5, 0.5), (Recorded(1, np.arange(100)), Series(())), HERE)
    drawn = programs(plan, 100)
    taken = [(number, program) for number, program in enumerate(drawn) if program]
    assert 30 < len(taken) < 70
    assert all(program == [(1, number)] for number, program in taken)


def test_a_choice_takes_one_plan_in_the_proportions_of_its_weights():
    plan = Choice((0.2, 0.8), (fixed(1), Series((fixed(2), fixed(3)))), HERE)
    drawn = programs(plan, 20_000)
    assert {tuple(program) for program in drawn} == {((1, 7),), ((2, 7), (3, 7))}
    assert stats.binomtest(sum(len(p) == 1 for p in drawn), 20_000, 0.2).pvalue > 0.001


def test_a_repetition_does_its_plan_so_many_times():
    plan = Series((fixed(1), Repetition(counts(3), Series((fixed(2), fixed(3))), HERE), fixed(4)))
    assert [step for step, _ in programs(plan)[0]] == [1, 2, 3, 2, 3, 2, 3, 4]


def test_a_repetition_may_be_of_nothing():
    plan = Repetition(NONE_OR_TWO, fixed(1), HERE)
    assert {len(program) for program in programs(plan, 50)} == {0, 2}


def test_every_turn_of_a_repetition_is_drawn_anew():
    drawn = programs(Repetition(counts(100), varying(1), HERE))[0]
    assert len({duration for _, duration in drawn}) == 100


def test_a_fan_out_writes_its_branches_with_their_lengths():
    branches = (Series((fixed(1), fixed(2))), Series(()), fixed(3))
    assert programs(Series((FanOut(FORK, BRANCH, branches), fixed(4)))) == [
        [(FORK, 3), (BRANCH, 2), (1, 7), (2, 7), (BRANCH, 0), (BRANCH, 1), (3, 7), (4, 7)]
    ]


def test_the_length_of_a_branch_follows_what_chance_put_into_it():
    branch = Repetition(ONE_OR_FOUR, fixed(1), HERE)
    for program in programs(FanOut(FORK, BRANCH, (branch,)), 50):
        assert program[1] == (BRANCH, len(program) - 2)


def test_the_mean_number_of_rows_is_the_average_in_the_long_run():
    inner = Series((fixed(1), Repetition(UP_TO_SIX, fixed(2), HERE.child("times"))))
    choice = Choice((0.3, 0.7), (inner, fixed(3)), HERE.child("choice"))
    plan = FanOut(FORK, BRANCH, (choice, Series((fixed(4), Mark(5)))))
    lengths = np.array([len(program) for program in programs(plan, 20_000)])
    bound = stats.norm.ppf(0.9995) * lengths.std() / np.sqrt(len(lengths))
    assert abs(lengths.mean() - plan.mean_rows) < bound


class Names:
    """Gives each plan a step and a stream of its own."""

    def __init__(self):
        self.count = 0

    def next(self):
        self.count += 1
        return self.count


def plan_of(sketch, names):
    kind, *inner = sketch
    name = names.next()
    place = HERE.child(name)
    if kind == "phase":
        return Single(name, Exponential(1e6), place)
    plans = tuple(plan_of(each, names) for each in inner)
    if kind == "series":
        return Series(plans)
    if kind == "choice":
        return Choice((1 / len(plans),) * len(plans), plans, place)
    if kind == "repetition":
        return Repetition(UP_TO_THREE, Series(plans), place)
    return FanOut(FORK, BRANCH, plans)


sketches = st.recursive(
    st.just(("phase",)),
    lambda inner: st.builds(
        lambda kind, parts: (kind, *parts),
        st.sampled_from(["series", "choice", "repetition", "fan-out"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


def matches(plan, rows):
    """Return the rests of *rows* that may be left when *plan* has taken its own from the front."""
    if isinstance(plan, Single):
        return [rows[1:]] if rows and rows[0][0] == plan.step_id else []
    if isinstance(plan, Series):
        rests = [rows]
        for each in plan.plans:
            rests = [rest for before in rests for rest in matches(each, before)]
        return rests
    if isinstance(plan, Choice):
        return [rest for each in plan.plans for rest in matches(each, rows)]
    if isinstance(plan, Repetition):
        rests, turns = [rows], [rows]
        for _ in range(3):
            turns = [rest for before in turns for rest in matches(plan.plan, before)]
            rests += turns
        return rests
    return fan_out_matches(plan, rows)


def fan_out_matches(plan, rows):
    if not rows or rows[0] != (FORK, len(plan.branches)):
        return []
    rows = rows[1:]
    for branch in plan.branches:
        step, length = rows[0]
        if step != BRANCH or [] not in matches(branch, rows[1 : 1 + length]):
            return []
        rows = rows[1 + length :]
    return [rows]


@settings(deadline=None)
@given(sketches)
def test_every_program_is_one_that_its_plan_allows(sketch):
    plan = plan_of(sketch, Names())
    for program in programs(plan, 20):
        assert [] in matches(plan, program)


@settings(deadline=None)
@given(sketches, st.integers(1, 40), st.integers(0, 40))
def test_more_requests_never_change_the_first_programs(sketch, n, more):
    plan = plan_of(sketch, Names())
    assert programs(plan, n + more)[:n] == programs(plan, n)


@settings(deadline=None)
@given(sketches, st.integers(1, 7))
def test_the_size_of_blocks_does_not_show(sketch, size):
    plan = plan_of(sketch, Names())
    whole = programs(plan, 30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "_BLOCK", size)
        assert programs(plan, 30) == whole


@settings(deadline=None)
@given(sketches, st.lists(st.integers(0, 1), min_size=1, max_size=40))
def test_the_kth_request_of_a_class_has_the_kth_program_among_any_others(sketch, class_id):
    plan = plan_of(sketch, Names())
    first_row, rows = lay_out([fixed(1000), plan], np.array(class_id, np.int32))
    mine = np.flatnonzero(class_id)
    got = [rows.duration_ns[first_row[i] : first_row[i + 1]].tolist() for i in mine]
    assert got == [[duration for _, duration in p] for p in programs(plan, len(mine))]


def test_with_everything_fixed_the_critical_path_is_the_longest_branch():
    plan = FanOut(1, 2, (fixed(0, 5), Series((fixed(0, 4), fixed(0, 4)))))
    first_row, rows = lay_out([plan], np.zeros(3, np.int32))
    kinds = np.array([StepKind.CPU, StepKind.FORK, StepKind.BRANCH], np.int8)
    lengths = critical_path(kinds, rows.step_id, rows.duration_ns, first_row)
    assert lengths.tolist() == [8] * 3
