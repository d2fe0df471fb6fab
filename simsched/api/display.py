"""How results are shown: completed by name, as a table, and as figures of the report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from simsched.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go  # type: ignore[import-untyped]  # it carries no types

    from simsched.report.html.figure import Figure


class Shown:
    """A result in a notebook: Tab completes what is documented, and a cell shows its table."""

    _names: ClassVar[tuple[str, ...]]
    """What programs may use, first the data frame that a notebook shows."""

    def __dir__(self) -> list[str]:
        """Return what programs may use; what the stages before need is not for them."""
        return [*(name for name in super().__dir__() if name.startswith("_")), *self._names]

    def _repr_html_(self) -> str:
        frame: pd.DataFrame = getattr(self, self._names[0])
        html: str = frame.to_html(float_format="{:.4g}".format, na_rep="", max_rows=60)
        return html


def plot(figures: Iterable[Figure], name: str | None, view: str | None) -> go.Figure:
    """Return the figure called *name*, or the first, as Plotly's, with its title."""
    import plotly.graph_objects as go

    known = {_words(each.id): each for each in figures}
    found = next(iter(known.values()), None) if name is None else known.get(_words(name))
    if found is None:
        raise InputError(f"there is no figure {name!r} here; there is {_listed(known)}")
    views = {each.name: each for each in found.views}
    if view is not None and view not in views:
        raise InputError(f"{name} has no view {view!r}; it has {_listed(views)}")
    shown = found.views[0] if view is None else views[view]
    title: dict[str, Any] = {"title": {"text": found.title}, "margin": {"t": 80}}
    return go.Figure(data=shown.data, layout={**shown.layout, **title})


def _words(name: str) -> str:
    """Return *name* as Python has it, with underscores."""
    return name.replace("-", "_")


def _listed(names: Iterable[str]) -> str:
    from simsched.scenario.file.wording import listed

    return listed(tuple(names))
