"""What goes with each kind of workload."""

from __future__ import annotations

from collections.abc import Iterator

from simsched.scenario.file.problems import Problem
from simsched.scenario.file.wording import listed
from simsched.scenario.model.quantities import read_duration
from simsched.scenario.model.rules.written import Written, present, section
from simsched.units import write_duration

SOURCES = ("schedule", "open", "closed", "trace")
"""The ways in which requests arrive, of which a workload has one."""


def source(scenario: Written) -> str | None:
    """Return the way in which requests arrive, or None where that is not clear."""
    given = present(section(scenario, "workload"), SOURCES)
    return given[0] if len(given) == 1 else None


def _one_source(scenario: Written) -> Iterator[Problem]:
    if scenario.get("workload") is None:
        return
    workload = section(scenario, "workload")
    given = present(workload, SOURCES)
    if not given and workload == scenario["workload"]:
        message = f"one of {listed(SOURCES)} is needed"
        hint = "write for example open: {rate: 80/s}"
        yield Problem(("workload",), message, hint, absent=SOURCES)
    for extra in given[1:]:
        message = f"a workload has only one of {listed(SOURCES)}"
        yield Problem(("workload", extra), message, at_key=True)


def _schedule_alone(scenario: Written) -> Iterator[Problem]:
    if source(scenario) == "schedule":
        for key in present(section(scenario, "workload"), ("mix", "requests")):
            message = "a schedule says itself which requests arrive"
            yield Problem(("workload", key), message, "leave it out", at_key=True)


def _trace_classes(scenario: Written) -> Iterator[Problem]:
    workload = section(scenario, "workload")
    named = section(workload, "trace").get("request") is not None
    if source(scenario) == "trace" and named and workload.get("mix") is not None:
        message = "the trace says itself of which class each request is"
        yield Problem(("workload", "mix"), message, "leave it out", at_key=True)


def _end(scenario: Written) -> Iterator[Problem]:
    kind = source(scenario)
    if kind not in {"open", "closed"}:
        return
    article = "an" if kind == "open" else "a"
    ends = present(section(scenario, "workload"), ("duration", "requests"))
    if not ends:
        message = f"{article} {kind} workload needs an end"
        hint = "write for example duration: 60s or requests: 10000"
        yield Problem(("workload",), message, hint, absent=("duration", "requests"))
    for extra in ends[1:]:
        message = f"{article} {kind} workload ends after a duration or a number of requests"
        yield Problem(("workload", extra), f"{message}, not both", at_key=True)


def _warmup(scenario: Written) -> Iterator[Problem]:
    warmup = read_duration(section(scenario, "run").get("warmup"))
    duration = read_duration(section(scenario, "workload").get("duration"))
    if warmup and duration and warmup >= duration:
        message = f"{write_duration(warmup)} is too long: the workload ends after"
        yield Problem(("run", "warmup"), f"{message} {write_duration(duration)}")
    last = _last_scheduled(scenario)
    if warmup and last is not None and warmup > last:
        message = f"{write_duration(warmup)} is too long: the last request arrives at"
        yield Problem(("run", "warmup"), f"{message} {write_duration(last)}")


def _last_scheduled(scenario: Written) -> int | None:
    """Return when the last request of a schedule arrives, or None where that is not clear."""
    entries = section(scenario, "workload").get("schedule")
    if not isinstance(entries, (list, tuple)) or not entries:
        return None
    moments = [read_duration(section({"entry": each}, "entry").get("at")) for each in entries]
    return None if None in moments else max(each for each in moments if each is not None)


RULES = (_one_source, _schedule_alone, _trace_classes, _end, _warmup)
