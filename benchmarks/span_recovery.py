"""Whether ``simsched fit`` finds what is known: random services are simulated, and fitted.

Each service is an event loop with one to three classes of requests, calls one after the other,
again or by chance, places where it lets others run, a pool or none, and overheads. Its spans are as
instrumentation in the process records them: a call's span ends when the loop returns to its
request. What is estimated from them is held against what was simulated, in standard errors.

    python3 benchmarks/span_recovery.py [scenarios] [requests]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import simsched
from simsched.calibrate import Clients, Facts, Learner
from simsched.calibrate.otlp import CLIENT, SERVER, Spans
from simsched.calibrate.visits import visits_of
from simsched.engine import simulate
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Activity, Trace
from simsched.report.lanes import lanes
from simsched.workload import draw

RESOLUTION_NS = 2_000
"""Estimates are rounded to a microsecond."""

NETWORK_NS = 400_000

WITHIN = 2.0
"""How many standard errors from the truth an estimate should be at most."""


@dataclass(frozen=True)
class Truth:
    """What a random service needs, in nanoseconds: by the names of the estimates."""

    scenario: dict[str, Any]
    pools: dict[str, int]
    overheads: dict[str, int]


def random_service(seed: int, requests: int) -> Truth:
    """Return a random service that is busy for 10 to 60 % of the time."""
    rng = np.random.default_rng(seed)
    pools = {"db": int(rng.integers(3, 20))} if rng.integers(2) else {}
    yields = np.random.default_rng([seed, 1])
    classes = {f"/class{i}": _phases(rng, yields, i, pools) for i in range(rng.integers(1, 4))}
    overheads = {
        "request": int(rng.integers(0, 800)) * 1000,
        "switch": int(rng.integers(5, 80)) * 1000,
    }
    scenario = {
        "name": "truth",
        "requests": classes,
        "workload": {"open": {"rate": "1/s"}, "requests": requests},
        "servers": {
            "app": {
                "model": "cooperative",
                "overhead": {name: f"{value}ns" for name, value in overheads.items()},
            }
        },
        "resources": {name: {"capacity": size} for name, size in pools.items()},
        "run": {"seed": seed},
    }
    cpu_s = sum(_means_ms(phases)[0] for phases in classes.values()) / len(classes) / 1e3
    rate = rng.uniform(0.1, 0.6) / (
        cpu_s + overheads["request"] / 1e9 + 3 * overheads["switch"] / 1e9
    )
    scenario["workload"]["open"]["rate"] = f"{rate:.6g}/s"
    return Truth(scenario, pools, overheads)


def _phases(
    rng: np.random.Generator, yields: np.random.Generator, number: int, pools: dict[str, int]
) -> list[dict[str, Any]]:
    phases: list[dict[str, Any]] = [_cpu(rng)]
    for i in range(rng.integers(0, 4)):
        call = _call(rng, f"call {number}.{i}")
        match rng.choice(["plain", "held", "again", "chance"]):
            case "held" if pools:
                call = {**call, "label": f"db {number}.{i}"}
                phases.append({"hold": "db", "phases": [call]})
            case "again":
                repeated = {"times": int(rng.integers(3, 6)), "phases": [_cpu(rng), call]}
                phases.append({"repeat": repeated})
            case "chance":
                weights = rng.integers(1, 5, 2).tolist()
                ways = [{"weight": weights[0], "phases": [_cpu(rng)]}]
                ways.append({"weight": weights[1], "phases": [_cpu(rng), call]})
                phases.append({"choose": ways})
            case _:
                phases.append(call)
        phases.append(_cpu(rng))
        if yields.integers(3) == 0:
            phases += [{"io": "0s"}, _cpu(yields)]
    return phases


def _cpu(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "cpu": {
            "gamma": {"mean": f"{rng.uniform(0.2, 4):.3f}ms", "cv": float(rng.choice([0.2, 1.0]))}
        }
    }


def _call(rng: np.random.Generator, label: str) -> dict[str, Any]:
    mean = f"{rng.uniform(1, 40):.3f}ms"
    return {
        "io": {"lognormal": {"mean": mean, "cv": float(rng.choice([0.2, 0.7]))}},
        "label": label,
    }


def _means_ms(phases: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Return how long a request computes and calls, on average over all that there may be."""
    cpu, io = 0.0, 0.0
    for each in phases:
        match each:
            case {"cpu": {"gamma": {"mean": mean}}}:
                parts = [(1.0, (_ms(mean), 0.0))]
            case {"io": {"lognormal": {"mean": mean}}}:
                parts = [(1.0, (0.0, _ms(mean)))]
            case {"hold": _, "phases": held}:
                parts = [(1.0, _means_ms(held))]
            case {"repeat": {"times": times, "phases": repeated}}:
                parts = [(times, _means_ms(repeated))]
            case {"choose": ways}:
                total = sum(way["weight"] for way in ways)
                parts = [(way["weight"] / total, _means_ms(way["phases"])) for way in ways]
            case _:  # a yield
                parts = []
        cpu += sum(weight * mean[0] for weight, mean in parts)
        io += sum(weight * mean[1] for weight, mean in parts)
    return cpu, io


