"""``docs/outputs.md`` names every file, column and key that there is, and no other."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import simsched

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = simsched.run(ROOT / "scenarios" / "lecture.yaml")
    return simsched.write(result, tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="module")
def with_resources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that leaves every file that there can be."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "runs.csv").write_text("arrival_s\n0\n0.1\n", encoding="utf-8")
    scenario = simsched.load(
        ROOT / "scenarios" / "deadlock.yaml",
        [
            "workload={recorded: {trace: {file: %s, arrival: arrival_s}}}" % (folder / "runs.csv"),
            "services={stock: {model: serial}}",
        ],
    )
    result = replace(simsched.run(scenario), took_s=1)
    return simsched.write(result, tmp_path_factory.mktemp("reports"))


def named(section: str) -> list[str]:
    """Return the names in the first column of a section's table."""
    text = PAGE.split(f"{section}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]*`) \|", text, re.M)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_every_file_is_documented(folder, with_resources):
    files = named("# What a run leaves behind")
    assert sorted(files) == sorted(path.name for path in with_resources.iterdir())
    assert not (folder / "resources.parquet").exists()


@pytest.mark.parametrize(
    "name", ["requests.parquet", "segments.parquet", "resources.parquet", "calls.parquet"]
)
def test_every_column_is_documented_in_its_order(with_resources, name):
    assert named(f"## {name}") == pq.read_schema(with_resources / name).names


def test_every_key_that_every_summary_has_is_documented(folder):
    document = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert set(named("## summary.json")) <= set(document)
    undocumented = {*document} - {*named("## summary.json")}
    pages = [ROOT / "docs" / name for name in ("metrics.md", "statistics.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert [key for key in undocumented if f"`{key}`" not in text] == []


def test_the_columns_of_the_csv_are_documented(folder):
    header = (folder / "summary.csv").read_text(encoding="utf-8").splitlines()[0]
    section = PAGE.split("## summary.csv\n")[1].split("\n## ")[0]
    assert re.findall(r"`([a-z]+)`", section)[:5] == header.split(",")
