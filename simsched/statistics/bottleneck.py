"""Where the time of a request goes that calls services or needs resources, and what is busiest."""

from __future__ import annotations

from collections.abc import Iterator

from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import servers as words

MATERIAL = 0.2
"""The share of the mean response time from which it is said where it is spent."""

BUSY = 0.7
"""The share of its time from which what is busiest is named."""


def sentence(one: ServerSummary) -> str | None:
    """Return what most of the response time is spent on, and what is busiest.

    None where a server has neither services nor resources, or nothing stands out.
    """
    if not (one.service_utilisation or one.resource_utilisation):
        return None
    mean_s, spent, busiest = one.value("response_time_s.mean"), _spent(one), _busiest(one)
    parts = []
    if mean_s and spent is not None and spent[1] >= MATERIAL * mean_s:
        parts.append(words.spent(spent[0], spent[1], mean_s))
    if busiest is not None and busiest[1] >= BUSY:
        name, share = busiest
        is_pool = name in one.resource_utilisation
        parts.append(words.in_use(name, share) if is_pool else words.busy(name, share))
    return words.bottleneck(one.server, parts) if parts else None


def _spent(one: ServerSummary) -> tuple[str, float] | None:
    """Return what a request spends most time on, by waiting for it, and how much (seconds)."""
    return max(_waits(one), key=lambda found: found[1], default=None)


def _waits(one: ServerSummary) -> Iterator[tuple[str, float]]:
    parts = one.time_spent.get("all", {})
    for part, what in words.WAITS.items():
        yield what, _value(parts.get(part))
    pool = max(one.resource_wait, key=lambda name: _value(one.resource_wait[name]), default=None)
    if pool is not None:
        yield words.wait_for_pool(pool), _value(parts.get("io_wait"))
    for name, found in one.service_time.items():
        yield words.calls_to(name), _value(found)


def _busiest(one: ServerSummary) -> tuple[str, float] | None:
    found = {words.cores_of(one.server): _value(one.estimates.get("cpu_utilisation"))}
    for used in (one.service_utilisation, one.resource_utilisation):
        found |= {name: _value(each) for name, each in used.items()}
    return max(found.items(), key=lambda each: each[1])


def _value(found: Estimate | None) -> float:
    return 0.0 if found is None or found.value is None else found.value
