"""What goes wrong is told in one message, and the exit code says whose affair it is."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from simsched import experiment
from simsched.errors import RunError
from simsched.report import files

BAD = """\
name: bad
requests:
  page: [{cpu: 10}, {io: 5 parsecs}]
workload:
  schedule: [{at: 0ms, request: pgae}]
servers:
  serial: {model: serial, wrokers: 2}
"""


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD, encoding="utf-8")
    return Path("bad.yaml")


@pytest.mark.parametrize("command", ["run", "validate"])
def test_every_fault_has_a_line_and_the_last_line_counts_them(simsched, bad, command):
    outcome = simsched(command, bad)
    assert (outcome.code, outcome.out) == (2, "")
    *faults, count = outcome.err.splitlines()
    assert [fault.split(": ")[0] for fault in faults] == [
        "bad.yaml:3:16",
        "bad.yaml:3:26",
        "bad.yaml:5:33",
        "bad.yaml:7:27",
    ]
    assert faults[3] == (
        "bad.yaml:7:27: servers.serial.wrokers: unknown key; did you mean 'workers'?"
    )
    assert count == "simsched: 4 faults in bad.yaml"


def test_one_fault_is_one_line(simsched):
    assert simsched("run", "nosuch.yaml").err == "simsched: nosuch.yaml: no such file\n"


@pytest.mark.parametrize("command", ["run", "validate"])
def test_work_without_bound_is_refused_beside_the_faults_of_other_files(
    simsched, tmp_path, command
):
    long = tmp_path / "long.yaml"
    long.write_text(
        "name: long\n"
        "requests: {page: [{cpu: 2s}]}\n"
        "workload: {schedule: [{at: 0ms, request: page, times: 2}]}\n"
        "servers: {cut: {model: threaded, switch_interval: 1ns}}\n"
    )
    outcome = simsched(command, long, "nosuch.yaml")
    assert outcome.code == 2
    assert outcome.err.splitlines() == [
        f"{long}: servers.cut.switch_interval: the first 200 requests would compute in about"
        " 3,999,999,998 turns of 1ns; 2,000,000 are the most: write switch_interval: 2us or more",
        "nosuch.yaml: no such file",
        "simsched: 2 faults in 2 places",
    ]


def test_the_faults_of_all_files_are_reported(simsched, bad, lecture):
    outcome = simsched("run", lecture, bad, "nosuch.yaml")
    assert outcome.code == 2
    assert outcome.err.splitlines()[-2:] == [
        "nosuch.yaml: no such file",
        "simsched: 5 faults in 2 places",
    ]


def test_a_fault_of_an_option_is_reported_once_for_all_files(simsched, lecture):
    outcome = simsched("validate", lecture, lecture, "--set", "servers.serial.workers=0")
    assert outcome.code == 2
    assert outcome.err == (
        "simsched: --set servers.serial.workers=0: servers.serial.workers: "
        "the number 0 is too small; it must be at least 1\n"
    )


def test_a_file_compared_with_itself_is_refused(simsched, lecture, tmp_path):
    outcome = simsched("run", lecture, lecture)
    assert outcome.code == 2
    assert outcome.err == (
        "simsched: 2 scenarios are called 'lecture'; give each scenario a name of its own\n"
    )
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "No such command 'rnu'. Did you mean 'run'?"),
        (["run"], "Missing argument 'FILE'."),
        (["run", "x.yaml", "--frmt", "json"], "No such option: --frmt"),
        (["run", "x.yaml", "--format", "yaml"], "'yaml' is not one of 'table', 'json', 'markdown'"),
        (["run", "x.yaml", "--seed", "-1"], "Invalid value for '--seed'"),
        (["run", "x.yaml", "--replications", "0"], "Invalid value for '--replications'"),
        (["run", "x.yaml", "--replications", "many"], "Invalid value for '--replications'"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_how_to_get_help(simsched, arguments, message):
    outcome = simsched(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert "--help' for help." in outcome.err


def test_an_option_without_its_value_is_refused(simsched):
    outcome = simsched("run", "x.yaml", "--out")
    assert (outcome.code, outcome.err) == (2, "Error: Option '--out' requires an argument.\n")


def test_a_folder_that_is_a_file_is_refused_before_anything_runs(
    simsched, lecture, tmp_path, monkeypatch
):
    (tmp_path / "reports").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(experiment, "run", pytest.fail)
    outcome = simsched("run", lecture)
    assert outcome.code == 2
    assert outcome.err == (
        "simsched: reports: cannot write here: File exists; choose another folder with --out\n"
    )
    assert (tmp_path / "reports").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_refused(simsched, lecture):
    outcome = simsched("run", lecture, "--out", "/proc/simsched")
    assert outcome.code == 2
    assert outcome.err.startswith("simsched: /proc/simsched: cannot write here: ")


def test_a_full_disk_fails_the_run_and_leaves_nothing(simsched, lecture, tmp_path, monkeypatch):
    def fill(folder: Path, *_: object) -> None:
        (folder / "summary.json").write_text("half", encoding="utf-8")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "_write_texts", fill)
    outcome = simsched("run", lecture)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        "simsched: reports/lecture: No space left on device; "
        "free some space or choose another folder with --out\n"
    )
    assert list((tmp_path / "reports").rglob("*")) == []


def test_what_was_written_earlier_survives_a_failed_run(simsched, lecture, tmp_path, monkeypatch):
    simsched("run", lecture)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def fail(*_: object, **__: object) -> None:
        raise RunError("it cannot be done")

    monkeypatch.setattr(experiment, "run", fail)
    outcome = simsched("run", lecture)
    assert (outcome.code, outcome.err) == (1, "simsched: it cannot be done\n")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_interrupted_run_leaves_nothing(simsched, lecture, tmp_path, monkeypatch):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "run", interrupt)
    outcome = simsched("run", lecture)
    assert (outcome.code, outcome.err) == (130, "simsched: interrupted; nothing was written\n")
    assert list(tmp_path.rglob("*")) == [tmp_path / "reports"]


def test_an_unforeseen_error_is_not_hidden(simsched, lecture, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(experiment, "run", fail)
    with pytest.raises(ZeroDivisionError):
        simsched("run", lecture)
