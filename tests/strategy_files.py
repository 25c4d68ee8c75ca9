"""What the tests of strategies share: files written for a test, and the problems found in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from idmaj.sim.policy import Problem, StrategyError, month_of, read_strategy, settings_table

START = month_of("2026-01")
HEAD = 'name = "A"\nwhy = "b"\n'
BLOCK = '[[changes]]\ndate = "2028-01"\nwhy = "x"\n[changes.selection]\nrule = "mixed"\n'


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def table_of(folder: Path, text: str) -> np.recarray:
    return settings_table(read_strategy(write(folder, text), {}), START, START + 120)


def problems_of(path: Path | str, library: Mapping[str, Path] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(StrategyError) as caught:
        settings_table(read_strategy(path, library or {}), START, START + 120)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    return caught.value.problems


def the_problem(folder: Path, text: str) -> Problem:
    (problem,) = problems_of(write(folder, text))
    assert problem.file == str(folder / "mine.toml")
    return problem
