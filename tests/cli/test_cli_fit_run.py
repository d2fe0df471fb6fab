"""``simsched fit`` and ``check`` of the folder of a run, as ``simsched measure`` leaves one."""

from __future__ import annotations

import json

import pytest

LOOP = """
name: loop
requests:
  page: [{cpu: 1ms}, {io: {exponential: 8ms}}, {cpu: 1ms}, {io: 3ms}]
  ping: [{cpu: 1ms}, {io: 2ms}]
workload: {open: {rate: 120/s}, requests: 200}
servers:
  slow: {model: cooperative, overhead: {request: 0.4ms, io: 1.2ms}}
  other: {model: serial, workers: 4}
run: {replications: 1}
"""
BARE = ("--set", "servers.slow.overhead={}")


@pytest.fixture
def folder(simsched, tmp_path):
    (tmp_path / "loop.yaml").write_text(LOOP)
    assert simsched("run", "loop.yaml").code == 0
    (found,) = (tmp_path / "reports" / "loop").iterdir()
    return found


def test_overheads_are_found_in_the_folder_of_a_run(simsched, folder):
    done = simsched("fit", "--measured", folder, "--server", "slow", *BARE, "--format", "json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    for name, truth in (("request", 0.4e-3), ("io", 1.2e-3)):
        estimate = found["estimates"][f"servers.slow.overhead.{name}"]
        assert abs(estimate["value_s"] - truth) < 3e-4
    assert abs(found["prediction"]["response_time_s"]["mean"]["error"]) < 0.02
    assert found["requests"] == 200


def test_a_scenario_is_held_against_the_folder_of_a_run(simsched, folder):
    right = simsched("check", "loop.yaml", "--measured", folder, "--server", "slow")
    assert right.code == 0
    assert "with an error of 0 % in the mean response time" in right.out
    wrong = simsched("check", "loop.yaml", "--measured", folder, "--server", "slow", *BARE)
    assert "with an error of -" in wrong.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--set", "run.seed=2"],
            "loop: the run met other requests than the scenario draws; leave",
        ),
        (["--set", "workload.requests=100"], "the run met other requests than the scenario draws"),
        (
            ["--set", "workload={closed: {users: 2}, requests: 9}"],
            "what is measured of users is no",
        ),
        (["--set", "servers.slow.model=serial", "--server", "none"], "there is no server 'none'"),
        (["--set", "servers.new={model: serial}", "--server", "new"], "it has no server 'new'"),
        ([], "it has 2 servers; name the measured one: --server"),
    ],
)
def test_what_is_not_of_the_run_is_refused(simsched, folder, options, said):
    named = [] if "--server" in options or not options else ["--server", "slow"]
    done = simsched("fit", "--measured", folder, *named, *options)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("workload.requests=19", "loop: the run has 19 requests; at least 20 are needed"),
        (
            "client.timeout=3ms",
            "of the requests of the run have no answer; measure at a lower load",
        ),
    ],
)
def test_a_run_that_says_too_little_is_refused(simsched, tmp_path, change, said):
    (tmp_path / "loop.yaml").write_text(LOOP)
    simsched("run", "loop.yaml", "--set", change)
    (folder,) = (tmp_path / "reports" / "loop").iterdir()
    done = simsched("fit", "--measured", folder, "--server", "slow")
    assert done.code == 2
    assert said in done.err
