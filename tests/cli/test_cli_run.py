"""``simsched run``: what it prints, and what it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from simsched.report import progress

FILES = [
    "report.html",
    "requests.parquet",
    "scenario.yaml",
    "segments.parquet",
    "summary.csv",
    "summary.json",
    "timing.json",
]


def timeless(folder: Path) -> dict[str, bytes]:
    """Return the files that a run left behind, without how long it took."""
    contents = {path.name: path.read_bytes() for path in folder.iterdir()}
    took_s = json.loads(contents.pop("timing.json"))["took_s"]
    page, taken = contents["report.html"], progress.took(took_s).encode()
    assert page.count(taken) == 1
    return contents | {"report.html": page.replace(taken, b"")}


def folders(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("*/*") if path.is_dir())


def test_the_lecture_prints_a_comparison_and_a_timeline(simsched, lecture):
    outcome = simsched("run", lecture)
    assert (outcome.code, outcome.err) == (0, "")
    lines = [line.split() for line in outcome.out.splitlines()]
    assert ["serial", "cooperative"] in lines
    assert ["completion", "order", "1", "2", "3", "1", "3", "2"] in lines
    timeline = [line[-4:] for line in lines if line[1:2] in (["page"], ["ping"])]
    assert timeline == [
        ["85", "ms", "85", "ms"],
        ["170", "ms", "150", "ms"],
        ["184", "ms", "112", "ms"],
        ["94", "ms", "94", "ms"],
        ["108", "ms", "88", "ms"],
        ["98", "ms", "26", "ms"],
    ]


def test_the_lecture_says_where_its_report_is(simsched, lecture, tmp_path):
    outcome = simsched("run", lecture)
    (folder,) = folders(tmp_path / "reports")
    report = Path("reports/lecture") / folder.name / "report.html"
    assert outcome.out.splitlines()[-1] == f"Report: {report}"
    assert sorted(path.name for path in folder.iterdir()) == FILES


def test_the_lecture_gives_exactly_the_times_of_the_lecture(simsched, lecture, tmp_path):
    simsched("run", lecture)
    (folder,) = folders(tmp_path / "reports")
    rows = pq.read_table(folder / "requests.parquet").to_pylist()
    finishes = {
        server: [row["finish_ns"] for row in rows if row["server"] == server]
        for server in ("serial", "cooperative")
    }
    assert finishes == {
        "serial": [85_000_000, 170_000_000, 184_000_000],
        "cooperative": [94_000_000, 108_000_000, 98_000_000],
    }
    responses = [row["finish_ns"] - row["arrival_ns"] for row in rows]
    assert responses == [ms * 1_000_000 for ms in (85, 150, 112, 94, 88, 26)]
    assert rows[5]["start_ns"] - rows[5]["arrival_ns"] == 8_000_000
    assert rows[3]["cpu_wait_ns"] == 9_000_000


def test_the_summary_of_the_lecture_has_its_order_and_means(simsched, lecture, tmp_path):
    simsched("run", lecture)
    (folder,) = folders(tmp_path / "reports")
    servers = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["servers"]
    assert servers["serial"]["completion_order"] == [1, 2, 3]
    assert servers["cooperative"]["completion_order"] == [1, 3, 2]
    means = [servers[name]["response_time_s"]["mean"]["value"] for name in servers]
    assert means == pytest.approx([(85 + 150 + 112) / 3000, (94 + 88 + 26) / 3000], abs=1e-12)
    assert servers["serial"]["requests"] == {"completed": 3}


def test_the_same_scenario_and_seed_leave_the_same_bytes(simsched, lecture, tmp_path):
    chance = "requests.ping[1].io={exponential: 6ms}"
    for _ in range(2):
        simsched("run", lecture, "--set", chance, "--seed", 7, "--replications", 3)
    one, two = folders(tmp_path / "reports")
    assert timeless(one) == timeless(two)


def test_another_seed_gives_other_figures(simsched, lecture):
    chance = "requests.ping[1].io={exponential: 6ms}"
    printed = [
        simsched("run", lecture, "--set", chance, "--seed", seed, "--format", "json").out
        for seed in (7, 8)
    ]
    assert [json.loads(text)["seed"] for text in printed] == [7, 8]
    one, other = (json.loads(text)["servers"]["serial"] for text in printed)
    assert one["slowdown"]["value"] != other["slowdown"]["value"]


def test_json_has_stdout_to_itself_and_is_the_summary(simsched, lecture, tmp_path):
    outcome = simsched("run", lecture, "--format", "json")
    (folder,) = folders(tmp_path / "reports")
    assert outcome.out == (folder / "summary.json").read_text(encoding="utf-8")
    assert outcome.err == f"Report: {Path('reports/lecture') / folder.name / 'report.html'}\n"


def test_markdown_has_stdout_to_itself(simsched, lecture):
    outcome = simsched("run", lecture, "--format", "markdown")
    assert outcome.out.startswith("### lecture: 1 replication, seed 1, engine simpy\n")
    assert "| completion order | 1 2 3 | 1 3 2 |" in outcome.out
    assert "Report" not in outcome.out
    assert outcome.err.startswith("Report: reports")


def test_a_value_can_be_overridden(simsched, lecture):
    outcome = simsched("run", lecture, "--set", "servers.serial.workers=2", "--format", "json")
    assert json.loads(outcome.out)["servers"]["serial"]["completion_order"] == [1, 3, 2]


def test_overrides_seed_and_replications_are_in_the_scenario_left_behind(
    simsched, lecture, tmp_path
):
    options = ["--set", "servers.serial.workers=2", "--seed", 5, "--replications", 2]
    printed = json.loads(simsched("run", lecture, *options, "--format", "json").out)
    assert (printed["seed"], printed["replications"]) == (5, 2)
    (folder,) = folders(tmp_path / "reports")
    left = yaml.safe_load((folder / "scenario.yaml").read_text(encoding="utf-8"))
    assert left["servers"]["serial"]["workers"] == 2
    assert left["run"] == {"seed": 5, "replications": 2}


def test_the_scenario_left_behind_repeats_the_run(simsched, lecture, tmp_path):
    simsched("run", lecture, "--set", "requests.ping[1].io={exponential: 6ms}", "--seed", 3)
    (first,) = folders(tmp_path / "reports")
    simsched("run", first / "scenario.yaml", "--out", "again")
    (second,) = folders(tmp_path / "again")
    assert timeless(first) == timeless(second)


def test_several_files_make_one_comparison(simsched, lecture, tmp_path):
    other = tmp_path / "quick.yaml"
    text = lecture.read_text(encoding="utf-8").replace("name: lecture", "name: quick database")
    other.write_text(text.replace("io: 40ms", "io: 4ms"), encoding="utf-8")
    outcome = simsched("run", lecture, other, "--format", "json")
    printed = json.loads(outcome.out)
    assert printed["scenario"] == "lecture + quick database"
    assert list(printed["servers"]) == [
        "lecture/serial",
        "lecture/cooperative",
        "quick database/serial",
        "quick database/cooperative",
    ]
    assert {one["baseline"] for one in printed["comparisons"]} == {"lecture/serial"}
    (folder,) = folders(tmp_path / "reports")
    names = {path.name for path in folder.iterdir()}
    assert {"scenario-1.yaml", "scenario-2.yaml"} <= names


def test_a_missing_folder_is_made(simsched, lecture, tmp_path):
    assert simsched("run", lecture, "--out", "a/b/c").code == 0
    assert len(folders(tmp_path / "a/b/c")) == 1


def test_a_run_without_requests_is_a_run(simsched, scenarios):
    outcome = simsched(
        "run", scenarios / "flask-vs-quart.yaml", "--set", "workload.open.rate=0.001/min"
    )
    assert outcome.code == 0
    assert "throughput" in outcome.out
