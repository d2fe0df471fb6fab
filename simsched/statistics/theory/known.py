"""What a formula says of a server: its figures, its name and its source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from simsched.scenario.metrics import parse_metric, quantile_name, show_value

Relation = Literal["=", "<=", ">="]


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value by a formula, or (``<=``, ``>=``) a bound on it; durations in seconds.

    ``request`` is the class of requests that it is about; None is every one.
    """

    metric: str
    value: float
    relation: Relation = "="
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A model that a scenario matches.

    Attributes:
        server: whose figures these are.
        model: the model's name.
        source: where the formula stands.
        figures: what it says.
        remark: why a run is not held against it, if it is not.
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
    """A model that a server matches: its mean response time, and what else it tells.

    Attributes:
        model: the model's name.
        source: where the formula stands.
        mean_s: the mean response time.
        throughput_per_s: the completions per second, where they are not simply the arrivals.
        quantile_s: a quantile of response time from its probability.
        means_s: the mean response time of each class, where they differ.
    """

    model: str
    source: str
    mean_s: float
    throughput_per_s: float | None = None
    quantile_s: Callable[[float], float] | None = None
    means_s: Mapping[str, float] = field(default_factory=dict)

    def known(self, server: str, quantiles: Sequence[float]) -> Known:
        """Return what the model says of *server*, with those *quantiles* if it has any."""
        return Known(server, self.model, self.source, tuple(self._figures(quantiles)))

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
    figures = ", ".join(_described(figure) for figure in known.figures)
    remark = "" if known.remark is None else f"; {known.remark}"
    return f"{known.server}: {known.model}: {figures} [{known.source}]{remark}"


def _described(figure: Figure) -> str:
    metric = parse_metric(figure.metric)
    of = "" if figure.request is None else f" of {figure.request}"
    return f"{metric.text}{of} {figure.relation} {show_value(figure.value, metric.kind)}"
