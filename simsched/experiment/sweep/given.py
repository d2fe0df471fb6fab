"""What is given beside a sweep's file must have a say: it cannot be what the sweep varies."""

from __future__ import annotations

from collections.abc import Sequence

from simsched.errors import InputError
from simsched.scenario.file.overriding import parse_option
from simsched.scenario.file.tree import Path, dotted
from simsched.scenario.sweep.paths import Settings, within
from simsched.scenario.sweep.points import Sweep


def check_given(
    sweep: Sweep,
    overrides: Sequence[str],
    seed: int | None,
    replications: int | None,
) -> None:
    """Refuse what *sweep* varies itself.

    An override is made before the changes of the points: it has a say as long as one of them leaves
    it as it is. A seed, and a number of replications, would be put in the place of all of theirs.

    Raises:
        InputError: something is given that is swept.
    """
    for option in overrides:
        path, _ = parse_option(option)
        holding = [_holding(point, path) for point in sweep.points]
        if holding and all(holding):
            raise _no_say(f"--set {dotted(path)}", holding[0][0])
    given = {"seed": seed, "replications": replications}
    for key, value in given.items():
        if value is not None and ("run", key) in sweep.paths:
            raise _no_say(f"--{key}", ("run", key))


def check_objectives_given(sweep: Sweep) -> None:
    """Refuse objectives in the place of the scenarios' own where *sweep* varies these.

    Raises:
        InputError: it does.
    """
    for path in sweep.paths:
        if path[0] == "slo":
            raise _no_say("--slo", path)


def _holding(point: Settings, path: Path) -> list[Path]:
    """Return what *point* sets that holds the value at *path*."""
    return [each.path for each in point if within(path, each.path)]


def _no_say(option: str, path: Path) -> InputError:
    return InputError(
        f"{option}: {dotted(path)} is swept; leave the option out, or change the values in the "
        "sweep"
    )
