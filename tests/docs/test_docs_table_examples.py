"""Every example in the tables of ``docs/scenario.md`` is valid, and every choice is explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from simsched.scenario import loads
from simsched.scenario.file.explaining import members
from simsched.scenario.model.disciplines import Discipline, Dispatch
from simsched.scenario.model.servers import Branches, SerialServer, Server

DOCS = Path(__file__).parents[2] / "docs"
SCENARIO = (DOCS / "scenario.md").read_text(encoding="utf-8")

BASE: dict[str, Any] = {
    "name": "example",
    "requests": {"page": [{"cpu": "2ms"}, {"io": "20ms", "on": "database"}]},
    "workload": {"open": {"rate": "10/s"}, "requests": 20},
    "servers": {"server": {"model": "cooperative"}},
    "resources": {"database": {"capacity": 5}},
}


@pytest.mark.parametrize(
    "choices", [Discipline, Dispatch, Branches], ids=["discipline", "dispatch", "parallel"]
)
def test_every_choice_of_a_server_is_documented_with_its_meaning(choices):
    model = (DOCS / "model.md").read_text(encoding="utf-8")
    for choice in get_args(choices):
        assert f"`{choice}`" in SCENARIO, choice
        assert re.search(rf"`(\w+: )?{choice}`", model), choice


def examples(section: str, column: int) -> list[str]:
    """Return the examples in a *column* of the tables of a section."""
    text = SCENARIO.split(f"\n## {section}\n")[1].split("\n## ")[0]
    rows = [row.split("|") for row in re.findall(r"^\|(.+)\|$", text, re.M)]
    cells = [row[column].strip() for row in rows if len(row) > column]
    return [cell[1:-1] for cell in cells if re.fullmatch("`[^`]*`", cell)]


def test_the_tables_have_examples():
    assert len(examples("workload", 1)) >= 8
    assert len(examples("servers", 2)) >= 14
    assert len(examples("client", 2)) >= 5


@pytest.mark.parametrize("example", examples("workload", 1))
def test_the_examples_of_arrivals_are_valid(example):
    # The text is not read here: PyYAML takes the key "on" for true.
    rate = "" if example.startswith(("rate:", "interarrival:")) else "rate: 10/s, "
    rest = {section: written for section, written in BASE.items() if section != "workload"}
    loads(yaml.safe_dump(rest) + f"workload: {{open: {{{rate}{example}}}, duration: 10s}}")


@pytest.mark.parametrize("example", examples("servers", 2))
def test_the_examples_of_server_options_are_valid(example):
    written = yaml.safe_load(example)
    *_, option = written
    for model in members(Server):
        if option in model.fields() and (option, model) != ("parallel", SerialServer):
            server = {"model": get_args(model.under("model"))[0], **written}
            loads(yaml.safe_dump({**BASE, "servers": {"server": server}}))


@pytest.mark.parametrize("example", examples("client", 2))
def test_the_examples_of_clients_are_valid(example):
    written = yaml.safe_load(example)
    if written.keys() <= {"reuse", "idle"}:
        written = {"connections": {"max": 100, **written}}
    elif not written.keys() & {"timeout", "patience", "retries", "connections"}:
        written = {"retries": {"max": 3, **written}}
    loads(yaml.safe_dump({**BASE, "client": written}))
