from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from idmaj.sim.errors import UserError
from idmaj.sim.kinds import SelectionRule
from idmaj.sim.policy import (
    Problem,
    Strategy,
    StrategyError,
    differences,
    month_name,
    month_of,
    read_strategy,
    schema,
    settings_table,
    timeline,
)
from idmaj.sim.settings import LEVERS, Settings
from idmaj.sim.strategy_file import lines_of_keys
from idmaj.sim.strategy_words import SECTIONS, month_hint
from idmaj.sim.table import dtype_of

START = month_of("2026-01")
HEAD = 'name = "A"\nwhy = "b"\n'


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(
    path: Path | str, library: dict[str, Path] | None = None, start: int = START
) -> tuple[Problem, ...]:
    with pytest.raises(StrategyError) as caught:
        settings_table(read_strategy(path, library or {}), start, start + 120)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    return caught.value.problems


def the_problem(folder: Path, text: str) -> Problem:
    (problem,) = problems_of(write(folder, text))
    assert problem.file == str(folder / "mine.toml")
    return problem


def table_of(folder: Path, text: str, months: int = START + 120) -> np.recarray:
    return settings_table(read_strategy(write(folder, text), {}), START, months)


# Months


@pytest.mark.parametrize(
    ("text", "month"), [("2007-01", 0), ("2017-05", 124), ("2026-01", 228), ("2026-12", 239)]
)
def test_months_are_counted_from_january_2007(text: str, month: int) -> None:
    assert month_of(text) == month
    assert month_name(month) == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2028-13", "months run from 01 to 12"),
        ("January 2028", 'write "2028-01"'),
        ("août 2028", 'write "2028-08"'),
        ("2028-1", 'write "2028-01"'),
        ("01/2028", 'write "2028-01"'),
        ("2028-03-15", 'write "2028-03"'),
        ("2006-12", "the model begins in 2007-01"),
        ("soon", ""),
        ("2028-01\n", 'write "2028-01"'),
    ],
)
def test_a_malformed_month_says_what_is_accepted(text: str, hint: str) -> None:
    with pytest.raises(UserError, match="accepted a month from 2007-01 on, written YYYY-MM"):
        month_of(text)
    assert month_hint(text) == hint


# What a file may say


def test_every_lever_can_be_written_by_its_section_and_key() -> None:
    assert {column for keys in SECTIONS.values() for column in keys.values()} == set(LEVERS)
    assert SECTIONS["selection"]["weight_on_need"] == "selection_weight_on_need"


def test_the_schema_has_every_lever_with_its_bounds() -> None:
    definitions = schema()["$defs"]
    for section, keys in SECTIONS.items():
        assert list(definitions[section.capitalize()]["properties"]) == list(keys)
        assert definitions[section.capitalize()]["additionalProperties"] is False
    weight = definitions["Selection"]["properties"]["weight_on_need"]
    assert (weight["minimum"], weight["maximum"]) == (0, 1)
    assert "need_first" in definitions["Selection"]["properties"]["rule"]["enum"]
    assert definitions["Grants"]["properties"]["delay_months"]["type"] == "integer"


