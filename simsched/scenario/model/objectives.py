"""What a scenario wants of its figures: confidence, warm-up, quantiles, precision, and limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, TypeGuard

from pydantic import (
    BeforeValidator,
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
from pydantic_core import CoreSchema, PydanticCustomError

from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.file.tree import Path
from simsched.scenario.file.wording import describe, quote
from simsched.scenario.metrics import Limit, parse_limit, parse_metric, parse_quantile, parse_share
from simsched.scenario.model.alternatives import ByShape
from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import Name, Sized, read_duration
from simsched.units import parse_duration, write_duration

MOST_QUANTILES = 20
"""The most quantiles, and the most metrics of a stopping rule."""

MOST_REPLICATIONS = 100_000
"""The most replications."""


def _wrong(message: str, path: Path = ()) -> PydanticCustomError:
    return complaint(Problem(path, message))


def _read(value: object, parse: Callable[[str], Any], needed: str, path: Path = ()) -> Any:
    """Return what *parse* makes of the text *value*, or raise a complaint."""
    if not isinstance(value, str):
        raise _wrong(f"{needed} is needed, not {describe(value)}", path)
    try:
        return parse(value)
    except ValueError as error:
        raise _wrong(str(error), path) from None


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _share(low: float, high: float) -> Callable[[object], float]:
    """Return a reader of shares in [*low*, *high*), both written as such in its complaint."""

    def read(value: object) -> float:
        share = value if _is_number(value) else _read(value, parse_share, "a share such as 5%")
        if not low <= share < high:
            raise _wrong(f"{value} is out of range; it is at least {low:.4g} and below {high:.4g}")
        return float(share)

    return read


def _warmup(value: object) -> int | str:
    if value in ("auto", "none"):
        return str(value)
    duration_ns = read_duration(value)
    if duration_ns is not None:
        return duration_ns
    if _is_number(value):
        return int(_read(f"{value}", parse_duration, "a duration"))
    raise _wrong(f"auto, none or a duration such as 5s is needed, not {describe(value)}")


def _texts(parse: Callable[[str], Any], needed: str) -> Callable[[object], tuple[Any, ...]]:
    """Return a reader of one text or a list of them, each read by *parse*."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            return (_read(value, parse, needed),)
        if not 0 < len(value) <= MOST_QUANTILES:
            raise _wrong(f"a list has 1 to {MOST_QUANTILES} entries, not {len(value)}")
        return tuple(_read(one, parse, needed, (i,)) for i, one in enumerate(value))

    return read


def _metric_name(text: str) -> str:
    return parse_metric(text).text


def _quantile_text(text: str) -> str:
    parse_quantile(text)
    return text


_SHARE_SCHEMA = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[0-9.]+ ?%?$"}],
}
_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}

Confidence = Annotated[
    float,
    BeforeValidator(_share(0.5, 1.0)),
    WithJsonSchema({"description": "A share, in per cent or of 1.", **_SHARE_SCHEMA}),
]
"""The share of intervals that cover the truth."""

Relative = Annotated[
    float,
    BeforeValidator(_share(0.0001, 1.0)),
    WithJsonSchema({"description": "A share, in per cent or of 1.", **_SHARE_SCHEMA}),
]
"""A precision, relative to the value."""

WarmUp = Annotated[
    int | Literal["auto", "none"],
    BeforeValidator(_warmup),
    PlainSerializer(lambda v: write_duration(v) if isinstance(v, int) else v, return_type=str),
    WithJsonSchema({"description": "auto, none, or a duration.", "type": ["string", "integer"]}),
]
"""Nanoseconds, or ``auto``, or ``none``."""

Quantiles = Annotated[
    tuple[str, ...],
    BeforeValidator(_texts(_quantile_text, "a quantile such as p95")),
    WithJsonSchema({"description": "Quantiles of response time.", **_TEXTS}),
]
"""Quantiles of response time, as ``p95``."""

Metrics = Annotated[
    tuple[str, ...],
    BeforeValidator(_texts(_metric_name, "a metric such as response_time.mean")),
    WithJsonSchema({"description": "A metric, or several.", **_TEXTS}),
]
"""Metrics, as ``response_time.mean``."""


def _limit(value: object) -> Limit:
    if isinstance(value, Limit):
        return value
    limit: Limit = _read(value, parse_limit, "a limit such as response_time.p99 < 500ms")
    return limit


LimitValue = Annotated[
    Limit,
    PlainValidator(_limit),
    PlainSerializer(lambda limit: limit.text, return_type=str),
    WithJsonSchema(_TEXT),
]
"""A limit, written as ``response_time.p99 < 500ms`` and parsed once, here."""


class Until(Part):
    """A stopping rule: replications are added until intervals are narrow enough."""

    metric: Metrics = Field(
        description="The metric, or a list of them, that is to be told so well.",
        examples=["response_time.mean"],
    )
    relative: Relative = Field(
        description="Half an interval, relative to its value.", examples=["2%"]
    )
    at_most: int = Field(
        default=1000,
        ge=2,
        le=MOST_REPLICATIONS,
        description="The most replications to spend on it.",
        examples=[200],
    )


def _some_goals(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return value
    needed = f"metric and relative are needed, not {describe(value)}"
    hint = "write for example {metric: response_time.mean, relative: 2%}"
    raise complaint(Problem((), needed, hint))


Goals = Annotated[
    Until | tuple[Until, ...],
    ByShape(
        Annotated[tuple[Until, ...], BeforeValidator(_some_goals), Sized(MOST_QUANTILES, "metric")],
        Until,
    ),
]
"""A stopping rule, or several that hold together."""


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

    @model_validator(mode="before")
    @classmethod
    def _limit_alone(cls, value: object) -> object:
        return {"limit": value} if isinstance(value, (str, Limit)) else value

    @model_validator(mode="after")
    def _of_all_requests(self) -> Slo:
        resource = self.limit.metric.resource
        if resource is not None and self.request is not None:
            message = f"a limit on {quote(resource)} is about all who use it, not one class"
            raise complaint(Problem(("request",), message, "leave it out", at_key=True))
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> Any:
        written = handler(self)
        return self.limit.text if self.servers is None and self.request is None else written

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
