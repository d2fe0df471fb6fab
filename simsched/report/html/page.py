"""The page of a run: its parts, filled into the template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from simsched import __version__
from simsched.experiment.result import Result
from simsched.report import progress
from simsched.report.contents import data_files, scenario_files
from simsched.report.html import templates
from simsched.report.html.answer import glances, objectives
from simsched.report.html.completion_order import displacement_figure, order_figure
from simsched.report.html.differences import differences_figure
from simsched.report.html.distribution import distribution_figures
from simsched.report.html.estimates import response_figure, throughput_figure
from simsched.report.html.figure import Figure
from simsched.report.html.over_time import over_time_figure
from simsched.report.html.palette import server_stroke
from simsched.report.html.templates import Page, PlotlyJs, views_of
from simsched.report.html.time_spent import time_spent_figure
from simsched.report.html.timeline import played, timeline_figure
from simsched.report.run_document import how_often, seeds, short_rows
from simsched.report.scope import servers_of, throughput, warmup
from simsched.report.table import counts, footnotes, parts, table, theory
from simsched.report.text import clean, with_short_names
from simsched.report.verdict import MANY, verdict
from simsched.scenario import Server
from simsched.statistics.words import captions as words


def render(
    result: Result,
    scenario_texts: Mapping[str, str],
    links: Sequence[str] | None = None,
    plotlyjs: PlotlyJs = PlotlyJs.INLINE,
    command: str = "",
) -> str:
    """Return the page for *result*: one document with all it needs, always the same bytes.

    ``scenario_texts`` holds the resolved scenarios in YAML by name, to repeat the run from;
    *links* are the files beside the page, those of a run directory unless given; *plotlyjs* says
    where the page takes its library from; *command* makes that of two runs again.
    """
    sources = scenario_files(scenario_texts)
    beside = [*sources, *data_files(result)] if links is None else links
    figures, windows = figures_of(result), played(result)
    said, is_many = verdict(result), len(result.servers) > MANY
    shown, groups = table(result), parts(result)
    turned = short_rows(result) if is_many else ()
    return templates.render(
        "report",
        _page(result, sources, beside, command),
        {
            "figures": views_of(figures.values()),
            "played": windows,
            "kinds": [one.name for one in groups],
        },
        plotlyjs,
        servers=result.servers,
        looks=[*map(server_stroke, range(len(result.servers)))],
        glances=glances(result),
        objectives=objectives(result),
        pairs=said.pairs,
        short_table=turned,
        judgements=_judgements(result),
        servers_in_words=servers_in_words(result),
        table=shown,
        footnotes=footnotes([*turned, *shown, *(row for one in groups for row in one.rows)]),
        counts=counts(result),
        theory=theory(result),
        groups=groups,
        figures=figures,
        is_played=bool(windows),
        many=MANY,
        table_note=_table_note(result),
    )


def _page(result: Result, sources: Mapping[str, str], links: Sequence[str], command: str) -> Page:
    said, cut = verdict(result), warmup(result)
    first = 0 if result.changes is None else 1  # of two runs, what changed is said first of all
    parts = [
        how_often(result),
        f"seed {seeds(result)}",
        words.left_out(cut) if cut else "",
        words.compared_with(_opponent(result)) if len(result.servers) > 1 else "",
    ]
    others = [f"{name} {made}" for name, made in result.made_with.items() if name != "simsched"]
    again = f"simsched {'measure' if result.is_measured else 'run'} {' '.join(sources)}"
    alone = words.FOLDERS_OF_BOTH if command else words.SCENARIOS_BELOW
    return Page(
        title=result.name,
        meta=[*filter(None, parts)],
        descriptions=[*filter(None, dict.fromkeys(one.description for one in result.scenarios))],
        changed=said.headlines[:first],
        headlines=said.headlines[first:],
        details=said.details,
        notes=_readable(result, result.notes),
        warnings=_readable(result, result.warnings),
        made_with=", ".join([f"simsched {__version__}", *others, f"seed {seeds(result)}"]),
        took="" if result.took_s is None else progress.took(result.took_s),
        place=words.FOLDER_OF_PAGE if links else alone,
        command=command or again,
        links=links,
        sources=sources,
    )


def _judgements(result: Result) -> list[tuple[str, str]]:
    """Return how servers stand to the objectives: each outcome, with what it is of."""
    sentences = _readable(result, [one.sentence for one in result.judgements])
    return [(one.outcome, text) for one, text in zip(result.judgements, sentences, strict=True)]


def _readable(result: Result, sentences: Sequence[str]) -> list[str]:
    """Return *sentences* with the names cut that would drown what they say."""
    names = (*result.servers, *(one.objective.name for one in result.judgements))
    return [with_short_names(clean(each), names) for each in sentences]


def _table_note(result: Result) -> str:
    """Return what the intervals and the marks in the table mean."""
    cut = warmup(result)
    several = len(result.servers) > 1
    return words.sentences(
        *([words.sentence(words.left_out(cut)), words.WHOLE_RUN] if cut else []),
        words.sentence(throughput(result)),
        words.intervals(result.confidence) if _has_intervals(result) else "",
        words.small_print(_opponent(result)) if several else "",
        words.BEST_MARKED if len(result.ranking) > 1 else "",
    )


def _opponent(result: Result) -> str:
    """Return what figures are compared with: mostly one baseline."""
    baselines = {comparison.baseline for comparison in result.comparisons}
    return words.SAME_NAME if len(baselines) > 1 else clean(next(iter(result.servers)))


def _has_intervals(result: Result) -> bool:
    return any(e.low is not None for one in result.servers.values() for e in one.estimates.values())


def figures_of(result: Result) -> dict[str, Figure]:
    """Return the figures that there is something to show in, by id and in order."""
    drawn = (
        differences_figure(result),
        throughput_figure(result),
        response_figure(result),
        *distribution_figures(result),
        timeline_figure(result),
        order_figure(result) or displacement_figure(result),
        time_spent_figure(result),
        over_time_figure(result),
    )
    return {
        figure.id: _with_grey(figure, [*result.servers])
        for figure in drawn
        if figure is not None and figure.data
    }


def _with_grey(figure: Figure, servers: Sequence[str]) -> Figure:
    """Return *figure*; where the page draws a line behind those of others, say whose it is."""
    if not figure.layout.get("meta", {}).get("ghost"):
        return figure
    first = servers[figure.data[0]["meta"]]
    return replace(figure, lede=words.sentences(figure.lede, words.grey(clean(first))))


_COUNTED = ("workers", "cores", "threads")


def servers_in_words(result: Result) -> dict[str, str]:
    """Return each server's model, and its options other than the defaults.

    The text is "" where the name says it all, and where the name is not that in its scenario.
    """
    known = {name: in_words(server) for name, server in servers_of(result).items()}
    return {name: text if (text := known.get(name, "")) != name else "" for name in result.servers}


def in_words(server: Server) -> str:
    """Return a server as in ``serial, 4 workers, discipline lifo``."""
    written = server.model_dump(by_alias=True, exclude_defaults=True) | {"model": server.model}
    model = written.pop("model")
    if server.workers == 1:  # the only worker gets every arrival, whatever the default is
        written.pop("dispatch", None)
    return ", ".join([model, *_settings(written)])


def _settings(written: Mapping[str, Any]) -> Iterator[str]:
    for name, value in written.items():
        words = name.replace("_", " ")
        if isinstance(value, Mapping):
            yield f"{words} ({', '.join(_settings(value))})"
        elif isinstance(value, bool):
            yield words if value else f"no {words}"
        elif isinstance(value, (list, tuple)):
            speeds = ", ".join(str(each.get("speed", 1)) for each in value)
            yield f"{len(value)} {words} of speeds {speeds}"
        else:
            yield f"{value} {words}" if name in _COUNTED else f"{words} {value}"
