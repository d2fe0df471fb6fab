"""Sentences on access logs: what they lack, and what of them is not used."""

from __future__ import annotations

from collections.abc import Sequence

from simsched.statistics.words.numbers import counted, percent
from simsched.units import format_duration

EARLIER = (
    "more than 5 s earlier than a line before: the clock was set back, or workers keep "
    "their lines back to write them together. All are used, in order of arrival"
)
CLIENT_LEFT = (
    "of clients that left before the answer (status 499), whose durations are therefore too short"
)
ASSUMED_UNIT = (
    "without a unit of its duration, which is taken as microseconds (a whole number behind a line "
    "of text, as %(D)s writes it) or seconds (in JSON); name another one with --duration-unit"
)

_MOST_FILES = 3


def files(names: Sequence[str]) -> str:
    """Return the names of files, or of the first and how many more there are."""
    if len(names) <= _MOST_FILES:
        return ", ".join(names)
    return f"{names[0]} and {len(names) - 1} more files"


def none_usable(count: int, reason: str) -> str:
    """Return that no line can be used, for which *reason*."""
    return f"no line can be used; this is the first of {counted(count, 'line')} {reason}"


def unusable(count: int, reason: str, place: str, cure: str) -> str:
    """Return how many lines are not used, where the first one is, and what to do about it."""
    return f"Not used: {counted(count, 'line')} {reason} (the first is {place}); {cure}."


def odd(count: int, what: str, place: str) -> str:
    """Return how many lines are odd, and in what way."""
    verb = "is" if count == 1 else "are"
    return f"{counted(count, 'line')} (the first is {place}) {verb} {what}."


def coarse(resolution_s: float) -> str:
    """Return that times are not exact, and what is made of that."""
    step = format_duration(resolution_s)
    return (
        f"The times of the lines are exact to {step} only. They are spread over it at random, "
        "so that which requests met is uncertain, and little can be learnt from their waiting: "
        "log milliseconds, as $msec does."
    )


def sampled(logged: int, count: int) -> str:
    """Return that a log has only a part of the requests that the server counted."""
    return (
        f"The log has {logged:,} of the {count:,} requests that the server counted meanwhile "
        f"({percent(logged / count)}): others were filtered or sampled away, so that the load is "
        "too low."
    )


RESPONSES = "response times, less the waiting in simulations of the recorded arrivals"
BESIDE_UPSTREAM = "response times, less upstream times and simulated waiting"
UPSTREAM = "upstream times"
BY_CPU_TIME = "the CPU time of the server"
BY_LOAD = "how response times grow with load"

ALL_ZERO = "all durations are 0; log them with more digits"
NO_SERVER = (
    "The server is taken for one event loop. If it is another one, describe it, as in --server "
    "model=serial,workers=4."
)
_ORDER = (
    "A log does not show in what order requests compute and wait: half of the CPU time is assumed "
    "before the I/O, and half after it."
)
ONE_SHARE = (
    f"{_ORDER} Nor does it show which classes compute more: all are assumed to compute for the "
    "same part of their time. Spans show both."
)
UPSTREAM_IS_IO = (
    f"Upstream times are taken as I/O of the server that wrote the log. {_ORDER} If that server "
    "only passes requests on to the one to simulate, fit the log of that one."
)

UNUSED_CPU_TIME = (
    "--cpu-time is not used: where upstream times are logged, the rest of the response times is "
    "the CPU time. Leave them out of the log to use it."
)
ANY_CPU = (
    "Each request keeps a worker with a core of its own, so that it does not matter here which "
    "part of its time is CPU time: all is written as I/O. It will matter for other models, or with "
    "fewer cores than workers: give the CPU time of the server (--cpu-time), or fit spans."
)
VAGUE = (
    "The requests waited too little for each other to show which part of their time is CPU time: "
    "all is written as I/O, so that the scenario is right at this load, and too optimistic at "
    "higher ones. Give the CPU time of the server (--cpu-time), log upstream times, fit spans, or "
    "fit the log of a busier hour."
)
UNKNOWN_CPU = (
    "The workers share cores, but the log does not show which part of a request's time is CPU "
    "time: all is written as I/O, so that the scenario is too optimistic at higher loads. Give the "
    "CPU time of the server (--cpu-time), or fit spans."
)


def learned_from(source: str) -> str:
    """Return what a scenario was made from."""
    return f"Fitted to {source}."


def cpu_of(name: str) -> str:
    """Return what the CPU time of a class is called."""
    return f"CPU time of {name}"


def io_of(name: str) -> str:
    """Return what the I/O of a class is called."""
    return f"I/O of {name}"


def need_of(name: str) -> str:
    """Return what the time of a class at a worker is called."""
    return f"time of {name} at a worker"


def busiest(used: int, count: int) -> str:
    """Return that only a part of the requests is simulated."""
    return f"Times are estimated from the busiest {used:,} consecutive requests of {count:,}."


def too_few(count: int, least: int) -> str:
    """Return that there are too few requests."""
    return f"it has {counted(count, 'request')} that can be used; at least {least} are needed"


def too_much_cpu(cpu_s: float, took_s: float) -> str:
    """Return that the CPU time of the server is longer than its requests took."""
    cpu, took = format_duration(cpu_s), format_duration(took_s)
    return f"--cpu-time {cpu}: too long; all requests of the log together took {took}"
