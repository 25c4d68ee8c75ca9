"""Value for money on the model: what is counted as cost and effect, and what is said of it."""

import json
import shlex

import numpy as np
import pandas as pd
import pytest
from small_studies import given_medians, small
from typer.testing import CliRunner

from idmaj.app.cli import build, main
from idmaj.scenarios import results
from idmaj.scenarios.passing import run_experiment
from idmaj.scenarios.questions import reading
from idmaj.scenarios.questions.purse import WHOSE, Purse
from idmaj.scenarios.questions.value import (
    AT_WORTH,
    CHOICE,
    CURVE,
    DRAWS,
    EXTRA,
    FRONTIER,
    UNIT_COSTS,
    value,
    worths_up_to,
)
from idmaj.scenarios.questions.valued import costs_of, ends_of, years_of
from idmaj.scenarios.strategies import load
from idmaj.scenarios.variants import with_levers
from idmaj.sim import UserError

SHORT = ("--start", "2008-01", "--years", "2", "--draws", "3", "--replications", "1", "--workers", "1")


@pytest.fixture(scope="module", autouse=True)
def medians():
    with given_medians():
        yield


@pytest.fixture(scope="module")
def found():
    strategies = (load("continued"), load("wage_jobs"))
    plan = small(strategies=strategies, years=2, draws=3, replications=2, traces=True, budget="additional")
    return run_experiment(plan)


def as_grid(found, outcome):
    return found.ends([outcome])["value"].to_numpy().reshape(len(found.plan.keys), -1).T


def test_without_discount_the_programme_spends_what_is_spent_and_years_are_those_worked(found):
    np.testing.assert_allclose(costs_of(found, 0.0)["programme"], as_grid(found, "spent"))
    for name in ("livelihood_years", "net_livelihood_years"):
        np.testing.assert_allclose(years_of(found, name, 0.0), as_grid(found, name))


def test_cost_is_worth_at_the_start_and_does_not_hang_on_how_many_months_fit(found, monkeypatch):
    whole = costs_of(found, 0.03)["programme"], years_of(found, "livelihood_years", 0.03)
    np.testing.assert_allclose(whole[0], as_grid(found, "spent_discounted"))
    monkeypatch.setattr(results, "ROOM", 1)
    pieces = costs_of(found, 0.03)["programme"], years_of(found, "livelihood_years", 0.03)
    np.testing.assert_allclose(pieces, whole, rtol=1e-12)


def test_the_state_is_no_donor_and_households_get_what_reaches_their_hands():
    base = load("continued")
    shared = with_levers(base, {"funding_unhcr_share": 0.5, "funding_state_share": 0.5})
    found = run_experiment(small(strategies=(base, shared), traces=True))
    programme, donor = costs_of(found, 0.0)["programme"], costs_of(found, 0.0)["donor"]
    np.testing.assert_allclose(donor[:, 0], programme[:, 0])
    assert (donor[:, 1] < 0.8 * programme[:, 1]).all()
    home = costs_of(found, 0.0)["household"]
    assert (home < 0).all() and (-home < programme).all()


def test_an_answer_names_the_dominated_and_the_choice(found):
    told = value(found.plan, lambda plan: found, "livelihood_years", Purse(worth=7000.0))
    facts, front, names = told.facts, told.table(FRONTIER), list(reading.called(found.plan).values())
    assert facts["worth"] == 7000.0 and facts["per"] == "livelihood year"
    ends = ends_of(found, "livelihood_years", costs_of(found, 0.03)["programme"], 0.03)
    own = ends.groupby(["outcome", "strategy"], sort=False)["value"].mean()
    for name in names:
        assert facts["cost_per_unit"][name][0] == pytest.approx(own["cost", name] / own["livelihood_years", name])
    net = {name: 7000.0 * own["livelihood_years", name] - own["cost", name] for name in names}
    assert facts["best"] == max(net, key=net.get)
    at = told.table(AT_WORTH).set_index("strategy")
    assert at.loc[names[0], "net_benefit"] == pytest.approx(net[names[0]])
    assert set(front["strategy"]) == set(names)
    assert "7,000 MAD 2016" in told.sentence and "spends least" not in told.sentence
    assert any("what would be there without any" in each for each in told.mind)
    assert {table.title for table in told.tables} - {table.title for table in told.shown} == {DRAWS, CURVE}
    each = told.table(DRAWS)
    assert len(each) == 3 and each["extra_cost"].mean() == pytest.approx(own["cost", names[1]] - own["cost", names[0]])
    assert len(told.table(UNIT_COSTS)) == 3 * 2 and len(told.table(EXTRA)) == 3


def test_the_cheapest_per_unit_is_named_of_what_is_nothing_without_a_plan(found):
    told = value(found.plan, lambda plan: found)
    own = told.facts["cost_per_unit"]
    assert f"'{min(own, key=lambda name: own[name][0])}' spends least" in told.sentence


