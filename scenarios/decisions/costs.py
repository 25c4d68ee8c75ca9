"""What an effect costs: whose money counts, what it is worth at the start, and cost per unit with its intervals.

A ratio is one of means, never a mean of ratios. Its intervals are over draws: Fieller's, exact for normal means
(Fieller 1954, J. R. Stat. Soc. B 16; for cost-effectiveness Willan & O'Brien 1996, Health Econ. 5), and the bootstrap
of `scenarios.estimates`. Where what stands below the line may be zero there is no interval, and it is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import UserError
from ...sim.kinds import Account, Funder
from ..accounts import SPENDING
from ..contrast import grids_of
from ..estimates import estimate_ratio
from ..language import later

Floats = NDArray[np.float64]

NO_INTERVAL = later("the effect may be zero: a ratio of it has no interval")
TOO_FEW = later("too few draws for an interval")


@dataclass(frozen=True)
class Perspective:
    """Whose money counts.

    Attributes
    ----------
    meaning : str
    lines : mapping of Account to float
        1 for a ledger line that is a cost, -1 for one that is money received; other lines do not count.
    funders : tuple of Funder
        Whose payments count.
    """

    meaning: str
    lines: Mapping[Account, float]
    funders: tuple[Funder, ...]


_IN_HAND = (Account.GRANT, Account.REINFORCEMENT, Account.RURAL, Account.SOCIAL)
_SPENT: Mapping[Account, float] = MappingProxyType(dict.fromkeys(SPENDING, 1.0))
_RECEIVED: Mapping[Account, float] = MappingProxyType({line: -1.0 for line in Account if line in _IN_HAND})

PERSPECTIVES: Mapping[str, Perspective] = MappingProxyType(
    {
        "programme": Perspective(later("All that the programme spends, whoever pays for it"), _SPENT, tuple(Funder)),
        "donor": Perspective(
            later("What funders other than the Moroccan State pay"),
            _SPENT,
            tuple(funder for funder in Funder if funder != Funder.STATE),
        ),
        "household": Perspective(
            later(
                "Money that households get (grants, moving grants, aid), below zero for it is no cost to them; their "
                "own outlays and time are in no ledger"
            ),
            _RECEIVED,
            tuple(Funder),
        ),
    }
)
"""Which lines of the ledger count for whom. Wage subsidies, rooms, care and courses reach no household as money."""


def flows(money: Floats, perspective: str = "programme") -> Floats:
    """Return the cost of each month from a perspective; MAD 2016.

    Parameters
    ----------
    money : array (..., months, accounts, funders)
        The ledger (`idmaj.sim.History.money`).
    perspective : str
        A name in `PERSPECTIVES`.
    """
    if perspective not in PERSPECTIVES:
        raise UserError(
            "perspective: found {perspective!r}, accepted {names}",
            perspective=perspective,
            names=", ".join(PERSPECTIVES),
        )
    view = PERSPECTIVES[perspective]
    lines = np.zeros(len(Account))
    lines[list(view.lines)] = list(view.lines.values())
    whose = np.zeros(len(Funder))
    whose[list(view.funders)] = 1.0
    found: Floats = np.einsum("...mlf,l,f->...m", np.asarray(money, dtype=np.float64), lines, whose)
    return found


def discounted(monthly: Floats, yearly_rate: float) -> Floats:
    """Return what monthly flows are worth at their start: month m counts (1 + rate) to the power of -m / 12.

    Parameters
    ----------
    monthly : array (..., months)
        Of money or of effects alike.
    yearly_rate : float
        0.03 is 3 % a year.
    """
    if not yearly_rate > -1.0:
        raise UserError(
            "discount rate: found {yearly_rate:g}, accepted a yearly rate such as 0.03", yearly_rate=yearly_rate
        )
    months = np.arange(np.shape(monthly)[-1])
    worth: Floats = np.sum(np.asarray(monthly) * (1.0 + yearly_rate) ** (-months / 12.0), axis=-1)
    return worth


@dataclass(frozen=True)
class Fieller:
    """Fieller's 95 % interval of a ratio of means; `low` and `high` are NaN where `why` says why there is none."""

    ratio: float
    low: float
    high: float
    why: str


