"""The commands ``capacity`` and ``best``: what they print, leave behind, and end with."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import shlex
from concurrent.futures import BrokenExecutor

import pytest
from search_runs import benchmark

from simsched.experiment import simulating, workers
from simsched.experiment.search import capacity
from simsched.experiment.search.journal import Journal
from simsched.report import printing
from simsched.report.view.app import index_page
from simsched.report.view.runs import runs

LIMIT = "response_time.mean < 50ms"
FINE = ("--indifference", "0.001%")
CLOSE = (*FINE, "--set", "servers.a.workers=5", "--set", "servers.b.workers=6")
"""Servers that take several rounds to distinguish."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Compute the queue without an engine."""
    queue = benchmark("recursions").kiefer_wolfowitz
    monkeypatch.setattr(simulating, "one_by_one", queue)
    monkeypatch.setattr(capacity, "one_by_one", queue)


def test_the_answer_is_a_sentence_a_table_and_a_page(simsched, tmp_path):
    outcome = simsched("capacity", "mm1.yaml", "--slo", LIMIT, "--jobs", 1)
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == f"mm1: workload.open.rate for {LIMIT}, seed 1"
    assert lines[1].startswith("serial carries ")
    assert f"with {LIMIT}." in " ".join(lines[1:3])
    assert "saturates at" in outcome.out
    assert "100.0/s" in outcome.out
    (folder,) = (tmp_path / "reports" / "mm1").iterdir()
    assert lines[-1] == f"Report: reports/mm1/{folder.name}/report.html"
    assert sorted(path.name for path in folder.iterdir()) == [
        "capacity.csv",
        "capacity.json",
        "report.html",
        "scenario.yaml",
    ]


def test_json_has_the_boundary_and_every_value_that_was_tried(simsched, tmp_path):
    outcome = simsched("capacity", "slo.yaml", "--jobs", 1, "--format", "json", "--relative", "5%")
    found = json.loads(outcome.out)
    one = found["servers"]["serial"]
    assert one["status"] == "found"
    assert one["low"] < 80 < one["high"]
    assert one["highest_rate_per_s"] == 100
    trial = one["trials"][0]["metrics"]["response_time_s.mean"]
    assert trial["low"] < trial["value"] < trial["high"]
    (folder,) = (tmp_path / "reports" / "mm1").iterdir()
    assert json.loads((folder / "capacity.json").read_text("utf-8")) == found
    rows = list(csv.DictReader((folder / "capacity.csv").read_text("utf-8").splitlines()))
    assert [float(row["value"]) for row in rows] == [each["value"] for each in one["trials"]]
    assert "Report: " in outcome.err


def test_the_best_leaves_a_page_that_the_index_lists_and_a_command_that_repeats_it(
    simsched, tmp_path, monkeypatch
):
    outcome = simsched("best", "sweep.yaml", "--jobs", 1, "--indifference", "3%")
    (folder,) = (tmp_path / "reports" / "mm1").iterdir()
    assert outcome.out.splitlines()[-1] == f"Report: reports/mm1/{folder.name}/report.html"
    names = ["best.csv", "best.json", "report.html", "sweep.yaml"]
    assert sorted(path.name for path in folder.iterdir()) == names
    found = json.loads((folder / "best.json").read_text("utf-8"))
    rows = list(csv.DictReader((folder / "best.csv").read_text("utf-8").splitlines()))
    assert [row["name"] for row in rows] == [each["name"] for each in found["designs"]]
    assert [row["fate"] for row in rows].count("selected") == 1
    command = re.search(
        r"simsched (best sweep.yaml [^<]*)</code>", (folder / "report.html").read_text()
    )
    monkeypatch.chdir(folder)
    again = simsched(*shlex.split(command[1]), "--jobs", 1, "--format", "json", "--out", "again")
    assert json.loads(again.out) == found
    (listed,) = runs(tmp_path / "reports")
    assert (listed.kind, listed.file) == ("best of 3 designs", "best.json")
    assert listed.verdict[0] == found["verdicts"][0].removesuffix(".")


def test_the_index_lists_searches(simsched, tmp_path):
    simsched("capacity", "slo.yaml", "--jobs", 1, "--relative", "10%")
    (listed,) = runs(tmp_path / "reports")
    assert (listed.name, listed.kind, listed.file) == ("mm1", "capacity", "capacity.json")
    assert listed.verdict[0].startswith("serial carries ")
    page, _ = index_page(tmp_path / "reports")
    assert "· capacity" in page
    assert f"{listed.path}/capacity.json" in page
    assert 'type="checkbox"' not in page  # it cannot be compared with a run


