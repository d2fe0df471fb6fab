"""The resolved scenarios as files, from which the run can be repeated."""

from __future__ import annotations

from collections.abc import Mapping


def scenario_files(scenario_texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts by file name: ``scenario.yaml``, or ``scenario-1.yaml`` and on."""
    texts = tuple(scenario_texts.values())
    if len(texts) == 1:
        return {"scenario.yaml": texts[0]}
    return {f"scenario-{number}.yaml": text for number, text in enumerate(texts, start=1)}
