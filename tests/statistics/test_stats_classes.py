"""Classes of requests held against the baseline's, together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stats_traces import trace

from simsched.statistics import compare, compare_classes, summarize
from simsched.statistics.compare import adjusted, error_rates
from simsched.statistics.contrast import Pair
from simsched.statistics.verdict import METRIC, MOST_CLASSES, class_sentences

MS = 1_000_000


def server(name, long, short, *, replications=8, classes=("long", "short"), seed=1):
    """A server that answers each class after about so many milliseconds, alike in each place."""
    rng = np.random.default_rng(seed)
    runs = []
    for _ in range(replications):
        luck = rng.normal(0, 0.3, 60)
        class_id = np.arange(60) % len(classes)
        stay = np.array([long, short])[np.minimum(class_id, 1)] + luck
        arrival = np.arange(60) * 100 * MS
        finish = arrival + (stay * MS).astype(np.int64)
        runs.append(trace(arrival, finish, class_id=class_id, classes=classes))
    return summarize(name, runs)


FLASK = server("flask", 40, 30)
QUART = server("quart", 50, 10, seed=2)
OTHER = server("other", 40, 30, seed=5)


def told(name, rivals=(QUART, OTHER), metric=METRIC):
    found = compare_classes(FLASK, rivals)
    return {one.request: one for one in found if one.server == name and one.metric == metric}


def test_each_class_is_held_against_the_same_class_of_the_baseline():
    found = told("quart")
    assert list(found) == ["long", "short"]
    for name, one in found.items():
        ours, theirs = (each.classes[name].estimates[METRIC].value for each in (QUART, FLASK))
        assert one.difference.value == ours - theirs
        assert one.ratio.value == pytest.approx(ours / theirs)
        assert one.baseline == "flask"


def test_classes_have_every_metric_that_servers_are_compared_by():
    metrics = {one.metric for one in compare(FLASK, [QUART])}
    assert {one.metric for one in compare_classes(FLASK, [QUART])} == metrics


def test_the_intervals_of_all_classes_and_servers_hold_together():
    pairs = [
        Pair(one.classes[name].measurements[METRIC], FLASK.classes[name].measurements[METRIC])
        for one in (QUART, OTHER)
        for name in ("long", "short")
    ]
    p_values = [pair.p_value for pair in pairs]
    found = [*told("quart").values(), *told("other").values()]
    assert [one.p_value for one in found] == adjusted(p_values)
    for one, pair, level in zip(found, pairs, error_rates(p_values, 0.05), strict=True):
        assert one.difference == pair.difference(1 - level)
    assert found[0].difference.half_width > pairs[0].difference(0.95).half_width


def test_the_comparison_of_all_requests_is_as_it_was_without_classes():
    assert all(one.request is None for one in compare(FLASK, [QUART, OTHER]))


def test_one_class_says_no_more_than_all_requests():
    alone = server("flask", 40, 40, classes=("page",))
    assert alone.classes == {}
    assert compare_classes(alone, [alone]) == ()


def test_who_gains_and_who_pays_is_told_in_a_sentence():
    few = server("few", 40, 2, replications=8, seed=3)
    little = server("little", 40, 2, replications=8, seed=4)
    rivals = compare_classes(FLASK, [QUART, OTHER]), compare_classes(few, [little])
    found = class_sentences(FLASK, [QUART, OTHER], rivals[0])
    assert class_sentences(few, [little], rivals[1]) == (
        "By class, little against few: long about the same, "
        "short no measurable difference; 95 % intervals",
    )
    assert found == (
        "By class, quart against flask: long 25.1 % slower (24.8 to 25.4 %), "
        "short 3.01 times faster (3.00 to 3.02); 95 % intervals",
        "By class, other against flask: long about the same, short about the same; 95 % intervals",
    )


def test_one_run_tells_of_classes_without_intervals():
    once = [server(name, *ms, replications=1) for name, ms in [("a", (40, 30)), ("b", (80, 15))]]
    assert class_sentences(once[0], once[1:], compare_classes(once[0], once[1:])) == (
        "By class, b against a: long 2.0 times slower, short 2.0 times faster",
    )


def test_servers_that_agree_in_every_replication_answer_alike():
    same = replace(FLASK, server="same")
    (found,) = class_sentences(FLASK, [same], compare_classes(FLASK, [same]))
    assert found == "By class, same against flask: long the same, short the same; 95 % intervals"


def test_nothing_is_said_by_class_of_a_server_that_cannot_keep_up():
    drowned = replace(QUART, unstable="it grows")
    assert class_sentences(FLASK, [drowned], compare_classes(FLASK, [drowned])) == ()
    assert class_sentences(drowned, [FLASK], compare_classes(drowned, [FLASK])) == ()


def test_many_servers_or_classes_are_left_to_the_summary():
    many = [replace(QUART, server=f"s{n}") for n in range(MOST_CLASSES + 1)]
    assert class_sentences(FLASK, many, compare_classes(FLASK, many)) == ()
    names = tuple(f"c{n}" for n in range(MOST_CLASSES + 1))
    wide = [server(name, 40, 30, classes=names) for name in ("a", "b")]
    found = compare_classes(wide[0], wide[1:])
    assert len(found) > MOST_CLASSES
    assert class_sentences(wide[0], wide[1:], found) == ()
