"""What the server answers with, besides the files of a run."""

from __future__ import annotations

from pathlib import Path

from simsched.report import html
from simsched.report.html.templates import environment, fingerprint
from simsched.report.matching import command, join
from simsched.report.stored import read
from simsched.report.text import clean
from simsched.report.view.runs import runs


def index(root: Path) -> tuple[str, str]:
    """Return the page that lists the runs in *root*, and the fingerprint of its script."""
    from markupsafe import Markup

    templates = environment()
    script = templates.get_template("index.js").render()
    page = templates.get_template("index.html.j2").render(
        runs=runs(root),
        root=clean(str(root)),
        script=Markup(script),  # noqa: S704  # a file of this package
    )
    return page, fingerprint(script)


def comparison(first: Path, second: Path) -> str:
    """Return the page that holds the run in *second* against the one in *first*.

    Raises:
        InputError: one of them cannot be read, or they cannot be compared.
    """
    joined = join(read(first), read(second))
    again = command(first, second)
    return html.render(joined.result, joined.scenario_texts, links=(), command=again)


def message(title: str, text: str) -> str:
    """Return a page that says *text*."""
    return environment().get_template("message.html.j2").render(title=title, text=text)
