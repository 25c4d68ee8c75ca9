"""Measure what each kind of evidence tells: `python docs/make_contraction.py` writes `contraction.csv` (a few minutes).

D1 is the published share. D2 is a synthetic register of 800 AGRs with all defects at once. D3 is a table of the same
lives: cohorts of a year by training, counted at each year's end with the cause of each ending. One structure (Weibull,
no crowding) stands for all: what is told of a level or a rate hardly differs between them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from idmaj.calibration.bridge import LEARNED
from idmaj.calibration.examples import synthetic_cohorts
from idmaj.calibration.likelihood import Structure
from idmaj.calibration.posterior import Fitted, Posterior
from idmaj.calibration.register import fit_register, likelihood_of
from idmaj.calibration.reweight import Reweighing, reweigh
from idmaj.calibration.rows import lives_of_cohorts, lives_of_spells, rows_of
from idmaj.calibration.shares import bundled_share
from idmaj.calibration.synthetic import ALL_DEFECTS, Truth, synthetic_spells
from idmaj.sim import NUMBERS
from idmaj.sim.ensemble import threads
from idmaj.sim.kinds import HazardFamily

TABLE = Path(__file__).parent / "contraction.csv"
STRUCTURE = Structure(HazardFamily.WEIBULL, crowding=False)
AGRS, SEED, WANTED, DRAWS = 800, 2017, 4000, 20_000
LEAST = 0.1
"""Numbers that no evidence moves by more are left out of the table."""


def by_likelihood(lives: pd.DataFrame) -> Fitted:
    """Fit lives."""
    likelihood = likelihood_of(rows_of(lives), STRUCTURE, dict(NUMBERS), SEED)
    found = fit_register(likelihood, dict(NUMBERS), WANTED, SEED, workers=2)
    return Fitted(STRUCTURE, 1.0, found.params, 0.0, found.p_value)


def contractions() -> pd.DataFrame:
    """Return the contraction of each number under each kind of evidence."""
    work = Reweighing((STRUCTURE,), dict(NUMBERS), (bundled_share(),), SEED)
    published = reweigh(work, DRAWS, WANTED, threads())[0]
    fits = {
        "D1": Fitted(STRUCTURE, 1.0, published.params, published.log_evidence, 1.0),
        "D2": by_likelihood(lives_of_spells(synthetic_spells(Truth(), ALL_DEFECTS, AGRS, SEED))),
        "D3": by_likelihood(lives_of_cohorts(synthetic_cohorts(Truth(), ALL_DEFECTS, AGRS, SEED))),
    }
    columns = {}
    for name, each in fits.items():
        table = Posterior((each,), NUMBERS, "", "", "", pd.DataFrame(), ()).parameters()
        columns[name] = table[table["structure"] == "all"].set_index("parameter")["contraction"]
    found = pd.DataFrame(columns).reindex([name for name in LEARNED if name in columns["D1"].index])
    return found[(found > LEAST).any(axis=1)].clip(lower=0.0).round(2).sort_values("D2", ascending=False)


if __name__ == "__main__":
    contractions().to_csv(TABLE, lineterminator="\n")
    sys.exit(0)
