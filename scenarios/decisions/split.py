"""How much of a package's gain each of its levers earns, and which levers fight or help each other.

The gain of a package over the same strategy without it is shared out by Shapley's rule (1953): a lever gets what it
adds, averaged over all orders in which the levers could have been added. Shares add up to the gain, run by run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...sim import UserError
from ..estimates import Estimate, estimate
from ..language import _, later
from .paired import Floats, Ratios, paired

if TYPE_CHECKING:
    import pandas as pd

Coalition = frozenset[str]

MOST = 8
"""Levers that are shared out exactly: 256 coalitions. Group levers that belong together where there are more."""
SIGNS = (later("none"), later("help"), later("fight"))
"""What the interaction of a pair is called, as it stands in tables."""
WORTH_NAMING = 0.1
"""Share of the gain below which an interaction is not named, however sure it is (judgement)."""


@dataclass(frozen=True, eq=False)
class Split:
    """How a gain divides.

    Attributes
    ----------
    gain : Estimate
        Of the whole package over none of its levers.
    shares : DataFrame
        A row per lever: ``lever, share, low, high, of_gain`` (NaN where the gain may be zero), ``alone`` (its gain with
        no other lever), ``last`` (what is lost when it alone is taken away), ``interval``.
    interactions : DataFrame
        A row per pair: ``lever, other, index, low, high, sign`` (``fight``, ``help`` or ``none``), ``named``; those
        that are named first, by size.
    by_draw : DataFrame
        ``draw, gain`` and a column per lever; the levers add up to the gain.
    """

    gain: Estimate
    shares: pd.DataFrame
    interactions: pd.DataFrame
    by_draw: pd.DataFrame


def coalitions(levers: Sequence[str]) -> list[Coalition]:
    """Return the sets of levers that must be run to split a package: all of them, none and the whole included.

    Raises
    ------
    UserError
        If there are more than `MOST` levers, or one is named twice.
    """
    if len(set(levers)) < len(levers):
        raise UserError("levers: found one twice in {levers}; accepted: each once", levers=", ".join(levers))
    if not 1 <= len(levers) <= MOST:
        many = _("{total} strategies to run", total=2 ** len(levers))
        raise UserError(
            "levers: found {count} ({many}), accepted: 1 to {most}; group those that go together",
            count=len(levers),
            many=many,
            most=MOST,
        )
    return [frozenset(chosen) for size in range(len(levers) + 1) for chosen in combinations(levers, size)]


def shapley_weights(levers: Sequence[str]) -> Floats:
    """Return what each coalition's worth counts for in each lever's share, an array (levers, coalitions)."""
    k, sets = len(levers), coalitions(levers)
    weights = np.zeros((k, len(sets)))
    for row, lever in enumerate(levers):
        for column, chosen in enumerate(sets):
            others = len(chosen - {lever})
            weight = factorial(others) * factorial(k - others - 1) / factorial(k)
            weights[row, column] = weight if lever in chosen else -weight
    return weights


def interaction_weights(levers: Sequence[str]) -> tuple[list[tuple[str, str]], Floats]:
    """Return the pairs of levers and what each coalition counts for in their interaction, (pairs, coalitions).

    Notes
    -----
    The Shapley interaction index: what two levers are worth together beyond what each is worth alone, averaged over
    the levers that are already there. Grabisch & Roubens 1999, International Journal of Game Theory 28.
    """
    k, sets, pairs = len(levers), coalitions(levers), list(combinations(levers, 2))
    weights = np.zeros((len(pairs), len(sets)))
    for row, pair in enumerate(pairs):
        for column, chosen in enumerate(sets):
            others = len(chosen - set(pair))
            weight = factorial(others) * factorial(k - others - 2) / factorial(k - 1)
            weights[row, column] = -weight if len(chosen & set(pair)) == 1 else weight
    return pairs, weights


def split(
    table: pd.DataFrame,
    levers: Sequence[str],
    members: Mapping[str, Iterable[str]],
    outcome: str,
    per: Ratios | None = None,
) -> Split:
    """Split the gain of a package over its levers.

    Parameters
    ----------
    table : DataFrame
        Columns ``strategy, draw, replication, outcome, value``, a strategy for every coalition.
    levers : sequence of str
    members : mapping
        The levers of each strategy; of the strategy without any, an empty list.
    outcome : str
    per : mapping of (str, str), optional
        Outcomes that are ratios of means; see `paired`.

    Returns
    -------
    Split
        Intervals are over draws, luck within them (`estimates`): t, or bootstrap-t where draws are strongly skewed.

    Raises
    ------
    UserError
        If a coalition was not run; the message names those that are missing.

    Notes
    -----
    An interaction is named where its interval, widened for the number of pairs (Bonferroni), leaves out zero and it
    is at least `WORTH_NAMING` of the gain.
    """
    values, draws = _worth(table, levers, members, outcome, per)
    gain = estimate(values[-1] - values[0])
    by_draw = _draws(values, levers)
    by_draw.insert(0, "draw", draws)
    return Split(gain, _shares(values, levers, gain), _interactions(values, levers, gain), by_draw)


def _worth(
    table: pd.DataFrame, levers: Sequence[str], members: Mapping[str, Iterable[str]], outcome: str, per: Ratios | None
) -> tuple[Floats, NDArray[Any]]:
    """Return the worth of every coalition in every run, (coalitions, draws, replications), and the draws' names."""
    sets = coalitions(levers)
    strategy_of = {frozenset(chosen): strategy for strategy, chosen in members.items()}
    there = set(table["strategy"])
    missing = [chosen for chosen in sets if strategy_of.get(chosen) not in there]
    if missing:
        words = "; ".join(" + ".join(sorted(chosen)) or _("none of them") for chosen in missing)
        raise UserError(
            "coalitions: found no runs of {words}; accepted: runs of all {count} sets of levers",
            words=words,
            count=len(sets),
        )
    names = [strategy_of[chosen] for chosen in sets]
    found = paired(table[table["strategy"].isin(names)], [outcome], per=per)
    return found.linear[0][[found.names.index(name) for name in names]], found.draws


