"""From a scenario file, or a mapping, to a validated, frozen Scenario."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from simsched.errors import Fault, InputError, ScenarioError
from simsched.scenario.file.composing import compose, compose_values
from simsched.scenario.file.overriding import override
from simsched.scenario.file.problems import hint_of
from simsched.scenario.file.text import UnreadableError, read
from simsched.scenario.file.tree import Document
from simsched.scenario.file.wording import describe
from simsched.scenario.model.objectives import Slo
from simsched.scenario.model.references import RULES
from simsched.scenario.model.scenario import Scenario

_OVERRIDES = '["servers.serial.workers=2"]'


def load(source: object, overrides: Sequence[str] = (), name: str = "scenario") -> Scenario:
    """Return the scenario in a file, or the one that a mapping describes.

    Args:
        source: the path of a YAML file in UTF-8, or what a file would hold; in a mapping the names
            of data files are relative to the current directory. A scenario stands for what would
            be written of it.
        overrides: values to put in the place of its own, each as ``path.to.value=VALUE``.
        name: what stands for a mapping in messages.

    Raises:
        ScenarioError: the scenario or an override cannot be used; it holds every fault.
        InputError: *source* is neither a path nor a mapping, or *overrides* is no list of text.
    """
    check_overrides(overrides)
    match source:
        case str() | os.PathLike():
            path = Path(source)
            return loads(text_of(path), str(path), overrides, path.parent)
        case Mapping() | Scenario():
            return _read(compose_values(source, name), overrides, Path())
        case _:
            needed = "the path of a file or a mapping is needed"
            raise InputError(f"{name}: {needed}, not {describe(source)}")


def load_all(
    sources: Sequence[object],
    overrides: Sequence[str] = (),
) -> list[Scenario]:
    """Return *sources* as scenarios: each is loaded, unless it is one already and stays as it is.

    Raises:
        ScenarioError: some of them cannot be used; it holds every fault of all of them.
        InputError: one is no scenario at all, or *overrides* is no list of text.
    """
    check_overrides(overrides)
    loaded: list[Scenario] = []
    faults: list[Fault] = []
    for number, each in enumerate(sources, 1):
        name = f"scenario {number}" if len(sources) > 1 else "scenario"
        try:
            if isinstance(each, Scenario) and not overrides:
                loaded.append(each)
            else:
                loaded.append(load(each, overrides, name))
        except ScenarioError as error:
            faults += error.faults
    # A fault of an override is found again with every scenario that it is applied to.
    if different := tuple(dict.fromkeys(faults)):
        raise ScenarioError(different)
    return loaded


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
    return _read(compose(text.removeprefix("\ufeff"), name), overrides, directory)


def text_of(path: Path) -> str:
    """Return the text of the file *path*.

    Raises:
        ScenarioError: the file cannot be read.
    """
    try:
        return read(path)
    except UnreadableError as error:
        raise ScenarioError((Fault(str(path), error.message, hint=error.hint),)) from None


def _read(document: Document, overrides: Sequence[str], directory: Path) -> Scenario:
    for option in overrides:
        override(document, option)
    return Scenario.read(document, directory)


def check_overrides(overrides: object) -> None:
    """Refuse *overrides* that are no list of texts.

    Raises:
        InputError: they are something else.
    """
    # One text is a sequence of texts, too: of its letters.
    if isinstance(overrides, str) or not isinstance(overrides, Sequence):
        raise InputError(f"overrides are a list such as {_OVERRIDES}, not {describe(overrides)}")
    for each in overrides:
        if not isinstance(each, str):
            raise InputError(f"overrides are text, as in {_OVERRIDES}, not {describe(each)}")


def with_objectives(scenario: Scenario, slo: Mapping[str, Slo], option: str = "--slo") -> Scenario:
    """Return *scenario* with the objectives *slo*, given to *option*, in the place of its own.

    Raises:
        ScenarioError: one of them is about a resource that the scenario does not have.
    """
    changed = scenario.model_copy(update={"slo": dict(slo)})
    written = changed.model_dump(by_alias=True, exclude_defaults=True)
    wrong = [each for rule in RULES for each in rule(written) if each.path[:1] == ("slo",)]
    if wrong:
        faults = (Fault(option, each.message, hint=hint_of(each)) for each in wrong)
        raise ScenarioError(tuple(faults))
    return changed