def _ms(text: str) -> float:
    return float(text.removesuffix("ms"))


def spans_of(trace: Trace, overheads: dict[str, int]) -> Spans:
    """Return the spans of a run, of which every timeline was kept."""
    spans, labels = Spans(services=["app"], instances=[("app",)]), {}
    for lane in lanes(trace, np.arange(len(trace.requests.arrival_ns))):
        computing = [each for each in lane.stretches if each.activity is Activity.CPU]
        root = len(spans)
        start = computing[0].start_ns + overheads["request"]
        label = labels.setdefault(lane.kind, len(labels))
        _add(spans, (start, lane.finish_ns), SERVER, -1, label)
        for each in lane.stretches:
            if each.activity is Activity.IO:
                after = (other.start_ns for other in computing if other.start_ns >= each.finish_ns)
                end = next(after, each.finish_ns) + overheads["switch"]
                label = labels.setdefault(each.label, len(labels))
                _add(spans, (each.start_ns, min(end, lane.finish_ns)), CLIENT, root, label)
    spans.labels = list(labels)
    spans.databases = {at: "sql" for name, at in labels.items() if name.startswith("db")}
    return spans


def _add(spans: Spans, times: tuple[int, int], kind: int, parent: int, label: int) -> None:
    for column, value in (
        (spans.start_ns, times[0]),
        (spans.end_ns, times[1]),
        (spans.kind, kind),
        (spans.parent, parent),
        (spans.service, 0),
        (spans.instance, 0),
        (spans.label, label),
    ):
        column.append(value)


def deviations(seed: int, requests: int) -> Iterator[tuple[str, float, float]]:
    """Yield each estimate's name, its error relative to the truth, and that in standard errors."""
    truth = random_service(seed, requests)
    scenario = simsched.load(truth.scenario)
    workload = draw(scenario, 1)
    conditions = Conditions.of(scenario, "app")
    server = scenario.servers["app"]
    trace = simulate(workload, server, conditions, timeline=requests, engine="simpy", phases=1)
    run = trace.requests
    clients = Clients(
        run.arrival_ns,
        run.finish_ns + NETWORK_NS,
        [workload.classes[each] for each in workload.class_id],
    )
    spans = spans_of(trace, truth.overheads)
    pools = truth.pools if spans.databases else {}
    facts = Facts(pools=pools, cpu_ns=int(run.cpu_ns.sum()), clients=clients)
    found = Learner(visits_of(spans), facts).learned()
    known: dict[str, float] = {f"overhead.{name}": value for name, value in truth.overheads.items()}
    known["network and client"] = NETWORK_NS
    if all(each.name != "overhead.switch" for each in found.estimates):  # the request's, then
        returns = sum(kind == CLIENT for kind in spans.kind) / requests
        known["overhead.request"] += returns * known.pop("overhead.switch")
    for name, phases in truth.scenario["requests"].items():
        cpu_ms, io_ms = _means_ms(phases)
        known |= {f"{name}: CPU time": cpu_ms * 1e6, f"{name}: calls": io_ms * 1e6}
    for each in found.estimates:
        if each.name in known:
            error = each.value_ns - known[each.name]
            deviation = max(0.0, abs(error) - RESOLUTION_NS) / max(each.standard_error_ns, 1.0)
            name = each.name.partition(": ")[2] or each.name
            yield name, error / max(known[each.name], 1), deviation


def main(scenarios: int = 200, requests: int = 1_000) -> None:
    """Print how often each estimate is within two standard errors of the truth."""
    found: dict[str, list[tuple[float, float]]] = {}
    for seed in range(scenarios):
        for name, error, deviation in deviations(seed, requests):
            found.setdefault(name, []).append((error, deviation))
    print("| estimate | scenarios | within 2 standard errors | median error |")
    print("| --- | --- | --- | --- |")
    for name, rows in found.items():
        error, deviation = np.array(rows).T
        within = f"{100 * (deviation <= WITHIN).mean():.0f} %"
        print(f"| {name} | {len(rows)} | {within} | {100 * np.median(np.abs(error)):.2f} % |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
