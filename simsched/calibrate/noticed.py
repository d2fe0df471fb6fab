"""When what an event loop noticed late was ready: within bounds, and in the order it was noticed.

A loop goes on with requests in the order in which they can. So what it notices later was ready
later, too, which says more than that each was ready within a busy time: the third that waits was
hardly ready at its beginning. Times that fulfil all of this are drawn by Gibbs sampling (Geman &
Geman, Stochastic relaxation, Gibbs distributions, and the Bayesian restoration of images, IEEE
Transactions on Pattern Analysis and Machine Intelligence 6 (1984)): again and again each is drawn
anew between those before and after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simsched.calibrate.censored import Distribution
from simsched.workload.arrays import Floats, Int32s, Int64s

_SWEEPS = 20


@dataclass(frozen=True, eq=False)
class Noticed:
    """Answers and new requests that a loop noticed, in any order.

    Attributes:
        at_ns: (n,) when each was noticed.
        earliest_ns: (n,) since when it may have been ready.
        began_ns: (n,) when its call began.
        leaf: (n,) the kind of call, -1 of requests.
    """

    at_ns: Int64s
    earliest_ns: Int64s
    began_ns: Int64s
    leaf: Int32s

    def ready_ns(self, rng: np.random.Generator, known: Mapping[int, Distribution]) -> Floats:
        """Return (n,) when each was ready.

        Args:
            rng: draws them.
            known: the distribution of the calls of each kind; what is not known is uniform.
        """
        order = np.lexsort((self.earliest_ns, self.at_ns))
        low, high = (column[order].astype(float) for column in (self.earliest_ns, self.at_ns))
        began, leaf = self.began_ns[order].astype(float), self.leaf[order]
        late = np.flatnonzero(low < high)
        turns = [
            (rows, known.get(int(kind)))
            for parity in (0, 1)
            for kind in np.unique(leaf[late])
            for rows in [late[(late % 2 == parity) & (leaf[late] == kind)]]
        ]
        # Surrounded by times that bound none of them.
        ready = np.concatenate([[-np.inf], np.maximum.accumulate(low), [np.inf]])
        for _ in range(_SWEEPS):
            for rows, durations in turns:
                least = np.maximum(low[rows], ready[rows])
                most = np.minimum(high[rows], ready[rows + 2])
                if durations is None:
                    ready[rows + 1] = least + rng.random(len(rows)) * (most - least)
                else:
                    start = began[rows]
                    ready[rows + 1] = start + durations.drawn(rng, least - start, most - start)
        found = np.empty(len(order))
        found[order] = ready[1:-1]
        return found
