"""The command that lists in words what the requests of a scenario do."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
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
    around: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Around when, as in 1.5s: instead of --from and --to."),
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
    window = _Window(_time("--from", start), _time("--to", finish), _time("--around", around))
    found = _explanation(scenario, server or list(scenario.servers), replication, window)
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


@dataclass(frozen=True, slots=True)
class _Window:
    """The time that is chosen, in nanoseconds; None is what an option does not say."""

    start: int | None
    finish: int | None
    around: int | None

    def check(self) -> None:
        if self.around is not None and (self.start, self.finish) != (None, None):
            raise InputError(
                "--around is instead of --from and --to; leave it out, or both of them"
            )
        if self.start is not None and self.finish is not None and self.start > self.finish:
            raise InputError("--from is later than --to; give the earlier time to --from")


_FIRST = _Window(None, None, None)
"""No time is chosen."""


def _explanation(
    scenario: Scenario, names: list[str], replication: int, window: _Window
) -> Explanation:
    """Return the events of the servers with those *names*."""
    from simsched.report.event_log import log
    from simsched.report.explanation import Explanation
    from simsched.report.text import clean
    from simsched.report.timeline import complete_until
    from simsched.statistics.contender import contenders_of
    from simsched.statistics.presence import Work
    from simsched.statistics.words import events as words

    if unknown := [name for name in names if name not in scenario.servers]:
        known = ", ".join(scenario.servers)
        raise InputError(f"--server {unknown[0]}: no server of this name; there are {known}")
    window.check()
    contenders = {contender.name: contender for contender in contenders_of([scenario])}
    simulated = _Simulated([contenders[name] for name in names], replication)
    (since, until), traces = simulated.between(window)
    remarks: tuple[str, ...] = ()
    # Without a time the first requests are shown, whose timelines every run has.
    if window == _FIRST and (end := complete_until(traces, 0, Work.of([scenario]))) is not None:
        until = end - 1
        remarks = (words.until(end),)
    events = {name: log(one, since, until) for name, one in zip(names, traces, strict=True)}
    heading = words.heading(clean(scenario.name), replication, scenario.run.seed)
    return Explanation(heading, events, remarks)


@dataclass(frozen=True, slots=True)
class _Simulated:
    """A replication of servers, simulated as often as it takes."""

    contenders: list[Contender]
    replication: int

    def between(self, window: _Window) -> tuple[tuple[int, int], list[Trace]]:
        """Return the time of *window*, and the traces with the timelines of all requests then."""
        from simsched.engine.trace import LATEST_END
        from simsched.experiment.simulating import TIMELINE, OneByOne
        from simsched.statistics.moments import span

        if window == _FIRST:
            return (0, LATEST_END), self._each(TIMELINE)
        between = window.start or 0, LATEST_END if window.finish is None else window.finish
        if window.around is not None:
            named = zip(self.contenders, self._each(0), strict=True)
            between = span({one.name: trace for one, trace in named}, window.around)
        here = OneByOne()
        return between, [here.between(one, self.replication, *between) for one in self.contenders]

    def _each(self, timeline: int) -> list[Trace]:
        from simsched.experiment.simulating import OneByOne

        here = OneByOne()
        return [
            here.simulating(one, self.replication, 0.0)(timeline=timeline)
            for one in self.contenders
        ]
