"""What is kept of a single replication of a point that is not finished: the traces of its servers.

They are tables of Arrow, not compressed, so that nothing can grow beyond the size of its file.
"""

from __future__ import annotations

import json
from dataclasses import replace

from simsched.experiment.runs import Traces
from simsched.experiment.stored_traces import traces
from simsched.experiment.table_schema import first_line, require
from simsched.experiment.tables import Traced, requests_table, resources_table, segments_table
from simsched.experiment.untrusted import DamagedError, from_json

_ENGINES = b"engines"
"""The key of the metadata with the engine of each trace: JSON."""


def pack(runs: Traced) -> bytes:
    """Return the traces of *runs* as three tables of Arrow, one after the other, not compressed.

    They are those of a run's folder; the metadata also name the engine of each trace.
    """
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

    requests = requests_table(runs)
    traces = [trace for each in runs.traces.values() for trace in each]
    engines = json.dumps([trace.engine for trace in traces])
    metadata = {**requests.schema.metadata, _ENGINES: engines}
    sink = pa.BufferOutputStream()
    for table in (
        requests.replace_schema_metadata(metadata),
        segments_table(runs),
        resources_table(runs),
    ):
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def unpack(data: bytes) -> Traces:
    """Return the traces that :func:`pack` made *data* of.

    Raises:
        DamagedError: it made something else.
    """
    import pyarrow as pa

    try:
        source = pa.BufferReader(data)
        requests, segments, visits = (pa.ipc.open_stream(source).read_all() for _ in range(3))
    except (pa.ArrowException, OSError, MemoryError, ValueError) as error:
        raise DamagedError(f"it cannot be read: {first_line(error)}") from None
    found = traces(requests, segments, visits)
    engines = from_json(list[str | None], requests.schema.metadata.get(_ENGINES, b""))
    require(len(engines) == sum(map(len, found.values())), "it names no engine for some traces")
    left = iter(engines)
    return {
        server: [replace(each, engine=next(left)) for each in replications]
        for server, replications in found.items()
    }
