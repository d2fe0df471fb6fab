"""How often what is fitted to data of known truth is within two standard errors of it.

Random services are simulated with needs that are known, and what a log or a recording of them
would hold is fitted: 95 % of the estimates should be within two standard errors. Run it with the
number of services of each kind:

    .venv/bin/python benchmarks/fit_recovery.py 50
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

import simsched
from simsched.calibrate import Measured, Replay, fit
from simsched.calibrate.from_log import LogLearner
from simsched.calibrate.observed import About, observed
from simsched.calibrate.recorded_load import responses
from simsched.scenario.model.servers import Server

KINDS = ("load", "CPU time", "upstream", "workers", "overheads")
"""What a service is fitted by: a log, or (overheads) a recording of what each request did."""

_REQUESTS = 1_500
_MS = 1e6
_NOISE_MS = 0.2


@dataclass(frozen=True)
class Found:
    """An estimate beside the truth."""

    what: str
    value: float
    standard_error: float
    true: float

    @property
    def off(self) -> float:
        """By how many standard errors it is off."""
        return (self.value - self.true) / max(self.standard_error, 1e-9)

    @property
    def is_inside(self) -> bool:
        """Whether the truth is within two standard errors."""
        return abs(self.value - self.true) <= 2 * self.standard_error


def estimates(kind: str, seed: int) -> Iterator[Found]:
    """Yield what is fitted to one random service, beside the truth."""
    rng = np.random.default_rng([KINDS.index(kind), seed])
    yield from (_overheads(rng) if kind == "overheads" else _needs(kind, rng))


def _needs(kind: str, rng: np.random.Generator) -> Iterator[Found]:
    classes, load = int(rng.integers(1, 4)), rng.uniform(0.3, 0.8)
    cpu = rng.uniform(1, 12, classes)
    # Without upstream times a log does not show which class computes more: all do the same part.
    io = cpu * rng.uniform(1, 6, classes if kind == "upstream" else 1)
    weights = rng.dirichlet(np.full(classes, 3.0))
    options = {"model": "cooperative"}
    per_request = float(weights @ cpu)
    if kind == "workers":
        options = {"model": "serial", "workers": int(rng.integers(1, 5))}
        per_request = float(weights @ (cpu + io)) / options["workers"]
    kinds = rng.choice(classes, _REQUESTS, p=weights)
    arrival = np.cumsum(rng.exponential(per_request / load, _REQUESTS)) * _MS
    sigma = rng.uniform(0.3, 0.8)
    waits = rng.lognormal(-(sigma**2) / 2, sigma, _REQUESTS) * io[kinds] * _MS
    computes = cpu[kinds] * _MS
    seen = observed(
        arrival.astype(np.int64),
        np.ones(_REQUESTS, np.int64),
        [f"class {each}" for each in kinds],
        About("simulated"),
        np.rint(waits).astype(np.int64) if kind == "upstream" else None,
    )
    server: Server = TypeAdapter(Server).validate_python(options)
    took = responses(seen, computes, waits, server, seed=99)
    seen = replace(seen, response_ns=np.maximum(took, 1).astype(np.int64))
    total = int(computes.sum()) if kind == "CPU time" else None
    for each in LogLearner(seen, options, "simulated", total).learned().estimates:
        position = int(each.name.partition("class ")[2][0])
        parts = {"CPU": cpu[position], "I/O": io[position], "time": (cpu + io)[position]}
        true = parts[each.name.split()[0]] * _MS
        yield Found(each.name.split()[0], each.value_ns, each.standard_error_ns, true)


_REPLAYED = """
name: simulated
requests: {{r: [{{cpu: {{column: cpu1}}}}, {{io: {{column: io}}}}, {{cpu: {{column: cpu2}}}}]}}
workload: {{trace: {{file: {file}, arrival: arrival}}}}
servers: {{s: {server}}}
"""
_SERVERS = (
    "{model: cooperative}",
    "{model: threaded, threads: 8}",
    "{model: serial, workers: 4, cores: 1}",
)


def _overheads(rng: np.random.Generator) -> Iterator[Found]:
    """Yield the overheads of a server, from responses with noise."""
    rate, requests = rng.uniform(40, 90), 600
    arrival = np.cumsum(rng.exponential(1 / rate, requests))
    cpu1, cpu2 = rng.exponential(0.004, (2, requests))
    io = rng.lognormal(np.log(0.02), 1.0, requests)
    true = {"request": rng.uniform(0.2, 1.5) * _MS, "io": rng.uniform(0, 3) * _MS}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.csv"
        columns = np.stack([arrival, cpu1, io, cpu2], axis=1)
        header = "arrival,cpu1,io,cpu2"
        np.savetxt(file, columns, fmt="%.9f", delimiter=",", header=header, comments="")
        text = _REPLAYED.format(file=file, server=rng.choice(_SERVERS))
        replay = Replay.of(simsched.scenario.loads(text), "s")
    took = replay.response_ns(int(true["request"]), int(true["io"]))
    noise = rng.laplace(0, _NOISE_MS * _MS, requests)
    arrived = replay.workload.arrival_ns
    done = arrived + np.maximum(took + noise, 0).astype(np.int64)
    for name, each in fit(replay, Measured(arrived, done)).parameters.items():
        yield Found(name, each.value_ns, each.standard_error_ns, true[name])


def main() -> None:
    """Print, for each kind, how many estimates are within two standard errors of the truth."""
    services = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    for kind in KINDS:
        by_what: defaultdict[str, list[Found]] = defaultdict(list)
        for seed in range(services):
            for each in estimates(kind, seed):
                by_what[each.what].append(each)
        for what, found in by_what.items():
            off = np.array([each.off for each in found])
            inside = np.mean([each.is_inside for each in found])
            errors = np.array([each.value / each.true - 1 for each in found])
            print(
                f"{kind:10} {what:8} {len(found):5} estimates, "
                f"{inside:6.1%} within two standard errors, "
                f"median error {np.median(errors):+6.1%}, spread of errors/SE {off.std():.2f}"
            )


if __name__ == "__main__":
    main()
