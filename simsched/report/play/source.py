"""The scenario that is played with: a file as it is written, and changes to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simsched.scenario.file.composing import compose
from simsched.scenario.file.overriding import override
from simsched.scenario.loading import loads, text_of
from simsched.scenario.model.scenario import Scenario
from simsched.workload.work import check_work

Changes = tuple[str, ...]
"""Values in the place of the file's own, each as ``path.to.value=VALUE``, the later ones last."""


@dataclass(frozen=True, slots=True)
class Source:
    """A scenario file, and the changes that it is opened with.

    Attributes:
        text: the file's.
        name: what it is called in messages and commands.
        directory: what the names of data files are relative to.
        given: changes that belong to the unchanged scenario, from the command line.
    """

    text: str
    name: str
    directory: str
    given: Changes = ()

    @classmethod
    def of(cls, file: Path, given: Sequence[str] = ()) -> Source:
        """Return the scenario in *file*.

        Raises:
            ScenarioError: the file cannot be read.
        """
        return cls(text_of(file), str(file), str(file.parent.resolve()), tuple(given))

    def scenario(self, changes: Changes = ()) -> Scenario:
        """Return the scenario with *changes*, which pass the same checks as a file.

        Raises:
            ScenarioError: it cannot be used; it holds every fault.
        """
        found = loads(self.text, self.name, (*self.given, *changes), Path(self.directory))
        check_work(found)
        return found

    def written(self, changes: Changes = ()) -> dict[str, Any]:
        """Return what is written in the file, with *changes*, as plain data."""
        document = compose(self.text.removeprefix("\ufeff"), self.name)
        for each in (*self.given, *changes):
            override(document, each)
        data = None if document.root is None else document.root.data()
        return data if isinstance(data, dict) else {}
