"""What a sweep file says of the sweep, also where not all of it can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from simsched.errors import ScenarioError
from simsched.scenario.composing import Document
from simsched.scenario.explaining import explain
from simsched.scenario.faults import report
from simsched.scenario.node import MappingNode
from simsched.scenario.problem import Problem
from simsched.scenario.sweep.model import Beside, Block, Linked
from simsched.scenario.sweep.pruning import without_faulty


def written_in(
    document: Document, root: MappingNode
) -> tuple[Beside | Linked, MappingNode, Sequence[Problem]]:
    """Return what the file says of the sweep itself, the part of it that does, and what is wrong.

    Raises:
        ScenarioError: so much is wrong that nothing can be said of the rest.
    """
    kind: type[Beside | Linked] = Linked if "scenario" in root.entries else Beside
    try:
        return kind.validated(_own(root, kind)), root, ()
    except ValidationError as error:
        problems = list(explain(error.errors(include_url=False), root, kind))
    sound = without_faulty(root, problems)
    try:
        if sound is not None and "sweep" in sound.entries:
            return _rest(_own(sound, kind), kind), sound, problems
    except ValidationError:
        pass  # these faults follow from what was left out
    raise ScenarioError(report(problems, document))


def _own(root: MappingNode, kind: type[Beside | Linked]) -> dict[str, Any]:
    return root.data() if kind is Linked else {"sweep": root.entries["sweep"].value.data()}


def _rest(data: dict[str, Any], kind: type[Beside | Linked]) -> Beside | Linked:
    """Return what *data* says, where blocks may be empty, as what was in them was faulty."""
    blocks = data["sweep"]
    if not isinstance(blocks, list):
        return kind.validated(data)
    written = kind.validated({**data, "sweep": [block for block in blocks if block]})
    assert isinstance(written.sweep, tuple)  # noqa: S101  as it is a list
    sound = iter(written.sweep)
    whole = tuple(next(sound) if block else Block.model_construct() for block in blocks)
    return written.model_copy(update={"sweep": whole})
