"""The notebook runs from top to bottom, and shows what its text says."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[2] / "examples" / "notebook.ipynb"


def shown(cell: str, names: dict[str, Any]) -> object:
    """Return the value of the last expression of *cell*, which a notebook shows."""
    tree = ast.parse(cell)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102  this is what the cell is for
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307


def test_the_notebook_runs(monkeypatch):
    monkeypatch.chdir(NOTEBOOK.parent)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}
    code = ["".join(each["source"]) for each in cells if each["cell_type"] == "code"]
    values = [shown(each, names) for each in code]
    assert {"serial": (1, 2, 3), "cooperative": (1, 3, 2)} in values
    assert any("cannot keep up" in each for each in names["result"].warnings)
    assert [type(each).__name__ for each in values].count("Figure") == 2


def test_the_notebook_is_kept_without_output():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(not each.get("outputs") for each in cells)
