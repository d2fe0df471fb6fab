"""Where the time of a request goes that calls services or needs resources, and what is busiest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simsched.statistics.estimate import Estimate
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import servers as words

MATERIAL = 0.2
"""The share of the mean response time from which it is said where it is spent."""

BUSY = 0.7
"""The share of its time from which what is busiest is named."""


def sentences(servers: Iterable[ServerSummary]) -> Iterator[str]:
    """Yield what most of the response time is spent on, and what is busiest.

    Servers of which the same is true share a sentence. There is none on those that have neither
    services nor resources, and where nothing stands out.
    """
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for one in servers:
        if one.service_utilisation or one.resource_utilisation:
            what, amount = _most(one)
            alike.setdefault((what, _most_used(one)), []).append((one.server, amount))
    for (what, used), found in alike.items():
        if what or used:
            yield words.bottleneck(found, what, used)


def _most(one: ServerSummary) -> tuple[str, str]:
    """Return what most time is spent on, and how much of which; "" where nothing stands out."""
    mean_s, spent = one.value("response_time_s.mean"), _spent(one)
    if not mean_s or spent is None or spent[1] < MATERIAL * mean_s:
        return "", ""
    return spent[0], words.amount(spent[1], mean_s)


def _most_used(one: ServerSummary) -> str:
    """Return what is busiest, in words; "" where nothing stands out."""
    busiest = _busiest(one)
    if busiest is None or busiest[1] < BUSY:
        return ""
    name, share = busiest
    is_pool = name in one.resource_utilisation
    return words.in_use(name, share) if is_pool else words.busy(name, share)


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
