"""Objectives on the command line: the options, the JUnit file, and the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.errors import RunError

if TYPE_CHECKING:
    from simsched.scenario import Scenario
    from simsched.scenario.model.objectives import Slo
    from simsched.statistics.slo import Judgement

SloOption = Annotated[
    list[str] | None,
    typer.Option(
        "--slo",
        metavar="LIMIT",
        help="A limit such as 'response_time.p99 < 500ms' instead of the file's slo; repeatable.",
    ),
]

Junit = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the objectives as JUnit XML.")
]

Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with 4 where an objective is inconclusive.")
]


def named(slo: Sequence[str]) -> dict[str, Slo]:
    """Return the limits *slo* as objectives.

    Raises:
        ScenarioError: some are not limits.
    """
    from simsched.scenario.model import objectives

    return objectives.named(slo)


def given(scenarios: Sequence[Scenario], slo: Sequence[str] | None) -> list[Scenario]:
    """Return *scenarios*, with the limits *slo*, if any, instead of their own objectives.

    Raises:
        ScenarioError: some are not limits, or name something that a scenario does not have.
    """
    from simsched.scenario.loading import with_objectives

    if not slo:
        return list(scenarios)
    limits = named(slo)
    return [with_objectives(each, limits) for each in scenarios]


def end(name: str, judgements: Sequence[Judgement], junit: Path | None, *, strict: bool) -> None:
    """Write *judgements* to the file *junit*, and end the command with their exit code.

    Raises:
        RunError: the file cannot be written.
        Exit: an objective is missed, or is inconclusive under *strict*.
    """
    from simsched.statistics import slo

    if junit is not None:
        from simsched.statistics.junit import to_junit

        try:
            junit.write_text(to_junit(name, judgements, strict=strict), encoding="utf-8")
        except OSError as error:
            raise RunError(f"{junit}: cannot be written: {error.strerror}") from None
    if code := slo.exit_code(judgements, strict):
        raise typer.Exit(code)
