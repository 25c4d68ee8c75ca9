"""Which strategy gives value for money: what more effect costs, which strategies are dominated, and how sure that is.

Terms are those of Briggs, Claxton & Sculpher 2006, "Decision Modelling for Health Economic Evaluation", ch. 4 to 6:
incremental ratios along the frontier, net monetary benefit, the acceptability curve, its frontier (Fenwick, Claxton &
Sculpher 2001, Health Econ. 10) and the expected loss (Alarid-Escudero et al. 2019, Value in Health 22).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import UserError
from ..estimates import estimate
from ..language import _, later, looked_up
from .benefits import benefits_of
from .costs import cost_per_effect
from .information import evpi
from .planes import plane

Floats = NDArray[np.float64]

EFFICIENT, DOMINATED = later("efficient"), later("dominated")
EXTENDED, SAME = later("extendedly dominated"), later("same as another")
RESAMPLES = 1000
PLANE = (("more effect", "less effect"), ("dearer", "cheaper"))
QUADRANTS = (
    later("more effect, dearer"), later("more effect, cheaper"), later("less effect, dearer"),
    later("less effect, cheaper"),
)  # fmt: skip


def incremental_ratios(costs: pd.Series, effects: pd.Series) -> pd.DataFrame:
    """Return the frontier and what each step along it costs: the one place where incremental ratios are computed.

    Parameters
    ----------
    costs, effects : Series
        Mean cost and mean effect by strategy, of one index; more effect is better.

    Returns
    -------
    DataFrame
        A row per strategy, cheapest first: ``strategy, cost, effect, status, against, extra_cost, extra_effect,
        ratio, because``. `status` is one of

        * ``efficient``: on the frontier; its `ratio` is the extra cost per extra effect over `against`, the next
          cheaper efficient one (the cheapest has none);
        * ``dominated``: `against` has no less effect and costs no more;
        * ``extendedly dominated``: a mix of two efficient ones has as much effect for less, since the step to it
          costs more per effect than the next;
        * ``same as another``: alike in both to the last digit.

    Raises
    ------
    UserError
        If a cost or an effect is no number.
    """
    names = [str(name) for name in costs.index]
    cost = costs.to_numpy(dtype=np.float64)
    effect = effects.reindex(costs.index).to_numpy(dtype=np.float64)
    if not np.isfinite(cost + effect).all():
        wrong = names[int(np.argmin(np.isfinite(cost + effect)))]
        raise UserError(
            "{wrong}: found a cost or an effect that is no number, accepted one of each per strategy", wrong=wrong
        )
    order = np.lexsort([-effect, cost])
    status, against = _dominated(cost, effect, order)
    front = _convex(cost, effect, [i for i in order if status[i] == EFFICIENT])
    rows: list[tuple[Any, ...]] = []
    for i in order:
        cheaper = [j for j in front if cost[j] < cost[i]]
        because, ratio = "", np.nan
        if status[i] == EFFICIENT:
            against[i] = cheaper[-1] if cheaper else -1
            if i not in front:
                status[i], after = EXTENDED, next(j for j in front if cost[j] > cost[i])
                one, other = (looked_up(names[each]) for each in (against[i], after))
                because = _("a mix of {one} and {other} gives as much for less", one=one, other=other)
        elif status[i] == SAME:
            because = _("costs and gives the same as {strategy}", strategy=looked_up(names[against[i]]))
        else:
            because = _("{strategy} gives no less and costs no more", strategy=looked_up(names[against[i]]))
        base, steps = against[i], (np.nan, np.nan)
        if base >= 0:
            steps = cost[i] - cost[base], effect[i] - effect[base]
            ratio = steps[0] / steps[1] if status[i] == EFFICIENT else np.nan
        rows.append((names[i], cost[i], effect[i], status[i], names[base] if base >= 0 else "", *steps, ratio, because))
    columns = ["strategy", "cost", "effect", "status", "against", "extra_cost", "extra_effect", "ratio", "because"]
    return pd.DataFrame(rows, columns=columns)


def _dominated(cost: Floats, effect: Floats, order: NDArray[np.intp]) -> tuple[list[str], list[int]]:
    """Return each strategy's status by plain dominance, and by which it is dominated: the cheapest with most effect."""
    status, against = [EFFICIENT] * len(cost), [-1] * len(cost)
    best = -1
    for i in order:
        if best >= 0 and effect[i] <= effect[best]:
            same = effect[i] == effect[best] and cost[i] == cost[best]
            status[i], against[i] = (SAME if same else DOMINATED), int(best)
        else:
            best = i
    return status, against


