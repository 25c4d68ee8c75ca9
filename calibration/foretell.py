"""Our fit as a forecaster: fitted to what it is shown, asked how long AGRs of a table it has not seen stay open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..sim.params import NUMBERS
from . import register
from .likelihood import NUISANCE, PLACE, Likelihood, Structure
from .priors import quantile
from .reweight import DEFAULT_FAMILIES
from .rows import lives_of_cohorts, lives_of_spells, rows_of
from .sampler import MOST_BLOCKS, sample

Floats = npt.NDArray[np.float64]

FAMILIES = tuple(Structure(family, crowding=False) for family in DEFAULT_FAMILIES)
"""Structures that forecast together, each with the same weight; a register of this size cannot tell crowding."""
KEPT = 60
"""Posterior draws of each structure that forecast."""
BRIEF = 8
"""Blocks of chains, warm-up included: 6,000 kept steps are enough for a mean."""
OURS = "idmaj"


@dataclass(frozen=True)
class RegisterFit:
    """Posterior draws of some structures, as a forecast: a function of rows, ages known to be open, later ages.

    Attributes
    ----------
    likelihoods : tuple of Likelihood
    draws : tuple of tuples of dict
        Values of the coordinates of each structure, draw by draw.
    places : tuple of str
        Places with an effect of their own, the reference first.
    shares : Series
        How many AGRs of the table it was fitted to stand in each of them.
    """

    likelihoods: tuple[Likelihood, ...]
    draws: tuple[tuple[dict[str, float], ...], ...]
    places: tuple[str, ...]
    shares: pd.Series

    def __call__(self, rows: pd.DataFrame, entry: Floats, age: Floats) -> Floats:
        """Return the chance of being open, mean over all draws."""
        return np.asarray(self.chances(rows, entry, age).mean(axis=0))

    def chances(self, rows: pd.DataFrame, entry: Floats, age: Floats) -> Floats:
        """Return the chance of each row under each draw; shape (draws, n).

        A place that was not in the table it was fitted to has an effect drawn from its prior.
        """
        if not len(rows):
            return np.empty((sum(len(each) for each in self.draws), 0))
        told, places = self._rows(rows, entry, age)
        luck = np.random.Generator(np.random.Philox(key=[len(rows), 14]))
        found = []
        for likelihood, draws in zip(self.likelihoods, self.draws, strict=True):
            asked = replace(likelihood, rows=told)
            for values in draws:
                new = {PLACE + name: float(quantile(NUISANCE["log_hr_place"], luck.random(1))[0]) for name in places}
                found.append(asked.owners(new | values))
        return np.minimum(np.exp(np.array(found)), 1.0)

    def _rows(self, table: pd.DataFrame, entry: Floats, age: Floats) -> tuple[object, tuple[str, ...]]:
        """Return rows that are open at `age` and known to be at `entry`, and places the fit had not seen."""
        lives = _covariates(table).assign(
            owner=np.arange(len(table)), start_lo=0.0, start_hi=0.0, observed_from=entry, active=age, inactive=np.inf,
            causes=0, times=1.0, cohort=0.0, sector="",
        )  # fmt: skip
        unseen = tuple(sorted(set(lives["place"]) - set(self.shares.index) - {""}))
        named = (*self.places, *unseen)
        code = {name: k for k, name in enumerate(named)}
        # A place that is not recorded is drawn from those of the table the fit was made from.
        luck = np.random.Generator(np.random.Philox(key=[len(table), 15]))
        blank = luck.choice(self.shares.index, len(table), p=self.shares / self.shares.sum())
        place = np.array([code.get(name, 0) for name in np.where(lives["place"] == "", blank, lives["place"])])
        rows = rows_of(lives.assign(place=self.places[0]))
        each = np.repeat(place, np.diff(rows.spell_of)).astype(np.int64)
        return replace(rows, place=each, places=named), unseen


def fit_table(
    table: pd.DataFrame,
    structures: Sequence[Structure] = FAMILIES,
    seed: int = 2017,
    blocks: int = BRIEF,
    workers: int = 1,
) -> RegisterFit:
    """Fit some structures to spells or cohort tables as `idmaj calibrate` does, chains of at most so many blocks."""
    counted = "n_active" in table
    rows = rows_of(lives_of_cohorts(table) if counted else lives_of_spells(table))
    likelihoods, draws = [], []
    for structure in structures:
        likelihood = register.likelihood_of(rows, structure, NUMBERS, seed)
        likelihood.log_posterior(likelihood.start())  # compiled before several threads ask for it
        start, scales = likelihood.start(), likelihood.scales()
        course = sample(likelihood.log_posterior, start, scales, seed, workers=workers, most=min(blocks, MOST_BLOCKS))
        chosen = course.draws[np.linspace(0, len(course.draws) - 1, KEPT).astype(int)]
        likelihoods.append(likelihood)
        draws.append(tuple(likelihood.values(x) for x in chosen))
    where = table["place"].replace("", np.nan).dropna()
    shares = where.value_counts() if len(where) else pd.Series({rows.places[0]: 1} if rows.places else {"": 1})
    return RegisterFit(tuple(likelihoods), tuple(draws), rows.places or ("",), shares)


class Foreteller:
    """A forecaster that fits each training table once, however often it is asked.

    Parameters
    ----------
    structures, seed, blocks, workers
        As in `fit_table`.
    on_fit : callable, optional
        Told after each fit how many there were.
    """

    def __init__(
        self, structures: Sequence[Structure] = FAMILIES, seed: int = 2017, blocks: int = BRIEF, workers: int = 1,
        on_fit: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        self._fit = partial(fit_table, structures=structures, seed=seed, blocks=blocks, workers=workers)
        self._on_fit = on_fit
        self._fits: list[tuple[pd.DataFrame, RegisterFit]] = []

    def __call__(self, train: pd.DataFrame) -> RegisterFit:
        """Return the forecast that training gives."""
        for table, fit in self._fits:
            if table is train:
                return fit
        fit = self._fit(train)
        self._fits.append((train, fit))
        if self._on_fit is not None:
            self._on_fit(len(self._fits))
        return fit


def _covariates(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the likelihood looks at of spells or of rows of cohort tables, in their order."""
    if "n_active" in table:
        columns = table[["sex", "origin", "place", "trained"]].assign(need=np.nan)
        return columns.reset_index(drop=True)
    start = (table["start_lo"] + table["start_hi"]) / 2.0
    trained = np.where(table["trained"].isna(), np.nan, (table["trained"] <= start).astype(float))
    return table[["sex", "origin", "place", "need"]].assign(trained=trained).reset_index(drop=True)
