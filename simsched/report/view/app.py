"""The web application: it reads one folder, answers this host alone, and changes nothing."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simsched.errors import SimschedError
from simsched.report.view import pages
from simsched.report.view.runs import find
from simsched.statistics.wording import counted

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost")
"""The only names under which a browser may ask; others are refused, so that no page of another
site can read the reports by a name that it points at this machine."""

LONGEST_URL = 2000
"""Longer paths and queries are refused before anything looks at them."""

LARGEST_HEAD = 16 * 1024
"""Requests with more bytes of headers are refused."""

_NOT_THERE = "there is nothing at this address in the folder of reports"

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


def application(root: Path) -> Starlette:
    """Return the application that shows the reports folder *root*."""

    def index(request: Request) -> Response:  # noqa: ARG001  # every endpoint is given one
        return HTMLResponse(pages.index(root))

    def compare(request: Request) -> Response:
        first, second = (_run(root, path) for path in _two(request))
        return HTMLResponse(pages.comparison(first, second))

    return Starlette(
        routes=[
            Route("/", index, methods=["GET"]),
            Route("/compare", compare, methods=["GET"]),
            Mount("/runs", StaticFiles(directory=root, follow_symlink=False)),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS)),
            Middleware(_Guard),
        ],
        exception_handlers={HTTPException: _refused, SimschedError: _failed},
    )


def _two(request: Request) -> tuple[str, str]:
    """Return the two runs that are asked for, the older first."""
    asked = request.query_params.getlist("run")
    if len(asked) != 2:  # noqa: PLR2004
        verb = "is" if len(asked) == 1 else "are"
        told = f"{counted(len(asked), 'run')} {verb} ticked; tick two to compare them"
        raise HTTPException(400, told)
    one, other = sorted(asked, key=lambda path: path.rpartition("/")[2])
    return one, other


def _run(root: Path, path: str) -> Path:
    found = find(root, path)
    if found is None:
        raise HTTPException(404, "there is no such run")
    return found


def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    phrase = HTTPStatus(status).phrase
    said = _NOT_THERE if detail == HTTPStatus.NOT_FOUND.phrase else detail
    return HTMLResponse(pages.message(f"{status} {phrase}", said), status)


def _failed(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return HTMLResponse(pages.message("This cannot be shown", str(error)), 422)


class _Guard:
    """Refuses what does not only read, and long addresses; adds the headers that browsers heed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(k.encode(), v.encode()) for k, v in _HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        refusal = _refusal(scope)
        app = self._app if refusal is None else refusal
        await app(scope, receive, guarded)


def _refusal(scope: Scope) -> Response | None:
    if scope["method"] not in {"GET", "HEAD"}:
        return HTMLResponse(
            pages.message("405 Method Not Allowed", "the reports can only be read"), 405
        )
    if len(scope["path"]) + len(scope["query_string"]) > LONGEST_URL:
        return HTMLResponse(pages.message("414 URI Too Long", "the address is too long"), 414)
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
        return HTMLResponse(pages.message("431 Request Too Large", "the request is too large"), 431)
    return None
