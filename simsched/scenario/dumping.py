"""What is written of scenarios: one as YAML, the schema of the file, the scenario to start from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from simsched.errors import InputError
from simsched.scenario.file.tree import resolve
from simsched.scenario.model.base import Untitled
from simsched.scenario.model.scenario import Scenario

# PyYAML can be built without libyaml; its own writer gives the same text, only slower.
_BASE: type[yaml.SafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def dump(scenario: Scenario) -> str:
    """Return *scenario* as the YAML of a scenario file.

    :func:`~simsched.scenario.loads` makes an equal scenario of it. Durations are exact, what was
    read from a data file is written out, and what has its default is left out, but for the seed and
    the number of replications.
    """
    written = scenario.model_dump(by_alias=True, exclude_defaults=True)
    written["run"] = {"seed": scenario.run.seed, **written.get("run", {})}
    return dump_plain(written)


def dump_plain(written: Mapping[str, Any]) -> str:
    """Return plain data as YAML, in which text stays text."""
    text: str = yaml.dump(
        dict(written),
        Dumper=_Dumper,
        default_flow_style=None,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )
    return text


class _Dumper(_BASE):  # type: ignore[misc,valid-type]  # the base depends on how PyYAML was built
    """Writes text in quotes wherever YAML 1.2 would take it for something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = text and isinstance(resolve(text), str)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, None if plain else "'")


_Dumper.add_representer(str, _text)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file."""
    schema = Scenario.model_json_schema(schema_generator=Untitled)
    return {"$schema": Untitled.schema_dialect, **schema, "title": "A simsched scenario"}


STARTER = Path(__file__).with_name("starter.yaml").read_text(encoding="utf-8")
"""A short, commented scenario that runs."""

SCHEMA_FILE = "simsched.schema.json"
"""Where a scenario's first line has editors look for the schema: beside the scenario."""


def schema_text() -> str:
    """Return the JSON Schema of scenario files as text."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def write(file: Path) -> tuple[Path, ...]:
    """Write the starter as *file*, and beside it the schema where there is none yet.

    Returns:
        The files that are new.

    Raises:
        InputError: *file* is already there, or cannot be written.
    """
    _write_new(file, STARTER)
    schema = file.parent / SCHEMA_FILE
    if schema.exists():
        return (file,)
    _write_new(schema, schema_text())
    return file, schema


_WITH_PACKAGE = Path(__file__).with_name("examples")
_IN_CHECKOUT = Path(__file__).parents[2] / "scenarios"


def write_examples(folder: Path) -> None:
    """Write the example scenarios that the documentation uses in a new *folder*.

    Raises:
        InputError: *folder* is already there, or cannot be written.
    """
    examples = _WITH_PACKAGE if _WITH_PACKAGE.is_dir() else _IN_CHECKOUT
    try:
        shutil.copytree(examples, folder)
    except FileExistsError:
        raise InputError(f"{folder}: already exists; name another folder") from None
    except (OSError, ValueError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _unwritable(folder, error) from None


def _write_new(file: Path, text: str) -> None:
    try:
        new = file.open("x", encoding="utf-8")
    except FileExistsError:
        raise InputError(f"{file}: already exists; name another file") from None
    except (OSError, ValueError) as error:  # a name may hold what no name can
        raise _unwritable(file, error) from None
    try:
        with new:
            new.write(text)
    except OSError as error:
        # Half a file would look like a scenario.
        file.unlink()
        raise _unwritable(file, error) from None


def _unwritable(file: Path, error: OSError | ValueError) -> InputError:
    return InputError(f"{file}: cannot be written: {getattr(error, 'strerror', None) or error}")
