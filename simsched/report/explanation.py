"""What `simsched explain` prints: the events of all servers in one list."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any

from rich.cells import cell_len

from simsched.report import markdown
from simsched.report.event_log import Event
from simsched.report.lanes import Stretch
from simsched.report.text import ascii_only, pad, truncated
from simsched.statistics.words import events as words

_LONGEST_NAME = 24
_NARROWEST = 20


@dataclass(frozen=True, slots=True)
class Explanation:
    """The events of each server of a scenario.

    Attributes:
        heading: what was simulated.
        events: each server's events, in order.
        remarks: what the list leaves out, and how to see it.
    """

    heading: str
    events: Mapping[str, Sequence[Event]]
    remarks: tuple[str, ...] = ()


def first(one: Explanation, most: int) -> Explanation:
    """Return *one* with its first events, *most* in all, and a remark on the others."""
    count = sum(map(len, one.events.values()))
    if count <= most:
        return one
    kept: dict[str, list[Event]] = {server: [] for server in one.events}
    for server, event in list(_in_order(one))[:most]:
        kept[server].append(event)
    return Explanation(one.heading, kept, (*one.remarks, words.cut(most, count)))


def as_text(one: Explanation, columns: int, *, unicode: bool) -> str:
    """Return the list for a terminal that is *columns* wide."""
    rows = _rows(one)
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = [one.heading, ""]
    for clock, name, text in rows:
        start = f"{clock:>{widths[0]}}  " + (f"{pad(name, widths[1])}  " if widths[1] else "")
        found = _wrapped(text, max(columns - cell_len(start), _NARROWEST))
        lines += [start + found[0], *(" " * cell_len(start) + more for more in found[1:])]
    if not rows:
        lines.append(words.NOTHING)
    lines += ["", *one.remarks] if one.remarks else []
    return "".join(f"{line if unicode else ascii_only(line)}\n" for line in lines)


_UNIT = re.compile(r"(?<=\d) (?=[nµm]?s\b)")


def _wrapped(text: str, width: int) -> list[str]:
    """Return *text* on lines, each number on the same line as its unit."""
    whole = _UNIT.sub("\0", text)
    return [line.replace("\0", " ") for line in textwrap.wrap(whole, width, break_on_hyphens=False)]


def as_markdown(one: Explanation) -> str:
    """Return the list as a table."""
    rows = [tuple(filter(None, row)) for row in _rows(one)]
    titles = ("time", "server", "event") if len(one.events) > 1 else ("time", "event")
    remarks = map(markdown.escape, one.remarks)
    table = markdown.table([titles, *rows], in_words=True) if rows else words.NOTHING
    return "\n\n".join([f"### {markdown.escape(one.heading)}", table, *remarks]) + "\n"


def _rows(one: Explanation) -> list[tuple[str, str, str]]:
    """Return time, server and text of each event; the name of an only server is left out."""
    events = list(_in_order(one))
    clocks = words.clocks([event.at_ns for _, event in events])
    several = len(one.events) > 1
    return [
        (clock, truncated(server, _LONGEST_NAME) if several else "", event.text)
        for clock, (server, event) in zip(clocks, events, strict=True)
    ]


def as_json(one: Explanation) -> str:
    """Return the list as JSON: the events in order, and the ``remarks`` on what is left out."""
    found = {
        "heading": one.heading,
        "events": [_record(server, event) for server, event in _in_order(one)],
        "remarks": list(one.remarks),
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _in_order(one: Explanation) -> Iterator[tuple[str, Event]]:
    """Yield the events of all servers by time; at one instant, server by server."""
    lists = [
        [(event.at_ns, place, n, server, event) for n, event in enumerate(events)]
        for place, (server, events) in enumerate(one.events.items())
    ]
    for *_, server, event in merge(*lists, key=lambda row: row[:3]):
        yield server, event


def _record(server: str, event: Event) -> dict[str, Any]:
    return {
        "at_ns": event.at_ns,
        "server": server,
        "request": event.request,
        "attempt": event.attempt,
        "class": event.kind,
        "arrives": event.arrives,
        "status": None if event.status is None else event.status.name.lower(),
        "ended": [_stretch(each) for each in event.ended],
        "started": [_stretch(each) for each in event.started],
        "text": event.text,
    }


def _stretch(stretch: Stretch) -> dict[str, Any]:
    return {
        "activity": stretch.activity.name.lower(),
        "label": stretch.label,
        "service": stretch.service or None,
        "worker": stretch.worker,
        "start_ns": stretch.start_ns,
        "finish_ns": stretch.finish_ns,
    }
