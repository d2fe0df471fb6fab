"""How the parameters, points and servers of a sweep are spoken of."""

from __future__ import annotations

from simsched.experiment.sweep.plan import Parameter, Point
from simsched.report.text import clean

COUNTED = {"duration": "s", "rate": "/s", "number": "", "text": ""}
"""What the numbers of a parameter count, by its kind."""

ABSENT = "—"


def title(parameter: Parameter) -> str:
    """Return what an axis calls *parameter*: its path, and what its numbers count."""
    unit = COUNTED[parameter.kind]
    name = clean(parameter.name)
    return f"{name} ({unit.removeprefix('/') if unit == 's' else 'per second'})" if unit else name


def values(point: Point) -> tuple[str, ...]:
    """Return the values of *point* as they are written; a dash where the scenario has none."""
    return tuple(ABSENT if value is None else clean(value.text) for value in point.values)


def place(point: Point, parameters: tuple[Parameter, ...]) -> str:
    """Return where *point* lies, as in ``workload.open.rate 40/s, servers.a.workers 2``."""
    pairs = zip(parameters, values(point), strict=True)
    return ", ".join(f"{clean(parameter.name)} {text}" for parameter, text in pairs)