def test_words_yes_no_infinity_and_whole_numbers_for_floats_are_read(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
[selection]
rule = "need_first"
[eligibility]
asylum_seekers = true
[funding]
budget_mad_per_year = inf
[grants]
amount_mad = 9000
"""
    )
    row = table_of(tmp_path, text)[-1]
    assert row.selection_rule == SelectionRule.NEED_FIRST
    assert row.eligibility_asylum_seekers == 1
    assert row.funding_budget_mad_per_year == np.inf
    assert row.grants_amount_mad == 9000.0


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + "[grants]\namount_mad = 1\n").replace("\n", "\r\n").encode())
    assert settings_table(read_strategy(path, {}), START, START + 1).grants_amount_mad[START] == 1


def test_lines_are_found_in_blocks_dotted_keys_inline_tables_and_after_texts_of_many_lines() -> None:
    text = '''name = "a"
why = """
[selection]
rule = 1
"""
grants.amount_mad = 3
"funding" = { monaco_share = 0.5, unhcr_share = 0.5 }

[[changes]]
date = "2028-01"
[changes.selection]
rule = "mixed"   # [[changes]]
[[changes]]
date = "2029-01"
changes = [
  1,
]
[changes.selection]
rule = "quota"
'''
    lines = lines_of_keys(text)
    assert lines[("why",)] == 2
    assert lines[("grants", "amount_mad")] == 6
    assert lines[("funding", "unhcr_share")] == 7
    assert lines[("changes", 0)] == 9
    assert lines[("changes", 0, "selection", "rule")] == 12
    assert lines[("changes", 1, "date")] == 14
    assert lines[("changes", 1, "selection", "rule")] == 19


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


# What is wrong with a value or a key: file, line, key, found, accepted, remedy

VALUES = [
    ("[selecton]\nx = 1", "selecton", 3, "an unknown section", "one of name, extends", "did you mean 'selection'?"),
    ("[selection]\nwieght_on_need = 1", "selection.wieght_on_need", 4, "an unknown key", "one of rule, weight_on_need",
     "did you mean 'weight_on_need'?"),
    ("[selection]\namount_mad = 1", "selection.amount_mad", 4, "an unknown key", "one of", "did you mean 'grants.amount_mad'?"),
    ("[selection]\ndate = 1", "selection.date", 4, "an unknown key", "one of", "write 'date' above the first [section]"),
    ("rule = 'mixed'", "rule", 3, "an unknown key", "one of", "did you mean 'selection.rule'?"),
    ("selection_rule = 'mixed'", "selection_rule", 3, "an unknown key", "one of", "did you mean 'selection'?"),
    ("[selection]\nrule = 'ned_first'", "selection.rule", 4, '"ned_first"', 'one of "as_before", "need_first"',
     "did you mean 'need_first'?"),
    ("[selection]\nrule = 'Need first'", "selection.rule", 4, '"Need first"', "one of", "did you mean 'need_first'?"),
    ("[advisers]\nmode = 1", "advisers.mode", 4, "1", 'one of "uniform", "case_by_case"', ""),
    ("[selection]\nweight_on_need = 40", "selection.weight_on_need", 4, "40", "a share from 0 to 1", "for 40 % write 0.4"),
    ("[selection]\nweight_on_need = '40 %'", "selection.weight_on_need", 4, '"40 %"', "a share from 0 to 1",
     "for 40 % write 0.4"),
    ("[selection]\nweight_on_need = '0,6'", "selection.weight_on_need", 4, '"0,6"', "a share from 0 to 1",
     "write 0.6 without quotes"),
    ("[selection]\nweight_on_need = -0.1", "selection.weight_on_need", 4, "-0.1", "a share from 0 to 1", ""),
    ("[selection]\nweight_on_need = true", "selection.weight_on_need", 4, "true", "a share from 0 to 1", ""),
    ("[grants]\namount_mad = '9500 MAD'", "grants.amount_mad", 4, '"9500 MAD"', "a number from 0 to 1000000 (MAD 2016)",
     "write 9500 without quotes; the unit is MAD 2016"),
    ("[grants]\namount_mad = '9 500'", "grants.amount_mad", 4, '"9 500"', "a number",
     "write 9500 without quotes; the unit is MAD 2016"),
    ("[grants]\namount_mad = '9,500 MAD'", "grants.amount_mad", 4, '"9,500 MAD"', "a number",
     "write the number alone, without quotes; the unit is MAD 2016"),
    ("[grants]\namount_mad = '900 EUR'", "grants.amount_mad", 4, '"900 EUR"', "a number",
     "the unit is MAD 2016: at EUR 1 = 10.9 MAD write 9810"),
    ("[grants]\ndelay_months = 2.5", "grants.delay_months", 4, "2.5", "a whole number from 0 to 24 (months)", ""),
    ("[grants]\ndelay_months = 3.0", "grants.delay_months", 4, "3.0", "a whole number", "write 3, without a decimal point"),
    ("[grants]\ndelay_months = '2 years'", "grants.delay_months", 4, '"2 years"', "a whole number",
     "write the number alone, without quotes; the unit is months"),
    ("[grants]\ndelay_months = 25", "grants.delay_months", 4, "25", "a whole number from 0 to 24 (months)", ""),
    ("[grants]\namount_mad = inf", "grants.amount_mad", 4, "inf", "a number from 0 to 1000000", ""),
    ("[grants]\namount_mad = {a = 1}", "grants.amount_mad", 4, "a table", "a number", ""),
    ("[grants]\namount_mad = [1]", "grants.amount_mad", 4, "a list", "a number", ""),
    ("[funding]\nbudget_mad_per_year = -1", "funding.budget_mad_per_year", 4, "-1",
     "a number of 0 or more (MAD 2016/year), or inf", ""),
    ("[funding]\nbudget_mad_per_year = nan", "funding.budget_mad_per_year", 4, "nan", "a number of 0 or more", ""),
    ("[funding]\nbudget_mad_per_year = 'inf'", "funding.budget_mad_per_year", 4, '"inf"', "a number of 0 or more",
     "write inf, without quotes"),
    ("[eligibility]\nasylum_seekers = 'yes'", "eligibility.asylum_seekers", 4, '"yes"', "true or false",
     "write true, without quotes"),
    ("[eligibility]\nasylum_seekers = 0", "eligibility.asylum_seekers", 4, "0", "true or false", "write false, without quotes"),
    ("grants = 3", "grants", 3, "3", "a section headed [grants], with amount_mad", ""),
    ("start = '2028-13'", "start", 3, '"2028-13"', "a month from 2007-01 on", "months run from 01 to 12"),
    ("start = 2028-01-01", "start", 3, "2028-01-01", "a month from 2007-01 on", 'write "2028-01"'),
    ("changes = 3", "changes", 3, "3", "blocks, each headed [[changes]]", ""),
    ("changes = [3]", "changes", 3, "3", "a block headed [[changes]]", ""),
    ("[changes]\ndate = '2028-01'", "changes", 3, "a table", "blocks, each headed [[changes]]",
     "write two brackets on each side"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "line", "found", "accepted", "hint"), VALUES)
def test_a_bad_value_or_key(
    tmp_path: Path, text: str, key: str, line: int, found: str, accepted: str, hint: str
) -> None:
    problem = the_problem(tmp_path, HEAD + text + "\n")
    assert (problem.key, problem.line, problem.found, problem.hint) == (key, line, found, hint)
    assert problem.accepted.startswith(accepted)


BLOCK = '[[changes]]\ndate = "2028-01"\nwhy = "x"\n[changes.selection]\nrule = "mixed"\n'


@pytest.mark.parametrize(
    ("text", "key", "line", "found", "hint"),
    [
        (
            BLOCK + BLOCK.replace("2028-01", "2028-13"),
            "changes.date",
            9,
            '"2028-13"',
            "months run from 01 to 12",
        ),
        (
            BLOCK + BLOCK.replace("2028-01", "January 2029"),
            "changes.date",
            9,
            '"January 2029"',
            'write "2029-01"',
        ),
        (BLOCK + BLOCK, "changes.date", 9, '"2028-01"', "put both into one block"),
        (
            BLOCK + BLOCK.replace("2028", "2027"),
            "changes.date",
            9,
            '"2027-01"',
            "put the blocks in order of date",
        ),
        (BLOCK + BLOCK.replace("2028", "2029").replace('why = "x"\n', ""), "changes.why", 8, "nothing", ""),
        (BLOCK.replace('why = "x"', 'why = " "'), "changes.why", 5, '" "', ""),
        (BLOCK.replace('"mixed"', '"mixd"'), "changes.selection.rule", 7, '"mixd"', "did you mean 'mixed'?"),
        (
            BLOCK.replace("[changes.selection]", "[selection]"),
            "changes",
            3,
            "a change without settings",
            "head its settings with [changes.SECTION], not with [SECTION]",
        ),
        (
            BLOCK.replace("2028", "2025"),
            "changes.date",
            4,
            '"2025-01"',
            "date it 2026-01 or later, or start the plan earlier (--start 2025-01)",
        ),
    ],
)
def test_a_bad_block_of_changes(
    tmp_path: Path, text: str, key: str, line: int, found: str, hint: str
) -> None:
    problem = the_problem(tmp_path, HEAD + text)
    assert (problem.key, problem.line, problem.found, problem.hint) == (key, line, found, hint)


def test_a_date_before_the_start_of_its_own_baseline(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, HEAD + 'start = "2029-01"\n' + BLOCK)
    assert (problem.key, problem.line, problem.found) == ("changes.date", 5, '"2028-01"')
    assert problem.accepted == "a month from the start, 2029-01, on"


def test_all_problems_come_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    write(tmp_path, 'name = "base"\n[grants]\namount_mad = -1\n', "base.toml")
    text = 'extends = "base.toml"\n[selecton]\n[funding]\nbudget_mad_per_year = -1\nunhcr_share = 75\n'
    problems = problems_of(write(tmp_path, text))
    assert [(Path(problem.file).name, problem.line, problem.key) for problem in problems] == [
        ("mine.toml", 1, "name"),
        ("mine.toml", 1, "why"),
        ("mine.toml", 2, "selecton"),
        ("mine.toml", 4, "funding.budget_mad_per_year"),
        ("mine.toml", 5, "funding.unhcr_share"),
        ("base.toml", 1, "why"),
        ("base.toml", 3, "grants.amount_mad"),
    ]


def test_a_line_of_the_message_reads_as_promised(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, HEAD + "[selection]\nweight_on_need = 40\n")
    where = f"{tmp_path / 'mine.toml'}:4: key 'selection.weight_on_need': "
    assert str(problem) == where + "found 40, accepted a share from 0 to 1; for 40 % write 0.4"


def test_the_error_survives_a_journey_between_processes(tmp_path: Path) -> None:
    with pytest.raises(StrategyError) as caught:
        read_strategy(tmp_path / "no.toml", {})
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


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


# Files


@pytest.mark.parametrize(
    ("text", "line", "key", "hint"),
    [
        ("[selection]\nweight_on_need = 0,6\n", 4, "weight_on_need", "write decimals with a point: 0.6"),
        ("[selection]\nweight_on_need = 40 %\n", 4, "weight_on_need", "for 40 % write 0.4"),
        ("[grants]\namount_mad = 9500 MAD\n", 4, "amount_mad", "write the number alone, without unit or separators"),
        ("[selection]\nrule = mixed\n", 4, "rule", 'write words in quotes, like rule = "mixed"'),
        ("[eligibility]\nasylum_seekers = True\n", 4, "asylum_seekers", "write true, in lower case"),
        ("start = 2028-01\n", 3, "start", 'write a date in quotes: "2028-01"'),
        ('extends = "continued\n', 3, "extends", "close the quotes on the same line"),
    ],
)  # fmt: skip
def test_a_syntax_error_has_its_line_column_and_remedy(
    tmp_path: Path, text: str, line: int, key: str, hint: str
) -> None:
    problem = the_problem(tmp_path, HEAD + text)
    assert (problem.line, problem.key, problem.hint) == (line, key, hint)
    assert "(column " in problem.found
    assert problem.accepted.startswith("TOML (")


def test_a_text_that_never_ends(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, 'name = "A"\nwhy = """b\n')
    assert (problem.line, problem.key) == (2, "why")
    assert problem.found.endswith("(end of the file)")


@pytest.mark.parametrize(
    "text", ['name = "B"\n', "[grants]\ndelay_months = 1\ndelay_months = 2\n", "[grants]\n[grants]\n"]
)
def test_a_key_or_section_twice(tmp_path: Path, text: str) -> None:
    problem = the_problem(tmp_path, HEAD + text)
    assert problem.line == len((HEAD + text).splitlines())
    assert (problem.found, problem.accepted) == ("a key that stands there twice", "each key once")


def test_brackets_without_end_are_a_problem_of_the_file(tmp_path: Path) -> None:
    assert the_problem(tmp_path, "x = " + "[" * 100_000).line == 1


@pytest.mark.parametrize("text", ["", " \n\n", "\ufeff"])
def test_an_empty_file(tmp_path: Path, text: str) -> None:
    problem = the_problem(tmp_path, text)
    assert (problem.found, problem.accepted) == ("an empty file", "at least a name and a why")


def test_a_missing_file_has_the_nearest_one(tmp_path: Path) -> None:
    write(tmp_path, HEAD, "neediest.toml")
    (problem,) = problems_of(tmp_path / "nediest.toml")
    assert problem == Problem(
        str(tmp_path / "nediest.toml"),
        None,
        "",
        "no such file",
        "a strategy file",
        "did you mean 'neediest.toml'?",
    )


def test_a_directory(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path)
    assert (problem.file, problem.found) == (str(tmp_path), "a directory")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfen\x00a\x00")
    (problem,) = problems_of(path)
    assert (problem.found, problem.hint) == ("a file that is not text in UTF-8", "save it as UTF-8")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, HEAD)

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    (problem,) = problems_of(path)
    assert problem.found == "a file that cannot be read (permission denied)"


