"""`idmaj plan`: the ledger laid open, and a workbook whose formulas say what the model said."""

from __future__ import annotations

import html
import json
import re
import shlex

import numpy as np
import openpyxl
import pytest
from english_words import english
from small_studies import given_medians, small
from typer.testing import CliRunner

from idmaj.app.cli import build, main
from idmaj.app.workbook import ASSUMPTIONS, BUDGET, PRICE_LEVEL, write_workbook
from idmaj.scenarios.language import _, speak, speaking
from idmaj.scenarios.passing import run_experiment
from idmaj.scenarios.questions import budget_plan as titles
from idmaj.scenarios.questions.budget_plan import budget_plan, with_budget
from idmaj.scenarios.questions.planned import Planned
from idmaj.scenarios.strategies import load
from idmaj.sim import NUMBERS, UserError
from idmaj.sim.policy import settings_table

SHORT = ("--start", "2008-01", "--years", "2", "--draws", "2", "--replications", "1", "--workers", "1")


@pytest.fixture(scope="module", autouse=True)
def medians():
    with given_medians():
        yield


@pytest.fixture(scope="module")
def found():
    plan = small(strategies=(load("all_together"),), years=3, draws=2, replications=2, traces=True)
    return run_experiment(with_budget(plan, 5e6))


@pytest.fixture(scope="module")
def answer(found):
    return budget_plan(found.plan, lambda plan: found)


