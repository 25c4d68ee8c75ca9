"""Markets that fill up: numbers against a direct count, a made-up case whose crossing is known, and what is said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_studies import given_medians, small

from idmaj.scenarios import experiment
from idmaj.scenarios.experiment import prepare
from idmaj.scenarios.questions.market_runs import (
    ALL,
    SCALED,
    TRADES,
    at_sizes,
    fingerprint_of,
    market_runs,
    markets_of,
    share_kept,
)
from idmaj.scenarios.questions.market_words import CROSSES, NO_CROWDING, NOT_YET, TOO_FEW
from idmaj.scenarios.questions.markets import CROSSINGS, PEOPLE, SIZES, STEPS, Markets, check, markets
from idmaj.scenarios.runs import Lives
from idmaj.scenarios.strategies import load
from idmaj.sim import UserError, default_params
from idmaj.sim.kinds import Ending, Trade


def one(**changes):
    return small(strategies=(load("continued"),), years=4, draws=2, replications=1, **changes)


@pytest.fixture(scope="module", autouse=True)
def medians():
    with given_medians():
        yield


@pytest.fixture(scope="module")
def lived():
    """Return one run at two sizes, in niches so small that sellers crowd each other."""
    plan = one()
    inputs = prepare(plan)
    inputs.params["niche_host_sellers"] = 4.0
    return plan, Lives.of(plan, at_sizes(inputs, (1.0, 3.0), plan.start)).lived(0, 0)


def test_numbers_are_those_of_a_direct_count_business_by_business(lived):
    plan, histories = lived
    for history in histories.values():
        told = markets_of(history, plan.start, 0.1).set_index("trade")
        for trade in Trade:
            mine = [row for row in history.businesses if row.assisted == 1 and row.trade == trade]
            begun = [row for row in mine if row.opened >= plan.start]
            old = [row for row in begun if row.opened <= plan.months - 36]
            row = told.loc[TRADES[trade]]
            assert row["opened"] == len(begun)
            assert row["live"] == sum(each.ending == Ending.OPEN for each in mine)
            assert (row["old"], row["lasted"]) == (len(old), sum(each.age >= 36 for each in old))
            niches = [niche for niche in history.state.niches if niche.trade == trade]
            assert row["sellers"] == sum(niche.assisted for niche in niches)
            assert row["kept"] == pytest.approx(sum(niche.assisted * niche.share for niche in niches))
            assert row["below"] == sum(niche.assisted for niche in niches if niche.share < 0.9)
        assert told.loc[ALL, "opened"] == told.loc[list(TRADES), "opened"].sum()
        ends = history.ends(plan.start, plan.months)
        assert told.loc[ALL, "opened"] == ends["projects_started"]
        assert told.loc[ALL, "live"] == ends["live_businesses"]


def test_what_would_be_kept_follows_the_rule_of_the_model(lived):
    _, histories = lived
    for history in histories.values():
        niches = history.state.niches
        np.testing.assert_allclose(share_kept(history, np.asarray(niches.newcomers)), niches.share, rtol=1e-12)
        assert niches.share.min() < 0.99
        alone = share_kept(history, np.asarray(niches.newcomers - niches.assisted))
        assert (alone >= niches.share - 1e-12).all() and (alone > niches.share + 1e-6).any()


def test_a_size_multiplies_the_programme_from_the_start_on_and_nothing_else():
    plan = one()
    inputs = prepare(plan)
    (before,) = (policy.settings for policy in inputs.policies.values())
    after = at_sizes(inputs, (1.0, 2.5), plan.start).policies
    assert list(after) == ["1", "2.5"]
    assert (after["1"].settings == before).all()
    for column in before.dtype.names:
        new, old = after["2.5"].settings[column], before[column]
        assert (new[: plan.start] == old[: plan.start]).all()
        factor = 2.5 if column in SCALED else 1.0
        assert new[plan.start :] == pytest.approx(np.rint(old[plan.start :] * factor) if old.dtype.kind == "i" else
                                                  old[plan.start :] * factor)  # fmt: skip


def test_workers_and_their_order_change_no_number():
    plan = one()
    inputs = at_sizes(prepare(plan), (1.0, 2.0), plan.start)
    told: list[tuple[int, int]] = []
    tables = [market_runs(plan, inputs, 0.1, workers, lambda *both: told.append(both)) for workers in (1, 2)]
    pd.testing.assert_frame_equal(*tables)
    assert told == [(1, 2), (2, 2)] * 2
    assert fingerprint_of(plan, inputs, 0.1) != fingerprint_of(plan, inputs, 0.2)


def made_up(gammas=(0.5, 0.5, 0.0, 0.5), unfilled=0.0):
    """Return markets in which food keeps 1 - 0.1 * size (half of that in the last draw), others all, hair a third."""
    plan = replace(one(), draws=len(gammas), replications=1)
    rows = []
    for times in (0.5, 1.0, 2.0):
        for draw, gamma in enumerate(gammas):
            for trade in (*TRADES, ALL):
                loss = {"food": 0.1, "hair and beauty": 0.4}.get(trade, 0.0) * (gamma > 0) * (0.5 if draw == 3 else 1)
                opened = 40.0 * times + draw
                about = {"trade": trade, "times": times, "draw": draw, "replication": 0, "places": 88 * times}
                about |= {"unfilled": unfilled * (times > 1), "opened": opened, "live": 0.25 * opened + draw * times}
                about |= {"old": 10.0, "lasted": 5.0, "sellers": 20.0, "kept": 20 * (1 - loss * times)}
                rows.append(about | {"without": 20.0, "below": 0.0})
    kinds = pd.DataFrame({"draw": range(len(gammas)), "family": "weibull",
                          "crowding": ["crowding" if gamma else "no crowding" for gamma in gammas]})  # fmt: skip
    return Markets(plan, (0.5, 1.0, 2.0), 0.15, pd.DataFrame(rows), kinds, "f" * 64)


def test_a_made_up_case_gives_its_known_crossing():
    found = made_up()
    places = found.crossings().set_index(["trade", "draw"])
    # Food keeps 0.85 at 1.5 times the programme: 60 projects in four years and the draw's own number.
    assert places.loc[("food", 0), "times"] == pytest.approx(1.5)
    assert places.loc[("food", 1), "opened_a_year"] == pytest.approx((60 + 1) / 4)
    assert places.loc[("food", 2), "comes"] == NO_CROWDING and places.loc[("food", 3), "comes"] == NOT_YET
    assert places.loc[("hair and beauty", 0), "times"] == -np.inf
    answer = found.answer()
    table = answer.table(CROSSINGS).set_index(["structure", "trade"])
    assert table.loc[("crowding", "food"), "middle"] == "15" and table.loc[("crowding", "food"), "high"] == "beyond"
    assert table.loc[("crowding", "food"), CROSSES] == pytest.approx(2 / 3)
    assert table.loc[("crowding", "hair and beauty"), "middle"] == "below"
    assert table.loc[("no crowding", "food"), NO_CROWDING] == 1.0
    assert table.loc[("all draws", "retail"), NOT_YET] == 0.75
    assert answer.facts["trades"]["food"]["times"] == pytest.approx(1.5)
    assert answer.facts["trades"]["retail"]["middle"] == "beyond"
    sizes = answer.table(SIZES).set_index(["trade", "times"])
    assert sizes.loc[("food", 2.0), "kept"] == pytest.approx(1 - 0.2 * (1 + 1 + 0.5) / 3)
    assert sizes.loc[("retail", 2.0), "kept"] == 1.0 and sizes.loc[("retail", 2.0), "survival_3y"] == 0.5


def test_what_nobody_can_tell_is_said_first_and_applicants_are_named():
    answer = made_up().answer()
    assert answer.sentence.startswith("Whether any market ever saturates the data cannot tell: in 1 of 4 draws")
    assert "food at 15 (1.5 times the programme; 10 to 90 % of draws: 15 to beyond the largest)" in answer.sentence
    assert "There are applicants for all places at every size." in answer.sentence
    none = made_up((0.0, 0.0)).answer().sentence
    assert none.startswith("In all 2 draws sellers do not crowd each other")
    dry = made_up(unfilled=100.0)
    assert set(dry.crossings().query("trade == 'retail' and draw != 2")["comes"]) == {TOO_FEW}
    answer = dry.answer()
    assert "Applicants run out in 100\u00a0% of all draws at 2 times its size" in answer.sentence
    assert answer.table(PEOPLE)["ran_out"].tolist() == [0.0, 0.0, 1.0]


def test_each_hundred_more_are_paired_and_there_is_no_ratio_of_nothing():
    found = made_up()
    steps = found.steps().set_index(["trade", "size"])
    row = steps.loc[("food", 1.0)]
    # Of 40 more projects a quarter live, and in draw d another d: a mean of 11.5.
    assert (row["more_opened"], row["more_live"], row["per_100"]) == (40.0, 11.5, pytest.approx(28.75))
    assert row["low"] < 28.75 < row["high"] and row["says"] == ""
    level = replace(found, rows=found.rows.assign(opened=50.0 + found.rows["draw"]))
    row = level.answer().table(STEPS).iloc[0]
    assert np.isnan(row["per_100"]) and "may be zero" in row["says"]


def test_the_whole_question_on_the_model(monkeypatch):
    def draws(number, folder=None):
        table = default_params(number)
        table["saturation_gamma"] = np.where(np.arange(number) % 2, 0.0, 0.6)
        table["niche_host_sellers"] = 5.0
        return table

    monkeypatch.setattr(experiment, "load_draws", draws)
    answer = markets(one(), (4.0, 0.5), 0.05)
    assert answer.facts["draws_with_crowding"] == 1 and answer.facts["times"] == [0.5, 4.0]
    sizes = answer.table(SIZES)
    everything = sizes[sizes["trade"] == ALL]
    assert everything["opened"].is_monotonic_increasing and everything["kept"].is_monotonic_decreasing
    assert (everything["kept"] < everything["without"]).all()


@pytest.mark.parametrize(
    ("times", "lost", "said"),
    [
        ([1.0], 0.1, "--times: found 1 size"),
        ([1.0, 1.0], 0.1, "--times: found a size twice"),
        ([0.0, 1.0], 0.1, "--times: found 0,"),
        ([1.0, float("nan")], 0.1, "--times: found nan"),
        ([1.0, 65.0], 0.1, "--times: found 65"),
        ([1.0 + each for each in range(13)], 0.1, "--times: found 13 sizes"),
        ([1.0, 2.0], 0.0, "--lost: found 0,"),
        ([1.0, 2.0], float("nan"), "--lost: found nan"),
    ],
)
def test_what_cannot_be_asked_is_refused(times, lost, said):
    with pytest.raises(UserError, match=said):
        check(times, lost)


def test_a_strategy_that_finances_nothing_has_no_market():
    with pytest.raises(UserError, match="found 'no_programme', which finances no project"):
        markets(replace(one(), strategies=(load("no_programme"),)), (1.0, 2.0))
