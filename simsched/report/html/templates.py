"""What all pages share: templates, scripts, the plotly.js library, and text made safe."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Never

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from simsched import __version__, cache_folder
from simsched.errors import InputError
from simsched.report.html.figure import Figure, embed
from simsched.report.text import clean
from simsched.scenario.file.wording import counted

SHARED_FILE = "plotly.min.js"
"""What the library is called in the folder of reports, two folders above each page."""


class PlotlyJs(StrEnum):
    """Where a page takes plotly.js from."""

    INLINE = "inline"
    """from itself: it works anywhere, offline, and is 1.5 MB larger"""
    CDN = "cdn"
    """from plotly's server"""
    DIRECTORY = "directory"
    """from one file in the folder of reports, which all pages share"""

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError(f"plotlyjs is one of {', '.join(cls)}, not {value!r}")


_LIBRARY = "plotly-cartesian.min.js"


@cache
def source() -> str:
    """Return plotly.js: its bundle for Cartesian axes, a third of the whole."""
    return files("simsched.report.vendor").joinpath(_LIBRARY).read_text(encoding="utf-8")


def address(kind: PlotlyJs) -> str:
    """Return the address of plotly.js for a page that does not hold it."""
    if kind is PlotlyJs.DIRECTORY:
        return f"../../{SHARED_FILE}"
    (version,) = re.findall(r"^\* plotly.js \(cartesian - minified\) v(\S+)$", source(), re.M)
    return f"https://cdn.plot.ly/plotly-cartesian-{version}.min.js"


def fingerprint(script: str) -> str:
    """Return the SHA-256 of *script* as browsers compare it."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def policy(*scripts: str) -> str:
    """Return a Content-Security-Policy: nothing is loaded, and only *scripts* run."""
    allowed = " ".join(f"'{fingerprint(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
    )


_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
_WORDS = re.compile(rf"{_LETTER}+(?:\s+{_LETTER}+)*")


def isolated(text: str) -> Markup:
    """Return *text* escaped for a page, with its right-to-left words kept to themselves.

    A number stays on one line with its per cent. Marks that turn the direction are left out.

    A number or another name next to such a word would else change places with it (Unicode Standard
    Annex 9, "Unicode Bidirectional Algorithm", rules X5c and N1; HTML's ``bdi`` is an isolate).
    """
    escaped = str(escape(clean(text) if text else "")).replace(" %", "\u00a0%")
    found = _WORDS.sub(lambda words: f"<bdi>{words[0]}</bdi>", escaped)
    return Markup(found)  # noqa: S704  # escaped above; the letters of the words need no escape


def unbroken(figure: str) -> str:
    """Return *figure* so that no line breaks before its unit or within its interval."""
    return re.sub(r"(?<=\d) (?=[^\d±[])|(?<=[±,]) ", "\u00a0", figure)


_HEADING = re.compile(r'<h2 id="([^"]+)"><a href="[^"]+">(.*?)</a></h2>')


def headings(body: str) -> list[tuple[str, Markup]]:
    """Return the headings in *body*, part of a page: the id of each, and its text."""
    return [(at, Markup(text)) for at, text in _HEADING.findall(body)]  # noqa: S704  # of the page


_MADE_BY = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
"""What compiled templates follow from, beside their text and Jinja: the options below."""


class _Kept(FileSystemBytecodeCache):
    """Compiled templates on disk: compiling takes longer than filling in a small page."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the code of a template to disk, whole or not at all."""
        with suppress(OSError):  # the disk is full: it will be compiled again
            super().dump_bytecode(bucket)


def environment() -> Environment:
    """Return the templates of this package; every value in them is escaped."""
    folder = cache_folder.closed(f"templates-{_MADE_BY}")
    found = Environment(
        loader=PackageLoader("simsched.report"),
        bytecode_cache=None if folder is None else _Kept(str(folder)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["isolated"] = isolated
    found.filters["unbroken"] = unbroken
    found.filters["counted"] = counted
    found.filters["headings"] = headings
    return found


_MARGIN = re.compile(r"^ *(?://|/?\*).*\n|^ +|^\n", re.MULTILINE)


def script(name: str) -> str:
    """Return a script of the pages, without the comments and margins that its readers need."""
    return _MARGIN.sub("", environment().get_template(f"{name}.js").render())


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the pages of a run, a sweep and a search have in common, from top to bottom.

    Attributes:
        title: the name of what was simulated.
        meta: what is said below the title.
        descriptions: what the scenarios are about.
        changed: of two runs that are compared, what differs in their scenarios.
        headlines: the sentences of the verdict.
        details: more sentences, in smaller print.
        notes: how the figures came about.
        warnings: what leaves them in doubt.
        made_with: the versions, and what else it takes to repeat it.
        took: how long simulating took, in a sentence.
        place: where ``command`` repeats it.
        command: repeats it.
        links: the files beside the page.
        sources: the texts of the simulated files, by name.
    """

    title: str
    meta: Sequence[str]
    descriptions: Sequence[str] = ()
    changed: Sequence[str] = ()
    headlines: Sequence[str]
    details: Sequence[str] = ()
    notes: Sequence[str] = ()
    warnings: Sequence[str] = ()
    made_with: str = f"simsched {__version__}"
    took: str = ""
    place: str = "In the folder of this page:"
    command: str
    links: Sequence[str] = ()
    sources: Mapping[str, str]


def render(
    name: str, page: Page, data: Mapping[str, object], plotlyjs: PlotlyJs, **parts: object
) -> str:
    """Return *page* as one document with all it needs, always the same bytes.

    *name* is that of the template with the rest of the page, which gets *parts*; the script gets
    *data*; *plotlyjs* says where the library comes from.
    """
    templates = environment()
    drawing = script("sweep" if name == "sweep" else "report")
    return templates.get_template(f"{name}.html.j2").render(
        page=page,
        data=Markup(embed(data)),  # noqa: S704  # escaped by embed
        version=__version__,
        **_scripts(plotlyjs, drawing),
        **parts,
    )


def views_of(figures: Iterable[Figure]) -> dict[str, object]:
    """Return what the script draws of each figure, by its id."""
    return {figure.id: [vars(view) for view in figure.views] for figure in figures}


def _scripts(plotlyjs: PlotlyJs, drawing: str) -> dict[str, Any]:
    """Return the scripts of a page by their names in the template, and the page's policy.

    *drawing* is the text of our own, and *plotlyjs* says where the library comes from.
    """
    # The library is shown by its own fingerprint: the page then runs that version or none.
    inline = plotlyjs is PlotlyJs.INLINE
    library = source()
    return {
        "drawing": Markup(drawing),  # noqa: S704  # a file of this package
        "plotlyjs": Markup(library) if inline else "",  # noqa: S704  # the library's own script
        "policy": policy(library, drawing) if inline else "",
        "address": "" if inline else address(plotlyjs),
        "integrity": "" if inline else fingerprint(library),
    }
