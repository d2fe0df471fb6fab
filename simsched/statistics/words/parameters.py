"""What the values of a scenario are called: ``database wait`` for ``requests.page[1].io``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from simsched.scenario.file.tree import Path, dotted

_OWNERS: Mapping[str | int, str] = MappingProxyType(
    {"servers": "server", "services": "service", "resources": "resource", "requests": "class"}
)

# By the keys that lead to the value, below its section and its owner's name.
_WORDS: Mapping[Path, str] = MappingProxyType(
    {
        ("cpu",): "CPU time",
        ("io",): "wait",
        ("at",): "time",
        ("for",): "length",
        ("open", "rate"): "arrival rate",
        ("closed", "users"): "users",
        ("closed", "think"): "think time",
        ("overhead", "request"): "overhead per request",
        ("overhead", "switch"): "overhead per switch",
        ("overhead", "io"): "overhead per I/O",
    }
)

_ITEMS: Mapping[str, str] = MappingProxyType({"schedule": "arrival", "events": "event"})

_DISTRIBUTIONS = frozenset(
    (
        *("exponential", "lognormal", "gamma", "erlang", "hyperexponential"),
        *("uniform", "weibull", "pareto", "geometric", "poisson"),
    )
)

_WORKLOADS = frozenset({"schedule", "open", "closed", "trace", "mix"})

_LABELS = ("label", "on", "call", "hold", "resource", "request")
"""The keys that an item of a list can be called after, the best first."""


def titles(paths: Sequence[Path], scenario: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the values at *paths* of a *scenario*, as written, are called.

    A title names what no other value of the scenario is called: a class where there are several,
    a phase where two of one class are alike. Where words cannot say it, it is the path.
    """
    found = [_title(path, scenario) for path in paths]
    return tuple(
        title if title and found.count(title) == 1 else dotted(path, longest=None)
        for path, title in zip(paths, found, strict=True)
    )


def _title(path: Path, scenario: Mapping[str, Any]) -> str:
    match path:
        case ("requests", str(name), *inner) if inner:
            return _of_class(name, tuple(inner), scenario)
        case ("workload", str(name), *inner) if inner and name not in _WORKLOADS:
            return f"{_quantity(tuple(inner))} of {name}"  # a stream
        case (section, str(name), *inner) if section in _OWNERS:
            return f"{_quantity(tuple(inner))} of {name}" if inner else f"{_OWNERS[section]} {name}"
        case ("workload", "schedule" as key, int(n), *inner) | ("events" as key, int(n), *inner):
            return f"{_quantity(tuple(inner))} of {_ITEMS[key]} {n + 1}"
        case ("workload" | "run" | "client" as section, *inner):
            return f"{'client ' if section == 'client' else ''}{_quantity(tuple(inner))}"
        case _:
            return ""


def _quantity(keys: Path) -> str:
    """Return what the value under *keys* is called, as in ``mean think time``."""
    place = next((n for n, key in enumerate(keys) if key in _DISTRIBUTIONS), None)
    if not place:
        return _joined(keys)
    whole, shape = _joined(keys[:place]), keys[place:]
    if shape in {("exponential",), (shape[0], "mean")}:
        return f"mean {whole}"
    return f"{_joined(shape[1:] or shape)} of {whole}"


def _joined(keys: Path) -> str:
    steps = (str(key + 1) if isinstance(key, int) else key.replace("_", " ") for key in keys)
    return _WORDS.get(keys) or " ".join(steps)


def _of_class(name: str, inner: Path, scenario: Mapping[str, Any]) -> str:
    """Return what the value at *inner* of a class of requests is called."""
    classes = scenario.get("requests")
    several = not isinstance(classes, dict) or len(classes) != 1
    phases = dict(_phases(classes.get(name))) if isinstance(classes, dict) else {}
    last = max((n for n, step in enumerate(inner) if isinstance(step, int)), default=None)
    if last is None:
        return f"{_quantity(inner)} of {name}"
    where, keys = inner[: last + 1], inner[last + 1 :]
    said = _of_phase(phases.get(where, {}), keys)
    alike = (phase for phase in phases.values() if not keys or keys[0] in phase)
    if [_of_phase(phase, keys) for phase in alike].count(said) != 1:
        said += f" in phase {'.'.join(str(n + 1) for n in where if isinstance(n, int))}"
    return f"{said} of {name}" if several else said


def _of_phase(phase: Mapping[str, Any], keys: Path) -> str:
    names = (phase.get(key) for key in _LABELS)
    item = next((name for name in names if isinstance(name, str)), "")
    if not keys:
        return f"{item} phase".strip()
    kind = _quantity(keys)
    item = item or ("I/O" if keys[0] == "io" else "")
    head, of, rest = kind.rpartition(" of ")
    if not of and kind.startswith("mean "):
        head, of, rest = "mean", " ", kind.removeprefix("mean ")
    return f"{head}{of}{item} {rest}" if item else kind


def _phases(value: object, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the phases below *value*, each with its place."""
    match value:
        case dict():
            for key, one in value.items():
                yield from _phases(one, (*path, key))
        case list():
            for number, one in enumerate(value):
                if isinstance(one, dict):
                    yield (*path, number), one
                yield from _phases(one, (*path, number))
        case _:
            pass
