"""Compile the model on all cores, the first time that a version of it is run: `ready` is called before every run.

Processes beside this one, its helpers, draft the phases of the month from the last on, while this one begins
with the first; who comes to a phase claims it. A phase that a helper claimed is then taken over as a draft, and
one whose helper failed is drafted here: without any helper all of it is.
"""

from __future__ import annotations

import ast
import contextlib
import multiprocessing
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numba
from numba.core import event, serialize
from numba.core.caching import NullCache
from numba.core.compiler_lock import global_compiler_lock

from . import month
from .compiling import packed, unpacked
from .errors import worded
from .records import Place
from .reference import Reference
from .state import Floats, Scene, clear_desk, empty_state
from .table import new_table

MOST_HELPERS = 3
"""More would mostly draft anew what phases share."""
TYPES = "types"
"""The file in which helpers find the types of what phases take."""
PAUSE = 0.01
"""Seconds between two looks at whether a helper is done."""
PATIENCE = 120.0
"""Seconds after which a helper that is not done with a phase is taken to hang: many times what any phase takes."""


def ready(scene: Scene, first_stock: Floats) -> None:
    """Load the compiled month, or compile it where this version never was on this machine."""
    live_months: Any = month.live_months
    begin: Any = month.begin
    count_arrivals: Any = month.count_arrivals
    if numba.config.DISABLE_JIT or live_months.signatures:
        return
    with global_compiler_lock:
        if live_months.signatures:
            return
        state = empty_state(new_table(Place, 0), 0)
        tables, given, luck, number = (numba.typeof(each) for each in (state, scene, (1, 0, 0), 1))
        room = numba.typeof(clear_desk(state))
        types = {"state": Reference(tables), "scene": Reference(given), "space": Reference(room)}
        with Workshop(types | {"luck": luck, "month": number}):
            count_arrivals.compile((given, luck, number, number))
            begin.compile((tables, given, luck, numba.typeof(first_stock)))
            live_months.compile((tables, given, luck, room, number, number))


class Workshop(event.Listener):  # type: ignore[misc]  # numba ships no types
    """Where helpers and this process share the drafting; it opens when numba comes to compile anything at all."""

    def __init__(self, types: dict[str, Any]) -> None:
        self.types = types
        self.folder: Path | None = None
        self.helpers: list[subprocess.Popen[bytes]] = []
        self.caches: dict[str, Any] = {}
        self.began = time.perf_counter()

    def __enter__(self) -> None:
        event.register("numba:compile", self)

    def on_start(self, event: Any) -> None:
        """Open, before the first function is compiled."""
        if self.folder is None:
            say(worded("idmaj: compiling the model, once for each version of it"))
            self.folder = Path(tempfile.mkdtemp(prefix="idmaj-"))
            (self.folder / TYPES).write_bytes(serialize.dumps(self.types))
            for name, _ in calls_of_a_month():
                self.caches[name] = phase(name)._cache
                phase(name)._cache = Handover(self, name)
            with contextlib.suppress(OSError):  # then those that did start help, or none
                for _ in range(min(cores() - 1, MOST_HELPERS)):
                    self.helpers.append(helper(self.folder))

    def on_end(self, event: Any) -> None:
        """Go on."""

    def taken_over(self, name: str) -> bytes | None:
        """Return a phase that a helper drafted, once it has; None if it is to be drafted here.

        Where the draft does not come, helpers hang: all are ended.
        """
        assert self.folder is not None
        if claim(self.folder, name):
            return None
        draft, until = self.folder / name, time.monotonic() + PATIENCE
        while not draft.exists():
            if time.monotonic() > until:
                self.end_helpers()
            if all(each.poll() is not None for each in self.helpers):
                break
            time.sleep(PAUSE)
        return draft.read_bytes() if draft.exists() else None

    def end_helpers(self) -> None:
        """End all helpers, whatever they do."""
        for each in self.helpers:
            each.kill()
            each.communicate()

    def __exit__(self, *problem: object) -> None:
        event.unregister("numba:compile", self)
        if self.folder is None:
            return
        self.end_helpers()
        for name, before in self.caches.items():
            phase(name)._cache = before
        shutil.rmtree(self.folder, ignore_errors=True)
        say(worded("idmaj: that took {seconds:.0f} s", seconds=time.perf_counter() - self.began))


class Handover(NullCache):  # type: ignore[misc]  # numba ships no types
    """What numba takes for the cache of a phase: the drafts that helpers hand over."""

    def __init__(self, workshop: Workshop, name: str) -> None:
        self.workshop, self.name = workshop, name

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return a helper's draft, or None."""
        draft = self.workshop.taken_over(self.name)
        return unpacked(draft, target_context) if draft else None

    def save_overload(self, sig: Any, cres: Any) -> None:
        """Optimise what was drafted here, while helpers are at work."""
        cres.library._get_module_for_linking()


def helper(folder: Path) -> subprocess.Popen[bytes]:
    """Start a helper. It ends when all is claimed, and when its standard input does: with this process."""
    command = [sys.executable, "-c", f"from {__name__} import help_out; help_out()", str(folder)]
    where = {name: value for name, value in os.environ.items() if name != "IDMAJ_DOORS"}
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, env=where, stdin=subprocess.PIPE, stdout=silent, stderr=silent)


def help_out() -> None:
    """Draft phases for the process that started this one, from the last one on, until all are claimed."""
    threading.Thread(target=leave_with_parent, daemon=True).start()
    folder = Path(sys.argv[1])
    types = pickle.loads((folder / TYPES).read_bytes())
    for name, arguments in reversed(calls_of_a_month()):
        if claim(folder, name):
            dispatcher, given = phase(name), tuple(type_of(each, types) for each in arguments)
            dispatcher.compile(given)
            unfinished = folder / f"{name}.unfinished"
            unfinished.write_bytes(packed(dispatcher.overloads[given]))
            unfinished.replace(folder / name)


def leave_with_parent() -> None:
    """End this process at once when the one that started it is gone."""
    os.read(0, 1)
    os._exit(1)


def claim(folder: Path, name: str) -> bool:
    """Claim a phase; say whether nobody had."""
    try:
        (folder / f"{name}.claimed").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def calls_of_a_month() -> list[tuple[str, list[str]]]:
    """Return the phases of a month, as `month.py` calls them: module.function and its arguments."""
    tree = ast.parse(Path(str(month.__file__)).read_text(encoding="utf-8"))
    lived = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "live_months")
    loop = next(node for node in lived.body if isinstance(node, ast.For))
    calls = [node.value for node in loop.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    return [(ast.unparse(call.func), [ast.unparse(each) for each in call.args]) for call in calls]


def phase(name: str) -> Any:
    """Return a phase by its name in `month.py`."""
    module, _, function = name.partition(".")
    return getattr(getattr(month, module), function)


def type_of(argument: str, types: dict[str, Any]) -> Any:
    """Return the type of an argument of a phase, such as `state` or `space.cards`."""
    name, _, field = argument.partition(".")
    if not field:
        return types[name]
    target = types[name].target
    return target.types[target.fields.index(field)]


def cores() -> int:
    """Return how many cores this process may use: one, if it is itself one of several."""
    if multiprocessing.parent_process() is not None:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def say(words: str) -> None:
    """Tell who waits at a terminal."""
    if sys.stderr.isatty():
        print(words, file=sys.stderr, flush=True)
