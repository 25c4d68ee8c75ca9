"""Levers that get to their new value in equal monthly steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from strategy_files import HEAD, MONTHS, START, settings_of, shelf, table_of, the_problem, write

from idmaj.sim.policy import differences, read_strategy, schema, timeline

RAMP = '[[changes]]\ndate = "2028-01"\nwhy = "x"\nramp_months = {}\n[changes.{}]\n{} = {}\n'
FROM = START + 24


def ramp(months: object, key: str, value: object) -> str:
    return RAMP.format(months, *key.split("."), value)


def test_a_number_gets_there_in_equal_steps_from_the_value_in_force(tmp_path: Path) -> None:
    text = HEAD + "[advisers]\nnumber = 4\n" + ramp(5, "advisers.number", 9)
    found = table_of(tmp_path, text).advisers_number
    assert found[START : FROM + 7].tolist() == [4] * 24 + [5, 6, 7, 8, 9, 9, 9]
    falls = table_of(tmp_path, HEAD + ramp(4, "advisers.number", 1)).advisers_number
    assert falls[FROM - 1 : FROM + 5].tolist() == [3, 2.5, 2, 1.5, 1, 1]


@pytest.mark.parametrize("months", [0, 1])
def test_no_ramp_and_a_ramp_of_one_month_are_at_once(tmp_path: Path, months: int) -> None:
    at_once = HEAD + ramp(months, "advisers.number", 9)
    plain = at_once.replace(f"ramp_months = {months}\n", "")
    assert table_of(tmp_path, at_once).tobytes() == table_of(tmp_path, plain).tobytes()


def test_whole_numbers_are_rounded_and_the_last_step_is_exact(tmp_path: Path) -> None:
    text = HEAD + ramp(12, "incubators.number", 2)
    assert table_of(tmp_path, text).incubators_number[FROM : FROM + 13].tolist() == [0, 0] + [1] * 6 + [2] * 5
    odd = table_of(tmp_path, HEAD + ramp(7, "grants.amount_mad", 10000.1)).grants_amount_mad
    assert odd[FROM + 6] == odd[-1] == 10000.1


@pytest.mark.parametrize(
    ("key", "value"),
    [("selection.rule", '"lottery"'), ("training.before_start", "true"), ("branches.second", '"oujda"')],
)
def test_words_and_yes_no_switch_at_the_date(tmp_path: Path, key: str, value: str) -> None:
    found = table_of(tmp_path, HEAD + ramp(12, key, value))[key.replace(".", "_")]
    assert np.unique(found[FROM:]).size == 1
    assert found[FROM] != found[FROM - 1]


def test_a_budget_without_limit_switches_at_once(tmp_path: Path) -> None:
    found = table_of(tmp_path, HEAD + ramp(12, "funding.budget_mad_per_year", 1000)).funding_budget_mad_per_year
    assert found[FROM - 1 : FROM + 1].tolist() == [np.inf, 1000]


def test_a_later_change_cuts_a_ramp_and_begins_where_it_was(tmp_path: Path) -> None:
    text = HEAD + ramp(6, "advisers.number", 9) + ramp(2, "advisers.number", 3).replace("2028-01", "2028-04")
    found = table_of(tmp_path, text).advisers_number
    assert found[FROM : FROM + 6].tolist() == [4, 5, 6, 4.5, 3, 3]


def test_a_ramp_above_the_first_section_begins_with_the_plan(tmp_path: Path) -> None:
    text = 'name = "M"\nextends = "continued"\nwhy = "x"\nramp_months = 4\n[grants]\namount_mad = 2000\n'
    library = shelf(tmp_path)
    library["mine"] = write(tmp_path, text, "mine.toml")
    found = settings_of("mine", library).grants_amount_mad
    assert found[START - 1 : START + 5].tolist() == [1000, 1250, 1500, 1750, 2000, 2000]
    assert settings_of("advice+mine", library).grants_amount_mad.tolist() == found.tolist()
    assert settings_of("mine+advice", library).tobytes() == settings_of("advice+mine", library).tobytes()


def test_funding_shares_that_ramp_together_add_up_in_every_month(tmp_path: Path) -> None:
    text = HEAD + RAMP.format(9, "funding", "unhcr_share", "0.3\nstate_share = 0.7")
    found = table_of(tmp_path, text)
    assert np.allclose(found.funding_unhcr_share + found.funding_state_share, 1)


def test_steps_know_their_ramp(tmp_path: Path) -> None:
    strategy = read_strategy(write(tmp_path, HEAD + ramp(3, "training.seats", 30)), {})
    steps = timeline(strategy, START)["training_seats"]
    assert [(step.month - FROM, step.value, step.ramp) for step in steps[1:]] == [(0, 10, 3), (1, 20, 3), (2, 30, 3)]
    assert [after.goes_on(before) for before, after in zip(steps, steps[1:], strict=False)] == [False, True, True]


def test_a_difference_tells_a_ramp_once_and_then_where_it_arrived(tmp_path: Path) -> None:
    plain = read_strategy(write(tmp_path, HEAD, "plain.toml"), {})
    mine = read_strategy(write(tmp_path, HEAD + ramp(12, "training.seats", 40)), {})
    way, there = differences(plain, mine, START, MONTHS)
    assert (way.first, way.last, way.words_a, way.words_b) == (FROM, FROM + 10, "0", "3.33 to 36.7")
    assert (there.first, there.last, there.words_b) == (FROM + 11, MONTHS - 1, "40")
    assert (way.ramps, there.ramps) == (True, False)


@pytest.mark.parametrize(
    ("value", "found", "hint"),
    [
        ("-1", "-1", ""),
        ("2.5", "2.5", ""),
        ("12.0", "12.0", "write 12, without a decimal point"),
        ("'12 months'", '"12 months"', "write 12 without quotes; the unit is months"),
        ("241", "241", ""),
        ("true", "true", ""),
    ],
)
@pytest.mark.parametrize("dated", [True, False])
def test_a_bad_ramp(tmp_path: Path, value: str, found: str, hint: str, dated: bool) -> None:
    text = HEAD + (ramp(value, "training.seats", 40) if dated else f"ramp_months = {value}\n[training]\nseats = 1\n")
    problem = the_problem(tmp_path, text)
    where = (6, "changes.ramp_months") if dated else (3, "ramp_months")
    assert (problem.line, problem.key, problem.found, problem.hint) == (*where, found, hint)
    assert problem.accepted == "a whole number from 0 to 240 (months)"


def test_a_ramp_without_settings_says_where_it_belongs(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, HEAD + "ramp_months = 12\n" + ramp(0, "training.seats", 40))
    assert (problem.line, problem.key, problem.found) == (3, "ramp_months", "no settings to ramp")
    empty = the_problem(tmp_path, HEAD + '[[changes]]\ndate = "2028-01"\nwhy = "x"\nramp_months = 3\n')
    assert empty.found == "a change without settings"
    inside = the_problem(tmp_path, HEAD + "[training]\nseats = 1\nramp_months = 3\n")
    assert inside.hint == "write 'ramp_months' above the first [section]"


def test_the_schema_knows_ramps_and_futures() -> None:
    top = schema()
    assert {"ramp_months", "future"} <= set(top["properties"])
    assert "ramp_months" in top["$defs"]["Change"]["properties"]
    assert "default" not in top["properties"]["ramp_months"]
