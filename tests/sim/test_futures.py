"""Futures: what may come, laid over whatever is done."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from strategy_files import BLOCK, START, layers_of, package, problems_of, settings_of, shelf, the_problem, write

from idmaj.sim.policy import base_of, read_strategy

FUTURE = 'name = "{}"\nextends = "continued"\nfuture = true\nwhy = "may come"\n'
FADING = '[[changes]]\ndate = "2028-01"\nwhy = "x"\nramp_months = 9\n[changes.advisers]\nnumber = 0\n'


def futures(folder: Path) -> dict[str, Path]:
    """Return the shelf with three futures: one says no to advice, one to selection, one makes money fade."""
    files = {
        "no_advice": FUTURE.format("No advice") + "[advisers]\nnumber = 0\n",
        "by_lot": FUTURE.format("By lot") + BLOCK.replace("mixed", "lottery"),
        "fading": FUTURE.format("Fading") + FADING,
    }
    return shelf(folder) | {name: write(folder, text, f"{name}.toml") for name, text in files.items()}


def test_a_future_alone_is_laid_over_what_it_extends(tmp_path: Path) -> None:
    library = futures(tmp_path)
    assert layers_of("no_advice", library) == ["history", "continued", "no_advice"]
    assert settings_of("no_advice", library).advisers_number[START] == 0


def test_a_future_overrides_strategies_in_any_order(tmp_path: Path) -> None:
    library = futures(tmp_path)
    orders = permutations(["advice", "need", "no_advice", "by_lot"])
    tables = [settings_of("+".join(parts), library) for parts in orders]
    assert {table.tobytes() for table in tables} == {tables[0].tobytes()}
    assert set(tables[0].advisers_number[START:]) == {0}
    assert tables[0].selection_rule[START] != tables[0].selection_rule[-1]
    (problem,) = problems_of("need+draw+no_advice", library)
    assert problem.key == "selection.rule"


def test_only_what_a_future_says_itself_is_laid_over_strategies(tmp_path: Path) -> None:
    library = futures(tmp_path)
    assert layers_of("history+no_advice", library) == ["history", "no_advice"]
    assert settings_of("history+no_advice", library).intake_projects_per_year[START] == 0
    assert layers_of("no_advice+by_lot", library) == ["history", "continued", "no_advice", "by_lot"]


def test_futures_that_disagree_are_a_conflict(tmp_path: Path) -> None:
    library = futures(tmp_path)
    library["much"] = write(tmp_path, FUTURE.format("Much") + "[advisers]\nnumber = 50\n", "much.toml")
    for which in ("no_advice+much", "much+need+no_advice"):
        (problem,) = problems_of(which, library)
        assert (problem.key, problem.accepted) == ("advisers.number", "the same value in all parts that set it")
    mine = package(tmp_path, '"much", "no_advice", "need"', "[advisers]\nnumber = 7\n")
    assert settings_of(mine, library).advisers_number[START] == 7


def test_a_future_that_ramps_begins_where_the_strategy_stands(tmp_path: Path) -> None:
    library = futures(tmp_path)
    for which in ("advice+fading", "fading+advice"):
        found = settings_of(which, library).advisers_number
        assert found[START + 23 : START + 34].tolist() == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert settings_of("fading", library).advisers_number[START + 24] == pytest.approx(3 * 8 / 9)


def test_a_package_may_hold_a_future_and_decide_over_it(tmp_path: Path) -> None:
    library = futures(tmp_path)
    held = package(tmp_path, '"no_advice", "advice"')
    assert settings_of(held, library).advisers_number[START] == 0
    assert settings_of(held, library).tobytes() == settings_of("advice+no_advice", library).tobytes()
    (problem,) = problems_of(f"{held}+more_advice", library)
    assert problem.key == "advisers.number"
    decided = package(tmp_path, '"no_advice", "advice"', "[advisers]\nnumber = 5\n", "decided.toml")
    assert settings_of(decided, library).advisers_number[START] == 5
    assert settings_of(f"no_advice+{decided}", library).advisers_number[START] == 5


def test_kinds(tmp_path: Path) -> None:
    library = futures(tmp_path)
    kinds = {
        "need": "strategy",
        "need+advice": "package",
        "no_advice": "future",
        "no_advice+by_lot": "future",
        "need+no_advice": "package",
        str(package(tmp_path, '"need", "no_advice"')): "package",
        str(write(tmp_path, 'name = "M"\nextends = "no_advice"\nwhy = "x"\n')): "strategy",
    }
    assert {which: read_strategy(which, library).kind for which in kinds} == kinds
    assert base_of(read_strategy("need+no_advice", library)).key == "continued"


@pytest.mark.parametrize(("value", "found"), [("1", "1"), ("'yes'", '"yes"')])
def test_future_is_true_or_false(tmp_path: Path, value: str, found: str) -> None:
    problem = the_problem(tmp_path, f'name = "A"\nfuture = {value}\nwhy = "b"\n')
    assert (problem.line, problem.key, problem.found, problem.accepted) == (2, "future", found, "true or false")
    assert problem.hint == "write true, without quotes"


def test_history_is_no_future(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, 'name = "A"\nwhy = "b"\nstart = "2007-01"\nfuture = true\n')
    assert (problem.line, problem.key, problem.found) == (4, "future", "true beside a start")


def test_future_in_a_dated_block_says_where_it_belongs(tmp_path: Path) -> None:
    text = 'name = "A"\nwhy = "b"\n' + BLOCK.replace('why = "x"', 'why = "x"\nfuture = true')
    problem = the_problem(tmp_path, text)
    assert (problem.key, problem.found) == ("changes.future", "an unknown key")
    assert problem.hint == "write 'future' above the first [section] or [[changes]]"
