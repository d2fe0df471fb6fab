"""How a scenario is run: seed, replications, warm-up, precision, and what is reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.file.wording import describe
from simsched.scenario.metrics import parse_metric, parse_quantile, parse_share
from simsched.scenario.model.alternatives import ByShape
from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import (
    Duration,
    Sized,
    is_number,
    read_duration,
    read_text,
    wrong,
)
from simsched.units import parse_duration, write_duration

MOST_QUANTILES = 20
"""The most quantiles, and the most metrics of a stopping rule."""

MOST_TIMES = 10
"""The most times that a report shows the timeline around."""

MOST_REPLICATIONS = 100_000
"""The most replications."""


def _share(low: float, high: float) -> Callable[[object], float]:
    """Return a reader of shares in [*low*, *high*), both written as such in its complaint."""

    def read(value: object) -> float:
        share = value if is_number(value) else read_text(value, parse_share, "a share such as 5%")
        if not low <= share < high:
            raise wrong(f"{value} is out of range; it is at least {low:.4g} and below {high:.4g}")
        return float(share)

    return read


def _warmup(value: object) -> int | str:
    if value in ("auto", "none"):
        return str(value)
    duration_ns = read_duration(value)
    if duration_ns is not None:
        return duration_ns
    if is_number(value):
        return int(read_text(f"{value}", parse_duration, "a duration"))
    raise wrong(f"auto, none or a duration such as 5s is needed, not {describe(value)}")


def _texts(parse: Callable[[str], Any], needed: str) -> Callable[[object], tuple[Any, ...]]:
    """Return a reader of one text or a list of them, each read by *parse*."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            return (read_text(value, parse, needed),)
        if not 0 < len(value) <= MOST_QUANTILES:
            raise wrong(f"a list has 1 to {MOST_QUANTILES} entries, not {len(value)}")
        return tuple(read_text(one, parse, needed, (i,)) for i, one in enumerate(value))

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


class Until(Part):
    """A stopping rule: replications are added until intervals are narrow enough."""

    metric: Metrics = Field(
        description="The metrics, one or a list, that need this precision.",
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


Engine = Literal["auto", "simpy", "compiled"]
"""What simulates; the outcome is the same.

``simpy`` is the reference, ``compiled`` is quicker for large runs, and ``auto`` chooses by size.
"""


class Run(Part):
    """How often, and from which seed, to simulate."""

    seed: int = Field(
        default=1, ge=0, le=2**63 - 1, description="The seed of everything that chance decides."
    )
    replications: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description=(
            "How often to simulate; left out, once where nothing is random and 10 times otherwise."
        ),
        examples=[10],
    )
    warmup: WarmUp = Field(
        default="auto",
        description=(
            "Requests that arrive before it are served, but left out of the statistics: a time, "
            "none, or auto to find where the run settles (a schedule has none)."
        ),
        examples=["5s"],
    )
    confidence: Confidence = Field(
        default=0.95, description="How sure intervals are to cover the truth.", examples=["99%"]
    )
    quantiles: Quantiles = Field(
        default=("p50", "p90", "p95", "p99"),
        description="The quantiles of response time to report.",
        examples=[["p50", "p99", "p99.9"]],
    )
    until: Goals | None = Field(
        default=None,
        description=(
            "Adds replications until intervals are narrow enough; a list of these where metrics "
            "need different precision."
        ),
        examples=[{"metric": "response_time.mean", "relative": "2%"}],
    )
    timeline_at: Annotated[tuple[Duration, ...], Sized(MOST_TIMES, "time", 0)] = Field(
        default=(),
        description="Times that the report shows the timeline around, beside those it chooses.",
        examples=[["12s", "40s"]],
    )
    engine: Engine = Field(
        default="auto",
        description=(
            "What simulates, with the same outcome: simpy, the reference; compiled, which is "
            "quicker for large runs; or auto to choose by size."
        ),
        examples=["compiled"],
    )

    @model_validator(mode="before")
    @classmethod
    def _without_keep(cls, value: Any) -> Any:
        if isinstance(value, dict) and "keep" in value:
            raise complaint(
                Problem(
                    ("keep",),
                    "this key no longer exists",
                    "remove it; split a very long run into replications, which are forgotten one "
                    "by one where they do not fit together",
                    at_key=True,
                )
            )
        return value

    @property
    def goals(self) -> tuple[Until, ...]:
        """The stopping rules, all of which must be met."""
        return (self.until,) if isinstance(self.until, Until) else self.until or ()
