"""The folder of reports in a browser: an index of runs, their pages, and two of them compared."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

from simsched.errors import InputError

HOST = "127.0.0.1"
"""This machine alone can reach the server."""

_MOST_AT_ONCE = 64


def serve(
    root: Path,
    port: int | None = None,
    *,
    open_browser: bool = True,
    announce: Callable[[str], None] = print,
) -> None:
    """Serve the reports folder *root* on this machine until Ctrl-C.

    Args:
        root: the folder.
        port: to listen on; by default a free one.
        open_browser: whether to open the index in the user's browser.
        announce: called with the address once the server answers.

    Raises:
        InputError: *root* is not a folder, or the port is taken.
    """
    if not root.is_dir():
        raise InputError(f"{root}: not a folder; name the folder of reports, or run a scenario")
    import uvicorn

    from simsched.report.view.app import LARGEST_HEAD, application

    with _listening(port) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}/"
        config = uvicorn.Config(
            application(root.resolve()),
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="off",
            http="h11",
            h11_max_incomplete_event_size=LARGEST_HEAD,
            limit_concurrency=_MOST_AT_ONCE,
        )
        announce(address)
        if open_browser:
            threading.Timer(0.5, webbrowser.open, [address]).start()
        uvicorn.Server(config).run(sockets=[listener])


def _listening(port: int | None) -> socket.socket:
    """Return a socket that listens on *port*, or on a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port or 0))
        listener.listen()
    except OSError as error:
        listener.close()
        raise InputError(f"port {port}: {error.strerror}; choose another with --port") from None
    return listener
