"""The scenario to start from, and the schema with which an editor checks it."""

from __future__ import annotations

import json
from pathlib import Path

from simsched.errors import InputError
from simsched.scenario.schema import json_schema

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
        file.unlink()
        raise _unwritable(file, error) from None


def _unwritable(file: Path, error: OSError | ValueError) -> InputError:
    return InputError(f"{file}: cannot be written: {getattr(error, 'strerror', None) or error}")
