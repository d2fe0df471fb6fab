"""The controls of a scenario: one for each value of its file that a slider or a choice can change.

They are found by walking through the file and the JSON Schema of scenario files together, so that
whatever a scenario may hold has its control, in the bounds that the schema gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simsched.report.play import scales
from simsched.report.play.schema import (
    Schema,
    alternatives,
    bounds,
    models,
    pattern,
    resolved,
    section,
    under_any_key,
)
from simsched.report.text import truncated
from simsched.scenario.file.tree import Path, dotted
from simsched.scenario.metrics import parse_share
from simsched.units import NUMBER_PATTERN, is_no_rate, parse_duration, parse_rate

MOST = 300
"""The most controls; ``--set`` changes what has none."""

_MOST_ITEMS = 40
"""Lists that are longer are data, such as a recorded schedule, and have no controls."""

NONE = "null"
"""How a scenario writes that there is no value."""

_SECTIONS = ("servers", "services", "workload", "requests", "resources", "client", "events", "run")

_NAMED = ("servers", "services", "requests", "resources")
_OPTIONED = ("servers", "services")

_ALWAYS = ("model", "workers", "threads")
"""The options of a server that are shown at once; the others are folded, unless they are given."""

_NEEDS = {"max_requests_jitter": "max_requests", "backlog_full": "backlog"}
"""Options that mean something only beside another."""

_WITHOUT = {"cost", "values", "engine", "confidence", "warmup", "until", "quantiles", "timeline_at"}
"""What changes no schedule, or is data."""


@dataclass(frozen=True, slots=True)
class Control:
    """A value that can be changed.

    Attributes:
        path: where it stands, as after ``--set``.
        label: what it is called in its section.
        value: as it is written; ``null`` where there is none.
        choices: the values of a slider, in their order, or of a list to choose from.
        is_slider: whether it is a slider with a field, rather than a list.
        help: what it means.
        is_extra: whether it has its default and is of no great interest.
        before: the value in the unchanged scenario; "" where that has none.
    """

    path: str
    label: str
    value: str
    choices: tuple[str, ...]
    is_slider: bool
    help: str = ""
    is_extra: bool = False
    before: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Controls that belong together: of a server, a class of requests, the workload.

    Attributes:
        kind: the key of the scenario that they stand under.
        name: what the thing is called; "" for a section without names.
        controls: the controls.
    """

    kind: str
    name: str
    controls: tuple[Control, ...]


def sections(written: Mapping[str, Any], unchanged: Sequence[Section] = ()) -> tuple[Section, ...]:
    """Return the controls of a scenario as it is *written*.

    Sliders move around the values of the *unchanged* scenario, so that they stay where they are.
    """
    before = {control.path: control for each in unchanged for control in each.controls}
    found = [
        replace(each, controls=tuple(_anchored(c, before.get(c.path)) for c in each.controls))
        for each in _sections(written)
    ]
    return tuple(_limited(each for each in found if each.controls))


def _anchored(control: Control, before: Control | None) -> Control:
    if before is None:
        return control
    stays = control.is_slider and control.value in before.choices
    kept = before.choices if stays else control.choices
    return replace(control, choices=kept, before=before.value)


def _limited(found: Iterable[Section]) -> Iterator[Section]:
    left = MOST
    for each in found:
        if left > 0:
            yield replace(each, controls=each.controls[:left])
        left -= len(each.controls)


def _sections(written: Mapping[str, Any]) -> Iterator[Section]:
    for kind in _SECTIONS:
        value = written.get(kind)
        if kind in _NAMED and isinstance(value, dict):
            named = under_any_key(section(kind)) or {}
            # No path can name what has quotation marks in its name.
            yield from (
                Section(kind, name, _of_one(one, named, (kind, name)))
                for name, one in value.items()
                if '"' not in name
            )
        elif value is not None:
            yield Section(kind, "", tuple(_walk(value, section(kind), (kind,))))


def _of_one(value: object, schema: Schema, path: Path) -> tuple[Control, ...]:
    """Return the controls of a named thing, of a server all of its options."""
    options = _options(value, schema, path) if path[0] in _OPTIONED else ()
    return _ordered([*_walk(value, schema, path), *options])


def _ordered(controls: Sequence[Control]) -> tuple[Control, ...]:
    """Return *controls* with the model of a server, its workers and threads first."""
    order = {name: place for place, name in enumerate(_ALWAYS)}
    return tuple(sorted(controls, key=lambda each: order.get(each.label, len(order))))


def _options(server: object, schema: Schema, path: Path) -> Iterator[Control]:
    """Yield the options of a *server* that its file does not give, with their defaults."""
    if not isinstance(server, dict):
        return
    found = resolved(schema, server)
    for key, inner in found.get("properties", {}).items():
        is_of_use = _NEEDS.get(key, key) in {key, *server} and key not in {*server, *_WITHOUT}
        if not is_of_use or not ("default" in inner or "enum" in inner):
            continue
        value = _default(inner, key, server)
        control = _leaf(value, inner, (*path, key))
        if control is not None:
            yield replace(control, is_extra=key not in _ALWAYS)


