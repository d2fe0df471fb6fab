"""What is printed on stdout, in a form that stdout can take."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from simsched.errors import RunError

if TYPE_CHECKING:
    from simsched.report.document import Document


def render(document: Callable[[], Document], as_json: Callable[[], str], output_format: str) -> str:
    """Return what is printed: *document* as a ``table`` or in ``markdown``, or else ``json``."""
    if output_format == "json":
        return spell_json(as_json(), encoding())
    if output_format == "markdown":
        from simsched.report import markdown

        return markdown.render(document())
    from simsched.report import terminal

    columns = shutil.get_terminal_size().columns
    return terminal.render(document(), columns, wants_color(), encoding=encoding())


def put(text: str) -> None:
    """Print *text*; a character that stdout cannot encode is escaped as in a Python string.

    Raises:
        RunError: the output could not be written: the disk is full, for example.
        BrokenPipeError: the reader closed its end.
    """
    stream = sys.stdout
    if stream is None:  # the caller closed it
        return
    try:
        stream.write(text.encode(encoding(), "backslashreplace").decode(encoding()))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What could not be written is still buffered, and would fail again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise RunError(f"standard output: {error.strerror or error}") from None


def spell_json(text: str, coding: str) -> str:
    """Return the JSON *text* with its characters escaped where *coding* cannot take them."""
    try:
        text.encode(coding)
    except UnicodeEncodeError:
        # Outside ASCII there is nothing in JSON but the inside of its strings.
        return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text)
    return text


def encoding() -> str:
    """Return how stdout encodes characters."""
    return (sys.stdout.encoding if sys.stdout else None) or "utf-8"


def wants_color() -> bool:
    """Return whether to color: on a terminal that can, unless NO_COLOR (no-color.org) is set."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout is not None and sys.stdout.isatty() and not plain