def _convex(cost: Floats, effect: Floats, front: list[Any]) -> list[Any]:
    """Return those of which no mix of two others does better: ratios rise along them."""
    kept: list[Any] = []
    for i in front:
        # A step that costs more per effect than the next is jumped over (products: no division by zero).
        while len(kept) > 1:
            a, b = kept[-2], kept[-1]
            if (cost[b] - cost[a]) * (effect[i] - effect[b]) <= (cost[i] - cost[b]) * (effect[b] - effect[a]):
                break
            kept.pop()
        kept.append(i)
    return kept


def frontier(ends: pd.DataFrame, cost: str, effect: str, seed: int = 20) -> pd.DataFrame:
    """Return `incremental_ratios` of the means over draws, with the interval of each ratio and how sure each status is.

    Parameters
    ----------
    ends : DataFrame
        Columns ``strategy, draw, replication, outcome, value``; only draws with every strategy count.
    cost, effect : str
        Outcomes.

    Returns
    -------
    DataFrame
        As `incremental_ratios`, and ``low, high`` (Fieller, NaN where `says` says why) and ``chance_efficient``: the
        share of resamples of the draws in which the strategy stays on the frontier.
    """
    benefits = {name: benefits_of(ends, name, "").table for name in (cost, effect)}
    kept = benefits[cost].index.intersection(benefits[effect].index)
    costs, effects = (benefits[name].loc[kept] for name in (cost, effect))
    table = incremental_ratios(costs.mean(), effects.mean())
    generator = np.random.default_rng(seed)
    stays = pd.Series(0.0, index=costs.columns.astype(str))
    for _time in range(RESAMPLES):
        rows = generator.integers(0, len(kept), len(kept))
        one, other = costs.to_numpy()[rows].mean(axis=0), effects.to_numpy()[rows].mean(axis=0)
        order = np.lexsort([-other, one])
        status = _dominated(one, other, order)[0]
        on = _convex(one, other, [i for i in order if status[i] == EFFICIENT])
        stays.iloc[on] += 1.0 / RESAMPLES
    steps = {}
    for row in table[table["ratio"].notna()].itertuples():
        pair = ends[ends["strategy"].isin([row.strategy, row.against]) & ends["draw"].isin(kept)]
        steps[row.strategy] = cost_per_effect(pair, cost, effect, str(row.against)).iloc[0]
    for column, source in (("low", "fieller_low"), ("high", "fieller_high"), ("says", "says")):
        empty = "" if column == "says" else np.nan
        table[column] = [steps[name][source] if name in steps else empty for name in table["strategy"]]
    return table.assign(chance_efficient=table["strategy"].map(stays).clip(upper=1.0))


def cost_plane(ends: pd.DataFrame, baseline: str, cost: str, effect: str) -> pd.DataFrame:
    """Return the chance of each quadrant of the cost-effectiveness plane around the baseline (see `planes.plane`)."""
    return plane(ends, baseline, effect, cost, PLANE)


def acceptability(ends: pd.DataFrame, cost: str, effect: str, worths: Sequence[float], unit: str) -> pd.DataFrame:
    """Return which strategy to choose at each worth of a unit of effect, how sure that is and what an error costs.

    Parameters
    ----------
    ends : DataFrame
        Columns ``strategy, draw, replication, outcome, value``.
    cost, effect : str
        Outcomes.
    worths : sequence of float
        What a unit of effect may be worth, in money.
    unit : str
        Of money.

    Returns
    -------
    DataFrame
        ``worth, strategy, net_benefit, low, high, chance_best, on_frontier, expected_loss, evpi, unit``: the
        acceptability curve is `chance_best` over `worth`, its frontier the same where `on_frontier` (best on average,
        which need not be most often best). `expected_loss` is what choosing the strategy loses on average against the
        best of each draw; the least of them, at the frontier, is `evpi`. Luck is taken out of the draws first
        (`Benefits.quiet`), save of `net_benefit`.
    """
    if not len(worths):
        raise UserError("worths: found none, accepted what a unit of effect may be worth")
    parts = []
    for worth in worths:
        benefits = benefits_of(ends, effect, unit, float(worth), cost)
        quiet = benefits.quiet
        most = quiet.max(axis=1, keepdims=True)
        seen = benefits.values == benefits.values.max(axis=1, keepdims=True)
        # Strategies that are alike in a draw share it: to take luck out would set one of them before the other.
        tied = seen.sum(axis=1, keepdims=True) > 1
        best = np.where(tied, seen, quiet == most)
        means = [estimate(column[:, None]) for column in benefits.values.T]
        parts.append(
            pd.DataFrame(
                {
                    "worth": float(worth),
                    "strategy": benefits.names,
                    "net_benefit": [each.mean for each in means],
                    "low": [each.low for each in means],
                    "high": [each.high for each in means],
                    "chance_best": (best / best.sum(axis=1, keepdims=True)).mean(axis=0),
                    "on_frontier": [name == benefits.best() for name in benefits.names],
                    "expected_loss": (most - quiet).mean(axis=0),
                    "evpi": evpi(benefits).value,
                    "unit": unit,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
