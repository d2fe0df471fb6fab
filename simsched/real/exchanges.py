"""How a request gets to a worker and back: over a local socket, or as HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from simsched.engine.trace import Status
from simsched.real.jobs import Record, record_from
from simsched.real.serving import LINE_END, READ

FULL_S = 0.001
"""Seconds after which the client tries again if the system has no room for a connection."""

_END_OF_HEAD = b"\r\n\r\n"
_OK = 200


class Answered(Protocol):
    """Called once a request has its answer."""

    def __call__(self, status: Status, record: Record | None = None, /) -> None:
        """Note how it ended, and what its worker noted, if the answer has it."""


class Exchange(ABC):
    """A request on a connection of its own.

    Args:
        content: what the worker is to know of it.
        refuses: whether it is refused if there is no room; else it waits for some.
        answered: called when its answer is there,
        over: and when the server is done with it; without an answer, if it failed.
    """

    def __init__(
        self,
        content: bytes,
        *,
        refuses: bool,
        answered: Answered,
        over: Callable[[], None],
    ) -> None:
        self.content = content
        self.refuses = refuses
        self.answered = answered
        self.loop = asyncio.get_running_loop()
        self._over = over
        self.socket = self.new_socket()
        self.socket.setblocking(False)

    @abstractmethod
    def new_socket(self) -> socket.socket:
        """Return the socket of the connection."""

    @abstractmethod
    def connect(self, address: str) -> None:
        """Connect to a listener, and send the request."""

    @abstractmethod
    def read(self) -> None:
        """Read what there is of the answer."""

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def end(self) -> None:
        """Note that the server is done."""
        self.loop.remove_reader(self.socket)
        self.close()
        self._over()

    def send(self, message: bytes) -> None:
        """Send *message*, and wait for the answer."""
        self.loop.remove_writer(self.socket)
        written = self.socket.send(message)
        if written < len(message):
            self.loop.add_writer(self.socket, self.send, message[written:])
        else:
            self.loop.add_reader(self.socket, self.read)


class LocalExchange(Exchange):
    """A request over a Unix socket: a line there, a byte back, and the end when all is done."""

    def new_socket(self) -> socket.socket:
        """Return a Unix socket."""
        return socket.socket(socket.AF_UNIX)

    def connect(self, address: str) -> None:
        """Connect to the socket with the path *address*; there may be no room for it."""
        try:
            self.socket.connect(address)
        except BlockingIOError:
            if self.refuses:
                self.answered(Status.REFUSED)
                self.end()
            else:
                self.loop.call_later(FULL_S, self.connect, address)
            return
        self.send(self.content + LINE_END)

    def read(self) -> None:
        """Read the byte that is the answer, or that there is no more."""
        try:
            found = self.socket.recv(1)
        except ConnectionError:
            found = b""
        if found:
            self.answered(Status(found[0]))
        else:
            self.end()


class HttpExchange(Exchange):
    """A request as HTTP/1.1, whose answer brings along what the worker noted."""

    def new_socket(self) -> socket.socket:
        """Return a TCP socket."""
        return socket.socket(socket.AF_INET)

    def connect(self, address: str) -> None:
        """Connect to a *address* such as ``127.0.0.1:8000``."""
        host, _, port = address.rpartition(":")
        self._answer = b""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex((host, int(port)))
        self.loop.add_writer(self.socket, self._connected, host)

    def _connected(self, host: str) -> None:
        self.loop.remove_writer(self.socket)
        if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.answered(Status.REFUSED)
            self.end()
            return
        self.send(request_text("POST", host, self.content))

    def read(self) -> None:
        """Read what there is, up to the end of the answer."""
        try:
            found = self.socket.recv(READ)
        except ConnectionError:
            found = b""
        self._answer += found
        if not found:
            self._read_answer()
            self.end()

    def _read_answer(self) -> None:
        head, _, body = self._answer.partition(_END_OF_HEAD)
        if status_code(head) != _OK:
            return
        status, record = json.loads(body)
        self.answered(Status(status), record_from(record))


def request_text(method: str, host: str, content: bytes = b"") -> bytes:
    """Return an HTTP request, after which the server closes the connection."""
    head = (
        f"{method} / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def status_code(head: bytes) -> int:
    """Return the status code in the *head* of an HTTP answer; 0 if there is none."""
    parts = head.split(maxsplit=2)
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
