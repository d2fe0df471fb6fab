"""Writing what was learned of a service as a scenario, with its measurements beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from simsched.calibrate.profile import open_arrivals
from simsched.calibrate.programs import Phase
from simsched.errors import InputError
from simsched.scenario.dumping import dump_plain
from simsched.units import write_duration
from simsched.workload.arrays import Floats, Int64s

MOST_SAMPLES = 1_000
"""How many values stand for the durations of a phase, if there are more."""

_MOST_ROWS = 90_000
_VARIES = 0.02


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """What was learned of a service.

    Attributes:
        name: of the scenario.
        description: what it was learned from.
        requests: the phases of each class; in the place of a duration may stand an array of
            observed ones, in nanoseconds.
        server_name: what the server is called.
        server: the server, as a scenario has it.
        resources: what requests share, as a scenario has it.
        services: the servers that requests call, as a scenario has them.
        arrival_ns: (n,) when each request arrived, counted from the first, never decreasing.
        share: the share of all requests that these are.
        request: (n,) the class of each.
        remarks: what a reader should know: a sentence each.
    """

    name: str
    description: str
    requests: Mapping[str, Sequence[Phase]]
    server_name: str
    server: Mapping[str, Any]
    arrival_ns: Int64s
    request: Sequence[str]
    resources: Mapping[str, Any] = field(default_factory=dict)
    services: Mapping[str, Any] = field(default_factory=dict)
    share: float = 1.0
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Written:
    """A scenario and the files beside it, by their names.

    Attributes:
        text: the YAML of the scenario.
        files: the content of the other files.
    """

    text: str
    files: Mapping[str, str]

    def save(self, out: Path) -> None:
        """Write the scenario as *out*, and the files beside it.

        Raises:
            InputError: one of them exists already, or cannot be written.
        """
        check_free(out)
        contents = {out.name: self.text, **self.files}
        for name, text in contents.items():
            try:
                (out.parent / name).write_text(text, encoding="utf-8")
            except OSError as error:
                reason = error.strerror or error
                raise InputError(f"{out.parent / name}: cannot be written: {reason}") from None


def check_free(out: Path) -> None:
    """Refuse a file *out* that cannot be written, or exists, as those beside it may.

    Raises:
        InputError: it is one of them.
    """
    for each in (out, *(out.with_name(name) for name in _beside(out.stem))):
        if each.exists():
            raise InputError(f"{each}: already exists; name another file")
    if not out.parent.is_dir():
        raise InputError(f"{out}: cannot be written: there is no folder {out.parent}")


def _beside(stem: str) -> tuple[str, str]:
    """Return the names of the files of durations and of arrivals."""
    return f"{stem}.durations.csv", f"{stem}.arrivals.csv"


def write(blueprint: Blueprint, stem: str) -> Written:
    """Return the scenario of a blueprint, whose files begin with *stem*.

    Observed durations stand in ``<stem>.durations.csv``, the recorded arrivals in
    ``<stem>.arrivals.csv``.
    """
    durations, arrivals = _beside(stem)
    samples = _Samples(durations)
    requests = {name: samples.replaced(phases, name) for name, phases in blueprint.requests.items()}
    counts = dict.fromkeys(requests, 0)
    for each in blueprint.request:
        counts[each] += 1
    plain = {
        "name": blueprint.name,
        "description": blueprint.description,
        "requests": requests,
        "workload": _open(blueprint.arrival_ns, counts, blueprint.share),
        **({"services": dict(blueprint.services)} if blueprint.services else {}),
        "servers": {blueprint.server_name: dict(blueprint.server)},
        **({"resources": dict(blueprint.resources)} if blueprint.resources else {}),
        "run": {"seed": 1},
    }
    comments = [
        "yaml-language-server: $schema=simsched.schema.json",
        *blueprint.remarks,
        "The recorded arrivals instead of the open workload:",
        f"workload: {{trace: {{file: {arrivals}, arrival: arrival_s, request: class}}}}",
    ]
    text = "".join(f"# {line}\n" for line in _wrapped(comments)) + dump_plain(plain)
    files = {arrivals: _arrivals(blueprint)}
    if samples.columns:
        files[samples.file] = samples.text()
    return Written(text, files)


class _Samples:
    """Collects the observed durations of all phases as the columns of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.columns: dict[str, Int64s] = {}
        self._number = 0

    def replaced(self, value: Any, name: str) -> Any:
        """Return *value* with what refers to the file in the place of observed durations.

        The columns of a class are numbered in the order of its program.
        """
        self._number = 0
        return self._replaced(value, name, "")

    def _replaced(self, value: Any, name: str, about: str) -> Any:
        match value:
            case np.ndarray():
                self._number += 1
                return self._duration(value, f"{name} {self._number} {about}")
            case dict():
                about = value.get("label") or ("cpu" if "cpu" in value else "io")
                return {key: self._replaced(each, name, about) for key, each in value.items()}
            case list() | tuple():
                return [self._replaced(each, name, about) for each in value]
            case _:
                return value

    def _duration(self, observed: Int64s, column: str) -> Any:
        mean = float(observed.mean())
        if len(observed) == 1 or observed.std() <= _VARIES * mean:
            return write_duration(_rounded(mean))
        # What classes have in common stands in one column.
        column = next((name for name, each in self.columns.items() if each is observed), column)
        self.columns[column] = observed
        return {"empirical": {"file": self.file, "column": column, "unit": "ms"}}

    def text(self) -> str:
        """Return the file: in each column the means of equal shares of the sorted durations."""
        longest = max(len(each) for each in self.columns.values())
        rows = min(longest, MOST_SAMPLES, _MOST_ROWS // len(self.columns))
        shares = [_shares(each, rows) for each in self.columns.values()]
        header = ",".join(_cell(name) for name in self.columns)
        lines = (",".join(f"{each / 1e6:.4f}" for each in row) for row in zip(*shares, strict=True))
        return "\n".join([header, *lines]) + "\n"


def _shares(observed: Int64s, rows: int) -> Floats:
    """Return (rows,) the mean of each of as many equal shares of the sorted durations.

    So the mean of the column is that of the durations, whatever the number of rows.
    """
    upto = np.concatenate([[0.0], np.cumsum(np.sort(observed).astype(float))])
    ends = np.interp(np.linspace(0, len(observed), rows + 1), np.arange(len(observed) + 1), upto)
    shares: Floats = np.diff(ends) * rows / len(observed)
    return shares


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"') else text


def _rounded(ns: float) -> int:
    """Return a duration to three digits."""
    whole = round(ns)
    return round(whole, 3 - len(str(whole)))


def _open(arrival_ns: Int64s, counts: Mapping[str, int], share: float) -> dict[str, Any]:
    """Return an open workload with the rate, regularity and mix of the recorded arrivals."""
    length_s = float(arrival_ns[-1] - arrival_ns[0]) / 1e9
    mix = {name: count for name, count in counts.items() if count}
    found = open_arrivals(arrival_ns, share)
    return {"open": found, "mix": mix, "duration": f"{max(1, round(length_s))}s"}


def _arrivals(blueprint: Blueprint) -> str:
    rows = zip(blueprint.arrival_ns.tolist(), blueprint.request, strict=True)
    lines = (f"{arrival / 1e9:.6f},{_cell(name)}" for arrival, name in rows)
    return "\n".join(["arrival_s,class", *lines]) + "\n"


def _wrapped(comments: Sequence[str]) -> list[str]:
    import textwrap

    lines: list[str] = []
    for comment in comments:
        keep = comment.startswith(("yaml-language-server", "workload:"))
        lines += [comment] if keep else textwrap.wrap(comment, 96)
    return lines
