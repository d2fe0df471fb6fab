"""simsched: discrete-event simulation of request scheduling.

>>> import simsched
>>> result = simsched.run("scenarios/lecture.yaml")
>>> result.servers["cooperative"].completion_order
(1, 3, 2)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simsched.api.fit_results import CheckResult, FitResult
    from simsched.api.fitting import check, fit
    from simsched.api.measuring import MeasureResult, measure
    from simsched.api.results import BestResult, CapacityResult, Result, SweepResult
    from simsched.api.running import load, run
    from simsched.api.searching import best, capacity, sweep
    from simsched.api.writing import write
    from simsched.errors import Fault, InputError, RunError, ScenarioError, SimschedError
    from simsched.scenario.model.scenario import Scenario
    from simsched.scenario.written import Phase, Resource, Server, Workload

__version__ = "0.1.0"

__all__ = [
    "BestResult",
    "CapacityResult",
    "CheckResult",
    "Fault",
    "FitResult",
    "InputError",
    "MeasureResult",
    "Phase",
    "Resource",
    "Result",
    "RunError",
    "Scenario",
    "ScenarioError",
    "Server",
    "SimschedError",
    "SweepResult",
    "Workload",
    "__version__",
    "best",
    "capacity",
    "check",
    "fit",
    "load",
    "measure",
    "run",
    "sweep",
    "write",
]

_MODULES = {
    "simsched.api.fit_results": ("CheckResult", "FitResult"),
    "simsched.api.fitting": ("check", "fit"),
    "simsched.api.measuring": ("MeasureResult", "measure"),
    "simsched.api.results": ("BestResult", "CapacityResult", "Result", "SweepResult"),
    "simsched.api.running": ("load", "run"),
    "simsched.api.searching": ("best", "capacity", "sweep"),
    "simsched.api.writing": ("write",),
    "simsched.errors": ("Fault", "InputError", "RunError", "ScenarioError", "SimschedError"),
    "simsched.scenario": ("Scenario",),
    "simsched.scenario.written": ("Phase", "Resource", "Server", "Workload"),
}
"""Where each name is from: importing them all would slow down every start."""


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return globals().setdefault(name, getattr(import_module(module), name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
