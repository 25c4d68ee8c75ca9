"""Predictive checks: whether a register that the model makes up looks like the one that was brought.

Before fitting (prior) the made-up registers should hold anything that could be; after it (posterior) they should
look like the real one also where it was not fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..sim.errors import later
from ..sim.survival import kaplan_meier, survival_at
from .curves import ALL, lived
from .privacy import LEAST
from .schemas import Exit

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Statistic = Callable[[pd.DataFrame], pd.Series]
"""(spells) -> numbers by name; NaN where a register cannot say."""

AT_YEARS = (1, 2, 3, 5)
GREYED = 10
"""A curve is not read where fewer are at risk."""
CANNOT, AS, MORE, LESS = (
    later("cannot be told"), later("as the model makes up"),
    later("more than the model makes up"), later("less than the model makes up"),
)  # fmt: skip
"""What may be said of a number beside those of made-up registers."""
WAYS = {
    Exit.ACTIVE: later("share active"), Exit.FAILED: later("share failed"), Exit.OWNER_LEFT: later("share owner_left"),
    Exit.WAGE_WORK: later("share wage_work"), Exit.ABSORBED: later("share absorbed"),
    Exit.UNKNOWN: later("share unknown"), Exit.LOST: later("share lost"),
}  # fmt: skip
NEAR = 0.5
"""Months from a whole year of age within which an ending is on it."""


def survival_shares(spells: pd.DataFrame, by: str | None = None, years: Sequence[int] = AT_YEARS) -> pd.Series:
    """Return the share open at some years of age, of all or by the values of a column (Kaplan-Meier).

    NaN where fewer than ten are at risk; groups of fewer than five are left out.
    """
    seen = lived(spells)
    group = pd.Series(ALL, index=seen.index) if by is None else spells.loc[seen.index, by].replace("", np.nan)
    found = {}
    for name, part in seen.groupby(group):
        if len(part) < LEAST:
            continue
        curve = kaplan_meier(part["entry"], part["stop"], part["ended"])
        for year in years:
            risk = ((part["entry"] < 12.0 * year) & (part["stop"] >= 12.0 * year)).sum()
            where = "" if by is None else f", {by} {name}"
            share = float(survival_at(curve, 12.0 * year)) if risk >= GREYED else np.nan
            found[f"open at {year} years{where}"] = share
    return pd.Series(found, dtype=np.float64)


def yearly_spread(spells: pd.DataFrame) -> pd.Series:
    """Return how much the share that ends differs between calendar years: 1 is what binomial luck alone gives.

    Pearson's chi-square over its degrees of freedom, of those open and under observation as a year begins and not
    lost in it; years with fewer than ten are left out.
    """
    seen = lived(spells)
    start = ((spells["start_lo"] + spells["start_hi"]) / 2.0).loc[seen.index]
    entry, stop = start + seen["entry"], start + seen["stop"]
    counts = []
    for year in range(int(entry.min() // 12), int(stop.max() // 12)) if len(seen) else ():
        here = (entry <= 12.0 * year) & (stop > 12.0 * year) & (seen["ended"] | (stop >= 12.0 * (year + 1)))
        counts.append((here.sum(), (here & seen["ended"] & (stop <= 12.0 * (year + 1))).sum()))
    n, d = np.array(counts, dtype=np.float64).reshape(-1, 2).T
    n, d = n[n >= GREYED], d[n >= GREYED]
    share = d.sum() / n.sum() if n.size else 0.0
    known = n.size > 1 and 0.0 < share < 1.0
    value = float((((d - n * share) ** 2) / (n * share * (1.0 - share))).sum() / (n.size - 1)) if known else np.nan
    return pd.Series({later("spread between years, binomial 1"): value})


def heaping(spells: pd.DataFrame) -> pd.Series:
    """Return how dates heap: shares of openings and of closings in their commonest month, of endings at whole years."""
    seen = lived(spells)
    age = seen.loc[seen["ended"], "stop"]
    whole = np.abs(age - 12.0 * np.round(age / 12.0)) <= NEAR
    closed = spells.loc[np.isfinite(spells["first_inactive"]), "first_inactive"]
    return pd.Series(
        {
            later("openings in the commonest month"): _commonest(spells["start_lo"]),
            later("closings in the commonest month"): _commonest(closed),
            later("endings at whole years of age"): float((whole & (age > NEAR)).mean()) if len(age) else np.nan,
        }
    )


def endings(spells: pd.DataFrame) -> pd.Series:
    """Return the share of AGRs, by weight, that is known to stand in each way: active, failed, lost and so on."""
    total = spells["weight"].sum()
    share = {how: spells.loc[spells["exit"] == how, "weight"].sum() / total if total else np.nan for how in Exit}
    return pd.Series({WAYS[how]: float(value) for how, value in share.items()})


def register_statistics(spells: pd.DataFrame, groups: Sequence[str] = ("sex", "place")) -> pd.Series:
    """Return all of the above, survival also by each of some columns: what a check looks at by default."""
    by_group = [survival_shares(spells, by) for by in groups]
    parts: list[pd.Series] = [survival_shares(spells), *by_group, yearly_spread(spells)]
    found: pd.Series = pd.concat([*parts, heaping(spells), endings(spells)])
    return found


def replicate(
    simulate: Callable[[int], pd.DataFrame], draws: int, statistic: Statistic = register_statistics
) -> pd.DataFrame:
    """Make up registers and measure each.

    Parameters
    ----------
    simulate : callable
        (number of a draw) -> spells as `read_spells` returns them, made under parameters of that draw, with the same
        visits, losses and late opening as the real register: only then are the two alike.
    draws : int
    statistic : callable

    Returns
    -------
    DataFrame, one row a draw, one column a number
    """
    return pd.DataFrame([statistic(simulate(draw)) for draw in range(draws)])


def predictive_table(
    observed: pd.Series, replicated: pd.DataFrame, weight: npt.ArrayLike | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Lay what was observed beside what was made up.

    Parameters
    ----------
    observed : Series
        As a `Statistic` returns it.
    replicated : DataFrame
        As from `replicate`.
    weight : array (draws,), optional
    level : float
        Chance that a right model passes, with all its numbers.

    Returns
    -------
    DataFrame, one row a number
        `statistic, observed, mean, low, high` (90 % of the made-up ones), `p_value` (two-sided, ties half; no smaller
        than one over the draws; NaN where either side cannot say), `adjusted` (the chance that any of the numbers of
        a made-up register lies so many standard deviations off), `draws` that could say, `says`.

    Notes
    -----
    `adjusted` is the step-less max-T of Westfall & Young 1993: it minds that the numbers hang together, and twenty
    draws are enough for a surprise at 5 %.
    """
    share = np.ones(len(replicated)) if weight is None else np.asarray(weight, dtype=np.float64)
    share = share / share.sum()
    made = replicated.reindex(columns=observed.index).to_numpy(dtype=np.float64)
    told = np.isfinite(made) & (share > 0.0)[:, None]
    enough = told.sum(axis=0) > len(made) / 2
    made = np.where(told & enough, made, np.nan)
    w = np.where(np.isnan(made), 0.0, share[:, None])
    w = np.divide(w, w.sum(axis=0), out=np.zeros_like(w), where=enough)
    mean = np.where(enough, np.nansum(w * made, axis=0), np.nan)
    sd = np.sqrt(np.nansum(w * (made - mean) ** 2, axis=0))
    value = observed.to_numpy(dtype=np.float64)
    above = (w * ((made > value) + 0.5 * (made == value))).sum(axis=0)
    p = np.maximum(2.0 * np.minimum(above, 1.0 - above), 1.0 / np.maximum(told.sum(axis=0), 1))
    far, furthest = _distance(value, mean, sd), np.nanmax(_distance(made, mean, sd), axis=1, initial=0.0)
    adjusted = (1.0 / len(made) + (share[:, None] * (furthest[:, None] >= far)).sum(axis=0)).clip(max=1.0)
    columns = {"statistic": observed.index, "observed": value, "mean": mean}
    for name, tail in (("low", 0.05), ("high", 0.95)):
        columns[name] = np.array([_quantile(made[:, k], w[:, k], tail) for k in range(len(value))])
    known = enough & np.isfinite(value)
    columns |= {"p_value": np.where(known, p, np.nan), "adjusted": np.where(known, adjusted, np.nan)}
    columns |= {"draws": told.sum(axis=0), "says": _words(value, mean, known, adjusted <= 1.0 - level)}
    return pd.DataFrame(columns)


def _distance(value: Floats, mean: Floats, sd: Floats) -> Floats:
    """Return how many standard deviations a number is off; inf where all that is made up is the same, and it not."""
    off = np.abs(value - mean)
    return np.divide(off, sd, out=np.where(off > 0.0, np.inf, off), where=sd > 0.0)


def _quantile(made: Floats, weight: Floats, tail: float) -> float:
    told = weight > 0.0
    return float(np.quantile(made[told], tail, weights=weight[told], method="inverted_cdf")) if told.any() else np.nan


def _words(value: Floats, mean: Floats, known: Bools, odd: Bools) -> list[str]:
    said = np.where(value > mean, MORE, LESS)
    return [str(word) for word in np.where(~known, CANNOT, np.where(odd, said, AS))]


def _commonest(months: pd.Series) -> float:
    """Return the share of dates, in months since January 2007, that fall in their commonest month of the year."""
    month = np.floor(months.to_numpy(dtype=np.float64)) % 12
    return float(np.bincount(month.astype(int), minlength=12).max() / month.size) if month.size else float("nan")
