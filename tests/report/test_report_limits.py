"""The limits of objectives in the figures of what they limit."""

from __future__ import annotations

import simsched
from simsched.report.html.distribution import distribution_figures
from simsched.report.html.estimates import response_figure, throughput_figure
from simsched.scenario import loads

LIMITED = """
name: limited
requests: {page: [{cpu: {exponential: 5ms}}], ping: [{cpu: 1ms}]}
workload: {open: {rate: 50/s}, duration: 20s, mix: {page: 1, ping: 1}}
servers: {loop: {model: cooperative}, serial: {model: serial}}
run: {replications: 2, warmup: none, engine: simpy}
slo:
  quick: response_time.p95 < 20 ms
  typical: response_time.p50 < 9 s
  pings: {limit: response_time.p95 < 30 ms, request: ping}
  used: cpu_utilisation < 90 %
"""


def texts(layout):
    return [each["text"] for each in layout["annotations"]]


def lines(layout):
    return [each["x0"] for each in layout["shapes"]]


def test_limits_are_drawn_where_their_metric_is():
    result = simsched.run(loads(LIMITED))
    response = response_figure(result)
    assert texts(response.layout) == ["p95 &lt; 20 ms", "p50 &lt; 9 s"]
    assert texts(throughput_figure(result).layout) == []


def test_limits_of_a_class_are_drawn_in_its_own_distribution():
    share, tail = distribution_figures(simsched.run(loads(LIMITED)))
    for figure in (share, tail):
        by_name = {view.name: view.layout for view in figure.views}
        # A limit that is far beyond every response time would leave no room for the curves.
        assert texts(by_name["all"]) == ["p95 &lt; 20 ms"]
        assert texts(by_name["ping"]) == ["p95 of ping &lt; 30 ms"]
        assert texts(by_name["page"]) == []
        (at,) = lines(by_name["all"])
        assert by_name["all"]["xaxis"]["range"][1] >= at > 0
