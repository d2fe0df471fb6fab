"""``simsched fit`` and ``simsched check``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIO = str(ROOT / "scenarios" / "replay.yaml")
MEASURED = ["--measured", str(ROOT / "tests" / "data" / "measured" / "quart_r40.csv")]
FIT = ["fit", "--scenario", SCENARIO, *MEASURED]


def test_estimates_are_printed_and_ready_to_be_set(simsched, tmp_path):
    fitted = tmp_path / "fitted.yaml"
    done = simsched(*FIT, "--format", "json", "-o", str(fitted))
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert list(found["set"]) == ["servers.quart.overhead.request", "servers.quart.overhead.io"]
    for path, error in (
        (path, each["standard_error_s"]) for path, each in found["estimates"].items()
    ):
        assert path in found["set"]
        assert 0 < error < 5e-4
    overrides = [
        part for path, value in found["set"].items() for part in ("--set", f"{path}={value}")
    ]
    by_file = simsched("check", str(fitted), *MEASURED, "--format", "json")
    by_option = simsched("check", SCENARIO, *MEASURED, *overrides, "--format", "json")
    assert by_file.out == by_option.out
    before = json.loads(simsched("check", SCENARIO, *MEASURED, "--format", "json").out)
    after = json.loads(by_file.out)
    errors = [abs(each["response_time_s"]["mean"]["error"]) for each in (before, after)]
    assert errors[1] < 0.02 < errors[0]


def test_the_table_says_what_was_estimated_and_how_well_it_predicts(simsched):
    printed = simsched(*FIT).out
    assert "Overheads of quart, estimated from 1,000 requests:" in printed
    assert "overhead.io = 1.43 ms" in printed
    assert "order of completion: Kendall's tau 0.9997" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*FIT, "--done", "finished"], "finished"),
        ([*FIT, "--server", "flask"], "--server: there is no server 'flask' in"),
        (
            ["fit", "--scenario", str(ROOT / "scenarios" / "lecture.yaml"), *MEASURED],
            "only a trace workload can replay what was measured",
        ),
        (
            [*FIT, "--set", "servers.flask={model: serial}"],
            "it has 2 servers; name the measured one: --server",
        ),
        ([*FIT, "-o", SCENARIO], "already exists; name another file"),
        ([*FIT, "-o", "/no/such/folder/fitted.yaml"], "cannot be written: No such file"),
        (["check", SCENARIO, "--measured", "nowhere.csv"], "no such file"),
    ],
)
def test_what_cannot_be_used_is_an_error(simsched, arguments, message):
    done = simsched(*arguments)
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err
