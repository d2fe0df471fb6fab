"""Do the tests notice when the statistics are wrong?

Each mutation is a mistake that somebody could make: dividing by n instead of its square root,
leaving the warm-up in, pairing nobody. It is made in a copy of the project, the tests that should
notice are run on the copy, and the outcome is printed: killed if some test failed, else survived.

    python benchmarks/mutations.py              # all of them: some minutes
    python benchmarks/mutations.py 1 10         # the first ten
    python benchmarks/mutations.py --list

It ends with 1 if a mutation survives, or is of code that is there no more.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mutation_list import MUTATIONS, Mutation

ROOT = Path(__file__).parents[1]
COPIED = ("simsched", "tests", "scenarios", "docs", "pyproject.toml", "README.md")
PATIENCE_S = 600
"""Tests that hang on a mutation have noticed it."""


def main() -> int:
    """Make the mutations, and say which the tests notice."""
    options = _options()
    chosen = list(enumerate(MUTATIONS, start=1))[options.first - 1 : options.last]
    if options.list:
        print("\n".join(f"{number:3} {each.name}" for number, each in chosen))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy(copy)
        outcomes = [_tell(number, each, copy) for number, each in chosen]
    killed = outcomes.count("killed")
    print(f"{killed} of {len(outcomes)} mutations are killed")
    return 0 if killed == len(outcomes) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=int, nargs="?", default=1)
    parser.add_argument("last", type=int, nargs="?", default=len(MUTATIONS))
    parser.add_argument("--list", action="store_true", help="only name them")
    return parser.parse_args()


def _copy(folder: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)


def _tell(number: int, mutation: Mutation, folder: Path) -> str:
    outcome = _outcome(mutation, folder)
    print(f"{number:3} {outcome:8} {mutation.name}", flush=True)
    return outcome


def _outcome(mutation: Mutation, folder: Path) -> str:
    """Return what becomes of *mutation*, made in *folder* and taken back."""
    path = folder / "simsched" / mutation.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutation.before) != 1:
        return "missing"
    path.write_text(text.replace(mutation.before, mutation.after), encoding="utf-8")
    try:
        return "killed" if _is_noticed(mutation.tests, folder) else "survived"
    finally:
        path.write_text(text, encoding="utf-8")


def _is_noticed(tests: Sequence[str], folder: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    setting = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - the tests of this project
            command, cwd=folder, env=setting, capture_output=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    if done.returncode not in {0, 1}:
        raise RuntimeError(done.stdout.decode() + done.stderr.decode())
    return done.returncode == 1


if __name__ == "__main__":
    sys.exit(main())
