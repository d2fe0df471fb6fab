"""Named streams of random numbers, all grown from one seed.

A stream is found by what it is for, so it does not matter which streams were asked for before, by
which process, or whether others exist at all: adding a phase to one class leaves the draws of every
other class as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from simsched.workload.columns import Int64s


def stream(seed: int, replication: int, name: str) -> np.random.Generator:
    """Return a new generator at the beginning of the stream *name* of one replication.

    The name enters the spawn key of a :class:`numpy.random.SeedSequence` as a 128-bit digest, so
    two names share a stream only if BLAKE2b collides.
    """
    digest = blake2b(name.encode(), digest_size=16).digest()
    words = np.frombuffer(digest, dtype="<u4").tolist()
    sequence = np.random.SeedSequence(seed, spawn_key=(replication, *words))
    return np.random.Generator(np.random.PCG64(sequence))


@dataclass(frozen=True, slots=True)
class Streams:
    """A place in the tree of stream names of one replication, as ``requests/page/2``.

    Names are escaped as in a JSON pointer (RFC 6901), so that no name a user chooses can make two
    places one.
    """

    seed: int
    replication: int
    name: str = ""

    def child(self, *parts: str | int) -> Streams:
        """Return the place that *parts* lead to from here."""
        escaped = [str(part).replace("~", "~0").replace("/", "~1") for part in parts]
        return Streams(self.seed, self.replication, "/".join([self.name, *escaped]))

    def generator(self) -> np.random.Generator:
        """Return a new generator at the beginning of this place's own stream."""
        return stream(self.seed, self.replication, self.name)


Picker = Callable[[int], Int64s]
"""Called with n, it returns the next n positions picked; the calls together make one sequence."""


def probabilities(weights: Sequence[float]) -> tuple[float, ...]:
    """Return the *weights* divided by their sum."""
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def picker(chances: Sequence[float], generator: np.random.Generator) -> Picker:
    """Return a picker of positions in *chances*, one uniform draw for each."""
    ends = np.cumsum(chances, dtype=np.float64)
    # The sum of the chances may be 1 - 1e-16, which a draw could exceed.
    ends /= ends[-1]
    return lambda n: np.searchsorted(ends, generator.random(n), side="right")
