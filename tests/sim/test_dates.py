"""Dates of changes: a month, or counted from the start of the plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from strategy_files import HEAD, START, shelf, the_problem, write

from idmaj.sim.policy import dated, month_of, read_strategy, settings_table

BLOCK = '[[changes]]\ndate = "{}"\nwhy = "x"\n[changes.advisers]\nnumber = {}\n'


def advisers(path: Path | str, start: str, library: dict[str, Path] | None = None) -> np.ndarray:
    """Return the advisers in each month of a plan of five years."""
    month = month_of(start)
    return settings_table(read_strategy(path, library or {}), month, month + 60).advisers_number[month:]


@pytest.mark.parametrize("start", ["2007-01", "2026-01", "2028-07"])
def test_a_date_counted_from_the_start_moves_with_it(tmp_path: Path, start: str) -> None:
    text = HEAD + "[advisers]\nnumber = 1\n" + BLOCK.format("+1 month", 2) + BLOCK.format("+24 months", 5)
    found = advisers(write(tmp_path, text), start)
    assert found.tolist() == [1.0] + 23 * [2.0] + 36 * [5.0]


def test_a_month_stays_where_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + "[advisers]\nnumber = 1\n" + BLOCK.format("2028-01", 5))
    assert [int((advisers(path, start) == 1).sum()) for start in ("2026-01", "2027-01", "2028-01")] == [24, 12, 0]


def test_in_history_it_counts_from_the_start_of_history(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + 'start = "2010-01"\n[advisers]\nnumber = 1\n' + BLOCK.format("+12 months", 5))
    table = settings_table(read_strategy(path, {}), START, START)
    assert np.flatnonzero(np.diff(table.advisers_number)).tolist() == [month_of("2010-01") - 1, month_of("2011-01") - 1]


def test_both_kinds_say_from_which_month_they_hold(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    named = HEAD.replace("why", 'extends = "continued"\nwhy') + BLOCK.format("2027-03", 5)
    library["named"] = write(tmp_path, named, "named.toml")
    library["counted"] = write(tmp_path, named.replace("2027-03", "+14 months"), "counted.toml")
    for which in ("named", "counted"):
        assert [month for _, _, month in dated(read_strategy(which, library), START)] == [month_of("2027-03")]
    both = "named+counted"
    assert advisers(both, "2026-01", library).tolist() == advisers("named", "2026-01", library).tolist()


@pytest.mark.parametrize(
    ("date", "hint"),
    [
        ("+24", 'write "+24 months"'),
        ("24 months", 'write "+24 months"'),
        ("+ 2 years", 'write "+24 months"'),
        ("12 mois", 'write "+12 months"'),
        ("+0 months", ""),
        ("+1000 months", ""),
        ("-12 months", ""),
        ("2006-12", "the model begins in 2007-01"),
        ("soon", ""),
    ],
)
def test_what_is_no_date_says_what_is(tmp_path: Path, date: str, hint: str) -> None:
    problem = the_problem(tmp_path, HEAD + BLOCK.format(date, 5))
    assert (problem.key, problem.line, problem.hint) == ("changes.date", 4, hint)
    assert problem.found == f'"{date}"'
    accepted = 'a month from 2007-01 on, written YYYY-MM, or like "+12 months" after the start of the plan, in quotes'
    assert problem.accepted == accepted


@pytest.mark.parametrize(
    ("first", "second", "accepted"),
    [
        ("+12 months", "2028-01", 'dates of one kind in a file, like "+12 months"'),
        ("2028-01", "+12 months", 'dates of one kind in a file, like "2028-01"'),
        ("+24 months", "+12 months", "a month after +24 months"),
        ("+9 months", "+9 months", "a month after +9 months"),
        ("+2 months", "+1 month", "a month after +2 months"),
    ],
)
def test_dates_stand_in_order_and_are_of_one_kind(tmp_path: Path, first: str, second: str, accepted: str) -> None:
    problem = the_problem(tmp_path, HEAD + BLOCK.format(first, 5) + BLOCK.format(second, 6))
    assert (problem.key, problem.line, problem.accepted) == ("changes.date", 9, accepted)
    assert problem.hint


def test_ten_months_come_after_nine(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + BLOCK.format("+9 months", 5) + BLOCK.format("+10 months", 6))
    assert advisers(path, "2026-01")[8:11].tolist() == [3.0, 5.0, 6.0]
