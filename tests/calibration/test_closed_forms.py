"""Simulated lives agree with the formula, and would not if the level were wrong."""

from idmaj.calibration.closed_forms import closed_forms
from idmaj.sim.kinds import HazardFamily


def test_lives_of_every_family_agree_with_the_formula() -> None:
    """20,000 lives a family: a right table fails once in a thousand seeds, and the seed is fixed."""
    table = closed_forms()
    assert len(table) == 3 * len(HazardFamily)
    assert table["holds"].all()
    assert (table["low"] <= table["simulated"]).all() and (table["simulated"] <= table["high"]).all()


def test_a_level_wrong_by_a_tenth_is_noticed_at_three_years() -> None:
    """Power 0.98: the share open would be 0.673, seven standard errors from 0.698."""
    table = closed_forms(level=0.132)
    assert not table.loc[table["years"] == 3, "holds"].any()
