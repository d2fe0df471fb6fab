"""The lines of a log, plain or compressed by gzip, read in bounded memory."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from simsched.scenario.file.text import UnreadableError, open_file

LONGEST_LINE = 2**16
"""The most bytes of a line: a longer one counts as too long, and is never held as a whole."""

MOST_EXPANSION = 200
"""How many times its size a compressed file may have. Logs shrink to about a tenth."""

_ALWAYS_ALLOWED = 2**26
_GZIP = b"\x1f\x8b"


def lines(path: Path) -> Iterator[tuple[int, str | None]]:
    """Yield each line of the file *path* with its number, from 1; None for one that is too long.

    Raises:
        UnreadableError: no such file, binary, or not what gzip writes; it expands too much.
    """
    with open_file(path) as file:
        is_gzip = file.read(2) == _GZIP
        size = file.seek(0, 2)
        file.seek(0)
        if not is_gzip:
            yield from _split(file, None)
            return
        most = max(_ALWAYS_ALLOWED, MOST_EXPANSION * size)
        try:
            with gzip.open(file) as expanded:
                yield from _split(cast("BinaryIO", expanded), most)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise UnreadableError("its compressed content is damaged", "copy it again") from None


def _split(file: BinaryIO, most: int | None) -> Iterator[tuple[int, str | None]]:
    """Yield the lines of *file*, of which at most so many bytes are read."""
    number = read = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        read += len(line)
        if b"\0" in line:
            raise UnreadableError(f"line {number} is binary, not text", "give the log itself")
        is_long, rest = len(line) > LONGEST_LINE, line
        while True:
            if most is not None and read > most:
                message = f"it expands to more than {MOST_EXPANSION} times its size, as no log does"
                raise UnreadableError(message, "give the log itself")
            if not is_long or not rest or rest.endswith(b"\n"):
                break
            rest = file.readline(LONGEST_LINE)
            read += len(rest)
        yield number, None if is_long else line.decode("utf-8", "replace").rstrip("\r\n")
