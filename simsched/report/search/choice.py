"""What ``best`` found, in sentences that carry the guarantee, and of what it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simsched.experiment.search.best import Fate, Selection, Standing, describe_zone
from simsched.experiment.sweep.plan import Plan
from simsched.report.document import Document, Row
from simsched.report.sweep.shown import sweep_text
from simsched.report.text import clean
from simsched.scenario import Scenario, dump
from simsched.scenario.metrics import ABSENT, Kind, show_value
from simsched.statistics.words.numbers import counted, percent

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
    """Return which is best, with which guarantee, which are as good, and what it took."""
    return tuple(map(clean, _sentences(found)))


def warnings(found: Selection) -> tuple[str, ...]:
    """Return which designs were left out, and why; of many the first."""
    left_out = [each for each in found.standings if each.fate == "left out"]
    told = [f"{each.name} is left out: {each.note}" for each in left_out[:_MOST_LEFT_OUT]]
    if more := len(left_out) - len(told):
        told.append(f"so {counted(more, 'other design')}; best.json has the reasons")
    return tuple(map(clean, told))


def document(told: Choice) -> Document:
    """Return what there is to say of the best of several designs."""
    found = told.found
    return Document(
        heading=told.heading,
        sentences=sentences(found),
        table=best_rows(found),
        warnings=warnings(found),
    )


def exit_code(found: Selection) -> int:
    """Return what the command line ends with: 4 where no design is selected, else 0."""
    return 0 if found.best is not None else UNTOLD


def _sentences(found: Selection) -> Iterator[str]:
    best = found.best
    yield _undecided(found) if best is None else _selected(found, best)
    if alike := [
        each.name for each in found.standings if each.fate == "tied" if not _is_same(each)
    ]:
        yield (
            f"{_joined(alike)} {'is' if len(alike) == 1 else 'are'} as good within the "
            f"indifference zone of {describe_zone(found)}."
        )
    yield _effort(found)


def _is_same(standing: Standing) -> bool:
    """Say whether no replication showed a difference; of rare events that proves little."""
    return standing.fate == "tied" and standing.low == standing.high == 0


def _selected(found: Selection, best: Standing) -> str:
    metric, mean = found.aimed.metric, best.mean or 0.0
    word = "lowest" if found.aimed.aim == "minimize" else "highest"
    if found.compared == 1:
        return f"{best.name} is the only design that can be compared; the others are left out."
    head = f"{best.name} has the {word} {metric.text}, {show_value(mean, metric.kind)} on average"
    same = [each.name for each in found.standings if _is_same(each)]
    if same:
        head += f" ({_joined(same)} had the same in every replication)"
    if found.compared == 1 + len(same):
        return f"{head}."
    return (
        f"{head}: with a probability of at least {percent(found.aimed.confidence)} no other design "
        f"is better{_by_how_much(found)}."
    )


def _by_how_much(found: Selection) -> str:
    """Return by how much others may be better; those whose interval leaves out 0 are not at all."""
    tied = [each for each in found.standings if each.fate == "tied" and not _is_same(each)]
    is_open = any((each.low or 0.0) <= 0 <= (each.high or 0.0) for each in tied)
    return f" by more than {describe_zone(found)}" if is_open else ""


def _undecided(found: Selection) -> str:
    left = _named(found, "undecided")
    if found.is_interrupted:
        return f"Interrupted: {_joined(left)} may each be the best."
    most = max(each.replications for each in found.standings)
    return (
        f"Undecided after {most:,} replications: {_joined(left)} may each be the best; allow more "
        "with --at-most, or a wider --indifference."
    )


def _effort(found: Selection) -> str:
    """Return how many simulations there were, and how designs were compared."""
    total = counted(found.replications, "simulation")
    if found.compared == 1:
        return f"{total}."
    after = _joined([f"{each:,}" for each in found.rounds])
    return (
        f"{total}; the designs were compared after {after} replications, by paired intervals that "
        "are adjusted for the number of designs and of rounds."
    )


def _named(found: Selection, fate: str) -> list[str]:
    return [each.name for each in found.standings if each.fate == fate]


def _joined(names: list[str]) -> str:
    """Return *names* with commas and an "and", the first dozen of them."""
    shown = names[:_MOST_NAMED]
    if len(names) > len(shown):
        return f"{', '.join(shown)} and {len(names) - len(shown)} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def best_rows(found: Selection) -> tuple[Row, ...]:
    """Return a row a design, the best first, under a row of titles."""
    head = ("", found.aimed.metric.text, "difference", "replications", "")
    return (head, *(_best_row(found, each) for each in found.standings))


def _best_row(found: Selection, standing: Standing) -> Row:
    mean = standing.mean
    shown = ABSENT if mean is None else show_value(mean, found.aimed.metric.kind)
    return (
        clean(standing.name),
        shown,
        _difference(standing, found.aimed.metric.kind),
        f"{standing.replications:,}",
        _FATES[standing.fate],
    )


def _difference(standing: Standing, kind: Kind) -> str:
    """Return the interval of the difference from the first design, each end with its sign."""
    if standing.low is None or standing.high is None:
        return ABSENT
    if standing.low == standing.high == 0:
        return "none"
    ends = (f"{'+' * (end > 0)}{show_value(end, kind)}" for end in (standing.low, standing.high))
    return " to ".join(ends)


_FATES: dict[Fate, str] = {
    "selected": "best",
    "tied": "as good",
    "undecided": "undecided",
    "out": "worse",
    "left out": "left out",
}
