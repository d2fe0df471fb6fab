"""The command line as a process: signals, pipes, terminals, and what a start imports."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from cli_command import SIMSCHED

NOT_FOR_HELP = {"jinja2", "numpy", "pandas", "plotly", "pyarrow", "pydantic", "rich", "scipy"}
NOT_FOR_HELP |= {"simpy", "yaml"}
NOT_FOR_THE_LECTURE = {"numba", "pandas", "plotly.graph_objects", "scipy"}


@pytest.fixture
def modules(tmp_path: Path) -> Callable[..., set[str]]:
    """Return the modules that a call of the command line imports."""

    def call(*arguments: object) -> set[str]:
        code = (
            "import atexit, sys; from simsched.cli import main; "
            "atexit.register(lambda: print(*sys.modules, file=open('modules', 'w'))); main()"
        )
        subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            timeout=120,
        )
        return set((tmp_path / "modules").read_text(encoding="utf-8").split())

    return call


def test_help_imports_next_to_nothing(modules):
    assert modules("--help") & NOT_FOR_HELP == set()


def test_the_lecture_imports_nothing_that_it_does_not_need(modules, lecture):
    loaded = modules("run", lecture)
    assert "simpy" in loaded
    assert loaded & NOT_FOR_THE_LECTURE == set()


HEEDING_CTRL_C = (  # also where a shell started the tests in the background, and had them ignore it
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from simsched.cli import main; main()"
)


def interrupted(
    tmp_path: Path, *arguments: object, when: Callable[[], bool], **variables: str
) -> tuple[int, str]:
    """Press Ctrl-C in a call once *when* holds; return its exit code and what it told."""
    with subprocess.Popen(
        [sys.executable, "-c", HEEDING_CTRL_C, *map(str, arguments)],
        cwd=tmp_path,
        env={**os.environ, **variables},
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while not when():
            assert running.poll() is None, "it ended too soon"
            time.sleep(0.002)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=120)
    return running.returncode, told


def test_ctrl_c_in_a_simulation_leaves_nothing(tmp_path, scenarios):
    reports = tmp_path / "reports"
    code, told = interrupted(
        tmp_path, "run", scenarios / "flask-vs-quart.yaml", when=reports.exists
    )
    assert (code, told) == (130, "simsched: interrupted; nothing was written\n")
    assert list(reports.rglob("*")) == []


def _age(path):
    return time.time() - path.stat().st_mtime


def test_ctrl_c_while_the_engine_is_compiled_ends_it_at_once(tmp_path, lecture):
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    code, told = interrupted(
        *(tmp_path, "run", lecture, "--set", "run.engine=compiled"),
        when=lambda: any(_age(each) > 1 for each in cache.rglob("*.lock")),  # it is being compiled
        NUMBA_CACHE_DIR=str(cache),
    )
    assert code == 130
    assert told.splitlines()[1:] == ["simsched: interrupted; run the same command again"]


def test_ctrl_c_that_a_library_swallows_ends_the_run_all_the_same(tmp_path, scenarios):
    meddling = (
        "import os, signal, sys, simsched.experiment as e; from simsched.cli import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def run(*given, real=e.run, **named):\n"
        "    try: os.kill(os.getpid(), signal.SIGINT)\n"
        "    except KeyboardInterrupt: pass\n"
        "    return real(*given, **named)\n"
        "e.run = run; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", meddling, "run", str(scenarios / "lecture.yaml")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert list((tmp_path / "reports").rglob("*")) == []


SWEPT = "sweep: {matrix: {servers.a.workers: [1, 2]}}\n"


@pytest.mark.parametrize(
    ("command", "more"), [("run", ""), ("sweep", SWEPT), ("best", SWEPT), ("capacity", "")]
)
def test_ctrl_c_that_is_swallowed_while_a_file_is_loaded_counts_too(tmp_path, command, more):
    meddling = (
        "import contextlib, os, signal, sys; from simsched.__main__ import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Swallowing:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'yaml':\n"
        "            with contextlib.suppress(KeyboardInterrupt):\n"
        "                os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Swallowing()); main()"
    )
    file = tmp_path / "one.yaml"
    file.write_text(
        "name: one\n"
        "requests: {page: [{cpu: 1ms}]}\n"
        "workload: {open: {rate: 1/s}, requests: 9}\n"
        "servers: {a: {model: serial}, b: {model: serial, workers: 2}}\n"
        "slo: {soon: response_time.mean < 1s}\n"
        "run: {replications: 2}\n" + more
    )
    done = subprocess.run(
        [sys.executable, "-c", meddling, command, str(file)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_while_files_are_written_leaves_nothing(tmp_path, scenarios):
    reports = tmp_path / "reports"
    code, told = interrupted(
        tmp_path,
        "run",
        scenarios / "flask-vs-quart.yaml",
        "--replications",
        "1",
        when=lambda: any(reports.glob("flask-vs-quart/.*")),
    )
    assert (code, told) == (130, "simsched: interrupted; nothing was written\n")
    assert [path for path in reports.rglob("*") if path.parent != reports] == []


def test_a_reader_that_leaves_early_is_no_error(tmp_path, lecture):
    command = " ".join(["set -o pipefail;", f"'{sys.executable}' -c", "'import simsched.cli as c;"])
    command += f" c.main()' run '{lecture}' --format json | head -n 1"
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout == "{\n"
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_that_cannot_be_written_is_a_failed_run_that_keeps_its_report(
    process, lecture, tmp_path
):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = process("run", lecture, stdout=full, stderr=subprocess.PIPE)
    (report,) = (tmp_path / "reports").glob("lecture/*/report.html")
    assert done.returncode == 1
    assert done.stderr == (
        "simsched: standard output: No space left on device; "
        f"the report is {report.relative_to(tmp_path)}\n"
    )


def test_closed_output_is_no_error(tmp_path, lecture):
    command = f"'{sys.executable}' -c 'import simsched.cli as c; c.main()' run '{lecture}' >&-"
    done = subprocess.run(
        ["/bin/bash", "-c", command], cwd=tmp_path, capture_output=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(list((tmp_path / "reports").glob("lecture/*/report.html"))) == 1


def with_encoding(name: str) -> dict[str, str]:
    return {**os.environ, "PYTHONIOENCODING": name, "PYTHONUTF8": "0"}


@pytest.mark.parametrize("output_format", ["table", "markdown", "json"])
def test_a_terminal_that_knows_ascii_gets_ascii(process, lecture, output_format):
    done = process(
        *("run", lecture, "--set", "name=Vorlesung über µs 🚀", "--format", output_format),
        env=with_encoding("ascii"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "Vorlesung" in done.stdout


def test_json_in_ascii_says_the_same(process, lecture):
    name = "Vorlesung über µs 🚀"
    done = process(
        *("run", lecture, "--set", f"name={name}", "--format", "json"),
        env=with_encoding("ascii"),
    )
    assert json.loads(done.stdout)["scenario"] == name


def test_a_file_name_that_is_not_text_is_no_trouble(process, lecture, tmp_path):
    odd = tmp_path / os.fsdecode(b"odd\xff.yaml")
    odd.write_bytes(lecture.read_bytes())
    done = process("validate", odd.name, "no such file\x1b", env=with_encoding("utf-8"))
    assert "lecture is valid" in done.stdout
    assert done.returncode == 2
    assert done.stderr == "simsched: no such file\\x1b: no such file\n"


def on_a_terminal(
    tmp_path: Path,
    stream: str,
    *arguments: object,
    program: Sequence[str] = SIMSCHED,
    **variables: str,
) -> tuple[str, str]:
    """Return what a call sends to a terminal, which is its *stream*, and to its other stream."""
    ours, theirs = pty.openpty()
    other = {"stdout": "stderr", "stderr": "stdout"}[stream]
    environment = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "COLUMNS"}}
    with subprocess.Popen(
        [*program, *map(str, arguments)],
        cwd=tmp_path,
        env={**environment, "TERM": "xterm", **variables},
        **{stream: theirs, other: subprocess.PIPE},
    ) as running:
        os.close(theirs)
        shown = b"".join(_read(ours))
        quiet = getattr(running, other).read()
    os.close(ours)
    return shown.decode(), quiet.decode()


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            yield os.read(terminal, 65536)
        except OSError:  # the error of Linux when the other end is closed
            return


def test_a_terminal_gets_color(tmp_path, lecture):
    shown, _ = on_a_terminal(tmp_path, "stdout", "run", lecture)
    assert "\x1b[1m" in shown


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_gets_no_color_where_it_is_not_wanted(tmp_path, lecture, variables):
    shown, _ = on_a_terminal(tmp_path, "stdout", "run", lecture, **variables)
    assert "lecture: 1 replication" in shown
    assert "\x1b" not in shown


IMPATIENT = (  # any run is a long one
    "from simsched.report import progress; progress.LONG = 0\nfrom simsched.cli import main; main()"
)


def test_a_long_run_shows_its_progress_on_a_terminal_and_leaves_stdout_alone(tmp_path, lecture):
    shown, printed = on_a_terminal(
        *(tmp_path, "stderr", "run", lecture, "--format", "json"),
        program=[sys.executable, "-c", IMPATIENT],
    )
    assert "simulating" in shown
    assert "%" in shown
    assert json.loads(printed)["scenario"] == "lecture"


def test_no_progress_is_shown_off_a_terminal(process, scenarios):
    done = process("run", scenarios / "flask-vs-quart.yaml", "--replications", "8")
    assert (done.returncode, done.stderr) == (0, "")


def test_python_m_simsched_is_the_same():
    command = [sys.executable, "-m", "simsched", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    asked = [*SIMSCHED, "--version"]
    assert said == subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def test_ctrl_c_before_anything_is_loaded_ends_quietly():
    meddling = (
        "import sys; from simsched.__main__ import main\n"
        "class Pressed:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'simsched.cli': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed()); main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", meddling], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
