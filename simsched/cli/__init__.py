"""The command line: it parses options and calls the package."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from simsched.cli.best import best
from simsched.cli.capacity import capacity
from simsched.cli.explain import explain
from simsched.cli.finished import compare, export, play, report, view
from simsched.cli.fit import check, fit
from simsched.cli.measure import measure
from simsched.cli.run import run
from simsched.cli.scenarios import init, listed, schema, theory, validate
from simsched.cli.sweeping import sweep
from simsched.errors import ScenarioError, SimschedError

__all__ = ["app", "main"]

app = typer.Typer(
    name="simsched",
    help="Simulate how servers handle requests, and compare them honestly.",
    epilog="Start with: simsched init",
    context_settings={"help_option_names": ["--help", "-h"]},
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)


@app.callback(invoke_without_command=True)
def _simsched(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        from simsched import __version__

        typer.echo(f"simsched {__version__}")
        raise typer.Exit


_SIMULATING = (run, sweep, capacity, best)
_MEASURED = (measure, fit, check)
_FINISHED = (view, report, compare, export)
_FILES = (play, explain, validate, theory, schema, init)

for _command in (*_SIMULATING, *_MEASURED, *_FINISHED, *_FILES):
    app.command()(_command)


def main() -> None:
    """Run the command line; the exceptions of simsched end it with a message."""
    if "_SIMSCHED_COMPLETE" in os.environ:  # a shell asks what may come next
        from typer._completion_classes import completion_init

        completion_init()
    try:
        app()
    except ScenarioError as error:
        typer.echo(listed(error.faults), err=True)
        sys.exit(error.exit_code)
    except SimschedError as error:
        typer.echo(f"simsched: {error}", err=True)
        sys.exit(error.exit_code)
