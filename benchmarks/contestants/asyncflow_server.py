"""AsyncFlow: a generator, a client, a server of one core, and the edges that it must have.

It has no durations by chance, so CPU and I/O take their mean each time, and the mean response is
held against that of the hand-written heap loop with the same durations. Its edges must take some
time: a nanosecond on average. Users are so many, and differ so little, that arrivals are Poisson.
"""

from __future__ import annotations

import simpy
from asyncflow.builder.asyncflow_builder import AsyncFlow
from asyncflow.config.constants import LatencyKey
from asyncflow.runtime.simulation_runner import SimulationRunner
from asyncflow.schemas.payload import SimulationPayload
from asyncflow.schemas.settings.simulation import SimulationSettings
from asyncflow.schemas.topology.edges import Edge
from asyncflow.schemas.topology.endpoint import Endpoint
from asyncflow.schemas.topology.nodes import Client, Server
from asyncflow.schemas.workload.rqs_generator import RqsGenerator

from contestants.work import Undrawn, Work
from contestants.work import draw_later as draw

__all__ = ["PACKAGE", "draw", "simulate"]

PACKAGE = "asyncflow-sim"

USERS = 100

EDGE_S = 1e-9


def simulate(todo: Undrawn) -> float:
    """Return the mean response of about so many requests, in seconds."""
    runner = SimulationRunner(env=simpy.Environment(), simulation_input=payload(todo))
    latencies = runner.run().get_latency_stats()
    return float(latencies[LatencyKey.MEAN])


def payload(todo: Undrawn) -> SimulationPayload:
    """Return what AsyncFlow is to simulate."""
    settings = SimulationSettings(
        total_simulation_time=round(todo.requests / todo.work.rate),
        sample_period_s=0.1,
        enabled_sample_metrics=[],
    )
    flow = AsyncFlow().add_generator(generator(todo.work)).add_client(Client(id="client"))
    flow = flow.add_servers(server(todo.work)).add_simulation_settings(settings)
    hops = ("users", "client"), ("client", "server"), ("server", "client")
    return flow.add_edges(*(edge(*hop) for hop in hops)).build_payload()


def generator(work: Work) -> RqsGenerator:
    """Return Poisson arrivals."""
    users = {"mean": USERS, "variance": 1e-9, "distribution": "normal"}
    per_minute = {"mean": 60 * work.rate / USERS}
    return RqsGenerator(
        id="users",
        avg_active_users=users,
        avg_request_per_minute_per_user=per_minute,
        user_sampling_window=120,
    )


def server(work: Work) -> Server:
    """Return a server whose only endpoint computes, waits, computes."""
    cpu = {"kind": "cpu_bound_operation", "step_operation": {"cpu_time": work.cpu_s}}
    io = {"kind": "io_wait", "step_operation": {"io_waiting_time": work.io_s}}
    steps = [cpu, *(work.visits - 1) * [io, cpu]]
    return Server(
        id="server",
        server_resources={"cpu_cores": 1},
        endpoints=[Endpoint(endpoint_name="page", steps=steps)],
    )


def edge(source: str, target: str) -> Edge:
    """Return an edge that loses nothing and takes no time to speak of."""
    latency = {"mean": EDGE_S, "distribution": "exponential"}
    return Edge(
        id=f"{source}-{target}", source=source, target=target, latency=latency, dropout_rate=0.0
    )
