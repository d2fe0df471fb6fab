"""The folder of reports in a browser: an index of runs, their pages, and two of them compared."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from simsched.errors import InputError

if TYPE_CHECKING:
    from simsched.report.play.source import Source

HOST = "127.0.0.1"
"""This machine alone can reach the server."""

_MOST_AT_ONCE = 64


def serve(
    root: Path,
    port: int | None = None,
    *,
    open_browser: bool = True,
    announce: Callable[[str], None] = print,
    scenario: Source | None = None,
) -> None:
    """Serve the reports folder *root* on this machine until Ctrl-C.

    Args:
        root: the folder.
        port: to listen on; by default a free one.
        open_browser: whether to open the index in the user's browser.
        announce: called with the address once the server answers.
        scenario: what to play with; then its page is opened, and *root* need not be there yet.

    Raises:
        InputError: *root* is not a folder, or the port is taken.
    """
    if not root.is_dir() and scenario is None:
        raise InputError(f"{root}: not a folder; name the folder of reports, or run a scenario")
    import uvicorn

    from simsched.report.play.app import Play
    from simsched.report.view.app import LARGEST_HEAD, application
    from simsched.report.view.runs import source_of

    root = root.resolve()
    saved = Path(scenario.directory) if scenario else Path.cwd()
    play = Play(lambda of: source_of(root, of) if of else scenario, root, saved)
    with _listening(port) as listener, closing(play.desk):
        address = f"http://{HOST}:{listener.getsockname()[1]}/{'play' if scenario else ''}"
        config = uvicorn.Config(
            application(root, play),
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="off",
            http="h11",
            h11_max_incomplete_event_size=LARGEST_HEAD,
            limit_concurrency=_MOST_AT_ONCE,
            timeout_graceful_shutdown=1,
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
