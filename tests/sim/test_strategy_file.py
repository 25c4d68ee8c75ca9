from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from strategy_files import BLOCK, HEAD, START, problems_of, table_of, the_problem, write

from idmaj.sim.kinds import SelectionRule
from idmaj.sim.policy import Problem, StrategyError, read_strategy, schema, settings_table
from idmaj.sim.settings import LEVERS
from idmaj.sim.strategy_lines import lines_of_keys
from idmaj.sim.strategy_words import SECTIONS

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


def test_the_schema_has_what_a_file_builds_on() -> None:
    keys = schema()["properties"]
    assert keys["extends"]["type"] == "string"
    assert (keys["combines"]["type"], keys["combines"]["minItems"]) == ("array", 2)
    assert keys["combines"]["items"]["type"] == "string"
    assert "combines" not in schema()["required"]


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


# What is wrong: line, key, found, accepted, remedy


VALUES = """
[selecton] / x = 1
    3 | selecton | an unknown section | one of name, extends | did you mean 'selection'?
[selection] / wieght_on_need = 1
    4 | selection.wieght_on_need | an unknown key | one of rule | did you mean 'weight_on_need'?
[selection] / amount_mad = 1
    4 | selection.amount_mad | an unknown key | one of | did you mean 'grants.amount_mad'?
[selection] / date = 1
    4 | selection.date | an unknown key | one of | write 'date' above the first [section]
rule = 'mixed'
    3 | rule | an unknown key | one of | did you mean 'selection.rule'?
selection_rule = 'mixed'
    3 | selection_rule | an unknown key | one of | did you mean 'selection'?
[selection] / rule = 'ned_first'
    4 | selection.rule | "ned_first" | one of "as_before", "need_first" | did you mean 'need_first'?
[selection] / rule = 'Need first'
    4 | selection.rule | "Need first" | one of | did you mean 'need_first'?
[advisers] / mode = 1
    4 | advisers.mode | 1 | one of "uniform", "case_by_case" |
[selection] / weight_on_need = 40
    4 | selection.weight_on_need | 40 | a share from 0 to 1 | for 40 % write 0.4
[selection] / weight_on_need = '40 %'
    4 | selection.weight_on_need | "40 %" | a share from 0 to 1 | for 40 % write 0.4
[selection] / weight_on_need = '0,6'
    4 | selection.weight_on_need | "0,6" | a share from 0 to 1 | write 0.6 without quotes
[selection] / weight_on_need = -0.1
    4 | selection.weight_on_need | -0.1 | a share from 0 to 1 |
[selection] / weight_on_need = true
    4 | selection.weight_on_need | true | a share from 0 to 1 |
[grants] / amount_mad = '9500 MAD'
    4 | grants.amount_mad | "9500 MAD" | a number | write 9500 without quotes; the unit is MAD 2016
[grants] / amount_mad = '9 500'
    4 | grants.amount_mad | "9 500" | a number | write 9500 without quotes; the unit is MAD 2016
[grants] / amount_mad = '9,500 MAD'
    4 | grants.amount_mad | "9,500 MAD" | a number | write the number alone; the unit is MAD 2016
[grants] / amount_mad = '900 EUR'
    4 | grants.amount_mad | "900 EUR" | a number | the unit is MAD 2016: at EUR 1 = 10.9 MAD write 9810
[grants] / delay_months = 2.5
    4 | grants.delay_months | 2.5 | a whole number from 0 to 24 (months) |
[grants] / delay_months = 3.0
    4 | grants.delay_months | 3.0 | a whole number | write 3, without a decimal point
[grants] / delay_months = '2 years'
    4 | grants.delay_months | "2 years" | a whole number | write the number alone; the unit is months
[grants] / delay_months = 25
    4 | grants.delay_months | 25 | a whole number from 0 to 24 (months) |
[grants] / amount_mad = inf
    4 | grants.amount_mad | inf | a number from 0 to 1000000 |
[grants] / amount_mad = {a = 1}
    4 | grants.amount_mad | a table | a number |
[grants] / amount_mad = [1]
    4 | grants.amount_mad | a list | a number |
[funding] / budget_mad_per_year = -1
    4 | funding.budget_mad_per_year | -1 | a number of 0 or more (MAD 2016/year), or inf |
[funding] / budget_mad_per_year = nan
    4 | funding.budget_mad_per_year | nan | a number of 0 or more |
[funding] / budget_mad_per_year = 'inf'
    4 | funding.budget_mad_per_year | "inf" | a number of 0 or more | write inf, without quotes
[eligibility] / asylum_seekers = 'yes'
    4 | eligibility.asylum_seekers | "yes" | true or false | write true, without quotes
[eligibility] / asylum_seekers = 0
    4 | eligibility.asylum_seekers | 0 | true or false | write false, without quotes
grants = 3
    3 | grants | 3 | a section headed [grants], with amount_mad |
start = '2028-13'
    3 | start | "2028-13" | a month from 2007-01 on | months run from 01 to 12
start = 2028-01-01
    3 | start | 2028-01-01 | a month from 2007-01 on | write "2028-01"
changes = 3
    3 | changes | 3 | blocks, each headed [[changes]] |
changes = [3]
    3 | changes | 3 | a block headed [[changes]] |
[changes] / date = '2028-01'
    3 | changes | a table | blocks, each headed [[changes]] | write two brackets on each side
"""


def cases(table: str) -> list[tuple[str, ...]]:
    """Return (text, line, key, found, accepted, hint) of a table with two lines per case."""
    rows = table.strip().split("\n")
    return [
        (text.replace(" / ", "\n"), *(part.strip() for part in (said + " ").split(" |")))
        for text, said in zip(rows[::2], rows[1::2], strict=True)
    ]


@pytest.mark.parametrize(("text", "line", "key", "found", "accepted", "hint"), cases(VALUES))
def test_a_bad_value_or_key(
    tmp_path: Path, text: str, line: str, key: str, found: str, accepted: str, hint: str
) -> None:
    problem = the_problem(tmp_path, f"{HEAD}{text}\n")
    assert (str(problem.line), problem.key, problem.found, problem.hint) == (line, key, found, hint)
    assert problem.accepted.startswith(accepted)


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


# Files that cannot be read


@pytest.mark.parametrize(
    ("text", "line", "key", "hint"),
    [
        ("[selection]\nweight_on_need = 0,6\n", 4, "weight_on_need", "write decimals with a point: 0.6"),
        ("[selection]\nweight_on_need = 40 %\n", 4, "weight_on_need", "for 40 % write 0.4"),
        ("[grants]\namount_mad = 9500 MAD\n", 4, "amount_mad", "write the number alone, without unit"),
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
