"""All that a run knows: what the rules read and change."""

from __future__ import annotations

from typing import NamedTuple

from simsched.engine.compiled.layout import FIXED, Record
from simsched.engine.compiled.memory import let_be_fixed

General = Record
"""What plain runs do without."""

Network = Record
"""The servers of a run where requests call services, and what is under way between them."""


class World(NamedTuple):
    """Everything, as records of figures and of the addresses of arrays; see :mod:`layout`.

    ``general`` and ``network`` are None in a plain run. Rules that depend on them take them as
    arguments of their own, which lets the compiler leave out what such a run does without.
    """

    run: Record
    server: Record
    requests: Record
    columns: Record
    general: General | None
    network: Network | None


for _kind, _names in FIXED:
    let_be_fixed(_kind, _names)
