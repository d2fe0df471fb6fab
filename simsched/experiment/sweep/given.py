"""What is given beside a sweep's file must have a say: it cannot be what the sweep varies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simsched.errors import InputError
from simsched.scenario.overriding import parse_option
from simsched.scenario.problem import Path, dotted
from simsched.scenario.sweep_loading import Sweep
from simsched.scenario.sweep_settings import Settings, within


def check_given(
    sweep: Sweep, overrides: Sequence[str], seed: int | None, replications: int | None
) -> None:
    """Refuse what *sweep* varies itself.

    An override is made before the changes of the points: it has a say as long as one of them leaves
    it as it is. A seed, and a number of replications, would be put in the place of all of theirs.

    Raises:
        InputError: something is given that is swept.
    """
    for option in overrides:
        path, _ = parse_option(option)
        for swept in _in_every_point(sweep, path):
            raise _no_say(f"--set {dotted(path)}", swept)
    given = {"seed": seed, "replications": replications}
    for key, value in given.items():
        if value is not None and ("run", key) in sweep.paths:
            raise _no_say(f"--{key}", ("run", key))


def _in_every_point(sweep: Sweep, path: Path) -> Iterator[Path]:
    """Yield what is swept that holds the value at *path*, if all points set such a thing."""
    found = [_holding(point, path) for point in sweep.points]
    if all(found):
        yield from found[0]


def _holding(point: Settings, path: Path) -> list[Path]:
    return [each.path for each in point if within(path, each.path)]


def _no_say(option: str, path: Path) -> InputError:
    return InputError(
        f"{option}: {dotted(path)} is swept; leave the option out, or change the values in the "
        "sweep"
    )
