"""What differs between two scenarios."""

from __future__ import annotations

import pytest

from simsched.scenario import loads
from simsched.scenario.changes import changes

ONE = """
name: one
requests: {page: [{cpu: 10ms}, {io: 30ms}]}
workload: {open: {rate: 10/s}, requests: 5}
servers: {serial: {model: serial}, loop: {model: cooperative}}
"""


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("servers.serial.workers=2", ("servers.serial.workers 1 -> 2",)),
        ("requests.page[1].io=40ms", ("requests.page.phases[1].io 30ms -> 40ms",)),
        ("workload.open.rate=20/s", ("workload.open.rate 10/s -> 20/s",)),
        ("run.seed=7", ("run.seed 1 -> 7",)),
        ("name=other", ()),
        ("client={timeout: 2s}", ("client.timeout added: 2s",)),
        ("resources={pool: {capacity: 2}}", ("resources.pool added",)),
        ("requests.page=[{cpu: 10ms}]", ("requests.page.phases 2 entries -> 1 entry",)),
    ],
)
def test_each_value_that_differs_is_named_by_its_path(override, said):
    assert changes(loads(ONE), loads(ONE, overrides=[override])) == said


def test_what_is_gone_is_said_to_be_removed():
    more = loads(ONE, overrides=["servers.third={model: serial}"])
    assert changes(more, loads(ONE)) == ("servers.third removed",)
