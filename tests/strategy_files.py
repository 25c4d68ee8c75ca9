"""What the tests of strategies share: files written for a test, and the problems found in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from idmaj.sim.policy import Problem, StrategyError, month_of, read_strategy, settings_table

START = month_of("2026-01")
MONTHS = START + 120
HEAD = 'name = "A"\nwhy = "b"\n'
BLOCK = '[[changes]]\ndate = "2028-01"\nwhy = "x"\n[changes.selection]\nrule = "mixed"\n'


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def table_of(folder: Path, text: str) -> np.recarray:
    return settings_table(read_strategy(write(folder, text), {}), START, MONTHS)


def problems_of(path: Path | str, library: Mapping[str, Path] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(StrategyError) as caught:
        settings_table(read_strategy(path, library or {}), START, MONTHS)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    return caught.value.problems


def the_problem(folder: Path, text: str) -> Problem:
    (problem,) = problems_of(write(folder, text))
    assert problem.file == str(folder / "mine.toml")
    return problem


def shelf(folder: Path) -> dict[str, Path]:
    """Write a library: history, continued on it, and four parts on that."""
    files = {
        "history": 'name = "History"\nwhy = "done"\nstart = "2007-01"\n[grants]\namount_mad = 1000\n',
        "continued": 'name = "Today"\nextends = "history"\nwhy = "goes on"\n[intake]\nprojects_per_year = 88\n',
        "need": 'name = "Need"\nextends = "continued"\nwhy = "asked for"\n[selection]\nrule = "need_first"\n',
        "draw": 'name = "Draw"\nextends = "continued"\nwhy = "is it fair?"\n[selection]\nrule = "lottery"\n',
        "advice": 'name = "Advice"\nextends = "continued"\nwhy = "asked for."\n[advisers]\nnumber = 9\n',
        "more_advice": 'name = "More"\nextends = "advice"\nwhy = "still more"\n[advisers]\nnumber = 12\n',
    }
    return {name: write(folder, text, f"{name}.toml") for name, text in files.items()}


def settings_of(which: str | Path, library: dict[str, Path]) -> np.recarray:
    return settings_table(read_strategy(which, library), START, MONTHS)


def layers_of(which: str | Path, library: dict[str, Path]) -> list[str]:
    return [layer.key for layer in read_strategy(which, library).layers]


def package(folder: Path, parts: str, more: str = "", name: str = "package.toml") -> Path:
    return write(folder, f'name = "Package"\nwhy = "both"\ncombines = [{parts}]\n{more}', name)
