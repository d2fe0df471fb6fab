"""Objectives, the stopping rule and theory, as the command line tells them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from simsched import experiment
from simsched.report.summary import document
from simsched.scenario import load

QUEUE = """\
name: queue
requests: {page: [{cpu: {exponential: 10ms}}]}
workload: {open: {rate: 50/s}, requests: 2000}
servers: {serial: {model: serial}, loop: {model: cooperative}}
"""


@pytest.fixture
def queue(tmp_path):
    def write(more=""):
        path = tmp_path / "queue.yaml"
        path.write_text(QUEUE + more, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("limit", "options", "code"),
    [
        ("response_time.mean < 1s", ["--strict"], 0),
        ("response_time.mean < 1ms", [], 3),
        ("response_time.max < 100s", [], 0),
        ("response_time.max < 100s", ["--strict"], 4),
    ],
)
def test_the_exit_code_depends_on_the_objectives(simsched, queue, limit, options, code):
    assert simsched("run", queue(f"slo: {{fast: {limit}}}\n"), *options).code == code


def test_objectives_are_written_for_continuous_integration(simsched, queue, tmp_path):
    path = queue("slo: {fast: {limit: response_time.mean < 1ms, servers: [loop]}}\n")
    assert simsched("run", path, "--junit", "slo.xml").code == 3
    root = ET.parse(tmp_path / "slo.xml").getroot()  # noqa: S314  (our own text)
    assert [case.attrib for case in root.iter("testcase")] == [
        {"classname": "loop", "name": "fast"}
    ]
    assert "loop misses fast" in root.find(".//failure").attrib["message"]


def test_a_junit_file_that_cannot_be_written_is_reported(simsched, queue):
    outcome = simsched("run", queue(), "--junit", "nowhere/slo.xml")
    assert outcome.code == 1
    assert "simsched: nowhere/slo.xml: cannot be written: No such file" in outcome.err


OPEN, MISSED = "response_time.max < 100s", "response_time.mean < 1ms"


def finished(simsched, path, folder):
    """The folder of a finished run of the scenario in *path*, whatever its exit code."""
    simsched("run", path, "--out", folder)
    return next((path.parent / folder / "queue").glob("2*"))


def failures(path):
    root = ET.parse(path).getroot()  # noqa: S314  (our own text)
    return int(root.attrib["failures"]), int(root.attrib["skipped"])


@pytest.mark.parametrize(
    ("limit", "options", "code"),
    [
        ("response_time.mean < 1s", ["--strict"], 0),
        (MISSED, [], 3),
        (MISSED, ["--strict"], 3),
        (OPEN, [], 0),
        (OPEN, ["--strict"], 4),
    ],
)
def test_finished_runs_end_by_the_rule_of_run(simsched, queue, limit, options, code):
    path = queue(f"slo: {{fast: {limit}}}\n")
    one, other = (finished(simsched, path, name) for name in ("a", "b"))
    for command in (["report", one], ["compare", one, other]):
        outcome = simsched(*command, *options, "--junit", "slo.xml")
        assert outcome.code == code
        assert ("FAIL: " in outcome.out) == (code == 3)
        count = 2 * len(command[1:])
        skipped = count if limit == OPEN and not options else 0
        assert failures(path.with_name("slo.xml")) == (count if code else 0, skipped)


def test_a_comparison_is_missed_where_either_run_misses_an_objective(simsched, queue):
    bad = finished(simsched, queue(f"slo: {{fast: {MISSED}}}\n"), "a")
    good = finished(simsched, queue("slo: {fast: response_time.mean < 1s}\n"), "b")
    for folders in ((bad, good), (good, bad)):
        outcome = simsched("compare", *folders, "--format", "json")
        assert outcome.code == 3
        told = [one["outcome"] for one in json.loads(outcome.out)["objectives"]]
        assert sorted(told) == ["fail", "fail", "pass", "pass"]


def test_junit_has_a_failure_exactly_where_the_exit_code_is_not_0(simsched, queue, tmp_path):
    path = queue(f"slo: {{fast: {OPEN}}}\n")
    assert simsched("run", path, "--junit", "slo.xml").code == 0
    assert failures(tmp_path / "slo.xml") == (0, 2)
    assert simsched("run", path, "--junit", "slo.xml", "--strict").code == 4
    assert failures(tmp_path / "slo.xml") == (2, 0)
    assert 'type="inconclusive"' in (tmp_path / "slo.xml").read_text(encoding="utf-8")


def told(path, *overrides, replications=None):
    """What ``summary.json`` holds, without writing a report."""
    scenarios = experiment.prepare([load(path, overrides)], replications=replications)
    return document(experiment.run(scenarios))


def test_replications_are_added_until_intervals_are_narrow(queue):
    rule = "{metric: [response_time.mean, throughput], relative: 4%}"
    found = told(queue(f"run: {{until: {rule}}}\n"))
    assert found["replications"] > 10
    for server in found["servers"].values():
        for one in (server["response_time_s"]["mean"], server["throughput_per_s"]):
            assert one["high"] - one["low"] <= 2 * 0.04 * one["value"]
    assert found["notes"] == [
        f"{found['replications']} replications give response_time.mean and throughput of every "
        "server within 4 %"
    ]


def test_replications_stop_at_the_cap(queue):
    rule = "{metric: response_time.mean, relative: 0.1%, at_most: 12}"
    found = told(queue(f"run: {{until: {rule}}}\n"))
    assert found["replications"] == 12
    assert found["notes"] == [
        "response_time.mean of every server is known within 4.55 %, not 0.1 %, at the cap of 12 "
        "replications"
    ]


def test_only_servers_with_wide_intervals_are_named(queue):
    rule = "{metric: response_time.mean, relative: 6%, at_most: 10}"
    found = told(
        queue(f"run: {{until: {rule}}}\n"),
        "workload.open.rate=80/s",
        "servers.loop.workers=4",
    )
    assert len(found["notes"]) == 1
    assert found["notes"][0].startswith("response_time.mean of serial is known within ")


def test_added_replications_are_those_of_a_run_that_had_them_at_once(queue):
    rule = "{metric: response_time.mean, relative: 0.1%, at_most: 12}"
    added = told(queue(f"run: {{until: {rule}}}\n"))["servers"]
    assert told(queue(), replications=12)["servers"] == added


def test_the_demanded_quantiles_and_confidence_are_printed(queue):
    found = told(
        queue(
            "run: {quantiles: [p50, p99.9], confidence: 99%}\nslo: {fast: response_time.p75 < 1s}\n"
        ),
    )
    assert found["confidence"] == 0.99
    assert list(found["servers"]["loop"]["response_time_s"]) == [
        "mean",
        "p50",
        "p75",
        "p99.9",
        "max",
    ]


def test_a_server_that_cannot_keep_up_has_no_steady_mean(queue):
    found = told(queue(), "workload.open.rate=150/s")
    assert found["servers"]["serial"]["response_time_s"]["mean"] == {
        "value": None,
        "low": None,
        "high": None,
        "reason": "serial cannot keep up: 150 requests a second need 150 % of its workers; its "
        "queue grows by 50.0 requests a second, and it would be stable below 100/s",
    }
    assert found["verdicts"] == ["neither loop nor serial can keep up with the load"]


def test_a_run_that_is_too_short_for_its_load_is_warned_of(queue):
    found = told(queue(), "workload.open.rate=90/s")
    (warning,) = [one for one in found["warnings"] if one.startswith("serial: ")]
    assert (
        "run too short: at 90 % load, a mean wait within ±10 % needs about 171,000 requests"
        in warning
    )


def test_unfinished_requests_are_warned_of(tmp_path):
    path = tmp_path / "short.yaml"
    path.write_text(QUEUE.replace("requests: 2000", "duration: 2s"), encoding="utf-8")
    found = told(path, "workload.open.rate=90/s")
    for name, one in found["servers"].items():
        assert (
            f"{name}: {one['requests']['unfinished']} of {sum(one['requests'].values()):,} "
            "requests were unfinished at the end of the run; response times exclude them"
        ) in found["warnings"]


def test_one_long_run_has_an_interval_by_batch_means(queue):
    found = told(queue(), "workload.requests=20000", replications=1)
    mean = found["servers"]["serial"]["response_time_s"]["mean"]
    assert mean["low"] < 0.02 < mean["high"]


def test_theory_is_printed_without_simulating(simsched, queue):
    outcome = simsched("theory", queue())
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "serial: M/M/1: response_time.mean = 20.0 ms, response_time.p50 = 13.9 ms, "
        "response_time.p90 = 46.1 ms, response_time.p95 = 59.9 ms, response_time.p99 = 92.1 ms "
        "[Kleinrock, Queueing Systems 1 (1975), 3.2]",
        "serial: operational bounds: throughput <= 50.0/s, response_time.mean >= 10.0 ms "
        "[Denning & Buzen, ACM Comput. Surv. 10 (1978)]",
        "loop: M/M/1: response_time.mean = 20.0 ms, response_time.p50 = 13.9 ms, "
        "response_time.p90 = 46.1 ms, response_time.p95 = 59.9 ms, response_time.p99 = 92.1 ms "
        "[Kleinrock, Queueing Systems 1 (1975), 3.2]",
        "loop: operational bounds: throughput <= 50.0/s, response_time.mean >= 10.0 ms "
        "[Denning & Buzen, ACM Comput. Surv. 10 (1978)]",
    ]


def test_theory_names_a_server_that_cannot_keep_up(simsched, queue):
    outcome = simsched("theory", queue(), "--set", "workload.open.rate=150/s")
    assert outcome.out.splitlines()[0].startswith("serial cannot keep up: 150 requests a second")


def test_theory_bounds_a_schedule(simsched, lecture):
    first, _ = simsched("theory", lecture).out.splitlines()
    assert first == (
        "serial: operational bounds: throughput <= 16.3/s, response_time.mean >= 61.3 ms "
        "[Denning & Buzen, ACM Comput. Surv. 10 (1978)]"
    )


def test_theory_says_where_it_knows_nothing(simsched, lecture):
    impatient = "client.timeout=5s"
    found = simsched("theory", lecture, "--set", impatient)
    assert found.out == "no formula applies to these scenarios\n"


def test_theory_and_simulation_agree(queue):
    found = told(queue(), "workload.requests=4000")
    assert not [one for one in found["warnings"] if "says" in one]
    assert [one["model"] for one in found["theory"]] == ["M/M/1", "operational bounds"] * 2
