"""Every key that a scenario may have is documented, and ``docs/scenario.md`` is the way to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from simsched.scenario import json_schema

DOCS = Path(__file__).parents[2] / "docs"
SCENARIO = (DOCS / "scenario.md").read_text(encoding="utf-8")
PAGES = (
    "scenario.md",
    "workloads.md",
    "distributions.md",
    "model.md",
    "metrics.md",
    "statistics.md",
)
TEXT = "".join((DOCS / page).read_text(encoding="utf-8") for page in PAGES)
CODE = " ".join(
    block or inline
    for block, inline in re.findall(r"^```yaml\n(.*?)^```$|`([^`\n]+)`", TEXT, re.M | re.S)
)
SCHEMA: dict[str, Any] = json_schema()


def keys() -> list[str]:
    """Return every key of every part of a scenario."""
    parts = [SCHEMA, *SCHEMA["$defs"].values()]
    forms = [form for part in parts for form in [part, *part.get("anyOf", ())]]
    return sorted({key for form in forms for key in form.get("properties", ())})


@pytest.mark.parametrize("key", keys())
def test_every_key_stands_in_code_somewhere(key):
    assert re.search(rf"(?<![\w-]){key}(?![\w-])", CODE)


@pytest.mark.parametrize("section", SCHEMA["properties"])
def test_every_section_is_in_the_table_of_sections(section):
    assert re.search(rf"^\| \[?`{section}`", SCENARIO, re.M)


SERVERS = [name for name in SCHEMA["$defs"] if name.endswith("Server")]


def test_there_is_much_to_document():
    assert len(keys()) > 100
    assert {"CooperativeServer", "SerialServer", "ThreadedServer"} <= {*SERVERS}


@pytest.mark.parametrize("server", SERVERS)
def test_every_option_of_a_server_is_in_the_table_of_options(server):
    table = SCENARIO.split("## servers\n")[1].split("\n## ")[0]
    for option in SCHEMA["$defs"][server]["properties"]:
        assert re.search(rf"^\| `{option}` \|", table, re.M), option


def test_every_option_of_a_run_is_in_the_table_of_options():
    table = SCENARIO.split("## run\n")[1].split("\n## ")[0]
    for option in SCHEMA["$defs"]["Run"]["properties"]:
        assert re.search(rf"^\| `{option}` \|", table, re.M), option
