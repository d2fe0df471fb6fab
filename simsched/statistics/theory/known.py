"""What formulas say of a server, and how simulations compare with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, assert_never

from simsched.scenario.metrics import parse_metric, quantile_name
from simsched.scenario.number_format import show_values
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement
from simsched.statistics.metrics import bounds
from simsched.statistics.summary import ServerSummary
from simsched.statistics.words import theory as words
from simsched.units import is_close

Relation = Literal["=", "<=", ">="]


@dataclass(frozen=True, slots=True)
class Model:
    """A model by its name, in which ``{}`` stands for a number, and where its formula stands."""

    name: str
    source: str

    def of(self, *numbers: int) -> Model:
        """Return the model with *numbers* in its name, as in M/M/3."""
        return Model(self.name.format(*numbers), self.source)


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value by a formula, or (``<=``, ``>=``) a bound on it; durations in seconds.

    ``request`` is the class of requests that it is about; None is every one.
    """

    metric: str
    value: float
    relation: Relation = "="
    request: str | None = None

    def holds(self, value: float) -> bool:
        """Return whether *value* is on the right side of a bound."""
        match self.relation:
            case "=":
                return False
            case "<=":
                return value < self.value or is_close(value, self.value)
            case ">=":
                return value > self.value or is_close(value, self.value)
            case _:
                assert_never(self.relation)


@dataclass(frozen=True, slots=True)
class Known:
    """A model that a scenario matches.

    Attributes:
        server: whose figures these are.
        model: the model's name.
        source: where the formula stands.
        figures: what it says.
        remark: why a run is not compared with it, if it is not.
    """

    server: str
    model: str
    source: str
    figures: tuple[Figure, ...]
    remark: str | None = None

    @property
    def is_bound(self) -> bool:
        """Whether it only bounds what happens."""
        return any(figure.relation != "=" for figure in self.figures)


@dataclass(frozen=True)
class Match:
    """A model that a server matches: its mean response time, and what else it gives.

    Attributes:
        model: the model.
        mean_s: the mean response time.
        throughput_per_s: the completions per second, where they are not simply the arrivals.
        quantile_s: a quantile of response time from its probability.
        means_s: the mean response time of each class, where they differ.
    """

    model: Model
    mean_s: float
    throughput_per_s: float | None = None
    quantile_s: Callable[[float], float] | None = None
    means_s: Mapping[str, float] = field(default_factory=dict)

    def known(self, server: str, quantiles: Sequence[float]) -> Known:
        """Return what the model says of *server*, with those *quantiles* if it has any."""
        return Known(server, self.model.name, self.model.source, tuple(self._figures(quantiles)))

    def _figures(self, quantiles: Sequence[float]) -> Iterator[Figure]:
        if self.throughput_per_s is not None:
            yield Figure("throughput_per_s", self.throughput_per_s)
        yield Figure("response_time_s.mean", self.mean_s)
        if self.quantile_s is not None:
            for p in quantiles:
                yield Figure(f"response_time_s.{quantile_name(p)}", self.quantile_s(p))
        for name, mean_s in self.means_s.items():
            yield Figure("response_time_s.mean", mean_s, request=name)


def describe(known: Known) -> str:
    """Return what *known* says on one line: ``serial: M/M/1: response_time.mean = 100 ms [..]``."""
    figures = [
        words.figure(parse_metric(one.metric), one.relation, one.value, one.request)
        for one in known.figures
    ]
    return words.known(known.server, known.model, figures, known.source, known.remark)


def agreement(figure: Figure, estimate: Estimate, *, certain: bool) -> str:
    """Return how a formula and an estimate go together; "" where there is nothing to say.

    A bound by the rates of the scenario is one for long runs: where nothing is left to chance
    (*certain*), a short one may exceed it by what comes first or last.
    """
    if estimate.value is None or figure.holds(estimate.value):
        return ""
    within = estimate.may_be(figure.value)
    if within is not None:
        return words.WITHIN if within else words.OUTSIDE
    if figure.relation == "=":
        return ""
    return words.LONG_RUNS if certain else words.BY_CHANCE


def disagreements(
    found: Iterable[Known], servers: Mapping[str, ServerSummary], confidence: float = 0.95
) -> tuple[str, ...]:
    """Return a sentence for each exact figure that lies outside of the estimate's interval.

    The intervals are widened so that all hold together (Bonferroni): a page full of figures would
    else disagree in one place by chance alone. Bounds are not checked: where a run is cut off at
    its end, a throughput may exceed them by a request or two.
    """
    exact = [
        (one, figure, measured)
        for one in found
        if one.server in servers
        for figure in one.figures
        if figure.relation == "="
        and (measured := servers[one.server].measured(figure.metric, figure.request)) is not None
    ]
    level = 1 - (1 - confidence) / max(1, len(exact))
    return tuple(text for each in exact if (text := _disagreement(*each, level)) is not None)


def _disagreement(
    known: Known, figure: Figure, measured: Measurement, confidence: float
) -> str | None:
    estimate = measured.estimate(confidence, *bounds(figure.metric))
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    if estimate.may_be(figure.value):
        return None
    metric = parse_metric(figure.metric)
    values = (estimate.value, estimate.low, estimate.high, figure.value)
    return words.disagreement(
        known.server,
        words.of(metric.text, figure.request),
        show_values(values, metric.kind),
        known.model,
        confidence,
    )
