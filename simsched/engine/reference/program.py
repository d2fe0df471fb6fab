"""What a request asks for, as rows that a server walks through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simsched.workload.columns import Requests
from simsched.workload.steps import Step, StepKind

_TIMED = frozenset({StepKind.CPU, StepKind.IO})


class Programs:
    """The programs of *requests*, for a server that does branches and off-loading its own way.

    Columns are listed once for all requests: of a list, an element is quicker to have.
    """

    def __init__(self, requests: Requests, *, sequential: bool, off_loads: bool) -> None:
        self._steps = [requests.steps[step] for step in requests.step_id.tolist()]
        self._operands = requests.duration_ns.tolist()
        self._first_row = requests.first_row.tolist()
        self._sequential = sequential
        self._off_loads = off_loads
        self._plain = all(step.kind in _TIMED for step in requests.steps)

    def of(self, index: int) -> Program:
        """Return the program of the request at *index*."""
        first, end = self._first_row[index], self._first_row[index + 1]
        return Program(
            first,
            self._steps[first:end],
            self._operands[first:end],
            self._sequential,
            self._off_loads,
            self._plain,
        )


@dataclass(slots=True, eq=False)
class Program:
    """The rows of one request: its steps, each with an operand.

    The operand of CPU and IO is a duration in ns; of FORK, the number of branches, each of which
    begins with a row BRANCH whose operand is the number of rows that follow in the branch. ``row``
    is the program's first row among the rows of the workload; a ``plain`` one is of a workload
    without other rows than CPU and IO. Where it is ``sequential``, branches are done one after
    another, as if FORK and BRANCH were not there; what may be done in a thread or process is, if it
    ``off_loads``.
    """

    row: int
    steps: list[Step]
    operands: list[int]
    sequential: bool
    off_loads: bool
    plain: bool

    def is_computing(self, row: int) -> bool:
        """Return whether a burst of computing runs through a row."""
        kind = self.steps[row].kind
        if kind is StepKind.FORK:
            off_loop = self.steps[row].where is not None
            return not self.off_loads if off_loop else self.sequential
        return kind is StepKind.CPU or kind is StepKind.BRANCH  # which is met behind such a FORK

    def branches(self, fork: int) -> list[tuple[int, int]]:
        """Return where each branch of the FORK at row *fork* begins and ends."""
        return list(self._branches(fork))

    def demand(self, begin: int, end: int) -> int:
        """Return the service demand of the rows from *begin* to *end*: the longest of branches."""
        if self.plain:
            return sum(self.operands[begin:end])
        total = 0
        while begin < end:
            if self.steps[begin].kind is StepKind.TRIES:
                first = begin + 1
                total += self.demand(first, first + 1 + self.operands[first])
                begin = first + self.operands[begin]
                continue
            if self.steps[begin].kind is StepKind.FORK and not self.sequential:
                branches = self.branches(begin)
                total += max((self.demand(*branch) for branch in branches), default=0)
                begin = branches[-1][1] if branches else begin + 1
                continue
            total += self.operands[begin] if self.steps[begin].kind in _TIMED else 0
            begin += 1
        return total

    def _branches(self, fork: int) -> Iterator[tuple[int, int]]:
        branch = fork + 1
        for _ in range(self.operands[fork]):
            begin = branch + 1
            branch = begin + self.operands[branch]
            yield begin, branch
