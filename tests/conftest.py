"""Options and settings of the whole suite."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long one example takes says more about what else the machine does than about simsched.
settings.register_profile("simsched", deadline=None)
settings.load_profile("simsched")


LONG = {"browser", "compiled", "effects", "killed", "measured", "scenarios", "theory"}
"""The folders of tests that are marked as long."""


@pytest.hookimpl(tryfirst=True)  # before -m selects by the mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name in LONG:
            item.add_marker(pytest.mark.long)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="write what is generated into the files kept in git, instead of comparing",
    )
