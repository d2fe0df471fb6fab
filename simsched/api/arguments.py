"""Arguments of functions, checked: what is wrong with one is an error that names it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from simsched.errors import InputError, ScenarioError
from simsched.scenario.file.wording import describe
from simsched.scenario.loading import check_overrides

_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)|\bDATA\b")
_NAMES = {
    "set": "overrides",
    "pool": "pools",
    "class-rule": "classes",
    "with": "using",
    "for": "vary",
}

__all__ = [
    "as_arguments",
    "check_count",
    "check_folder",
    "check_overrides",
    "check_share",
    "check_text",
    "in_python",
    "path_of",
    "paths_of",
]


@contextmanager
def in_python() -> Iterator[None]:
    """Call what the command line has as options by the names of arguments, in errors."""
    try:
        yield
    except ScenarioError:
        raise
    except InputError as error:
        raise InputError(as_arguments(str(error))) from None


def as_arguments(text: str) -> str:
    """Return *text* with arguments where it names options of the command line."""
    return _OPTION.sub(_argument, text)


def _argument(option: re.Match[str]) -> str:
    name = option[1] or "data"
    return _NAMES.get(name, name.replace("-", "_"))


def check_text(name: str, value: object) -> None:
    """Refuse a *value* of the argument *name* that is not text.

    Raises:
        InputError: it is something else.
    """
    if not isinstance(value, str):
        raise InputError(f"{name}: text is needed, not {describe(value)}")


def check_count(name: str, value: object, least: int) -> None:
    """Refuse a *value* that is no whole number of at *least* so much.

    Raises:
        InputError: it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InputError(f"{name}: {value!r} is not a whole number of at least {least}")


def check_share(name: str, value: object, least: float, below: float) -> None:
    """Refuse a *value* that is no number of at *least* so much and *below* so much.

    Raises:
        InputError: it is none.
    """
    if not isinstance(value, float) or not least <= value < below:
        raise InputError(f"{name}: {value!r} is not a number of at least {least} and below {below}")


def check_folder(name: str, value: object) -> None:
    """Refuse a *value* of the argument *name* that cannot be the path of a folder.

    Raises:
        InputError: it is none.
    """
    if not isinstance(value, str | PathLike):
        raise InputError(f"{name}: the path of a folder is needed, not {describe(value)}")
    try:
        os.lstat(value)
    except OSError:
        pass  # it may not exist yet
    except ValueError:
        raise InputError(f"{name}: {value!r} is not a possible name of a folder") from None


def path_of(name: str, value: object) -> Path:
    """Return the path that the argument *name* is.

    Raises:
        InputError: it is none.
    """
    if not isinstance(value, str | PathLike) or isinstance(value, bytes):
        raise InputError(f"{name}: the path of a file is needed, not {describe(value)}")
    if "\0" in str(value):
        raise InputError(f"{name}: {value!r} is not a possible name of a file")
    return Path(value)


def paths_of(name: str, value: object) -> tuple[Path, ...]:
    """Return the paths that the argument *name* is: one, or a sequence of them.

    Raises:
        InputError: one of them is no path.
    """
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return tuple(path_of(name, each) for each in value)
    return (path_of(name, value),)
