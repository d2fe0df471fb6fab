"""Workers: this process, several processes of this machine, or a Dask cluster.

Each is an executor like those of :mod:`concurrent.futures`, and can be restarted when its workers
have died.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from typing import Any, Protocol

from simsched.errors import InputError
from simsched.interrupt import deferred, end_with_parent, start_tracker

CLUSTER_S = 10
"""Seconds to wait for the answer of a cluster."""

_HIGHEST_PORT = 65535

_TLS = "DASK_DISTRIBUTED__COMM__TLS__"


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers(Protocol):
    """An executor that can be restarted."""

    @property
    def count(self) -> int:
        """How many tasks run at the same time."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Schedule ``work(*arguments)``."""

    def restart(self) -> None:
        """Start new workers after some died; all unfinished tasks are lost."""

    def close(self, *, now: bool) -> None:
        """End the workers, ``now`` or after their current tasks."""


class Here:
    """This process itself: a task is done when it is submitted."""

    count = 1

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do *work*, and return its result in a future."""
        future: Future[Any] = Future()
        future.set_result(work(*arguments))
        return future

    def restart(self) -> None:
        """Do nothing: if this process dies, nothing can be restarted."""

    def close(self, *, now: bool) -> None:
        """Do nothing."""


class Processes:
    """Processes of this machine.

    They are spawned, not forked, so that they inherit nothing of this process: no locks of a
    compiled engine, no signal handlers. They communicate through pipes alone: a fork server needs a
    socket, whose folder stays behind when the process is killed. They end with this process,
    however that ends.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._context = multiprocessing.get_context("spawn")
        start_tracker()
        self._before = set(multiprocessing.active_children())
        self._pool: Executor = self._new()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a process do *work*.

        Raises:
            BrokenExecutor: processes have died.
        """
        try:
            with deferred():  # a half-started process would never be ended
                return self._pool.submit(work, *arguments)
        except ConnectionError as error:  # it died before it had read its task
            raise BrokenExecutor("a process died while it was started") from error

    def restart(self) -> None:
        """Replace all processes, also those that are alive."""
        self.close(now=True)
        self._pool = self._new()

    def close(self, *, now: bool) -> None:
        """End the processes."""
        if now:
            # Those that were there before are someone else's.
            for process in set(multiprocessing.active_children()) - self._before:
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _new(self) -> Executor:
        return ProcessPoolExecutor(self.count, self._context, initializer=_prepare)


def _prepare() -> None:
    """Prepare a worker: its parent handles Ctrl-C, and it ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


class Cluster:
    """The workers of a Dask cluster, which need simsched installed in the same version.

    Dask pickles messages, so scheduler, workers and this process can make each other run code. At a
    ``tls://`` address they authenticate with certificates, which Dask's own settings name.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise InputError(
                "a cluster needs distributed; install simsched with it: pip install "
                "'simsched[cluster]'"
            ) from None
        _check_address(address)
        connect: Any = Client  # it carries no types
        try:
            security = _security(address)
            self._client = connect(
                address, timeout=CLUSTER_S, set_as_default=False, security=security
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(f"no Dask scheduler answers at {address}: {error}") from None
        # A cluster replaces workers by itself, so it also repeats what was lost with one.
        self._executor = self._client.get_executor(pure=False, retries=3)

    @property
    def count(self) -> int:
        """How many tasks the cluster can run at the same time now."""
        threads: list[int] = list(self._client.nthreads().values())
        return max(1, sum(threads))

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a worker of the cluster do *work*; if it dies, another one."""
        future: Future[Any] = self._executor.submit(work, *arguments)
        return future

    def restart(self) -> None:
        """Do nothing: the cluster replaces its workers itself."""

    def close(self, *, now: bool) -> None:
        """Disconnect, ``now`` or after the current tasks."""
        self._executor.shutdown(wait=not now)
        self._client.close()


def _security(address: str) -> Any:
    """Return the certificates to connect to *address*, from Dask's settings.

    Raises:
        InputError: it needs certificates, and there are none, or they cannot be read.
    """
    from distributed.security import Security

    security: Any = Security()  # type: ignore[no-untyped-call]  # it carries no types
    if not address.startswith("tls://"):
        return security
    settings = (
        f"set {_TLS}CA_FILE, {_TLS}CLIENT__CERT and {_TLS}CLIENT__KEY in the environment, or the "
        "same in Dask's configuration"
    )
    try:
        is_known = security.get_connection_args("client").get("ssl_context") is not None
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"the certificates for {address}: {reason}; {settings}") from None
    if not is_known:
        raise InputError(f"{address} needs certificates; {settings}")
    return security


def _check_address(address: str) -> None:
    """Check *address* before a client is made: one that fails halfway is hard to close.

    Raises:
        InputError: it has no port, or a scheme that Dask does not know.
    """
    from distributed.comm.addressing import get_address_host_port

    if address.startswith("inproc://"):  # it has neither host nor port
        return
    parse: Any = get_address_host_port  # it carries no types
    try:
        _, port = parse(address)
    except ValueError as error:
        raise InputError(
            f"{address!r} is no address of a Dask scheduler: {error}; write one such as "
            "tcp://127.0.0.1:8786"
        ) from None
    if not 0 < port <= _HIGHEST_PORT:
        raise InputError(f"{address}: port {port} is out of range; the most is {_HIGHEST_PORT}")
