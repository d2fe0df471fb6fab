"""What requests do, and the phases of a scenario that are written of it."""

from __future__ import annotations

import numpy as np

from simsched.calibrate.programs import Callee, Program
from simsched.calibrate.structure import (
    Again,
    Intervals,
    canonical,
    labels_of,
    leaves,
    shape_of,
    units_of,
)
from simsched.calibrate.visits import Call, Visit

A, B, C = range(3)


def visit(*calls: tuple[int, int, int], end: int = 100) -> Visit:
    return Visit(0, end, 0, 0, tuple(Call(*call) for call in calls))


def phases(form, callees=None, times=7):
    program = Program(
        callees or [Callee("a"), Callee("b"), Callee("c")],
        lambda leaf: f"{leaf}ms",
        lambda _: times,
    )
    return program.phases(form, 0)


def test_calls_one_after_the_other_are_in_sequence():
    shape = shape_of(visit((10, 20, A), (30, 40, B)))
    assert shape == (((A,),), ((B,),))
    assert phases(shape) == [
        {"cpu": "0ms"},
        {"io": "1ms", "label": "a"},
        {"cpu": "2ms"},
        {"io": "3ms", "label": "b"},
        {"cpu": "4ms"},
    ]


def test_calls_that_overlap_are_parallel():
    one = visit((10, 40, A), (11, 20, B), (22, 50, C), (60, 70, A))
    shape = shape_of(one)
    assert shape == (((A,), (B, C)), ((A,),))
    assert phases(shape) == [
        {"cpu": "0ms"},
        {
            "parallel": [
                [{"io": "1ms", "label": "a"}],
                [
                    {"cpu": "2ms"},
                    {"io": "3ms", "label": "b"},
                    {"cpu": "4ms"},
                    {"io": "5ms", "label": "c"},
                ],
            ]
        },
        {"cpu": "6ms"},
        {"io": "7ms", "label": "a"},
        {"cpu": "8ms"},
    ]
    intervals = Intervals()
    intervals.take(0, one, range(9))
    lengths = [b - a for a, b in zip(intervals.start_ns, intervals.end_ns, strict=True)]
    assert lengths == [10, 30, 1, 9, 2, 28, 10, 10, 30]
    assert list(intervals.computes) == [1, 0, 1, 0, 1, 0, 1, 0, 1]


def test_three_alike_in_a_row_are_repeated():
    thrice = shape_of(visit((1, 2, A), (3, 4, B), (5, 6, B), (7, 8, B)))
    once = shape_of(visit((1, 2, A), (3, 4, B)))
    units = units_of([thrice, once])
    assert units == ((((B,),),),)
    form, times = canonical(thrice, units)
    assert (form, times) == ((((A,),), Again((((B,),),))), (3,))
    assert canonical(once, units) == (form, (1,))
    assert list(leaves(form, (3,), 0)) == [0, 1, 2, 3, 2, 3, 2, 3, 4]
    assert labels_of(form) == [None, A, None, B, None]
    assert phases(form)[2] == {
        "repeat": {"times": 7, "phases": [{"cpu": "2ms"}, {"io": "3ms", "label": "b"}]}
    }


def test_a_pair_of_calls_is_repeated_as_a_pair():
    shape = shape_of(visit(*[(10 * i, 10 * i + 5, (A, B)[i % 2]) for i in range(6)]))
    (unit,) = units_of([shape])
    assert unit == (((A,),), ((B,),))


POOLED = [Callee("query", "db"), Callee("reset", "db", releases=True), Callee("stock")]


def test_a_slot_is_held_from_the_first_query_to_the_release():
    shape = (((A,),), ((A,),), ((B,),), ((C,),), ((A,),))
    assert [list(each) for each in phases(shape, POOLED)] == [
        ["cpu"],
        ["hold", "phases"],
        ["cpu"],
        ["io", "label"],
        ["cpu"],
        ["hold", "phases"],
        ["cpu"],
    ]
    held = phases(shape, POOLED)[1]["phases"]
    assert [each.get("label", "cpu") for each in held] == ["query", "cpu", "query", "cpu", "reset"]


def test_a_slot_is_held_across_another_call_only_if_its_release_follows():
    across = phases((((A,),), ((C,),), ((B,),)), POOLED)
    assert [each.get("label") for each in across[1]["phases"]] == [
        "query",
        None,
        "stock",
        None,
        "reset",
    ]
    without = phases((((A,),), ((C,),), ((A,),)), POOLED)
    kinds = [next(iter(each)) for each in without]
    assert kinds == ["cpu", "hold", "cpu", "io", "cpu", "hold", "cpu"]


def test_a_slot_is_held_during_all_repetitions():
    form = (Again((((A,),),)), ((B,),))
    held, after = phases(form, POOLED)
    assert held["hold"] == "db"
    assert [next(iter(each)) for each in held["phases"]] == ["repeat", "cpu", "io"]
    assert list(after) == ["cpu"]


def test_a_call_that_occupies_a_resource_is_on_it():
    callees = [Callee("query", "db", on="core")]
    assert phases((((A,),),), callees)[1]["phases"] == [
        {"io": "1ms", "label": "query", "on": "core"}
    ]


def test_waiting_for_nothing_divides_computing_where_others_may_run():
    program = Program(POOLED, lambda leaf: np.array([leaf, 8]), lambda _: 1, {2: 3, 4: 0})
    held, *after = program.phases((((A,),), ((B,),)), 0)[1:]
    query, before, others, rest, reset = held["phases"]
    assert (query["label"], reset["label"]) == ("query", "reset")
    assert others == {"io": "0s", "label": "lets others run"}
    assert before["cpu"].tolist() == [2, 3]
    assert rest["cpu"].tolist() == [0, 5]
    others, rest = after  # at once, so that there is no computing before
    assert others == {"io": "0s", "label": "lets others run"}
    assert rest["cpu"].tolist() == [4, 8]


def test_waiting_for_nothing_stands_in_each_lane_and_before_they_part():
    yields = dict.fromkeys((0, 2, 4, 8), 0)
    program = Program([Callee("a")] * 3, lambda leaf: np.array([leaf]), lambda _: 1, yields)
    *before, lanes, others, after = program.phases((((A, A), (B, C)),), 0)
    assert [next(iter(each)) for each in before] == ["io", "cpu"]
    kinds = [[each.get("label", "cpu") for each in lane] for lane in lanes["parallel"]]
    here = "lets others run"
    assert kinds == [["a", here, "cpu", "a"], [here, "cpu", "a", "cpu", "a"]]
    assert others["label"] == here
    assert after["cpu"].tolist() == [8]
