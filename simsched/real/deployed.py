"""A measured server that is a real one: uvicorn, hypercorn or gunicorn, with our application."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal, Self, get_args

from simsched.errors import InputError, RunError
from simsched.experiment.untrusted import to_json
from simsched.interrupt import deferred
from simsched.real.app import VARIABLE, Description
from simsched.real.client import Client
from simsched.real.crew import START_S
from simsched.real.exchanges import HttpExchange, request_text, status_code
from simsched.real.jobs import Record
from simsched.real.pinning import pinned
from simsched.scenario.model.servers import Server
from simsched.workload.columns import Requests

Real = Literal["uvicorn", "hypercorn", "gunicorn"]
"""The real servers."""

SERVES: Mapping[Real, tuple[str, ...]] = MappingProxyType(
    {
        "uvicorn": ("cooperative",),
        "hypercorn": ("cooperative",),
        "gunicorn": ("serial", "threaded"),
    }
)
"""The models that each of them serves."""

_HOST = "127.0.0.1"
_ENDING_S = 5


def check_installed(names: Sequence[str]) -> tuple[Real, ...]:
    """Return *names*, which are servers that are installed.

    Raises:
        InputError: one is no server that is known, or is not installed.
    """
    known: tuple[Real, ...] = get_args(Real)
    for name in names:
        if name not in known:
            raise InputError(f"--with {name}: not a server; it is one of {', '.join(known)}")
        if find_spec(name) is None:
            raise InputError(f"--with {name}: it is not installed; pip install 'simsched[measure]'")
    return tuple(each for each in known if each in names)


def serving(server: Server, names: Sequence[Real]) -> Real | None:
    """Return which of *names* serves *server*; None if none of them does."""
    return next((name for name in names if server.model in SERVES[name]), None)


class Deployed:
    """A real server with our application, in processes that end with the block that uses them.

    ``sentinels`` are file descriptors that are readable once it has ended.
    """

    def __init__(self, name: Real, server: Server, pattern: Requests, cores: Sequence[int]) -> None:
        self.sentinels: list[int] = []
        self._name = name
        self._server = server
        self._cores = cores
        self._description = Description(
            parent=os.getpid(),
            sequential=server.parallel == "sequential",
            sleeps=server.keeps,
            switch_s=(server.lock_interval or 5_000_000) / 1e9,
            steps=pattern.steps,
            resources=pattern.resources,
        )
        self._port = _free_port()
        self._log = Path(os.devnull)
        self._stack = ExitStack()

    def client(self) -> Client:
        """Return a client of it."""
        address = f"{_HOST}:{self._port}"
        return Client(
            [address],
            "shared",
            refuses=True,
            exchange=HttpExchange,
            why_failed=lambda: f"{self._name} said: {self._last_words()}",
        )

    def reports(self, client: Client) -> list[Record]:
        """Return what the server served, which its answers say: workers are numbered as they come.

        A worker that was replaced has the number of the last one.
        """
        workers = {number: at for at, number in enumerate(_workers(client.records))}
        last = self._server.workers - 1
        return [each._replace(worker=min(workers[each.worker], last)) for each in client.records]

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _start(self) -> None:
        directory = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="simsched-"))
        self._log = Path(directory) / "log"
        environment = {**os.environ, VARIABLE: to_json(Description, self._description).decode()}
        # The processes of the server inherit its cores.
        with pinned(self._cores), self._log.open("wb") as log, deferred():
            process = subprocess.Popen(  # noqa: S603  a command of our own
                _command(self._name, self._server, self._port),
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is not for it: it is ended from here
            )
            self._stack.callback(_end, process)
        self._wait(process)
        if hasattr(os, "pidfd_open"):
            self.sentinels.append(os.pidfd_open(process.pid))
            self._stack.callback(os.close, self.sentinels[-1])

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the application answers.

        Raises:
            RunError: the server ended, or does not answer in time.
        """
        end = time.monotonic() + START_S
        while not _answers(self._port):
            if process.poll() is not None:
                raise RunError(f"{self._name} ended as it started; it said: {self._last_words()}")
            if time.monotonic() > end:
                raise RunError(f"{self._name} does not answer within {START_S} s")
            time.sleep(0.05)

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "nothing"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End all processes of the server: well if they do, or else at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_ENDING_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _command(name: Real, server: Server, port: int) -> list[str]:
    address, workers = f"{_HOST}:{port}", str(server.workers)
    module = f"{__package__}.app"
    match name:
        case "uvicorn":
            options = ["--factory", f"{module}:asgi", "--host", _HOST, "--port", str(port)]
            options += ["--workers", workers, "--no-access-log", "--log-level", "warning"]
        case "hypercorn":
            options = [f"{module}:asgi()", "--bind", address, "--workers", workers]
        case "gunicorn":
            kind = "gthread" if server.per_worker > 1 else "sync"
            options = [f"{module}:wsgi()", "--bind", address, "--workers", workers]
            options += ["--worker-class", kind, "--threads", str(server.per_worker)]
            options += ["--log-level", "warning"]
    return [sys.executable, "-m", name, *options]


def _workers(records: Sequence[Record]) -> list[int]:
    return list(dict.fromkeys(each.worker for each in sorted(records)))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((_HOST, 0))
        port: int = found.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((_HOST, port), timeout=1) as connection:
            connection.sendall(request_text("GET", _HOST))
            return status_code(connection.recv(4096)) > 0
    except OSError:
        return False
