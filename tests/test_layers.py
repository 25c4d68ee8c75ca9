"""The house keeps its shape: imports point down, nothing goes in a circle, files and functions stay small.

Every check returns what it found wrong in a tree of modules; the last part of this file shows that each can fail.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FOLDERS = ("sim", "calibration", "scenarios", "app")
"""From the ground up: a folder may import from those before it."""

BOTTOM = frozenset(
    ("country", "errors", "kinds", "params", "policy", "records", "rule", "settings", "table")
    + ("compiling", "composition", "consistency", "strategy_file", "strategy_lines", "strategy_words", "timeline")
)
"""Modules of `sim` that are words, units and numbers: of ours they import only each other."""

MAY_DRAW = frozenset({"luck"})
RANDOM = (("random",), ("secrets",), ("numpy", "random"), ("scipy", "stats"))
HEAVY = (("mesa",), ("numba",), ("seaborn",), ("matplotlib",), ("scipy", "stats"))

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
NAMES_OF_A_FOLDER = 20

Name = tuple[str, ...]


@dataclass(frozen=True)
class Import:
    """One imported name; `when` is "loading", "typing" (under TYPE_CHECKING) or "later" (in a function)."""

    line: int
    target: Name
    relative: bool
    when: str

    def of(self, name: Name) -> bool:
        return not self.relative and self.target[: len(name)] == name


@dataclass(frozen=True)
class Module:
    """A source file, named by its path from the top: ("sim", "rules", "hazard")."""

    name: Name
    path: Path
    is_package: bool

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @cached_property
    def imports(self) -> list[Import]:
        return list(_imports(self, self.tree, "loading"))

    def at(self, line: int, problem: str) -> str:
        return f"{'/'.join(self.name)}{'/__init__' if self.is_package else ''}.py:{line}: {problem}"


def _imports(module: Module, node: ast.AST, when: str) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(node.lineno, tuple(alias.name.split(".")), False, when)
    elif isinstance(node, ast.ImportFrom):
        base: Name = tuple(node.module.split(".")) if node.module else ()
        if node.level:
            ups = node.level - module.is_package
            base = module.name[: len(module.name) - ups] + base
        for alias in node.names:
            yield Import(node.lineno, (*base, alias.name), bool(node.level), when)
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        for statement in node.body:
            yield from _imports(module, statement, "typing")
        for statement in node.orelse:
            yield from _imports(module, statement, when)
    else:
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            yield from _imports(module, child, "later" if inside else when)


def read_tree(root: Path, folders: tuple[str, ...] = FOLDERS) -> dict[Name, Module]:
    """Return every module below some folders, the four by default, by name."""
    found = {}
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = parts[:-1] if is_package else parts
            found[name] = Module(name, path, is_package)
    return found


Tree = dict[Name, Module]
Check = Callable[[Tree], list[str]]


def imports_point_down(tree: Tree) -> list[str]:
    return [
        module.at(found.line, f"{module.name[0]} imports {found.target[0]}, which stands above it")
        for module in tree.values()
        for found in module.imports
        if found.relative
        and found.target[0] in FOLDERS
        and FOLDERS.index(found.target[0]) > FOLDERS.index(module.name[0])
    ]


def folders_are_imported_relatively(tree: Tree) -> list[str]:
    return [
        module.at(found.line, f"write 'from ..', not {'.'.join(found.target)}")
        for module in tree.values()
        for found in module.imports
        if not found.relative and found.target[0] in (*FOLDERS, "idmaj")
    ]


def nothing_imports_in_a_circle(tree: Tree) -> list[str]:
    """Consider what runs when a module is loaded, the `__init__` of a package it reaches into included."""
    graph: dict[Name, set[Name]] = {}
    for module in tree.values():
        needed = graph.setdefault(module.name, set())
        for found in module.imports:
            if found.relative and found.when == "loading":
                steps = (found.target[:n] for n in range(1, len(found.target) + 1))
                direct = found.target if found.target in tree else found.target[:-1]
                needed.update(
                    step
                    for step in steps
                    if step in tree and (step == direct or step != module.name[: len(step)])
                )
        needed.discard(module.name)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        return ["a circle: " + " needs ".join(".".join(name) for name in reversed(circle.args[1]))]
    return []


def world_is_a_leaf(tree: Tree) -> list[str]:
    return [
        module.at(found.line, "world.py and its windows.py are a face: nothing in sim imports it")
        for module in tree.values()
        for found in module.imports
        if module.name[0] == "sim" and module.name[1:] != ("world",) and found.relative and found.when != "typing"
        if found.target[:2] in {("sim", "world"), ("sim", "windows")}
    ]


def only_the_month_refers(tree: Tree) -> list[str]:
    """Keep pointers to compiled code in one place: whoever else needs the state takes it as it is."""
    return [
        module.at(found.line, "reference.py is for month.py, and for build.py that compiles it")
        for module in tree.values()
        for found in module.imports
        if module.name not in {("sim", "month"), ("sim", "build")}
        if found.relative and found.target[:2] == ("sim", "reference")
    ]


def the_bottom_imports_only_itself(tree: Tree) -> list[str]:
    return [
        module.at(found.line, f"a bottom module imports {'.'.join(found.target)}")
        for module in tree.values()
        for found in module.imports
        if len(module.name) == 2 and module.name[0] == "sim" and module.name[1] in BOTTOM
        if found.relative and not (found.target[0] == "sim" and BOTTOM.intersection(found.target[1:2]))
    ]


def only_luck_draws(tree: Tree) -> list[str]:
    """Look for imported generators and for `np.random` reached through NumPy itself."""
    wrong = []
    for module in tree.values():
        if module.name[0] != "sim" or module.name[-1] in MAY_DRAW:
            continue
        wrong += [
            module.at(found.line, f"only luck.py draws; this imports {'.'.join(found.target)}")
            for found in module.imports
            if any(found.of(name) for name in RANDOM)
        ]
        wrong += [
            module.at(node.lineno, f"only luck.py draws; this uses {ast.unparse(node)}")
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"np.random", "numpy.random"}
        ]
    return wrong


def the_door_opens_quickly(tree: Tree) -> list[str]:
    """Heavy libraries are imported where they are used, never when the command line is loaded."""
    doors = [
        module
        for module in tree.values()
        if (module.name[0] == "app" and len(module.name) > 1 and module.name[1].startswith("cli"))
        or (module.is_package and module.name in {("scenarios",), ("calibration",), ("app",)})
    ]
    return [
        module.at(found.line, f"{'.'.join(found.target)} is heavy: import it where it is used")
        for module in doors
        for found in module.imports
        if found.when == "loading" and any(found.of(name) for name in HEAVY)
    ]


def files_are_short(tree: Tree) -> list[str]:
    lengths = ((module, len(module.text.splitlines())) for module in tree.values())
    return [module.at(n, f"{n} lines in a file") for module, n in lengths if n > LINES_OF_A_FILE]


def functions_are_short(tree: Tree) -> list[str]:
    """Count the lines of the body, its docstring included."""
    wrong = []
    for module in tree.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.body[0].lineno + 1
                if lines > LINES_OF_A_FUNCTION:
                    wrong.append(module.at(node.lineno, f"{lines} lines in {node.name}"))
    return wrong


def folders_say_what_they_offer(tree: Tree) -> list[str]:
    """Demand of each folder an `__init__.py`, and of that an `__all__` that can be read and is not long."""
    wrong = []
    for folder in FOLDERS:
        module = tree.get((folder,))
        if module is None:
            wrong.append(f"{folder}/__init__.py: missing")
            continue
        values = [
            node.value
            for node in module.tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and "__all__" in ast.unparse(node).split("=")[0]
        ]
        if not values:
            if any(not isinstance(node, ast.Expr) for node in module.tree.body):
                wrong.append(module.at(1, "binds names and has no __all__"))
            continue
        try:
            names = ast.literal_eval(values[-1] or ast.Constant(None))
        except ValueError:
            names = None
        if not isinstance(names, list | tuple):
            wrong.append(module.at(1, "__all__ is not a plain list of names"))
        elif len(names) > NAMES_OF_A_FOLDER:
            wrong.append(module.at(1, f"{len(names)} names in __all__"))
    return wrong


CHECKS: list[Check] = [
    imports_point_down,
    folders_are_imported_relatively,
    nothing_imports_in_a_circle,
    world_is_a_leaf,
    only_the_month_refers,
    the_bottom_imports_only_itself,
    only_luck_draws,
    the_door_opens_quickly,
    files_are_short,
    functions_are_short,
    folders_say_what_they_offer,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house(check: Check) -> None:
    tree = read_tree(ROOT)
    assert {name[0] for name in tree} == set(FOLDERS), "a folder holds no module: this would prove nothing"
    assert check(tree) == []


def test_files_beside_the_four_folders_are_short_too() -> None:
    assert files_are_short(read_tree(ROOT, ("tests", "docs", "benchmarks"))) == []


def test_the_modules_named_above_exist() -> None:
    there = {path.stem for path in (ROOT / "sim").glob("*.py")}
    named = BOTTOM | {"luck", "month", "reference"}
    assert there >= named, "a module was renamed: its check would no longer look at it"


# From here on: can the checks fail? Each case is one file added to a sound tree.

SOUND = {
    "sim/__init__.py": '"""Model."""\nfrom .run import simulate\n__all__ = ["simulate"]\n',
    "sim/kinds.py": "import math\n",
    "sim/errors.py": "",
    "sim/params.py": "from .kinds import Trade\nfrom .errors import UserError\n",
    "sim/luck.py": "import random\nimport numpy as np\nnp.random.default_rng(1)\n",
    "sim/rules/__init__.py": "",
    "sim/rules/hazard.py": "from ..params import Params\n\ndef late():\n    from ..run import simulate\n",
    "sim/run.py": "from .luck import Luck\nfrom .month import live_months\nfrom .rules import hazard\n",
    "sim/month.py": "from .reference import refer\n",
    "sim/reference.py": "import numba\n",
    "sim/world.py": "import mesa\nfrom .run import simulate\nfrom .windows import Person\n",
    "sim/windows.py": "import mesa\nif TYPE_CHECKING:\n    from .world import World\n",
    "calibration/__init__.py": '"""Docstring alone."""\n',
    "calibration/fit.py": "import numba\nimport scipy.stats\nfrom ..sim.world import World\n",
    "scenarios/__init__.py": "def load():\n    import numba\n__all__ = ('load',)\n",
    "app/__init__.py": "",
    "app/cli.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import matplotlib\n    from ..scenarios import load\n"
        "else:\n    import json\n\n"
        "def main():\n    import mesa\n    from ..sim import simulate\n"
    ),
    "app/report.py": "import seaborn\nfrom .cli import main\n",
}

FAULTS: list[tuple[Check, str, str]] = [
    (imports_point_down, "sim/x.py", "from ..calibration import fit\n"),
    (imports_point_down, "sim/rules/x.py", "def f():\n    from ...app.cli import main\n"),
    (imports_point_down, "calibration/x.py", "from .. import scenarios\n"),
    (imports_point_down, "scenarios/x.py", "try:\n    from ..app import cli\nfinally:\n    pass\n"),
    (folders_are_imported_relatively, "scenarios/x.py", "import sim.run\n"),
    (folders_are_imported_relatively, "scenarios/x.py", "from calibration import fit\n"),
    (folders_are_imported_relatively, "app/x.py", "def f():\n    from scenarios import load\n"),
    (folders_are_imported_relatively, "app/x.py", "import app\n"),
    (folders_are_imported_relatively, "app/x.py", "from idmaj.sim import simulate\n"),
    (nothing_imports_in_a_circle, "sim/luck.py", "from .run import simulate\n"),
    (nothing_imports_in_a_circle, "sim/luck.py", "from . import run\n"),
    (nothing_imports_in_a_circle, "sim/luck.py", "class A:\n    from . import simulate\n"),
    (nothing_imports_in_a_circle, "sim/rules/__init__.py", "from ..run import simulate\n"),
    (nothing_imports_in_a_circle, "sim/rules/hazard.py", "from ..run import simulate\n"),
    (nothing_imports_in_a_circle, "app/cli.py", "from . import report\n"),
    (world_is_a_leaf, "sim/x.py", "from .world import World\n"),
    (world_is_a_leaf, "sim/x.py", "def f():\n    from .windows import Person\n"),
    (world_is_a_leaf, "sim/rules/x.py", "def f():\n    from .. import world\n"),
    (only_the_month_refers, "sim/x.py", "from .reference import refer\n"),
    (only_the_month_refers, "sim/rules/x.py", "def f():\n    from .. import reference\n"),
    (the_bottom_imports_only_itself, "sim/kinds.py", "from .luck import Luck\n"),
    (the_bottom_imports_only_itself, "sim/policy.py", "def f():\n    from .rules.hazard import late\n"),
    (the_bottom_imports_only_itself, "sim/rule.py", "from . import run\n"),
    (the_bottom_imports_only_itself, "sim/table.py", "from ..calibration import fit\n"),
    (only_luck_draws, "sim/rules/x.py", "import random\n"),
    (only_luck_draws, "sim/x.py", "from random import random\n"),
    (only_luck_draws, "sim/x.py", "from numpy.random import default_rng\n"),
    (only_luck_draws, "sim/x.py", "def f():\n    from numpy import random\n"),
    (only_luck_draws, "sim/x.py", "import numpy as np\nx = np.random.default_rng(1)\n"),
    (only_luck_draws, "sim/x.py", "from scipy import stats\n"),
    (the_door_opens_quickly, "app/cli.py", "import matplotlib.pyplot as plt\n"),
    (the_door_opens_quickly, "app/cli_study.py", "try:\n    from mesa import Model\nfinally:\n    pass\n"),
    (the_door_opens_quickly, "scenarios/__init__.py", "import seaborn\n__all__ = []\n"),
    (the_door_opens_quickly, "calibration/__init__.py", "from scipy import stats\n__all__ = []\n"),
    (files_are_short, "app/x.py", "x = 1\n" * 401),
    (functions_are_short, "app/x.py", "def f():\n" + "    x = 1\n" * 61),
    (functions_are_short, "app/x.py", "class A:\n    async def f(self):\n" + "        x = 1\n" * 61),
    (folders_say_what_they_offer, "sim/__init__.py", f"__all__ = {[f'n{i}' for i in range(21)]}\n"),
    (folders_say_what_they_offer, "sim/__init__.py", "from .run import simulate\n"),
    (folders_say_what_they_offer, "app/__init__.py", "__all__ = sorted(globals())\n"),
]


def grow(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_a_sound_tree_passes_every_check(tmp_path: Path) -> None:
    tree = read_tree(grow(tmp_path, SOUND))
    assert len(tree) == len(SOUND)
    assert {check.__name__: check(tree) for check in CHECKS} == {check.__name__: [] for check in CHECKS}


@pytest.mark.parametrize(("check", "name", "text"), FAULTS)
def test_a_faulty_tree_fails_its_check(check: Check, name: str, text: str, tmp_path: Path) -> None:
    wrong = check(read_tree(grow(tmp_path, {**SOUND, name: text})))
    assert len(wrong) == 1, wrong


def test_every_check_is_shown_to_fail() -> None:
    assert {check for check, _, _ in FAULTS} == set(CHECKS)


def test_the_limits_themselves_are_allowed(tmp_path: Path) -> None:
    function = "def f():\n" + "    x = 1\n" * LINES_OF_A_FUNCTION
    at_the_limit = function + "y = 1\n" * (LINES_OF_A_FILE - LINES_OF_A_FUNCTION - 1)
    names = f"__all__ = {[f'n{i}' for i in range(NAMES_OF_A_FOLDER)]}\n"
    tree = read_tree(grow(tmp_path, {**SOUND, "app/x.py": at_the_limit, "app/__init__.py": names}))
    assert [wrong for check in CHECKS for wrong in check(tree)] == []
