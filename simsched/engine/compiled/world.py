"""All that a run knows: what the rules read and change."""

from __future__ import annotations

from typing import NamedTuple

from simsched.engine.compiled.layout import FIXED, Record
from simsched.engine.compiled.memory import let_be_fixed

General = Record
"""What plain runs do without."""


class World(NamedTuple):
    """Everything, as records of figures and of the addresses of arrays; see :mod:`layout`.

    ``general`` is None in a plain run. Rules that depend on it take it as an argument of its own,
    which tells the compiler to leave out what a plain run does without.
    """

    run: Record
    server: Record
    requests: Record
    columns: Record
    general: General | None


for _kind, _names in FIXED:
    let_be_fixed(_kind, _names)
