"""How the parts of a month become machine code: numba drafts each function, and LLVM works once on each phase.

By itself numba optimises every function together with all it calls, and makes machine code of it, before its
caller does the same again; but of some 250 functions Python calls three.

All of it rests on numba's inside, which numba may change in any release: `JITCodeLibrary` with `_optimize_functions`,
`_optimize_final_module`, `_get_module_for_linking` and `_linking_libraries`, passes by name, `NativeLowering`,
`compile_result`, and in `build.py` a dispatcher's `_cache`. So `pyproject.toml` bounds numba above; before the bound is
raised, run `tests/sim/test_build.py` and `tests/test_same_bytes.py` with the new release. A change there shows when the
month is first compiled, as an AttributeError, a TypeError or a symbol that LLVM does not find. There is no switch to
numba's own compiling; `NUMBA_DISABLE_JIT=1` leaves all of this out and interprets the same rules, to the same bytes and
very much slower.
"""

from __future__ import annotations

import pickle
from typing import Any

import llvmlite.binding as llvm
from numba.core import codegen, compiler, serialize, typed_passes, untyped_passes
from numba.core.compiler_machinery import PassManager, register_pass


class Library(codegen.JITCodeLibrary):  # type: ignore[misc]  # numba ships no types
    """A function's code before it is optimised."""

    def _optimize_functions(self, module: Any) -> None:
        """Leave that to the end."""
        module.data_layout = self._codegen._data_layout

    def _optimise(self) -> None:
        passes, builder = self._codegen._module_pass_manager()
        passes.run(self._final_module, builder)

    def _keep_to_itself(self) -> None:
        """Let no other code see what was linked in: LLVM may then inline and drop it."""
        for function in self._final_module.functions:
            if function.linkage == llvm.Linkage.linkonce_odr and not function.is_declaration:
                function.linkage = "internal"


class Draft(Library):
    """One function that is only ever linked into other code: it never is machine code by itself.

    Drafts take each other as they are. What else links a draft gets it settled: with all it calls, optimised.
    """

    settled = False

    def finalize(self) -> None:
        """Say that it is complete."""
        self._finalized = True
        self._own().linkage = "linkonce_odr"  # the linkage of what other code may bring along as well

    def _own(self) -> Any:
        return next(each for each in self._final_module.functions if not each.is_declaration)

    def _get_module_for_linking(self) -> Any:
        if not self.settled:
            self.settled = True
            own = self._own()
            own.linkage = "external"
            for each in self._callees():
                code = each._final_module if isinstance(each, Draft) else each._get_module_for_linking()
                self._final_module.link_in(code, preserve=True)
            self._keep_to_itself()
            self._optimise()
            self._linking_libraries.clear()
            own.linkage = "linkonce_odr"
        return self._final_module

    def _callees(self) -> list[Any]:
        """Return what it calls, and what drafts among them call, each after its caller: LLVM drops what none does."""
        found: dict[int, Any] = {}
        left = list(self._linking_libraries)
        while left:
            library = left.pop(0)
            if id(library) not in found:
                found[id(library)] = library
                left += library._linking_libraries if isinstance(library, Draft) else []
        return list(found.values())


class Whole(Library):
    """Machine code for Python to call. It is optimised by itself: what it calls was before."""

    def finalize(self) -> None:
        """Optimise, link, and make machine code."""
        self._optimise()
        super().finalize()

    def _optimize_final_module(self) -> None:
        self._keep_to_itself()


@register_pass(mutates_CFG=True, analysis_only=False)
class LowerDraft(typed_passes.NativeLowering):  # type: ignore[misc]  # numba ships no types
    """Write a function down as a draft."""

    _name = "idmaj_lower_draft"

    def run_pass(self, state: Any) -> bool:
        """Lower it; what stands for it in numba's tables is not to be called."""
        state.library = Draft(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        state.cr = state.cr._replace(cfunc=stand_in())
        state.targetctx.insert_user_function(state.cr.cfunc, state.cr.fndesc, [state.library])
        return True


@register_pass(mutates_CFG=True, analysis_only=False)
class LowerWhole(typed_passes.NativeLowering):  # type: ignore[misc]  # numba ships no types
    """Make machine code of a function and all it calls."""

    _name = "idmaj_lower_whole"

    def run_pass(self, state: Any) -> bool:
        """Lower it into a whole."""
        state.library = Whole(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return bool(super().run_pass(state))


def stand_in() -> Any:
    """Return something built in, unlike any other, by which numba knows a draft; called from Python, it raises."""
    empty: tuple[Any, ...] = ()
    return (nothing for nothing in empty).throw


class WholeCompiler(compiler.CompilerBase):  # type: ignore[misc]  # numba ships no types
    """numba's passes without those for what no rule does: closures, object mode, arrays at a time, literals."""

    lowering: type[typed_passes.NativeLowering] = LowerWhole

    def define_pipelines(self) -> list[PassManager]:
        """Return the passes."""
        passes = PassManager("idmaj")
        for each in (
            untyped_passes.TranslateByteCode,
            untyped_passes.FixupArgs,
            untyped_passes.IRProcessing,
            untyped_passes.GenericRewrites,
            untyped_passes.ReconstructSSA,
            typed_passes.NopythonTypeInference,
            typed_passes.PreLowerStripPhis,
            typed_passes.IRLegalization,
            self.lowering,
            typed_passes.NoPythonBackend,
        ):
            passes.add_pass(each, each._name)
        passes.finalize()
        return [passes]


class DraftCompiler(WholeCompiler):
    """The same, for a function that only compiled code calls."""

    lowering = LowerDraft


def packed(result: Any) -> bytes:
    """Return a draft, settled, as another process can take it over: names are unique within a process only."""
    bitcode = result.library._get_module_for_linking().as_bitcode()
    result.fndesc.typemap = result.fndesc.calltypes = None  # numba leaves them out of its own cache too
    return bytes(serialize.dumps((result.library.name, bitcode, result.fndesc, result.signature)))


def unpacked(content: bytes, context: Any) -> Any:
    """Return a draft that another process packed, as numba knows its own."""
    name, bitcode, description, signature = pickle.loads(content)
    library = Draft(context.codegen(), name)
    library._final_module = llvm.parse_bitcode(bitcode)
    library._finalized = library.settled = True
    return compiler.compile_result(
        typing_context=context.typing_context,
        target_context=context,
        entry_point=stand_in(),
        library=library,
        signature=signature,
        fndesc=description,
        objectmode=False,
        lifted=(),
        reload_init=[],
    )
