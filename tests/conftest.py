"""Options and settings of the whole suite."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long one example takes says more about what else the machine does than about simsched.
settings.register_profile("simsched", deadline=None)
settings.load_profile("simsched")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="write what is generated into the files kept in git, instead of comparing",
    )
