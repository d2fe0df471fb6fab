"""Observed durations: written in the scenario, or in a column of a file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from simsched.scenario.file.data_files import MOST_ROWS, DataFiles
from simsched.scenario.file.problems import Problem
from simsched.scenario.model.base import Part, complaint
from simsched.scenario.model.quantities import Duration, FileName, Name, Sized
from simsched.scenario.untitled import Untitled


class File(Part):
    """Observed durations in a column of a CSV or Parquet file, relative to the scenario file.

    They are read with the scenario, in which the values take the file's place.
    """

    file: FileName = Field(
        description="A CSV or Parquet file, relative to the scenario file.", examples=["db.csv"]
    )
    column: Name = Field(description="The name of the column.", examples=["duration_s"])
    unit: Literal["ns", "us", "µs", "ms", "s", "min", "h"] = Field(
        default="s", description="The unit of the column's numbers."
    )


class Values(Part):
    """Observed durations, each as likely as the others."""

    values: Annotated[tuple[Duration, ...], Sized(MOST_ROWS, "value")] = Field(
        description="The observed durations.", examples=[["10ms", "12ms", "40ms"]]
    )

    @classmethod
    def fields(cls) -> dict[str, FieldInfo]:
        """Return the keys of a file, too: it is written in place of the values."""
        return {**super().fields(), **File.fields()}


class _FromFile:
    """Reads a file that is written in place of the values."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_before_validator_function(self._read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"oneOf": [handler(schema), File.model_json_schema(schema_generator=Untitled)]}

    @staticmethod
    def _read(value: object, info: ValidationInfo) -> object:
        if not isinstance(value, Mapping) or not value.keys() & {"file", "column"}:
            return value
        if "values" in value:
            message = "observed durations are either values or a file, not both"
            raise complaint(Problem(("values",), message, at_key=True))
        written = File.validated(value)
        files = info.context if isinstance(info.context, DataFiles) else DataFiles()
        values = files.durations(written.file, written.column, written.unit)
        return Values.model_construct(values=values)


Observed = Annotated[Values, _FromFile()]
"""Observed durations; where a file is written, they are read from it."""
