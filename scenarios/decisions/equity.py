"""Who is reached: concentration over need, the share of the neediest, and winners and losers under the same luck.

Rank is need at entry, so an index above zero favours the needy. The standard index is twice the covariance of outcome
and rank over the mean (Kakwani, Wagstaff & van Doorslaer 1997, J. Econometrics 77). Of an outcome with a least and a
most, such as yes or no, that depends on how often it occurs and on whether one counts those who have or those who lack
it; Erreygers' (2009, J. Health Econ. 28) does not, Wagstaff's (2005, Health Econ. 14) only mirrors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import UserError
from ..estimates import ANY, Estimate, estimate, estimate_ratio
from .planes import plane

Floats = NDArray[np.float64]

KINDS = ("standard", "erreygers", "wagstaff")
Z = 1.959963984540054
PLANE = (("more effect", "less effect"), ("fairer", "less fair"))
RUN = ["draw", "replication"]


@dataclass(frozen=True)
class Concentration:
    """A concentration index and its 95 % interval over the people in it; above zero favours the needy."""

    index: float
    se: float
    low: float
    high: float
    people: int
    kind: str


def concentration(
    value: Floats,
    need: Floats,
    weights: Floats | None = None,
    kind: str = "erreygers",
    bounds: tuple[float, float] = (0.0, 1.0),
    cluster: NDArray[np.int64] | None = None,
) -> Concentration:
    """Return how an outcome is concentrated over need.

    Parameters
    ----------
    value : array (people,)
        The outcome; not a number where it is not known, and then left out.
    need : array (people,)
        Rank comes from it; people of the same need share one, so their order does not matter.
    weights : array (people,), optional
        How many each stands for.
    kind : str
        ``standard``, ``erreygers`` or ``wagstaff``.
    bounds : (float, float)
        The least and the most the outcome can be; of no use to the standard index.
    cluster : array of int (people,), optional
        People of one household are not independent: the standard error goes by these.

    Returns
    -------
    Concentration
        The interval is by the influence function, ranks taken for the estimates they are; NaN where nobody or
        nothing varies.

    Raises
    ------
    UserError
        If an outcome lies beyond its bounds, or the kind is unknown.
    """
    value, need = np.asarray(value, np.float64), np.asarray(need, np.float64)
    weight = np.ones(len(value)) if weights is None else np.asarray(weights, np.float64)
    kept = ~np.isnan(value + need) & (weight > 0.0)
    value, need, weight = value[kept], need[kept], weight[kept]
    _check(value, kind, bounds)
    nan = float("nan")
    if len(value) < 2:
        return Concentration(nan, nan, nan, nan, len(value), kind)
    weight = weight / weight.sum()
    ranks, above = _ranks(need, weight, weight), _ranks(-need, weight, weight * value)
    mean, reached = float(weight @ value), float(weight @ (value * ranks))
    index, by_reached, by_mean = _index(reached, mean, kind, bounds)
    # Of the mean of value times rank: each person's own part, and what they add to the rank of the needier.
    part = by_reached * (value * ranks + above - 2.0 * reached) + by_mean * (value - mean)
    sums = weight * part
    if cluster is not None:
        sums = np.bincount(np.unique(np.asarray(cluster)[kept], return_inverse=True)[1], weights=sums)
    units = len(sums)
    se = float(np.sqrt(np.sum(sums**2) * units / (units - 1))) if units > 1 else nan
    return Concentration(index, se, index - Z * se, index + Z * se, len(value), kind)


def _check(value: Floats, kind: str, bounds: tuple[float, float]) -> None:
    if kind not in KINDS:
        raise UserError("index: found {kind!r}, accepted {names}", kind=kind, names=", ".join(KINDS))
    if kind != "standard" and value.size and not (bounds[0] <= value.min() and value.max() <= bounds[1]):
        raise UserError(
            "outcome: found {low:g} to {high:g}, accepted {least:g} to {most:g} for this index",
            low=value.min(),
            high=value.max(),
            least=bounds[0],
            most=bounds[1],
        )


def _ranks(by: Floats, weight: Floats, adds: Floats) -> Floats:
    """Return, for each person, the sum of what those before add, and half of what those level with them add."""
    _, group = np.unique(by, return_inverse=True)
    own = np.bincount(group, weights=adds)
    return np.asarray((np.cumsum(own) - own / 2.0)[group])


def _index(reached: float, mean: float, kind: str, bounds: tuple[float, float]) -> tuple[float, float, float]:
    """Return an index of the mean of value times rank and the mean, and its slope in each; NaN where undefined."""
    low, high = bounds
    nan = float("nan")
    if kind == "erreygers":
        scale = 4.0 / (high - low)
        return scale * (2.0 * reached - mean), 2.0 * scale, -scale
    if kind == "standard":
        if mean == 0.0:
            return nan, nan, nan
        return 2.0 * reached / mean - 1.0, 2.0 / mean, -2.0 * reached / mean**2
    room = (high - mean) * (mean - low)
    if room <= 1e-12 * (high - low) ** 2:  # everybody has it, or nobody
        return nan, nan, nan
    scale, gap = (high - low) / room, 2.0 * reached - mean
    return scale * gap, 2.0 * scale, -scale - scale * gap * (high + low - 2.0 * mean) / room


def concentration_by_strategy(
    people: pd.DataFrame, kind: str = "erreygers", bounds: tuple[float, float] = (0.0, 1.0)
) -> pd.DataFrame:
    """Return each strategy's index, its interval over draws, from a table of people in every run.

    Parameters
    ----------
    people : DataFrame
        Columns ``strategy, draw, replication, need, value`` and, if any, ``weight``; a row a person.
    kind, bounds : str, (float, float)
        As in `concentration`.

    Returns
    -------
    DataFrame
        ``strategy, kind, index, low, high, chance_above_zero, runs, interval``.
    """
    rows = []
    for strategy, mine in people.groupby("strategy", sort=False):
        runs = {
            run: concentration(part["value"].to_numpy(), part["need"].to_numpy(), _weights(part), kind, bounds).index
            for run, part in mine.groupby(RUN)
        }
        found = estimate(_grid(pd.Series(runs, dtype=np.float64)), ANY if kind == "standard" else (-1.0, 1.0))
        about = (strategy, kind, found.mean, found.low, found.high, found.chance_above_zero, found.count)
        rows.append((*about, found.interval))
    columns = ["strategy", "kind", "index", "low", "high", "chance_above_zero", "runs", "interval"]
    return pd.DataFrame(rows, columns=columns)


def _weights(part: pd.DataFrame) -> Floats | None:
    return part["weight"].to_numpy(np.float64) if "weight" in part else None


def _grid(runs: pd.Series) -> Floats:
    """Return a value a run, indexed by draw and replication, as an array (draws, replications)."""
    return runs.unstack().to_numpy(dtype=np.float64)


def neediest_shares(counts: pd.DataFrame, neediest: Sequence[str] = ("neediest",)) -> pd.DataFrame:
    """Return the share of the neediest at each stage: among those who applied, were served, are still active.

    Parameters
    ----------
    counts : DataFrame
        Columns ``strategy, draw, replication, stage, member, value``: how many of each member of the group "need".
    neediest : sequence of str
        The members that count as the neediest (`idmaj.sim.groups.NEED`).

    Returns
    -------
    DataFrame
        ``strategy, stage, share, low, high, runs, interval``: a share of the sums over runs.
    """
    rows = []
    for (strategy, stage), (top, bottom) in _shares(counts, neediest).items():
        own = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0.0)
        found = estimate_ratio(top[None], bottom[None], own, (0.0, 1.0))
        rows.append((strategy, stage, found.mean, found.low, found.high, found.count, found.interval))
    return pd.DataFrame(rows, columns=["strategy", "stage", "share", "low", "high", "runs", "interval"])


def share_changes(counts: pd.DataFrame, baseline: str, neediest: Sequence[str] = ("neediest",)) -> pd.DataFrame:
    """Return what each strategy changes in the share of the neediest at each stage, on the same people and luck.

    Parameters
    ----------
    counts, neediest
        As in `neediest_shares`; every strategy has the same runs.
    baseline : str

    Returns
    -------
    DataFrame
        ``strategy, stage, difference, low, high, pairs, interval``: strategy less baseline, each a share of the sums
        over runs. No row of the baseline.
    """
    grids, rows = _shares(counts, neediest), []
    for (strategy, stage), (top, bottom) in grids.items():
        if strategy == baseline:
            continue
        tops, bottoms = (np.stack(each) for each in zip((top, bottom), grids[baseline, stage], strict=True))
        own = np.divide(tops, bottoms, out=np.full(tops.shape, np.nan), where=bottoms > 0.0)
        found = estimate_ratio(tops, bottoms, own[0] - own[1], (-1.0, 1.0))
        rows.append((strategy, stage, found.mean, found.low, found.high, found.count, found.interval))
    return pd.DataFrame(rows, columns=["strategy", "stage", "difference", "low", "high", "pairs", "interval"])


def _shares(counts: pd.DataFrame, neediest: Sequence[str]) -> dict[tuple[str, str], tuple[Floats, Floats]]:
    """Return how many are the neediest and how many there are in every run, by strategy and stage."""
    found = {}
    for (strategy, stage), mine in counts.groupby(["strategy", "stage"], sort=False):
        total = mine.groupby(RUN)["value"].sum()
        theirs = mine[mine["member"].isin(neediest)].groupby(RUN)["value"].sum().reindex(total.index, fill_value=0.0)
        found[str(strategy), str(stage)] = _grid(theirs), _grid(total)
    return found


def equity_plane(ends: pd.DataFrame, baseline: str, effect: str, equity: str = "concentration") -> pd.DataFrame:
    """Return the chance of each quadrant of the equity-impact plane around the baseline (see `planes.plane`)."""
    return plane(ends, baseline, effect, equity, PLANE)


def winners_and_losers(people: pd.DataFrame, baseline: str, strategy: str, by: Sequence[str]) -> pd.DataFrame:
    """Return who gains and who loses when one strategy takes the place of another under the same luck.

    Parameters
    ----------
    people : DataFrame
        Columns ``strategy, draw, replication, person, value`` and those of `by`; a row a person, `value` yes or no (a
        place, a live enterprise) or an amount. A person missing under one of the two has 0 there. What a person is
        (sex, origin, need at entry) is taken from the baseline, or from the strategy for those missing there.
    baseline, strategy : str
    by : sequence of str
        Columns by which people are grouped, one after the other: sex, origin, need quintile.

    Returns
    -------
    DataFrame
        ``group, member, people, gain, lose, net, net_low, net_high, runs``: mean persons a run; `net` is the mean sum
        of differences. The first row is of everybody.
    """
    for name in (baseline, strategy):
        if not people["strategy"].eq(name).any():
            raise UserError(
                "strategy: found {name!r}, accepted one of {names}",
                name=name,
                names=", ".join(people["strategy"].unique()),
            )
    key = [*RUN, "person"]
    arms = [people[people["strategy"] == name].set_index(key) for name in (baseline, strategy)]
    runs = [pd.MultiIndex.from_frame(arm.index.to_frame(index=False)[RUN].drop_duplicates()) for arm in arms]
    shared = runs[0].intersection(runs[1])  # a run that only one of them met compares nothing
    arms = [arm[pd.MultiIndex.from_frame(arm.index.to_frame(index=False)[RUN]).isin(shared)] for arm in arms]
    both = arms[0].index.union(arms[1].index)
    before, after = (arm["value"].astype(np.float64).reindex(both).fillna(0.0) for arm in arms)
    about = arms[0][list(by)].reindex(both).combine_first(arms[1][list(by)].reindex(both))
    change = after - before
    table = about.assign(everybody="all", people=1.0, gain=change > 0.0, lose=change < 0.0, net=change)
    rows = []
    for group in ("everybody", *by):
        for member, mine in table.groupby(group, sort=True):
            sums = mine.groupby(RUN)[["people", "gain", "lose", "net"]].sum().astype(np.float64)
            sums = sums.reindex(shared, fill_value=0.0)
            found: Estimate = estimate(_grid(sums["net"]))
            means = (estimate(_grid(sums[name])).mean for name in ("people", "gain", "lose"))
            rows.append((group, member, *means, found.mean, found.low, found.high, found.count))
    return pd.DataFrame(
        rows, columns=["group", "member", "people", "gain", "lose", "net", "net_low", "net_high", "runs"]
    )
