"""The 95 % interval of a comparison, against a truth found by brute force on the model itself."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from small_studies import small

from idmaj.scenarios import experiment
from idmaj.scenarios.contrast import compare_rows
from idmaj.scenarios.experiment import prepare
from idmaj.scenarios.runs import ENDS, Lives
from idmaj.scenarios.strategies import load
from idmaj.sim import default_params
from idmaj.sim.ensemble import Chunk

STUDIES, DRAWS, REPLICATIONS = 200, 5, 2
OUTCOMES = ("live_businesses", "income_served")


@pytest.mark.slow
def test_the_interval_of_compare_covers_the_truth_as_often_as_it_says(monkeypatch):
    """200 studies of 5 draws x 2 replications, one year from 2008; the truth is the mean of all 1,000 draws.

    A study is part of its truth by 1 in 200, which makes its error 0.25 % too small: of no consequence here. With true
    coverage of 95 %, fewer than `least` of 200 hold with a chance of 1 in 1,000; with 85 % that many or more hold in
    fewer than 1 in 20 tests (power above 95 %).
    """
    least = int(binom(STUDIES, 0.95).ppf(0.001))
    assert binom(STUDIES, 0.85).sf(least - 1) < 0.05

    def draws(number: int, folder=None):
        table = default_params(number)
        table["failure_level"] *= np.exp(np.random.default_rng(11).normal(0, 0.4, number))
        return table

    monkeypatch.setattr(experiment, "load_draws", draws)
    plan = small(
        strategies=(load("continued"), load("neediest_first+recession")),
        draws=STUDIES * DRAWS, replications=REPLICATIONS, seed=5,
    )  # fmt: skip
    work = Lives.of(plan, prepare(plan))
    ends = pd.concat([work(Chunk(draw, 0, REPLICATIONS), bool)[ENDS] for draw in range(plan.draws)])
    for outcome in OUTCOMES:
        rows = ends[["strategy", "draw", "replication"]].assign(outcome=outcome, value=ends[outcome])
        means = rows.groupby("strategy")["value"].mean()
        truth = means["neediest_first+recession"] - means["continued"]
        assert truth != 0
        hits = 0
        for study in range(STUDIES):
            mine = rows[rows["draw"] // DRAWS == study]
            (found,) = compare_rows(mine, "continued", {}).itertuples()
            hits += found.low <= truth <= found.high
        print(outcome, truth, hits, least)
        assert hits >= least, outcome
