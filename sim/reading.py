"""Who reads and writes what: every column, word and rule in the functions of this folder, off their syntax trees.

Sources are read and never run, so that nothing is compiled. What a name stands for follows from annotations
(`business: Business`), from assignments (`household = state.households[row]`) and, where neither says, from the
house's own names (`owner` is a person).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOP = Path(__file__).parent
HOUSE_NAMES = {
    "p": "Params",
    "now": "Settings",
    "owner": "Person",
    "town": "Place",
    "outcome": "Month",
    "group": "Pull",
    "plan": "Month",
    "begun": "Business",
    "mine": "Business",
    "projects": "Business",
}
"""Variables that are not called after their record: what they hold unless something else was assigned."""
TABLE_NAMES = {"monthly": "Month"}
"""Tables that are not called after their record."""
PLAN = "plan"
"""Stands for the outcomes of a plan, which are no columns: they are written as keys of a dict."""
RULES, PHASES = "sim/rules/", "sim/phases/"

Found = tuple[str, str, bool]
"""What something belongs to, its name, and whether it is written."""


@dataclass(frozen=True)
class Act:
    """A function that reads something, writes it, or both, with the first sentence of its docstring."""

    file: str
    function: str
    sentence: str
    reads: bool
    writes: bool


@dataclass(frozen=True)
class Words:
    """The names to look for: columns by record, members by enumeration, outcomes of a plan."""

    columns: Mapping[str, frozenset[str]]
    members: Mapping[str, frozenset[str]]
    outcomes: frozenset[str]


@dataclass(frozen=True)
class Function:
    """A function, or a method, and the file it stands in, counted from the folder that holds `sim`."""

    file: str
    node: ast.FunctionDef

    @property
    def sentence(self) -> str:
        """Return the first sentence of its docstring."""
        return first_sentence(ast.get_docstring(self.node) or "")


def first_sentence(text: str) -> str:
    """Return a text up to its first full stop."""
    found = re.match(r"(.+?[.!?])(\s|$)", text, re.DOTALL)
    return " ".join((found[1] if found else text).split())


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax tree of every file of this folder, by its path from the folder that holds `sim`."""
    paths = sorted(TOP.rglob("*.py"))
    return {f"sim/{path.relative_to(TOP).as_posix()}": ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def functions() -> tuple[Function, ...]:
    """Return every function and method, file by file; what is defined inside a function belongs to it."""
    return tuple(
        Function(file, node)
        for file, tree in trees().items()
        for body in (tree.body, *(each.body for each in tree.body if isinstance(each, ast.ClassDef)))
        for node in body
        if isinstance(node, ast.FunctionDef)
    )


def acts(words: Words) -> dict[tuple[str, str], tuple[Act, ...]]:
    """Return where each thing acts, in the order of the files, by what it belongs to and its name.

    Rules and phases belong to their file: they act where they are called.
    """
    owners = {each.node.name: each.file for each in functions() if each.file.startswith((RULES, PHASES))}
    found: dict[tuple[str, str], list[Act]] = {}
    for function in functions():
        modes: dict[tuple[str, str], set[bool]] = {}
        for owner, name, written in (*Reader(function, words).found(), *_called(function, owners)):
            modes.setdefault((owner, name), set()).add(written)
        for key, ways in modes.items():
            act = Act(function.file, function.node.name, function.sentence, False in ways, True in ways)
            found.setdefault(key, []).append(act)
    return {key: tuple(each) for key, each in found.items()}


def _called(function: Function, owners: Mapping[str, str]) -> Iterator[Found]:
    """Return the rules and phases that a function calls, by their bare name or as `books.pay`."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            bare = isinstance(node.func, ast.Name) or isinstance(getattr(node.func, "value", None), ast.Name)
            if bare and name in owners and name != function.node.name:
                yield owners[name], name, False


class Reader:
    """Reads one function: what its names stand for, and then what it does with their columns."""

    def __init__(self, function: Function, words: Words) -> None:
        self.words = words
        placed = [node for node in ast.walk(function.node) if isinstance(node, ast.expr | ast.stmt)]
        self.nodes = sorted(placed, key=lambda node: (node.lineno, node.col_offset))
        self.parents = {child: node for node in ast.walk(function.node) for child in ast.iter_child_nodes(node)}
        self.tables = dict(TABLE_NAMES)
        for record in words.columns:
            name = record.lower()
            self.tables |= dict.fromkeys((name, f"{name}s", f"{name}es", f"{name[:-1]}ies"), record)
        self.names = self._annotated(function.node)
        self._assigned()

    def found(self) -> Iterator[Found]:
        """Return everything read or written."""
        for node in self.nodes:
            if isinstance(node, ast.Attribute):
                yield from self._column(node, self.record(node.value), node.attr)
                yield from self._member(node)
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                yield from self._column(node, self.record(node.value), node.slice.value)
            elif isinstance(node, ast.Dict):
                for key in node.keys:
                    if isinstance(key, ast.Constant) and key.value in self.words.outcomes:
                        yield PLAN, str(key.value), True

    def record(self, node: ast.expr | None) -> str | None:
        """Return the record of which an expression is a row, several rows or the table; None if it is none."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id) or HOUSE_NAMES.get(node.id) or self.tables.get(node.id)
        if isinstance(node, ast.Subscript):
            return self.record(node.value)
        if isinstance(node, ast.Attribute):
            base = self.record(node.value)
            is_column = base is not None and node.attr in self.words.columns[base]
            return None if is_column else self.tables.get(node.attr)
        if isinstance(node, ast.Call):
            method = node.func.value if isinstance(node.func, ast.Attribute) else None
            candidates = (self.record(each) for each in (method, *node.args))
            return next((each for each in candidates if each), None)
        return None

    def _annotated(self, function: ast.FunctionDef) -> dict[str, str]:
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        said = {each.arg: getattr(each.annotation, "id", "") for each in arguments}
        return {name: record for name, record in said.items() if record in self.words.columns}

    def _assigned(self) -> None:
        """Follow assignments in the order of the lines; an annotated argument keeps its record."""
        kept = frozenset(self.names)
        for node in self.nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value, kept)
            elif isinstance(node, ast.For):
                self._assign(node.target, node.iter, kept)

    def _assign(self, target: ast.expr, value: ast.expr, kept: frozenset[str]) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for each, its_value in zip(target.elts, value.elts, strict=False):
                self._assign(each, its_value, kept)
        record = self.record(value)
        if isinstance(target, ast.Name) and record and target.id not in kept:
            self.names[target.id] = record

    def _column(self, node: ast.Attribute | ast.Subscript, record: str | None, name: object) -> Iterator[Found]:
        if record is not None and isinstance(name, str) and name in self.words.columns[record]:
            yield from ((record, name, written) for written in self._modes(node))

    def _modes(self, node: ast.Attribute | ast.Subscript) -> tuple[bool, ...]:
        """Return False for what is read, True for what is written, both for what is added to.

        `flows["arrivals"][row] = x` writes a column as `flow.arrivals = x` does.
        """
        above = self.parents.get(node)
        while isinstance(above, ast.Subscript) and above.value is node:
            node, above = above, self.parents.get(above)
        if isinstance(node.ctx, ast.Load):
            return (False,)
        return (False, True) if isinstance(above, ast.AugAssign) else (True,)

    def _member(self, node: ast.Attribute) -> Iterator[Found]:
        """Return a word of an enumeration: read where something is compared with it, written where it is handed on."""
        kind = getattr(node.value, "id", "")
        if node.attr not in self.words.members.get(kind, ()):
            return
        above: ast.AST | None = self.parents.get(node)
        while above is not None and not isinstance(above, ast.Compare | ast.Subscript | ast.stmt | ast.Call):
            above = self.parents.get(above)
        if isinstance(above, ast.Subscript):
            yield from ((kind, node.attr, written) for written in self._modes(above))
        else:
            yield kind, node.attr, not isinstance(above, ast.Compare)
