"""The page on the design names files that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`([a-z_/]+(?:\.py|/))`")


def paths_of(row: str) -> list[Path]:
    """Return the files of a row of the table; a bare name is in the folder of the one before."""
    found: list[Path] = []
    for name in NAMED.findall(row):
        bare = name.count("/") - name.endswith("/") == 0 and found
        folder = found[-1] if bare and found[-1].is_dir() else found[-1].parent if bare else None
        found.append((folder or ROOT / "simsched") / name)
    return found


def test_the_files_that_the_design_names_are_there():
    text = (ROOT / "docs" / "design.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
    paths = [path for row in rows for path in paths_of(row)]
    assert len(paths) > 30
    assert [str(path) for path in paths if not path.exists()] == []