def test_without_a_worth_nothing_is_chosen_and_switches_are_where_a_step_pays():
    plan = small(strategies=(load("no_programme"), load("continued")), years=2, draws=3, replications=2, traces=True)
    told = value(plan, run_experiment)
    assert told.facts["worth"] is None and "best" not in told.facts and "hangs on" in told.sentence
    front, steps = told.table(FRONTIER), told.table(CHOICE)
    assert front["status"].tolist() == ["efficient", "efficient"]
    assert steps["from_worth"].tolist() == [0.0, front["ratio"].iloc[1]] and front["ratio"].iloc[1] > 0.0
    step = front["extra_cost"].iloc[1] / front["extra_effect"].iloc[1]
    assert told.facts["switches"][1]["from"] == pytest.approx(step)
    assert AT_WORTH not in {table.title for table in told.tables}


def test_a_switch_is_named_only_where_the_step_surely_gives_more(found):
    told = value(found.plan, lambda plan: found)
    for each, says in zip(
        told.facts["switches"], told.table(FRONTIER).query("status == 'efficient'")["says"], strict=True
    ):
        assert each["sure"] == (says == "")
    twin = with_levers(load("continued"), {"evaluation_visit_months": 7.0}, "The same, visited otherwise")
    plan = small(strategies=(load("continued"), twin, load("wage_jobs")), draws=3, replications=2, traces=True)
    unsure = value(plan, run_experiment)
    for each in unsure.facts["switches"][1:]:
        assert each["sure"] != (f"whether '{each['strategy']}' ever gives more" in unsure.sentence)


def test_households_get_money_and_nothing_is_bought_with_it(found):
    told = value(found.plan, lambda plan: found, purse=Purse("household", 0.0))
    got = told.facts["received"]
    names = list(reading.called(found.plan).values())
    assert [got[name][0] for name in names] == pytest.approx(list(-costs_of(found, 0.0)["household"].mean(axis=0)))
    assert [table.title for table in told.tables] == [WHOSE] and "spends least" not in told.sentence


def test_a_donor_is_told_that_the_state_pays_nothing(found):
    told = value(found.plan, lambda plan: found, purse=Purse("donor"))
    assert any("State pays nothing" in each for each in told.mind)


def test_strategies_of_one_name_go_by_their_keys():
    base = load("continued")
    twin = with_levers(base, {"advisers_number": 2.0}, base.name)
    plan = small(strategies=(base, twin), traces=True)
    assert reading.called(plan) == {base.key: base.key, twin.key: twin.key}
    told = value(plan, run_experiment)
    assert twin.key in told.sentence or base.key in told.sentence


def test_equal_budgets_are_said_to_tell_little():
    plan = small(strategies=(load("continued"), load("case_by_case")), traces=True)
    assert any("equal budget" in each for each in value(plan, run_experiment).mind)


def test_what_nobody_has_is_not_bought():
    plan = small(strategies=(load("continued"), load("case_by_case")), traces=True)
    assert "nothing to buy" in value(plan, run_experiment, "in_cooperatives").sentence


def test_worths_are_round_and_reach_far_enough():
    for top in (0.7, 13.0, 99_999.0, 3e6):
        found = worths_up_to(top)
        assert found[0] == 0 and found[-1] >= top and 17 <= len(found) <= 42
    assert worths_up_to(0.0).tolist() == [0.0]


@pytest.mark.parametrize(
    ("purse", "said"),
    [
        ({"perspective": "donors"}, "--perspective: found 'donors'.*did you mean 'donor'"),
        ({"rate": -0.1}, "--discount"),
        ({"rate": float("nan")}, "--discount"),
        ({"worth": float("inf")}, "--worth"),
        ({"worth": 0.0}, "--worth"),
    ],
)
def test_money_that_cannot_be_is_refused(purse, said):
    with pytest.raises(UserError, match=said):
        Purse(**purse)


def test_the_command_gives_one_answer_everywhere_and_comes_out_again(tmp_path, monkeypatch):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    purse = ("--worth", "60000", "--perspective", "donor", "--discount", "0.1")
    words = ["value", "continued", "wage_jobs", *SHORT, *purse]
    out = tmp_path / "value"
    asked = CliRunner().invoke(build(), [*words, "--out", str(out), "--json"], catch_exceptions=False)
    told = json.loads(asked.stdout)
    assert told == json.loads((out / "answer.json").read_text())
    page = (out / "answer.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4 and "Cost-effectiveness plane" in page
    assert len(pd.read_csv(out / "by_what_a_unit_is_worth.csv")) == len(told["tables"][CURVE])
    again = CliRunner().invoke(build(), shlex.split(told["command"])[1:], catch_exceptions=False)
    assert told["discount_rate"] == 0.1
    assert told["sentence"] in again.stdout and CURVE not in again.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("value continued", "accepted two or more"),
        ("value continued wage_jobs --effect live_busineses", "--effect: found 'live_busineses'"),
        ("value continued wage_jobs --effect share_neediest_served", "accepted what is counted"),
        ("value continued wage_jobs --effect waiting", "less is better"),
        ("value continued wage_jobs --perspective everybody", "--perspective: found 'everybody'"),
        ("value continued wage_jobs --discount 3", "--discount: found 3"),
        ("value continued wage_jobs --worth -1", "--worth: found -1"),
        ("value continued wage_jobs --draws 1 --replications 2", "--draws: found 1"),
    ],
)
def test_mistakes_are_named_before_anything_is_run_or_written(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IDMAJ_STUDIES", str(tmp_path / "home"))
    with pytest.raises(SystemExit) as end:
        main([*words.split(), "--out", str(tmp_path / "out")])
    assert end.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.iterdir())
