"""YAML blocks: whole scenarios, or some sections of one."""

from __future__ import annotations

import textwrap
from pathlib import Path

import yaml

import simsched
from simsched.experiment.sweep import plan
from simsched.report.gantt import Gantt
from simsched.report.timeline import timeline
from simsched.scenario import Scenario, loads

WIDTH = 72
REST = {
    "name": "name: example\n",
    "requests": "requests: {page: [{cpu: 2ms}, {io: 20ms}, {cpu: 1ms}], ping: [{cpu: 1ms}]}\n",
    "workload": "workload: {open: {rate: 10/s}, requests: 20}\n",
    "servers": "servers: {serial: {model: serial}}\n",
}


def scenario(text: str, directory: Path) -> Scenario:
    """Return the scenario in *text*; sections that it lacks are taken from a plain one."""
    lacking = [section for name, section in REST.items() if name not in yaml.safe_load(text)]
    return loads(text + "".join(lacking), directory=directory)


def is_sweep(text: str) -> bool:
    """Return whether *text* is a sweep, or the section of one."""
    return "sweep" in yaml.safe_load(text)


def check_sweep(text: str, directory: Path) -> None:
    """Read the section ``sweep`` in *text*, over a plain scenario unless it has its own."""
    if "scenario" in yaml.safe_load(text):
        return  # the commands after it read it
    lacking = [section for name, section in REST.items() if name not in yaml.safe_load(text)]
    file = directory / "shown-sweep.yaml"
    file.write_text(text + "".join(lacking), encoding="utf-8")
    plan(file)


def warnings(shown: Scenario) -> str:
    """Return what a run of *shown* warns of, a paragraph each."""
    said = simsched.run(shown, replications=1).warnings
    return "".join(f"{wrapped}\n" for each in said for wrapped in textwrap.wrap(each, WIDTH))


def picture(shown: Scenario) -> str:
    """Return the timeline that a run of *shown* prints."""
    told = timeline(simsched.run(shown, replications=1), 20)
    return "".join(f"{line.plain.rstrip()}\n" for line in Gantt(told, WIDTH, True).lines())
