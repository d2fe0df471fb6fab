"""Who does the work: this process, several of this machine, or a Dask cluster.

Each is an executor of :mod:`concurrent.futures`, and can be begun anew when its workers died.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

from simsched.errors import InputError

CLUSTER_S = 10
"""How long to wait for a cluster to answer."""

_HIGHEST_PORT = 65535

_TLS = "DASK_DISTRIBUTED__COMM__TLS__"

_PRELOADED = "simsched.experiment.sweep.task"


def cores() -> int:
    """Return how many processes this machine runs side by side, for us."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers(Protocol):
    """An executor that can be begun anew."""

    @property
    def count(self) -> int:
        """How many tasks are done side by side."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have *work* done on *arguments*."""

    def restart(self) -> None:
        """Begin anew: workers died, and what they had to do is lost."""

    def close(self, *, now: bool) -> None:
        """Let go of the workers, ``now`` or when they have done what they do."""


class Here:
    """This process itself: what is submitted is done at once."""

    count = 1

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do *work* and return what came of it."""
        future: Future[Any] = Future()
        future.set_result(work(*arguments))
        return future

    def restart(self) -> None:
        """Do nothing: a process that has died does not come back."""

    def close(self, *, now: bool) -> None:
        """Do nothing."""


class Processes:
    """Processes of this machine.

    They are forked from a server that has read the code and runs no threads (where there is none
    they are started from scratch), so that nothing of this process comes along: no locks of a
    compiled engine, no handlers of signals. They end with this process, however that ends.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._context = multiprocessing.get_context(_start_method())
        if _start_method() == "forkserver":
            self._context.set_forkserver_preload([_PRELOADED])
            _start_server()
        self._before = set(multiprocessing.active_children())
        self._pool: Executor = self._new()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a process do *work*.

        Raises:
            BrokenExecutor: processes, or the server that they are forked from, have died.
        """
        try:
            with _undisturbed():  # a process that is half begun would be forgotten
                return self._pool.submit(work, *arguments)
        except (EOFError, ConnectionError) as error:
            raise BrokenExecutor("no process can be begun") from error

    def restart(self) -> None:
        """Begin with new processes; those that live are ended."""
        self.close(now=True)
        self._pool = self._new()

    def close(self, *, now: bool) -> None:
        """Let the processes end."""
        if now:
            for process in set(multiprocessing.active_children()) - self._before:
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _new(self) -> Executor:
        return ProcessPoolExecutor(self.count, self._context, initializer=_begin)


def _start_method() -> str:
    known = multiprocessing.get_all_start_methods()
    return "forkserver" if "forkserver" in known else "spawn"


def _start_server() -> None:
    """Start the server that processes are forked from; Ctrl-C is for this process alone to heed."""
    from multiprocessing import forkserver, resource_tracker

    resource_tracker.ensure_running()  # or the server starts it, and unblocks what is blocked here
    with _undisturbed():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # the server inherits it
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Have Ctrl-C wait for the end of this block, where this thread is the one that heeds it."""
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    pressed: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: pressed.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if pressed:
            usual(*pressed[0])


def _begin() -> None:
    """Make this worker ready: Ctrl-C is for its parent to heed, whose end is its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Cluster:
    """The workers of a Dask cluster, which need simsched installed in the same version.

    Dask pickles what it sends: scheduler, workers and this process can have each other run code. At
    a ``tls://`` address they prove by certificates, which Dask's own settings name, who they are.
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
        self._executor = self._client.get_executor(pure=False, retries=3)

    @property
    def count(self) -> int:
        """How many tasks the cluster does side by side, at the moment."""
        threads: list[int] = list(self._client.nthreads().values())
        return max(1, sum(threads))

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a worker of the cluster do *work*; another one, if it dies."""
        future: Future[Any] = self._executor.submit(work, *arguments)
        return future

    def restart(self) -> None:
        """Do nothing: the cluster sees to its workers."""

    def close(self, *, now: bool) -> None:
        """Leave the cluster, and forget ``now`` what was asked of it."""
        self._executor.shutdown(wait=not now)
        self._client.close()


def _security(address: str) -> Any:
    """Return the certificates by which to connect to *address*, as Dask's settings name them.

    Raises:
        InputError: it needs some, and there are none, or they cannot be read.
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
    """Refuse an *address* that is none: a client of it would be half made, and hard to end.

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
