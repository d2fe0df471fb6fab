"""The schema that editors check scenario files against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from written_scenarios import damaged_scenarios, scenarios

from simsched.errors import ScenarioError
from simsched.scenario import STARTER, Scenario, dump, json_schema, loads
from simsched.scenario.file.composing import compose

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
EXAMPLES = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


def plain(text: str) -> Any:
    root = compose(text, "scenario").root
    assert root is not None
    return root.data()


def test_the_schema_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_scenarios_are_valid(path: Path) -> None:
    VALIDATOR.validate(plain(path.read_text(encoding="utf-8")))


def test_the_starter_is_valid() -> None:
    VALIDATOR.validate(plain(STARTER))


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(scenarios())
def test_what_can_be_read_is_valid_and_so_is_its_dump(written: dict[str, Any]) -> None:
    VALIDATOR.validate(written)
    VALIDATOR.validate(yaml.safe_load(dump(Scenario.model_validate(written))))


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(damaged_scenarios())
def test_what_the_schema_refuses_cannot_be_read(written: Any) -> None:
    if not VALIDATOR.is_valid(written):
        with pytest.raises(ScenarioError):
            loads(yaml.safe_dump(written, sort_keys=False, allow_unicode=True))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: starter", "nam: starter"),
        ("name: starter", "name: 3"),
        ("cpu: 2ms", "cpu: 2"),
        ("cpu: 2ms", "cpu: 2 parsecs"),
        ("cpu: 2ms", "cpu: -2ms"),
        ("cpu: 2ms", "cpuu: 2ms"),
        ("p50: 30ms", "p51: 30ms"),
        ("p50: 30ms", "p50: 0"),
        ("rate: 15/s", "rate: 15"),
        ("rate: 15/s", "rate: 15/ms"),
        ("page: 9", "page: -9"),
        ("model: serial", "model: seriell"),
        ("{model: serial}", "{model: serial, workers: 0}"),
        ("{model: serial}", "{model: serial, worker: 1}"),
        ("{model: serial}", "{}"),
        ("seed: 1", "seed: 1.5"),
        ("seed: 1", "sed: 1"),
    ],
)
def test_an_editor_sees_what_the_reader_would_refuse(old: str, new: str) -> None:
    assert old in STARTER
    assert not VALIDATOR.is_valid(plain(STARTER.replace(old, new)))


def _fields(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for definition in [schema, *schema["$defs"].values()]:
        for part in [definition, *definition.get("anyOf", ())]:
            yield from part.get("properties", {}).items()


def test_the_examples_of_every_field_are_valid_for_it() -> None:
    fields = [field for _, field in _fields(SCHEMA) if "examples" in field]
    assert len(fields) > 20
    for field in fields:
        for example in field["examples"]:
            Draft202012Validator({"$defs": SCHEMA["$defs"], **field}).validate(example)


def test_every_field_is_described_or_else_what_it_holds() -> None:
    bare = {key for key, field in _fields(SCHEMA) if "description" not in field}
    named = {key: field["$ref"] for key, field in _fields(SCHEMA) if "$ref" in field}
    described = {key for key, ref in named.items() if "description" in _definition(ref)}
    assert bare <= described | {"lognormal", "gamma", "weibull", "empirical", "mixture"}


def _definition(reference: str) -> Any:
    return SCHEMA["$defs"][reference.removeprefix("#/$defs/")]


def test_the_schema_reads_like_the_reader_where_a_number_could_be_a_duration() -> None:
    text = STARTER.replace("cpu: 2ms", "cpu: 0")
    VALIDATOR.validate(plain(text))
    loads(text)
