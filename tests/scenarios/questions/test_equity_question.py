"""Who is reached: counts by hand from the lives themselves, refusals, and what is said of made-up findings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from decision_tables import ends
from small_studies import given_medians, small

from idmaj.scenarios.experiment import prepare
from idmaj.scenarios.passing import run_experiment
from idmaj.scenarios.questions import equity_words
from idmaj.scenarios.questions.equity import Found, by_draw, check, counts_of, equity, places_of, plane_of
from idmaj.scenarios.runs import Lives
from idmaj.scenarios.strategies import load
from idmaj.sim import UserError
from idmaj.sim.kinds import Ending

PLAN = small(strategies=(load("continued"), load("neediest_first")), start=24, years=2, draws=3, replications=1)


def run(plan):
    return run_experiment(plan, workers=1)


@pytest.fixture(scope="module")
def study():
    with given_medians():
        return run(replace(PLAN, traces=True))


def test_the_stages_count_what_was_lived(study) -> None:
    counts = counts_of(study).set_index(["strategy", "draw", "stage", "member"])["value"]
    with given_medians():
        lives = Lives.of(study.plan, prepare(study.plan))
        histories = lives.lived(1, 0)
    for key, history in histories.items():
        table = history.businesses
        begun = table[(table.assisted == 1) & (table.opened >= PLAN.start)]
        still = begun[begun.ending == Ending.OPEN]
        for stage, mine in (("served", begun), ("still active", still)):
            assert counts[key, 1, stage, "neediest"] == pytest.approx((mine.quintile == 4).sum())
            assert counts[key, 1, stage, "others"] == pytest.approx((mine.quintile != 4).sum())
        months = history.monthly[PLAN.start :]
        assert counts[key, 1, "applied", "neediest"] == months.neediest_applied.sum()
        assert counts[key, 1, "applied", "others"] == (months.applications - months.neediest_applied).sum()


def test_the_answer_says_what_the_tables_have() -> None:
    with given_medians():
        answer = equity(PLAN, run, workers=1)
    shares = answer.table(equity_words.SHARES)
    assert shares["stage"].tolist() == [each for each in equity_words.STAGES for _ in range(2)]
    for row in shares.itertuples():
        assert f"{100 * row.share:.1f}\u00a0% ({100 * row.low:.1f} to" in answer.sentence
    served = shares[shares["stage"] == "served"]
    assert served["change"].iloc[1] == pytest.approx(served["share"].iloc[1] - served["share"].iloc[0])
    chances = answer.table(equity_words.PLANE).groupby("strategy")["chance"].sum()
    assert chances.tolist() == pytest.approx([1.0])
    places = answer.table(equity_words.PLACES)
    mine = places[places["what"] == "place"].set_index("need")
    assert mine.drop("all")["gain"].sum() == pytest.approx(mine.loc["all", "gain"])
    assert answer.facts["lived_again"] == 3 and answer.facts["strategies"][1]["strategy"] == "neediest_first"
    told = " ".join([*answer.rests_on, *answer.mind])
    for said in ("one town in one quarter", "weights are judgement", "outreach", "by construction", "not added up"):
        assert said in told
    assert answer.studies[0].plan.traces


def test_places_are_of_the_first_draws_of_the_study_whatever_their_number(study, monkeypatch) -> None:
    monkeypatch.setattr("idmaj.scenarios.questions.equity.LIVED", 2)
    with given_medians():
        found = places_of(study.plan, 1)
        alone = places_of(replace(study.plan, draws=2), 1)
    assert found["runs"].eq(2).all()
    pd.testing.assert_frame_equal(found, alone)


@pytest.mark.parametrize(
    ("changes", "effect", "measure", "said"),
    [
        ({"strategies": (load("continued"),)}, "begun_and_open", "concentration", "STRATEGY: found none"),
        ({}, "begun", "concentration", "--effect: found 'begun'"),
        ({}, "waiting", "concentration", "--effect: found 'waiting', of which less"),
        ({}, "concentration", "concentration", "a measure of equity"),
        ({}, "survival_3y", "concentration", "longer plan"),
        ({}, "begun_and_open", "gini", "--equity: found 'gini'"),
        ({"draws": 1}, "begun_and_open", "concentration", "one run in all"),
    ],
)
def test_what_cannot_be_asked_is_refused(changes, effect, measure, said) -> None:
    with pytest.raises(UserError, match=said):
        check(replace(PLAN, **changes), effect, measure)


def made_up(strategies, unfilled: float) -> Found:
    """Four draws: in two of them the second strategy changes nothing, in the others it is fairer and costs effect."""
    moved = np.array([[0.0], [0.0], [1.0], [1.0]])
    base = {"begun_and_open": 300 + 0 * moved, "concentration": 0 * moved, "places_unfilled": unfilled + 0 * moved}
    other = {"begun_and_open": 300 - 9 * moved, "concentration": 0.1 * moved, "places_unfilled": 0 * moved}
    keys = [each.key for each in strategies]
    table = ends(dict(zip(keys, (base, other), strict=True)))
    nothing = pd.DataFrame()
    plan = replace(PLAN, strategies=strategies, draws=4)
    plane = plane_of(table, keys[0], "begun_and_open", "concentration")
    drawn = by_draw(table, keys, "begun_and_open", "concentration")
    empty = (nothing, nothing, plane, nothing, nothing, (), nothing, drawn)
    return Found(plan, "begun_and_open", "concentration", *empty)


def test_why_an_order_of_selection_may_change_nothing_is_said_of_selection_only() -> None:
    first = made_up((load("continued"), load("neediest_first")), 60.0)
    (said,) = equity_words._unchanged(first)
    assert "changes neither in 2 of 4 draws: places stay unfilled" in said and "(60 on average)" in said
    (said,) = equity_words._unchanged(made_up((load("continued"), load("neediest_first")), 0.0))
    assert said.endswith("in 2 of 4 draws.")
    (said,) = equity_words._unchanged(made_up((load("continued"), load("trade_training")), 60.0))
    assert said.endswith("in 2 of 4 draws.")


def test_a_share_far_from_a_fifth_among_those_who_applied_is_explained() -> None:
    found = made_up((load("continued"), load("neediest_first")), 0.0)
    near = replace(found, shares=pd.DataFrame({"stage": ["applied", "served"], "share": [0.195, 0.3]}))
    assert "near 20 % by construction" in equity_words._by_construction(near)
    far = replace(found, shares=pd.DataFrame({"stage": ["applied", "served"], "share": [0.12, 0.3]}))
    assert "they are 12.0\u00a0%, since few apply in some towns" in equity_words._by_construction(far)
