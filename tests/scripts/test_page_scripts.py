"""The scripts of pages, checked as they are put together: names, types of what they pass, slips.

oxlint and Deno come from PyPI as one program each, and need neither Node.js nor a network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simsched.report.html.templates import environment

HERE = Path(__file__).parent
SCRIPTS = ("index", "play", "report", "sweep")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the scripts, and what the checkers are told about them."""
    root = tmp_path_factory.mktemp("scripts")
    for name in ("browser.d.ts", "deno.json"):
        shutil.copy(HERE / name, root)
    for name in SCRIPTS:
        put_together(root, name)
    return root


def put_together(root: Path, name: str, more: str = "") -> None:
    script = environment().get_template(f"{name}.js").render()
    (root / f"{name}.js").write_text(script + more, encoding="utf-8")


def check(folder: Path, program: str, *arguments: str) -> tuple[int, str]:
    kept = {"DENO_DIR": str(folder / "deno"), "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}
    done = subprocess.run(
        [Path(sys.executable).parent / program, *arguments],
        cwd=folder,
        env={**os.environ, **kept},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def lint(folder: Path) -> tuple[int, str]:
    return check(folder, "oxlint", "--config", str(HERE / "oxlint.json"), ".")


def types(folder: Path, *names: str) -> tuple[int, str]:
    return check(folder, "deno", "check", "--no-remote", *(f"{name}.js" for name in names))


def test_no_slip_is_found_in_the_scripts(folder):
    code, said = lint(folder)
    assert code == 0, said


def test_the_scripts_pass_values_of_the_right_types(folder):
    code, said = types(folder, *SCRIPTS)
    assert code == 0, said


def test_the_checkers_find_what_is_wrong(folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    put_together(tmp_path, "index", "const unused = () => undefinedName;\n")
    code, said = lint(tmp_path)
    assert code == 1
    assert "'unused' is declared but never used" in said
    assert "'undefinedName' is not defined" in said
    put_together(tmp_path, "index", 'Math.max("1");\n')
    code, said = types(tmp_path, "index")
    assert code == 1
    assert "Argument of type 'string' is not assignable to parameter of type 'number'" in said
