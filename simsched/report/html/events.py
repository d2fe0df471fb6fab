"""The events of a scenario in figures over time: shaded, with their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsched.experiment.result import Result
from simsched.report.html.figure import label
from simsched.report.html.palette import EVENT
from simsched.report.text import truncated
from simsched.scenario.model.events import ArrivalsEvent, Event, ResourceEvent


def event_shapes(
    result: Result, unit_ns: float, start_ns: int, finish_ns: int
) -> list[dict[str, Any]]:
    """Return the times of events between two instants, shaded, on an axis in *unit_ns*."""
    return [
        {
            "type": "rect",
            "xref": "x",
            "x0": max(event.at, start_ns) / unit_ns,
            "x1": min(event.at + event.lasting, finish_ns) / unit_ns,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "fillcolor": EVENT,
            "opacity": 0.16,
            "line": {"width": 1, "color": EVENT},
        }
        for event in _events(result)
        if event.at < finish_ns and event.at + event.lasting > start_ns
    ]


def event_names(result: Result, unit_ns: float, y: float) -> list[dict[str, Any]]:
    """Return the names of events, under each other from the height *y* of the figure down."""
    return [
        {
            "text": label(name_of(event)),
            "xref": "x",
            "x": event.at / unit_ns,
            "xanchor": "left",
            "yref": "paper",
            "y": y,
            "yanchor": "top",
            "yshift": -16 * number,
            "showarrow": False,
            "font": {"size": 12},
        }
        for number, event in enumerate(_events(result))
    ]


def name_of(event: Event) -> str:
    """Return what happens in *event*, in a few words."""
    if isinstance(event, ArrivalsEvent):
        return f"arrivals x {event.arrivals:g}"
    if isinstance(event, ResourceEvent):
        what = f"{event.slower:g} times slower" if event.slower else "stopped"
        return f"{truncated(event.resource)} {what}"
    where = f" of {truncated(event.server)}" if event.server else ""
    return f"worker {event.worker + 1}{where} down"


def _events(result: Result) -> Iterator[Event]:
    """Yield the events of all scenarios, each once."""
    seen: list[Event] = []
    for scenario in result.scenarios:
        for event in scenario.events:
            if event not in seen:
                seen.append(event)
                yield event
