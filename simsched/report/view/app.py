"""The web application: it shows one folder to this host alone, and plays with scenarios."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simsched.errors import SimschedError
from simsched.report import html
from simsched.report.html.templates import environment, fingerprint, script
from simsched.report.stored import command, join, read
from simsched.report.text import clean
from simsched.report.view.runs import find, groups, is_run, latest
from simsched.statistics.words.numbers import counted

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from simsched.report.play.app import Play

HOSTS = ("127.0.0.1", "localhost")
"""The only names under which a browser may ask; others are refused, so that no page of another
site can read the reports by a name that it points at this machine."""

LONGEST_URL = 2000
"""Longer paths and queries are refused before anything looks at them."""

LARGEST_HEAD = 16 * 1024
"""Requests with more bytes of headers are refused."""

_LARGEST_PAGE = 50_000_000
"""A page of more bytes than this is shown without a link to play with its scenario."""

_NOT_THERE = "there is nothing at this address in the folder of reports"

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "content-security-policy": _POLICY,
}
"""What every answer has, unless it brings its own."""

_OF_REPORTS = {
    # Reports of all versions are shown, so their scripts are not known by their fingerprints; most
    # pages name those of their own in a stricter policy, which then holds as well.
    "content-security-policy": (
        "default-src 'none'; script-src 'self' 'unsafe-inline' https://cdn.plot.ly; "
        "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
"""Headers of answers that contain a report: its scripts run, and nothing else is loaded."""


def application(root: Path, play: Play | None = None) -> ASGIApp:
    """Return the application that shows the reports folder *root*, and the page to *play* with."""

    def index(request: Request) -> Response:  # noqa: ARG001  # every endpoint is given one
        page, script = index_page(root, plays=play is not None)
        policy = f"{_POLICY}; script-src '{script}'"
        return HTMLResponse(page, headers={"content-security-policy": policy})

    def compare(request: Request) -> Response:
        first, second = (_run(root, path) for path in _two(request))
        return HTMLResponse(_comparison(first, second), headers=_OF_REPORTS)

    def newest(request: Request) -> Response:
        run = latest(root, request.path_params["folder"])
        if run is None:
            raise HTTPException(404, "there is no such run")
        return RedirectResponse(f"/runs/{quote(run.path)}/report.html")

    app = Starlette(
        routes=[
            Route("/", index, methods=["GET"]),
            Route("/compare", compare, methods=["GET"]),
            Route("/latest/{folder}", newest, methods=["GET"]),
            *(play.routes() if play else ()),
            Mount("/runs", _Files(directory=root, check_dir=False, follow_symlink=False)),
        ],
        exception_handlers={HTTPException: _refused, SimschedError: _failed, Exception: _broken},
    )
    hosts = TrustedHostMiddleware(app, allowed_hosts=list(HOSTS), www_redirect=False)
    # Outside of all else, so that whatever answers has the headers, errors included.
    return _Guard(hosts)


def index_page(root: Path, *, plays: bool = False) -> tuple[str, str]:
    """Return the page that lists the runs in *root*, and the fingerprint of its script.

    Where the application *plays* with scenarios, each run of one has a link to that.
    """
    work = script("index")
    page = (
        environment()
        .get_template("index.html.j2")
        .render(
            groups=groups(root),
            plays=plays,
            root=clean(str(root)),
            script=Markup(work),  # noqa: S704  # a file of this package
        )
    )
    return page, fingerprint(work)


def _comparison(first: Path, second: Path) -> str:
    """Return the page that compares the run in *second* with the one in *first*."""
    joined = join(read(first), read(second))
    again = command(first, second)
    page = html.render(joined.result, joined.scenario_texts, links=(), command=again)
    return _with_links(page, "")


class _Files(StaticFiles):
    """The files of the runs."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except (OSError, ValueError):  # no file can have such a name
            raise HTTPException(404) from None
        if isinstance(response, FileResponse) and (shown := self._linked(path)) is not None:
            response = HTMLResponse(shown)
        response.headers.update(_OF_REPORTS)
        return response

    def _linked(self, path: str) -> str | None:
        """Return the page of a run with links to what is served beside it; None for other files."""
        folder, _, name = path.rpartition("/")
        root = Path(str(self.directory))
        if name != "report.html" or (root / path).stat().st_size > _LARGEST_PAGE:
            return None
        page = (root / path).read_text(encoding="utf-8", errors="replace")
        return _with_links(page, folder if is_run(root, folder) else "")


def _with_links(page: str, playable: str) -> str:
    """Return *page* with a way back to the index, and one to play with the *playable* run."""
    back = '<a class="back" href="/">All reports</a>'
    play = f' · <a class="play" href="/play?run={quote(playable)}">Try what-ifs</a>'
    links = f'<nav aria-label="Reports"><p>{back}{play if playable else ""}</p></nav>'
    return page.replace("<main>", f"{links}\n<main>", 1)


def _two(request: Request) -> tuple[str, str]:
    """Return the two runs that are asked for, the older first."""
    if others := request.query_params.keys() - {"run"}:
        raise HTTPException(400, f"there is no parameter {min(others)!r}; write run=... twice")
    asked = request.query_params.getlist("run")
    if len(asked) != 2:  # noqa: PLR2004
        verb = "is" if len(asked) == 1 else "are"
        message = f"{counted(len(asked), 'run')} {verb} ticked; tick two to compare them"
        raise HTTPException(400, message)
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
    return _message(f"{status} {phrase}", said, status)


def _failed(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return _message("This cannot be shown", str(error), 422)


def _broken(request: Request, error: Exception) -> Response:  # noqa: ARG001
    name = type(error).__name__
    return _message("500 Internal Server Error", f"simsched failed here, with {name}", 500)


def _message(title: str, text: str, status: int) -> Response:
    # What was asked for may hold half a character, which no encoding can write.
    said = text.encode(errors="backslashreplace").decode()
    return HTMLResponse(
        environment().get_template("message.html.j2").render(title=title, text=said), status
    )


class _Guard:
    """Refuses all methods but reading ones, and long addresses; adds the headers for browsers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = _refusal(scope)
        app = self._app if refusal is None else refusal
        await app(scope, receive, guarded)


def _is_play(scope: Scope) -> bool:
    return bool(scope["method"] == "POST" and scope["path"].startswith("/play/"))


def _refusal(scope: Scope) -> Response | None:
    # What may be posted is checked by the page to play with, which alone takes it.
    if scope["method"] not in {"GET", "HEAD"} and not _is_play(scope):
        refusal = _message("405 Method Not Allowed", "the reports can only be read", 405)
        refusal.headers["allow"] = "GET, HEAD"
        return refusal
    if len(scope["path"]) + len(scope["query_string"]) > LONGEST_URL:
        return _message("414 URI Too Long", "the address is too long", 414)
    if any(character < " " for character in scope["path"]):  # a route would match before "\n"
        return _message("404 Not Found", _NOT_THERE, 404)
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
        return _message("431 Request Too Large", "the request is too large", 431)
    return None
