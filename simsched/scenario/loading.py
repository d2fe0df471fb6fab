"""From a scenario file to a validated, frozen Scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from pydantic import ValidationError

from simsched.errors import Fault, ScenarioError
from simsched.scenario.composing import Document, compose
from simsched.scenario.datafiles import DataFiles
from simsched.scenario.explaining import explain, of_elsewhere
from simsched.scenario.faults import report
from simsched.scenario.overriding import override
from simsched.scenario.problem import Problem
from simsched.scenario.reading import UnreadableError, read
from simsched.scenario.rules import check
from simsched.scenario.scenario import Scenario


def load(path: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Return the scenario in the file *path*.

    Args:
        path: a YAML file, in UTF-8.
        overrides: values to put in the place of the file's, each as ``path.to.value=VALUE``.

    Raises:
        ScenarioError: the file cannot be used; it holds every fault.
    """
    path = Path(path)
    try:
        text = read(path)
    except UnreadableError as error:
        raise ScenarioError((Fault(str(path), error.message, hint=error.hint),)) from None
    return loads(text, str(path), overrides, path.parent)


def loads(
    text: str,
    name: str = "<string>",
    overrides: Sequence[str] = (),
    directory: Path = Path(),
) -> Scenario:
    """Return the scenario in *text*.

    Args:
        text: YAML.
        name: what stands for the file in messages.
        overrides: values to put in the place of the text's, each as ``path.to.value=VALUE``.
        directory: what the names of data files are relative to.

    Raises:
        ScenarioError: the text cannot be used; it holds every fault.
    """
    document = compose(text.removeprefix("\ufeff"), name)
    for option in overrides:
        override(document, option)
    scenario, problems = validated(document, directory)
    if faults := report(problems, document):
        raise ScenarioError(faults)
    assert scenario is not None  # noqa: S101  there would be faults
    return scenario


def validated(document: Document, directory: Path) -> tuple[Scenario | None, Iterator[Problem]]:
    """Return the scenario in *document*, if it is one, and what is wrong with its content."""
    if document.root is None:
        return None, iter(())
    data = document.root.data()
    if strange := _of_elsewhere(data):
        return None, iter(strange)
    files = DataFiles(directory)
    scenario: Scenario | None = None
    problems: Iterator[Problem] = iter(())
    try:
        scenario = Scenario.model_validate(data, context=files)
    except ValidationError as error:
        problems = explain(error.errors(include_url=False), document.root)
    rules = check(data, files.columns_of_trace()) if isinstance(data, dict) else iter(())
    return scenario, chain(problems, rules)


def _of_elsewhere(data: object) -> list[Problem]:
    """Return what shows that *data* is no scenario at all, but a file for another command."""
    keys = data if isinstance(data, dict) else ()
    return [each for key in keys if (each := of_elsewhere(key, (), Scenario)) is not None]
