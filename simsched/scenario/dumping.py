"""A Scenario as YAML that reads back as the same scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from simsched.scenario.file import scalars
from simsched.scenario.model.scenario import Scenario

# PyYAML can be built without libyaml; its own writer gives the same text, only slower.
_BASE: type[yaml.SafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def dump(scenario: Scenario) -> str:
    """Return *scenario* as the YAML of a scenario file.

    :func:`~simsched.scenario.loads` makes an equal scenario of it. Durations are exact, what was
    read from a data file is written out, and what has its default is left out, but for the seed and
    the number of replications.
    """
    written = scenario.model_dump(by_alias=True, exclude_defaults=True)
    written["run"] = {"seed": scenario.run.seed, **written.get("run", {})}
    return dump_plain(written)


def dump_plain(written: Mapping[str, Any]) -> str:
    """Return plain data as YAML, in which text stays text."""
    text: str = yaml.dump(
        dict(written),
        Dumper=_Dumper,
        default_flow_style=None,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )
    return text


class _Dumper(_BASE):  # type: ignore[misc,valid-type]  # the base depends on how PyYAML was built
    """Writes text in quotes wherever YAML 1.2 would take it for something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = text and isinstance(scalars.resolve(text), str)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, None if plain else "'")


_Dumper.add_representer(str, _text)
