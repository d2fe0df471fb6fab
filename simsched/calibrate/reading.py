"""Reading files of measurements line by line, compressed with gzip or not, in bounded memory."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from simsched.errors import Fault, ScenarioError

LONGEST_LINE = 64 * 2**20
"""The most bytes of a line; a batch of 512 spans has some 300 kB."""

MOST_BYTES = 32 * 2**30
"""The most bytes of a file, unpacked."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_MIB = 2**20


def printable(text: str) -> str:
    """Return a name that a scenario may have: without control characters and line breaks."""
    if not _UNPRINTABLE.search(text):
        return text
    return " ".join(_UNPRINTABLE.sub(" ", text).split()) or "unnamed"


def fault(path: Path, message: str, line: int | None = None, hint: str = "") -> ScenarioError:
    """Return the error of what is wrong with a file, or a line of it."""
    return ScenarioError((Fault(str(path), message, line, hint=hint),))


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacked.

    Raises:
        ScenarioError: it cannot be read, or its compression is damaged.
    """
    try:
        # A pipe can be read only once, and keeps us waiting if nothing writes to it.
        if path.exists() and not path.is_file() and not path.is_dir():
            raise fault(path, "not a regular file", hint="save what it holds as a file")
        with path.open("rb") as file:
            start = file.read(2 * len(_ZSTD))
            # The Collector writes the length of each part before it.
            if _ZSTD in start:
                raise fault(path, "it is compressed with zstd", hint="unpack it, or use gzip")
            packed = start.startswith(_GZIP)
            file.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield unpacked  # type: ignore[misc]  # it reads like any other
            else:
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise fault(path, f"its gzip data is damaged: {error}") from None
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror or error}") from None


def lines(path: Path, *, documents: bool = False) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that hold something, each with its number.

    Where *documents* is set, a file that begins with a lone ``{`` is one JSON document, yielded as
    line 1.

    Raises:
        ScenarioError: it cannot be read, a line is longer than :data:`LONGEST_LINE`, or the whole
            longer than :data:`MOST_BYTES`.
    """
    number, total = 1, 0
    with opened(path) as file:
        while line := file.readline(LONGEST_LINE + 1):
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if documents and number == 1 and line.strip() == b"{":
                line += file.read(LONGEST_LINE + 1 - len(line))
            total += len(line)
            if len(line) > LONGEST_LINE:
                hint = "write a batch a line, as the Collector does" if documents else ""
                message = f"it is longer than {LONGEST_LINE // _MIB} MiB in one line or document"
                raise fault(path, message, number, hint)
            if total > MOST_BYTES:
                raise fault(path, f"more than {MOST_BYTES // 2**30} GiB are too much", number)
            if line.strip():
                yield number, line
            number += 1
