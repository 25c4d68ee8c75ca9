"""What a survey would be worth before deciding, and how large it should be.

A survey tells less than the truth: a summary of it, such as the share of n past owners who still trade. So for every
draw one survey of n is simulated, and what its summaries are worth knowing is found just as for a number (`evppi`;
Strong, Oakley, Brennan & Breeze 2015, Med. Decis. Making 35): the expected value of sample information, *EVSI*. Less
what the survey costs, that is the expected net benefit of sampling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import UserError
from ..labels import percent
from ..language import _, written
from ..numbers import plain
from .benefits import Benefits
from .information import CHANCE, TRIES, Worth, aligned, gains_of, noise_values, simulated_values, value_of
from .smoothing import basis_of, smooth

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Survey:
    """How large a survey should be.

    Attributes
    ----------
    table : DataFrame
        A row a size: ``n, evsi, low, high, se, floor, below_floor, smoothed, cost, net, net_low, net_high, unit``.
        ``evsi`` is NaN below the floor; ``smoothed`` never falls with n, since a larger survey tells no less.
    best : int
        The size, of those tried, with the highest net benefit; 0 where none is worth its cost.
    low, high : int
        95 % interval of the best size, given how well each value is known.
    chance : float
        How sure it is that the best size is worth its cost.
    says : str
        The same in a sentence.
    """

    table: pd.DataFrame
    best: int
    low: int
    high: int
    chance: float
    says: str


def survey_of(
    benefits: Benefits,
    summaries: Mapping[int, pd.DataFrame],
    cost: Callable[[int], float],
    times: float = 1.0,
    unit: str | None = None,
) -> Survey:
    """Say what surveys of several sizes are worth and which is best.

    Parameters
    ----------
    benefits : Benefits
    summaries : mapping of sizes to DataFrames (draws, summaries)
        Of each size n, what one simulated survey would show under each draw; the same index as ``benefits.table``.
    cost : callable
        Returns what a survey of n costs, in `unit`.
    times, unit : float, str
        Decisions that rest on the survey, times what a unit is worth; and the unit that this gives.

    Raises
    ------
    UserError
        If no size was tried, one is no whole number above zero, or a draw has no survey.
    """
    sizes = sorted(summaries)
    if not sizes or sizes[0] < 1:
        raise UserError("survey sizes: found {sizes}, accepted whole numbers of 1 or more", sizes=sizes or _("none"))
    gains = gains_of(benefits)
    level, own = 1.0 - CHANCE / len(sizes), unit or benefits.unit
    worths, clouds = [], []
    for n in sizes:
        basis = basis_of(aligned(benefits, summaries[n]))
        fit = smooth(basis, gains)
        cloud = simulated_values(fit)
        floor = float(np.quantile(noise_values(basis, gains, TRIES), level))
        found = Worth(float(value_of(fit.fitted)), float(cloud.std(ddof=1)), floor, benefits.unit)
        worths.append(found.scaled(times, own))
        clouds.append(found.value + cloud - cloud.mean())
    costs = np.array([cost(n) for n in sizes], dtype=np.float64)
    real = np.array([not worth.below_floor for worth in worths])
    smoothed = _rising(np.array([worth.value for worth in worths]) * real)
    nets = np.array([_rising(row * real) for row in np.column_stack(clouds) * times]) - costs
    return _survey(sizes, worths, smoothed, costs, nets)


def _survey(sizes: list[int], worths: list[Worth], smoothed: Floats, costs: Floats, nets: Floats) -> Survey:
    """Choose the best size; `nets` are net benefits that might as well be true, an array (simulated, sizes)."""
    net = smoothed - costs
    low, high = np.quantile(nets, [0.025, 0.975], axis=0)
    table = pd.DataFrame(
        {
            "n": sizes,
            "evsi": [np.nan if each.below_floor else each.value for each in worths],
            "low": [np.nan if each.below_floor else each.low for each in worths],
            "high": [np.nan if each.below_floor else each.high for each in worths],
            "se": [each.se for each in worths],
            "floor": [each.floor for each in worths],
            "below_floor": [each.below_floor for each in worths],
            "smoothed": smoothed,
            "cost": costs,
            "net": net,
            "net_low": low,
            "net_high": high,
            "unit": worths[0].unit,
        }
    )
    place = int(np.argmax(net))
    best = sizes[place] if net[place] > 0.0 else 0
    choices = np.where(nets.max(axis=1) > 0.0, np.asarray(sizes)[nets.argmax(axis=1)], 0)
    least, most = (int(each) for each in np.quantile(choices, [0.025, 0.975], method="inverted_cdf"))
    chance = float(np.mean(nets[:, place] > 0.0))
    return Survey(table, best, least, most, chance, _sentence(table, best, least, most, chance))


def _sentence(table: pd.DataFrame, best: int, least: int, most: int, chance: float) -> str:
    unit = table["unit"].iloc[0]
    if table["below_floor"].all():
        return _(
            "No survey of up to {owners} shows more worth than pure noise would; none can be advised.",
            owners=written(str(table["n"].iloc[-1])),
        )
    if best == 0:
        return _(
            "No survey of those tried is worth its cost; the nearest loses {amount} {unit}.",
            amount=plain(-table["net"].max()), unit=_(unit),
        )  # fmt: skip
    row = table[table["n"] == best].iloc[0]
    return _(
        "A survey of {best} (best between {least} and {most}) is worth {worth} and costs {cost} {unit}: it gains {net} "
        "({low} to {high}), and pays with a chance of {chance}%.",
        best=written(str(best)), least=written(str(least)), most=written(str(most)), unit=_(unit),
        worth=plain(row["smoothed"]), cost=plain(row["cost"]), net=plain(row["net"]), low=plain(row["net_low"]),
        high=plain(row["net_high"]), chance=percent(chance),
    )  # fmt: skip


def _rising(values: Floats) -> Floats:
    """Return the values that never fall nearest to these (isotonic regression)."""
    from scipy.optimize import isotonic_regression

    return np.asarray(isotonic_regression(values).x, dtype=np.float64)
