"""How long projects last: curves that agree with the model's own outcomes and with estimates by hand."""

import numpy as np
import pandas as pd
import pytest
from small_studies import done, given_medians, small

from idmaj.scenarios.experiment import prepare
from idmaj.scenarios.questions import lasting as question
from idmaj.scenarios.questions.lasting import AT_RISK, COLUMNS, CURVES, ENDINGS, LASTING, Spells, curves, live_again
from idmaj.scenarios.runs import Lives
from idmaj.sim import UserError

YEARS = 4


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    with given_medians():
        yield done(tmp_path_factory.mktemp("lasting") / "study", small(years=YEARS, draws=3, replications=2))


@pytest.fixture(scope="module")
def answer(study):
    return question.lasting(study, 6, 2)


def spells(*rows) -> Spells:
    names = ("strategy", "draw", "replication", "time", "cause")
    return Spells(pd.DataFrame(rows, columns=names), 1)


def test_curves_are_those_of_a_textbook():
    """Five projects: ended after 1, 3 and 3 months' trade in two ways, open at 2 and at 5."""
    times, causes = (2, 2, 4, 4, 5), (1, 0, 1, 4, 0)
    table = curves(spells(*(("a", 0, 0, *each) for each in zip(times, causes, strict=True))), ["a"], 6)
    share = dict(zip(table["age"], table["share"], strict=True))
    assert [share[age] for age in (0, 1, 2, 3)] == [1.0, 1.0, 0.8, 0.8]
    assert share[4] == pytest.approx(0.8 / 3) and share[5] == share[4] and np.isnan(share[6])
    at_four = table[table["age"] == 4].iloc[0]
    assert at_four["failed"] == pytest.approx(0.2 + 0.8 / 3) and at_four["took_a_job"] == pytest.approx(0.8 / 3)
    assert list(table["at_risk"]) == [5, 5, 5, 3, 3, 1, 0]


def test_shares_that_have_ended_and_the_share_still_open_make_one(answer):
    table = answer.table(CURVES).dropna(subset=["share"])
    assert len(table) > 60
    assert np.allclose(table["share"] + table[list(COLUMNS.values())].sum(axis=1), 1.0)


def test_of_projects_old_enough_the_share_is_the_models_own_outcome(study):
    plan = study.plan
    lived = Lives.of(plan, prepare(plan)).lived(1, 1)
    for key, history in lived.items():
        table = question.spells_of(history, plan.start)
        businesses = history.businesses
        mine = businesses[(businesses.assisted == 1) & (businesses.opened >= plan.start)]
        for years in (1, 3):
            old = mine.opened <= plan.months - 12 * years
            found = question._survival(table[np.asarray(old)].assign(strategy=key), np.array([12.0 * years]))[0]
            assert found == pytest.approx(history.ends(plan.start, plan.months)[f"survival_{years}y"])


def test_runs_are_those_of_the_study_spread_over_its_draws(study):
    told = []
    some = live_again(study.plan, prepare(study.plan), 4, 1, lambda done, total: told.append((done, total)))
    assert some.runs == 4
    assert set(map(tuple, some.table[["draw", "replication"]].drop_duplicates().to_numpy())) == {
        (0, 0), (1, 0), (2, 0), (0, 1),
    }  # fmt: skip
    assert told[0] == (0, 4) and told[-1] == (4, 4)
    whole = live_again(study.plan, prepare(study.plan), 99, 2, lambda done, total: None)
    assert whole.runs == 6
    first = whole.table[(whole.table["draw"] == 0) & (whole.table["replication"] == 0)]
    same = some.table[(some.table["draw"] == 0) & (some.table["replication"] == 0)]
    assert first.reset_index(drop=True).equals(same.reset_index(drop=True))


def test_the_answer_says_what_its_tables_say(answer, study):
    rows = answer.table(LASTING)
    names = [strategy.name for strategy in study.plan.strategies]
    assert list(rows["strategy"].unique()) == names
    base = rows[rows["strategy"] == names[0]]
    assert base["difference"].isna().all() and (base["share"].between(base["low"], base["high"])).all()
    other = rows[(rows["strategy"] == names[1]) & (rows["months"] == 36)].iloc[0]
    assert other["difference_low"] <= other["difference"] <= other["difference_high"]
    assert f"{other['share']:.0f} %" in answer.sentence
    risk = answer.table(AT_RISK).set_index("strategy")
    assert (np.diff(risk.to_numpy(), axis=1) <= 0).all()
    assert list(answer.table(ENDINGS).columns) == ["strategy", "months", *COLUMNS.values()]
    assert answer.facts["runs"] == 6


def test_what_has_no_answer_is_refused(study, tmp_path):
    with pytest.raises(UserError, match="--runs: found 0"):
        question.lasting(study, 0)
    from idmaj.scenarios.strategies import load

    with given_medians():
        idle = done(tmp_path / "idle", small(strategies=(load("no_programme"),), start=0, draws=1, replications=1))
        with pytest.raises(UserError, match="no strategy begins a project"):
            question.lasting(idle)
