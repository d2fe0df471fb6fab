"""Durations that vary: each model is one way of writing a distribution in a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from simsched.scenario.file.data_files import MOST_ROWS, DataFiles
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.alternatives import ByKey, ByKeys, ByShape
from simsched.scenario.model.base import Part, Untitled
from simsched.scenario.model.quantities import (
    Duration,
    FileName,
    Name,
    Number,
    PositiveDuration,
    RecordedUnit,
    Sized,
    Weight,
)
from simsched.units import write_duration


class File(Part):
    """Observed durations in a column of a CSV or Parquet file, relative to the scenario file.

    They are read with the scenario, in which the values take the file's place.
    """

    file: FileName = Field(
        description="A CSV or Parquet file, relative to the scenario file.", examples=["db.csv"]
    )
    column: Name = Field(description="The name of the column.", examples=["duration_s"])
    unit: RecordedUnit = Field(default="s", description="The unit of the column's numbers.")


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
        values = DataFiles.of(info).durations(written.file, written.column, written.unit)
        return Values.model_construct(values=values)


Observed = Annotated[Values, _FromFile()]
"""Observed durations; where a file is written, they are read from it."""


WIDEST = 10_000
"""How many times the median a 99th percentile may be."""


def _check_order(low: int, high: int, low_key: str, high_key: str) -> None:
    if high <= low:
        message = f"{write_duration(high)} is too short; {high_key} must be more than {low_key}"
        raise complaint(Problem((high_key,), f"{message}, which is {write_duration(low)}"))


class MeanCv(Part):
    """A mean and a coefficient of variation: the standard deviation over the mean."""

    mean: PositiveDuration = Field(description="The mean.", examples=["40ms"])
    cv: Number = Field(
        gt=0,
        le=100,
        description="The coefficient of variation: the standard deviation over the mean.",
        examples=[1.2],
    )


class Percentiles(Part):
    """The median and the 99th percentile."""

    p50: PositiveDuration = Field(description="The median.", examples=["30ms"])
    p99: PositiveDuration = Field(
        description="The 99th percentile: one in a hundred is longer.", examples=["400ms"]
    )

    @model_validator(mode="after")
    def _spread(self) -> Percentiles:
        _check_order(self.p50, self.p99, "p50", "p99")
        if self.p99 > WIDEST * self.p50:
            shown = write_duration(self.p99)
            message = f"{shown} is too long; the most is {WIDEST} times p50"
            raise complaint(Problem(("p99",), message))
        return self


class MeanStages(Part):
    """The mean of a sum, and how many exponential stages add up to it."""

    mean: PositiveDuration = Field(description="The mean of the sum.", examples=["40ms"])
    stages: int = Field(ge=1, le=1000, description="How many stages add up.", examples=[4])


class Bounds(Part):
    """The ends of a range."""

    low: Duration = Field(description="The least.", examples=["10ms"])
    high: PositiveDuration = Field(description="The most.", examples=["30ms"])

    @model_validator(mode="after")
    def _order(self) -> Bounds:
        _check_order(self.low, self.high, "low", "high")
        return self


class BoundedPareto(Part):
    """A Pareto distribution cut at both ends."""

    low: PositiveDuration = Field(description="The least.", examples=["1ms"])
    high: PositiveDuration = Field(description="The most.", examples=["10s"])
    shape: Number = Field(
        gt=0,
        le=100,
        description="The exponent of the tail: the smaller, the heavier.",
        examples=[1.5],
    )

    @model_validator(mode="after")
    def _order(self) -> BoundedPareto:
        _check_order(self.low, self.high, "low", "high")
        return self


Spread = Annotated[MeanCv | Percentiles, ByKeys()]
"""A mean with a coefficient of variation, or two percentiles."""


class Exponential(Part):
    """The exponential distribution: waiting for something that can happen at any moment."""

    exponential: PositiveDuration = Field(description="Its mean.")


class Lognormal(Part):
    """The lognormal distribution: what most measured response times look like."""

    lognormal: Spread


class Gamma(Part):
    """The gamma distribution."""

    gamma: Spread


class Erlang(Part):
    """The Erlang distribution: a sum of exponential stages, steadier than one of them."""

    erlang: MeanStages


class Hyperexponential(Part):
    """One of two exponential distributions, with balanced means: its cv is at least 1."""

    hyperexponential: MeanCv

    @model_validator(mode="after")
    def _cv(self) -> Hyperexponential:
        if self.hyperexponential.cv < 1:
            message = f"the number {self.hyperexponential.cv:g} is too small; it must be at least 1"
            raise complaint(Problem(("hyperexponential", "cv"), message, "for less, take gamma"))
        return self


class Uniform(Part):
    """The uniform distribution: everything between two ends is as likely."""

    uniform: Bounds


class Weibull(Part):
    """The Weibull distribution."""

    weibull: Spread


class Pareto(Part):
    """The Pareto distribution, bounded: the heavy tail of file sizes."""

    pareto: BoundedPareto


class Empirical(Part):
    """Observed durations, each as likely as the others."""

    empirical: Observed


class Component(Part):
    """One distribution of a mixture, and how likely it is."""

    weight: Weight = Field(
        description="How likely, in proportion to the other weights.", examples=[0.9]
    )
    duration: Demand = Field(description="The duration then.", examples=["10ms"])


class Mixture(Part):
    """One of several distributions, by their weights."""

    mixture: Annotated[tuple[Component, ...], Sized(1000, "component")]


class Offset(Part):
    """A constant, and what is added to it."""

    by: Duration = Field(description="The constant.", examples=["5ms"])
    duration: Demand = Field(description="What is added to it.", examples=["10ms"])


class Shifted(Part):
    """A constant and a distribution, added."""

    shifted: Offset


Distribution = Annotated[
    Exponential
    | Lognormal
    | Gamma
    | Erlang
    | Hyperexponential
    | Uniform
    | Weibull
    | Pareto
    | Empirical
    | Mixture
    | Shifted,
    ByKey("distribution"),
]
"""A duration that varies, written as one key that names the distribution."""


Demand = Annotated[int | Distribution, ByShape(Duration, Distribution)]
"""How long something takes: a constant in nanoseconds, or a distribution."""


def is_always_zero(demand: Demand) -> bool:
    """Return whether *demand* is 0 whatever chance decides."""
    if isinstance(demand, Empirical):
        return not any(demand.empirical.values)
    if isinstance(demand, Mixture):
        return all(is_always_zero(component.duration) for component in demand.mixture)
    if isinstance(demand, Shifted):
        return demand.shifted.by == 0 and is_always_zero(demand.shifted.duration)
    return demand == 0
