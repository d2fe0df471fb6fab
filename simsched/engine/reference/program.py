"""What a request asks for, as rows that a server walks through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simsched.workload.columns import Requests
from simsched.workload.steps import Step, StepKind

_TIMED = frozenset({StepKind.CPU, StepKind.IO})


@dataclass(frozen=True, slots=True)
class Program:
    """The rows of one request: its steps, each with an operand.

    The operand of CPU and IO is a duration in ns; of FORK, the number of branches, each of which
    begins with a row BRANCH whose operand is the number of rows that follow in the branch. ``row``
    is the program's first row among the rows of the workload; a ``plain`` program has no other rows
    than CPU and IO. Where it is ``sequential``, branches are done one after another, as if FORK and
    BRANCH were not there; what may be done in a thread or process is, if it ``off_loads``.
    """

    row: int
    steps: list[Step]
    operands: list[int]
    sequential: bool
    off_loads: bool
    plain: bool

    @classmethod
    def of(cls, requests: Requests, index: int, *, sequential: bool, off_loads: bool) -> Program:
        """Return the program of the request at *index*."""
        first, end = requests.first_row[index : index + 2].tolist()
        steps = [requests.steps[step] for step in requests.step_id[first:end].tolist()]
        operands = requests.duration_ns[first:end].tolist()
        plain = all(step.kind in _TIMED for step in steps)
        return cls(first, steps, operands, sequential, off_loads, plain)

    def is_computing(self, row: int) -> bool:
        """Return whether a burst of computing runs through a row."""
        step = self.steps[row]
        if step.kind is StepKind.FORK:
            return self.sequential if step.where is None else not self.off_loads
        return step.kind in (StepKind.CPU, StepKind.BRANCH)  # which is met behind such a FORK

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
