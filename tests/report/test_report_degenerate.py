"""Whatever may be written is run and shown: no figure breaks a page or is out of its range."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from simsched.errors import SimschedError
from simsched.experiment import run
from simsched.report import html, markdown, terminal
from simsched.report.run_document import document
from simsched.report.summary import to_json
from simsched.scenario import loads

TIMES = st.sampled_from(["0s", "1ns", "10ms", "1s", "1h", "2000h", "8784h"])
RANDOM = TIMES.filter(lambda time: time != "0s").map(lambda mean: {"exponential": mean})
DEMANDS = TIMES | RANDOM
COUNTS = st.sampled_from([1, 2, 3, 21, 150])
"""One request, and more than fit a timeline, a completion order and a quantile."""


@st.composite
def phases(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One or two phases, some of which need a slot."""
    made = st.sampled_from(["cpu", "io", "pool", "fork"])
    return [_phase(kind, draw(DEMANDS)) for kind in draw(st.lists(made, min_size=1, max_size=2))]


def _phase(kind: str, demand: Any) -> dict[str, Any]:
    if kind == "pool":
        return {"io": demand, "on": "db"}
    if kind == "fork":
        return {"parallel": [[{"io": demand}], [{"cpu": "1ms"}]]}
    return {kind: demand}


@st.composite
def workloads(draw: st.DrawFn, classes: list[str]) -> dict[str, Any]:
    """All at once or an hour apart, at any rate, or users who think for long or not at all."""
    kind, count = draw(st.sampled_from(["schedule", "open", "closed"])), draw(COUNTS)
    if kind == "schedule":
        at = st.sampled_from(["0s", "1ns", "1h"])
        names = draw(st.lists(st.sampled_from(classes), min_size=1, max_size=3))
        return {"schedule": [{"at": draw(at), "request": each, "times": count} for each in names]}
    ends = draw(st.sampled_from([{"requests": count}, {"requests": count}, {"duration": "1ms"}]))
    if kind == "closed":
        return {"closed": {"users": draw(st.sampled_from([1, 5])), "think": draw(DEMANDS)}, **ends}
    rate = draw(st.sampled_from(["0.001/h", "1/s", "1000/s", "1000000/s"]))
    arrivals = draw(st.sampled_from(["poisson", "constant"]))
    if "duration" in ends and rate == "1000000/s":
        ends = {"requests": count}
    return {"open": {"rate": rate, "arrivals": arrivals}, **ends}


@st.composite
def servers(draw: st.DrawFn) -> dict[str, Any]:
    """Servers of any model, that may refuse all that come beyond one."""
    model = draw(st.sampled_from(["serial", "threaded", "cooperative"]))
    made: dict[str, Any] = {"model": model, "workers": draw(st.sampled_from([1, 2, 200]))}
    if model == "threaded":
        made["threads"] = 1  # several would take turns every few milliseconds, for years
    if draw(st.booleans()):
        made["backlog"] = draw(st.sampled_from([0, 3]))
    if draw(st.booleans()):
        made["overhead"] = {"request": draw(st.sampled_from(["1ns", "50ms"]))}
    return made


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario of one or two classes on one to three servers, some of them alike."""
    requests = draw(st.dictionaries(st.sampled_from(["page", "ping"]), phases(), min_size=1))
    made = draw(st.lists(servers(), min_size=1, max_size=2))
    found = [*made, made[0]] if draw(st.booleans()) else made
    scenario = {
        "name": "degenerate",
        "requests": requests,
        "resources": {"db": {"capacity": draw(st.sampled_from([1, 1000]))}},
        "workload": draw(workloads([*requests])),
        "servers": {f"server{number}": one for number, one in enumerate(found)},
        "run": {"replications": draw(st.sampled_from([1, 2, 5])), "warmup": "none"},
        "slo": {"soon": "response_time.mean <= 1s", "many": "throughput > 1/s"},
    }
    if draw(st.booleans()):
        scenario["client"] = {"timeout": draw(st.sampled_from(["1ns", "1s", "8784h"]))}
    return scenario


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios())
def test_any_scenario_is_shown_in_every_form(scenario: dict[str, Any]) -> None:
    try:
        result = run([loads(json.dumps(scenario))])
    except SimschedError:  # said in a sentence: more work than time can hold, say
        assume(False)
    texts = [terminal.render(document(result), 100, color=False), markdown.render(document(result))]
    page = html.render(result, {"scenario.yaml": json.dumps(scenario)})
    summary = json.loads(to_json(result), parse_constant=pytest.fail)
    for text in texts:
        assert not {"nan", "inf", "-inf"}.intersection(text.split())
    assert "NaN" not in page.partition("figures_json")[2]
    for name, server in summary["servers"].items():
        _check(server, result.servers[name])
    for estimate in _estimates(summary):
        _check_order(estimate)


def _check(server: dict[str, Any], measured: Any) -> None:
    """Means are between the least and the most; shares between 0 and 1; nothing is negative."""
    times = server["response_time_s"]
    mean, most = times["mean"]["value"], times["max"]["value"]
    if mean is not None and most is not None:
        assert 0 <= mean <= most * (1 + 1e-9)
    for share in ("cpu_utilisation", "failed_fraction"):
        value = server[share]["value"]
        assert value is None or 0 <= value <= 1 + 1e-9
    throughput = server["throughput_per_s"]["value"]
    assert throughput is None or throughput >= 0
    spent = server.get("time_spent_s", {}).get("all", {})
    assert all(part["value"] is None or part["value"] >= 0 for part in spent.values())
    assert sum(measured.requests.values()) > 0 or mean is None


def _estimates(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        here = [node] if {"value", "low", "high"} <= set(node) else []
        return here + [one for each in node.values() for one in _estimates(each)]
    return [one for each in node for one in _estimates(each)] if isinstance(node, list) else []


def _check_order(estimate: dict[str, Any]) -> None:
    value, low, high = (estimate[key] for key in ("value", "low", "high"))
    assert (low is None) == (high is None)
    if None not in {value, low, high}:
        slack = 1e-9 * max(abs(value), abs(low), abs(high), 1e-9)
        assert low - slack <= value <= high + slack
        assert all(map(math.isfinite, (value, low, high)))
