"""The worker processes of a measured server."""

from __future__ import annotations

import multiprocessing
import os
import socket
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from simsched.errors import RunError
from simsched.interrupt import deferred, start_tracker
from simsched.real.client import Client
from simsched.real.jobs import Record
from simsched.real.worker import Assignment, work

START_S = 60
"""Seconds that a process has to start in."""

REPORT_S = 30
"""Seconds that a process has to report in."""

UNBOUNDED = 4096
"""How many connections may wait where the scenario sets no limit."""


class Crew:
    """The workers of a server, each in a process; they end with the block that uses them.

    ``addresses`` are the sockets that they listen on: one for all, or one each.
    """

    def __init__(self, assignments: Sequence[Assignment]) -> None:
        self.addresses: list[str] = []
        self.processes: list[BaseProcess] = []
        self._assignments = assignments
        self._controls: list[Connection] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.join()
        self._stack.close()

    def client(self) -> Client:
        """Return a client of them."""
        server = self._assignments[0].server
        return Client(self.addresses, server.dispatch, refuses=server.backlog is not None)

    @property
    def sentinels(self) -> list[int]:
        """File descriptors that are readable once a worker has ended."""
        return [process.sentinel for process in self.processes]

    def reports(self, _: Client) -> list[Record]:
        """Have the workers end, and return what they served.

        Raises:
            RunError: one has ended before, or does not answer.
        """
        for control in self._controls:
            control.send(None)
        found = []
        for process, control in zip(self.processes, self._controls, strict=True):
            found += self._received(process, control, REPORT_S)
        return found

    def _start(self) -> None:
        server = self._assignments[0].server
        directory = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="simsched-")))
        has_one = server.has_one_queue or server.dispatch == "race"
        waiting = UNBOUNDED if server.backlog is None else server.backlog - 1  # Linux adds one
        listeners = []
        for number in range(1 if has_one else server.workers):
            listener = self._stack.enter_context(socket.socket(socket.AF_UNIX))
            self.addresses.append(os.fspath(directory / str(number)))
            listener.bind(self.addresses[-1])
            listener.listen(waiting)
            listeners.append(listener)
        start_tracker()
        for assignment in self._assignments:
            self._employ(assignment, listeners[0 if has_one else assignment.worker])
        for process, control in zip(self.processes, self._controls, strict=True):
            self._received(process, control, START_S)

    def _employ(self, assignment: Assignment, listener: socket.socket) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._controls.append(self._stack.enter_context(ours))
        process = context.Process(target=work, args=(assignment, listener, theirs), daemon=True)
        with theirs, deferred():
            process.start()
            self.processes.append(process)

    def _received(self, process: BaseProcess, control: Connection, seconds: float) -> list[Record]:
        ready = wait([control, process.sentinel], seconds)
        try:
            if control in ready:
                found: list[Record] = control.recv()
                return found
        except EOFError:
            pass
        raise RunError(
            "a worker process ended before it had reported; its error is above"
            if ready
            else f"a worker process did not report within {seconds:g} s; the machine is too busy"
        )
