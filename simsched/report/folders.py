"""Folders of results: each appears whole or not at all, and never replaces another."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import re
import secrets
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from simsched.errors import InputError, RunError, SimschedError

_LONGEST_NAME = 80
_HIDDEN = ".simsched-"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_UNSAFE = re.compile(r"[^\w.+-]+")


def check_writable(root: Path) -> None:
    """Create *root* where it is missing, and check that files can be created in it.

    Call it before a long run, so that the run is not lost for lack of a place.

    Raises:
        InputError: it cannot be used; the message says which path, why, and what to do.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        # Where the system can, this file has no name: nothing is left even if we end here.
        with tempfile.TemporaryFile(prefix=_HIDDEN, dir=root):
            pass
    except OSError as error:
        raise _complaint(root, error) from error


def replace_file(path: Path, content: str | bytes, *, kept: bool = False) -> None:
    """Write *content* to *path*, which holds the old or the new content at every moment.

    *kept* is as in `publish`.

    Raises:
        InputError: it cannot be written there.
        RunError: the disk failed or is full.
    """
    hidden = path.with_name(f"{_HIDDEN}{secrets.token_hex(8)}")
    try:
        try:
            hidden.write_bytes(content.encode() if isinstance(content, str) else content)
            hidden.replace(path)
        except BaseException:
            hidden.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _complaint(path, error, kept=kept) from error


def publish(parent: Path, fill: Callable[[Path], None], *, kept: bool = False) -> Path:
    """Have *fill* write into a hidden directory in *parent*, then let it appear under a run id.

    Where it cannot, *parent* is not left behind empty. *kept* means that
    a store in the same place has the replications, so that nothing need be simulated again.
    """
    is_new = not parent.exists()
    try:
        parent.mkdir(parents=True, exist_ok=True)
        hidden = parent / f"{_HIDDEN}{secrets.token_hex(8)}"
        try:
            hidden.mkdir(parents=True)  # it may have been another program's, which failed
            fill(hidden)
            return _appear(hidden)
        except BaseException:
            shutil.rmtree(hidden, ignore_errors=True)
            if is_new:
                with contextlib.suppress(OSError):  # another program may have written there
                    parent.rmdir()
            raise
    except OSError as error:
        raise _complaint(parent, error, kept=kept) from error


def run_ids() -> Iterator[str]:
    """Yield the moment's run id, again and again: UTC as in ``20261122-110441-274``."""
    while True:
        yield datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")[:-3]
        time.sleep(0.001)


def safe_name(name: str) -> str:
    """Return a folder's name for the scenario *name*: portable, at most 80 bytes, no way out.

    A name that had to be changed ends in a hash of the original: two names never share a folder.
    """
    tidy = _short(_UNSAFE.sub("-", unicodedata.normalize("NFC", name)), _LONGEST_NAME)
    if tidy and tidy == name and not _RESERVED.fullmatch(tidy):
        return tidy
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{_short(tidy, _LONGEST_NAME - 9) or 'scenario'}-{mark}"


def _short(name: str, most: int) -> str:
    """Return *name* cut to *most* bytes of UTF-8, without dots and dashes at its ends."""
    return name.strip(".-").encode()[:most].decode(errors="ignore").strip(".-")


def _appear(hidden: Path) -> Path:
    """Rename *hidden* to the first free run id; a directory with files in it is never replaced."""
    for name in run_ids():
        final = hidden.parent / name
        try:
            return hidden.rename(final)
        except OSError as error:
            if error.errno not in {errno.EEXIST, errno.ENOTEMPTY}:
                raise
    raise AssertionError("run ids never end")


def _complaint(path: Path, error: OSError, *, kept: bool = False) -> SimschedError:
    """Return the error that says which path failed, why, and what to do."""
    reason = error.strerror or str(error)
    is_full = error.errno in _FULL
    if kept:
        cure = "make room" if is_full else "fix that"
        again = f"what was simulated is kept: {cure} and run the same command again"
        return RunError(f"{path}: {reason}; {again}")
    if is_full:
        return RunError(f"{path}: {reason}; free some space or choose another folder with --out")
    if error.errno == errno.EIO:
        return RunError(f"{path}: {reason}; choose another folder with --out")
    return InputError(f"{path}: cannot write here: {reason}; choose another folder with --out")
