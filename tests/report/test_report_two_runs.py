from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import simsched
from simsched.errors import InputError
from simsched.experiment.result import Result
from simsched.report import html, terminal
from simsched.report.html.differences import differences_figure
from simsched.report.run_document import document
from simsched.report.stored import Stored, join
from simsched.report.verdict import verdict

SCENARIOS = Path(__file__).parents[2] / "scenarios"
QUICK = ("run.replications=10", "workload.duration=10s", "run.warmup=2s")


def load(*overrides: str) -> Stored:
    result = simsched.run(SCENARIOS / "flask-vs-quart.yaml", overrides=[*QUICK, *overrides])
    return Stored(result, {"scenario.yaml": "name: flask-vs-quart\n"})


@pytest.fixture(scope="module")
def base() -> Stored:
    return load()


def mean_of(result: Result, server: str):
    (found,) = [
        one
        for one in result.comparisons
        if one.server.endswith(server) and one.metric == "response_time_s.mean"
    ]
    return found


def test_a_run_compared_with_itself_does_not_differ(base):
    joined = join(base, base).result
    assert list(joined.servers) == [
        f"{which}/{name}" for name in ("flask", "quart") for which in ("first", "second")
    ]
    assert list(joined.traces) == list(joined.servers)
    assert joined.changes == ()
    for comparison in joined.comparisons:
        assert comparison.difference.value in {0.0, None}


def test_runs_of_the_same_requests_are_paired(base):
    other = load("servers.flask.workers=6")
    joined = join(base, other).result
    assert joined.notes[0].startswith("Both runs met the same requests")
    found = mean_of(joined, "flask")
    assert found.baseline == "first/flask"
    assert found.ratio.high < 1


def test_the_verdict_of_two_runs_begins_with_what_changed(base):
    joined = join(base, load("servers.flask.workers=6", "servers.more={model: serial}"))
    first, *_ = verdict(joined.result).headlines
    assert first == "Changed: servers.flask.workers 4 -> 6; servers.more added."
    same, *_ = verdict(join(base, base).result).headlines
    assert same == "The scenarios are the same."


def test_the_page_of_two_runs_says_what_changed_before_the_objectives(base):
    joined = join(base, load("slo={fast: response_time.mean < 1s}"))
    page = html.render(joined.result, joined.scenario_texts)
    changed = page.index("Changed: slo.fast added")
    assert page.count("Changed: slo.fast added") == 1
    assert changed < page.index('<ul class="objectives">')


def test_changes_are_drawn_with_their_intervals(base):
    joined = join(base, load("servers.flask.workers=6")).result
    figure = differences_figure(joined)
    (mean,) = [trace for trace in figure.data if trace["name"] == "mean"]
    found = mean_of(joined, "flask").ratio
    assert mean["x"][0] == pytest.approx(100 * (found.value - 1))
    assert mean["x"][0] + mean["error_x"]["array"][0] == pytest.approx(100 * (found.high - 1))
    assert figure.layout["yaxis"]["ticktext"] == ["second/flask", "second/quart"]
    assert differences_figure(base.result) is None


def test_runs_of_other_requests_are_compared_as_independent_ones(base):
    joined = join(base, load("run.seed=99")).result
    assert joined.notes[0].startswith("The runs met different requests")
    paired = mean_of(join(base, base).result, "flask").difference
    unpaired = mean_of(joined, "flask").difference
    assert unpaired.high - unpaired.low > paired.high - paired.low


def test_a_server_that_the_first_run_has_not_is_compared_with_the_baseline(base):
    renamed = replace(
        base.result,
        servers={"other": base.result.servers["quart"]},
        traces={"other": base.result.traces["quart"]},
    )
    joined = join(base, Stored(renamed, {"a": ""})).result
    assert {one.baseline for one in joined.comparisons} == {"first/flask"}


def test_the_comparison_is_shown_like_any_other(base):
    joined = join(base, load("servers.flask.workers=6"))
    text = terminal.render(document(joined.result), 120, color=False)
    assert "second" in text
    page = html.render(joined.result, joined.scenario_texts)
    assert "scenario-2.yaml" in page


def test_runs_of_other_confidence_cannot_be_compared(base):
    with pytest.raises(InputError, match=r"intervals of 0\.95 and 0\.9"):
        join(base, replace(base, result=replace(base.result, confidence=0.9)))


def warned(base: Stored, *warnings: str) -> Stored:
    return replace(base, result=replace(base.result, warnings=warnings))


def test_a_warning_names_the_runs_it_is_of_and_stands_once(base):
    first = warned(base, "flask: too short", "flask: too short", "flask: the queue grows")
    joined = join(first, warned(base, "quart: unfinished", "flask: too short")).result
    assert joined.warnings == (
        "first and second: flask: too short",
        "first: flask: the queue grows",
        "second: quart: unfinished",
    )


def test_an_objective_names_the_run_it_is_of(base):
    slo = load("slo={fast: response_time.mean < 1s}")
    joined = join(base, slo).result
    assert [(one.server, one.outcome) for one in joined.judgements] == [
        ("second/flask", "pass"),
        ("second/quart", "pass"),
    ]
    assert joined.judgements[0].sentence.startswith("second: flask keeps fast (")


def test_classes_are_compared_too(base):
    joined = join(base, load("servers.flask.workers=6")).result
    assert {one.request for one in joined.class_comparisons} == {"page", "ping"}
    (found,) = (
        one
        for one in joined.class_comparisons
        if (one.server, one.request, one.metric) == ("second/flask", "ping", "response_time_s.mean")
    )
    assert found.baseline == "first/flask"
    assert found.ratio.high < 1