@pytest.fixture(scope="module")
def book(answer, tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "plan.xlsx"
    write_workbook(path, answer, "idmaj plan", ["Little."])
    return path


def test_the_budget_is_what_is_paid_in(found, answer):
    own = settings_table(found.plan.strategies[0], found.plan.start, found.plan.months)
    assert own.funding_budget_mad_per_year[-1] == 5e6
    funders = answer.table(titles.BY_FUNDER)
    assert funders.loc[~funders["funder"].str.startswith("Private"), "total"].sum() == pytest.approx(3 * 5e6)


def test_lines_years_and_units_add_up_to_what_is_spent(found, answer):
    spent = found.ends(["spent"])["value"].mean()
    years = answer.table(titles.YEARS).set_index("item")
    assert years.loc["spent"].iloc[1:].sum() == pytest.approx(spent)
    assert answer.table(titles.BY_SPENDING)["mean"].sum() == pytest.approx(spent)
    assert answer.table(titles.BY_SPENDING)["part"].sum() == pytest.approx(1.0)
    units = answer.table(titles.UNITS)
    direct = (units["quantity"] * units["unit_cost"]).iloc[:-1].sum()
    assert direct + units.iloc[-1]["unit_cost"] * direct == pytest.approx(spent)
    assert answer.table(titles.LINE_MONTHS).drop(columns="month").to_numpy().sum() == pytest.approx(spent)
    bank = years.loc["bank"].iloc[1:].to_numpy(float)
    flow = (years.loc["paid in"].iloc[1:] - years.loc["spent"].iloc[1:]).to_numpy(float)
    np.testing.assert_allclose(np.diff(bank), flow[1:], atol=1.0)


def test_staff_is_what_the_ledger_pays_for(found):
    planned = Planned(found)
    settings = settings_table(found.plan.strategies[0], found.plan.start, found.plan.months)[found.plan.start :]
    assert planned.items["brokers"].max() == settings.jobs_brokers.max() > 0
    assert planned.items["coordinators"].max() == settings.cooperatives_coordinators.max() > 0
    units = planned.units().set_index("line")
    price = NUMBERS["adviser_cost"].median  # the same in all draws of this test
    assert units.loc["Advisers", "unit_cost"] == pytest.approx(price)
    assert units.loc["Job desk", "unit_cost"] == pytest.approx(NUMBERS["broker_cost"].median)


def test_what_is_never_done_has_no_row(tmp_path):
    plan = small(strategies=(load("continued"),), traces=True)
    told = budget_plan(plan, run_experiment)
    assert not {"carriers paid", "rooms open"} & set(told.table(titles.YEARS)["item"])
    assert "Carriers" not in set(told.table(titles.UNITS)["line"])


class Sheet:
    """A workbook's formulas, worked out: sums of a range, products, sums and differences of cells and numbers."""

    def __init__(self, path):
        self.book = openpyxl.load_workbook(path)

    def value(self, sheet, cell):
        found = self.book[sheet][cell].value
        return self.work(sheet, found[1:]) if isinstance(found, str) and found.startswith("=") else found

    def work(self, sheet, formula):
        formula = re.sub(r"SUM\(([A-Z]+\d+):([A-Z]+\d+)\)", lambda m: repr(self.sum(sheet, m[1], m[2])), formula)
        formula = formula.replace(PRICE_LEVEL, repr(self.value(ASSUMPTIONS, "C4")))
        formula = re.sub(r"'([^']+)'!\$([A-Z]+)\$(\d+)", lambda m: repr(self.value(m[1], m[2] + m[3])), formula)
        formula = re.sub(r"\b([A-Z]+\d+)\b", lambda m: repr(self.value(sheet, m[1])), formula)
        assert re.fullmatch(r"[\d.e+*\- ]+", formula), formula
        return eval(formula)  # of numbers and signs only

    def sum(self, sheet, first, last):
        cells = [cell.coordinate for row in self.book[sheet][f"{first}:{last}"] for cell in row]
        return float(sum(self.value(sheet, cell) for cell in cells))


def test_every_formula_says_what_stands_in_its_cell(book):
    formulas, shown, count = Sheet(book), openpyxl.load_workbook(book, data_only=True), 0
    for sheet in formulas.book.sheetnames:
        for row in formulas.book[sheet].iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    value = formulas.value(sheet, cell.coordinate)
                    assert value == pytest.approx(shown[sheet][cell.coordinate].value, abs=0.02), cell
                    count += 1
    assert count > 100


def test_assumptions_stand_where_the_formulas_look_for_them(book, answer):
    found = openpyxl.load_workbook(book)
    assert found.defined_names[PRICE_LEVEL].attr_text == f"'{ASSUMPTIONS}'!$C$4"
    rows = [[cell.value for cell in row[:5]] for row in found[ASSUMPTIONS].iter_rows(min_row=7)]
    units = answer.table(titles.UNITS)[["line", "unit", "unit_cost", "low", "high"]]
    for row, unit in zip(rows, units.itertuples(index=False), strict=False):
        assert row[:2] == list(unit)[:2]
        assert row[2:] == pytest.approx(list(unit)[2:])


def test_a_dearer_adviser_and_a_price_level_move_the_total(book, found):
    sheet = Sheet(book)
    rows = {row[0].value: row for row in sheet.book[BUDGET].iter_rows(min_row=5)}
    total = rows["Total"][5].coordinate
    before = sheet.value(BUDGET, total)
    assert before == pytest.approx(found.ends(["spent"])["value"].mean())
    prices = {row[0].value: row[2] for row in sheet.book[ASSUMPTIONS].iter_rows(min_row=7)}
    prices["Advisers"].value *= 2
    overhead = prices["Overhead"].value
    months = next(row for row in sheet.book[BUDGET].iter_rows(min_row=5) if row[0].value == "Advisers")
    extra = sum(cell.value for cell in months[2:5]) * prices["Advisers"].value / 2 * (1 + overhead)
    assert sheet.value(BUDGET, total) == pytest.approx(before + extra)
    left = rows["Left at the end of the year"][4].coordinate
    had = sheet.value(BUDGET, left)
    sheet.book[ASSUMPTIONS]["C4"].value = 1.5
    assert sheet.value(BUDGET, total) == pytest.approx(1.5 * (before + extra))
    assert sheet.value(BUDGET, left) < had  # what funders pay in does not rise with prices


def test_with_nothing_changed_the_budget_has_the_models_money_in_every_year(book, answer):
    years = answer.table(titles.YEARS).set_index("item")
    shown = openpyxl.load_workbook(book, data_only=True)[BUDGET]
    rows = {row[0].value: [cell.value for cell in row[2:5]] for row in shown.iter_rows(min_row=5)}
    assert rows["Total"] == pytest.approx(list(years.loc["spent"].iloc[1:]))
    assert rows["Left at the end of the year"] == pytest.approx(list(years.loc["bank"].iloc[1:]), abs=0.02)
    assert sum(rows["Not explained by quantity and price"]) == pytest.approx(0.0, abs=0.1)


def test_quantiles_are_those_of_the_runs_and_what_stands_is_not_summed(found, answer):
    planned = Planned(found)
    by_month = answer.table(titles.BY_MONTH)
    spent = by_month[by_month["item"] == "spent"]
    for name, share in (("q10", 0.1), ("q50", 0.5), ("q90", 0.9)):
        np.testing.assert_allclose(spent[name], np.quantile(planned.cash["spent"], share, axis=0))
    years = answer.table(titles.YEARS).set_index("item")
    waiting = planned.items["waiting"].mean(axis=0).reshape(3, 12)
    np.testing.assert_allclose(years.loc["waiting"].iloc[1:].to_numpy(float), waiting.mean(axis=1))
    opened = planned.items["projects_started"].mean(axis=0).reshape(3, 12)
    np.testing.assert_allclose(years.loc["projects started"].iloc[1:].to_numpy(float), opened.sum(axis=1))
    assert answer.facts["live_businesses"] == pytest.approx(
        list(np.quantile(planned.items["live_businesses"][:, -1], [0.5, 0.1, 0.9]))
    )


def test_the_tightest_month_is_that_in_which_the_tenth_lowest_bank_is_least(found, answer):
    tight = np.quantile(Planned(found).cash["bank"], 0.1, axis=0)
    assert answer.facts["tightest_bank"] == pytest.approx(tight.min())
    assert answer.facts["tightest_month"] == f"2008-{int(tight.argmin()) + 1:02d}" or tight.argmin() > 11
    assert answer.facts["tightest_month"] in answer.sentence


def test_money_that_lies_unspent_is_told_by_the_share_of_runs():
    plan = with_budget(small(strategies=(load("continued"),), traces=True), 5e7)
    told = budget_plan(plan, run_experiment)
    assert told.facts["runs_with_money_left"] == 1.0 and "In 100 % of runs" in told.mind[0]


def test_the_same_plan_gives_the_same_bytes_and_texts_stay_texts(answer, book, tmp_path):
    write_workbook(tmp_path / "again.xlsx", answer, "idmaj plan", ["Little."])
    assert (tmp_path / "again.xlsx").read_bytes() == book.read_bytes()
    write_workbook(tmp_path / "odd.xlsx", answer, '=HYPERLINK("x")', ["http://somewhere"])
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "odd.xlsx")["Summary"].iter_rows() for cell in row]
    odd = [cell for cell in cells if cell.value in ('=HYPERLINK("x")', "http://somewhere")]
    assert len(odd) == 2 and all(cell.data_type == "s" and cell.hyperlink is None for cell in odd)


