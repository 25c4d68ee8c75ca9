"""What it would be worth to know more before deciding: of everything, and of each number or group of numbers.

*EVPI*, the expected value of perfect information, is what one would gain on average if ignorance ended before the
choice: the mean over draws of the best strategy there, less the best mean. *EVPPI* is the same of one number, or of
all numbers that a piece of evidence would tell. It is found by regression (Strong, Oakley & Brennan 2014, Med. Decis.
Making 34): what each strategy is expected to be worth given those numbers (`smoothing`), and the best of that.

Noise alone looks like information, for a maximum feeds on it. So what luck leaves in a draw's mean is taken out first
(`Benefits.quiet`, and the regression itself), and a number is worth nothing worth printing unless it beats pure noise
pushed through the very same function (`Worth.floor`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import UserError
from .benefits import Benefits
from .smoothing import CATEGORY, Basis, Smooth, basis_of, smooth

Floats = NDArray[np.float64]

FEWEST_DRAWS = 50
"""Below so many draws a regression says next to nothing (judgement)."""
SIMULATED, TRIES, TRIES_ONE, CHANCE = 200, 200, 2000, 0.05
"""Fits for a standard error; floors of noise for a group, and for one number; the chance that noise passes anywhere."""
SEED = 20
Z = 1.959963984540054


@dataclass(frozen=True)
class Worth:
    """What knowing something before deciding is worth, for one decision.

    Attributes
    ----------
    value : float
        Expected gain; never below zero.
    se : float
        Standard error: of the fit and of having only so many draws; NaN below the floor.
    floor : float
        What pure noise shows; 0 where none was tried.
    unit : str
    """

    value: float
    se: float
    floor: float
    unit: str

    @property
    def below_floor(self) -> bool:
        """Whether pure noise might show as much: then no figure should be given."""
        return self.value <= self.floor

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self._end(-Z)

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self._end(Z)

    def _end(self, errors: float) -> float:
        """Return an end of the interval, made on square roots: small values are skewed, for none lies below zero."""
        root = math.sqrt(self.value)
        if root == 0.0:
            return max(0.0, errors * self.se)
        return max(0.0, root + errors * self.se / (2.0 * root)) ** 2

    def scaled(self, times: float, unit: str) -> Worth:
        """Return the same for many decisions, or in money: `times` units for each of these."""
        return replace(self, value=self.value * times, se=self.se * times, floor=self.floor * times, unit=unit)


def evpi(benefits: Benefits) -> Worth:
    """Return what it would be worth to end all ignorance: no study can be worth more.

    What luck leaves in the draws' means is taken out where its size is known; with one replication a draw it is not,
    and the figure is too high.
    """
    values = benefits.quiet
    gain = values.max(axis=1) - values[:, int(np.argmax(values.mean(axis=0)))]
    return Worth(float(gain.mean()), float(gain.std(ddof=1) / np.sqrt(len(gain))), 0.0, benefits.unit)


def evppi(benefits: Benefits, columns: pd.DataFrame, tries: int = TRIES, level: float = 1.0 - CHANCE) -> Worth:
    """Return what it would be worth to know some numbers exactly, with its floor of noise.

    Parameters
    ----------
    benefits : Benefits
    columns : DataFrame (draws, numbers)
        Their values by draw, of the same index as ``benefits.table``.
    tries : int
        How often the rows are shuffled for the floor.
    level : float
        Share of shuffles that stay below the floor.

    Raises
    ------
    UserError
        If there are too few draws, or a draw has no value.
    """
    known = aligned(benefits, columns)
    gains = gains_of(benefits)
    basis = basis_of(known)
    return worth_of(benefits, basis, gains, float(np.quantile(noise_values(basis, gains, tries), level)))


def worth_knowing(
    benefits: Benefits,
    params: pd.DataFrame,
    groups: Mapping[str, Sequence[str]] | None = None,
    times: float = 1.0,
    unit: str | None = None,
) -> pd.DataFrame:
    """Rank what to find out before deciding: each number alone, and each group of numbers that evidence would tell.

    Parameters
    ----------
    benefits : Benefits
    params : DataFrame (draws, numbers)
        Every number that is not known exactly; columns that never vary are left out.
    groups : mapping of names to columns, optional
        What a piece of evidence would tell together.
    times, unit : float, str
        Decisions that rest on the answer, times what a unit is worth; and the unit that this gives.

    Returns
    -------
    DataFrame
        Most worth first, what noise might show last: ``what, kind, value, low, high, se, floor, below_floor,
        share_of_evpi, unit, says``. Below the floor there is no figure (NaN).
    """
    candidates: list[tuple[str, str, list[str]]] = [
        (str(name), "number", [str(name)]) for name in params.columns if params[name].nunique() > 1
    ]
    candidates += [(name, "group", list(members)) for name, members in (groups or {}).items()]
    known = {member for _, _, members in candidates for member in members}
    if strange := sorted(known - set(params.columns)):
        raise UserError("groups: found {strange!r}, accepted names of parameters", strange=strange[0])
    gains = gains_of(benefits)
    counts = pd.Series([kind for _, kind, _ in candidates]).value_counts()
    everything = evpi(benefits)
    floors: dict[float, float] = {}
    rows = []
    for what, kind, members in candidates:
        columns = aligned(benefits, params[members])
        basis = basis_of(columns)
        level = 1.0 - CHANCE / int(counts[kind])
        found = worth_of(benefits, basis, gains, _floor(basis, gains, columns, level, floors))
        rows.append(_row(what, kind, found, everything, times, unit or benefits.unit))
    columns_ = ["what", "kind", "value", "low", "high", "se", "floor", "below_floor", "share_of_evpi", "unit", "says"]
    table = pd.DataFrame(rows, columns=columns_)
    order = table["value"].fillna(-np.inf).to_numpy()
    return table.iloc[np.argsort(-order, kind="stable")].reset_index(drop=True)


def _row(what: str, kind: str, found: Worth, everything: Worth, times: float, unit: str) -> dict[str, Any]:
    share = min(1.0, found.value / everything.value) if everything.value > 0.0 else float("nan")
    own = found.scaled(times, unit)
    figures = [np.nan] * 5 if own.below_floor else [own.value, own.low, own.high, own.se, share]
    if own.below_floor:
        says = f"{what}: no more than pure noise would show (up to {own.floor:.3g} {unit})"
    else:
        says = f"{what}: to know it exactly is worth {own.value:.3g} {unit} ({own.low:.3g} to {own.high:.3g})"
    names = ("value", "low", "high", "se", "share_of_evpi")
    about = {"what": what, "kind": kind, "floor": own.floor, "below_floor": own.below_floor, "unit": unit}
    return about | dict(zip(names, figures, strict=True)) | {"says": says}


def gains_of(benefits: Benefits) -> Floats:
    """Return what every other strategy gains on the one that is best on average, an array (draws, others)."""
    values = benefits.values
    best = int(np.argmax(values.mean(axis=0)))
    gains: Floats = np.delete(values, best, axis=1) - values[:, [best]]
    return gains


def value_of(gains: Floats, weights: Floats | None = None) -> Floats:
    """Return the mean of the best less the best mean, over the axis before the last; the strategy best today gains 0.

    Parameters
    ----------
    gains : array (..., draws, others)
    weights : array (..., draws), optional
        Of the draws; they add up to 1.
    """
    weigh = np.full(gains.shape[-2], 1.0 / gains.shape[-2]) if weights is None else weights
    best = np.sum(weigh * np.maximum(gains.max(axis=-1), 0.0), axis=-1)
    today = np.maximum(np.sum(weigh[..., None] * gains, axis=-2).max(axis=-1), 0.0)
    return np.asarray(np.maximum(best - today, 0.0))


def simulated_values(fit: Smooth, seed: int = SEED) -> Floats:
    """Return values of information that might as well be true: other coefficients, other draws; `SIMULATED` of them.

    The same draws are weighed alike whenever the seed is the same (the Bayesian bootstrap, Rubin 1981).
    """
    generator = np.random.default_rng(seed)
    weights = generator.dirichlet(np.ones(len(fit.fitted)), SIMULATED)
    return value_of(fit.simulated(SIMULATED, generator), weights)


def noise_values(basis: Basis, gains: Floats, tries: int, seed: int = SEED) -> Floats:
    """Return what the same function says the same columns are worth once their rows are shuffled; `tries` values."""
    generator = np.random.default_rng(seed)
    found = []
    for some in np.array_split(np.arange(tries), max(1, tries // TRIES)):
        orders = [generator.permutation(len(gains)) for _ in some]
        fit = smooth(basis, np.concatenate([gains[order] for order in orders], axis=1))
        found.append(value_of(fit.fitted.reshape(len(gains), len(some), -1).swapaxes(0, 1)))
    return np.concatenate(found)


def worth_of(benefits: Benefits, basis: Basis, gains: Floats, floor: float) -> Worth:
    """Return what a basis is worth knowing; below the floor no standard error is looked for (NaN)."""
    fit = smooth(basis, gains)
    value = float(value_of(fit.fitted))
    se = float(simulated_values(fit).std(ddof=1)) if value > floor else float("nan")
    return Worth(value, se, floor, benefits.unit)


def _floor(basis: Basis, gains: Floats, columns: Floats, level: float, floors: dict[float, float]) -> float:
    """Return the floor of a candidate; all single columns without ties share one, for their normal scores are one."""
    alike = columns.shape[1] == 1 and np.unique(columns).size == len(columns) > CATEGORY
    if not alike:
        return float(np.quantile(noise_values(basis, gains, TRIES), level))
    if level not in floors:
        floors[level] = float(np.quantile(noise_values(basis, gains, TRIES_ONE), level))
    return floors[level]


def aligned(benefits: Benefits, columns: pd.DataFrame) -> Floats:
    """Return columns in the order of the draws."""
    missing = benefits.table.index.difference(columns.index)
    if len(missing):
        raise UserError(
            "parameters: found none for draw {missing}, accepted a row for every draw that was run", missing=missing[0]
        )
    if len(benefits.table) < FEWEST_DRAWS:
        raise UserError(
            "draws: found {count}, accepted {fewest_draws} or more to tell what is worth knowing",
            count=len(benefits.table),
            fewest_draws=FEWEST_DRAWS,
        )
    values = columns.loc[benefits.table.index].to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise UserError("parameters: found one that is no number, accepted a number in every draw")
    return values
