from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from strategy_files import BLOCK, HEAD, START, the_problem, write

from idmaj.sim.policy import (
    Strategy,
    differences,
    month_name,
    month_of,
    read_strategy,
    settings_table,
    timeline,
)
from idmaj.sim.settings import LEVERS, Settings
from idmaj.sim.table import dtype_of

# Overlays


def chain(folder: Path) -> Strategy:
    write(
        folder,
        """
name = "History"
why = "What was done"
start = "2007-01"
[grants]
amount_mad = 1000
delay_months = 1
[[changes]]
date = "2014-01"
why = "more"
[changes.grants]
amount_mad = 2000
[[changes]]
date = "2030-01"
why = "still more"
[changes.grants]
amount_mad = 3000
delay_months = 3
""",
        "history.toml",
    )
    write(
        folder,
        """
name = "Plan"
extends = "history.toml"
why = "What could be"
[intake]
projects_per_year = 10
[[changes]]
date = "2028-01"
why = "from then on"
[changes.grants]
amount_mad = 5000
[[changes]]
date = "2029-01"
why = "bigger"
[changes.intake]
projects_per_year = 20
""",
        "plan.toml",
    )
    return read_strategy(
        write(folder, 'name="Top"\nextends="plan.toml"\nwhy="x"\n[advisers]\nnumber=9\n'), {}
    )


def at(table: np.recarray, column: str, month: str) -> float:
    return float(table[column][month_of(month)])


def test_each_layer_holds_from_its_date_on_over_all_below_it(tmp_path: Path) -> None:
    strategy = chain(tmp_path)
    assert [layer.name for layer in strategy.layers] == ["History", "Plan", "Top"]
    assert (strategy.key, strategy.name, strategy.why) == ("mine", "Top", "x")
    table = settings_table(strategy, START, month_of("2036-01"))
    assert table.dtype == dtype_of(Settings)
    assert at(table, "grants_amount_mad", "2007-01") == 1000
    assert at(table, "grants_amount_mad", "2013-12") == 1000
    assert at(table, "grants_amount_mad", "2014-01") == 2000
    assert at(table, "grants_amount_mad", "2027-12") == 2000
    assert at(table, "grants_amount_mad", "2028-01") == 5000
    assert at(table, "grants_amount_mad", "2030-01") == 5000  # the base's later change gives way
    assert at(table, "grants_delay_months", "2030-01") == 3  # nobody above speaks of it
    assert at(table, "intake_projects_per_year", "2025-12") == LEVERS["intake_projects_per_year"].default
    assert at(table, "intake_projects_per_year", "2026-01") == 10
    assert at(table, "intake_projects_per_year", "2029-01") == 20
    assert at(table, "advisers_number", "2025-12") == LEVERS["advisers_number"].default
    assert at(table, "advisers_number", "2026-01") == 9


def test_the_plan_start_moves_what_has_no_date(tmp_path: Path) -> None:
    strategy = chain(tmp_path)
    table = settings_table(strategy, month_of("2020-06"), month_of("2021-01"))
    assert at(table, "advisers_number", "2020-05") == LEVERS["advisers_number"].default
    assert at(table, "advisers_number", "2020-06") == 9


def test_no_layer_is_the_defaults() -> None:
    table = settings_table(Strategy("", "", "", ()), START, START + 1)
    assert all((table[column] == lever.default).all() for column, lever in LEVERS.items())


def test_a_timeline_says_who_set_what_and_where(tmp_path: Path) -> None:
    steps = timeline(chain(tmp_path), START)["grants_amount_mad"]
    assert [step.layer.name if step.layer else "default" for step in steps] == ["History", "History", "Plan"]
    assert [month_name(step.month) for step in steps] == ["2007-01", "2014-01", "2028-01"]
    assert [step.line for step in steps] == [6, 12, 11]
    assert steps[-1].why == "from then on"


def test_differences_are_where_values_differ_in_the_words_of_the_file(tmp_path: Path) -> None:
    a = read_strategy(write(tmp_path, HEAD, "a.toml"), {})
    text = (
        HEAD
        + """
[selection]
rule = "as_before"
[[changes]]
date = "2027-01"
why = "x"
[changes.selection]
rule = "quota"
[[changes]]
date = "2028-01"
why = "x"
[changes.selection]
rule = "as_before"
[[changes]]
date = "2029-01"
why = "x"
[changes]
funding.budget_mad_per_year = 3600000
"""
    )
    b = read_strategy(write(tmp_path, text.replace("\n[changes]\n", "\n"), "b.toml"), {})
    first, second = differences(a, b, START, START + 120)
    assert (first.key, first.words_a, first.words_b) == ("selection.rule", "as_before", "quota")
    assert (month_name(first.first), month_name(first.last)) == ("2027-01", "2027-12")
    assert (second.column, second.words_a, second.words_b) == (
        "funding_budget_mad_per_year",
        "inf",
        "3600000",
    )
    assert (second.first, second.last) == (month_of("2029-01"), START + 119)
    assert (second.unit, second.meaning) == ("MAD 2016/year", LEVERS["funding_budget_mad_per_year"].meaning)
    assert differences(a, a, START, START + 120) == []


# Money


def test_funding_shares_that_do_not_add_up_name_month_and_sum(tmp_path: Path) -> None:
    base = write(tmp_path, HEAD + "[funding]\nunhcr_share = 0.75\nmonaco_share = 0.25\n", "base.toml")
    block = BLOCK.replace("[changes.selection]\nrule = 'mixed'", "").split("[changes.selection]", maxsplit=1)[
        0
    ]
    text = f'name = "A"\nwhy = "b"\nextends = "{base.name}"\n{block}[changes.funding]\nmonaco_share = 0.5\n'
    problem = the_problem(tmp_path, text)
    assert (problem.key, problem.line) == ("funding.monaco_share", 8)
    assert (
        problem.found == "shares of the funders that add up to 1.25 from 2028-01 on (unhcr 0.75 + monaco 0.5)"
    )
    assert problem.accepted == "shares that add up to 1"


def test_funding_shares_are_checked_in_the_past_too(tmp_path: Path) -> None:
    text = HEAD + 'start = "2007-01"\n[funding]\nunhcr_share = 0.9\n'
    text += '[[changes]]\ndate = "2009-01"\nwhy = "x"\n[changes.funding]\nstate_share = 0.1\n'
    problem = the_problem(tmp_path, text)
    assert problem.found == "shares of the funders that add up to 0.9 from 2007-01 on (unhcr 0.9)"
    assert problem.line == 5


# Promises


def test_reading_a_strategy_imports_nothing_heavy() -> None:
    code = "import sys, idmaj.sim.policy as p; p.schema(); print([m for m in HEAVY if m in sys.modules])"
    heavy = ("numba", "mesa", "scipy", "pandas", "matplotlib")
    code = f"HEAVY = {heavy!r}; {code}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == "[]"
