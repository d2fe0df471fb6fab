"""What stands for what, where the engine has numbers alone."""

from __future__ import annotations

BEGIN, PROCEED, CONCLUDE = range(3)
"""The stages of a run."""

DONE, PAUSES, NEEDS_ROOM, NEEDS_BLOCK, STANDS_STILL = range(5)
"""Why a run stops: it is at its end; it has gone on for long; its arrays are to be made larger; a
block of users' requests is to be drawn; a user has it stand still."""

DISPATCHES = ("shared", "last_idle", "race", "random", "round_robin", "least_busy")
"""The ways to choose a worker, by number."""

DISCIPLINES = ("fifo", "lifo", "priority", "preemptive", "shortest")
"""The orders in which a queue is served, by number."""

PLACES = (None, "thread", "process")
"""Where a loop may have a part of a request done, by number."""

ON_LOOP, IN_THREAD, IN_PROCESS = range(3)
"""The numbers of those places."""

POOL_DISCIPLINES = ("fifo", "lifo", "random")
"""The orders in which the slots of a resource are given, by number."""

OWN_CORE, CORES, LOCK = range(3)
"""The levels, from the lowest; a server's is the highest that its tasks need."""

SLOT_BITS = 32
SLOTS = (1 << SLOT_BITS) - 1
"""The bits of an event's subject that are a slot; those above are a task's epoch or a row."""
