"""The wheel and the source distribution: built, checked, installed and used."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import simsched

ROOT = Path(__file__).parents[2]


EXTRAS = ["numba", "llvmlite", "distributed", "filelock"]
"""The modules of the extras, which the package does without."""


def call(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Return what *command* prints; fail with it if the command does."""
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the wheel and of the source distribution that it was built from."""
    folder = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder)
    return folder


def wheel(folder: Path) -> Path:
    (found,) = folder.glob("*.whl")
    return found


def test_the_distributions_pass_the_checks_of_the_index(distributions):
    call(sys.executable, "-m", "twine", "check", "--strict", *distributions.iterdir())
    call(sys.executable, "-m", "check_wheel_contents", wheel(distributions))


def test_the_wheel_has_the_package_with_its_templates_and_types(distributions):
    names = zipfile.ZipFile(wheel(distributions)).namelist()
    assert {each.split("/")[0] for each in names} == {
        "simsched",
        f"simsched-{simsched.__version__}.dist-info",
    }
    for name in ("py.typed", "scenario/starter.yaml", "report/templates/report.html.j2"):
        assert f"simsched/{name}" in names


def test_the_source_has_what_tests_and_documentation_need(distributions):
    (source,) = distributions.glob("*.tar.gz")
    with tarfile.open(source) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {"Makefile", "constraints.txt", "scenarios/lecture.yaml", "mkdocs.yml"} <= names


def installed(built: Path, environment: Path) -> Path:
    """Return the Python of a new environment with a wheel and what it needs, and no extra."""
    venv.create(environment, with_pip=False)
    # What it needs is here already: an empty environment sees it, without the extras' modules.
    (site,) = environment.rglob("site-packages")
    with zipfile.ZipFile(built) as file:
        file.extractall(site)  # noqa: S202  it was built here
    needed = Path(call(sys.executable, "-c", "import numpy; print(numpy.__path__[0])").strip())
    (site / "needed.pth").write_text(f"{needed.parent}\n", encoding="utf-8")
    (site / "sitecustomize.py").write_text(
        f"import sys\nsys.modules.update(dict.fromkeys({EXTRAS}))\n", encoding="utf-8"
    )
    return environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"


def simulate(python: Path, name: str, engine: str, folder: Path) -> CompletedProcess[str]:
    scenario = str(ROOT / "scenarios" / f"{name}.yaml")
    command = [python, "-I", "-m", "simsched", "run", scenario, "--set", f"run.engine={engine}"]
    command += ["--replications", "1"]
    return subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False
    )


def run(python: Path, name: str, engine: str, folder: Path) -> Path:
    """Return the folder of a run, in a folder of its own."""
    place = folder / f"{name} {engine}"
    place.mkdir()
    done = simulate(python, name, engine, place)
    assert done.returncode == 0, done.stderr
    (summary,) = place.rglob("summary.json")
    return summary.parent


def test_the_wheel_runs_the_lecture_where_no_extra_is_installed(distributions, tmp_path):
    python = installed(wheel(distributions), tmp_path / "env")
    done = simulate(python, "lecture", "auto", tmp_path)
    assert re.search(r"completion order +1 2 3 +1 3 2", done.stdout)
    where = call(python, "-I", "-c", "import simsched; print(simsched.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(tmp_path / "env")
    call(python, "-I", "-m", "simsched", "init", "--examples", cwd=tmp_path)
    written = tmp_path / "scenarios" / "lecture.yaml"
    assert written.read_bytes() == (ROOT / "scenarios" / "lecture.yaml").read_bytes()
    done = simulate(python, "lecture", "compiled", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("simsched: the compiled engine needs Numba; install it with pip")


@pytest.mark.skipif(sys.platform != "linux", reason="compiled wheels are for Linux")
def test_the_engine_in_a_compiled_wheel_needs_no_compiler_and_agrees_with_the_reference(tmp_path):
    compiled = {**os.environ, "SIMSCHED_COMPILED": "1"}
    call(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        tmp_path,
        env=compiled,
    )
    call(sys.executable, "-m", "twine", "check", "--strict", wheel(tmp_path))
    call(sys.executable, "-m", "check_wheel_contents", wheel(tmp_path))
    assert f"-py3-none-manylinux_2_17_{platform.machine()}.whl" in wheel(tmp_path).name
    python = installed(wheel(tmp_path), tmp_path / "env")
    for name in ("lecture", "db-pool", "three-tiers"):  # plain, general, and services
        made = {engine: run(python, name, engine, tmp_path) for engine in ("compiled", "simpy")}
        columns = [(folder / "requests.parquet").read_bytes() for folder in made.values()]
        assert columns[0] == columns[1]
        summary = json.loads((made["compiled"] / "summary.json").read_text(encoding="utf-8"))
        assert set(summary["made_with"]) == {"engine", "numpy", "simsched"}
    (jit,) = (tmp_path / "env").rglob("simsched/engine/jit.py")
    jit.write_text(jit.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    done = simulate(python, "lecture", "compiled", tmp_path)
    assert done.returncode == 2
    note, error = done.stderr.splitlines()
    assert note == f"The compiled engine in {jit.parent}/shipped is of other sources, and not used."
    assert error.startswith("simsched: the compiled engine needs Numba; install it with pip")


@pytest.mark.parametrize("checker", ["mypy", "basedpyright"])
def test_the_types_are_right_for_a_program_of_somebody_else(checker, tmp_path):
    file = tmp_path / "stranger.py"
    text = (ROOT / "tests" / "packaging" / "stranger.py").read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    options = {
        "mypy": ["--strict", "--python-executable", sys.executable],
        "basedpyright": ["--level", "error", "--pythonpath", sys.executable],
    }
    call(sys.executable, "-m", checker, *options[checker], file, cwd=tmp_path)
