"""What the page asks for: the page itself, pictures of changed scenarios, files and reports."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from simsched.errors import InputError, ScenarioError, SimschedError
from simsched.experiment.untrusted import DamagedError, from_json
from simsched.report.folders import replace_file
from simsched.report.html.figure import embed
from simsched.report.html.templates import environment, fingerprint, script
from simsched.report.html.templates import source as plotly
from simsched.report.play.desk import Desk
from simsched.report.play.edits import Edit, edited
from simsched.report.play.source import Source
from simsched.report.play.worker import Job
from simsched.report.text import clean
from simsched.scenario.dumping import dump

LARGEST_BODY = 256 * 1024
"""Requests with more bytes than this are refused."""

TOKEN = "x-simsched-token"  # noqa: S105  the name of a header
"""The header that proves that a request comes from a page of this server."""

_LOOK_S = 0.5
"""How often, in seconds, it is looked whether the page that waits is still there."""

_FILE = re.compile(r"[\w][\w .-]{0,99}")


class _Ask(BaseModel):
    """What every request of the page says: which scenario it is about, and its changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: Annotated[str, Field(max_length=2000)] = ""
    changes: Annotated[
        tuple[Annotated[str, Field(max_length=20_000)], ...], Field(max_length=500)
    ] = ()


A = TypeVar("A", bound=_Ask)


class _Simulate(_Ask):
    client: Annotated[str, Field(min_length=1, max_length=64)]
    full: bool = True
    sight: Annotated[tuple[str, ...], Field(max_length=20)] = ()


class _Report(_Ask):
    client: Annotated[str, Field(min_length=1, max_length=64)]


class _EditOf(_Ask):
    edit: Edit
    server: Annotated[str, Field(max_length=500)]
    to: Annotated[str, Field(max_length=500)] = ""


class _Save(_Ask):
    name: Annotated[str, Field(max_length=200)]
    replace: bool = False


_Answer = Callable[[Request, bytes], Awaitable[Response]]


@dataclass
class Play:
    """The part of the application that simulates.

    Attributes:
        find: returns the scenario of a run, by its folder; None where there is none.
        reports: the folder that reports are written in.
        scenarios: the folder that scenarios are saved in.
        desk: what simulates; its processes start with the first request.
        token: what every request has to prove that it comes from a page of this server.
    """

    find: Callable[[str], Source | None]
    reports: Path
    scenarios: Path
    desk: Desk = field(default_factory=Desk)
    token: str = field(default_factory=secrets.token_urlsafe)

    def routes(self) -> list[Route]:
        """Return what the page asks for, below ``/play``."""
        answers: dict[str, _Answer] = {
            "simulate": self._simulate,
            "edit": self._edit,
            "save": self._save,
            "report": self._report,
        }
        return [
            Route("/play", self._page, methods=["GET"]),
            *(
                Route(f"/play/{name}", self._guarded(answer), methods=["POST"])
                for name, answer in answers.items()
            ),
        ]

    def _page(self, request: Request) -> Response:
        of = request.url.query
        source = self._source(of)
        return _html(source, {"token": self.token, "of": of, "file": source.name})

    def _source(self, of: str) -> Source:
        """Return the scenario of a page, by the query of its address: a run, and what is set."""
        asked = parse_qs(of)
        found = self.find(asked.get("run", [""])[0])
        if found is None:
            raise HTTPException(404, "there is no such scenario")
        return replace(found, given=(*found.given, *asked.get("set", ())))

    def _guarded(self, answer: _Answer) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint that answers requests of a page of this server alone."""

        async def endpoint(request: Request) -> Response:
            self._check(request)
            try:
                return await answer(request, await _body(request))
            except ScenarioError as error:
                faults = [{"path": each.path, "message": each.message} for each in error.faults]
                return JSONResponse({"faults": faults}, 422)
            except SimschedError as error:
                return JSONResponse({"faults": [{"path": "", "message": str(error)}]}, 422)

        return endpoint

    def _check(self, request: Request) -> None:
        """Refuse what no page of this server sent."""
        origin = request.headers.get("origin")
        is_ours = origin is not None and urlsplit(origin).netloc == request.headers.get("host")
        if not is_ours or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise HTTPException(403, "only a page of this server may ask for this")
        if not secrets.compare_digest(request.headers.get(TOKEN, "").encode(), self.token.encode()):
            raise HTTPException(403, "this page is of an earlier server; load it again")
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise HTTPException(415, "the request is JSON")

    async def _simulate(self, request: Request, body: bytes) -> Response:
        ask = _read(_Simulate, body)
        job = Job(self._source(ask.of), ask.changes, ask.full, ask.sight)
        return await self._answer(request, ask.client, job)

    async def _report(self, request: Request, body: bytes) -> Response:
        ask = _read(_Report, body)
        job = Job(self._source(ask.of), ask.changes, reports=str(self.reports))
        return await self._answer(request, f"report {ask.client}", job)

    async def _answer(self, request: Request, client: str, job: Job) -> Response:
        """Return the answer to *job*, which is stopped if the page is closed."""
        future = self.desk.submit(client, job)
        answer = asyncio.wrap_future(future)
        while not (await asyncio.wait({answer}, timeout=_LOOK_S))[0]:
            if await request.is_disconnected():
                self.desk.stop(future)
        return Response(answer.result(), media_type="application/json")

    async def _edit(self, _: Request, body: bytes) -> Response:
        ask = _read(_EditOf, body)
        changes = edited(self._source(ask.of), ask.changes, ask.edit, ask.server, ask.to)
        return JSONResponse({"changes": changes})

    async def _save(self, _: Request, body: bytes) -> Response:
        ask = _read(_Save, body)
        name = ask.name.removesuffix(".yaml")
        if not _FILE.fullmatch(name) or name.endswith((" ", ".")):
            needed = "letters, digits, spaces, dots and hyphens"
            raise InputError(f"{clean(name)} is no name for a file here; use {needed}")
        path = self.scenarios / f"{name}.yaml"
        text = dump(self._source(ask.of).scenario(ask.changes))
        try:
            if ask.replace and path.is_file() and not path.is_symlink():
                replace_file(path, text)
            else:
                with path.open("x", encoding="utf-8") as file:
                    file.write(text)
        except FileExistsError:
            return JSONResponse({"exists": path.name})
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None
        return JSONResponse({"saved": str(path)})


async def _body(request: Request) -> bytes:
    found = bytearray()
    try:
        async for part in request.stream():
            found += part
            if len(found) > LARGEST_BODY:
                raise HTTPException(413, "the request is too large")
    except ClientDisconnect:
        raise HTTPException(400, "the request broke off") from None
    return bytes(found)


def _read(kind: type[A], body: bytes) -> A:
    try:
        return from_json(kind, body)
    except DamagedError as error:
        raise HTTPException(400, str(error)) from None


def _html(source: Source, data: dict[str, Any]) -> Response:
    templates = environment()
    drawing, library = script("play"), plotly()
    scenario = source.scenario()
    page = templates.get_template("play.html.j2").render(
        title=clean(scenario.name),
        description=scenario.description,
        data=Markup(embed(data | {"figures": {}})),  # noqa: S704  # escaped by embed
        plotlyjs=Markup(library),  # noqa: S704  # the library's own script
        drawing=Markup(drawing),  # noqa: S704  # a file of this package
    )
    policy = (
        f"default-src 'none'; script-src '{fingerprint(drawing)}' '{fingerprint(library)}'; "
        "style-src 'unsafe-inline'; img-src data: blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(page, headers={"content-security-policy": policy})
