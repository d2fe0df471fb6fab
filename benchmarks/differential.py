"""Do the engines agree on random scenarios, and how many were tried?

Draws scenarios over the whole grammar, with many events at the same instants, and simulates each
with both engines. Whatever differs in the trace, to the nanosecond, is printed, and the exit code
is then 1.

    python benchmarks/differential.py --examples 5000 [--seed 1] [--uncompiled]

Uncompiled, the rules of the compiled engine run in Python, and one that reads or writes outside of
an array is an error. That takes longer, so what fails is printed as it was found.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "engine" / "compiled"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "engine"))

from sameness import disagreement

from scenarios import (
    SERVICES,
    calling_programs,
    conditions,
    plain_programs,
    programs,
    servers,
    streams,
    users,
    with_services,
    workloads,
)
from simsched.engine.conditions import Conditions
from simsched.scenario.model.client import Client
from simsched.scenario.model.servers import Server
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload

ALONE = st.tuples(
    workloads(programs, impatient=True) | workloads(plain_programs) | users(), conditions()
)
CALLING = st.tuples(
    workloads(calling_programs, SERVICES) | users(calling_programs, SERVICES), with_services()
)


def _each_with_its_client(
    drawn: tuple[tuple[Workload | ClosedWorkload, tuple[Client, ...]], Conditions],
) -> tuple[Workload | ClosedWorkload, Conditions]:
    (workload, clients), conditions = drawn
    return workload, replace(conditions, client=Client(), clients=clients)


SEVERAL = (
    st.tuples(streams(), conditions())
    | st.tuples(streams(calling_programs, SERVICES), with_services())
).map(_each_with_its_client)


def main() -> None:
    """Try as many as asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--uncompiled", action="store_true")
    options = parser.parse_args()
    arrays = _compile_nothing() if options.uncompiled else {}
    tried = 0

    @seed(options.seed)
    @settings(
        max_examples=options.examples,
        deadline=None,
        database=None,
        phases=[Phase.generate] if options.uncompiled else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(ALONE | SEVERAL | CALLING, servers)
    def agree(met: tuple[Workload | ClosedWorkload, Conditions], server: Server) -> None:
        nonlocal tried
        tried += 1
        arrays.clear()
        found = disagreement(met[0], server, met[1], timeline=None)
        if found:
            raise AssertionError("\n".join(found))

    began = time.perf_counter()
    agree()
    print(f"The engines agree on {tried:,} scenarios ({time.perf_counter() - began:.0f} s).")


def _compile_nothing() -> dict[int, object]:
    """Let what follows run uncompiled; return where the arrays of a run will be."""
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    from uncompiled import ARRAYS, compile_nothing

    compile_nothing()
    return ARRAYS


if __name__ == "__main__":
    main()
