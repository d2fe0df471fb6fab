"""The slots of a resource, in a worker: a semaphore whose line is in order of asking."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock

Wake = Callable[[], object]
"""Called when a waiting task gets a slot; it also identifies that task."""


class Pool:
    """Slots; one that is returned goes to the task that has waited longest, or shortest with lifo.

    Loops and threads use it alike: it keeps the line, and they wait in their own way.
    """

    def __init__(self, capacity: int, *, lifo: bool = False) -> None:
        self._free = capacity
        self._line: deque[Wake] = deque()
        self._lifo = lifo
        self._lock = Lock()

    def take(self, wake: Wake) -> bool:
        """Take a slot if one is free; else wait in line until *wake* is called."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            self._line.append(wake)
            return False

    def leave(self, wake: Wake) -> bool:
        """Wait no longer; return False if *wake* has a slot meanwhile."""
        with self._lock:
            if wake not in self._line:
                return False
            self._line.remove(wake)
            return True

    def give_back(self) -> None:
        """Hand a slot on to one of those in line."""
        with self._lock:
            if not self._line:
                self._free += 1
                return
            wake = self._line.pop() if self._lifo else self._line.popleft()
        wake()
