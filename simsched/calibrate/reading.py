"""Reading files of measurements line by line, compressed with gzip or not, in bounded memory."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from simsched.errors import Fault, ScenarioError
from simsched.scenario.file.text import UnreadableError, open_file

MOST_EXPANSION = 200
"""How many times its size a compressed file may have. Logs and spans shrink to about a tenth."""

LONGEST_NAME = 500
"""The most characters of a name; what is longer is cut there."""

_ALWAYS_ALLOWED = 2**26
_PIECE = 2**16
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


class CutShortError(Exception):
    """The compressed data of a file ends too early; all lines before have been yielded."""


def printable(text: str) -> str:
    """Return a name that a scenario may have: not too long, without control characters."""
    text = text[:LONGEST_NAME]
    if not _UNPRINTABLE.search(text):
        return text
    return " ".join(_UNPRINTABLE.sub(" ", text).split()) or "unnamed"


def fault(path: Path, message: str, line: int | None = None, hint: str = "") -> ScenarioError:
    """Return the error of what is wrong with a file, or a line of it."""
    return ScenarioError((Fault(str(path), message, line, hint=hint),))


def _next_line(file: BufferedIOBase, longest: int, number: int) -> bytes:
    """Return the next line, or as much of it; *number* is how many came before."""
    try:
        return file.readline(longest)
    except EOFError:
        if number:
            raise CutShortError from None
        raise


@contextmanager
def opened(path: Path) -> Iterator[tuple[BufferedIOBase, float]]:
    """Open a file, unpacked; with it comes how many bytes of it may be read.

    Raises:
        ScenarioError: it cannot be read, or its compression is another or damaged.
    """
    try:
        with open_file(path) as file:
            start = file.read(2 * len(_ZSTD))
            # The Collector writes the length of each part before it.
            if _ZSTD in start:
                raise fault(path, "it is compressed with zstd", hint="unpack it, or use gzip")
            size = file.seek(0, 2)
            file.seek(0)
            if not start.startswith(_GZIP):
                yield cast("BufferedIOBase", file), float("inf")
                return
            with gzip.GzipFile(fileobj=file) as unpacked:
                most = max(_ALWAYS_ALLOWED, MOST_EXPANSION * size)
                yield unpacked, most
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise fault(path, f"its gzip data is damaged: {error}", hint="copy it again") from None
    except UnreadableError as error:
        raise fault(path, error.message, hint=error.hint) from None


def lines(
    path: Path, longest: int, *, documents: bool = False
) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines of a file that hold something, each with its number, from 1.

    Args:
        path: the file.
        longest: the most bytes of a line: None is yielded for one that is longer, which is never
            held as a whole.
        documents: whether a file that begins with a lone ``{`` is one JSON document, yielded as
            line 1.

    Raises:
        ScenarioError: it cannot be read, or unpacks to more than :data:`MOST_EXPANSION` times its
            size (and 64 MiB).
        CutShortError: after the lines that are there, where the last of them is not.
    """
    with opened(path) as (file, most):
        number = read = 0
        while line := _next_line(file, longest + 1, number):
            number += 1
            if documents and number == 1 and line.removeprefix(codecs.BOM_UTF8).strip() == b"{":
                line += file.read(longest + 1 - len(line))
            read += len(line)
            is_long, rest = len(line) > longest, line
            while is_long and rest and not rest.endswith(b"\n") and read <= most:
                rest = _next_line(file, _PIECE, number)
                read += len(rest)
            if read > most:
                raise fault(
                    path,
                    f"it expands to more than {MOST_EXPANSION} times its size, as no log does",
                    hint="unpack it yourself",
                )
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if is_long or line.strip():
                yield number, None if is_long else line
