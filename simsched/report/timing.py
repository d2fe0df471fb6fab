"""How long the work took, or will take.

How long a run took is in a file of its own, since every other one is the same each time.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from simsched.errors import InputError

FILE = "timing.json"
"""Where a run directory tells it."""

_MINUTE = 60
_HOUR = 3600


def to_json(took_s: int) -> str:
    """Return the content of the file."""
    return json.dumps({"took_s": took_s}) + "\n"


def read(folder: Path) -> int | None:
    """Return how long the run in *folder* took, in seconds; None where nobody looked.

    Raises:
        InputError: the file is damaged.
    """
    path = folder / FILE
    try:
        took_s = json.loads(path.read_text(encoding="utf-8"))["took_s"]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        took_s = None
    if type(took_s) is not int or took_s < 1:
        raise InputError(f"{path}: damaged: it does not tell how long the run took; delete it")
    return took_s


def took(took_s: int) -> str:
    """Return a sentence on a time of that many seconds, the last one begun."""
    return "It took less than a second." if took_s == 1 else f"It took {duration(took_s)}."


def duration(seconds: float) -> str:
    """Return about how long *seconds* are, as in ``40 s``, ``12 min`` or ``3.5 h``."""
    if math.isnan(seconds):
        return "an unknown time"
    if seconds < 2 * _MINUTE:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"
