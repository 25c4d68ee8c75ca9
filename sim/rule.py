"""`rule` marks a function that three readers share: compiled by numba, interpreted, and run on plain objects.

The compiled code is kept between runs in a folder named after a hash of all of `sim/`, because numba itself
only notices a change in the very file it compiled.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

KEPT_CACHES = 3
"""Compiled versions of the model that are kept; older ones are removed."""


def rule(function: F) -> F:
    """Compile a scalar rule with numba, or leave it as it is where NUMBA_DISABLE_JIT is set.

    Python gets a door to it only where IDMAJ_DOORS is set, as tests do: a quarter of the compiling is doors.
    """
    return _compile(function, cached=False, door=bool(os.environ.get("IDMAJ_DOORS")))


def open_rule(function: F) -> F:
    """Compile a scalar rule that Python calls too, such as luck."""
    return _compile(function, cached=False)


def part(function: F) -> F:
    """Compile a part of the month: only compiled code calls it, so it needs no door for Python (compiles faster)."""
    return _compile(function, cached=False, door=False)


def entry_point(function: F) -> F:
    """Compile a function that Python calls: it releases the interpreter lock and its code is kept on disk."""
    return _compile(function, cached=True)


def _compile(function: F, cached: bool, door: bool = True) -> F:
    import numba

    if numba.config.DISABLE_JIT:
        return function
    from .compiling import DraftCompiler, WholeCompiler

    # Nothing compiled makes or frees memory: without numba's counting of references, calls cost next to nothing.
    options: dict[str, Any] = {"nogil": True, "error_model": "python", "_nrt": False}
    options |= {"pipeline_class": WholeCompiler if door else DraftCompiler, "no_cfunc_wrapper": True}
    options["no_cpython_wrapper"] = not door
    folder = cache_folder() if cached else None
    if folder is None:
        return numba.njit(function, **options)  # type: ignore[no-any-return]  # numba ships no types
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)
    try:
        return numba.njit(function, cache=True, **options)  # type: ignore[no-any-return]  # numba ships no types
    finally:
        numba.config.CACHE_DIR = before


@functools.cache
def code_hash() -> str:
    """Return the sha256 of every source file of `sim`, in hexadecimal."""
    top = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(top.rglob("*.py")):
        digest.update(path.relative_to(top).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_root() -> Path:
    """Return the folder that holds the compiled versions (IDMAJ_CACHE_DIR, or the user's cache folder)."""
    chosen = os.environ.get("IDMAJ_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "idmaj"


@functools.cache
def cache_folder() -> Path | None:
    """Return the folder for this version's compiled code, or None (with a notice) if none can be written.

    numba would otherwise fall back, without a word, to a folder that is not keyed by the whole of `sim`.
    """
    folder = cache_root() / f"compiled-{code_hash()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        print(f"idmaj: compiled code is not kept ({problem}); each start compiles anew", file=sys.stderr)
        return None
    os.utime(folder)
    _prune(folder.parent)
    return folder


def _prune(root: Path) -> None:
    """Remove all but the latest compiled versions; another process may be doing the same."""

    def age(path: Path) -> float:
        try:
            return -path.stat().st_mtime
        except OSError:
            return 0.0

    for old in sorted(root.glob("compiled-*"), key=age)[KEPT_CACHES:]:
        shutil.rmtree(old, ignore_errors=True)