def _apply(weights: Floats, values: Floats) -> Floats:
    return np.tensordot(weights, values, axes=1)


def _shares(values: Floats, levers: Sequence[str], gain: Estimate) -> pd.DataFrame:
    import pandas as pd

    sets = coalitions(levers)
    known = not gain.low <= 0 <= gain.high  # NaN compares False: one run alone still has shares
    rows: list[dict[str, Any]] = []
    for lever, runs in zip(levers, _apply(shapley_weights(levers), values), strict=True):
        found = estimate(runs)
        alone = values[sets.index(frozenset([lever]))] - values[0]
        last = values[-1] - values[sets.index(frozenset(levers) - {lever})]
        row = {"lever": lever, "share": found.mean, "low": found.low, "high": found.high}
        row["of_gain"] = found.mean / gain.mean if known and gain.mean else float("nan")
        row |= {"alone": estimate(alone).mean, "last": estimate(last).mean, "interval": found.interval}
        rows.append(row)
    return pd.DataFrame(rows)


def _interactions(values: Floats, levers: Sequence[str], gain: Estimate) -> pd.DataFrame:
    import pandas as pd

    columns = ["lever", "other", "index", "low", "high", "sign", "named"]
    pairs, weights = interaction_weights(levers) if len(levers) > 1 else ([], np.zeros((0, 2)))
    rows = []
    for (one, other), runs in zip(pairs, _apply(weights, values), strict=True):
        found = estimate(runs)
        wider = _widening(runs, len(pairs))
        clear = found.mean - wider * (found.mean - found.low) > 0 or found.mean + wider * (found.high - found.mean) < 0
        named = bool(clear and abs(found.mean) >= WORTH_NAMING * abs(gain.mean))
        sign = SIGNS[0 if not clear else 1 if found.mean > 0 else 2]
        rows.append((one, other, found.mean, found.low, found.high, sign, named))
    table = pd.DataFrame(rows, columns=columns)
    order = np.lexsort((-table["index"].abs(), ~table["named"].astype(bool)))
    return table.iloc[order].reset_index(drop=True)


def _widening(runs: Floats, pairs: int) -> float:
    """Return how much wider an interval is that holds for so many pairs at once."""
    from scipy.special import stdtrit

    units = len(runs) if len(runs) > 1 else int(np.sum(~np.isnan(runs)))
    return float(stdtrit(units - 1, 1 - 0.025 / pairs) / stdtrit(units - 1, 0.975)) if units > 1 else 1.0


def _draws(values: Floats, levers: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    shares = np.nanmean(_apply(shapley_weights(levers), values), axis=2)
    gain = np.nanmean(values[-1] - values[0], axis=1)
    return pd.DataFrame({"gain": gain, **dict(zip(levers, shares, strict=True))})
