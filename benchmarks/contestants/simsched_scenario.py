"""simsched's engines: what the engines of simsched are given, and what they leave."""

from __future__ import annotations

from collections.abc import Callable

from contestants.work import Work
from simsched.engine.trace import Trace
from simsched.scenario import Server, loads
from simsched.workload import Workload, draw

Drawn = tuple[Workload, Server]

SCENARIO = """
name: {work.name}
requests:
  page: {phases}
workload: {{open: {{rate: {work.rate}/s}}, requests: {requests}}}
servers: {{server: {{model: {model}}}}}
run: {{seed: {seed}, replications: 1{engine}}}
"""


def text(work: Work, requests: int, seed: int, engine: str | None = None) -> str:
    """Return the scenario, as a file has it."""
    cpu, io = (f"exponential: {mean_s * 1e3}ms" for mean_s in (work.cpu_s, work.io_s))
    phases = [f"{{cpu: {{{cpu}}}}}", *(work.visits - 1) * [f"{{io: {{{io}}}}}, {{cpu: {{{cpu}}}}}"]]
    return SCENARIO.format(
        work=work,
        phases=f"[{', '.join(phases)}]",
        model="serial" if work.visits == 1 else "cooperative",
        requests=requests,
        seed=seed,
        engine=f", engine: {engine}" if engine else "",
    )


def drawn(work: Work, requests: int, seed: int) -> Drawn:
    """Return the columns of the scenario, and its server."""
    scenario = loads(text(work, requests, seed))
    workload = draw(scenario, 1)
    assert isinstance(workload, Workload)  # noqa: S101 - requests arrive by themselves
    return workload, scenario.servers["server"]


def mean_response_s(simulate: Callable[..., Trace], given: Drawn) -> float:
    """Return the mean response of all requests, in seconds; every column is kept."""
    workload, server = given
    trace = simulate(workload, server, timeline=0)
    return float((trace.finish_ns - trace.arrival_ns).mean()) / 1e9
