from __future__ import annotations

import numpy as np
import pytest
from search_runs import MM1, benchmark

from simsched.errors import InputError, RunError
from simsched.experiment.search.best import select
from simsched.experiment.search.designs import (
    AT_MOST,
    Criterion,
    Observer,
    check,
    check_metric,
    default_aim,
    of_plan,
    of_points,
    of_scenario,
    parse_zone,
)
from simsched.experiment.sweep.plan import plan
from simsched.report.search import best, sentences
from simsched.scenario import loads
from simsched.scenario.file.wording import short_names
from simsched.scenario.metrics import parse_metric

queue = benchmark("recursions").kiefer_wolfowitz
MEAN = parse_metric("response_time.mean")
THREE = MM1.replace(
    "servers: {serial: {model: serial}}",
    "servers:\n  one: {model: serial}\n  two: {model: serial, workers: 2}\n"
    "  three: {model: serial, workers: 3}",
).replace("2000", "500")

NEAR = THREE.replace("workers: 3", "workers: 6").replace("workers: 2", "workers: 5")
"""Five and six workers differ in few replications, by far less than a zone of 5 %."""

ZONE = """
name: zone
requests:
  page: [{cpu: {exponential: 4ms}}, {io: {exponential: 20ms}, on: db}, {cpu: {exponential: 4ms}}]
workload: {open: {rate: 100/s}, requests: 1000}
resources: {db: {capacity: 8}}
servers: {loop: {model: cooperative}}
run: {engine: simpy}
sweep: {matrix: {servers.loop.workers: [1, 8], resources.db.capacity: [8, 12, 40]}}
"""


def selected(text, zone=0.10, **options):
    criterion = Criterion(MEAN, "minimize", **({"zone": zone} | options))
    return select(of_scenario(loads(text)), criterion, queue)


def said(found):
    return list(sentences.selection(found))


def test_the_server_with_the_lowest_mean_is_the_best():
    found = selected(THREE)
    assert found.best.name == "three"
    assert [each.name for each in found.standings] == ["three", "two", "one"]
    assert {each.fate for each in found.standings[1:]} == {"out"}
    assert found.replications == sum(each.replications for each in found.standings)


def test_the_highest_is_sought_where_that_is_better():
    criterion = Criterion(parse_metric("cpu_utilisation"), "maximize", zone=0.05)
    found = select(of_scenario(loads(THREE)), criterion, queue)
    assert found.best.name == "one"


def test_servers_that_are_alike_are_as_good_as_each_other():
    found = selected(NEAR, zone=0.05)
    fates = {each.name: each.fate for each in found.standings}
    assert sorted(fates[name] for name in ("two", "three")) == ["selected", "tied"]
    text = " ".join(said(found))
    assert "is as good within the indifference zone of 5 %" in text


def test_what_cannot_keep_up_is_left_out():
    found = selected(THREE.replace("80/s", "150/s"))
    last = found.standings[-1]
    assert (last.name, last.fate, last.replications) == ("one", "left out", 0)
    assert "one cannot keep up" in last.note


def test_a_design_that_turns_requests_away_is_left_out():
    text = MM1.replace(
        "{serial: {model: serial}}",
        "{short: {model: serial, backlog: 1}, long: {model: serial},"
        " more: {model: serial, workers: 2}}",
    ).replace("2000", "500")
    criterion = Criterion(MEAN, "minimize", zone=0.2)
    found = select(of_scenario(loads(text)), criterion)
    last = found.standings[-1]
    assert (last.name, last.fate) == ("short", "left out")
    assert "of its requests get no answer" in last.note


@pytest.fixture
def alike(monkeypatch):
    """Have the first replications show next to no difference, so that more are needed."""

    def first(observer, replications):
        name = observer.design.name
        return 0.01 + 1e-4 * np.random.default_rng(len(name)).standard_normal(replications)

    monkeypatch.setattr(Observer, "first", first)


