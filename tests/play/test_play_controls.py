from __future__ import annotations

from pathlib import Path

import pytest

from simsched.report.play import scales
from simsched.report.play.controls import sections
from simsched.report.play.source import Source
from simsched.scenario import loads

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FILES = sorted(SCENARIOS.glob("*.yaml"))

EVERYTHING = """
name: everything
requests:
  page:
    phases:
      - {cpu: {gamma: {mean: 1ms, cv: 2}}, label: routing}
      - hold: pool
        phases: [{io: {uniform: {low: 0ms, high: 3ms}}}]
      - {io: 5ms, blocking: true}
      - repeat: {times: 2, phases: [{cpu: 1ms}]}
      - choose: [{weight: 9, phases: [{io: 1ms}]}, {weight: 1, phases: [{io: 1s}]}]
    priority: 2
workload: {closed: {users: 4, think: {exponential: 1s}}, duration: 20s}
resources: {pool: {capacity: 3, acquire_timeout: 5s}}
client: {timeout: 2s}
servers:
  my.server: {model: threaded, threads: 4}
  a "quoted" one: {model: serial}
"""


def controls_of(text: str) -> dict[str, object]:
    written = Source(text, "scenario", ".").written()
    return {each.path: each for section in sections(written) for each in section.controls}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_control_of_a_scenario_can_be_set_to_the_value_that_it_shows(file):
    source = Source.of(file)
    unchanged = source.scenario()
    shown = [each for section in sections(source.written()) for each in section.controls]
    assert {each.path.split(".")[0] for each in shown} >= {"servers"}
    for control in shown[:60]:
        if control.is_extra:  # options with their defaults may not go with others
            continue
        assert source.scenario((f"{control.path}={control.value}",)) == unchanged
        assert control.value in control.choices


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_ends_of_every_slider_are_values_that_a_scenario_may_have(file):
    source = Source.of(file)
    for section in sections(source.written()):
        for control in section.controls[:25]:
            if control.is_slider and not control.is_extra and "mix" not in control.path:
                for end in (control.choices[0], control.choices[-1]):
                    faults = _faults(source, f"{control.path}={end}")
                    # Values may be wrong beside others, never in themselves.
                    assert not [each for each in faults if "needed" in each], control


def _faults(source: Source, change: str) -> list[str]:
    from simsched.errors import ScenarioError

    try:
        source.scenario((change,))
    except ScenarioError as error:
        return [each.message for each in error.faults]
    return []


def test_the_lecture_has_its_times_its_servers_and_its_phases():
    shown = controls_of((SCENARIOS / "lecture.yaml").read_text())
    assert shown["servers.serial.model"].choices == ("serial", "threaded", "cooperative")
    assert shown["servers.serial.workers"].value == "1"
    assert shown["workload.schedule[1].at"].label == "2 page: at"
    assert shown["requests.page[1].io"].label == "2 database: io"
    assert shown["requests.page[1].io"].value == "40ms"
    assert shown["requests.page[1].io"].choices[0] == "4ms"
    assert shown["requests.page[1].io"].choices[-1] == "400ms"


def test_every_kind_of_value_has_a_control():
    shown = controls_of(EVERYTHING)
    values = {path: each.value for path, each in shown.items() if not each.is_extra}
    assert values == {
        'servers."my.server".model': "threaded",
        'servers."my.server".workers': "1",
        'servers."my.server".threads': "4",
        "workload.closed.users": "4",
        "workload.closed.think.exponential": "1s",
        "workload.duration": "20s",
        "requests.page.phases[0].cpu.gamma.mean": "1ms",
        "requests.page.phases[0].cpu.gamma.cv": "2",
        "requests.page.phases[1].phases[0].io.uniform.low": "0ms",
        "requests.page.phases[1].phases[0].io.uniform.high": "3ms",
        "requests.page.phases[2].io": "5ms",
        "requests.page.phases[2].blocking": "true",
        "requests.page.phases[3].repeat.times": "2",
        "requests.page.phases[3].repeat.phases[0].cpu": "1ms",
        "requests.page.phases[4].choose[0].weight": "9",
        "requests.page.phases[4].choose[0].phases[0].io": "1ms",
        "requests.page.phases[4].choose[1].weight": "1",
        "requests.page.phases[4].choose[1].phases[0].io": "1s",
        "requests.page.priority": "2",
        "resources.pool.capacity": "3",
        "resources.pool.acquire_timeout": "5s",
        "client.timeout": "2s",
    }


def test_what_a_server_does_not_say_has_its_default_or_none():
    shown = controls_of(EVERYTHING)
    options = {path: shown[f'servers."my.server".{path}'].value for path in ("backlog", "boot")}
    assert options == {"backlog": "null", "boot": "0ms"}
    backlog = shown['servers."my.server".backlog']
    assert backlog.choices[:3] == ("null", "0", "1")
    assert shown['servers."my.server".interpreter_lock'].choices == ("false", "true")
    scenario = loads(EVERYTHING, overrides=['servers."my.server".backlog=null'])
    assert scenario == loads(EVERYTHING)


def test_an_option_that_needs_another_has_a_control_only_beside_that():
    bare = controls_of(EVERYTHING)
    limited = controls_of(EVERYTHING.replace("threads: 4", "threads: 4, backlog: 9"))
    path = 'servers."my.server".backlog_full'
    assert path not in bare
    assert limited[path].choices == ("refuse", "drop")


def test_a_slider_stays_where_it_is_when_its_value_is_changed():
    source = Source.of(SCENARIOS / "lecture.yaml")
    unchanged, changes = sections(source.written()), ("requests.page[1].io=80ms",)
    (moved,) = (
        each
        for section in sections(source.written(changes), unchanged)
        for each in section.controls
        if each.path == "requests.page[1].io"
    )
    assert (moved.value, moved.before) == ("80ms", "40ms")
    assert (moved.choices[0], moved.choices[-1]) == ("4ms", "400ms")


@pytest.mark.parametrize(
    ("values", "ends", "held"),
    [
        (scales.durations("0.5ms", 500_000, or_none=False), ("50us", "5ms"), "0.5ms"),
        (scales.durations("0ms", 0, or_none=True), ("0ms", "10ms"), "0ms"),
        (scales.instants("72ms", 72_000_000), ("0ms", "120ms"), "72ms"),
        (scales.rates("600/min", 10.0), ("1/s", "100/s"), "600/min"),
        (scales.counts(4, 1, 10_000), ("1", "16"), "4"),
        (scales.counts(100, 1, 10_000), ("1", "400"), "100"),
        (scales.counts(1, 1, 2), ("1", "2"), "2"),
        (scales.numbers("1.2", 1.2, 0, 2), ("0.12", "1.9"), "1.2"),
        (scales.shares("2.5%", 0.025), ("0%", "100%"), "2.5%"),
    ],
)
def test_a_slider_reaches_from_a_tenth_to_ten_times_the_value_within_the_bounds(values, ends, held):
    assert (values[0], values[-1]) == ends
    assert held in values
    assert len(values) <= 70
