from __future__ import annotations

import html
import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simsched import cli
from simsched.errors import InputError

SCENARIO = Path(__file__).parents[2] / "scenarios" / "lecture.yaml"


def invoke(*arguments: object):
    return CliRunner().invoke(cli.app, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, Path]:
    """Return two finished runs: the lecture, and the lecture with a second serial worker."""
    root = tmp_path_factory.mktemp("reports")
    for override in ("servers.serial.workers=1", "servers.serial.workers=2"):
        assert invoke("run", SCENARIO, "--out", root, "--set", override).exit_code == 0
    first, second = sorted(root.glob("lecture/*"))
    return first, second


def test_report_builds_the_page_again_byte_for_byte(finished):
    page = finished[0] / "report.html"
    before = page.read_bytes()
    page.write_text("lost")
    assert invoke("report", finished[0]).exit_code == 0
    assert page.read_bytes() == before
    assert sorted(path.suffix for path in finished[0].iterdir()).count(".html") == 1


@pytest.mark.parametrize("name", ["db-pool", "retry-storm"])
def test_a_run_with_resources_or_retries_is_built_again_byte_for_byte(tmp_path, name):
    shorter = ("workload.duration=12s", "run.replications=2", "run.warmup=1s")
    overrides = [part for each in shorter for part in ("--set", each)]
    told = invoke("run", SCENARIO.parent / f"{name}.yaml", "--out", tmp_path, *overrides)
    assert told.exit_code in {0, 3}
    (folder,) = tmp_path.glob(f"{name}/*")
    page = folder / "report.html"
    before = page.read_bytes()
    page.unlink()
    assert invoke("report", folder).exit_code == 0
    assert page.read_bytes() == before
    assert (folder / "resources.parquet").exists() == (name == "db-pool")
    assert (b'<a href="resources.parquet">' in before) == (name == "db-pool")


def test_compare_says_what_changed(finished):
    told = invoke("compare", *finished)
    assert told.exit_code == 0
    assert "second/serial's mean response time is shorter than first/serial's" in " ".join(
        told.stdout.split()
    )


def test_compare_writes_markdown_and_a_page(finished, tmp_path):
    page = tmp_path / "comparison.html"
    told = invoke("compare", *finished, "--format", "markdown", "--page", page)
    assert told.stdout.startswith("### lecture: first and second run: 1 replication, seed 1")
    assert "second/cooperative" in page.read_text()


def test_the_command_on_the_page_of_a_comparison_makes_it_again(finished, tmp_path):
    page = tmp_path / "comparison.html"
    told = invoke("compare", *finished, "--page", page)
    (command,) = re.findall(r'<code id="command">(.*?)</code>', page.read_text())
    program, *arguments = shlex.split(html.unescape(command))
    assert program == "simsched"
    assert "From the folders of both runs:" in page.read_text()
    assert invoke(*arguments).stdout == told.stdout


def test_compare_in_json_pairs_servers_of_one_name(finished):
    told = json.loads(invoke("compare", *finished, "--format", "json").stdout)
    assert {(one["server"], one["baseline"]) for one in told["comparisons"]} == {
        ("second/serial", "first/serial"),
        ("second/cooperative", "first/cooperative"),
    }


@pytest.mark.parametrize(
    ("kind", "name"),
    [("perfetto", "perfetto.json"), ("otlp", "otlp.json")],
)
def test_export_writes_beside_the_run_or_to_the_given_file(finished, tmp_path, kind, name):
    assert invoke("export", finished[1], "--format", kind).exit_code == 0
    assert invoke("export", finished[1], "--format", kind, "--out", tmp_path / "x").exit_code == 0
    assert (finished[1] / name).read_bytes() == (tmp_path / "x").read_bytes()


def test_an_export_of_a_long_run_says_that_it_has_not_all_requests(finished, tmp_path):
    scenario = tmp_path / "long.yaml"
    lines = [
        "name: long",
        "requests: {page: [{cpu: 1ms}]}",
        "workload: {closed: {users: 1, think: 1ms, iterations: 600}}",
        "servers: {loop: {model: cooperative}}",
        "run: {engine: simpy}",
    ]
    scenario.write_text("\n".join(lines) + "\n")
    assert invoke("run", scenario, "--out", tmp_path / "run").exit_code == 0
    (folder,) = (tmp_path / "run" / "long").iterdir()
    told = invoke("export", folder, "--format", "otlp", "--out", tmp_path / "x")
    assert re.search(r"\nIt has 2[0-9]{2} of 600 requests: the first ones and the", told.stdout)
    assert "It has" not in invoke("export", finished[1], "--format", "otlp").stdout


@pytest.mark.parametrize(
    "arguments", [("report",), ("compare", SCENARIO.parent), ("export", "--format", "otlp")]
)
def test_a_folder_that_is_no_run_is_bad_input(tmp_path, arguments):
    told = invoke(arguments[0], tmp_path, *arguments[1:])
    assert isinstance(told.exception, InputError)
    assert "not the directory of a run" in str(told.exception)


def test_an_export_that_cannot_be_written_is_bad_input(finished, tmp_path):
    told = invoke("export", finished[0], "--format", "otlp", "--out", tmp_path / "no" / "x.json")
    assert isinstance(told.exception, InputError)
    assert "cannot write here: No such file or directory" in str(told.exception)


def test_view_shows_the_folder_until_it_is_interrupted(finished, monkeypatch):
    asked = {}

    def serve(root, port, *, open_browser, announce):
        asked.update(root=root, port=port, open_browser=open_browser)
        announce("http://127.0.0.1:8123/")
        raise KeyboardInterrupt

    monkeypatch.setattr("simsched.report.view.serve", serve)
    told = invoke("view", finished[0].parent, "--port", "8123", "--no-browser")
    assert told.exit_code == 0
    assert asked == {"root": finished[0].parent, "port": 8123, "open_browser": False}
    told_where = f"Showing {finished[0].parent} at http://127.0.0.1:8123/\nPress Ctrl-C to stop.\n"
    assert told.stdout.endswith(told_where)


def test_view_of_what_is_not_there_is_bad_input(tmp_path):
    told = invoke("view", tmp_path / "none", "--no-browser")
    assert isinstance(told.exception, InputError)
