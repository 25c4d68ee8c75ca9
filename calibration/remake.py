"""Make a register up again under a fit: the same AGRs, followed by the same visits, living other lives.

Kept are who owns each AGR, when it opened and came under observation, and how long it could be followed. Of one that
ended that last is not known: it takes the day on which another AGR was last seen, later than its ending.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import hazards
from .likelihood import Likelihood
from .rows import lives_of_spells, rows_of
from .schemas import ENDED, Exit
from .spells import could_be_seen

Floats = npt.NDArray[np.float64]

GRID = np.concatenate([np.arange(0.0, 60.0, 0.5), np.arange(60.0, 601.0, 4.0)])
"""Ages in months at which hazards are worked out; between them they are taken to grow evenly."""


class Remade:
    """A register that can be made up again and again.

    Parameters
    ----------
    spells : DataFrame
        As `read_spells` returns it; those that could not be seen are left out.
    """

    def __init__(self, spells: pd.DataFrame) -> None:
        self.spells = spells[could_be_seen(spells)]
        self.rows = rows_of(lives_of_spells(self.spells).assign(owner=np.arange(len(self.spells))))
        self._start = ((self.spells["start_lo"] + self.spells["start_hi"]) / 2.0).to_numpy()
        self._entry = np.maximum(self.spells["observed_from"].to_numpy() - self._start, 0.0)
        self._over = self.spells["exit"].isin([int(each) for each in ENDED]).to_numpy()

    def __call__(self, likelihood: Likelihood, values: Mapping[str, float], seed: int) -> pd.DataFrame:
        """Return spells that the fit makes up, as `read_spells` would return them."""
        luck = np.random.Generator(np.random.Philox(key=[seed, 17]))
        age, cause = self._ends(likelihood, values, luck)
        since = self._start + self._entry
        until, how = self._followed(luck)
        gap = self._gaps(luck)
        end = self._start + age
        closed = end <= until
        before = np.maximum(end - gap * luck.random(len(gap)), since)
        found = np.minimum(np.maximum(before + gap, end), until)
        exits = np.where(closed, np.where(luck.random(len(gap)) < self._unknown, Exit.UNKNOWN, cause), how)
        return self.spells.assign(
            last_active=np.where(closed, before, until),
            first_inactive=np.where(closed, found, np.inf),
            exit=exits.astype(np.int64),
        )

    def _ends(
        self, likelihood: Likelihood, values: Mapping[str, float], luck: np.random.Generator
    ) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Return the age in months at which each AGR ends, and how, given that it was open at entry."""
        pick = self._ways(luck)
        told = self.rows
        params = likelihood.params(values)
        leave, others = likelihood.rates(values, params)
        ratio = np.exp(likelihood.shift(values, params))[pick]
        female, need = told.female[pick], told.need[pick]
        ratio = ratio * float(params["hr_female_failure"][0]) ** female
        ratio = ratio * np.exp(float(params["log_hazard_need"][0]) * (need - hazards.USUAL_NEED))
        wage = others[0] * np.where(female == 1, others[1], 1.0)
        rates = np.column_stack([leave[told.region[pick]], wage, np.full(len(pick), others[2])])
        steady = rates.sum(axis=1) + others[3]
        lived = hazards.cumulative(GRID / 12.0, params)[0]
        points, weights = hazards.frailty_nodes(float(params["log_frailty_sd"][0]))
        frail = hazards.frailty_ratios(points, params)
        spent = np.interp(self._entry, GRID, lived)
        # Who is still open at entry is less frail than those who opened.
        chance = weights * np.exp(-np.outer(ratio * spent, frail))
        ratio = ratio * frail[_pick(chance, luck)]
        cumulative = np.outer(ratio, lived) + np.outer(steady, GRID / 12.0)
        target = ratio * spent + steady * self._entry / 12.0 + luck.exponential(size=len(ratio))
        after = np.minimum((cumulative < target[:, None]).sum(axis=1), len(GRID) - 1).clip(min=1)
        each = np.arange(len(after))
        low, high = cumulative[each, after - 1], cumulative[each, after]
        part = np.clip((target - low) / np.maximum(high - low, 1e-12), 0.0, 1.0)
        step = np.diff(GRID)[after - 1]
        age = np.where(target > cumulative[:, -1], np.inf, GRID[after - 1] + part * step)
        hazard = ratio * (lived[after] - lived[after - 1]) / (step / 12.0) + others[3]
        causes = np.array([Exit.FAILED, Exit.OWNER_LEFT, Exit.WAGE_WORK, Exit.ABSORBED], dtype=np.int64)
        return np.maximum(age, self._entry), causes[_pick(np.column_stack([hazard, rates]), luck)]

    def _ways(self, luck: np.random.Generator) -> npt.NDArray[np.intp]:
        """Return one row of each spell, where a missing covariate may have several values."""
        first, many = self.rows.spell_of[:-1], np.diff(self.rows.spell_of)
        if (many == 1).all():
            return np.asarray(first, dtype=np.intp)
        chosen = [a + luck.choice(m, p=_even(self.rows.weight[a : a + m])) for a, m in zip(first, many, strict=True)]
        return np.array(chosen, dtype=np.intp)

    def _followed(self, luck: np.random.Generator) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Return the month up to which each AGR can be followed, and how it stands if it is open then."""
        until = self.spells["last_active"].to_numpy(dtype=np.float64).copy()
        how = self.spells["exit"].to_numpy(dtype=np.int64).copy()
        closed = self.spells["first_inactive"].to_numpy(dtype=np.float64)
        order = np.flatnonzero(~self._over)[np.argsort(until[~self._over], kind="stable")]
        first = np.searchsorted(until[order], closed[self._over])
        drawn = first + (luck.random(len(first)) * (len(order) - first)).astype(int)
        there = drawn < len(order)
        donor = np.append(order, 0)[np.minimum(drawn, len(order))]
        last = np.where(there, until[donor], closed[self._over])
        until[self._over], how[self._over] = last, np.where(there, how[donor], int(Exit.ACTIVE))
        return until, how

    def _gaps(self, luck: np.random.Generator) -> Floats:
        """Return months between two visits, as often as endings lay between visits so far apart."""
        ended = self.spells[self._over]
        since = np.maximum(ended["last_active"].fillna(ended["start_lo"]), ended["observed_from"])
        gaps = (ended["first_inactive"] - since).clip(lower=0.0).to_numpy(dtype=np.float64)
        return luck.choice(gaps, len(self.spells)) if len(gaps) else np.zeros(len(self.spells))

    @property
    def _unknown(self) -> float:
        """Share of the endings whose cause nobody wrote down."""
        ended = self.spells.loc[self._over, "exit"]
        return float((ended == Exit.UNKNOWN).mean()) if len(ended) else 0.0


def _even(weight: Floats) -> Floats:
    return np.asarray(weight / weight.sum())


def _pick(weights: Floats, luck: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return one column of each row, as often as weights say."""
    running = np.cumsum(weights, axis=1)
    drawn = luck.random(len(running))[:, None] * running[:, -1:]
    return np.minimum((running < drawn).sum(axis=1), weights.shape[1] - 1)