# extends


def test_a_name_of_the_library_and_an_unknown_one(tmp_path: Path) -> None:
    library = {"continued": write(tmp_path, HEAD, "continued.toml")}
    assert read_strategy("continued", library).key == "continued"
    (problem,) = problems_of("continud", library)
    assert (problem.file, problem.found, problem.hint) == (
        "continud",
        "an unknown strategy",
        "did you mean 'continued'?",
    )
    (problem,) = problems_of("zzz", library)
    assert problem.hint == "the names are continued"


def test_a_name_without_its_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, HEAD)
    monkeypatch.chdir(tmp_path)
    (problem,) = problems_of("mine", {})
    assert problem.hint == "for the file write mine.toml"


@pytest.mark.parametrize(
    ("extends", "found", "hint"),
    [
        ("continud", '"continud", an unknown strategy', "did you mean 'continued'?"),
        ("bse.toml", '"bse.toml", a file that is not there', "did you mean 'base.toml'?"),
    ],
)
def test_extends_that_is_not_there(tmp_path: Path, extends: str, found: str, hint: str) -> None:
    library = {"continued": write(tmp_path, HEAD, "base.toml")}
    (problem,) = problems_of(write(tmp_path, f'{HEAD}extends = "{extends}"\n'), library)
    assert (problem.key, problem.line, problem.found, problem.hint) == ("extends", 3, found, hint)


