"""A scenario that was learned from the spans of a real service predicts that service."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import otlp_examples as examples
import pytest

import simsched
from simsched.calibrate import Clients, Facts, Learner, predict, read_clients
from simsched.calibrate.otlp import read_spans
from simsched.calibrate.visits import visits_of
from simsched.calibrate.writing import write
from simsched.errors import InputError

SHOP = Path(__file__).parents[1] / "data" / "measured" / "shop"
CPU_NS = 15_650_000_000


@pytest.fixture(scope="module")
def visits():
    return visits_of(read_spans([SHOP / "cal_r40.otlp.jsonl.gz"]))


@pytest.fixture(scope="module")
def learner(visits) -> Learner:
    clients = read_clients(SHOP / "cal_r40.csv")
    return Learner(visits, Facts(pools={"db": 10}, cpu_ns=CPU_NS, clients=clients))


@pytest.fixture(scope="module")
def learned(learner):
    return learner.learned()


@pytest.fixture(scope="module")
def fitted(learned, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("fitted") / "shop.yaml"
    write(learned.blueprint, "shop").save(file)
    return file


@pytest.mark.parametrize(("run", "pool"), [("cal_r40", 10), ("r55_p10", 10), ("r40_p1", 1)])
def test_the_scenario_predicts_other_loads_and_pools(fitted, run, pool):
    scenario = simsched.load(fitted, [f"resources.db.capacity={pool}"])
    found = predict(scenario, "shop", read_clients(SHOP / f"{run}.csv")).figures
    assert abs(found[""]["mean"].error) < 0.05
    assert abs(found[""]["p95"].error) < 0.08
    for name in ("item", "list", "report"):
        mean = found[name]["mean"]
        # A class of 200 requests has a mean that differs by several per cent from run to run.
        assert abs(mean.error) < 0.05 or mean.low_s < mean.measured_s < mean.high_s


def test_the_parts_of_the_service_are_found(learned):
    requests = learned.blueprint.requests
    assert set(requests) == {"item", "list", "report"}  # as the clients call them
    (chosen, outside) = requests["item"]
    assert [round(each["weight"] / 793, 1) for each in chosen["choose"]] == [0.8, 0.2]
    assert outside["label"] == "network and client"
    labels = [each.get("label", each.get("hold", "cpu")) for each in requests["list"]]
    assert labels[:4] == ["cpu", "db", "lets others run", "cpu"]
    assert labels[4:] == ["GET stock", "cpu", "network and client"]
    assert learned.blueprint.resources == {
        "db": {"capacity": 10, "per": "worker"},
        "postgresql core": {"capacity": 1},
    }
    assert learned.requests == 2452


def test_a_driver_that_gives_a_connection_back_is_seen_to_let_others_run(learned):
    """It does so before its query and after it, in a task of its own; the rest of the code not."""
    held, after = learned.blueprint.requests["report"][1:3]
    assert [each.get("label", "cpu") for each in held["phases"]][-3:-1] == [
        "lets others run",
        "cpu",
    ]
    assert after == {"io": "0s", "label": "lets others run"}
    said = "Requests (list, item, report) let others run in places where they wait for nothing"
    assert any(each.startswith(said) for each in learned.blueprint.remarks)
    hit = learned.blueprint.requests["item"][0]["choose"][0]["phases"]
    assert len(hit) == 1


def test_all_cpu_time_is_accounted_for(learner, learned):
    overheads = {each.name: each.value_ns for each in learned.estimates}
    recorded = learner.variants.recorded
    computes, yields = recorded.computes, np.isin(recorded.leaf, list(learner.demands.yields_ns))
    returns = np.count_nonzero(~computes | yields)
    found = learner.need_ns[computes].sum() + overheads["overhead.switch"] * returns
    found += overheads["overhead.request"] * len(learner.visits.visits)
    assert found == pytest.approx(CPU_NS)


def test_without_facts_the_scenario_still_runs(visits):
    found = Learner(visits, Facts()).learned()
    assert set(found.blueprint.requests) == {"/item/{n}", "/list/{n}", "/report/{n}"}
    assert found.blueprint.resources == {"postgresql core": {"capacity": 1}}
    *_, request, switch = found.estimates
    assert 0.1e6 < request.value_ns < 0.5e6
    assert 0.01e6 < switch.value_ns < 0.1e6


def test_too_little_cpu_time_scales_the_computing(visits):
    learner = Learner(visits, Facts(cpu_ns=CPU_NS // 2))
    learner.learned()
    computes = learner.variants.recorded.computes
    switch = learner.demands.switch_ns.value * (~computes).sum()
    total = learner.need_ns[computes].sum()
    assert total == pytest.approx(CPU_NS // 2, rel=0.05) or total + switch > CPU_NS // 2
    assert any("wait for something that has no span" in each for each in learner.remarks)


def test_a_pool_that_nothing_calls_is_refused(visits):
    with pytest.raises(InputError, match="--pool redis: no call is of it; the calls are "):
        Learner(visits, Facts(pools={"db": 1, "redis": 1}))


def test_clients_of_another_run_are_refused(visits):
    at = np.arange(100) * 10**9
    with pytest.raises(InputError, match="are they of the same run"):
        Learner(visits, Facts(clients=Clients(at, at + 10**6, None)))


def noted(tmp_path, *batches, **facts) -> str:
    learner = Learner(
        visits_of(read_spans([examples.write(tmp_path / "s", *batches)])), Facts(**facts)
    )
    return " ".join(learner.learned().blueprint.remarks)


def requests(n: int = 40, **about: str):
    """Return requests of which each has a query."""
    for i in range(n):
        root, at = 10 * i + 10, 50 * i
        yield examples.span(i + 1, root, at, at + 20 + i % 3, **about)
        yield examples.span(
            i + 1,
            root + 1,
            at + 2,
            at + 12,
            name="select",
            kind=examples.CLIENT,
            parent=root,
            db__system="mysql",
        )


def test_no_overhead_is_written_where_none_is_found(tmp_path):
    file = examples.write(tmp_path / "s", examples.batch(list(requests())))
    found = Learner(visits_of(read_spans([file])), Facts()).learned().blueprint
    assert "overhead" not in found.server


def test_what_is_not_known_is_said(tmp_path):
    said = noted(tmp_path, examples.batch(list(requests())))
    assert "How many connections to mysql there are is not known" in said
    assert "Give --cpu-time, or metrics with process.cpu.time." in said
    assert "Give --client." in said


def test_what_is_left_out_is_said(tmp_path):
    spans = list(requests())
    lost = examples.span(999, 5, 0, 1, kind=examples.CLIENT, parent=4)
    late = examples.span(1, 6, 5, 900, kind=examples.CLIENT, parent=10)
    backwards = examples.span(998, 7, 30, 20)
    said = noted(tmp_path, examples.batch([*spans, lost, late, backwards, spans[0]]))
    assert "Left out: 1 span of no request" in said
    assert "Left out: 1 call before the request or after its answer" in said
    assert "Counted as instants: 1 span" in said
    assert "Counted once: 1 span that came again" in said


def test_sampled_traces_are_said_to_be_too_few_and_the_rate_is_that_of_all(tmp_path):
    spans = [each | {"traceState": "ot=th:8"} for each in requests()]
    file = examples.write(tmp_path / "s", examples.batch(spans))
    found = Learner(visits_of(read_spans([file])), Facts(cpu_ns=10**9)).learned()
    assert any("Only 50 % of the requests have spans" in each for each in found.blueprint.remarks)
    assert "rate: 40/s" in write(found.blueprint, "s").text


def test_a_pool_that_was_full_is_said(tmp_path):
    said = noted(tmp_path, examples.batch(list(requests())), pools={"db": 1})
    assert "The pool db was full at times" in said


def test_workers_that_cannot_be_told_apart_are_said(tmp_path):
    server = {"model": "cooperative", "workers": 2}
    said = noted(tmp_path, examples.batch(list(requests())), server=server)
    assert "do not say which of the 2 workers served a request" in said


def test_too_few_requests_are_refused(tmp_path):
    with pytest.raises(
        InputError, match="the spans hold 5 requests of app; at least 20 are needed"
    ):
        noted(tmp_path, examples.batch(list(requests(5))))


def test_of_other_servers_than_loops_waiting_is_not_taken_out(tmp_path):
    server = {"model": "serial", "workers": 2}
    said = noted(tmp_path, examples.batch(list(requests())), server=server)
    assert "Only of event loops is it known when a request computes." in said
    assert "is not seen, since hardly any request waited" not in said


def test_classes_that_come_up_late_are_learnt_but_not_predicted_from_the_first_half(tmp_path):
    rows = [
        examples.span(i + 1, 1, 100 * i, 100 * i + 20 + i % 7, http__route="/a") for i in range(200)
    ]
    rows += [
        examples.span(900 + i, 1, 15_000 + 99 * i, 15_012 + 99 * i, http__route="/new")
        for i in range(30)
    ]
    found = simsched.fit(examples.write(tmp_path / "spans.jsonl", examples.batch(rows)))
    assert set(found.scenario.requests) == {"/a", "/new"}
    assert set(found.predictions["class"]) == {"all requests", "/a"}
    said = "30 of the 115 requests of the second half are of classes that do not occur in the first"
    assert any(each.startswith(said) for each in found.remarks)


def test_what_is_predicted_is_less_sure_the_fewer_durations_were_observed(tmp_path):
    """The mean of 25 observed durations has a standard error of a fifth of their deviation."""
    arrival = np.arange(400) * 10**9
    clients = Clients(arrival, arrival + 10**8, ["page"] * 400)
    (tmp_path / "cpu.csv").write_text("ms\n" + "\n".join(str(10 + 5 * (i % 5)) for i in range(25)))
    plain = {
        "name": "few",
        "requests": {
            "page": [{"cpu": {"empirical": {"file": "cpu.csv", "column": "ms", "unit": "ms"}}}]
        },
        "workload": {"open": {"rate": "1/s"}, "requests": 10},
        "servers": {"s": {"model": "serial"}},
    }
    (tmp_path / "few.yaml").write_text(json.dumps(plain))
    mean = predict(simsched.load(tmp_path / "few.yaml"), "s", clients).figures[""]["mean"]
    deviation = np.std([10, 15, 20, 25, 30]) / 1e3
    assert mean.predicted_s == pytest.approx(0.020, rel=0.01)  # no resample is as such too long
    width = (mean.high_s - mean.low_s) / 2
    # Of ten resamples, the standard deviation is known within a factor of two.
    assert 0.5 < width / (2.26 * deviation * (1 / 25 + 1 / 400) ** 0.5) < 2


@pytest.mark.parametrize(("last_ms", "tau"), [(30, 1.0), (1, 1 / 3)])
def test_the_order_of_completion_is_compared_with_the_measured_one(last_ms, tau):
    """Three requests of 20 ms come every 10 ms; in the second case the last overtakes another."""
    arrival = np.array([0, 10, 20]) * 10**6
    clients = Clients(arrival, arrival + np.array([20, 20, last_ms]) * 10**6, None)
    plain = {
        "name": "three",
        "requests": {"page": [{"cpu": "20ms"}]},
        "workload": {"open": {"rate": "1/s"}, "requests": 3},
        "servers": {"s": {"model": "serial", "workers": 3}},
    }
    assert predict(simsched.load(plain), "s", clients).kendall_tau == pytest.approx(tau)
