"""What was measured beside what was simulated, for a terminal, for Markdown and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from simsched.real.measurement import Measurement
from simsched.report.document import Document, Row
from simsched.report.run_document import seeds
from simsched.report.text import clean
from simsched.report.timeline import Timeline, between, timeline
from simsched.scenario.metrics import parse_metric
from simsched.scenario.number_format import show_value
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import calibration as words

_METRICS = ("response_time_s.mean", "response_time_s.p95", "cpu_utilisation", "failed_fraction")
_MOST_NUMBERS = 8
_MOST_REQUESTS = 20
_LONGEST_NAME = 40


def document(found: Measurement) -> Document:
    """Return what was measured, in words and cells."""
    rows = [row for name in found.measured.servers for row in _rows(found, name)]
    name, seed = clean(found.measured.name), seeds(found.measured)
    return Document(
        heading=f"{name}: measured and simulated, seed {seed}",
        sentences=found.measured.notes,
        judgements=found.measured.judgements,
        table=(("", "measured", "simulated", "error"), *rows),
        longest_name=_LONGEST_NAME,
        remarks=tuple(_remarks(found)),
        timeline=_timeline(found),
    )


def to_json(found: Measurement) -> str:
    """Return what was measured and simulated; times in seconds."""
    content = {
        "scenario": found.measured.name,
        "seed": found.measured.scenarios[0].run.seed,
        "noise": {**asdict(found.noise), "is_noisy": found.noise.is_noisy},
        "interrupted": found.is_interrupted,
        "servers": {name: _server(found, name) for name in found.measured.servers},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _server(found: Measurement, name: str) -> dict[str, Any]:
    both = {"measured": found.measured.servers[name], "simulated": found.simulated.servers[name]}
    tau = found.kendall_tau(name)
    return {
        **{kind: _figures(one) for kind, one in both.items()},
        **({} if tau is None else {"kendall_tau": tau}),
    }


def _figures(one: ServerSummary) -> dict[str, Any]:
    figures: dict[str, Any] = {"requests": dict(one.requests)}
    figures |= {metric: one.value(metric) for metric in _METRICS}
    if one.completion_order is not None:
        figures["completion_order"] = list(one.completion_order)
    return figures


def _rows(found: Measurement, name: str) -> Iterator[Row]:
    measured, simulated = found.measured.servers[name], found.simulated.servers[name]
    for metric in map(parse_metric, _METRICS):
        pair = measured.value(metric.name), simulated.value(metric.name)
        if pair[0] is None or (metric.name == "failed_fraction" and not any(pair)):
            continue
        known = pair[1] is not None and pair[0] != 0
        error = words.signed(pair[1] / pair[0] - 1) if pair[1] is not None and known else "—"
        cells = ("—" if each is None else show_value(each, metric.kind) for each in pair)
        yield (f"{clean(name)}: {metric.title}", *cells, error)
    orders = measured.completion_order, simulated.completion_order
    if orders[0] and len(orders[0]) <= _MOST_NUMBERS:
        shown = (" ".join(map(str, order or ())) for order in orders)
        yield (f"{clean(name)}: completion order", *shown, "same" if orders[0] == orders[1] else "")


def _remarks(found: Measurement) -> Iterator[str]:
    for name in found.measured.servers:
        tau = found.kendall_tau(name)
        if tau is not None:
            yield f"{clean(name)}: {words.order(tau)}"


def _timeline(found: Measurement) -> Timeline | None:
    """Return the timelines of a small run, as measured and as simulated."""
    counts = [len(traces[0]) for traces in found.measured.traces.values()]
    if not 0 < max(counts, default=0) <= _MOST_REQUESTS:
        return None
    kinds = {"measured": found.measured, "simulated": found.simulated}
    lanes = {kind: timeline(result, _MOST_REQUESTS).lanes for kind, result in kinds.items()}
    return between(
        {f"{name}, {kind}": lanes[kind][name] for name in found.measured.servers for kind in kinds}
    )
