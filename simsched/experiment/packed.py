"""Objects as bytes that tell whether they are whole: to be kept, and sent between processes.

They are pickled, as they hold tables of several lengths and many kinds of parts. A store may come
from anywhere, so what is read back is made of nothing but the arrays of NumPy and the classes of
simsched. Counts are mostly 0, so they are pressed.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import pickle
from typing import Any, TypeVar

from simsched.experiment.store_record import DamagedError

T = TypeVar("T")

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


def pack(content: object, name: str) -> bytes:
    """Return *content* as bytes that tell whether they are whole, and kept under *name*."""
    import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types

    plain = pickle.dumps(content, protocol=5)
    pressed: bytes = len(plain).to_bytes(_SIZE) + pa.compress(plain, _CODEC, asbytes=True)
    return _digest(pressed, name) + pressed


def unpack(data: bytes, name: str, kind: type[T]) -> T:
    """Return what :func:`pack` made *data* of.

    Raises:
        DamagedError: it made something else, or for another name, or of another *kind*.
    """
    import pyarrow as pa

    check(data, name)
    start = _DIGEST_SIZE + _SIZE
    size = int.from_bytes(data[_DIGEST_SIZE:start])
    plain = pa.decompress(memoryview(data)[start:], size, _CODEC, asbytes=True)
    found = _Reader(io.BytesIO(plain)).load()
    if not isinstance(found, kind):
        raise DamagedError(f"it holds no {kind.__name__}")
    return found


def check(data: bytes, name: str) -> None:
    """Raise DamagedError if *data* is not what was written under *name*."""
    if _digest(memoryview(data)[_DIGEST_SIZE:], name) != data[:_DIGEST_SIZE]:
        raise DamagedError("its content is not what was written")


def _digest(content: bytes | memoryview, name: str) -> bytes:
    digest = hashlib.sha256(content)
    digest.update(name.encode())
    return digest.digest()


class _Reader(pickle.Unpickler):
    """Reads what is made of simsched's own classes, and of no other."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _NUMPY:
            return super().find_class(module, name)
        if module.startswith("simsched."):
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise DamagedError(f"it holds what simsched does not keep: {module}.{name}")
