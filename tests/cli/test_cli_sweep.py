"""The command ``sweep``: what it says of points that cannot be, and of options without effect."""

from __future__ import annotations

import pytest

from simsched.experiment.sweep import running

BASE = """
name: small
requests: {page: [{cpu: {uniform: {low: 1ms, high: 5ms}}}]}
workload: {open: {rate: 80/s}, requests: 300}
servers: {serial: {model: serial}}
"""

IMPOSSIBLE = """
sweep:
  matrix:
    requests.page[0].cpu.uniform.low: [1ms, 10ms]
    requests.page[0].cpu.uniform.high: [5ms, 12ms]
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "small.yaml").write_text(BASE + IMPOSSIBLE, encoding="utf-8")
    return "small.yaml"


def test_a_point_that_failed_is_not_said_to_be_kept(simsched, file, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "Execution", interrupt)
    outcome = simsched("sweep", file, "--jobs", 1)
    assert outcome.code == 130
    told = outcome.err.splitlines()
    assert told[0].startswith("[1/4] ")
    assert told[-1] == (
        "simsched: interrupted; 0 of 4 points are stored: run the same command to continue"
    )


def test_markdown_has_the_notes_and_the_warnings_of_the_table(simsched, tmp_path):
    steep = BASE.replace("{low: 1ms, high: 5ms}", "{low: 1ms, high: 20ms}")
    again = "include: [{workload.open.rate: 80/s}]"
    rates = f"sweep: {{matrix: {{workload.open.rate: [80/s, 70/s]}}, {again}}}\n"
    (tmp_path / "steep.yaml").write_text(steep + rates, encoding="utf-8")
    table = simsched("sweep", "steep.yaml", "--jobs", 1).out
    markdown = simsched("sweep", "steep.yaml", "--jobs", 1, "--format", "markdown").out
    plain = markdown.replace("\\", "").splitlines()
    told = " ".join(table.split())
    (note,) = (line for line in plain if "repeated point" in line)
    warnings = [line for line in plain if line.startswith("> ")]
    assert note in told
    assert warnings
    assert told.count("Warning: ") == len(warnings)
    for line in warnings:
        assert f"Warning: {line.removeprefix('> **Warning:** ').rstrip()} " in told


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nonsense", "missing port number in address 'nonsense'"),
        ("ftp://here:1", "unknown address scheme 'ftp'"),
        ("here:65536", "here:65536: port 65536 is out of range; the most is 65535"),
    ],
)
def test_no_client_is_made_for_an_address_that_is_none(
    simsched, file, monkeypatch, address, message
):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(distributed, "Client", pytest.fail)
    outcome = simsched("sweep", file, "--dask", address)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


SEEDS = "sweep: {matrix: {run.seed: [1, 2], run.replications: [2, 3]}}\n"
WHOLE = "sweep: {matrix: {servers.serial: [{model: serial}, {model: cooperative}]}}\n"
ONE = "sweep: {include: [{servers.serial.workers: 2}, {workload.open.rate: 90/s}]}\n"


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (SEEDS, ("sweep", "--seed", 3), "--seed: run.seed is swept"),
        (SEEDS, ("best", "--seed", 3), "--seed: run.seed is swept"),
        (SEEDS, ("sweep", "--replications", 3), "--replications: run.replications is swept"),
        (SEEDS, ("sweep", "--set", "run.seed=3"), "--set run.seed: run.seed is swept"),
        (
            WHOLE,
            ("best", "--set", 'servers."serial".workers=2'),
            "--set servers.serial.workers: servers.serial is swept",
        ),
    ],
)
def test_an_option_that_the_sweep_leaves_no_say_is_refused(
    simsched, tmp_path, text, arguments, message
):
    (tmp_path / "s.yaml").write_text(BASE + text, encoding="utf-8")
    command, *options = arguments
    outcome = simsched(command, "s.yaml", *options)
    hint = "leave the option out, or change the values in the sweep"
    assert (outcome.code, outcome.err) == (2, f"simsched: {message}; {hint}\n")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (ONE, ("--set", "servers.serial.workers=3")),
        (WHOLE, ("--seed", 3)),
        (SEEDS, ("--set", "run.warmup=1s")),
    ],
)
def test_an_option_that_has_a_say_in_some_point_is_taken(simsched, tmp_path, text, options):
    (tmp_path / "s.yaml").write_text(BASE + text, encoding="utf-8")
    assert simsched("sweep", "s.yaml", *options, "--dry-run").code == 0
