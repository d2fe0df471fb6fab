"""Where a page takes plotly.js from, and what scripts its policy lets run."""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from typing import Never

from simsched.errors import InputError

SHARED_FILE = "plotly.min.js"
"""What the library is called in the folder of reports, two folders above each page."""


class PlotlyJs(StrEnum):
    """Where a page takes plotly.js from."""

    INLINE = "inline"
    """from itself: it works anywhere, offline, and is 5 MB larger"""
    CDN = "cdn"
    """from plotly's server"""
    DIRECTORY = "directory"
    """from one file in the folder of reports, which all pages share"""

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError(f"plotlyjs is one of {', '.join(cls)}, not {value!r}")


def source() -> str:
    """Return plotly.js."""
    from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]  # it carries no types

    text: str = get_plotlyjs()
    return text


def address(kind: PlotlyJs) -> str:
    """Return the address of plotly.js for a page that does not hold it."""
    from plotly.offline import get_plotlyjs_version

    if kind is PlotlyJs.CDN:
        return f"https://cdn.plot.ly/plotly-{get_plotlyjs_version()}.min.js"
    return f"../../{SHARED_FILE}"


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
