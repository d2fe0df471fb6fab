"""In which order those who wait are served, and by whom."""

from __future__ import annotations

from typing import Literal

Discipline = Literal["fifo", "lifo", "priority", "preemptive", "shortest"]
"""In which order those who wait are taken.

``priority`` takes the class with the smallest number, and so does ``preemptive``, which also takes
cores away from other classes; ``shortest`` takes the least service demand left.
"""

Dispatch = Literal["shared", "last_idle", "race", "random", "round_robin", "least_busy"]
"""Which worker gets an arrival.

``shared`` is one queue that all of them take from, and so is ``last_idle``, where of the idle ones
the last is woken. With the others each worker has its own, and a request stays where it was sent.
In a ``race`` every arrival wakes all workers, and the first to look accepts it, whether or not it
can serve it yet.
"""

BacklogFull = Literal["refuse", "drop"]
"""What becomes of a connection that finds no room: it is refused, or its SYN is dropped, as Linux
does, so that the client's kernel sends it again."""

HandOff = Literal["fifo", "lifo", "random"]
"""Which of the requests that wait for a slot gets the one that is given back."""
