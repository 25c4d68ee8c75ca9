"""Runs as arrays: what counts as complete, ratios of means, and draws drawn again."""

import numpy as np
import pandas as pd
import pytest
from decision_tables import tidy

from idmaj.scenarios.decisions.paired import interval, paired
from idmaj.sim import UserError

RNG = np.random.default_rng(1)


def test_only_runs_that_every_design_has_count():
    table = tidy({"a": [[1.0, 3.0], [5.0, 7.0]], "b": [[1.0, np.nan], [np.nan, np.nan]]})
    found = paired(table)
    assert found.tops.shape == (1, 2, 1, 2)
    assert found.mean.tolist() == [[1.0, 1.0]] and found.draws.tolist() == [0]


def test_a_draw_counts_once_however_many_runs_it_has():
    found = paired(tidy({"a": [[0.0, 0.0], [9.0, np.nan]]}))
    assert found.mean.item() == 4.5 and found.over == "draws"


def test_of_a_single_draw_the_units_are_its_runs():
    found = paired(tidy({"a": [[1.0, np.nan, 3.0, 8.0]]}))
    assert found.over == "replications" and found.units[0, 0].tolist() == [1.0, 3.0, 8.0]
    assert found.mean.item() == 4.0


def test_a_ratio_is_one_of_means_and_its_linear_parts_average_to_it():
    spent, bought = RNG.gamma(4, 25, (12, 3)), RNG.gamma(4, 5, (12, 3))
    table = pd.concat([tidy({"a": spent}, "spent"), tidy({"a": bought}, "bought")])
    found = paired(table, ["cost"], per={"cost": ("spent", "bought")})
    assert found.mean.item() == pytest.approx(spent.mean() / bought.mean())
    assert np.nanmean(found.linear) == pytest.approx(spent.mean() / bought.mean())


def test_the_bootstrap_of_a_mean_has_its_standard_error():
    """2,000 resamples know a standard deviation to 1.6 %; 8 % is five of these."""
    values = RNG.normal(0, 1, (60, 2))
    samples = paired(tidy({"a": values})).resampled()[:, 0, 0]
    assert samples.std() == pytest.approx(values.mean(axis=1).std() / np.sqrt(60), rel=0.08)
    low, high = interval(samples)
    assert low < values.mean() < high


def test_designs_meet_the_same_draws_when_they_are_drawn_again():
    values = RNG.normal(0, 50, (30, 1))
    samples = paired(tidy({"a": values, "b": values + 1})).resampled()[:, 0]
    np.testing.assert_allclose(samples[:, 1] - samples[:, 0], 1.0)


@pytest.mark.parametrize("table", [tidy({"a": [[1.0]], "b": [[np.nan]]})])
def test_where_no_run_is_complete_it_says_so(table):
    with pytest.raises(UserError, match="found none in which every design"):
        paired(table)


def test_an_unknown_outcome_is_named():
    with pytest.raises(UserError, match="found 'profit', accepted one of income"):
        paired(tidy({"a": [[1.0]]}), ["profit"])


def test_one_run_cannot_be_drawn_again():
    with pytest.raises(UserError, match="at least 2 draws"):
        paired(tidy({"a": [[1.0]]})).resampled()
