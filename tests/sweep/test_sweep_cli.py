"""The command ``simsched sweep``: what it prints, writes and ends with."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml
from sweep_examples import BASE, RATES, write
from typer.testing import CliRunner

from simsched.cli import app
from simsched.errors import ScenarioError
from simsched.experiment import forecast, run
from simsched.experiment.forecast import estimate
from simsched.experiment.sweep import plan
from simsched.report import printing
from simsched.report.sweep import page
from simsched.report.view.runs import runs
from simsched.statistics.summary import summary_rows

FILES = ["report.html", "scenario.yaml", "summary.json", "sweep.csv", "sweep.parquet", "sweep.yaml"]


def invoke(*arguments: object):
    return CliRunner().invoke(app, ["sweep", *map(str, arguments)])


def swept(file: Path, out: Path, *options: object):
    done = invoke(file, "--out", out, "--jobs", 1, "--plotlyjs", "cdn", *options)
    return done, sorted(path for path in out.glob("*/2*"))[-1]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("swept")
    return *swept(write(folder), folder / "reports"), folder


def test_a_sweep_prints_its_verdict_a_table_and_where_the_page_is(done):
    result, folder, _ = done
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "small: 6 points"
    assert lines[1].startswith("Of 6 settings, cooperative is faster in ")
    table = lines[lines.index("Mean response time:") + 1 :]
    first, *others = [line.split() for line in table if line.startswith("point ")]
    assert first + [name for head in others for name in head[1:]] == [
        *("point", "arrival", "rate", "workers", "of", "serial", "serial", "cooperative")
    ]
    assert [line.split()[:3] for line in table[2:8]][3] == ["4", "50/s", "2"]
    assert lines[-1] == f"Report: {folder / 'report.html'}"


def test_points_appear_on_stderr_as_they_are_finished(done):
    result, _, _ = done
    said = result.stderr.splitlines()
    assert len(said) == 6
    assert said[0].startswith("[1/6, ")
    assert " s left] arrival rate = " in said[0]
    assert said[-1].startswith("[6/6] ")
    assert ": serial " in said[-1]


def test_the_folder_holds_all_files_and_the_store_lies_beside(done):
    _, folder, _ = done
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert len(list((folder.parents[1] / ".simsched-store").glob("*/*.json"))) == 6


def test_the_table_is_tidy_and_its_figures_are_those_of_runs(done):
    _, folder, root = done
    found = pd.read_parquet(folder / "sweep.parquet")
    expected = ["point", "workload.open.rate", "servers.serial.workers", "server", "metric"]
    assert list(found.columns) == [*expected, "value", "low", "high", "n"]
    assert set(found["n"]) == {3}
    planned = plan(root / "s.yaml")
    for point in planned.points:
        rows = list(summary_rows(run([planned.scenario(point)]).servers))
        part = found[found["point"] == point.number]
        assert set(part["workload.open.rate"]) == {point.values[0].number}
        assert len(part) == len(rows)
        for row, (_, one) in zip(rows, part.iterrows(), strict=True):
            assert (one["server"], one["metric"]) == (row.server, row.metric)
            for name in ("value", "low", "high"):
                figure = getattr(row, name)
                assert one[name] == figure or (figure is None and pd.isna(one[name]))


def test_the_csv_says_the_same_as_the_parquet(done):
    _, folder, _ = done
    written = pd.read_csv(folder / "sweep.csv")
    pd.testing.assert_frame_equal(
        written, pd.read_parquet(folder / "sweep.parquet"), check_dtype=False
    )


def test_the_resolved_sweep_gives_the_same_files(done, tmp_path):
    _, folder, _ = done
    _, again = swept(folder / "sweep.yaml", tmp_path)
    for name in FILES:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_command_of_a_point_simulates_it_alone(done, tmp_path):
    _, folder, _ = done
    page = (folder / "report.html").read_text(encoding="utf-8")
    data = page.split('<script type="application/json" id="figures">')[1].split("</script>")[0]
    point = json.loads(data)["points"]["4"]
    assert point["at"] == [["arrival rate", "50/s"], ["workers of serial", "2"]]
    _, *arguments = point["command"].split()
    done_alone = CliRunner().invoke(
        app,
        [
            *(arguments[0], str(folder / arguments[1]), *arguments[2:]),
            *("--out", str(tmp_path), "--plotlyjs", "cdn", "--format", "json"),
        ],
    )
    said = json.loads(done_alone.stdout)
    found = pd.read_parquet(folder / "sweep.parquet")
    row = found[
        (found["point"] == 4)
        & (found["server"] == "serial")
        & (found["metric"] == "response_time_s.mean")
    ]
    assert said["servers"]["serial"]["response_time_s"]["mean"]["value"] == row["value"].item()


def test_the_summary_is_read_by_programs_and_by_the_index(done):
    _, folder, _ = done
    said = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert (said["kind"], said["points"], said["failed"]) == ("sweep", 6, [])
    assert [each["kind"] for each in said["parameters"]] == ["rate", "number"]
    (listed,) = runs(folder.parents[1])
    assert (listed.name, listed.kind) == ("small", "sweep, 6 points")


def test_a_sweep_that_is_done_again_simulates_nothing(done):
    _, folder, root = done
    result, again = swept(root / "s.yaml", folder.parents[1])
    assert result.stderr == "6 of 6 points found in the store; nothing to simulate\n"
    assert again != folder
    assert (again / "sweep.parquet").read_bytes() == (folder / "sweep.parquet").read_bytes()


def test_a_single_point_is_a_point(tmp_path):
    file = write(tmp_path, "sweep: {matrix: {run.seed: [1]}}\n")
    first, _ = swept(file, tmp_path)
    assert first.stdout.startswith("small: 1 point\n")
    again, _ = swept(file, tmp_path)
    assert again.stderr == "1 of 1 point found in the store; nothing to simulate\n"


def test_a_sweep_is_not_taken_for_a_run(done):
    _, folder, _ = done
    said = CliRunner().invoke(app, ["compare", str(folder), str(folder)])
    assert "a sweep, not a run; its figures are in sweep.parquet" in str(said.exception)


@pytest.mark.parametrize("output_format", ["json", "markdown"])
def test_other_formats_have_stdout_to_themselves(done, output_format):
    _, folder, root = done
    result, _ = swept(root / "s.yaml", folder.parents[1], "--format", output_format)
    if output_format == "json":
        assert json.loads(result.stdout)["scenario"] == "small"
    else:
        assert result.stdout.startswith("### small: 6 points\n")
        assert result.stdout.count("\n|") == 8
    assert "Report: " in result.stderr


def test_a_dry_run_lists_the_points_and_the_time_and_writes_nothing(tmp_path):
    out = tmp_path / "reports"
    result = invoke(write(tmp_path), "--dry-run", "--jobs", 3, "--out", out)
    lines = result.stdout.splitlines()
    assert lines[0] == "small: 6 points"
    assert lines[2].split() == ["point", "workload.open.rate", "servers.serial.workers"]
    assert lines[9].split() == ["6", "90/s", "2"]
    assert lines[-1].startswith("About ")
    assert lines[-1].endswith(" s on 3 processes, estimated by simulating a small part of it.")
    assert not out.exists()


def test_a_dry_run_prints_the_number_of_points_before_it_weighs_them(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(printing, "put", said.append)
    monkeypatch.setattr(forecast, "weight", lambda _: said.append("weighed") or 1.0)
    invoke(write(tmp_path), "--dry-run")
    assert said[:2] == ["small: 6 points\n", "weighed"]


def test_of_very_many_points_some_stand_for_the_others(tmp_path, monkeypatch):
    found = plan(write(tmp_path))
    weighed = []
    monkeypatch.setattr(forecast, "MOST_WEIGHED", 3)
    monkeypatch.setattr(forecast, "measured", lambda _: SimpleNamespace(foresee=lambda s: s))
    monkeypatch.setattr(forecast, "weight", lambda scenario: weighed.append(scenario) or 2.0)
    assert estimate(found) == (12.0, False)
    assert len(weighed) == 3


def test_the_table_of_many_points_leaves_out_the_middle(tmp_path):
    text = "sweep: {matrix: {run.seed: {from: 1, to: 100, steps: 100}}}\n"
    result = invoke(write(tmp_path, text), "--dry-run")
    assert "... 60 more points" in result.stdout
    assert len(result.stdout.splitlines()) == 47


def test_a_failed_point_is_named_and_the_exit_code_is_1(tmp_path):
    text = """
    sweep:
      matrix:
        servers.serial.workers: [1, 2]
        "events[0].worker": [0, 1]
    """
    base = BASE + "events: [{worker: 0, at: 0s, for: 1s, down: true, server: serial}]\n"
    result, folder = swept(write(tmp_path, text, base), tmp_path)
    assert result.exit_code == 1
    assert "simsched: 1 of 4 points failed:\n  point 2: " in result.stderr
    assert "events[0].worker" in result.stderr
    assert "1 of 4 points failed." in result.stdout
    said = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert [each["point"] for each in said["failed"]] == [2]
    assert set(pd.read_parquet(folder / "sweep.parquet")["point"]) == {1, 3, 4}
    assert "Point 2" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_sweep_in_which_all_fails_still_ends_in_a_report(tmp_path):
    base = BASE.replace("rate: 50/s", "rate: 1e9/s").replace("requests: 60", "duration: 8784h")
    text = "sweep: {matrix: {run.seed: [1, 2]}}\n"
    result, folder = swept(write(tmp_path, text, base), tmp_path)
    assert result.exit_code == 1
    assert "No point could be simulated." in result.stdout
    assert len(pd.read_parquet(folder / "sweep.parquet")) == 0


def test_a_report_that_finds_no_room_is_written_by_the_same_command(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))

    file, out = write(tmp_path), tmp_path / "reports"
    with monkeypatch.context() as patch:
        patch.setattr(page, "render", full)
        outcome = invoke(file, "--out", out, "--jobs", 1)
    assert (outcome.stdout, outcome.exception.exit_code) == ("", 1)
    assert str(outcome.exception) == (
        f"{out}/small: File too large; what was simulated is kept: make room and run the same "
        "command again"
    )
    assert [path.name for path in out.iterdir()] == [".simsched-store"]
    assert "nothing to simulate" in swept(file, out)[0].stderr


def test_a_bad_sweep_is_reported_and_nothing_is_written(tmp_path):
    result = invoke(write(tmp_path, RATES.replace("serial", "seriel")), "--out", tmp_path / "r")
    assert isinstance(result.exception, ScenarioError)
    assert "did you mean 'serial'?" in str(result.exception)
    assert not (tmp_path / "r").exists()


def test_a_cluster_that_does_not_answer_is_reported(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("simsched.experiment.workers.CLUSTER_S", 1)
    result = invoke(write(tmp_path), "--dask", "tcp://127.0.0.1:9", "--out", tmp_path)
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in str(result.exception)


def test_files_that_a_scenario_names_are_found_from_the_resolved_sweep(tmp_path):
    (tmp_path / "db.csv").write_text("io_s\n0.01\n0.02\n", encoding="utf-8")
    base = BASE.replace("{io: 5ms}", "{io: {empirical: {file: db.csv, column: io_s}}}")
    text = "sweep: {matrix: {servers.serial.workers: [1]}}\n"
    _, folder = swept(write(tmp_path, text, base), tmp_path / "reports")
    written = yaml.safe_load((folder / "sweep.yaml").read_text(encoding="utf-8"))
    file = written["requests"]["page"][1]["io"]["empirical"]["file"]
    assert file == str(tmp_path / "db.csv")
    assert len(plan(folder / "sweep.yaml").points) == 1


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_continue(tmp_path):
    hundred = RATES.replace("[20/s, 50/s, 90/s]", "{from: 20/s, to: 90/s, steps: 50}")
    file = write(tmp_path, hundred, BASE.replace("requests: 60", "requests: 1500"))
    command = [Path(sys.executable).parent / "simsched", "sweep", file, "--out", tmp_path / "r"]
    process = subprocess.Popen(
        [*command, "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - pytest may ignore it
    )
    store = tmp_path / "r" / ".simsched-store"
    until = time.monotonic() + 100
    while not list(store.glob("*/*.json")) and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    out, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in said
    kept = len(list(store.glob("*/*.json")))
    assert 1 <= kept < 100
    last = said.splitlines()[-1]
    assert last.startswith("simsched: interrupted; ")
    assert last.endswith(" of 100 points are stored: run the same command to continue")
    assert 0 <= kept - int(last.split()[2]) <= 1  # one may be kept that was not said of yet
    assert not list((tmp_path / "r").glob("small/2*"))
