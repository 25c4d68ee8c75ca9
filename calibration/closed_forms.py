"""Closed forms: lives that the model lives, month by month, against the formula of their hazard."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..sim import Luck
from ..sim.kinds import HazardFamily
from ..sim.params import NUMBERS
from .hazards import SHAPES
from .quiet_world import cohort, quiet, survived, surviving
from .scores import holm, share_interval

LEVEL = 0.12
AT_YEARS = (1, 3, 5)
LIVES = 20_000
LEAST_P = 0.001
"""Chance that right lives fail some row of the table."""


def closed_forms(lives: int = LIVES, seed: int = 1, level: float = LEVEL) -> pd.DataFrame:
    """Let AGRs live with every other risk off and compare how many are open with the textbook.

    Parameters
    ----------
    lives : int
        AGRs of each hazard family. 20,000 tell a level that is wrong by a tenth, with a chance of 0.99.
    seed : int
    level : float
        Failures a year that the lives are lived under; the textbook has 0.12.

    Returns
    -------
    DataFrame, one row a family and age
        `family, years, lives, simulated, low, high` (share open, 95 % interval, exact), `closed_form`, `p_value`
        (binomial, exact) and `holds`: not rejected by Holm's rule, under which one right table in a thousand is.
    """
    from scipy.stats import binomtest

    rows = []
    for family in HazardFamily:
        name = SHAPES.get(family)
        shape = NUMBERS[name].median if name else 0.0
        params = quiet(hazard_family=float(family), failure_level=level, **({name: shape} if name else {}))
        table = cohort(params, 12 * max(AT_YEARS), lives, luck=Luck(seed=seed)).businesses
        for years in AT_YEARS:
            n, alive = len(table), int(survived(table, 12 * years).sum())
            expected = float(surviving(family, np.array([float(years)]), LEVEL, shape)[0])
            p_value = float(binomtest(alive, n, expected).pvalue)
            called = family.name.lower().replace("_", "-")
            rows.append((called, years, n, alive / n, *share_interval(alive, n), expected, p_value))
    columns = ["family", "years", "lives", "simulated", "low", "high", "closed_form", "p_value"]
    found = pd.DataFrame(rows, columns=columns)
    return found.assign(holds=~holm(found["p_value"].to_numpy(), LEAST_P))
