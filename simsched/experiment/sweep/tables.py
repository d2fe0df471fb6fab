"""A sweep as one tidy table: a row for each point, server and metric."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING

from simsched.experiment.sweep.plan import Parameter, Value
from simsched.experiment.sweep.result import SweepResult
from simsched.statistics.slo import overall

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

KINDS = "simsched"
"""The key of the file's metadata: JSON with the ``kind`` of each parameter's column, by name."""

FIGURES = ("value", "low", "high")

Cell = str | float | int | None


def names(result: SweepResult) -> list[str]:
    """Return the names of the columns: the point, its parameters, and a figure of a server.

    Where there are objectives the server's cost follows, its outcome over all of them, and the
    outcome of each: ``pass``, ``fail`` or ``inconclusive``.
    """
    swept = (parameter.name for parameter in result.plan.parameters)
    judged = [f"outcome.{name}" for name in result.objectives]
    more = ["cost", "outcome", *judged] if judged else []
    return ["point", *swept, "server", "metric", *FIGURES, "n", *more]


def rows(result: SweepResult) -> Iterator[list[Cell]]:
    """Yield the rows, point by point; ``n`` is how many replications a figure comes from."""
    parameters = result.plan.parameters
    for point in result.done:
        one = result.records[point.number]
        place = [_cell(*each) for each in zip(parameters, point.values, strict=True)]
        judged = {server: _judged(result, point.number, server) for server in one.servers}
        for row in one.rows:
            figures = [row.server, row.metric, row.value, row.low, row.high]
            yield [point.number, *place, *figures, one.replications, *judged[row.server]]


def _judged(result: SweepResult, number: int, server: str) -> list[Cell]:
    """Return the cost of *server* and its outcomes, if there are objectives."""
    known = result.objectives
    if not known:
        return []
    own = [each for each in result.records[number].judgements if each.server == server]
    outcomes: dict[str, Cell] = {each.objective.name: each.outcome for each in own}
    whole = overall(each.outcome for each in own) if own else None
    cost: float = result.records[number].costs[server]
    return [cost, whole, *(outcomes.get(name) for name in known)]


def to_table(result: SweepResult) -> pa.Table:
    """Return the rows as a table: durations are in seconds, rates per second."""
    import pyarrow as pa

    # A sweep of which every point failed has columns, too.
    columns = list(zip(*rows(result), strict=True)) or [()] * len(names(result))
    text, number = pa.string(), pa.float64()
    swept = [text if each.kind == "text" else number for each in result.plan.parameters]
    types = [pa.int32(), *swept, text, text, *[number] * len(FIGURES), pa.int32()]
    if judged := result.objectives:
        types += [number, *[text] * (1 + len(judged))]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    table = pa.Table.from_arrays(arrays, names=names(result))
    kinds = {parameter.name: parameter.kind for parameter in result.plan.parameters}
    return table.replace_schema_metadata({KINDS: json.dumps(kinds, ensure_ascii=False)})


def to_csv(result: SweepResult) -> str:
    """Return the rows as CSV, empty where a figure is missing."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names(result))
    writer.writerows([_written(cell) for cell in row] for row in rows(result))
    return out.getvalue()


def _cell(parameter: Parameter, value: Value | None) -> Cell:
    if value is None:
        return None
    return value.text if parameter.kind == "text" else value.number


def _written(cell: Cell) -> Cell:
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return None
        # Counts and figures share a column: a count is not to look like 3.0.
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    return cell
