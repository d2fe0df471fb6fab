"""The command that runs a scenario for real: ``measure``."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli import objectives
from simsched.cli.options import Format, Library, OutputFormat, Overrides, PlotlyJs, Seed
from simsched.cli.shared import NOTHING, interrupted_with, show
from simsched.interrupt import INTERRUPTED
from simsched.report import printing

if TYPE_CHECKING:
    from collections.abc import Callable

    from simsched.real.measurement import Measurement
    from simsched.real.measuring import Plan


def measure(
    scenario: Annotated[
        Path, typer.Argument(metavar="FILE", help="A scenario file.", show_default=False)
    ],
    overrides: Overrides = None,
    seed: Seed = None,
    using: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="SERVER",
            help="Serve it with a real server: uvicorn, hypercorn or gunicorn; may be repeated.",
        ),
    ] = None,
    time_limit: Annotated[
        str,
        typer.Option(
            metavar="DURATION", help="How long it may take; what takes longer is refused."
        ),
    ] = "5min",
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where to write the run's folder.")
    ] = Path("reports"),
    output_format: OutputFormat = Format.TABLE,
    plotlyjs: Library = PlotlyJs.INLINE,
    junit: objectives.Junit = None,
    *,
    strict: objectives.Strict = False,
) -> None:
    """Run a scenario for real on this machine, and show that beside its simulation.

    Its servers are processes that compute, wait and take turns as the scenario says. The run's
    folder is like that of a simulation, with the times that were measured. The exit code is 3 if
    an objective (slo) is missed.
    """
    import simsched
    from simsched.api.measuring import limit_of
    from simsched.real import deployed, measuring
    from simsched.report import measure_document

    limit_ns = limit_of(time_limit)
    real = deployed.check_installed(using or ())
    loaded = simsched.load(scenario, overrides or ())
    found, folder = _measure(
        lambda: measuring.plan(loaded, seed, limit_ns, real), limit_ns, out, plotlyjs
    )
    text = printing.render(
        lambda: measure_document.document(found),
        lambda: measure_document.to_json(found),
        output_format,
    )
    show(text, folder / "report.html", output_format)
    if found.is_interrupted:
        typer.echo("simsched: interrupted; the report has what was measured", err=True)
        raise typer.Exit(INTERRUPTED)
    objectives.end(found.measured.name, found.measured.judgements, junit, strict=strict)


def _measure(
    plan: Callable[[], Plan], limit_ns: int, out: Path, plotlyjs: str
) -> tuple[Measurement, Path]:
    from simsched.real import measuring
    from simsched.report import contents, files, folders, progress

    with interrupted_with(lambda: NOTHING):
        folders.check_writable(out)
        planned = plan()
        took = progress.duration(planned.expected_ns / 1e9)
        # Before it starts: unlike a simulation it takes as long as the scenario says.
        typer.echo(f"measuring takes about {took}", err=True)
        began = time.perf_counter()
        found = measuring.measure(planned, limit_ns)
        seconds = math.ceil(time.perf_counter() - began)
        found = replace(found, measured=replace(found.measured, took_s=seconds))
        texts = contents.scenario_texts(found.measured.scenarios)
        return found, files.write_run(found.measured, out, texts, plotlyjs)
