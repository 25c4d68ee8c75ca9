"""Whether groups of spells end at the same rate: the log-rank test and its weighted relatives."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .columns import Floats, Ints, at_risk, checked_spells, counts

if TYPE_CHECKING:
    import pandas as pd

NOTHING = 1e-10
"""A variance this much smaller than the largest is rounding: differences add up to 0."""


@dataclass(frozen=True, eq=False)
class LogRank:
    """A test that k groups share one hazard.

    Attributes
    ----------
    groups : tuple of k labels
        The groups, in sorted order.
    spells : array (k,) of int
        Spells in each group.
    observed, expected : array (k,)
        Endings of each group, and those expected were all hazards one; both weighted where `rho` is not 0,
        both summed over strata.
    variance : array (k, k)
        Covariance of observed - expected.
    statistic, degrees, p_value
        Chi-square, its degrees of freedom, and the chance of one as large if the hazards are one.
    rho : float
        The weight of an ending is the share still going just before it to this power.
    """

    groups: tuple[Any, ...]
    spells: Ints
    observed: Floats
    expected: Floats
    variance: Floats
    statistic: float
    degrees: int
    p_value: float
    rho: float

    def table(self) -> pd.DataFrame:
        """Give one row for each group."""
        import pandas as pd

        return pd.DataFrame(
            {"group": self.groups, "spells": self.spells, "observed": self.observed, "expected": self.expected}
        )


def log_rank(
    entry: npt.ArrayLike,
    exit: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    stratum: npt.ArrayLike | None = None,
    rho: float = 0.0,
) -> LogRank:
    """Test whether groups end at the same rate (Mantel-Haenszel log-rank test).

    Parameters
    ----------
    entry, exit, event
        As in `kaplan_meier`.
    group : array (n,)
        The group of each spell: numbers or words, at least two different ones.
    stratum : array (n,), optional
        Groups are compared within each stratum only, and the comparisons added up.
    rho : float
        Weight of early against late endings (Harrington & Fleming's G-rho): 0 the log-rank test, 1 the
        Peto-Peto modification of the Gehan-Wilcoxon test.

    Raises
    ------
    ValueError
        As in `kaplan_meier`; or if there is one group only, nothing ended, or `rho` is negative.

    Notes
    -----
    The variance is the hypergeometric one, as in R's `survdiff`, which has no left truncation. Degrees of
    freedom are the rank of the variance: a group never at risk at an ending counts for none. Mantel 1966,
    Cancer Chemother. Rep. 50; Harrington & Fleming 1982, Biometrika 69.
    """
    start, stop, ended = checked_spells(entry, exit, event, "event")
    groups, member = _labels(group, "group", stop.size)
    layers, layer = _labels(np.zeros(stop.size) if stratum is None else stratum, "stratum", stop.size)
    if len(groups) < 2:
        raise ValueError(f"group is {groups[0] if groups else 'empty'} throughout; accepted: two groups or more")
    if not ended.any():
        raise ValueError("nothing ended; accepted: at least one event")
    if not (np.isfinite(rho) and rho >= 0.0):
        raise ValueError(f"rho is {rho}; accepted: 0 or more")
    observed, expected, variance = np.zeros(len(groups)), np.zeros(len(groups)), np.zeros((len(groups),) * 2)
    for k in range(len(layers)):
        here = layer == k
        parts = _one_stratum(start[here], stop[here], ended[here], member[here], len(groups), rho)
        observed, expected, variance = observed + parts[0], expected + parts[1], variance + parts[2]
    size, axes = np.linalg.eigh(variance)
    free = size > NOTHING * size.max(initial=0.0)
    degrees = int(free.sum())
    statistic = float(np.sum(((observed - expected) @ axes[:, free]) ** 2 / size[free]))
    spells = np.bincount(member, minlength=len(groups)).astype(np.int64)
    p_value = _upper_tail(statistic, degrees)
    return LogRank(groups, spells, observed, expected, variance, statistic, degrees, p_value, float(rho))


def _labels(column: npt.ArrayLike, name: str, n: int) -> tuple[tuple[Any, ...], npt.NDArray[np.intp]]:
    """Give the different labels, sorted, and where each row's stands among them."""
    labels = np.asarray(column)
    if labels.shape != (n,):
        raise ValueError(f"{name} has shape {labels.shape}; accepted: a column of {n}")
    for row, label in enumerate(labels.tolist()):
        if label is None or (isinstance(label, float) and isnan(label)):
            raise ValueError(f"row {row}: {name} is missing; accepted: a number or a word")
    different, place = np.unique(labels, return_inverse=True)
    return tuple(different.tolist()), place


def _one_stratum(
    start: Floats, stop: Floats, ended: Ints, member: npt.NDArray[np.intp], k: int, rho: float
) -> tuple[Floats, Floats, Floats]:
    """Give observed and expected endings of each of k groups and the covariance of their difference."""
    time, n, d = counts(start, stop, ended)
    exposed = np.stack([at_risk(start[member == g], stop[member == g], time) for g in range(k)])
    own = np.stack([_endings(stop[(member == g) & (ended > 0)], time) for g in range(k)])
    before = np.concatenate(([1.0], np.cumprod(1.0 - d / n, dtype=np.float64)))[: time.size]
    weight = before**rho
    share = exposed / n
    spread = weight**2 * d * np.divide(n - d, n - 1, out=np.zeros(n.size), where=n > 1)
    return own @ weight, share @ (weight * d), np.diag(share @ spread) - (share * spread) @ share.T


def _endings(times: Floats, time: Floats) -> Ints:
    return np.bincount(np.searchsorted(time, times), minlength=time.size).astype(np.int64)


def _upper_tail(statistic: float, degrees: int) -> float:
    """Give the chance that chi-square exceeds the statistic; with no degrees of freedom, nothing is tested."""
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic)) if degrees else float("nan")
