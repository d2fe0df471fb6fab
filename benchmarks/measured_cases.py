"""The servers that ``measure_servers.py`` measures, and what they are asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

SYNC = "gunicorn measured_apps:flask_app -k sync"
THREADS = "gunicorn measured_apps:flask_app -k gthread"
LOOP = "hypercorn measured_apps:quart_app"

Row = dict[str, str | float]
"""A request: its arrival, its kind, the durations of its phases, and what came of it."""


@dataclass(frozen=True)
class Kind:
    """A share of the requests: where they go, and the mean of each duration, in seconds.

    The durations are exponential.
    """

    share: float
    means: Mapping[str, float]
    route: str = "plain"


@dataclass(frozen=True)
class Case:
    """A server, how many requests it gets per second, and of which kinds.

    ``alone`` is whether the server is a single thread, which real-time priority only keeps from
    others.
    """

    command: str
    rate: float
    kinds: Mapping[str, Kind]
    alone: bool = False


def phases(cpu_s: float, io_s: float) -> Mapping[str, float]:
    """Return the means of computing, waiting, and computing."""
    return {"cpu1_s": cpu_s, "io_s": io_s, "cpu2_s": cpu_s}


def one(cpu_s: float, io_s: float, route: str = "plain") -> Mapping[str, Kind]:
    """Return requests of one kind."""
    return {"recorded": Kind(1, phases(cpu_s, io_s), route)}


GATHER = {"cpu1_s": 0.004, "io1_s": 0.03, "io2_s": 0.03, "io3_s": 0.03, "cpu2_s": 0.004}
MIXED = {"page": Kind(0.9, phases(0.001, 0.02)), "report": Kind(0.1, phases(0.025, 0.01))}
"""Few requests compute for long, most of them hardly at all."""
LEGACY = {
    "modern": Kind(0.9, phases(0.003, 0.048)),
    "legacy": Kind(0.1, phases(0.003, 0.02), "blocking"),
}

CASES = MappingProxyType(
    {
        "flask1_r24": Case(SYNC + " -w 1", 24, one(0.004, 0.012), alone=True),
        "flask1_r36": Case(SYNC + " -w 1", 36, one(0.004, 0.012), alone=True),
        "flask4_r85": Case(SYNC + " -w 4", 85, one(0.004, 0.008)),
        "flask4_mixed_r70": Case(SYNC + " -w 4", 70, MIXED),
        "flask4_mixed_r90": Case(SYNC + " -w 4", 90, MIXED),
        "gthread8_r35": Case(THREADS + " --threads 8", 35, one(0.004, 0.048)),
        "gthread8_r80": Case(THREADS + " --threads 8", 80, one(0.004, 0.048)),
        "gthread4_r50": Case(THREADS + " --threads 4", 50, one(0.004, 0.048)),
        "gthread8_mixed_r70": Case(THREADS + " --threads 8", 70, MIXED),
        "gthread8_mixed_r90": Case(THREADS + " --threads 8", 90, MIXED),
        "quart_r45": Case(LOOP + " -w 1", 45, one(0.004, 0.048), alone=True),
        "quart_r80": Case(LOOP + " -w 1", 80, one(0.004, 0.048), alone=True),
        "quart_mixed_r90": Case(LOOP + " -w 1", 90, MIXED, alone=True),
        "quart_pool_r80": Case(LOOP + " -w 1", 80, one(0.002, 0.048, "pool"), alone=True),
        "quart_gather_r50": Case(
            LOOP + " -w 1", 50, {"recorded": Kind(1, GATHER, "gather")}, alone=True
        ),
        "quart_blocking_r50": Case(LOOP + " -w 1", 50, LEGACY, alone=True),
        "quart2_r80": Case(LOOP + " -w 2", 80, one(0.004, 0.048)),
    }
)


def requests(case: Case, duration: float, seed: int) -> list[Row]:
    """Draw the arrivals within *duration* seconds, and what each request is made of."""
    rng = np.random.default_rng(seed)
    kinds = list(case.kinds.items())
    shares = np.cumsum([kind.share for _, kind in kinds])
    rows: list[Row] = []
    arrival = rng.exponential(1 / case.rate)
    while arrival < duration:
        name, kind = kinds[int(np.searchsorted(shares, rng.random()))]
        drawn = {name: round(rng.exponential(mean), 6) for name, mean in kind.means.items()}
        rows.append({"arrival_s": round(arrival, 6), "class": name, **drawn})
        arrival += rng.exponential(1 / case.rate)
    return rows
