"""How a pass over many rows asks memory for those it will come to, so that it need not wait for each.

Half of a month is two passes over all households, and half of these was waiting. `fetch` changes nothing: rows
come sooner, and hold what they held.
"""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LINE = 64
"""Bytes that memory sends at a time."""


def _fetch(typing: Any, table: Any, row: Any) -> Any:
    """Ask for every line of one row of a table."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(table)(context, builder, arguments[0])
        at = cgutils.get_item_pointer(context, builder, table, array, [arguments[1]], wraparound=False)
        first, word = builder.bitcast(at, cgutils.voidptr_t), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, word, word, word])
        ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        for offset in (*range(0, table.dtype.size, LINE), table.dtype.size - 1):  # a row begins anywhere in a line
            # To be read, and soon again; it is data.
            builder.call(ask, [cgutils.pointer_add(builder, first, offset), word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(table, types.intp), generate


def _leave_it(table: Any, row: int) -> None:
    """Do nothing: interpreted, waiting for memory is the least of the time."""


fetch: Any = _leave_it if numba.config.DISABLE_JIT else intrinsic(_fetch)