def test_the_same_search_leaves_the_same_bytes(simsched, tmp_path):
    for folder in ("one", "other"):
        simsched("capacity", "slo.yaml", "--jobs", 1, "--relative", "10%", "--out", folder)
    first, second = (next((tmp_path / each / "mm1").iterdir()) for each in ("one", "other"))
    for name in ("capacity.json", "capacity.csv", "report.html", "scenario.yaml"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_the_command_on_the_page_repeats_the_search(simsched, tmp_path, monkeypatch):
    simsched("capacity", "mm1.yaml", "--slo", LIMIT, "--jobs", 1, "--relative", "10%")
    (folder,) = (tmp_path / "reports" / "mm1").iterdir()
    assert "simsched capacity scenario.yaml --relative 10%" in (folder / "report.html").read_text(
        "utf-8"
    )
    monkeypatch.chdir(folder)
    again = simsched_in(simsched, folder, monkeypatch)
    assert json.loads(again.out) == json.loads((folder / "capacity.json").read_text("utf-8"))


def simsched_in(simsched, folder, monkeypatch):
    monkeypatch.chdir(folder)
    return simsched(
        "capacity", "scenario.yaml", "--relative", "10%", "--jobs", 1, "--format", "json"
    )


def test_several_limits_are_kept_together(simsched, tmp_path):
    """The tail of M/M/1 is kept up to a lower rate than its mean."""
    tail, options = "response_time.p99 < 100ms", ("--jobs", 1, "--relative", "10%")
    both = simsched("capacity", "slo.yaml", "--slo", tail, "--slo", LIMIT, *options)
    alone = simsched("capacity", "slo.yaml", "--slo", tail, *options, "--format", "json")
    assert both.code == 0
    assert f"with {tail} and {LIMIT}." in " ".join(both.out.split())
    pages = list(tmp_path.glob("reports/mm1/*/capacity.json"))
    found = [json.loads(each.read_text("utf-8"))["servers"]["serial"] for each in pages]
    (one,) = (each for each in found if len(each["limits"]) == 2)
    assert one["limits"] == [tail, LIMIT]
    assert one["value"] == json.loads(alone.out)["servers"]["serial"]["value"]


def test_a_limit_that_is_never_kept_ends_with_3(simsched):
    outcome = simsched("capacity", "mm1.yaml", "--slo", "response_time.mean < 5ms", "--jobs", 1)
    assert outcome.code == 3
    assert "serial never keeps response_time.mean < 5ms: at best, at 1.000/s" in outcome.out


def test_an_answer_that_is_too_wide_ends_with_4(simsched):
    options = ("--relative", "0.1%", "--at-most", 20, "--jobs", 1)
    outcome = simsched("capacity", "mm1.yaml", "--slo", LIMIT, *options)
    assert outcome.code == 4
    assert "stops keeping response_time.mean < 50ms somewhere between" in outcome.out
    assert "20 replications are too few for a precision of 0.1 %" in " ".join(outcome.out.split())


def test_workers_that_cannot_be_distinguished_start_to_keep_the_limit_somewhere(simsched):
    options = ("--for", "servers.serial.workers", "--set", "workload.open.rate=250/s")
    limit = "response_time.mean < 24ms"
    outcome = simsched(
        "capacity", "mm1.yaml", "--slo", limit, *options, "--at-most", 5, "--jobs", 1
    )
    assert outcome.code == 4
    text = " ".join(outcome.out.split())
    assert f"serial starts to keep {limit} somewhere between 3 and 4 of servers.serial" in text


def test_the_fewest_workers_are_said_with_the_neighbour(simsched):
    options = ("--for", "servers.serial.workers", "--set", "workload.open.rate=250/s")
    outcome = simsched("capacity", "mm1.yaml", "--slo", LIMIT, *options, "--jobs", 1)
    assert outcome.code == 0
    assert (
        "serial keeps response_time.mean < 50ms with servers.serial.workers = 3 or more, "
        "but not with 2."
    ) in " ".join(outcome.out.split())


def test_markdown_is_for_pasting(simsched):
    outcome = simsched("capacity", "slo.yaml", "--jobs", 1, "--format", "markdown")
    assert outcome.out.startswith("### mm1: workload.open.rate for ")
    assert "|---|---:|" in outcome.out


class Simulator:
    """Simulates as often as it may, and then raises as Ctrl-C does."""

    def __init__(self, monkeypatch, may=10**9):
        self.queue = benchmark("recursions").kiefer_wolfowitz
        self.may = may
        self.count = 0
        monkeypatch.setattr(simulating, "one_by_one", self)

    def __call__(self, contender, replications, _phases=None):
        if self.count == self.may:
            raise KeyboardInterrupt
        self.count += 1
        return self.queue(contender, replications)


def test_ctrl_c_prints_what_is_known_and_writes_no_report(simsched, monkeypatch, tmp_path):
    Simulator(monkeypatch, may=3)
    outcome = simsched("capacity", "slo.yaml", "--jobs", 1)
    assert outcome.code == 130
    assert outcome.err == (
        "simsched: interrupted; what was found is stored: run the same command to continue\n"
    )
    assert "serial was interrupted: so far it keeps response_time.mean < 50ms at" in outcome.out
    assert [path.name for path in (tmp_path / "reports").iterdir()] == [".simsched-store"]


@pytest.mark.parametrize(
    "arguments",
    [("capacity", "slo.yaml"), ("best", "two.yaml", *CLOSE), ("best", "close.yaml", *FINE)],
    ids=["capacity", "best server", "best point"],
)
def test_an_interrupted_search_continues(simsched, monkeypatch, tmp_path, arguments):
    command = (*arguments, "--jobs", 1, "--format", "json")
    whole = Simulator(monkeypatch)
    expected = simsched(*command, "--out", "whole").out
    spent = 0
    for more in (1, 2, 3):
        some = Simulator(monkeypatch, may=more)
        outcome = simsched(*command)
        assert outcome.code == 130
        assert ("continuing an interrupted search: " in outcome.err) == (spent > 0)
        spent += some.count
    rest = Simulator(monkeypatch)
    outcome = simsched(*command)
    assert outcome.out == expected
    assert whole.count - spent <= rest.count <= whole.count - spent + 3  # one begun each time
    assert list((tmp_path / "reports" / ".simsched-store").rglob("*.search")) == []


@pytest.mark.parametrize("arguments", [("capacity", "slo.yaml"), ("best", "two.yaml")])
def test_the_answer_is_printed_before_what_was_kept_is_forgotten(simsched, monkeypatch, arguments):
    shown = []
    monkeypatch.setattr(printing, "put", shown.append)
    monkeypatch.setattr(Journal, "forget", lambda _: shown.append("forgotten"))
    assert simsched(*arguments, "--jobs", 1).code == 0
    assert "Report: " in shown[0]
    assert shown[1:] == ["forgotten"]


@pytest.mark.parametrize("arguments", [("capacity", "slo.yaml"), ("best", "two.yaml")])
def test_a_report_that_finds_no_room_is_written_by_the_same_command(
    simsched, monkeypatch, tmp_path, arguments
):
    def full(*_):
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_bytes", full)
        outcome = simsched(*arguments, "--jobs", 1)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        "simsched: reports/mm1: File too large; what was simulated is kept: make room and run the "
        "same command again\n"
    )
    assert [path.name for path in (tmp_path / "reports").iterdir()] == [".simsched-store"]
    again = Simulator(monkeypatch)
    assert simsched(*arguments, "--jobs", 1).code == 0
    assert again.count == 0


