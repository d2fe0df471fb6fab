"""The wheel and the source distribution: built, checked, installed and used."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import simsched

ROOT = Path(__file__).parents[2]


def call(*command: str | Path, cwd: Path = ROOT) -> str:
    """Return what *command* prints; fail with it if the command does."""
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False
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


def test_the_wheel_runs_the_lecture_where_no_extra_is_installed(distributions, tmp_path):
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    # What it needs is here already: an empty environment sees it, without the extras' modules.
    (site,) = (tmp_path / "env").rglob("site-packages")
    with zipfile.ZipFile(wheel(distributions)) as file:
        file.extractall(site)  # noqa: S202  it was built here
    needed = Path(call(sys.executable, "-c", "import numpy; print(numpy.__path__[0])").strip())
    (site / "needed.pth").write_text(f"{needed.parent}\n", encoding="utf-8")
    (site / "sitecustomize.py").write_text(
        "import sys\nsys.modules.update(dict.fromkeys(['numba', 'distributed', 'filelock']))\n",
        encoding="utf-8",
    )
    lecture = ROOT / "scenarios" / "lecture.yaml"
    said = call(python, "-I", "-m", "simsched", "run", lecture, cwd=tmp_path)
    assert re.search(r"completion order +1 2 3 +1 3 2", said)
    where = call(python, "-I", "-c", "import simsched; print(simsched.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(site)
    fast = [python, "-I", "-m", "simsched", "run", lecture, "--set", "run.engine=compiled"]
    done = subprocess.run(
        list(map(str, fast)), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("simsched: the compiled engine needs Numba; install it with pip")


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
