"""What is kept of a simulated point: its figures, and what was said of them.

It is JSON, checked field by field when it is read: it may come from anyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator
from typing_extensions import TypedDict  # as pydantic asks for before Python 3.12

from simsched.experiment.tables import SummaryRow, summary_rows
from simsched.experiment.untrusted import from_json, to_json
from simsched.scenario.model.objectives import parse_limit
from simsched.statistics.contender import contenders_of
from simsched.statistics.slo import Outcome
from simsched.statistics.theory.known import Relation

if TYPE_CHECKING:
    from simsched.experiment.result import Result
    from simsched.statistics.stability import Load
    from simsched.statistics.theory.known import Known


def _checked_limit(text: str) -> str:
    parse_limit(text)  # it raises a ValueError, which pydantic reports
    return text


class StoredPlace(TypedDict):
    """A server's place: the best and the worst, from 1, that the evidence leaves open."""

    server: str
    best: int
    worst: int


class StoredLoad(TypedDict):
    """What is asked of a server's busiest station."""

    station: str
    utilisation: float
    stable: bool
    highest_rate_per_s: float | None


class StoredTheory(TypedDict):
    """What a formula says of a figure of a server, or how it bounds it."""

    server: str
    model: str
    source: str
    metric: str
    value: float
    relation: Relation
    request: str | None


class StoredObjective(TypedDict):
    """How a server stands to an objective."""

    objective: str
    limit: Annotated[str, AfterValidator(_checked_limit)]
    server: str
    outcome: Outcome
    sentence: str
    value: float | None
    low: float | None
    high: float | None


class Said(TypedDict):
    """What was said of a point besides its figures.

    ``costs`` are those of servers; ``untold`` is why figures are missing.
    """

    replications: int
    confidence: float
    servers: list[str]
    verdicts: list[str]
    warnings: list[str]
    notes: list[str]
    ranking: list[StoredPlace]
    loads: dict[str, StoredLoad]
    theory: list[StoredTheory]
    objectives: list[StoredObjective]
    costs: dict[str, float]
    untold: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Record:
    """One point as it was simulated.

    Attributes:
        rows: its figures, a row for each server and metric, as in ``summary.csv``.
        said: what else was said of it.
    """

    rows: tuple[SummaryRow, ...]
    said: Said

    @property
    def servers(self) -> tuple[str, ...]:
        """The names of the servers, the baseline first."""
        return tuple(self.said["servers"])

    @property
    def replications(self) -> int:
        """How many replications the figures come from."""
        return self.said["replications"]


def record(result: Result) -> Record:
    """Return what is kept of *result*."""
    said: Said = {
        "replications": result.scenarios[0].run.replications or 1,
        "confidence": result.confidence,
        "servers": list(result.servers),
        "verdicts": list(result.verdicts),
        "warnings": list(result.warnings),
        "notes": list(result.notes),
        "ranking": [
            {"server": place.server, "best": place.best, "worst": place.worst}
            for place in result.ranking
        ],
        "loads": {name: _load(load) for name, load in result.loads.items()},
        "theory": [line for known in result.known for line in _theory(known)],
        "objectives": [
            {
                "objective": one.objective.name,
                "limit": one.objective.text,
                "server": one.server,
                "outcome": one.outcome,
                "sentence": one.sentence,
                "value": one.estimate.value,
                "low": one.estimate.low,
                "high": one.estimate.high,
            }
            for one in result.judgements
        ],
        "costs": {each.label: each.server.price for each in contenders_of(result.scenarios)},
        "untold": {
            name: {
                metric: estimate.reason
                for metric, estimate in one.estimates.items()
                if estimate.value is None and estimate.reason
            }
            for name, one in result.servers.items()
        },
    }
    return Record(tuple(map(_as_floats, summary_rows(result))), said)


def pack(one: Record) -> bytes:
    """Return *one* as JSON; figures keep their last bit."""
    return to_json(Record, one)


def unpack(data: bytes) -> Record:
    """Return the record that *data* is.

    Raises:
        DamagedError: it is none; the message says which field is wrong.
    """
    return from_json(Record, data)


def _as_floats(row: SummaryRow) -> SummaryRow:
    """Return *row* as it comes back from a file, in which counts and figures share a column."""
    value, low, high = (None if x is None else float(x) for x in (row.value, row.low, row.high))
    return SummaryRow(row.server, row.metric, value, low, high)


def _load(load: Load) -> StoredLoad:
    return {
        "station": load.station.name,
        "utilisation": load.utilisation,
        "stable": load.stable,
        "highest_rate_per_s": load.highest_rate_per_s,
    }


def _theory(known: Known) -> list[StoredTheory]:
    return [
        {
            "server": known.server,
            "model": known.model,
            "source": known.source,
            "metric": figure.metric,
            "value": figure.value,
            "relation": figure.relation,
            "request": figure.request,
        }
        for figure in known.figures
        if figure.request is None
    ]