def fieller(tops: Floats, bottoms: Floats) -> Fieller:
    """Return the ratio of two means and its interval: all ratios r for which ``tops - r bottoms`` may have mean zero.

    Parameters
    ----------
    tops, bottoms : array (units,)
        Independent pairs, such as the means of draws.
    """
    from scipy.special import stdtrit

    nan = float("nan")
    top, bottom = (np.asarray(each, dtype=np.float64) for each in (tops, bottoms))
    kept = ~np.isnan(top + bottom)
    top, bottom = top[kept], bottom[kept]
    count = top.size
    a, b = (float(each.mean()) if count else nan for each in (top, bottom))
    ratio = a / b if b and count else nan
    if count < 2:
        return Fieller(ratio, nan, nan, TOO_FEW)
    (aa, ab), (_, bb) = np.cov(top, bottom) / count * float(stdtrit(count - 1, 0.975)) ** 2
    lead, middle, last = b * b - bb, a * b - ab, a * a - aa
    if lead <= 0.0:
        return Fieller(ratio, nan, nan, NO_INTERVAL)
    half = float(np.sqrt(max(middle * middle - lead * last, 0.0)))
    return Fieller(ratio, float((middle - half) / lead), float((middle + half) / lead), "")


def cost_per_effect(ends: pd.DataFrame, cost: str, effect: str, baseline: str | None = None) -> pd.DataFrame:
    """Return what a unit of an effect costs under each strategy, or what a further unit costs over the baseline.

    Parameters
    ----------
    ends : DataFrame
        Columns ``strategy, draw, replication, outcome, value``.
    cost, effect : str
        Outcomes.
    baseline : str, optional
        With it, both are differences from this strategy under the same luck.

    Returns
    -------
    DataFrame
        ``strategy, against, cost, effect, ratio, low, high, fieller_low, fieller_high, draws, says``: `low` and `high`
        by the bootstrap, or by t where there are few draws.
    """
    found = grids_of(ends)
    for name in (cost, effect):
        if name not in found:
            raise UserError(
                "outcome: found {name!r}, accepted one of these tables: {names}", name=name, names=", ".join(found)
            )
    if baseline is not None and baseline not in found[cost]:
        raise UserError(
            "baseline: found {baseline!r}, accepted one of {names}", baseline=baseline, names=", ".join(found[cost])
        )
    rows = []
    for name in found[cost]:
        if name == baseline:
            continue
        pair = [found[part][name] - (found[part][baseline] if baseline else 0.0) for part in (cost, effect)]
        rows.append({"strategy": name, "against": baseline or "nothing", **_per_unit(*pair)})
    return pd.DataFrame(rows)


def _per_unit(tops: Floats, bottoms: Floats) -> dict[str, Any]:
    """Return a ratio of means with both intervals, from arrays (draws, replications)."""
    missing = np.isnan(tops + bottoms)
    kept = ~missing.all(axis=1)
    # A unit is a draw, the mean over its complete runs; with one draw the units are its runs.
    if kept.sum() == 1:
        top, bottom = (each[~missing] for each in (tops, bottoms))
    else:
        top, bottom = (np.nanmean(np.where(missing, np.nan, each)[kept], axis=1) for each in (tops, bottoms))
    exact = fieller(top, bottom)
    # `estimate_ratio` wants a denominator above zero: a loss of effect is told as savings per unit lost.
    sign = -1.0 if bottom.size and bottom.mean() < 0.0 else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(bottoms != 0.0, tops / bottoms, np.nan)
    again = estimate_ratio(sign * tops[None], sign * bottoms[None], own)
    low, high = (np.nan, np.nan) if exact.why else (again.low, again.high)
    return {
        "cost": float(top.mean()) if top.size else np.nan,
        "effect": float(bottom.mean()) if bottom.size else np.nan,
        "ratio": exact.ratio,
        "low": low,
        "high": high,
        "fieller_low": exact.low,
        "fieller_high": exact.high,
        "draws": int(kept.sum()),
        "says": exact.why,
    }