def test_the_command_gives_one_answer_everywhere_and_comes_out_again(tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    out, book = tmp_path / "plan", tmp_path / "plan.xlsx"
    words = ["plan", "continued", "--budget", "3000000", *SHORT]
    asked = CliRunner().invoke(build(), [*words, "--out", str(out), "--xlsx", str(book), "--json"])
    told = json.loads(asked.stdout)
    assert told == json.loads((out / "answer.json").read_text())
    assert (out / "answer.html").read_text(encoding="utf-8").count("<svg") == 4
    assert openpyxl.load_workbook(book).sheetnames[0] == "Summary"
    assert told["paid_in_per_year"] == pytest.approx([3e6] * 3)
    again = CliRunner().invoke(build(), shlex.split(told["command"])[1:], catch_exceptions=False)
    assert told["sentence"] in again.stdout


@pytest.mark.parametrize("code", ["fr", "ar"])
def test_the_command_answers_in_the_readers_language(code, tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    out, book = tmp_path / "plan", tmp_path / "plan.xlsx"
    words = ["plan", "continued", *SHORT, "--out", str(out), "--xlsx", str(book)]
    asked = CliRunner().invoke(build(), ["--lang", code, *words], catch_exceptions=False)
    speak("en")
    page = (out / "answer.html").read_text(encoding="utf-8")
    page = html.unescape(re.sub("<style>.*?</style>", "", page, flags=re.DOTALL))
    facts = json.loads((out / "answer.json").read_text(encoding="utf-8"))
    for part in english():
        assert part not in asked.stdout and part not in page
    assert facts["sentence"] in asked.stdout and f'<html lang="{code}"' in page
    assert set(facts["tables"]) >= {titles.YEARS, titles.UNITS}, "names for programs are the same in all languages"
    assert "funding.budget_mad_per_year" in page and "paid in" not in page
    with speaking(code):
        assert openpyxl.load_workbook(book).sheetnames[0] == _("Summary")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("plan recession", "a future"),
        ("plan continued --budget -5", "--budget: found -5"),
        ("plan continued --budget inf", "--budget: found inf"),
        ("plan continued --xlsx plan.csv", "ends in .xlsx"),
        ("plan continued --xlsx nowhere/plan.xlsx", "no folder nowhere"),
        (f"plan continued --xlsx {'x' * 300}.xlsx", "name too long"),
        ("plan continued --xlsx .", "ends in .xlsx"),
        ("plan continued --draws 1 --replications 1", "one run in all"),
    ],
)
def test_mistakes_are_named_before_anything_is_run_or_written(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main([*words.split(), "--out", str(tmp_path / "out")])
    assert end.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("budget", ["0", "1000"])
def test_a_workbook_may_lie_beside_the_page_however_little_is_spent(budget, tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    out = tmp_path / "plan"
    words = ["plan", "continued", "--budget", budget, *SHORT, "--out", str(out), "--xlsx", str(out / "plan.xlsx")]
    for more in ([], ["--force"]):
        done = CliRunner().invoke(build(), [*words, *more], catch_exceptions=False)
        assert done.exit_code == 0 and (out / "answer.html").is_file()
        assert openpyxl.load_workbook(out / "plan.xlsx").sheetnames[0] == "Summary"


def test_a_workbook_that_is_there_stays_without_force(tmp_path, capsys):
    (tmp_path / "plan.xlsx").write_text("mine")
    with pytest.raises(SystemExit) as end:
        main(["plan", "continued", "--xlsx", str(tmp_path / "plan.xlsx")])
    assert end.value.code == 2 and "is there already" in capsys.readouterr().err
    assert (tmp_path / "plan.xlsx").read_text() == "mine"


def test_a_plan_of_two_strategies_is_none():
    with pytest.raises(ValueError, match="too many values"):
        with_budget(small(), 1e6)
    with pytest.raises(UserError, match="accepted two or more"):
        budget_plan(small(draws=1, replications=1), run_experiment)
