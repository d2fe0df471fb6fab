"""The templates that pages are filled into, and the scripts that stand in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simsched.report.html.bidi import isolated
from simsched.report.html.library import PlotlyJs, address, fingerprint, policy, source
from simsched.scenario.file.wording import counted

if TYPE_CHECKING:
    from jinja2 import Environment


def environment() -> Environment:
    """Return the templates of this package; every value in them is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("simsched.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["isolated"] = isolated
    found.filters["counted"] = counted
    return found


def scripts(plotlyjs: PlotlyJs, drawing: str) -> dict[str, Any]:
    """Return the scripts of a page by their names in the template, and the page's policy.

    *drawing* is the text of our own, and *plotlyjs* says where the library comes from.
    """
    from markupsafe import Markup

    inline = plotlyjs is PlotlyJs.INLINE
    library = source()
    return {
        "drawing": Markup(drawing),  # noqa: S704  # a file of this package
        "plotlyjs": Markup(library) if inline else "",  # noqa: S704  # the library's own script
        "policy": policy(library, drawing) if inline else "",
        "address": "" if inline else address(plotlyjs),
        "integrity": "" if inline else fingerprint(library),
    }
