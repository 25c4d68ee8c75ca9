"""Every term of the model with what it means and where it acts, found by reflection: nothing is listed here.

A record is a class derived from `Record`, in whichever file of this folder; a word is a member of an enumeration
of `kinds`; a rule is a function of `rules`, a phase one of `phases`. Reading them compiles nothing.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

from . import kinds
from .errors import UserError, worded
from .outcomes import OUTCOMES, Month
from .params import Number
from .reading import PHASES, PLAN, RULES, Act, Words, acts, first_sentence, functions, trees
from .settings import Lever
from .strategy_words import key_of
from .table import Column, Record, columns

NEAREST = 5

Where = dict[tuple[str, str], tuple[Act, ...]]
"""Where each thing acts, by what it belongs to and its name."""


@dataclass(frozen=True)
class Term:
    """One meaning of a term.

    Attributes
    ----------
    name : str
        As the code writes it; words of an enumeration as a strategy file does, in lower case.
    kind : str
        ``parameter``, ``lever``, ``outcome``, ``column``, ``table``, ``word``, ``category``, ``rule``, ``phase``;
        others may be added by who prints them.
    of : str
        The record, enumeration or file it belongs to; ``plan`` for an outcome of a plan.
    meaning, unit : str
    words : tuple of str
        What it may hold, by name: the words of a category, the columns of a table; the columns that hold a word.
    number : int, optional
        The number that stands for a word in tables.
    column : Column, optional
        All that was declared, for a parameter, a lever or a column.
    text : str
        The docstring of a rule or a phase: it says which evidence a form rests on.
    acts : tuple of Act
        The functions of `sim` that read or write it; that call it, for a rule or a phase.
    """

    name: str
    kind: str
    of: str
    meaning: str
    unit: str = ""
    words: tuple[str, ...] = ()
    number: int | None = None
    column: Column | None = None
    text: str = ""
    acts: tuple[Act, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """Return how it may be asked for, in lower case: alone, after what it is of, a lever as a file writes it."""
        alone, full = self.name.lower(), f"{self.of}.{self.name}".lower()
        return (alone, full, key_of(alone)) if self.kind == "lever" else (alone, full)


def record_classes() -> dict[str, type[Record]]:
    """Return every class derived from `Record` in this folder, by name, in the order of the files."""
    found: dict[str, type[Record]] = {}
    for file, tree in trees().items():
        names = [node.name for node in tree.body if isinstance(node, ast.ClassDef) and _derives(node)]
        if names:
            below = file.removeprefix("sim/").removesuffix(".py").replace("/", ".")
            module = importlib.import_module(f".{below}", __package__)
            found |= {name: getattr(module, name) for name in names}
    return found


def categories() -> dict[str, type[IntEnum]]:
    """Return every enumeration of `kinds`, by name."""
    found = {name: kind for name, kind in vars(kinds).items() if isinstance(kind, type) and issubclass(kind, IntEnum)}
    return {name: kind for name, kind in found.items() if kind is not IntEnum}


@cache
def terms() -> tuple[Term, ...]:
    """Return every term, in groups: parameters, levers, outcomes, columns, words, rules, phases."""
    records, enums = record_classes(), categories()
    words = Words(
        columns={name: frozenset(columns(record)) for name, record in records.items()},
        members={name: frozenset(kind.__members__) for name, kind in enums.items()},
        outcomes=frozenset(OUTCOMES),
    )
    where = acts(words)
    found = [*_columns(records, where), *_outcomes(where), *_words(records, enums, where), *_functions(where)]
    order = ("parameter", "lever", "outcome", "table", "column", "category", "word", "rule", "phase")
    return tuple(sorted(found, key=lambda term: order.index(term.kind)))


def look_up(asked: str, among: tuple[Term, ...]) -> list[Term]:
    """Return every meaning of a term, in whichever of its spellings.

    Raises
    ------
    UserError
        If no term is spelt like that; the nearest are named.
    """
    wanted = "_".join(asked.strip().lower().replace("-", "_").split())
    found = [term for term in among if wanted in term.spellings]
    if found:
        return found
    names = {spelling: term.name for term in among for spelling in term.spellings}
    near = [names[spelling] for spelling in get_close_matches(wanted, names, 2 * NEAREST, 0.5)]
    near += sorted({term.name for term in among if len(wanted) > 2 and wanted in term.name.lower()})
    nearest = ", ".join(f"'{name}'" for name in list(dict.fromkeys(near))[:NEAREST])
    hint = worded("; nearest: {nearest}", nearest=nearest) if nearest else ""
    raise UserError("TERM: found '{asked}', accepted a term that 'idmaj explain' lists{hint}", asked=asked, hint=hint)


def _derives(node: ast.ClassDef) -> bool:
    return any(getattr(base, "id", "") == Record.__name__ for base in node.bases)


def _words_of(kind: Any) -> tuple[str, ...]:
    """Return the words of an enumeration, in lower case; none for yes and no."""
    return tuple(member.name.lower() for member in kind) if kind is not None and kind is not bool else ()


def _columns(records: dict[str, type[Record]], where: Where) -> Iterator[Term]:
    for of, record in records.items():
        for name, column in columns(record).items():
            kind = "outcome" if record is Month else "column"
            kind = {Number: "parameter", Lever: "lever"}.get(type(column), kind)
            words, here = _words_of(column.kind), where.get((of, name), ())
            yield Term(name, kind, of, column.meaning, column.unit, words, column=column, acts=here)
        yield Term(of, "table", "sim", first_sentence(record.__doc__ or ""), words=tuple(columns(record)))


def _outcomes(where: Where) -> Iterator[Term]:
    for name, outcome in OUTCOMES.items():
        yield Term(name, "outcome", PLAN, outcome.meaning, outcome.unit, acts=where.get((PLAN, name), ()))


def _words(records: dict[str, type[Record]], enums: dict[str, type[IntEnum]], where: Where) -> Iterator[Term]:
    source = Path(kinds.__file__).read_text(encoding="utf-8")
    for of, kind in enums.items():
        about = first_sentence(kind.__doc__ or "")
        said = remarks(source, of)
        held = [(name, column) for name, record in records.items() for column in columns(record).items()]
        holders = tuple(f"{name}.{column}" for name, (column, item) in held if item.kind is kind)
        for member in kind:
            meaning = said.get(member.name) or f"{about.rstrip('.')}: {member.name.lower().replace('_', ' ')}"
            here = where.get((of, member.name), ())
            yield Term(member.name.lower(), "word", of, meaning, words=holders, number=int(member), acts=here)
        yield Term(of, "category", "kinds", about, words=_words_of(kind))


def remarks(source: str, name: str) -> dict[str, str]:
    """Return what a source says of the members of an enumeration: in a string below, a comment behind or above."""
    lines = source.splitlines()
    (body,) = (node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == name)
    found = {}
    for node, after in zip(body, [*body[1:], None], strict=True):
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
            continue
        text = lines[node.lineno - 1].partition("#")[2].strip()
        above = node.lineno - 2
        while not text and lines[above].strip().startswith("#"):
            above -= 1
        text = text or " ".join(line.strip(" #") for line in lines[above + 1 : node.lineno - 1])
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            text = " ".join(str(after.value.value).split())
        if text:
            found[node.targets[0].id] = text
    return found


def _functions(where: Where) -> Iterator[Term]:
    for each in functions():
        kind = {RULES: "rule", PHASES: "phase"}.get(f"{each.file.rpartition('/')[0]}/")
        if kind:
            name = each.node.name
            text = ast.get_docstring(each.node) or ""
            yield Term(name, kind, each.file, each.sentence, text=text, acts=where.get((each.file, name), ()))