def test_extends_is_relative_to_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path, HEAD, "base.toml")
    path = write(tmp_path, HEAD + 'extends = "../base.toml"\n', "sub/mine.toml")
    assert [layer.key for layer in read_strategy(path, {}).layers] == ["base", "mine"]


def test_a_circle_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, HEAD + 'extends = "b.toml"\n', "a.toml")
    write(tmp_path, HEAD + 'extends = "c.toml"\n', "b.toml")
    write(tmp_path, HEAD + 'extends = "./b.toml"\n', "c.toml")
    monkeypatch.chdir(tmp_path)
    (problem,) = problems_of("a.toml")
    assert (problem.file, problem.line, problem.key) == ("c.toml", 3, "extends")
    assert problem.found == "a circle: b.toml -> c.toml -> b.toml"


def test_only_a_baseline_has_a_start(tmp_path: Path) -> None:
    write(tmp_path, HEAD, "base.toml")
    problem = the_problem(tmp_path, HEAD + 'extends = "base.toml"\nstart = "2020-01"\n')
    assert (problem.key, problem.line, problem.found) == ("start", 4, '"2020-01"')
    assert "--start" in problem.hint


# Promises


def test_reading_a_strategy_imports_nothing_heavy() -> None:
    code = "import sys, idmaj.sim.policy as p; p.schema(); print([m for m in HEAVY if m in sys.modules])"
    heavy = ("numba", "mesa", "scipy", "pandas", "matplotlib")
    code = f"HEAVY = {heavy!r}; {code}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == "[]"