@pytest.mark.usefixtures("alike")
def test_a_design_without_a_mean_later_on_is_left_out_and_the_others_continue(monkeypatch):
    rng = np.random.default_rng(1)

    def noisy(observer, replication):
        missing = (observer.design.name, replication) == ("three", 15)
        value = float("nan") if missing else 0.01 + 1e-4 * rng.standard_normal()
        return lambda: value

    monkeypatch.setattr(Observer, "begin", noisy)
    found = selected(THREE, zone=0.0001, at_most=20)
    fates = {each.name: (each.fate, each.replications) for each in found.standings}
    assert fates["three"] == ("left out", 15)
    assert fates["two"] == fates["one"] == ("undecided", 20)
    assert found.standings[-1].note.startswith("replication 15 completes too few requests")
    assert found.best is None
    assert best.findings(loads(THREE), found).exit_code == 4
    assert said(found)[0] == (
        "Undecided after 20 replications: one and two may each be the best; allow more with "
        "--at-most, or a wider --indifference."
    )


@pytest.mark.usefixtures("alike")
def test_the_next_replication_of_all_is_started_before_any_is_waited_for():
    events = []

    def simulate(contender, replications):
        events.append(("started", contender.name, *replications))
        traces = queue(contender, replications)
        return (events.append(("done", contender.name)) or trace for trace in traces)

    criterion = Criterion(MEAN, "minimize", zone=0.0001, at_most=11)
    select(of_scenario(loads(THREE)), criterion, simulate)
    assert events == [
        ("started", "one", 11),
        ("started", "two", 11),
        ("started", "three", 11),
        ("done", "one"),
        ("done", "two"),
        ("done", "three"),
    ]


@pytest.mark.usefixtures("alike")
def test_the_progress_is_that_of_the_round_and_not_of_the_most_there_may_be():
    shown = []
    criterion = Criterion(MEAN, "minimize", zone=0.0001, at_most=25)
    select(of_scenario(loads(THREE)), criterion, queue, lambda *counts: shown.append(counts))
    assert shown[:3] == [(0, 10)] * 3
    assert {total for done, total in shown[3:] if done <= 20} == {20}
    assert {total for done, total in shown[3:] if done > 20} <= {25}


@pytest.mark.usefixtures("alike")
def test_an_interruption_leaves_who_is_in_undecided():
    def interrupted(*_):
        raise KeyboardInterrupt

    criterion = Criterion(MEAN, "minimize", zone=0.0001)
    found = select(of_scenario(loads(THREE)), criterion, interrupted)
    assert found.is_interrupted
    assert said(found)[0].startswith("Interrupted: ")


def test_the_guarantee_is_of_the_zone_only_where_others_are_left():
    far = selected(THREE)
    assert said(far)[0] == (
        "three has the lowest response_time.mean, 10.3 ms on average: with a probability of at "
        "least 95 % no other design is better."
    )
    near = selected(NEAR, zone=0.05)
    assert [each.fate for each in near.standings] == ["selected", "tied", "out"]
    shown = said(near)
    assert shown[0].endswith("no other design is better by more than 5 % (502 µs).")
    assert shown[1] == "two is as good within the indifference zone of 5 % (502 µs)."
    worse = selected(NEAR.replace("workers: 5", "workers: 3"), zone=0.05)
    shown = said(worse)
    assert shown[0].endswith("no other design is better.")
    assert shown[1] == "two is as good within the indifference zone of 5 % (502 µs)."


def test_designs_without_any_difference_are_not_promised_to_be_as_good():
    found = selected(THREE.replace("{model: serial, workers: 3}", "{model: serial, workers: 2}"))
    assert said(found)[0].startswith(
        "two has the lowest response_time.mean, 12.2 ms on average (three had the same in every "
        "replication): with a probability of at least 95 % no other design is better."
    )
    assert len(said(found)) == 2


def test_as_good_is_said_only_of_whose_interval_lies_within_the_zone(tmp_path):
    """The mean responses are 29.0 ms and 63.1 ms, which no share of 5 % makes equal."""
    (tmp_path / "zone.yaml").write_text(ZONE, encoding="utf-8")
    found = select(of_plan(plan(tmp_path / "zone.yaml")), Criterion(MEAN, "minimize"))
    assert found.best.mean == pytest.approx(0.029, abs=0.0005)
    assert found.zone == pytest.approx(0.05 * found.best.mean)
    fates = {each.name: each.fate for each in found.standings}
    assert {fates[f"loop.workers=1, db.capacity={n}"] for n in (8, 12, 40)} == {"out"}
    for each in found.standings[1:]:
        is_within = -found.zone <= each.low and each.high <= found.zone
        assert is_within == (each.fate == "tied")
    assert not any("loop.workers=1" in each for each in said(found))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_queue_near_saturation_loses_in_the_first_round(seed):
    """The means are about 10 ms and 383 ms, and the latter differs much between replications."""
    text = f"""
name: far
requests: {{page: [{{cpu: {{exponential: 9.8ms}}}}]}}
workload: {{open: {{rate: 100/s}}, requests: 5000}}
servers: {{one: {{model: serial}}, four: {{model: serial, workers: 4}}}}
run: {{seed: {seed}}}
"""
    found = selected(text, zone=0.05, at_most=500)
    assert [(each.name, each.fate, each.replications) for each in found.standings] == [
        ("four", "selected", 10),
        ("one", "out", 10),
    ]


