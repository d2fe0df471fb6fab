"""NumPy columns as Arrow arrays, laid out as Arrow keeps them in memory.

``pyarrow.array`` would do the same, but imports pandas to see whether it was given a Series: for a
small run that takes longer than all the rest.

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
    """Return *column* with null where it holds *missing*."""
    import pyarrow as pa

    known = None if missing is None else _bits(column != missing)
    buffers = [known, pa.py_buffer(np.ascontiguousarray(column))]
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
    """Return the words among *known* that *codes* point at, dictionary-encoded."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(numbers(codes.astype(np.int32, copy=False)), texts(known))


def _bits(mask: NDArray[np.bool_]) -> pa.Buffer | None:
    """Return the validity bitmap of *mask*; None where all is valid, as Arrow has it."""
    import pyarrow as pa

    return None if mask.all() else pa.py_buffer(np.packbits(mask, bitorder="little"))
