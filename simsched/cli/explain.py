"""The command that lists in words what the requests of a scenario do."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsched.cli.options import Format, Overrides, Seed
from simsched.cli.scenarios import load
from simsched.errors import InputError
from simsched.report import printing

if TYPE_CHECKING:
    from simsched.engine.trace import Trace
    from simsched.report.explanation import Explanation
    from simsched.scenario import Scenario
    from simsched.statistics.contender import Contender

# A list for people has at most so many events; JSON has them all.
_MOST = 1000


def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scenario file.")],
    overrides: Overrides = None,
    server: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this server; may be repeated."),
    ] = None,
    seed: Seed = None,
    replication: Annotated[
        int, typer.Option(min=1, max=100_000, help="Which replication to explain.")
    ] = 1,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="From when, as in 1.5s.")
    ] = None,
    finish: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Until when, as in 2s.")
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to print the events.")
    ] = Format.TABLE,
) -> None:
    """List what each request does, and when, in words.

    Of a long run these are the first requests, unless a time is given.
    """
    from simsched import experiment
    from simsched.report import explanation

    (scenario,) = experiment.prepare(load([file], overrides), seed)
    between = _time("--from", start), _time("--to", finish)
    found = _explanation(scenario, server or list(scenario.servers), replication, *between)
    match output_format:
        case Format.JSON:
            text = printing.spell_json(explanation.as_json(found), printing.encoding())
        case Format.MARKDOWN:
            text = explanation.as_markdown(explanation.first(found, _MOST))
        case Format.TABLE:
            columns = shutil.get_terminal_size().columns
            can_show = printing.encoding().lower().startswith("utf")
            shown = explanation.first(found, _MOST)
            text = explanation.as_text(shown, columns, unicode=can_show)
    printing.put(text)


def _time(option: str, text: str | None) -> int | None:
    from simsched.units import parse_duration

    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise InputError(f"{option}: {error}") from None


def _explanation(
    scenario: Scenario, names: list[str], replication: int, start: int | None, finish: int | None
) -> Explanation:
    """Return the events of the servers with those *names*."""
    from simsched.engine.trace import LATEST_END
    from simsched.report.event_log import log
    from simsched.report.explanation import Explanation
    from simsched.report.lanes import complete_until
    from simsched.report.text import clean
    from simsched.statistics.words import events as words

    if unknown := [name for name in names if name not in scenario.servers]:
        known = ", ".join(scenario.servers)
        raise InputError(f"--server {unknown[0]}: no server of this name; there are {known}")
    if start is not None and finish is not None and start > finish:
        raise InputError("--from is later than --to; give the earlier time to --from")
    # Without a time the first requests are shown, whose timelines every run has.
    is_chosen = start is not None or finish is not None
    since, until = start or 0, LATEST_END if finish is None else finish
    traces = _traces(scenario, names, replication, (since, until) if is_chosen else None)
    remarks: tuple[str, ...] = ()
    if not is_chosen and (end := complete_until(traces.values())) is not None:
        until = end
        remarks = (words.until(until),)
    events = {name: log(trace, since, until) for name, trace in traces.items()}
    heading = words.heading(clean(scenario.name), replication, scenario.run.seed)
    return Explanation(heading, events, remarks)


def _traces(
    scenario: Scenario, names: list[str], replication: int, between: tuple[int, int] | None
) -> dict[str, Trace]:
    """Return the servers' traces, with all timelines *between* two instants, or else the first."""
    from simsched.experiment.simulating import TIMELINE, OneByOne
    from simsched.statistics.contender import contenders_of

    here = OneByOne()

    def trace_of(contender: Contender) -> Trace:
        if between is not None:
            return here.between(contender, replication, *between)
        return here.simulating(contender, replication, 0.0)(timeline=TIMELINE)

    known = {contender.name: contender for contender in contenders_of([scenario])}
    return {name: trace_of(known[name]) for name in names}
