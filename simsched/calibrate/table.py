"""Tables of requests, CSV or Parquet, whose columns are found by their names.

``arrival_s`` and ``done_s`` are when a request came and was answered, ``class`` is its class; the
ending of a time's name is its unit. Where columns such as ``cpu1_s, io_s, cpu2_s`` say what each
request did, in their order, only the server's overheads are left to be estimated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simsched.calibrate.classes import Classes, Rule
from simsched.calibrate.clients import ANSWERS, ARRIVALS, CLASSES, read_clients
from simsched.calibrate.observed import About, Observed, observed
from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.tables import column_names, rows
from simsched.scenario.file.text import UnreadableError

_PHASE = re.compile(r"(cpu|io)[_0-9]*?_?(?:(ns|us|ms|s))?")
_TARGET = re.compile(r"(?:([A-Z]{3,16}) )?(/\S*)")


def read_table(path: Path, rules: Sequence[Rule] = ()) -> Observed:
    """Read the requests in a table; classes that are paths become routes.

    Raises:
        ScenarioError: a column is missing, or a cell cannot be used.
    """
    found = read_clients(path)
    labels = [""] * len(found) if found.request is None else found.request
    about = About(str(path))
    return observed(found.arrival_ns, found.response_ns, _classes(labels, rules), about)


def _classes(labels: Sequence[str], rules: Sequence[Rule]) -> list[str]:
    """Return the class of each label: itself, unless it is a path."""
    routes = Classes(rules)
    groups: dict[str, int] = {}
    for label in labels:
        path = _TARGET.fullmatch(label)
        if path is not None:
            groups[label] = routes.add(path[1] or "GET", path[2])
    names = routes.names()
    return [names[groups[label]] if label in groups else label or "request" for label in labels]


@dataclass(frozen=True)
class Recorded:
    """A table that says what each request did.

    Attributes:
        scenario: the scenario that replays it, as plain data.
        done: the column of the answers.
    """

    scenario: Mapping[str, Any]
    done: str


def recorded(path: Path, server: Mapping[str, Any]) -> Recorded | None:
    """Return the scenario that replays the table *path* on *server*.

    None is returned where it does not say how long requests computed, and waited for I/O.

    Raises:
        ScenarioError: the file cannot be read, or its times have several units.
    """
    try:
        present = column_names(path)
    except UnreadableError as error:
        raise ScenarioError((Fault(str(path), error.message, hint=error.hint),)) from None
    phases = [name for name in present if _PHASE.fullmatch(name)]
    kinds = {name[:2] for name in phases}
    if len(kinds) < 2:  # noqa: PLR2004  both cpu and io are there
        return None
    arrival, done = (_first(present, names) for names in (ARRIVALS, ANSWERS))
    request = next((name for name in CLASSES if name in present), None)
    if arrival is None or done is None:
        return None
    times = [arrival, done, *phases]
    units = {_unit(name) for name in times}
    if len(units) > 1:
        message = f"its times are in several units: {', '.join(times)}"
        raise ScenarioError((Fault(str(path), message, hint="write all of them in one"),))
    program = [{"cpu" if name.startswith("cpu") else "io": {"column": name}} for name in phases]
    trace = {"file": str(path.resolve()), "arrival": arrival, "unit": units.pop()}
    classes = ["request"]
    if request is not None:
        trace["request"] = request
        classes = _distinct(path, request)
    scenario = {
        "name": path.stem,
        "requests": dict.fromkeys(classes, program),
        "workload": {"trace": trace},
        "servers": {"server": dict(server)},
    }
    return Recorded(scenario, done)


def _first(present: Sequence[str], wanted: Sequence[str]) -> str | None:
    endings = ("", "_s", "_ms", "_us", "_ns")
    names = (want + ending for want in wanted for ending in endings)
    return next((name for name in names if name in present), None)


def _unit(name: str) -> str:
    ending = name.rpartition("_")[2]
    return ending if "_" in name and ending in {"s", "ms", "us", "ns"} else "s"


def _distinct(path: Path, column: str) -> list[str]:
    try:
        cells = (str(row.cells[0]) for row in rows(path, (), [column]) if not row.fault)
        return [str(name) for name in dict.fromkeys(cells)]
    except UnreadableError as error:
        raise ScenarioError((Fault(str(path), error.message, hint=error.hint),)) from None