def test_a_damaged_result_of_a_search_is_reported(simsched, monkeypatch, tmp_path, caplog):
    Simulator(monkeypatch, may=3)
    simsched("capacity", "slo.yaml", "--jobs", 1)
    file = min(tmp_path.rglob("*.search/*.json"))
    file.write_bytes(file.read_bytes()[:-1])
    Simulator(monkeypatch, may=0)
    outcome = simsched("capacity", "slo.yaml", "--jobs", 1)
    assert outcome.err.splitlines()[:1] == [
        "continuing an interrupted search: 4 results found in the store",
    ]
    assert caplog.messages == [
        f"{file.relative_to(tmp_path)}: its content is not what was written; it is ignored, and "
        "simulated again"
    ]


@pytest.mark.parametrize("change", ["--seed=2", "--set=workload.open.rate=81/s"])
def test_another_search_starts_afresh(simsched, monkeypatch, change):
    Simulator(monkeypatch, may=1)
    assert simsched("best", "two.yaml", "--jobs", 1).code == 130
    rest = Simulator(monkeypatch)
    outcome = simsched("best", "two.yaml", "--jobs", 1, change)
    assert outcome.code == 0
    assert "interrupted search" not in outcome.err
    assert rest.count > 1


def begin_at_once(monkeypatch):
    monkeypatch.setattr(simulating, "STARTING_S", 0.0)
    monkeypatch.setattr(simulating, "SENT_S", 0.0)