@pytest.mark.parametrize(
    ("metric", "aim", "sign"),
    [("response_time.mean", "minimize", 1), ("throughput", "maximize", -1)],
)
def test_differences_are_from_the_best_in_the_metrics_own_direction(metric, aim, sign):
    text = THREE.replace("80/s", "95/s") if aim == "minimize" else THREE.replace("80/s", "400/s")
    found = select(of_scenario(loads(text)), Criterion(parse_metric(metric), aim), queue)
    best, *others = found.standings
    assert (best.fate, best.difference, best.low, best.high) == ("selected", None, None, None)
    for each in others:
        assert each.low < each.difference < each.high
        assert each.difference == pytest.approx(each.mean - best.mean)
        assert each.fate == "out"
        assert sign * each.difference > 0


def test_points_of_a_sweep_are_named_by_their_settings():
    scenario = loads(MM1)
    assert [each.name for each in of_points([("rate=1/s", scenario)])] == ["rate=1/s"]
    assert [each.name for each in of_points([("rate=1/s", loads(THREE))])][:1] == ["rate=1/s, one"]


def test_one_design_is_no_choice():
    with pytest.raises(InputError, match="there is one design only, so it is the best"):
        check(of_scenario(loads(MM1)))


def test_no_design_that_can_be_compared_is_an_error():
    with pytest.raises(RunError, match="no design can be compared: one cannot keep up") as caught:
        selected(THREE.replace("80/s", "400/s"))
    for name in loads(THREE).servers:
        assert f" {name} cannot keep up" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "zone"), [("1%", (0.01, True)), ("5ms", (0.005, False)), ("0.2s", (0.2, False))]
)
def test_the_zone_is_a_share_or_a_value(text, zone):
    assert parse_zone(text, MEAN) == zone


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0ms", "--indifference 0ms: a difference that matters is more than 0"),
        ("5", "--indifference: 5 has no unit; write 5ms or 5s; or write a share, such as 1%"),
    ],
)
def test_a_wrong_zone_is_reported(text, message):
    with pytest.raises(InputError) as error:
        parse_zone(text, MEAN)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("metric", "aim"),
    [
        ("response_time.p99", "minimize"),
        ("throughput", "maximize"),
        ("failed_fraction", "minimize"),
        ("fairness.jain_index", "maximize"),
        ("cpu_utilisation", None),
        ("order.kendall_tau", None),
        ("order.overtaken_fraction", None),
    ],
)
def test_which_way_is_better_is_known_of_most_metrics(metric, aim):
    assert default_aim(parse_metric(metric)) == aim


@pytest.mark.parametrize("metric", ["response_time.max", "order.largest_displacement"])
def test_a_maximum_compares_nothing(metric):
    with pytest.raises(InputError, match="a maximum grows with the length of a run"):
        check_metric(parse_metric(metric))


def test_the_replications_are_independent_of_how_many_there_are():
    """The warm-up found at first holds for all that follow."""
    found = [selected(THREE, zone=zone) for zone in (0.10, 0.05)]
    assert found[0].standings[0].mean == pytest.approx(found[1].standings[0].mean, rel=0.1)
    assert AT_MOST == 1000


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["servers.web.workers"], ["web.workers"]),
        (["servers.a.workers", "servers.b.workers"], ["a.workers", "b.workers"]),
        (["requests.x.0.cpu", "requests.y.0.cpu", "run.seed"], ["x.0.cpu", "y.0.cpu", "run.seed"]),
        (["a.b.c", "b.c", "x"], ["a.b.c", "b.c", "x"]),
    ],
)
def test_designs_are_named_by_the_shortest_ends_of_paths_that_differ(paths, names):
    assert short_names(paths) == names
