"""What a question is answered with: a sentence, tables, what to mind, and the studies it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ..experiment import Plan
from ..results import Experiment

Runner = Callable[[Plan], Experiment]
"""Runs a plan, or finds it run before, and returns what came out; `passing.run_experiment` is the plainest one."""


@dataclass(frozen=True)
class Table:
    """A table of an answer: a title, what its columns mean in words, and the rows.

    One that is `long` is behind a picture: it goes to files and programs, not to the terminal and the page. `called`
    says what columns named by what was asked are called in another language than English.
    """

    title: str
    meaning: str
    rows: pd.DataFrame
    long: bool = False
    called: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """An answer as people, programs and the page get it.

    Attributes
    ----------
    question : str
        As it would be asked: "What is the smallest budget for ...?"
    sentence : str
        The answer in one or two plain sentences, with its interval.
    facts : mapping
        The same for programs: numbers, texts, lists of them; None where there is none.
    tables : tuple of Table
    rests_on : tuple of str
        Draws and luck, evidence, assumptions; a sentence each.
    mind : tuple of str
        What the answer does not say, or why it may be wrong; a sentence each.
    studies : tuple of Experiment
        What was run.
    """

    question: str
    sentence: str
    facts: Mapping[str, Any]
    tables: tuple[Table, ...] = ()
    rests_on: tuple[str, ...] = ()
    mind: tuple[str, ...] = ()
    studies: tuple[Experiment, ...] = field(default=(), repr=False)

    @property
    def shown(self) -> tuple[Table, ...]:
        """The tables that people read."""
        return tuple(table for table in self.tables if not table.long)

    def table(self, title: str) -> pd.DataFrame:
        """Return the rows of the table of that title."""
        return next(table.rows for table in self.tables if table.title == title)
