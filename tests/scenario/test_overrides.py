"""Values given beside a scenario file."""

from __future__ import annotations

import pytest

from simsched.errors import ScenarioError
from simsched.scenario import STARTER, Scenario, loads
from simsched.scenario.model.run import Run

PATH_FORM = "write a path, '=' and a value, as in requests.page[0].cpu=5ms"


def faults(*overrides: str, text: str = STARTER) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        loads(text, "a.yaml", overrides)
    return [str(fault) for fault in raised.value.faults]


def changed(old: str, new: str) -> Scenario:
    assert old in STARTER
    return loads(STARTER.replace(old, new))


@pytest.mark.parametrize(
    ("override", "old", "new"),
    [
        ("name=other", "name: starter", "name: other"),
        ("requests.page[0].cpu=12ms", "cpu: 2ms", "cpu: 12ms"),
        ("requests.page[1].io.lognormal.p50=1ms", "p50: 30ms", "p50: 1ms"),
        ("requests.page[1].io=5ms", "{lognormal: {p50: 30ms, p99: 200ms}}", "5ms"),
        ("requests.page[1].io={exponential: 5ms}", "lognormal: {p50: 30ms, p99: 200ms}",
         "exponential: 5ms"),
        ("workload.open.rate=90/s", "rate: 15/s", "rate: 90/s"),
        ("workload.open.rate = 90/s", "rate: 15/s", "rate: 90/s"),
        ("workload.open.arrivals=constant", "rate: 15/s", "rate: 15/s, arrivals: constant"),
        ("servers.cooperative.workers=2", "model: cooperative", "model: cooperative, workers: 2"),
        ("servers.cooperative.overhead.switch=20us", "model: cooperative",
         "model: cooperative, overhead: {switch: 20us}"),
        ("servers.third={model: serial, workers: 3}", "  cooperative:",
         "  third: {model: serial, workers: 3}\n  cooperative:"),
        ('servers."my.third".model=serial', "  cooperative:",
         "  my.third: {model: serial}\n  cooperative:"),
        ('servers."a[0]=b".model=serial', "  cooperative:",
         "  a[0]=b: {model: serial}\n  cooperative:"),
        ("description='a=b'", "description: Pages", "description: a=b #"),
    ],
)  # fmt: skip
def test_an_override_is_as_if_it_were_written_in_the_file(
    override: str, old: str, new: str
) -> None:
    assert loads(STARTER, overrides=[override]) == changed(old, new)


def test_a_section_that_is_missing_or_empty_can_be_set_into() -> None:
    for text in (STARTER.replace("run: {", "#"), STARTER.replace("run: {", "run: #")):
        assert loads(text, overrides=["run.seed=7"]).run.seed == 7


def test_overrides_are_applied_in_their_order() -> None:
    scenario = loads(STARTER, overrides=["run={seed: 3}", "run.seed=4", "run.replications=5"])
    assert scenario.run == Run(seed=4, replications=5)


def test_an_override_mends_a_fault_of_the_file() -> None:
    text = STARTER.replace("cpu: 2ms", "cpu: 2")
    assert loads(text, overrides=["requests.page[0].cpu=2ms"]) == loads(STARTER)


def test_an_override_of_what_an_anchor_names_leaves_its_aliases_alone() -> None:
    text = STARTER.replace("health: [{cpu: 1ms}]", "health: &h [{cpu: 1ms}]\n  more: *h")
    scenario = loads(text, overrides=["requests.health[0].cpu=9ms"])
    assert scenario.requests["more"] == loads(STARTER).requests["health"]


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("servers.cooperative.workers=0",
         "servers.cooperative.workers: the number 0 is too small; it must be at least 1"),
        ("servers.cooperative.wokers=2",
         "servers.cooperative.wokers: unknown key; did you mean 'workers'?"),
        ("servers.coperative.workers=2",
         "servers.coperative: model is missing; did you mean 'cooperative'?"),
        ("sevrers.cooperative.workers=2", "sevrers: unknown key; did you mean 'servers'?"),
        ("workload.open.rate=90",
         "workload.open.rate: 90 has no unit; write 90/s or 90/min"),
        ("requests.page[0].cpu.exponential=10ms",
         "requests.page[0].cpu is the text '2ms', not a mapping"),
        ("requests.page.cpu=1ms",
         "requests.page is a list, not a mapping; write requests.page[0]"),
        ("requests.page[3].cpu=1ms",
         "requests.page has 3 items, counted from 0; there is no [3]"),
        ("requests[0]=1ms", "requests is a mapping, not a list"),
        ("workload.schedule[0].at=1ms", "workload.schedule does not exist, so it has no [0]"),
        ("servers.cooperative.workers", f"this sets nothing; {PATH_FORM}"),
        ("=3", f"this sets nothing; {PATH_FORM}"),
        ("", f"this sets nothing; {PATH_FORM}"),
        ("servers..workers=3", f"this sets nothing; {PATH_FORM}"),
        ("[0]=3", f"this sets nothing; {PATH_FORM}"),
        ("requests.page[x].cpu=3ms", f"this sets nothing; {PATH_FORM}"),
        ("requests.page[-1].cpu=3ms", f"this sets nothing; {PATH_FORM}"),
        ('servers."a.workers=3', f"this sets nothing; {PATH_FORM}"),
        ("run.seed=", f"there is no value after '='; {PATH_FORM}"),
        ("run.seed=# three", "there is nothing in it"),
        ("run.seed={a", "a ',' or '}' is expected here;"
         " what opens in line 1, column 1 is not closed"),
        ("run.seed=!!int 3", "tags such as '!!int' are not allowed; leave it out"),
        ("run.seed=*a", "the alias '*a' has no anchor before it"),
    ],
)  # fmt: skip
def test_a_faulty_override_is_told_in_place_of_a_line(override: str, told: str) -> None:
    assert faults(override) == [f"--set {override}: {told}"]


def test_faults_of_the_file_come_first_and_those_of_overrides_in_their_order() -> None:
    text = STARTER.replace("seed: 1", "seed: -1")
    line = text[: text.index("seed: -1")].count("\n") + 1
    assert faults("run.warmup=5", "x", "workload.open.rate=0/s", text=text) == [
        f"a.yaml:{line}:13: run.seed: the number -1 is too small; it must be at least 0",
        "--set run.warmup=5: run.warmup: 5 has no unit; write 5ms or 5s",
        f"--set x: this sets nothing; {PATH_FORM}",
        "--set workload.open.rate=0/s: workload.open.rate: '0/s' is out of range;"
        " a rate is from 1e-9/s to 1e9/s",
    ]


def test_overrides_are_looked_at_even_where_the_file_cannot_be_read() -> None:
    told = faults("x", "run.seed={", text="a: [")
    assert [line.split(": ")[0] for line in told] == ["a.yaml:2:1", "--set x", "--set run.seed={"]


def test_a_file_that_is_no_mapping_is_told_once() -> None:
    assert len(faults("run.seed=3", text="- a\n")) == 1


def test_a_long_override_is_shortened_where_it_is_told() -> None:
    (told,) = faults(f"run.seed={'x' * 1000}")
    assert told.startswith(f"--set run.seed={'x' * 50}…: run.seed: a whole number is needed, not ")


def test_a_huge_override_is_refused() -> None:
    assert faults(f"run.seed={'[' * 100_000}") == [
        f"--set run.seed={'[' * 50}…: more than 100 values inside each other"
    ]