def test_processes_give_the_same_answer(simsched, monkeypatch):
    begin_at_once(monkeypatch)
    sent = []
    submit = workers.Processes.submit
    monkeypatch.setattr(
        workers.Processes, "submit", lambda *given: sent.append(given[-1]) or submit(*given)
    )
    options = ("--relative", "20%", "--format", "json")
    alone = simsched("capacity", "slo.yaml", *options, "--jobs", 1)
    assert sent == []
    together = simsched("capacity", "slo.yaml", *options, "--jobs", 2)
    assert together.code == 0
    assert alone.out == together.out
    assert len(sent) > 10


def test_processes_that_die_repeatedly_are_an_error_with_advice(simsched, monkeypatch):
    def dead(*_):
        raise BrokenExecutor

    begin_at_once(monkeypatch)
    monkeypatch.setattr(workers.Processes, "submit", dead)
    outcome = simsched("capacity", "slo.yaml", "--jobs", 2)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        "simsched: a simulating process died repeatedly: it was killed, or ran out of memory; what "
        "was found is stored: run the same command to continue, with fewer --jobs if memory is "
        "short\n"
    )


def test_the_best_point_of_a_sweep_is_selected(simsched):
    outcome = simsched("best", "sweep.yaml", "--jobs", 1)
    assert (outcome.code, outcome.err) == (0, "")
    text = " ".join(outcome.out.split())
    assert "serial.workers=4 has the lowest response_time.mean" in text
    assert re.search(r"serial.workers=1 47.6 ms \+.* ms to \+.* ms 10 worse", text)


@pytest.mark.parametrize(
    ("file", "best", "left_out", "reason"),
    [
        (
            "impossible.yaml",
            "uniform.low=1ms, uniform.high=5ms",
            "uniform.low=10ms, uniform.high=5ms",
            "requests.page[0].cpu.uniform.high: 5ms is too short; high must be more than low, "
            "which is 10ms",
        ),
        (
            "untold.yaml",
            "run.warmup=0s",
            "run.warmup=100s",
            "replication 1 completes too few requests to measure response_time.mean; simulate "
            "longer",
        ),
    ],
)
def test_a_point_that_cannot_be_compared_is_left_out(simsched, file, best, left_out, reason):
    outcome = simsched("best", file, "--jobs", 1, "--format", "json")
    found = json.loads(outcome.out)
    assert (outcome.code, found["best"]) == (0, best)
    (one,) = (each for each in found["designs"] if each["name"] == left_out)
    assert (one["fate"], one["mean"], one["note"]) == ("left out", None, reason)
    table = simsched("best", file, "--jobs", 1, "--format", "markdown").out.replace("\\", "")
    assert "| left out |" in table
    assert f"> **Warning:** {left_out} is left out: {reason}  " in table


def test_the_best_server_of_a_scenario_is_selected(simsched):
    found = json.loads(simsched("best", "two.yaml", "--jobs", 1, "--format", "json").out)
    assert found["best"] == "b"
    assert [each["name"] for each in found["designs"]] == ["b", "a"]
    assert found["confidence"] == 0.95


def test_the_opposite_can_be_asked_for(simsched):
    outcome = simsched("best", "two.yaml", "--maximize", "--jobs", 1)
    assert outcome.out.splitlines()[1].startswith("a has the highest response_time.mean")


def test_an_undecided_selection_ends_with_4(simsched):
    outcome = simsched("best", "two.yaml", *CLOSE, "--at-most", 10, "--jobs", 1)
    assert outcome.code == 4
    assert "Undecided after 10 replications: b and a may each be the best" in outcome.out
    assert len(re.findall(r"undecided$", outcome.out, re.M)) == 2


def test_ctrl_c_before_anything_is_known_is_said(simsched, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(simulating, "one_by_one", interrupted)
    outcome = simsched("best", "two.yaml", "--jobs", 1)
    assert (outcome.code, outcome.out) == (130, "")
    assert outcome.err == (
        "simsched: interrupted; what was found is stored: run the same command to continue\n"
    )
