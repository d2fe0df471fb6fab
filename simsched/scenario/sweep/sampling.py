"""Points spread over a space of many dimensions.

Sources: McKay, Beckman & Conover, A comparison of three methods for selecting values of input
variables, Technometrics 21 (2), 1979 (Latin hypercubes); Owen, Scrambling Sobol' and
Niederreiter-Xing points, Journal of Complexity 14, 1998. Both as scipy.stats.qmc has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from simsched.scenario.sweep.axes import Axis
from simsched.scenario.sweep.model import Sample
from simsched.scenario.sweep.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def sample(wanted: Sample, axes: Sequence[Axis], seed: int) -> Iterator[Settings]:
    """Yield the points that *wanted* asks for; the same *seed* gives the same points."""
    for shares in _unit_cube(wanted, len(axes), seed):
        yield tuple(
            setting
            for axis, share in zip(axes, shares.tolist(), strict=True)
            for setting in axis.pick(share)
        )


def _unit_cube(wanted: Sample, dimensions: int, seed: int) -> NDArray[np.float64]:
    """Return points, (n, d), in [0, 1)."""
    import numpy as np
    from scipy.stats import qmc

    generator = np.random.default_rng(seed)
    method = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol}[wanted.method]
    points: NDArray[np.float64] = method(dimensions, rng=generator).random(wanted.points)
    return np.minimum(points, np.nextafter(1.0, 0.0))
