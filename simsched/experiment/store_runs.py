"""Some replications of a point as bytes: to be kept, and sent from one process to another.

They are pickled, as a trace holds tables of several lengths, and what is counted has many kinds of
parts. A store may come from anywhere, so what is read back is made of nothing but the arrays of
NumPy and the classes of simsched. Counts are mostly 0, so they are pressed.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import pickle
from typing import Any

from simsched.experiment.runs import Runs
from simsched.experiment.store_record import DamagedError

_DIGEST_SIZE = hashlib.sha256().digest_size
_SIZE = 8
_CODEC = "lz4"

_NUMPY = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
}


def pack_runs(runs: Runs, name: str) -> bytes:
    """Return *runs* as bytes that tell whether they are whole, and kept under *name*."""
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

    content = pickle.dumps(runs, protocol=5)
    pressed: bytes = len(content).to_bytes(_SIZE) + pa.compress(content, _CODEC, asbytes=True)
    return _digest(pressed, name) + pressed


def unpack_runs(data: bytes, name: str) -> Runs:
    """Return the runs that :func:`pack_runs` made *data* of.

    Raises:
        DamagedError: it made something else, or for another name.
    """
    import pyarrow as pa

    check_runs(data, name)
    start = _DIGEST_SIZE + _SIZE
    size = int.from_bytes(data[_DIGEST_SIZE:start])
    content = pa.decompress(memoryview(data)[start:], size, _CODEC, asbytes=True)
    runs = _Reader(io.BytesIO(content)).load()
    if not isinstance(runs, Runs):
        raise DamagedError("it holds no replications")
    return runs


def check_runs(data: bytes, name: str) -> None:
    """Raise DamagedError if *data* is not what was written under *name*."""
    if _digest(memoryview(data)[_DIGEST_SIZE:], name) != data[:_DIGEST_SIZE]:
        raise DamagedError("its content is not what was written")


def _digest(content: bytes | memoryview, name: str) -> bytes:
    digest = hashlib.sha256(content)
    digest.update(name.encode())
    return digest.digest()


class _Reader(pickle.Unpickler):
    """Reads what is made of the classes that replications are made of, and of no other."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _NUMPY:
            return super().find_class(module, name)
        if module.startswith("simsched."):
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise DamagedError(f"it holds what no replication does: {module}.{name}")
