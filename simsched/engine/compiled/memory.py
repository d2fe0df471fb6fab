"""Records and numbers by their address.

The rules of the engine call each other a great deal. What they know of is handed on as a few
addresses: a compiled array is seven words, and compiling functions that pass dozens of them takes
minutes. The code that hands an address on keeps the array alive, and in its place, while rules run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from numba import from_dtype, types
from numba.extending import intrinsic, lower_getattr


def _record_at(_: Any, address: Any, index: Any, kind: Any) -> Any:
    del address, index
    record = kind.dtype

    def code(target: Any, builder: Any, _: Any, arguments: Any) -> Any:
        place = _place(builder, arguments, record.size)
        return builder.inttoptr(place, target.get_value_type(record))

    return record(types.int64, types.int64, kind), code


def _read(_: Any, address: Any, index: Any, kind: Any) -> Any:
    del address, index
    number = kind.dtype

    def code(target: Any, builder: Any, _: Any, arguments: Any) -> Any:
        place = _place(builder, arguments, number.bitwidth // 8)
        return builder.load(builder.inttoptr(place, target.get_value_type(number).as_pointer()))

    return number(types.int64, types.int64, kind), code


def _write(_: Any, address: Any, index: Any, kind: Any, value: Any) -> Any:
    del address, index
    number = kind.dtype

    def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(builder, arguments, number.bitwidth // 8)
        new = target.cast(builder, arguments[3], signature.args[3], number)
        builder.store(new, builder.inttoptr(place, target.get_value_type(number).as_pointer()))
        return target.get_dummy_value()

    return types.void(types.int64, types.int64, kind, value), code


def _place(builder: Any, arguments: Any, size: int) -> Any:
    address, index = arguments[:2]
    return builder.add(address, builder.mul(index, address.type(size)))


_intrinsic: Any = intrinsic

record_at: Callable[[int, int, Any], Any] = _intrinsic(_record_at)
"""Return the record at a position of an array of a kind at an address."""

read: Callable[[int, int, Any], Any] = _intrinsic(_read)
"""Return the number at a position of an array of a kind at an address."""

write: Callable[[int, int, Any, Any], None] = _intrinsic(_write)
"""Put a number at a position of an array of a kind at an address."""


def let_be_fixed(kind: Any, names: Iterable[str]) -> None:
    """Let rules know of these fields of a *kind* of record that no rule changes them.

    What is fixed is read once, not again after whatever is written: to the compiler any address may
    be that of any field. (LLVM Language Reference, "load" instruction, ``!invariant.load``.)
    """
    record = _type_of(kind)
    for name in names:
        _lower(record, name)(_fixed(record.typeof(name), record.offset(name)))


def _fixed(number: Any, offset: int) -> Any:
    def code(target: Any, builder: Any, _: Any, record: Any) -> Any:
        start = builder.ptrtoint(record, target.get_value_type(types.int64))
        place = builder.add(start, start.type(offset))
        address = builder.inttoptr(place, target.get_data_type(number).as_pointer())
        value = builder.load(address)
        value.set_metadata("invariant.load", builder.module.add_metadata([]))
        return target.data_model_manager[number].from_data(builder, value)

    return code


_type_of: Any = from_dtype
_lower: Any = lower_getattr
