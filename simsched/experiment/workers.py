"""Who does the work: this process, several of this machine, or a Dask cluster.

Each is an executor of :mod:`concurrent.futures`, and can be begun anew when its workers died.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
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

    They are started from scratch, so that nothing of this process comes along: no locks of a
    compiled engine, no signal handlers. They talk through pipes only, because a killed process
    leaves the folder of a socket behind, as a server to fork from needs one. They end with this
    process, however that ends.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._context = multiprocessing.get_context("spawn")
        _start_tracker()
        self._before = set(multiprocessing.active_children())
        self._pool: Executor = self._new()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a process do *work*.

        Raises:
            BrokenExecutor: processes have died.
        """
        try:
            with _undisturbed():  # a half-started process would be forgotten
                return self._pool.submit(work, *arguments)
        except ConnectionError as error:  # it died before it had read what to do
            raise BrokenExecutor("a process died while it was started") from error

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


def _start_tracker() -> None:
    """Start what removes the semaphores of a killed process, where the system has one.

    Starting it unblocks Ctrl-C, so it must run before processes are started with that blocked.
    """
    if sys.platform != "win32":
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Defer Ctrl-C to the end of this block; processes that are started in it never see Ctrl-C."""
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    pressed: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: pressed.append((number, frame)))
    try:
        with _blocked():
            yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if pressed:
            usual(*pressed[0])


@contextmanager
def _blocked() -> Iterator[None]:
    """Block Ctrl-C in this thread, and in the processes that it starts, which inherit that."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Make this worker ready: Ctrl-C is for its parent to handle, whose end is its own."""
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
