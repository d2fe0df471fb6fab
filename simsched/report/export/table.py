"""Every request as a row of CSV: the columns of ``requests.parquet``, empty where there is none."""

from __future__ import annotations

from io import BytesIO

from simsched.experiment.result import Result
from simsched.experiment.tables import requests_table


def render(result: Result) -> bytes:
    """Return the requests of *result* as CSV with a header."""
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types
    from pyarrow import csv

    table = requests_table(result)
    for position, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            words = table.column(position).cast(pa.string())
            table = table.set_column(position, field.name, words)
    out = BytesIO()
    csv.write_csv(table, out, csv.WriteOptions(quoting_style="needed"))
    return out.getvalue()
