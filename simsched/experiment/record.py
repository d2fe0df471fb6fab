"""The record of a simulated point, as the store keeps it: its figures and what follows from them.

It is JSON, validated field by field when it is read, as it may come from anyone.
"""

from __future__ import annotations

from dataclasses import dataclass

from simsched.experiment.result import Result
from simsched.experiment.untrusted import from_json, to_json
from simsched.statistics.contender import contenders_of
from simsched.statistics.ranking import Place
from simsched.statistics.slo import Judgement
from simsched.statistics.stability import Load
from simsched.statistics.summary import SummaryRow, summary_rows
from simsched.statistics.theory.known import Known


@dataclass(frozen=True, kw_only=True)
class Record:
    """A simulated point; fields that a :class:`Result` has, too, are the same here.

    Attributes:
        rows: its figures, a row for each server and metric, as in ``summary.csv``.
        servers: the names of the servers, the baseline first.
        replications: how many replications the figures come from.
        costs: the cost of each server.
        reasons: why figures are missing, by server and metric.
    """

    rows: tuple[SummaryRow, ...]
    servers: tuple[str, ...]
    replications: int
    confidence: float
    costs: dict[str, float]
    reasons: dict[str, dict[str, str]]
    verdicts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ranking: tuple[Place, ...] = ()
    loads: dict[str, Load]
    known: tuple[Known, ...] = ()
    judgements: tuple[Judgement, ...] = ()


def record(result: Result) -> Record:
    """Return the record of *result*, which comes from one scenario."""
    return Record(
        rows=tuple(summary_rows(result.servers)),
        servers=tuple(result.servers),
        replications=result.scenarios[0].run.replications or 1,
        confidence=result.confidence,
        # The scenario is not part of the record, so what depends on it is noted here.
        costs={each.label: each.cost for each in contenders_of(result.scenarios)},
        reasons={
            name: {
                metric: estimate.reason
                for metric, estimate in one.estimates.items()
                if estimate.value is None and estimate.reason
            }
            for name, one in result.servers.items()
        },
        verdicts=result.verdicts,
        warnings=result.warnings,
        notes=result.notes,
        ranking=result.ranking,
        loads=dict(result.loads),
        known=result.known,
        judgements=result.judgements,
    )


def pack(one: Record) -> bytes:
    """Return *one* as JSON; figures keep their last bit."""
    return to_json(Record, one)


def unpack(data: bytes) -> Record:
    """Return the record in *data*.

    Raises:
        DamagedError: it is something else; the message names the field.
    """
    return from_json(Record, data)
