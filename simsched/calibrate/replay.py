"""Simulating a recording again and again, each time with other overheads of the server."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simsched.calibrate.measured import LEAST_REQUESTS
from simsched.engine import simulate
from simsched.engine.conditions import Conditions
from simsched.engine.trace import Status, Trace
from simsched.errors import InputError
from simsched.scenario.model.overhead import Overhead
from simsched.scenario.model.scenario import Scenario
from simsched.statistics.words.numbers import counted
from simsched.workload import Workload, draw
from simsched.workload.arrays import Floats, Int64s

SIMULATIONS = 300
"""About how many simulations an estimate takes, by which the engine is chosen."""


@dataclass(frozen=True, eq=False)
class Replay:
    """The requests of a recording, and a server to meet them.

    Attributes:
        scenario: a scenario with a trace workload.
        server: the name of one of its servers.
        workload: its requests, drawn once.
        simulations: about how many simulations there will be, by which the engine is chosen.
    """

    scenario: Scenario
    server: str
    workload: Workload
    simulations: int = SIMULATIONS

    @classmethod
    def of(cls, scenario: Scenario, server: str) -> Replay:
        """Return the replay of *scenario* on the server called *server*.

        Raises:
            InputError: its workload is no trace, whose requests could be held against others.
            ScenarioError: the file of the trace cannot be used.
        """
        if scenario.workload.trace is None:
            raise InputError(
                f"{scenario.name}: only a trace workload replays what was measured; write for "
                "example workload: {trace: {file: run.csv, arrival: arrival_s}}"
            )
        workload = draw(scenario, 1)
        if not isinstance(workload, Workload):
            raise NotImplementedError("a trace whose requests wait for each other")
        return cls(scenario, server, workload)

    @classmethod
    def of_run(cls, scenario: Scenario, server: str, run: Trace) -> Replay:
        """Return the replay of the requests of *run*, which *scenario* draws, on *server*.

        Raises:
            InputError: it draws others, they are too few, or some have no answer.
        """
        workload = draw(scenario, 1)
        if not isinstance(workload, Workload):
            raise InputError(
                f"{scenario.name}: what is measured of users is no recording to replay: they come "
                "when they are answered; measure an open workload"
            )
        if not np.array_equal(run.arrival_ns, workload.arrival_ns):
            raise InputError(
                f"{scenario.name}: the run met other requests than the scenario draws; leave out "
                "--scenario, or use the same workload and seed"
            )
        if (unanswered := len(run) - run.count(Status.COMPLETED)) > 0:
            raise InputError(
                f"{scenario.name}: {unanswered:,} of the requests of the run have no answer; "
                "measure at a lower load"
            )
        if len(run) < LEAST_REQUESTS:
            raise InputError(
                f"{scenario.name}: the run has {counted(len(run), 'request')}; at least "
                f"{LEAST_REQUESTS} are needed"
            )
        return cls(scenario, server, workload)

    @property
    def demand_ns(self) -> Int64s:
        """(n,) what each request needs by itself, without any overhead."""
        return self.workload.demand_ns()

    def response_ns(self, request_ns: int, io_ns: int) -> Floats:
        """Return (n,) the simulated response times with these overheads, in order of arrival.

        That of a request without an answer is NaN.
        """
        server = self.scenario.servers[self.server]
        overhead = Overhead.model_construct(
            request=request_ns, switch=server.overhead.switch, io=io_ns
        )
        trace = simulate(
            self.workload,
            server.model_copy(update={"overhead": overhead}),
            Conditions.of(self.scenario, self.server),
            timeline=0,
            engine=self.scenario.run.engine,
            phases=self.simulations * len(self.workload.step_id),
        ).requests
        answered = trace.status == Status.COMPLETED
        return np.where(answered, trace.finish_ns - trace.arrival_ns, np.nan)
