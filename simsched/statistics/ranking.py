"""More than two servers in order, as far as the evidence orders them."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from simsched.statistics import losses
from simsched.statistics.compare import adjusted
from simsched.statistics.contrast import Pair
from simsched.statistics.summary import ServerSummary
from simsched.statistics.verdict import METRIC, NEGLIGIBLE
from simsched.statistics.words import comparison as words
from simsched.units import is_close

# What is measured over all requests, not over the answered ones alone.
_OF_ALL = ("throughput_per_s", losses.FAILED)


@dataclass(frozen=True, slots=True)
class Place:
    """A server's place: the best and the worst, from 1, that the evidence leaves open."""

    server: str
    best: int
    worst: int


def rank(
    servers: Sequence[ServerSummary], metric: str = METRIC, confidence: float = 0.95
) -> tuple[Place, ...]:
    """Return the places of *servers*, the lowest *metric* first.

    Every pair is compared, paired by replication, and all are tested together by Holm's procedure:
    a server is behind those that are significantly lower and before those significantly higher.
    Servers without a value (that cannot keep up, say), or that leave many requests without an
    answer, come last, and are not ranked among each other.
    """
    # A server that answers few requests may answer these soonest: that earns no place.
    valued = [one for one in servers if _is_ranked(one, metric)]
    rest = [one for one in servers if not _is_ranked(one, metric)]
    lower = _significant(valued, metric, 1 - confidence)
    places = [
        Place(
            one.server,
            1 + sum((other.server, one.server) in lower for other in valued),
            len(valued) - sum((one.server, other.server) in lower for other in valued),
        )
        for one in sorted(valued, key=lambda one: one.measurements[metric].value or 0.0)
    ]
    last = [
        Place(one.server, len(valued) + 1, len(servers)) for one in sorted(rest, key=losses.share)
    ]
    return (*places, *last)


def best(
    servers: Sequence[ServerSummary],
    metric: str,
    *,
    higher: bool,
    confidence: float = 0.95,
    certain: bool = False,
) -> str | None:
    """Return the one of *servers* that is significantly best in *metric*; None where none is.

    As in :func:`rank` all pairs are tested together; a server that leaves many requests unanswered
    is not best in a metric of answered ones, even where its figure is. Where nothing is left to
    chance (*certain*), the figures of single runs decide. Only in what servers are ranked by is one
    best by less than :data:`NEGLIGIBLE`.
    """
    known = [one for one in servers if _value(one, metric) is not None]
    # One that is alone is not best of anything.
    if len(known) < 2:  # noqa: PLR2004
        return None
    first, *rivals = sorted(known, key=lambda one: _value(one, metric) or 0.0, reverse=higher)
    if metric not in _OF_ALL and losses.is_material(first):
        return None
    differing = set(map(frozenset, _significant([first, *rivals], metric, 1 - confidence)))
    apart = (
        (
            {first.server, one.server} in differing
            or (certain and _single_runs_differ(first, one, metric))
        )
        and (metric == METRIC or not _are_close(first, one, metric))
        for one in rivals
    )
    return first.server if all(apart) else None


def _value(server: ServerSummary, metric: str) -> float | None:
    found = server.measurements.get(metric)
    return None if found is None else found.value


def _single_runs_differ(one: ServerSummary, other: ServerSummary, metric: str) -> bool:
    """Say whether two servers of one run each, without intervals, have different figures."""
    found = [each.measurements[metric] for each in (one, other)]
    if any(len(each.replications) > 1 or each.has_spread for each in found):
        return False
    values = [each.value for each in found if each.value is not None]
    return len(values) > 1 and not is_close(*values)


def _are_close(one: ServerSummary, other: ServerSummary, metric: str) -> bool:
    low, high = sorted(each.measurements[metric].value or 0.0 for each in (one, other))
    return high - low <= NEGLIGIBLE * abs(low)


def _is_ranked(server: ServerSummary, metric: str) -> bool:
    return server.measurements[metric].value is not None and not losses.is_material(server)


def are_equal(
    servers: Sequence[ServerSummary], metric: str = METRIC, confidence: float = 0.95
) -> bool:
    """Say whether the evidence puts the *metric* of all *servers* within :data:`NEGLIGIBLE`."""
    ratios = (
        Pair(one.measurements[metric], other.measurements[metric]).ratio(confidence)
        for one, other in combinations(servers, 2)
    )
    return all(
        one.low is not None and one.high is not None and max(1 - one.low, one.high - 1) < NEGLIGIBLE
        for one in ratios
    )


def sentence(
    places: Sequence[Place],
    silent: Container[str] = (),
    are_equal: Callable[[Sequence[str]], bool] = lambda _: False,
) -> str | None:
    """Return the ranking as a sentence; None for fewer than three servers, or without evidence.

    The *silent* servers answered no request: they have no place among those that did. Whether
    servers that share their places *are equal* is said of those that do.
    """
    placed = [place for place in places if place.server not in silent]
    shown = [replace(place, worst=min(place.worst, len(placed))) for place in placed]
    names = [place.server for place in shown]
    is_open = all(place.best == 1 and place.worst == len(shown) for place in shown)
    nothing_told = is_open and not are_equal(names)
    if len(places) < 3 or nothing_told:  # noqa: PLR2004
        return None
    others = [place.server for place in places if place.server in silent]
    return words.order([(one.server, one.best, one.worst) for one in shown], others, are_equal)


def _significant(
    servers: Sequence[ServerSummary], metric: str, alpha: float
) -> set[tuple[str, str]]:
    """Return the pairs of names of which the first is significantly lower than the second."""
    pairs = [
        (one, other, p)
        for one, other in combinations(servers, 2)
        if (p := Pair(one.measurements[metric], other.measurements[metric]).p_value) is not None
    ]
    p_values = adjusted([p for _, _, p in pairs])
    return {
        _ordered(one, other, metric)
        for (one, other, _), p in zip(pairs, p_values, strict=True)
        if p <= alpha
    }


def _ordered(one: ServerSummary, other: ServerSummary, metric: str) -> tuple[str, str]:
    first, second = sorted((one, other), key=lambda s: s.measurements[metric].value or 0.0)
    return first.server, second.server
