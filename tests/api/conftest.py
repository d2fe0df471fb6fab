"""A small scenario made in Python, and its run."""

from __future__ import annotations

import pytest

import simsched


@pytest.fixture(scope="session")
def shop() -> simsched.Scenario:
    """Return a scenario of two servers, small enough for every test."""
    return simsched.Scenario(
        name="shop",
        requests={"page": [{"cpu": {"exponential": "10ms"}}, {"io": "40ms"}]},
        workload={"open": {"rate": "10/s"}, "requests": 200},
        servers={
            "serial": simsched.Server(model="serial", workers=2),
            "loop": simsched.Server(model="cooperative"),
        },
        run={"replications": 4, "warmup": "0s"},
    )


@pytest.fixture(scope="session")
def result(shop: simsched.Scenario) -> simsched.Result:
    """Return the run of the scenario."""
    return simsched.run(shop)
