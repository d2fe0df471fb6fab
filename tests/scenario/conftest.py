"""Options of the scenario tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-faults",
        action="store_true",
        help="write what the bad scenario files give beside them, instead of comparing",
    )
