"""Results made by hand, so that the report is tested without an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simsched.engine.trace import MISSING, Activity, Segments, Status, Trace
from simsched.experiment.result import Result
from simsched.scenario.model.run import Run
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import SerialServer
from simsched.scenario.model.workload import Workload
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement, mean
from simsched.statistics.ranking import Place
from simsched.statistics.summary import Comparison, ServerSummary
from simsched.statistics.verdict import sentences

MS = 1_000_000
LETTERS = {
    "q": Activity.QUEUE,
    "c": Activity.CPU,
    "w": Activity.CPU_WAIT,
    "i": Activity.IO,
    "p": Activity.IO_WAIT,
}
PAGE = ("framework", "database", "code", "database", "framework")


@dataclass(frozen=True)
class Story:
    """What one request did: its arrival, and stretches such as ``"q8 c10 i40"`` in milliseconds."""

    arrival: float
    stretches: str
    kind: str = "page"
    labels: Sequence[str] = ()
    status: Status = Status.COMPLETED


def stretches_of(story: Story) -> list[tuple[Activity, int, int, str]]:
    """Return activity, start, finish (ns) and label of each stretch."""
    labels = iter(story.labels)
    at = round(story.arrival * MS)
    found = []
    for word in story.stretches.split():
        activity, length = LETTERS[word[0]], round(float(word[1:]) * MS)
        label = next(labels, "") if activity in (Activity.CPU, Activity.IO) else ""
        found.append((activity, at, at + length, label))
        at += length
    return found


def trace_of(stories: Sequence[Story], *, stored: int | None = None) -> Trace:
    """Return the trace of *stories* on one worker, with the segments of the first *stored*."""
    told = [stretches_of(story) for story in stories]
    arrival = np.array([round(s.arrival * MS) for s in stories], dtype=np.int64)
    answered = np.array([s.status is Status.COMPLETED for s in stories])
    last = np.array([rows[-1][2] if rows else 0 for rows in told], dtype=np.int64)
    taken = [next((r[1] for r in rows if r[0] is not Activity.QUEUE), MISSING) for rows in told]
    totals = {
        activity: np.array(
            [sum(r[2] - r[1] for r in rows if r[0] is activity) for rows in told], dtype=np.int64
        )
        for activity in Activity
    }
    classes = tuple(dict.fromkeys(s.kind for s in stories))
    rows = [(n, *r) for n, told_of in enumerate(told[:stored], start=1) for r in told_of]
    count = len(stories)
    return Trace(
        classes=classes,
        request=np.arange(1, count + 1, dtype=np.int64),
        class_id=np.array([classes.index(s.kind) for s in stories], dtype=np.int32),
        user=np.full(count, -1, dtype=np.int32),
        attempt=np.ones(count, dtype=np.int32),
        worker=np.where(np.array(taken) == MISSING, -1, 0).astype(np.int32),
        arrival_ns=arrival,
        start_ns=np.array(taken, dtype=np.int64),
        finish_ns=np.where(answered, last, MISSING),
        queue_ns=totals[Activity.QUEUE],
        cpu_ns=totals[Activity.CPU],
        cpu_wait_ns=totals[Activity.CPU_WAIT],
        io_ns=totals[Activity.IO],
        io_wait_ns=totals[Activity.IO_WAIT],
        status=np.array([s.status for s in stories], dtype=np.int8),
        demand_ns=totals[Activity.CPU] + totals[Activity.IO],
        workers=1,
        cores=1,
        end_ns=int(last.max(initial=0)),
        segments=Segments(
            request=np.array([r[0] for r in rows], dtype=np.int64),
            activity=np.array([r[1] for r in rows], dtype=np.int8),
            start_ns=np.array([r[2] for r in rows], dtype=np.int64),
            finish_ns=np.array([r[3] for r in rows], dtype=np.int64),
            worker=np.array([-1 if r[1] is Activity.QUEUE else 0 for r in rows], dtype=np.int32),
            label=tuple(r[4] for r in rows),
            service=("",) * len(rows),
            attempt=np.ones(len(rows), dtype=np.int32),
        ),
    )


SERIAL = (
    Story(0, "c10 i40 c10 i15 c10", labels=PAGE),
    Story(20, "q65 c10 i40 c10 i15 c10", labels=PAGE),
    Story(72, "q98 c4 i6 c4", "ping"),
)
COOPERATIVE = (
    Story(0, "c10 i40 c10 i15 w9 c10", labels=PAGE),
    Story(20, "c10 i40 c10 i15 w3 c10", labels=PAGE),
    Story(72, "q8 c4 i6 w4 c4", "ping"),
)


def scenario(name: str, *servers: str, seed: int = 7, replications: int = 1) -> Scenario:
    """Return a scenario of that name and those servers, in which nothing is left to chance."""
    return Scenario.model_construct(
        name=name,
        requests={},
        workload=Workload.model_validate({"schedule": [{"at": "0ms", "request": "page"}]}),
        servers={server: SerialServer(model="serial") for server in servers},
        run=Run(seed=seed, replications=replications),
    )


def exactly(**values: float | None) -> dict[str, Estimate]:
    """Return estimates without intervals; ``__`` in a name stands for a dot."""
    return {name.replace("__", "."): Estimate(value) for name, value in values.items()}


def lecture(name: str = "lecture") -> Result:
    """Return the lecture: one replication, nothing random, so no intervals."""
    serial = exactly(
        throughput_per_s=3 / 0.184,
        response_time_s__mean=(0.085 + 0.150 + 0.112) / 3,
        response_time_s__p50=0.112,
        response_time_s__p90=0.150,
        response_time_s__p95=0.150,
        response_time_s__p99=None,
        response_time_s__max=0.150,
        slowdown=3.5882,
        cpu_utilisation=68 / 184,
        order__overtaken_fraction=0.0,
        order__kendall_tau=1.0,
    )
    cooperative = exactly(
        throughput_per_s=3 / 0.108,
        response_time_s__mean=(0.094 + 0.088 + 0.026) / 3,
        response_time_s__p50=0.088,
        response_time_s__p90=0.094,
        response_time_s__p95=0.094,
        response_time_s__p99=None,
        response_time_s__max=0.094,
        slowdown=1.3328,
        cpu_utilisation=68 / 108,
        order__overtaken_fraction=1 / 3,
        order__kendall_tau=1 / 3,
    )
    done = {status.name.lower(): 0 for status in Status} | {"completed": 3}
    servers = {
        "serial": ServerSummary("serial", done, serial, (1, 2, 3), measurements=once(serial)),
        "cooperative": ServerSummary(
            "cooperative", done, cooperative, (1, 3, 2), measurements=once(cooperative)
        ),
    }
    comparisons = compared("cooperative", cooperative, "serial", serial)
    return Result(
        name=name,
        scenarios=(scenario(name, "serial", "cooperative"),),
        confidence=0.95,
        servers=servers,
        ranking=(Place("serial", 1, 2), Place("cooperative", 1, 2)),
        comparisons=comparisons,
        verdicts=sentences(servers["serial"], [servers["cooperative"]], comparisons),
        traces={"serial": (trace_of(SERIAL),), "cooperative": (trace_of(COOPERATIVE),)},
        warnings=(),
    )


def once(figures: Mapping[str, Estimate]) -> dict[str, Measurement]:
    """Return *figures* as measured in one replication."""
    return {
        name: Measurement(one.value, np.array([one.value or np.nan]))
        for name, one in figures.items()
    }


def compared(
    server: str, ours: Mapping[str, Estimate], baseline: str, theirs: Mapping[str, Estimate]
) -> tuple[Comparison, ...]:
    """Return a comparison for each metric, with an interval of 10 % where the metric has one."""
    return tuple(
        Comparison(name, server, baseline, *_held_against(ours[name], theirs[name]))
        for name in ours
    )


def _held_against(ours: Estimate, theirs: Estimate) -> tuple[Estimate, Estimate]:
    if ours.value is None or theirs.value is None:
        return Estimate(None), Estimate(None)
    difference = ours.value - theirs.value
    ratio = ours.value / theirs.value if theirs.value else None
    if ours.low is None:
        return Estimate(difference), Estimate(ratio)
    margin = abs(difference) * 0.1
    wide = None if ratio is None else Estimate(ratio, ratio * 0.95, ratio * 1.05)
    return (
        Estimate(difference, difference - margin, difference + margin),
        wide or Estimate(None),
    )


def load(name: str = "flask-vs-quart", count: int = 400, replications: int = 3) -> Result:
    """Return a Poisson load on a slow and a quick server, with intervals and a warning."""
    servers = {"serial": 0.009, "cooperative": 0.004}
    traces = {
        server: tuple(_single_server(mean, count, seed) for seed in range(replications))
        for server, mean in servers.items()
    }
    measured = {server: _measured(runs) for server, runs in traces.items()}
    figures = {
        server: {name: _interval(values) for name, values in columns.items()}
        for server, columns in measured.items()
    }
    done = {status.name.lower(): 0 for status in Status} | {"completed": count * replications}
    summaries = {
        s: ServerSummary(
            s,
            done,
            figures[s],
            measurements={name: mean(np.array(each)) for name, each in measured[s].items()},
        )
        for s in servers
    }
    comparisons = compared("cooperative", figures["cooperative"], "serial", figures["serial"])
    return Result(
        name=name,
        scenarios=(scenario(name, *servers, replications=replications),),
        confidence=0.95,
        servers=summaries,
        ranking=(Place("cooperative", 1, 1), Place("serial", 2, 2)),
        comparisons=comparisons,
        verdicts=sentences(summaries["serial"], [summaries["cooperative"]], comparisons),
        traces=traces,
        warnings=("serial: offered load is 0.90; the run may be too short for a steady state.",),
    )


def _single_server(mean_s: float, count: int, seed: int) -> Trace:
    draws = np.random.default_rng(seed)
    arrival = np.cumsum(draws.exponential(10.0, count))
    demand = draws.exponential(mean_s * 1000, count)
    stories, free = [], 0.0
    for at, need in zip(arrival, demand, strict=True):
        wait = max(0.0, free - at)
        free = at + wait + need
        stories.append(Story(round(at, 6), f"q{wait:.6f} c{need / 2:.6f} i{need / 2:.6f}"))
    return trace_of(stories, stored=50)


def _measured(runs: Sequence[Trace]) -> dict[str, list[float]]:
    responses = [(t.finish_ns - t.arrival_ns) / 1e9 for t in runs]
    return {
        "throughput_per_s": [len(t) / (t.end_ns / 1e9) for t in runs],
        "response_time_s.mean": [float(r.mean()) for r in responses],
        **{
            f"response_time_s.p{q}": [float(np.percentile(r, q)) for r in responses]
            for q in (50, 90, 95, 99)
        },
        "response_time_s.max": [float(r.max()) for r in responses],
        "slowdown": [
            float(np.mean(r / (t.demand_ns / 1e9))) for r, t in zip(responses, runs, strict=True)
        ],
        "cpu_utilisation": [float(t.cpu_ns.sum() / t.end_ns) for t in runs],
        "order.overtaken_fraction": [0.0 for _ in runs],
        "order.kendall_tau": [1.0 for _ in runs],
    }


def _interval(values: Sequence[float]) -> Estimate:
    middle = float(np.mean(values))
    half = float(np.std(values, ddof=1)) * 1.5 if len(values) > 1 else 0.0
    return Estimate(middle, middle - half, middle + half)
