"""What is to be done when an event happens, or when something is handed over."""

from __future__ import annotations

COMPUTED = 1
"""A task has computed on a core that no other task wants."""
TURN_ENDED = 2
"""A task's time on its core is over."""
WAITED = 3
"""What a task waited for has happened."""
IO_ENDED = 4
"""The I/O that a task did on a resource has ended."""
GAVE_UP = 5
"""A task has waited long enough for a slot, if it still does."""
EXPIRED = 6
"""The I/O of a task, or its call, has lasted for as long as it may, with all waits."""
KNOCK = 7
"""A request tries again to find room in an accept queue."""
CALL_AGAIN = 8
"""A call is tried again."""
HEDGE = 9
"""A second copy of a call is sent, for want of an answer to the first."""
OVERDUE = 10
"""A task has waited for others of its batch for long enough."""
TOKEN_CAME = 11
"""A task has the token that it waited for, to ask for a slot."""
LAST_OF_TASKS = TOKEN_CAME
"""What is numbered up to this happens to a task, as long as its ticket counts."""
ASK = 12
"""A user sends a request."""
RETRY = 13
"""A request is sent again."""
CLOSE = 14
"""A worker begins nothing more: it goes down at this instant."""
FAIL = 15
"""What a worker that goes down still has at hand fails."""
COME_UP = 16
"""A worker comes up again."""
DRAIN = 17
"""A worker takes nothing new, and goes down when it has ended what it has."""
BOOTED = 18
"""A worker that restarts comes up again."""
SLOW_DOWN = 19
"""The worker of an outage computes more slowly,"""
SPEED_UP = 20
"""or as fast as it usually does."""
GIVE_UP = 21
"""A client has waited for as long as its request is waited for."""
LEAVE = 22
"""A client has waited for as long as it does until its request is taken up."""
RECEIVED = 23
"""A call arrives at a service."""
DROPPED = 24
"""A service learns that no one waits for a call any more."""
CAME_BACK = 25
"""The answer to a call is back."""

HANDED = 26
"""A taker has been handed a task."""
EXECUTED = 27
"""A task has computed in turns."""
GRANTED = 28
"""A task has the slot that it needs for its I/O."""
ANSWERED = 29
"""A user has the answer, or will never have it."""
BEGIN_ANEW = 30
"""The takers of a worker that came up begin anew."""
STARTED = 31
"""A task has the thread or process that it waited for."""
RELEASED = 32
"""A connection is free again, or another may be opened."""
