"""Count the code of each package: lines without blanks, docstrings and comments.

Run it as ``python benchmarks/code_size.py``.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "simsched"
LAYOUT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    tokenize.ENDMARKER,
}


def code_lines(text: str) -> tuple[int, int]:
    """Return how many lines of code a module has, and how many comments."""
    tokens = [*tokenize.generate_tokens(io.StringIO(text).readline)]
    code = {
        line
        for token in tokens
        if token.type not in LAYOUT
        for line in range(token.start[0], token.end[0] + 1)
    }
    comments = sum(token.type == tokenize.COMMENT for token in tokens)
    return len(code - _docstring_lines(ast.parse(text))), comments


def _docstring_lines(tree: ast.Module) -> set[int]:
    """Return the lines of strings that stand alone, as docstrings do."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def main() -> None:
    """Print a row for each package, and their sum."""
    files, code, comments = Counter[str](), Counter[str](), Counter[str]()
    for path in PACKAGE.rglob("*.py"):
        lines, notes = code_lines(path.read_text(encoding="utf-8"))
        for name in (str(path.parent.relative_to(PACKAGE.parent)), "in all"):
            files[name] += 1
            code[name] += lines
            comments[name] += notes
    print(f"{'package':34}{'files':>7}{'code':>8}{'comments':>10}")
    for name in sorted(files, key=lambda each: (each == "in all", each)):
        print(f"{name:34}{files[name]:7,}{code[name]:8,}{comments[name]:10,}")


if __name__ == "__main__":
    main()
