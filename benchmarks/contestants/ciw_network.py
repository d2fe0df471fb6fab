"""Ciw: a node for the CPU, a node of infinitely many servers for I/O, and a route between them."""

from __future__ import annotations

from itertools import repeat

import ciw

from contestants.work import Undrawn
from contestants.work import draw_later as draw

__all__ = ["PACKAGE", "draw", "simulate"]

PACKAGE = "ciw"

CPU, IO = 1, 2


def simulate(todo: Undrawn) -> float:
    """Return the mean response of so many requests, in seconds."""
    work = todo.work
    route = [CPU, *(node for pair in repeat((IO, CPU), work.visits - 1) for node in pair)]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=work.rate), None],
        service_distributions=[
            ciw.dists.Exponential(rate=1 / work.cpu_s),
            ciw.dists.Exponential(rate=1 / work.io_s if work.io_s else 1.0),
        ],
        routing=ciw.routing.ProcessBased(lambda _individual, _simulation: route[1:]),
        number_of_servers=[1, float("inf")],
    )
    ciw.seed(todo.seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(todo.requests, method="Finish")
    stays = [
        individual.data_records[-1].exit_date - individual.data_records[0].arrival_date
        for individual in simulation.nodes[-1].all_individuals
    ]
    return sum(stays) / len(stays)
