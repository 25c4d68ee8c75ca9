from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

import pytest

from idmaj.scenarios import strategies
from idmaj.scenarios.experiment import Plan, prepare
from idmaj.scenarios.provenance import fingerprint
from idmaj.scenarios.strategies import catalogue, load, template
from idmaj.sim.kinds import AdviserMode, SelectionRule
from idmaj.sim.policy import StrategyError, differences, month_of, read_strategy, settings_table
from idmaj.sim.settings import LEVERS

START = month_of("2026-01")
END = START + 120


def test_the_catalogue_has_history_and_the_first_strategies() -> None:
    assert {"history", "historical", "continued", "neediest_first", "case_by_case"} <= set(catalogue())


@pytest.mark.parametrize("name", sorted(catalogue()))
@pytest.mark.parametrize("start", ["2007-01", "2017-06", "2026-01"])
def test_every_strategy_of_the_catalogue_is_usable_from_any_start(name: str, start: str) -> None:
    strategy = load(name)
    assert strategy.key == name
    assert len(settings_table(strategy, month_of(start), END)) == END


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_names_tell_the_strategies_apart_and_say_why(name: str) -> None:
    others = [load(other) for other in catalogue() if other != name]
    strategy = load(name)
    assert strategy.name not in {other.name for other in others}
    assert len(strategy.why) > 40


def test_an_unknown_name_has_the_nearest_one() -> None:
    with pytest.raises(StrategyError, match="did you mean 'neediest_first'"):
        load("needyest_first")


def test_historical_changes_nothing_of_what_was_done() -> None:
    assert differences(load("history"), load("historical"), START, END) == []


def test_the_recommendations_differ_from_today_in_one_setting_each() -> None:
    today = load("continued")
    (need,) = differences(today, load("neediest_first"), START, END)
    (mode,) = differences(today, load("case_by_case"), START, END)
    assert (need.key, need.value_b, need.first) == ("selection.rule", SelectionRule.NEED_FIRST, START)
    assert (mode.key, mode.value_b, mode.first) == ("advisers.mode", AdviserMode.CASE_BY_CASE, START)


def test_two_recommendations_together_differ_from_today_in_both_settings() -> None:
    both = load("neediest_first+case_by_case")
    assert (both.key, both.name) == (
        "neediest_first+case_by_case",
        "The neediest first + Accompaniment case by case",
    )
    found = {each.key: each.value_b for each in differences(load("continued"), both, START, END)}
    assert found == {"selection.rule": SelectionRule.NEED_FIRST, "advisers.mode": AdviserMode.CASE_BY_CASE}
    assert differences(load("continued+case_by_case"), load("case_by_case"), START, END) == []


def test_a_fingerprint_follows_the_settings_of_what_is_combined(tmp_path: Path) -> None:
    text = 'name = "P"\nwhy = "x"\ncombines = ["neediest_first", "case_by_case"]\n'
    path = tmp_path / "package.toml"
    taken = []
    for more in ("", "# a comment\n", "[advisers]\nnumber = 9\n"):
        path.write_text(text + more, encoding="utf-8")
        plan = Plan((load("continued"), load(path), load("continued+case_by_case")), load("historical"), draws=1)
        inputs = prepare(plan)
        assert list(inputs.policies) == ["continued", "package", "continued+case_by_case"]
        taken.append(fingerprint(plan, inputs, {}))
    assert taken[0] == taken[1] != taken[2]


def test_today_continued_leaves_the_past_alone_and_has_a_budget() -> None:
    past, today = load("history"), load("continued")
    assert min(each.first for each in differences(past, today, START, END)) == START
    row = settings_table(today, START, END)[-1]
    assert row.funding_budget_mad_per_year < float("inf")
    assert (row.intake_projects_per_year, row.intake_unsure_share) == (88, 0)


def test_the_intake_of_history_is_what_was_published() -> None:
    with (strategies.HISTORY.parent / "evidence" / "evidence.csv").open(encoding="utf-8", newline="") as file:
        figures = {row["id"]: float(row["value"]) for row in csv.DictReader(file) if row["id"].startswith("P0")}
    table = settings_table(load("history"), 0, END)
    # Projects open two months after they are chosen: a year's projects are chosen from November to October.
    chosen_2007 = table.intake_projects_per_year[: month_of("2007-11")].sum() / 12
    assert chosen_2007 == pytest.approx(figures["P012"])
    published = {2014: "P020", 2015: "P022", 2016: "P023", 2017: "P026", 2018: "P030"}
    for year, evidence in published.items():
        assert table.intake_projects_per_year[month_of(f"{year}-10")] == figures[evidence]
        assert table.intake_unsure_share[month_of(f"{year}-10")] == 0
    six_years = table.intake_projects_per_year[month_of("2007-11") : month_of("2013-11")].sum() / 12
    assert six_years == pytest.approx(figures["P040"] - figures["P012"])
    assert table.intake_projects_per_year[-1] == figures["P030"]


def test_every_reason_in_history_names_evidence_that_exists_or_says_judgement() -> None:
    with (strategies.HISTORY.parent / "evidence" / "evidence.csv").open(encoding="utf-8", newline="") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    for name in catalogue():
        for layer in load(name).layers:
            for change in layer.changes:
                cited = set(re.findall(r"\b[A-Z]\d{3}\b", change.why))
                assert cited <= known
                assert cited or "judgement" in change.why.lower() or (change.month is None and not change.after)


def test_a_template_changes_nothing_with_every_line_uncommented(tmp_path: Path) -> None:
    base = load("case_by_case")
    text = template('A "new" one', "case_by_case", base, START)
    data = tomllib.loads(text)
    assert (data["name"], data["extends"]) == ('A "new" one', "case_by_case")
    assert not any(data[section] for section in data if isinstance(data[section], dict))
    settings = text.split("# What is to change later", maxsplit=1)[0]
    uncommented = re.sub(r"^# (?=[a-z_]+ = )", "", settings, flags=re.MULTILINE)
    path = tmp_path / "new.toml"
    path.write_text(uncommented, encoding="utf-8")
    strategy = read_strategy(path, catalogue())
    assert set(strategy.layers[-1].changes[0].values) == set(LEVERS)
    assert differences(base, strategy, START, END) == []


def test_the_dated_block_of_a_template_works_when_uncommented(tmp_path: Path) -> None:
    text = template("A", "continued", load("continued"), START)
    path = tmp_path / "new.toml"
    block = text.split("in the order of their dates:\n")[1].replace("# ", "")
    path.write_text(text + block, encoding="utf-8")
    (difference,) = differences(load("continued"), read_strategy(path, catalogue()), START, END)
    assert (difference.key, difference.first) == ("grants.amount_mad", month_of("2028-01"))
