"""What was estimated from measurements, and how well a scenario predicts them."""

from __future__ import annotations

import json
from typing import Any

from simsched.calibrate import Agreement, Fit, Overheads
from simsched.report.document import Document, Row
from simsched.scenario.metrics import show_value
from simsched.statistics.words import calibration as words
from simsched.units import write_duration

OVERHEADS: tuple[Overheads, ...] = ("request", "io")


def settings(fit: Fit) -> dict[str, str]:
    """Return the estimates as overrides of a scenario: paths with values."""
    found = fit.parameters
    return {
        f"servers.{fit.server}.overhead.{name}": write_duration(
            round(found[name].value_ns, -3) if name in found else 0
        )
        for name in OVERHEADS
    }


def document_of_fit(fit: Fit) -> Document:
    """Return what was estimated, as sentences and a table."""
    estimates = (
        words.overhead(name, each.value_ns / 1e9, each.standard_error_ns / 1e9)
        for name, each in fit.parameters.items()
    )
    half = fit.prediction
    errors = half.figures["mean"].error, half.figures["p95"].error
    return Document(
        heading=words.fitted(fit.server, fit.requests),
        sentences=(*estimates, words.second_half(half.requests, *errors)),
        table=_table(half),
        remarks=_remarks(half),
        warnings=(words.INDISTINCT,) if fit.indistinct else (),
    )


def document_of_check(server: str, agreement: Agreement) -> Document:
    """Return how well *server* predicts what was measured."""
    errors = agreement.figures["mean"].error, agreement.figures["p95"].error
    return Document(
        sentences=(words.checked(server, agreement.requests, *errors),),
        table=_table(agreement),
        remarks=_remarks(agreement),
    )


def json_of_fit(fit: Fit) -> str:
    """Return what was estimated, with ``set`` ready for ``--set``; times in seconds."""
    estimates = {
        f"servers.{fit.server}.overhead.{name}": {
            "value_s": each.value_ns / 1e9,
            "standard_error_s": each.standard_error_ns / 1e9,
        }
        for name, each in fit.parameters.items()
    }
    return _text(
        {
            "set": settings(fit),
            "estimates": estimates,
            "requests": fit.requests,
            "indistinct": fit.indistinct,
            "prediction": _plain(fit.prediction),
        }
    )


def json_of_check(server: str, agreement: Agreement) -> str:
    """Return how well *server* predicts what was measured; times in seconds."""
    return _text({"server": server, **_plain(agreement)})


def _plain(agreement: Agreement) -> dict[str, Any]:
    figures = {
        name: {"measured": pair.measured_s, "predicted": pair.predicted_s, "error": pair.error}
        for name, pair in agreement.figures.items()
    }
    return {
        "requests": agreement.requests,
        "unanswered": agreement.unanswered,
        "response_time_s": figures,
        "kendall_tau": agreement.kendall_tau,
    }


def _text(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _table(agreement: Agreement) -> tuple[Row, ...]:
    rows = (
        (
            f"response time, {name}" if name == "mean" else name,
            show_value(pair.measured_s, "duration"),
            show_value(pair.predicted_s, "duration"),
            words.signed(pair.error),
        )
        for name, pair in agreement.figures.items()
    )
    return (("", "measured", "predicted", "error"), *rows)


def _remarks(agreement: Agreement) -> tuple[str, ...]:
    order = (words.order(agreement.kendall_tau),)
    if not agreement.unanswered:
        return order
    return (*order, words.unanswered(agreement.unanswered))
