"""A folder in the user's cache for code that one process leaves to the next.

What is read there is run, so the folder is closed to all other users.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OURS_ALONE = 0o700
"""The mode of the folder: only its owner may read, write and enter it."""


def closed(name: str) -> Path | None:
    """Return the folder *name* in the user's cache, or under ``NUMBA_CACHE_DIR``.

    It belongs to the user and is closed to others; None if there is no such folder.
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    kept = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(home) / "simsched")
    try:
        found = kept / name
        found.mkdir(mode=_OURS_ALONE, parents=True, exist_ok=True)
        is_safe = _is_ours_alone(found) and os.access(found, os.W_OK)
    except OSError:
        return None
    return found if is_safe else None


def _is_ours_alone(place: Path) -> bool:
    """Return whether no other user can write to a folder, or put another in its place."""
    if not hasattr(os, "geteuid"):  # a cache on Windows is in the user's profile
        return True
    own = place.lstat()
    is_closed = stat.S_ISDIR(own.st_mode) and not own.st_mode & ~_OURS_ALONE & 0o777
    above = [each.stat() for each in place.absolute().parents]
    return is_closed and own.st_uid == os.geteuid() and not any(map(_others_replace_in, above))


def _others_replace_in(place: os.stat_result) -> bool:
    """Return whether another user may rename what is in a folder.

    In a sticky folder such as ``/tmp`` they may not. The user's primary group counts as private.
    """
    if place.st_uid not in {0, os.geteuid()}:
        return True
    others = stat.S_IWOTH | (0 if place.st_gid == os.getegid() else stat.S_IWGRP)
    return bool(place.st_mode & others) and not place.st_mode & stat.S_ISVTX