def _default(schema: Schema, key: str, server: Mapping[str, Any]) -> object:
    if "default" not in schema:  # it depends on other options; see ThreadedServer.dispatch
        return "race" if key == "dispatch" and server.get("workers", 1) != 1 else "shared"
    value = schema["default"]
    is_duration = "pattern" in schema and isinstance(value, int)
    return scales.duration(value) if is_duration else value


def _walk(value: object, schema: Schema, path: Path) -> Iterator[Control]:
    found = resolved(schema, value)
    match value:
        case dict():
            for key, one in value.items():
                inner = found.get("properties", {}).get(key) or under_any_key(found)
                if inner and key not in _WITHOUT and '"' not in key:
                    yield from _walk(one, inner, (*path, key))
        case list() if len(value) <= _MOST_ITEMS and "items" in found:
            for number, one in enumerate(value):
                for control in _walk(one, found["items"], (*path, number)):
                    yield replace(control, label=_named(control.label, number, _item(one)))
        case _:
            yield from filter(None, [_leaf(value, schema, path)])


def _item(value: object) -> str:
    """Return what an item of a list is called: its label, or what it is about."""
    if not isinstance(value, dict):
        return ""
    names = (value.get(key) for key in ("label", "request", "resource", "call", "hold"))
    return next((truncated(name, 30) for name in names if isinstance(name, str)), "")


def _named(label: str, number: int, item: str) -> str:
    where = f"{number + 1} {item}" if item else f"{number + 1}"
    return f"{where}: {label}"


def _leaf(value: object, schema: Schema, path: Path) -> Control | None:
    """Return the control of a value; None where it is a name, a text or a list."""
    every = [*alternatives(schema)]
    found = resolved(schema, value)
    absent = (_absent(each, path) for each in every if value is None)
    made = next(filter(None, absent), None) or _made(found, value, path)
    if made is None:
        return None
    is_optional = path[0] in (*_OPTIONED, "resources", "client")
    if is_optional and any(each.get("type") == "null" for each in every):
        made = replace(made, choices=(NONE, *made.choices))
    label = " ".join(str(step) for step in path[_start(path) :] if isinstance(step, str))
    return Control(
        path=dotted(path, None),
        label=label.replace("_", " ") or str(path[-1]),
        value=made.value,
        choices=made.choices,
        is_slider=made.is_slider,
        help=re.sub("`+", "", schema.get("description") or found.get("description", "")),
    )


def _start(path: Path) -> int:
    """Return where the label begins in a path: after its section, and the last item of a list."""
    named = 2 if path[0] in _NAMED else 1
    return max([named, *(n + 1 for n, step in enumerate(path) if isinstance(step, int))])


@dataclass(frozen=True, slots=True)
class _Made:
    """A value as it is written, the values of its control, and whether that is a slider."""

    value: str
    choices: tuple[str, ...]
    is_slider: bool = True


def _made(schema: Schema, value: object, path: Path) -> _Made | None:
    return _choice(schema, value, path) or _number(schema, value) or _text(schema, value, path)


def _choice(schema: Schema, value: object, path: Path) -> _Made | None:
    match value:
        case bool():
            return _Made(str(value).lower(), ("false", "true"), is_slider=False)
        case str() if value in schema.get("enum", ()):
            return _Made(value, tuple(schema["enum"]), is_slider=False)
        case str() if "const" in schema and path[-1] == "model":
            return _Made(value, tuple(models()), is_slider=False)
        case _:
            return None


def _number(schema: Schema, value: object) -> _Made | None:
    match value, schema.get("type"):
        case int(), "integer":
            return _Made(str(value), tuple(scales.counts(value, *bounds(schema))))
        case int() | float(), "number":
            own = f"{value:.15g}"
            return _Made(own, tuple(scales.numbers(own, float(value), *bounds(schema))))
        case _:
            return None


def _text(schema: Schema, value: object, path: Path) -> _Made | None:
    """Return the control of a duration, a rate or a share."""
    text = pattern(schema)
    match value:
        case str() | 0 if NUMBER_PATTERN in text:
            own = str(value) if value else ("0/s" if "/" in text else "0ms")
            return _Made(own, tuple(_with_unit(own, text, path)))
        case str() | float() | int() if text.startswith("^[0-9.]+ ?%"):
            share = parse_share(value) if isinstance(value, str) else float(value)
            own = value if isinstance(value, str) else f"{100 * share:g}%"
            return _Made(own, tuple(scales.shares(own, share)))
        case _:
            return None


def _absent(schema: Schema, path: Path) -> _Made | None:
    """Return the control of a value that is not given: any other may be."""
    text = pattern(schema)
    if schema.get("type") == "integer":
        return _Made(NONE, tuple(scales.counts(8, *bounds(schema))))
    if NUMBER_PATTERN in text:
        return _Made(NONE, tuple(_with_unit("1/s" if "/" in text else "1s", text, path)))
    if "enum" in schema:
        return _Made(NONE, tuple(schema["enum"]), is_slider=False)
    return None


def _with_unit(own: str, text: str, path: Path) -> list[str]:
    """Return the durations or rates of a slider, whose pattern is *text*."""
    if "/" in text:
        return scales.rates(own, 0.0 if is_no_rate(own) else parse_rate(own))
    value_ns = parse_duration(own)
    if path[-1] == "at":
        return scales.instants(own, value_ns)
    return scales.durations(own, value_ns, or_none=value_ns == 0)
