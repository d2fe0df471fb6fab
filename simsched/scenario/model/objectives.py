"""Service level objectives: limits on metrics, each parsed once into a value."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.file.wording import quote
from simsched.scenario.metrics import Metric, parse_metric, parse_share, parse_value
from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import Name, read_text
from simsched.units import is_close

Operator = Literal["<", "<=", ">", ">="]

_LIMIT = re.compile(r"(?P<metric>[^<>=]*[^<>= ]) *(?P<operator><=|>=|<|>) *(?P<value>[^<>=].*)")
_TEXT = {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on a metric.

    Attributes:
        metric: what is limited.
        operator: how.
        value: the bound, in seconds, per second, or without a unit.
        text: the limit as it was written.
    """

    metric: Metric
    operator: Operator
    value: float
    text: str = ""

    def allows(self, value: float) -> bool:
        """Say whether *value* keeps the limit; one that differs by rounding alone is at it."""
        if is_close(value, self.value):
            return self.operator in {"<=", ">="}
        return value < self.value if self.operator in {"<", "<="} else value > self.value


def parse_limit(text: str) -> Limit:
    """Return the limit that *text* sets, as in ``response_time.p99 < 500ms``.

    Raises:
        ValueError: not a limit, no such metric, or a value of another kind, or out of range;
            the message says which.
    """
    match = _LIMIT.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"{text!r} is not a limit; write one such as response_time.p99 < 500ms "
            "or throughput >= 80/s"
        )
    metric = parse_metric(match["metric"])
    operator: Operator = match["operator"]  # type: ignore[assignment]  # the pattern admits no other
    written = match["value"].strip()
    value = parse_value(written, metric.kind)
    least, most = metric.bounds
    if not least <= value <= most:
        raise ValueError(f"{written} is out of range; {_range(metric)}{_meant(written, metric)}")
    return Limit(metric, operator, value, text)


def _range(metric: Metric) -> str:
    """Return what is said of the least and the greatest value of *metric*."""
    if metric.kind == "share":
        return f"{metric.text} is a share, from 0 to 1, which is 0% to 100%"
    least, most = metric.bounds
    between = f"at least {least:g}" if most == math.inf else f"from {least:g} to {most:g}"
    return f"{metric.text} is {between}"


def _meant(written: str, metric: Metric) -> str:
    """Return what to write for a share that would be one in per cent."""
    is_bare = metric.kind == "share" and not written.endswith("%")
    return f"; write {written}%" if is_bare and parse_share(f"{written}%") <= 1 else ""


def _limit(value: object) -> Limit:
    if isinstance(value, Limit):
        return value
    limit: Limit = read_text(value, parse_limit, "a limit such as response_time.p99 < 500ms")
    return limit


LimitValue = Annotated[
    Limit,
    PlainValidator(_limit),
    PlainSerializer(lambda limit: limit.text, return_type=str),
    WithJsonSchema(_TEXT),
]
"""A limit, written as ``response_time.p99 < 500ms`` and parsed once, here."""


class Slo(Part):
    """A service level objective. In a file the limit may stand alone."""

    limit: LimitValue = Field(
        description="A metric, one of < <= > >=, and a value.",
        examples=["response_time.p99 < 500ms"],
    )
    servers: Annotated[
        tuple[Name, ...] | None,
        Field(strict=False, description="The servers it holds for, if not for all of them."),
    ] = None
    request: Name | None = Field(
        default=None, description="The class of requests it is about, if not about all."
    )
    stream: Name | None = Field(
        default=None, description="The stream of requests it is about, if not about all."
    )

    @model_validator(mode="before")
    @classmethod
    def _limit_alone(cls, value: object) -> object:
        return {"limit": value} if isinstance(value, (str, Limit)) else value

    @model_validator(mode="after")
    def _of_all_requests(self) -> Slo:
        used = self.limit.metric.resource or self.limit.metric.service
        for key, some in (("request", "class"), ("stream", "stream")):
            if used is not None and getattr(self, key) is not None:
                message = f"a limit on {quote(used)} covers all requests, not one {some}"
                raise complaint(Problem((key,), message, "leave it out", at_key=True))
        if self.request is not None and self.stream is not None:
            message = "a limit is about a class or a stream, not both"
            raise complaint(Problem(("stream",), message, "leave one out", at_key=True))
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> Any:
        written = handler(self)
        about_all = self.servers is None and self.request is None and self.stream is None
        return self.limit.text if about_all else written

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [_TEXT, handler(schema)]}


def named(limits: Sequence[str], option: str = "--slo") -> dict[str, Slo]:
    """Return *limits*, given to *option*, as objectives: ``limit``, or ``limit-1`` and so on.

    Raises:
        ScenarioError: some are no limits; it holds a fault for each.
    """
    found: list[Limit] = []
    faults: list[Fault] = []
    for text in dict.fromkeys(limits):
        try:
            found.append(parse_limit(text))
        except ValueError as error:
            faults.append(Fault(option, str(error)))
    if faults:
        raise ScenarioError(tuple(faults))
    names = [f"limit-{n}" for n, _ in enumerate(found, 1)] if len(found) > 1 else ["limit"]
    return {
        name: Slo.validated({"limit": limit}) for name, limit in zip(names, found, strict=False)
    }
