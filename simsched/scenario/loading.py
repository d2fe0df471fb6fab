"""From a scenario file to a validated, frozen Scenario."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simsched.errors import ScenarioError
from simsched.scenario import composing, reading
from simsched.scenario.scenario import Scenario


def load(path: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Read the scenario in the file *path*.

    Raises:
        ScenarioError: the file cannot be used; it holds every fault.
    """
    path = Path(path)
    try:
        text = reading.read(path)
    except reading.Unreadable as error:
        raise ScenarioError((error.fault,)) from None
    return loads(text, str(path), overrides, path.parent)


def loads(
    text: str,
    name: str = "<string>",
    overrides: Sequence[str] = (),
    directory: Path = Path(),
) -> Scenario:
    """Read the scenario in *text*; *name* stands for the file in messages, its data files are in *directory*."""
    try:
        root, _ = composing.compose(text, name)
    except reading.Unreadable as error:
        raise ScenarioError((error.fault,)) from None
    return Scenario.model_validate(root.data())
