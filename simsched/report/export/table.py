"""Every request as a row of CSV: the columns of ``requests.parquet``, empty where there is none.

It is for spreadsheets, which take a text that begins with one of ``= + - @`` for a formula and
would compute what a name says. An apostrophe before it makes it text again.

Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from simsched.experiment.result import Result
from simsched.experiment.tables import requests_table

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types


def render(result: Result) -> bytes:
    """Return the requests of *result* as CSV with a header."""
    import pyarrow as pa
    from pyarrow import csv

    table = requests_table(result)
    for position, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            words = table.column(position).cast(pa.string())
            table = table.set_column(position, field.name, _as_text(words))
    out = BytesIO()
    csv.write_csv(table, out, csv.WriteOptions(quoting_style="needed"))
    return out.getvalue()


def _as_text(words: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return *words* with an apostrophe before each that a spreadsheet would compute."""
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # it carries no types

    return pc.replace_substring_regex(words, r"^([=+\-@\t\r])", r"'\1")
