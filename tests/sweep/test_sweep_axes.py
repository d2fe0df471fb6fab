"""The titles of the axes of a sweep's figures."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from simsched.report.sweep.axes import parameter_title


@dataclass
class Named:
    """A parameter as far as its title goes."""

    name: str
    kind: str


@pytest.mark.parametrize(
    ("path", "kind", "title"),
    [
        ("resources.db.capacity", "number", "capacity of db"),
        ("servers.quart.switch_interval", "duration", "switch interval of quart (s)"),
        ("workload.open.rate", "rate", "rate (per second)"),
        ("requests.page[1].io", "duration", "requests.page[1].io (s)"),
        ('servers."a.b".workers', "number", 'servers."a.b".workers'),
        ("run.seed", "number", "run.seed"),
    ],
)
def test_an_axis_names_its_parameter_in_words(path, kind, title):
    assert parameter_title(Named(path, kind)) == title
