"""Arrow arrays, made from the buffers of columns in Arrow's own layout.

``pyarrow.array`` imports pandas to see whether its argument is a Series, which takes longer than
all the rest of a small run.

Source: the Apache Arrow columnar format, version 1.5, "Physical memory layout".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types


def numbers(column: NDArray[np.signedinteger], missing: int | None = None) -> pa.Array:
    """Return *column*, with null in place of *missing*."""
    import pyarrow as pa

    known = np.ones(0, np.bool_) if missing is None else column != missing
    # Arrow has no bitmap where all is valid.
    bits = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    buffers = [bits, pa.py_buffer(np.ascontiguousarray(column))]
    return pa.Array.from_buffers(pa.from_numpy_dtype(column.dtype), len(column), buffers)


def texts(column: Sequence[str]) -> pa.Array:
    """Return *column* as strings."""
    import pyarrow as pa

    encoded = [text.encode() for text in column]
    ends = np.cumsum([0, *map(len, encoded)]).astype(np.int32)
    return pa.StringArray.from_buffers(
        len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))
    )


def words(codes: NDArray[np.integer], known: Sequence[str]) -> pa.Array:
    """Return the words at the positions *codes* of *known*, dictionary-encoded."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(numbers(codes.astype(np.int32, copy=False)), texts(known))
