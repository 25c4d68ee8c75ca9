"""How compiled parts of the month share their tables: by one pointer, instead of copies of some thirty arrays.

`refer` lends a tuple of arrays to the functions that are called with it: they read `state.persons` as from the
tuple itself. Interpreted, it is the tuple. Without it every call, and every look at the state, copies the
whole tuple: compiling takes three times as long, and small functions cost more than what they do.
"""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

import numba
from numba.core import cgutils, types
from numba.core.datamodel import models, register_default
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import intrinsic

T = TypeVar("T")


class Reference(types.Type):  # type: ignore[misc]  # numba ships no types
    """The type of a pointer to a named tuple that outlives it."""

    def __init__(self, target: Any) -> None:
        self.target = target
        digest = hashlib.sha256(target.name.encode()).hexdigest()[:12]
        super().__init__(name=f"Reference({target.instance_class.__name__} {digest})")


@register_default(Reference)
class ReferenceModel(models.OpaqueModel):  # type: ignore[misc]  # numba ships no types
    """A pointer, to compiled code."""


@infer_getattr
class ReferenceAttributes(AttributeTemplate):  # type: ignore[misc]  # numba ships no types
    """The fields of the named tuple."""

    key = Reference

    def generic_resolve(self, reference: Reference, field: str) -> Any:
        """Return the type of a field, or None where there is none of that name."""
        fields = reference.target.fields
        return reference.target.types[fields.index(field)] if field in fields else None


@lower_getattr_generic(Reference)  # type: ignore[untyped-decorator]  # numba ships no types
def _field(context: Any, builder: Any, reference: Reference, pointer: Any, field: str) -> Any:
    """Load one field of the tuple."""
    place = reference.target.fields.index(field)
    tuple_at = builder.bitcast(pointer, context.get_value_type(reference.target).as_pointer())
    return builder.load(cgutils.gep_inbounds(builder, tuple_at, 0, place))


def _refer(typing: Any, target: Any) -> Any:
    """Put a named tuple on the stack of the function that lends it, and return where it is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(cgutils.alloca_once_value(builder, arguments[0]), cgutils.voidptr_t)

    return Reference(target)(target), generate


def _itself(tuple_of_arrays: T) -> T:
    return tuple_of_arrays


refer: Any = _itself if numba.config.DISABLE_JIT else intrinsic(_refer)
