"""The commands beside ``run``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simsched import __version__
from simsched.scenario import json_schema, load

HEADER = "# yaml-language-server: $schema=simsched.schema.json\n"
SCENARIOS = Path(__file__).parents[2] / "scenarios"
EXAMPLES = sorted(SCENARIOS.glob("*.yaml"))


def test_no_arguments_give_help(simsched):
    outcome = simsched()
    assert outcome.code == 2
    assert "Start with: simsched init" in outcome.err


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_every_command(simsched, option):
    outcome = simsched(option)
    assert outcome.code == 0
    for command in ("run", "validate", "schema", "init"):
        assert f"\n  {command} " in outcome.out


def test_help_of_run_names_every_option(simsched):
    text = simsched("run", "--help").out
    for option in ("--set", "--seed", "--replications", "--out", "--format"):
        assert f"\n  {option} " in text


def test_the_version(simsched):
    assert simsched("--version").out == f"simsched {__version__}\n"


def test_validate_prints_the_load_of_each_server(simsched, scenarios):
    outcome = simsched("validate", scenarios / "flask-vs-quart.yaml", scenarios / "lecture.yaml")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        f"{scenarios / 'flask-vs-quart.yaml'}: flask-vs-quart is valid",
        "  flask  serial, 4 workers, offered load 90.1 %",
        "  quart  cooperative, 1 worker, offered load 15.3 %",
        f"{scenarios / 'lecture.yaml'}: lecture is valid",
        "  serial       serial, 1 worker",
        "  cooperative  cooperative, 1 worker",
    ]


def test_validate_warns_of_a_server_that_cannot_keep_up(simsched, scenarios):
    outcome = simsched(
        "validate", scenarios / "flask-vs-quart.yaml", "--set", "workload.open.rate=94/s"
    )
    assert (
        "  flask  serial, 4 workers, offered load 180 %, its queue grows without bound"
    ) in outcome.out.splitlines()


POOL = """
name: pool
requests: {page: [{io: 10ms, on: db}]}
resources: {db: {capacity: 1, acquire_timeout: 50ms}}
workload: {open: {rate: 150/s}, requests: 100}
client: {timeout: 1s}
servers: {web: {model: cooperative}}
"""


@pytest.mark.parametrize(
    ("override", "excess"),
    [
        ("run.seed=1", "the excess fails"),
        ("servers.web.cancel_abandoned=true", "the excess is given up"),
        ("servers.web={model: serial, backlog: 4}", "the excess is refused"),
    ],
)
def test_validate_prints_what_becomes_of_the_excess(simsched, tmp_path, override, excess):
    (tmp_path / "pool.yaml").write_text(POOL, encoding="utf-8")
    outcome = simsched("validate", tmp_path / "pool.yaml", "--set", override)
    assert outcome.code == 0
    assert outcome.out.endswith(f", {excess}\n")


def test_validate_continues_after_a_bad_file(simsched, lecture):
    outcome = simsched("validate", "nosuch.yaml", lecture)
    assert outcome.code == 2
    assert f"{lecture}: lecture is valid\n" in outcome.out
    assert outcome.err == "simsched: nosuch.yaml: no such file\n"


REPLAY = """
name: replay
requests: {page: [{io: {column: io_s}}], ping: [{cpu: 1ms}]}
workload: {trace: {file: runs.csv, arrival: arrival_s, request: kind}}
servers: {serial: {model: serial}}
"""


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("0,pge,1", "2: kind: there is no class of requests 'pge'; did you mean 'page'?"),
        ("-1,page,1", "2: arrival_s: -1 is not a time; it must be a number of at least 0"),
        ("0,page,", "2: io_s: the cell is empty"),
        ("0,1,page,0,5", "2: the row has 5 cells, but the header 3 columns"),
        ("0,page,1\n1", "3: the row has 1 cell, but the header 3 columns"),
        ("", "there are no rows"),
    ],
)
def test_validate_finds_in_a_recording_what_a_run_does(simsched, tmp_path, rows, fault):
    (tmp_path / "replay.yaml").write_text(REPLAY)
    (tmp_path / "runs.csv").write_text(f"arrival_s,kind,io_s\n{rows}\n")
    validated, run = (simsched(each, tmp_path / "replay.yaml") for each in ("validate", "run"))
    assert (validated.code, run.code) == (2, 2)
    assert validated.err == run.err
    assert fault in run.err


def test_validate_and_run_accept_rows_in_any_order_and_cells_that_no_class_uses(simsched, tmp_path):
    (tmp_path / "replay.yaml").write_text(REPLAY)
    (tmp_path / "runs.csv").write_text("\ufeffarrival_s,kind,io_s\n1,ping,\n0.5,page,0.2\n")
    for command in ("validate", "run"):
        assert simsched(command, tmp_path / "replay.yaml").code == 0


def test_the_schema_is_printed(simsched):
    assert json.loads(simsched("schema").out) == json_schema()


def test_the_schema_beside_the_scenarios_is_the_one_that_is_printed(simsched, scenarios, request):
    printed = simsched("schema").out
    kept = scenarios / "simsched.schema.json"
    if request.config.getoption("--update"):
        kept.write_text(printed, encoding="utf-8")
    assert kept.read_text(encoding="utf-8") == printed, "renew it: pytest tests/cli --update"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_scenario_names_its_schema_for_editors(path):
    assert path.read_text(encoding="utf-8").startswith(HEADER)


def test_init_writes_a_scenario_that_runs(simsched, tmp_path):
    outcome = simsched("init")
    assert outcome.code == 0
    assert outcome.out == (
        "Wrote scenario.yaml and simsched.schema.json. Now try: simsched run scenario.yaml\n"
    )
    assert simsched("run", "scenario.yaml", "--replications", 2).code == 0
    assert simsched("validate", "scenario.yaml").code == 0
    text = (tmp_path / "scenario.yaml").read_text(encoding="utf-8")
    assert text.startswith(HEADER)
    assert "#" in text.split("name:")[1]


def test_init_writes_the_schema_that_its_first_line_names(simsched, tmp_path):
    (tmp_path / "sub").mkdir()
    simsched("init", "sub/my.yaml")
    schema = json.loads((tmp_path / "sub" / "simsched.schema.json").read_text(encoding="utf-8"))
    assert schema == json_schema()
    assert load(tmp_path / "sub" / "my.yaml").name == "starter"


def test_init_leaves_a_schema_alone(simsched, tmp_path):
    (tmp_path / "simsched.schema.json").write_text("{}", encoding="utf-8")
    assert simsched("init", "my own.yaml").out == (
        "Wrote my own.yaml. Now try: simsched run 'my own.yaml'\n"
    )
    assert (tmp_path / "simsched.schema.json").read_text(encoding="utf-8") == "{}"


def test_init_overwrites_nothing(simsched, tmp_path):
    (tmp_path / "scenario.yaml").write_text("mine", encoding="utf-8")
    outcome = simsched("init")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "simsched: scenario.yaml: already exists; name another file\n"
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.yaml"]
    assert (tmp_path / "scenario.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("nodir/x.yaml", "nodir/x.yaml: cannot be written: No such file or directory"),
        (".", ".: already exists; name another file"),
        ("x" * 300, "cannot be written: File name too long"),
    ],
)
def test_init_says_why_it_cannot_write(simsched, file, reason):
    outcome = simsched("init", file)
    assert outcome.code == 2
    assert reason in outcome.err


def test_init_leaves_no_half_of_a_file_on_a_full_disk(simsched, tmp_path, monkeypatch):
    class Full:
        def __init__(self, path: Path) -> None:
            path.touch()

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            raise OSError(28, "No space left on device")

        def write(self, text: str) -> None:
            pass

    monkeypatch.setattr(Path, "open", lambda self, *_, **__: Full(self))
    outcome = simsched("init")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "simsched: scenario.yaml: cannot be written: No space left on device\n"
    assert list(tmp_path.iterdir()) == []


def test_init_writes_the_examples_in_a_folder(simsched):
    outcome = simsched("init", "--examples")
    assert outcome.code == 0
    assert outcome.out == "Wrote scenarios. Now try: simsched run scenarios/lecture.yaml\n"
    for path in SCENARIOS.rglob("*.*"):
        written = Path("scenarios") / path.relative_to(SCENARIOS)
        assert written.read_bytes() == path.read_bytes()
    assert simsched("run", "scenarios/lecture.yaml").code == 0
    other = simsched("init", "--examples", "my own")
    assert other.out == "Wrote my own. Now try: simsched run 'my own/lecture.yaml'\n"


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        (".", ".: already exists; name another folder"),
        ("x" * 300, "cannot be written: File name too long"),
        ("a file/examples", "a file/examples: cannot be written: Not a directory"),
    ],
)
def test_init_says_why_it_cannot_write_the_examples(simsched, tmp_path, folder, reason):
    (tmp_path / "a file").touch()
    outcome = simsched("init", "--examples", folder)
    assert (outcome.code, outcome.out) == (2, "")
    assert reason in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]
