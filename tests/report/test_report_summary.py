from __future__ import annotations

import csv
import json
from dataclasses import replace
from io import StringIO

from report_results import lecture, load, scenario

from simsched.report.summary import document, to_csv, to_json
from simsched.statistics.estimate import Estimate
from simsched.statistics.figures import MAXIMUM
from simsched.statistics.interval import ONE_REPLICATION


def test_the_document_has_exactly_the_promised_keys_in_order():
    assert list(document(lecture())) == [
        "scenario",
        "seed",
        "replications",
        "confidence",
        "warnings",
        "servers",
        "comparisons",
        "made_with",
        "verdicts",
        "ranking",
    ]


def test_a_server_holds_its_counts_metrics_and_order():
    one = json.loads(to_json(lecture()))["servers"]["cooperative"]
    assert one["requests"]["completed"] == 3
    assert one["throughput_per_s"] == {"value": 3 / 0.108, "low": None, "high": None}
    assert list(one["response_time_s"]) == ["mean", "p50", "p90", "p95", "p99", "max"]
    assert one["order"]["kendall_tau"]["value"] == 1 / 3
    assert one["completion_order"] == [1, 3, 2]


def test_a_long_run_has_no_completion_order():
    assert "completion_order" not in document(load())["servers"]["serial"]


def test_the_run_is_named_with_its_seed_and_replications():
    told = document(load())
    assert (told["scenario"], told["seed"], told["replications"]) == ("flask-vs-quart", 7, 3)
    assert told["confidence"] == 0.95
    assert told["warnings"] == list(load().warnings)


def test_a_seed_that_the_scenarios_do_not_share_is_null():
    both = (scenario("a", "serial", seed=1), scenario("b", "serial", seed=2))
    told = document(replace(lecture(), scenarios=both))
    assert told["seed"] is None
    assert told["replications"] == 1


def test_a_comparison_has_difference_and_ratio():
    (first, *_) = document(lecture())["comparisons"]
    assert first["metric"] == "throughput_per_s"
    assert (first["server"], first["baseline"]) == ("cooperative", "serial")
    assert first["ratio"]["value"] == (3 / 0.108) / (3 / 0.184)


def test_what_is_not_a_number_is_null_in_json_and_empty_in_csv():
    result = lecture()
    one = result.servers["serial"]
    broken = replace(one, estimates={"slowdown": Estimate(float("nan"), float("-inf"), 1.0)})
    shown = replace(result, servers={"serial": broken})
    assert json.loads(to_json(shown))["servers"]["serial"]["slowdown"] == {
        "value": None,
        "low": None,
        "high": 1.0,
    }
    assert "serial,slowdown,,,1.0" in to_csv(shown).splitlines()


def test_the_same_result_gives_the_same_bytes():
    assert to_json(lecture()) == to_json(lecture())
    assert to_json(lecture()).endswith("}\n")


def test_the_csv_has_a_row_for_each_server_and_metric():
    rows = list(csv.DictReader(StringIO(to_csv(load()))))
    assert list(rows[0]) == ["server", "metric", "value", "low", "high"]
    assert len({(row["server"], row["metric"]) for row in rows}) == len(rows)
    (mean,) = [
        row for row in rows if (row["server"], row["metric"]) == ("serial", "response_time_s.mean")
    ]
    estimate = load().servers["serial"].estimates["response_time_s.mean"]
    assert float(mean["value"]) == estimate.value
    assert float(mean["low"]) == estimate.low
    assert {row["metric"] for row in rows} >= {"requests.completed", "slowdown"}


def test_a_quantile_with_a_decimal_stands_beside_the_others():
    result = lecture()
    one = result.servers["serial"]
    estimates = {"response_time_s.p99": Estimate(1.0), "response_time_s.p99.9": Estimate(2.0)}
    shown = replace(result, servers={"serial": replace(one, estimates=estimates)})
    found = document(shown)["servers"]["serial"]["response_time_s"]
    assert {name: estimate["value"] for name, estimate in found.items()} == {"p99": 1, "p99.9": 2}


def test_a_missing_interval_has_its_reason_but_not_that_there_is_one_replication():
    result = lecture()
    estimates = {
        "response_time_s.max": Estimate(0.1, reason=MAXIMUM),
        "response_time_s.mean": Estimate(0.1, reason=ONE_REPLICATION),
        "slowdown": Estimate(1.5, 1.0, 2.0, reason="not told where there is an interval"),
    }
    servers = {"serial": replace(result.servers["serial"], estimates=estimates)}
    told = document(replace(result, servers=servers))["servers"]["serial"]
    assert told["response_time_s"]["max"]["reason"] == MAXIMUM
    assert "reason" not in told["response_time_s"]["mean"]
    assert "reason" not in told["slowdown"]
