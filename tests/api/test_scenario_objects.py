"""Scenarios made and changed in Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel
from written_types import Writer

import simsched
from simsched.scenario import json_schema

ROOT = Path(__file__).parents[2]


def test_the_types_of_what_may_be_written_are_those_of_the_schema(request):
    file = ROOT / "simsched" / "scenario" / "written.py"
    text = Writer(json_schema()).text()
    if request.config.getoption("--update"):
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, "run make update"


def test_a_server_is_the_mapping_that_a_file_would_hold():
    assert simsched.Server(model="serial", workers=4) == {"model": "serial", "workers": 4}


def test_a_scenario_made_of_them_is_the_one_of_the_mapping(shop):
    assert shop.servers["serial"].workers == 2
    assert shop == simsched.load(shop.model_dump(by_alias=True, exclude_defaults=True))


def names(value):
    """Return what a notebook offers behind a dot."""
    return [name for name in dir(value) if not name.startswith("_")]


def test_a_scenario_offers_its_sections_and_no_more(shop):
    assert names(shop) == sorted([*json_schema()["properties"], "with_"])
    assert {*names(shop.run)} >= {*json_schema()["$defs"]["Run"]["properties"]}
    for part in (shop.run, shop.workload, shop.servers["loop"], shop.client):
        assert not {*names(part)} & {*dir(BaseModel)}


def test_values_are_changed_by_path(shop):
    changed = shop.with_({"name": "a: b", "servers.loop.workers": 3, "requests.page[1].io": "1ms"})
    assert (changed.name, changed.servers["loop"].workers) == ("a: b", 3)
    assert changed.requests["page"].phases[1].io == 1_000_000
    assert shop.servers["loop"].workers == 1


def test_a_whole_section_is_changed(shop):
    changed = shop.with_({"servers": {"one": simsched.Server(model="serial")}})
    assert list(changed.servers) == ["one"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"servers.loop.workrs": 2}, "scenario: servers.loop.workrs: unknown key; did you mean"),
        ({"run.seed": -1}, "scenario: run.seed: the number -1 is too small; it must be at least 0"),
        ({"a..b": 1}, "scenario: a..b: this is no path; write one as in requests.page"),
        ({"requests.page[9]": 1}, r"requests.page has 2 items, counted from 0; there is no \[9\]"),
        ({"name": object()}, "scenario: name: an object cannot be used in a scenario"),
        ({1: 2}, "changes: a path such as 'run.seed' is needed, not the number 1"),
        ("name=x", 'changes are a mapping such as {"servers.uv.workers": 2}, not the text'),
    ],
)
def test_a_wrong_change_is_an_input_error(shop, changes, said):
    with pytest.raises(simsched.InputError, match=said):
        shop.with_(changes)


def test_a_scenario_is_shown_in_a_line(shop):
    assert repr(shop) == "Scenario('shop', requests=['page'], servers=['serial', 'loop'])"
    assert str(shop) == repr(shop)
