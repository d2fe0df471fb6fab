"""What is kept of a simulated point: its figures, and what was said of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from simsched.experiment.runner import contenders_of
from simsched.experiment.tables import SummaryRow, summary_rows

if TYPE_CHECKING:
    from simsched.experiment.result import Result
    from simsched.statistics.stability import Load
    from simsched.statistics.theory.known import Known

KEY = "simsched"
"""The key of the file's metadata: JSON with ``said`` and the ``digest`` of all."""

COLUMNS = ("server", "metric", "value", "low", "high")


class DamagedError(Exception):
    """Stored bytes are not what was written."""


@dataclass(frozen=True)
class Record:
    """One point as it was simulated.

    Attributes:
        rows: its figures, a row for each server and metric, as in ``summary.csv``.
        said: plain data: ``replications``, ``confidence``, ``servers`` (names in order),
            ``verdicts``, ``warnings``, ``notes``, ``ranking``, ``loads``, ``theory``,
            ``objectives``, ``costs`` by server, and ``untold``, why figures are missing.
    """

    rows: tuple[SummaryRow, ...]
    said: Mapping[str, Any]

    @property
    def servers(self) -> tuple[str, ...]:
        """The names of the servers, the baseline first."""
        return tuple(self.said["servers"])

    @property
    def replications(self) -> int:
        """How many replications the figures come from."""
        return int(self.said["replications"])


def record(result: Result) -> Record:
    """Return what is kept of *result*."""
    said = {
        "replications": result.scenarios[0].run.replications or 1,
        "confidence": result.confidence,
        "servers": list(result.servers),
        "verdicts": list(result.verdicts),
        "warnings": list(result.warnings),
        "notes": list(result.notes),
        "ranking": [asdict(place) for place in result.ranking],
        "loads": {name: _load(load) for name, load in result.loads.items()},
        "theory": [line for known in result.known for line in _theory(known)],
        "objectives": [
            {
                "objective": one.objective.name,
                "limit": one.objective.text,
                "server": one.server,
                "outcome": one.outcome,
                "sentence": one.sentence,
                "value": one.estimate.value,
                "low": one.estimate.low,
                "high": one.estimate.high,
            }
            for one in result.judgements
        ],
        "costs": {each.label: each.server.price for each in contenders_of(result.scenarios)},
        "untold": {
            name: {
                metric: estimate.reason
                for metric, estimate in one.estimates.items()
                if estimate.value is None and estimate.reason
            }
            for name, one in result.servers.items()
        },
    }
    return Record(tuple(map(_as_floats, summary_rows(result))), said)


def pack(one: Record, name: str) -> bytes:
    """Return *one* as a Parquet file that tells whether it is whole, and kept under *name*."""
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it carries no types

    said = json.dumps(one.said, ensure_ascii=False)
    text, number = pa.string(), pa.float64()
    schema = pa.schema(list(zip(COLUMNS, (text, text, number, number, number), strict=True)))
    table = pa.Table.from_pylist([asdict(row) for row in one.rows], schema)
    told = json.dumps({"said": said, "digest": _digest(name, one.rows, said)})
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({KEY: told}), sink, compression="zstd")
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def unpack(data: bytes, name: str) -> Record:
    """Return the record that :func:`pack` made *data* of.

    Raises:
        DamagedError: it made something else, or for another name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
        told = json.loads(table.schema.metadata[KEY.encode()])
        rows = tuple(map(SummaryRow, *(table[name].to_pylist() for name in COLUMNS)))
        said, digest = told["said"], told["digest"]
        whole = _digest(name, rows, said) == digest
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedError("it cannot be read") from error
    if not whole:
        raise DamagedError("its content is not what was written")
    return Record(rows, json.loads(said))


def _digest(name: str, rows: tuple[SummaryRow, ...], said: str) -> str:
    """Return the hash of all that a record holds, and its name; figures count to their last bit."""
    shown = [(r.server, r.metric, *map(repr, (r.value, r.low, r.high))) for r in rows]
    return hashlib.sha256(json.dumps([name, shown, said]).encode()).hexdigest()


def _as_floats(row: SummaryRow) -> SummaryRow:
    """Return *row* as it comes back from a file, in which counts and figures share a column."""
    value, low, high = (None if x is None else float(x) for x in (row.value, row.low, row.high))
    return SummaryRow(row.server, row.metric, value, low, high)


def _load(load: Load) -> dict[str, Any]:
    return {
        "station": load.station.name,
        "utilisation": load.utilisation,
        "stable": load.stable,
        "highest_rate_per_s": load.highest_rate_per_s,
    }


def _theory(known: Known) -> list[dict[str, Any]]:
    return [
        {"server": known.server, "model": known.model, "source": known.source, **asdict(figure)}
        for figure in known.figures
        if figure.request is None
    ]
