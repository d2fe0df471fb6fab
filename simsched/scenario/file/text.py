"""The text of a file, read within bounds: a scenario, or the data beside it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from simsched.scenario.file.wording import closest

MOST_BYTES = 8 * 2**20
"""The largest file that is read, in bytes."""


_GZIP = b"\x1f\x8b"


class UnreadableError(Exception):
    """A file cannot be read as text: ``message`` says why, ``hint`` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read(path: Path) -> str:
    """Return the text of the file *path*, without a byte order mark.

    Raises:
        UnreadableError: no such file, not a regular one, larger than :data:`MOST_BYTES`, not UTF-8.
    """
    with open_file(path, MOST_BYTES) as file:
        return _decoded(file.read(MOST_BYTES))


def read_start(path: Path, most: int) -> str:
    """Return the first *most* bytes of the file *path* as text, less what is cut off by them.

    Raises:
        UnreadableError: no such file, not a regular one, not UTF-8, without a line that ends there.
    """
    with open_file(path) as file:
        data = file.read(most)
    end = len(data) if len(data) < most else data.rfind(b"\n") + 1
    if not end and data and not data.startswith(_GZIP):
        raise UnreadableError(f"its first line has more than {most:,} bytes")
    return _decoded(data[:end] or data)


@contextmanager
def open_file(path: Path, most: int | None = None) -> Iterator[BinaryIO]:
    """Open the file *path* to read its bytes.

    Raises:
        UnreadableError: no such file, not a regular one, larger than *most* bytes, or the reading
            of it fails.
    """
    try:
        # The open file is examined, not the path, which may be another file by then.
        with os.fdopen(_descriptor(path), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableError("not a regular file")
            if most is not None and status.st_size > most:
                raise UnreadableError(f"larger than {most // 2**20} MiB, the most that is read")
            yield file
    except OSError as error:
        raise _unopened(path, error) from None


def _descriptor(path: Path) -> int:
    try:
        # Without O_NONBLOCK a named pipe would keep us waiting before we can see that it is one.
        return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except ValueError:
        raise UnreadableError("not a possible name of a file") from None


def _unopened(path: Path, error: OSError) -> UnreadableError:
    if isinstance(error, FileNotFoundError):
        return UnreadableError("no such file", _neighbour(path))
    if isinstance(error, IsADirectoryError):
        return UnreadableError("a directory, not a file")
    return UnreadableError(f"cannot be read: {error.strerror or error}")


def _neighbour(path: Path) -> str:
    try:
        names = sorted(each.name for each in path.parent.iterdir())
    except OSError:
        return f"there is no directory {str(path.parent)!r} either"
    match = closest(path.name, [name for name in names if Path(name).suffix == path.suffix])
    return f"did you mean {match!r}?" if match else ""


def _decoded(data: bytes) -> str:
    if data.startswith(_GZIP):
        raise UnreadableError("it is compressed by gzip", "unpack it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"byte {error.start} is not UTF-8 text", "save the file with the encoding UTF-8"
        ) from None
