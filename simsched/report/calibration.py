"""What was estimated from measurements, and how well a scenario predicts them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from simsched.calibrate import Agreement, Fit, Learned, Overheads, Prediction
from simsched.calibrate.prediction import Forecast
from simsched.report.document import Document, Row
from simsched.scenario.number_format import show_value
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


def document_of_fit(fit: Fit, predictions: Mapping[str, Agreement]) -> Document:
    """Return what was estimated, and how well it predicts, as sentences and a table."""
    estimates = (
        words.overhead(name, each.value_ns / 1e9, each.standard_error_ns / 1e9)
        for name, each in fit.parameters.items()
    )
    half = fit.prediction
    errors = half.figures["mean"].error, half.figures["p95"].error
    return Document(
        heading=words.fitted(fit.server, fit.requests),
        sentences=(
            *estimates,
            words.second_half(half.requests, *errors),
            *(
                words.predicted(
                    name, each.requests, each.figures["mean"].error, each.figures["p95"].error
                )
                for name, each in predictions.items()
            ),
        ),
        table=(*_table(half), *_rows_of(predictions)),
        remarks=(*_remarks(half), words.SWITCH),
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


def _rows_of(predictions: Mapping[str, Agreement]) -> tuple[Row, ...]:
    """Return the rows of other runs, without the header."""
    return tuple(
        (f"{name}, {row[0].removeprefix('response time, ')}", *row[1:])
        for name, each in predictions.items()
        for row in _table(each)[1:]
    )


def json_of_fit(fit: Fit, predictions: Mapping[str, Agreement]) -> str:
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
            **(
                {"predictions": {name: _plain(each) for name, each in predictions.items()}}
                if predictions
                else {}
            ),
        }
    )


def json_of_check(server: str, agreement: Agreement) -> str:
    """Return how well *server* predicts what was measured; times in seconds."""
    return _text({"server": server, **_plain(agreement)})


def document_of_learned(
    learned: Learned, predictions: Mapping[str, Prediction], out: str | None
) -> Document:
    """Return what was learned of a service, and how well that predicts."""
    estimates = (
        words.estimate(each.name, each.value_ns / 1e9, each.standard_error_ns / 1e9, each.source)
        for each in learned.estimates
    )
    return Document(
        heading=words.learned(learned.blueprint.name, learned.requests, out),
        sentences=(
            *estimates,
            *learned.blueprint.remarks,
            *(_verdict(name, each) for name, each in predictions.items()),
            *(() if words.SECOND_HALF in predictions else (words.UNPREDICTED,)),
        ),
        table=_forecasts(predictions) if predictions else (),
        remarks=_remarks_on(predictions) if predictions else (),
    )


def document_of_prediction(name: str, prediction: Prediction) -> Document:
    """Return how well a scenario predicts the requests of a file."""
    return Document(
        sentences=(_verdict(name, prediction),),
        table=_forecasts({name: prediction}),
        remarks=_remarks_on({name: prediction}),
    )


def json_of_learned(learned: Learned, predictions: Mapping[str, Prediction]) -> str:
    """Return what was learned of a service, and how well that predicts; times in seconds."""
    estimates = {
        each.name: {
            "value_s": each.value_ns / 1e9,
            "standard_error_s": each.standard_error_ns / 1e9,
            "from": each.source,
        }
        for each in learned.estimates
    }
    return _text(
        {
            "requests": learned.requests,
            "estimates": estimates,
            "remarks": list(learned.blueprint.remarks),
            "predictions": {name: _plain_of(each) for name, each in predictions.items()},
        }
    )


def json_of_prediction(server: str, prediction: Prediction) -> str:
    """Return how well *server* predicts the requests of a file; times in seconds."""
    return _text({"server": server, **_plain_of(prediction)})


def _verdict(name: str, prediction: Prediction) -> str:
    figures = prediction.figures[""]
    errors = figures["mean"].error, figures["p95"].error
    return words.predicted(name, prediction.requests[""], *errors)


def _remarks_on(predictions: Mapping[str, Prediction]) -> tuple[str, ...]:
    count = sum(each.unanswered for each in predictions.values())
    return (
        words.RUNS,
        *(words.order_of(name, each.kendall_tau) for name, each in predictions.items()),
        *((words.unanswered(count),) if count else ()),
    )


def _forecasts(predictions: Mapping[str, Prediction]) -> tuple[Row, ...]:
    """Return the table of one prediction; of several, that of the means and p95 of all requests."""
    rows: list[Row] = [("", "measured", "predicted", "95 % of runs", "error")]
    if len(predictions) == 1:
        (prediction,) = predictions.values()
        for group, figures in prediction.figures.items():
            of = group or words.ALL
            rows += [_row(f"{of}, {figure}", each) for figure, each in figures.items()]
    else:
        for name, prediction in predictions.items():
            of_all = prediction.figures[""]
            rows += [_row(f"{name}, {figure}", of_all[figure]) for figure in ("mean", "p95")]
    return tuple(rows)


def _row(name: str, each: Forecast) -> Row:
    values = (each.measured_s, each.predicted_s, each.low_s, each.high_s)
    known, found, low, high = (show_value(value, "duration") for value in values)
    return name, known, found, f"{low} to {high}", words.signed(each.error)


def _plain_of(prediction: Prediction) -> dict[str, Any]:
    groups = {
        group: {
            figure: {
                "measured": each.measured_s,
                "predicted": each.predicted_s,
                "low": each.low_s,
                "high": each.high_s,
                "error": each.error,
            }
            for figure, each in figures.items()
        }
        for group, figures in prediction.figures.items()
    }
    return {
        "requests": prediction.requests[""],
        "unanswered": prediction.unanswered,
        "response_time_s": groups.pop(""),
        "by_class": groups,
        "kendall_tau": prediction.kendall_tau,
    }


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
