"""Sweeps, and searches for a capacity and for the best of several designs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from simsched.api.arguments import (
    check_count,
    check_folder,
    check_overrides,
    check_share,
    check_text,
    in_python,
)
from simsched.api.running import load
from simsched.errors import InputError

if TYPE_CHECKING:
    from simsched.api.results import BestResult, CapacityResult, SweepResult
    from simsched.api.running import Source
    from simsched.experiment.search.designs import Criterion
    from simsched.experiment.sweep import Plan

    Vary = Mapping[str, Sequence[object] | Mapping[str, object]]
    """Values by path, all combined: ``{"servers.uv.workers": [1, 2, 4]}``."""


def sweep(  # noqa: PLR0913 - all but two are named
    scenario: Source,
    vary: Vary | None = None,
    *,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    replications: int | None = None,
    jobs: int = 1,
    store: str | PathLike[str] | None = None,
) -> SweepResult:
    """Simulate a scenario at many points and return their figures.

    Args:
        scenario: a sweep file, or a scenario as for :func:`simsched.load`, with *vary*.
        vary: the values of each path, which are all combined, as in ``{"workload.open.rate":
            ["20/s", "40/s"]}``; or a range, as in ``{"from": "5/s", "to": "35/s", "steps": 4}``.
        overrides: changes to the scenario, as in ``servers.cooperative.workers=2``.
        seed: replaces the scenario's own.
        replications: how often to simulate each point; replaces the scenario's own.
        jobs: how many processes simulate. With more than one, a script needs
            ``if __name__ == "__main__":`` around what it does.
        store: a folder that keeps what is finished, so that the same call continues; none unless
            given.

    Raises:
        ScenarioError: the sweep cannot be used; it holds every fault.
        InputError: there is nothing to vary, or an argument is out of its bounds.
        RunError: the store cannot be written.
    """
    from simsched.api.results import SweepResult
    from simsched.experiment.store import Store
    from simsched.experiment.sweep import sweep as simulate
    from simsched.experiment.workers import Here, Processes

    check_overrides(overrides)
    plan = _plan(scenario, vary, overrides, seed, replications)
    check_count("jobs", jobs, 1)
    if store is not None:
        check_folder("store", store)
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory()) if store is None else store
        workers = Here() if jobs == 1 else Processes(jobs)
        stack.push(lambda failed, *_: workers.close(now=failed is not None))
        return SweepResult.like(simulate(plan, Store(Path(folder)), workers, lambda _: None))


def capacity(  # noqa: PLR0913 - all but two are named
    scenario: Source,
    slo: str | Sequence[str] = (),
    *,
    vary: str | None = None,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    relative: float = 0.02,
    at_most: int = 200,
    jobs: int = 1,
) -> CapacityResult:
    """Find how far the load, or another value, may go until a limit is missed.

    Args:
        scenario: as for :func:`simsched.load`.
        slo: a limit such as ``response_time.p95 < 500ms``, or several to keep together; the
            scenario's own unless given.
        vary: the path of the value, as in ``servers.serial.workers``; the arrival rate, or the
            number of users, unless given.
        overrides: changes to the scenario, as in ``servers.cooperative.workers=2``.
        seed: replaces the scenario's own.
        relative: the half-width of the interval that is wanted, as a share of the value.
        at_most: the most replications of one value.
        jobs: how many processes simulate, as for :func:`sweep`.

    Raises:
        ScenarioError: the scenario or a limit cannot be used; it holds every fault.
        InputError: there is no limit, or none that a simulation can decide, or an argument is out
            of its bounds.
        RunError: a simulation failed.
    """
    from simsched.api.results import CapacityResult
    from simsched.experiment.search.capacity import capacities
    from simsched.experiment.search.question import ask
    from simsched.experiment.simulating import in_processes

    check_share("relative", relative, 0.0001, 0.5)
    check_count("at_most", at_most, 2)
    check_count("jobs", jobs, 1)
    check_overrides(overrides)
    own = [*overrides, *([] if seed is None else [f"run.seed={seed}"])]
    limits = _limits(slo)
    if vary is not None:
        check_text("vary", vary)
    with in_python():
        question = ask(lambda more: load(scenario, [*own, *more]), limits, vary, relative, at_most)
    with in_processes(jobs) as simulate:
        return CapacityResult(question.scenario, tuple(capacities(question, simulate)))


def best(  # noqa: PLR0913 - all but two are named
    scenario: Source,
    vary: Vary | None = None,
    *,
    metric: str = "response_time.mean",
    aim: Literal["minimize", "maximize"] | None = None,
    confidence: float = 0.95,
    indifference: str = "5%",
    overrides: Sequence[str] = (),
    seed: int | None = None,
    at_most: int = 1000,
    jobs: int = 1,
) -> BestResult:
    """Find the best of a sweep's points, or of a scenario's servers.

    Args:
        scenario: a sweep file, or a scenario as for :func:`simsched.load`.
        vary: the values of each path, as for :func:`sweep`; without it the servers are compared.
        metric: what the designs are compared by.
        aim: which way it is better; known for most metrics.
        confidence: the probability of a correct selection.
        indifference: a difference that does not matter: a share, or as in ``5ms``.
        overrides: changes to the scenario, as in ``servers.cooperative.workers=2``.
        seed: replaces the scenario's own.
        at_most: the most replications of one design.
        jobs: how many processes simulate, as for :func:`sweep`.

    Raises:
        ScenarioError: the scenario or the sweep cannot be used; it holds every fault.
        InputError: there are fewer than two designs, or an argument is out of its bounds.
        RunError: a simulation failed, or no design can be observed.
    """
    from simsched.api.results import BestResult
    from simsched.experiment.search.best import select
    from simsched.experiment.search.designs import of_plan, of_scenario
    from simsched.experiment.simulating import in_processes

    check_share("confidence", confidence, 0.5, 1.0)
    check_count("at_most", at_most, 10)
    check_count("jobs", jobs, 1)
    check_overrides(overrides)
    criterion = _criterion(metric, aim, confidence, indifference, at_most)
    if vary is not None or _is_sweep(scenario):
        plan = _plan(scenario, vary, overrides, seed, None)
        with in_processes(jobs) as simulate:
            return BestResult(plan, select(of_plan(plan), criterion, simulate))
    one = load(scenario, [*overrides, *([] if seed is None else [f"run.seed={seed}"])])
    with in_processes(jobs) as simulate:
        return BestResult(one, select(of_scenario(one), criterion, simulate))


def _plan(
    scenario: Source,
    vary: Vary | None,
    overrides: Sequence[str],
    seed: int | None,
    replications: int | None,
) -> Plan:
    from simsched.experiment.sweep import plan

    source = scenario if vary is None else _with_values(scenario, vary)
    if isinstance(source, str | PathLike):
        return plan(Path(source), overrides, seed=seed, replications=replications)
    if isinstance(source, Mapping):
        return plan(source, overrides, seed=seed, replications=replications)
    raise InputError('there is nothing to vary; add values such as {"servers.uv.workers": [1, 2]}')


def _with_values(scenario: Source, vary: Vary) -> Mapping[str, object]:
    """Return what a file of *scenario* with the sweep *vary* would hold."""
    if isinstance(scenario, Mapping):
        return {**scenario, "sweep": {"matrix": vary}}
    written = load(scenario).model_dump(by_alias=True, exclude_defaults=True)
    return {**written, "sweep": {"matrix": vary}}


def _is_sweep(scenario: Source) -> bool:
    from simsched.scenario.sweep.loading import is_sweep

    if isinstance(scenario, Mapping):
        return "sweep" in scenario
    return isinstance(scenario, str | PathLike) and is_sweep(Path(scenario))


def _criterion(
    text: str, aim: str | None, confidence: float, indifference: str, at_most: int
) -> Criterion:
    from simsched.experiment.search.designs import Criterion, check_metric, default_aim, parse_zone
    from simsched.scenario.metrics import parse_metric

    check_text("metric", text)
    check_text("indifference", indifference)
    try:
        metric = parse_metric(text)
    except ValueError as error:
        raise InputError(f"metric: {error}") from None
    with in_python():
        check_metric(metric)
        zone, is_relative = parse_zone(indifference, metric)
    match aim or default_aim(metric):
        case "minimize" | "maximize" as known:
            return Criterion(metric, known, confidence, zone, is_relative, at_most)
        case None:
            hint = 'neither less nor more of it is better by itself; give aim="minimize", say'
            raise InputError(f"metric {text}: {hint}")
        case other:
            raise InputError(f"aim: {other!r} is neither minimize nor maximize")


def _limits(slo: str | Sequence[str]) -> Sequence[str]:
    limits = [slo] if isinstance(slo, str) or not isinstance(slo, Sequence) else slo
    for limit in limits:
        check_text("slo", limit)
    return limits
