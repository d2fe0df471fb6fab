"""The text of a file, read within bounds: a scenario, or the data beside it."""

from __future__ import annotations

import difflib
import os
import re
import stat
from pathlib import Path

from simsched.errors import Fault

MOST_BYTES = 8 * 2**20
"""The largest file that is read, in bytes."""

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)


class Unreadable(Exception):  # noqa: N818 - it carries the fault, it is not the error a user sees
    """A file cannot be read as text; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read(path: Path, what: str = "a scenario file") -> str:
    """Return the text of *path*; *what* names the kind of file for the message.

    Raises:
        Unreadable: no such file, not a regular one, too large, or not UTF-8.
    """
    try:
        data = _bytes(path, what)
    except ValueError:
        raise Unreadable(Fault(str(path), "not a possible file name")) from None
    except OSError as error:
        raise Unreadable(_unopened(path, error)) from None
    return _decoded(data, str(path))


def _bytes(path: Path, what: str) -> bytes:
    # Without O_NONBLOCK a named pipe would keep us waiting before we can see that it is one.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            kind = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
            raise Unreadable(Fault(str(path), f"{kind}; {what} is needed"))
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unreadable(Fault(str(path), f"larger than {MOST_BYTES // 2**20} MiB, the most for {what}"))
    return data


def _unopened(path: Path, error: OSError) -> Fault:
    if not isinstance(error, FileNotFoundError):
        return Fault(str(path), f"cannot be read: {error.strerror or error}")
    return Fault(str(path), "no such file", hint=_neighbour(path))


def _neighbour(path: Path) -> str:
    try:
        names = [name for name in os.listdir(path.parent) if Path(name).suffix == path.suffix]
    except OSError:
        return f"there is no directory {path.parent} either"
    close = difflib.get_close_matches(path.name, names[:1000], n=1)
    return f"did you mean {str(path.with_name(close[0]))!r}?" if close else ""


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = Fault(
            source, f"byte {error.start} is not UTF-8 text", hint="save the file with the encoding UTF-8"
        )
        raise Unreadable(fault) from None


def check_characters(text: str, source: str) -> None:
    """Refuse characters that no YAML text may hold, and directives, which simsched does not read.

    Raises:
        Unreadable: at the first such character.
    """
    if match := _FORBIDDEN.search(text):
        code = ord(match.group())
        raise Unreadable(_at(text, match.start(), source, f"the control character U+{code:04X} is not allowed"))
    if match := _DIRECTIVE.search(text):
        raise Unreadable(_at(text, match.start(), source, "a line cannot begin with %"))


def _at(text: str, index: int, source: str, message: str) -> Fault:
    line = text.count("\n", 0, index) + 1
    return Fault(source, message, line, index - (text.rfind("\n", 0, index) + 1) + 1)
