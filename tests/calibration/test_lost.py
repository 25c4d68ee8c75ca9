"""Those lost, and what success is: bounds that hold by construction."""

import numpy as np
import pytest

from idmaj.calibration.curves import lived
from idmaj.calibration.lost import SUCCESS, lost_table, success_table
from idmaj.calibration.schemas import Exit
from idmaj.calibration.synthetic import ALL_DEFECTS, Defects, Truth, synthetic_spells
from idmaj.sim.survival import kaplan_meier, survival_at

SPELLS = synthetic_spells(Truth(), ALL_DEFECTS, 800, 3)


def open_at(spells, years):
    seen = lived(spells)
    return float(survival_at(kaplan_meier(seen["entry"], seen["stop"], seen["ended"]), 12.0 * years))


def test_those_lost_like_the_others_leave_the_estimate_where_it_was() -> None:
    """Forty imputations of some 110 AGRs err by less than a point."""
    table = lost_table(SPELLS)
    for row in table[table["delta"] == 0.0].itertuples():
        assert row.open == pytest.approx(open_at(SPELLS, row.years), abs=0.01)
        assert row.change == 0.0


def test_the_more_they_close_the_fewer_are_open_and_all_closed_is_the_least() -> None:
    table = lost_table(SPELLS)
    for years, part in table.groupby("years"):
        assert (np.diff(part["open"]) < 0).all()
        lost = SPELLS["exit"] == Exit.LOST
        closed = SPELLS.assign(first_inactive=SPELLS["first_inactive"].mask(lost, SPELLS["last_active"]))
        assert part["open"].iloc[-1] == pytest.approx(open_at(closed, years), abs=0.01)
        assert ((part["low"] < part["open"]) & (part["open"] < part["high"])).all()


def test_where_nobody_is_lost_nothing_moves() -> None:
    table = lost_table(synthetic_spells(Truth(), Defects(), 200, 1))
    assert (table["lost"] == 0).all()
    assert (table["change"] == 0.0).all()


def test_lost_at_a_rate_of_closing_that_is_known_is_made_good() -> None:
    """Everyone who would close within half a year is lost: at delta 0 too many are open, at all closed too few."""
    lives = synthetic_spells(Truth(rate_owner_left=0, rate_wage_work=0, rate_absorbed=0), Defects(), 4000, 9)
    closes = lives["exit"] == Exit.FAILED
    gone = lives.copy()
    hit = lives.index[closes][::2]
    gone.loc[hit, "exit"], gone.loc[hit, "first_inactive"] = int(Exit.LOST), np.inf
    gone.loc[hit, "last_active"] = lives.loc[hit, "last_active"] - 1e-3
    table = lost_table(gone).set_index(["delta", "years"])["open"]
    for years in (3, 5):
        truth = open_at(lives, years)
        assert table[(0.0, years)] > truth + 0.05
        assert table[(np.inf, years)] == pytest.approx(truth, abs=0.005)


def test_success_grows_with_what_counts_and_begins_with_being_open() -> None:
    table = success_table(SPELLS)
    assert list(table["success"].unique()) == list(SUCCESS)
    for years, part in table.groupby("years"):
        assert (np.diff(part["share"]) >= 0).all()
        assert part["share"].iloc[0] == pytest.approx(open_at(SPELLS, years))
        assert ((part["low"] < part["share"]) & (part["share"] < part["high"])).all()
