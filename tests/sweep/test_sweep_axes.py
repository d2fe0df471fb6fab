"""The titles of the axes of a sweep's figures, and what stands along them."""

from __future__ import annotations

import pytest

from simsched.experiment.sweep.plan import Parameter
from simsched.report.sweep.axes import axis_title, without_unit
from simsched.scenario.file.overriding import parse_path
from simsched.statistics.words.parameters import titles

ONE = {"requests": {"page": [{"cpu": "1ms"}, {"io": "5ms", "label": "database"}]}}


@pytest.mark.parametrize(
    ("path", "kind", "unit", "title"),
    [
        ("resources.db.capacity", "number", "", "capacity of db"),
        ("servers.quart.switch_interval", "duration", "ms", "switch interval of quart, ms"),
        ("workload.open.rate", "rate", "/s", "arrival rate, per second"),
        ("workload.open.rate", "rate", "/min", "arrival rate, /min"),
        ("requests.page[1].io", "duration", "ms", "database wait, ms"),
        ('servers."a.b".workers', "number", "", "workers of a.b"),
        ("run.seed", "number", "", "seed"),
    ],
)
def test_an_axis_names_its_parameter_in_words_with_its_unit(path, kind, unit, title):
    assert axis_title(Parameter(path, kind, *titles([parse_path(path)], ONE)), unit) == title


@pytest.mark.parametrize(
    ("texts", "unit", "figures"),
    [
        (["0s", "20ms", "1.5 ms"], "ms", ("0", "20", "1.5")),
        (["20/s", "60/s"], "/s", ("20", "60")),
        (["500us", "1ms"], "", ("500us", "1ms")),
        (["1", "2"], "", ("1", "2")),
        (["fifo", "lifo"], "", ("fifo", "lifo")),
        (["20ms", "{exponential: 20ms}"], "", ("20ms", "{exponential: 20ms}")),
        (["0s"], "", ("0s",)),
    ],
)
def test_a_unit_that_all_values_share_stands_in_the_title_instead(texts, unit, figures):
    assert without_unit(texts) == (unit, figures)
