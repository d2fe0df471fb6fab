"""The mistakes of ``benchmarks/mutations.py`` are of code that is there, and have tests."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location(
    "mutation_list", ROOT / "benchmarks" / "mutation_list.py"
)
LIST = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = LIST  # dataclasses look their module up
SPEC.loader.exec_module(LIST)


@pytest.mark.parametrize("mutation", LIST.MUTATIONS, ids=lambda each: each.name)
def test_a_mutation_is_of_one_place_and_has_tests_that_should_notice(mutation):
    text = (ROOT / "simsched" / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.before) == 1
    assert mutation.before != mutation.after
    assert all((ROOT / test).is_file() for test in mutation.tests)


def test_there_are_enough_mutations_under_names_of_their_own():
    names = [each.name for each in LIST.MUTATIONS]
    assert len(set(names)) == len(names) >= 30
