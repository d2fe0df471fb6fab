"""What ``best`` found, in sentences that carry the guarantee, and of what it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simsched.experiment.search.best import Selection, Standing, describe_zone
from simsched.experiment.sweep.plan import Plan
from simsched.report.sweep.texts import sweep_text
from simsched.report.text import clean
from simsched.scenario import Scenario, dump
from simsched.scenario.metrics import show_value
from simsched.statistics.wording import counted, percent

UNTOLD = 4
"""The exit code where no design is selected."""

_MOST_NAMED = 12
_MOST_LEFT_OUT = 5


@dataclass(frozen=True)
class Asked:
    """The designs that were compared: a sweep's points, or a scenario's servers.

    Attributes:
        name: what they are called.
        description: what they are about.
        file: what a file with all of them is called.
        text: what stands in it.
    """

    name: str
    description: str
    file: str
    text: str


@dataclass(frozen=True)
class Choice:
    """What ``simsched best`` found, and among what."""

    asked: Asked
    found: Selection

    @property
    def heading(self) -> str:
        """What was sought, and among what."""
        aimed = self.found.aimed
        return clean(f"{self.asked.name}: {aimed.aim} {aimed.metric.text}")


def of_plan(plan: Plan) -> Asked:
    """Return the points of a sweep, as what was asked."""
    return Asked(plan.name, plan.description, "sweep.yaml", sweep_text(plan))


def of_scenario(scenario: Scenario) -> Asked:
    """Return the servers of *scenario*, as what was asked."""
    return Asked(scenario.name, scenario.description, "scenario.yaml", dump(scenario))


def sentences(found: Selection) -> tuple[str, ...]:
    """Return who is best, with which guarantee, who is as good, and what it took."""
    return tuple(map(clean, _sentences(found)))


def warnings(found: Selection) -> tuple[str, ...]:
    """Return which designs were left out, and why; of many the first."""
    left_out = [each for each in found.standings if each.fate == "left out"]
    told = [f"{each.name} is left out: {each.note}" for each in left_out[:_MOST_LEFT_OUT]]
    if more := len(left_out) - len(told):
        told.append(f"so {counted(more, 'other design')}; best.json has the reasons")
    return tuple(map(clean, told))


def exit_code(found: Selection) -> int:
    """Return what the command line ends with: 4 where no design is selected, else 0."""
    return 0 if found.best is not None else UNTOLD


def _sentences(found: Selection) -> Iterator[str]:
    best = found.best
    yield _undecided(found) if best is None else _selected(found, best)
    if best is not None and (tied := _named(found, "tied")):
        yield (
            f"{_joined(tied)} {'is' if len(tied) == 1 else 'are'} as good within the indifference "
            f"zone of {describe_zone(found)}, as far as was seen."
        )
    yield (
        f"{found.replications:,} simulations; each design got as many as it took to tell it from "
        "the others (KN: Kim & Nelson, ACM TOMACS 11 (3), 2001)."
    )


def _selected(found: Selection, best: Standing) -> str:
    metric, mean = found.aimed.metric, best.mean or 0.0
    word = "lowest" if found.aimed.aim == "minimize" else "highest"
    if len([each for each in found.standings if each.fate != "left out"]) == 1:
        return f"{best.name} is the only design that can be compared; the others are left out."
    return (
        f"{best.name} has the {word} {metric.text}, {show_value(mean, metric.kind)} on average: "
        f"with a probability of at least {percent(found.aimed.confidence)} it is the best, if no "
        f"other comes within {describe_zone(found)} of the best."
    )


def _undecided(found: Selection) -> str:
    left = _named(found, "undecided")
    if found.is_interrupted:
        return f"Interrupted: {_joined(left)} may each be the best."
    most = max(each.replications for each in found.standings)
    return (
        f"Not told after {most:,} replications: {_joined(left)} may each be the best; allow more "
        "with --at-most, or a wider --indifference."
    )


def _named(found: Selection, fate: str) -> list[str]:
    return [each.name for each in found.standings if each.fate == fate]


def _joined(names: list[str]) -> str:
    """Return *names* with commas and an "and", the first dozen of them."""
    shown = names[:_MOST_NAMED]
    if len(names) > len(shown):
        return f"{', '.join(shown)} and {len(names) - len(shown)} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
