"""Sentences on what is wrong with a run, or with what a server is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, assert_never

from simsched.statistics.words.numbers import counted, percent, whole_percent
from simsched.units import format_duration, format_number

Fate = Literal["refused", "given up", "failed"]
"""What becomes of requests beyond what a server can do, so that its queue does not grow."""

GROWS = "its queue grows without bound"


def overloaded(server: str, demand: str, growth: str, limit_per_s: float) -> str:
    """Return that a server cannot keep up with a steady *demand*, and the *growth* of its queue."""
    return (
        f"{server} cannot keep up: {demand}; {growth}, and it would be stable below "
        f"{format_number(limit_per_s)}/s"
    )


def demand(station: str, rate_per_s: float, load: float) -> str:
    """Return how much of a station the arriving requests need; 1 is a *load* of 100 %."""
    rate = format_number(rate_per_s)
    return f"{rate} requests a second need {whole_percent(load)} of its {station}"


def queue_growth(growth_per_s: float | None, *, is_slow: bool) -> str:
    """Return how fast a queue grows; None is a rate that depends on the single requests."""
    if growth_per_s is None:
        return GROWS
    if is_slow:
        return f"{GROWS}, if slowly, where anything varies"
    return f"its queue grows by {format_number(growth_per_s)} requests a second"


def left_waiting(
    server: str, station: str, start_s: float, waiting: float, limit_per_s: float
) -> str:
    """Return that a changing rate leaves many requests *waiting* at its end."""
    return (
        f"{server} cannot keep up: from {format_duration(start_s)} on, more requests arrive than "
        f"its {station} can serve, so that about {_about(waiting)} are waiting when the last one "
        f"arrives; it would be stable below {format_number(limit_per_s)}/s"
    )


def excess(fate: Fate) -> str:
    """Return what becomes of the requests that a server cannot serve."""
    match fate:
        case "refused":
            return "the excess is refused"
        case "given up":
            return "the excess is given up"
        case "failed":
            return "the excess fails"
        case _:
            assert_never(fate)


def turned_away(server: str, demand: str, fate: Fate, limit_per_s: float) -> str:
    """Return that a server is overloaded, and what becomes of the requests beyond its capacity."""
    return (
        f"{server} is overloaded: {demand}; {excess(fate)}; it could serve all requests below "
        f"{format_number(limit_per_s)}/s"
    )


def overloaded_for_a_while(
    server: str, station: str, start_s: float, peak_s: float, waiting: float
) -> str:
    """Return from when to when a server is overloaded, and how many requests wait at the end."""
    return (
        f"{server}: from {format_duration(start_s)} to {format_duration(peak_s)} more requests "
        f"arrive than its {station} can serve, and about {_about(waiting)} are waiting then: its "
        "figures describe this run, not a steady state"
    )


def _about(requests: float) -> str:
    return f"{float(f'{requests:.2g}'):,.0f}"


def nothing_answered(server: str, total: int, fates: Mapping[str, int]) -> str:
    """Return that none of all requests was answered."""
    return f"{server} answered none of {counted(total, 'request')}: {_fates(fates)}"


def nothing_answered_after_warmup(server: str, fates: Mapping[str, int], *, is_cut: bool) -> str:
    """Return that none of the requests that the figures are of was answered."""
    after, whole = _after(is_cut)
    return f"{server} answered none of the requests{after} ({whole}{_fates(fates)})"


def lost(
    server: str, share: float, fates: Mapping[str, int], *, is_cut: bool, has_times: bool
) -> str:
    """Return which share of the requests got no answer, and why."""
    after, whole = _after(is_cut)
    rest = "; response times are those of the others" if has_times else ""
    return (
        f"{server}: {percent(share)} of the requests{after} got no answer "
        f"({whole}{_fates(fates)}){rest}"
    )


def _after(is_cut: bool) -> tuple[str, str]:
    return (" after the warm-up", "in the whole run ") if is_cut else ("", "")


def _fates(fates: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {fate}" for fate, count in fates.items() if count)


def retried(server: str, requests: int, attempts: int, load: float, with_them: float) -> str:
    """Return how many attempts the requests took, and the load with and without the repeated."""
    return (
        f"{server}: {counted(requests, 'request')} took {attempts:,} attempts; the load of "
        f"{whole_percent(load)} counts each request once; with every attempt it is up to "
        f"{whole_percent(with_them)}"
    )


def unfinished(server: str, count: int, total: int, *, has_times: bool) -> str:
    """Return how many requests the end of the run cut off."""
    verb, pronoun = ("was", "it") if count == 1 else ("were", "them")
    rest = f"; response times exclude {pronoun}" if has_times else ""
    return (
        f"{server}: {count:,} of {counted(total, 'request')} {verb} unfinished at the end of the "
        f"run{rest}"
    )


def deadlock(server: str, found: int, replications: int, stuck: int, waits: Sequence[str]) -> str:
    """Return that requests are stuck, and what the first of them wait for.

    *found* is how many of the *replications* have a deadlock.
    """
    often = f" in {found} of {replications} replications" if replications > 1 else ""
    more = stuck - len(waits)
    rest = f"; and {more:,} more" if more > 0 else ""
    who = "1 request is stuck" if stuck == 1 else f"{stuck:,} requests are stuck"
    return f"{server}: deadlock{often}: {who}: {'; '.join(waits)}{rest}"


def replications_too_short(
    server: str, load: float, requests: int, share: float, needed: tuple[int, float]
) -> str:
    """Return by which *share* a mean wait is too small, as each replication starts empty.

    *needed* is the length of one that suffices, in requests and in seconds.
    """
    return (
        f"{server}: replications too short: each starts empty, so at {whole_percent(load)} load "
        f"the mean wait of its {counted(requests, 'request')} after the warm-up is about "
        f"{whole_percent(share)} too small; more replications do not help; each needs at least "
        f"{counted(needed[0], 'request')} ({format_duration(needed[1])})"
    )


NO_REQUESTS = "no request arrived after the warm-up, so there are no figures"


def run_too_short(server: str, load: float, precision: float, needed: int, requests: int) -> str:
    """Return how many requests a mean wait needs, at this load, for a relative *precision*."""
    if requests == 0:
        return f"{server}: {NO_REQUESTS}"
    return (
        f"{server}: run too short: at {whole_percent(load)} load, a mean wait within "
        f"±{whole_percent(precision)} needs about {needed:,} requests after the warm-up, not "
        f"{requests:,}"
    )


def long_warmup(server: str, share: float) -> str:
    """Return that a warm-up of given length takes a large *share* of the run."""
    return (
        f"{server}: the warm-up takes {whole_percent(share)} of the run; simulate longer, or "
        "shorten the warm-up"
    )


def unsettled(server: str, share: float, cut_s: float) -> str:
    """Return that a run settles late, if at all, and where its warm-up is cut instead."""
    return (
        f"{server}: the run settles only after {whole_percent(share)} of it, if at all; its "
        f"warm-up is cut at half of the run ({format_duration(cut_s)}); simulate longer"
    )


def different_seeds(seeds: Mapping[str, int]) -> str:
    """Return that scenarios have different seeds, by name."""
    shown = ", ".join(f"{name} {seed}" for name, seed in seeds.items())
    return (
        f"the scenarios have different seeds ({shown}), so that their servers meet different "
        "requests; with the same seed, smaller differences would show"
    )
