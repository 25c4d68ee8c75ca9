"""Which of k strategies is best, how likely that choice is right, and how far ranks can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...sim import UserError
from .paired import Floats, Ratios, interval, paired

if TYPE_CHECKING:
    import pandas as pd

SURE = 0.95


@dataclass(frozen=True, eq=False)
class Selection:
    """The best of k, and how sure that is.

    Attributes
    ----------
    best : str
        The strategy with the best mean.
    zone : float
        Indifference zone: a strategy that is worse than the best by no more than this is as good (outcome's unit).
    chance : float
        That `best` is right: within `zone` of whichever is best.
    table : DataFrame
        A row per strategy, the best first: ``strategy, mean, low, high, chance_best, chance_within_zone, rank,
        rank_low, rank_high``. Ranks have simultaneous 95 % intervals: with 95 % chance all hold at once.
    over : str
        What was drawn again: ``draws`` or ``replications``.
    """

    best: str
    zone: float
    chance: float
    table: pd.DataFrame
    over: str


def best_of(
    table: pd.DataFrame,
    outcome: str,
    zone: float = 0.0,
    better: str = "more",
    per: Ratios | None = None,
    seed: int = 0,
) -> Selection:
    """Select the best strategy by its mean, with the chance of correct selection by paired bootstrap over draws.

    Parameters
    ----------
    table : DataFrame
        Columns ``strategy, draw, replication, outcome, value``.
    outcome : str
    zone : float
        Indifference zone, in the unit of the outcome.
    better : str
        ``more`` or ``less``.
    per : mapping of (str, str), optional
        Outcomes that are ratios of means; see `paired`.

    Notes
    -----
    Whole draws are drawn again, the same for all strategies, so what strategies share cancels. The chance is the
    bootstrap's stand-in for the posterior chance of good selection (Branke, Chick & Schmidt 2007, Management Science
    53). Intervals of ranks: Mogstad, Romano, Shaikh & Wilhelm 2024, Review of Economic Studies 91; a rank is one more
    than the number of strategies that are surely better.
    """
    import pandas as pd

    if zone < 0:
        raise UserError(
            "zone: found {zone:g}, accepted 0 or more, in the unit of {outcome}", zone=zone, outcome=outcome
        )
    if better not in ("more", "less"):
        raise UserError("better: found {better!r}, accepted 'more' or 'less'", better=better)
    sign = 1.0 if better == "more" else -1.0
    found = paired(table, [outcome], per=per)
    mean, samples = sign * found.mean[0], sign * found.resampled(seed=seed)[:, 0]
    samples = samples[~np.isnan(samples).any(axis=1)]
    top = samples.max(axis=1, keepdims=True)
    first = samples >= top
    within = (samples >= top - zone).mean(axis=0)
    low, high = interval(sign * samples)
    rank_low, rank_high = _rank_bounds(mean, samples)
    order = np.argsort(-mean, kind="stable")
    rows = pd.DataFrame(
        {
            "strategy": found.names,
            "mean": found.mean[0],
            "low": low,
            "high": high,
            "chance_best": (first / first.sum(axis=1, keepdims=True)).mean(axis=0),
            "chance_within_zone": within,
            "rank": ranks(mean),
            "rank_low": rank_low,
            "rank_high": rank_high,
        }
    )
    best = int(order[0])
    return Selection(found.names[best], zone, float(within[best]), rows.iloc[order].reset_index(drop=True), found.over)


def ranks(values: Floats) -> NDArray[np.int64]:
    """Return ranks over the last axis, 1 the largest; equals share the better rank."""
    return np.asarray(1 + np.sum(values[..., None, :] > values[..., :, None], axis=-1))


def _rank_bounds(mean: Floats, samples: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and the greatest rank that each may have, from simultaneous intervals of all differences."""
    gaps, centred = mean[:, None] - mean[None, :], samples - mean
    spread, farthest = np.zeros_like(gaps), np.zeros(len(samples))
    for at, own in enumerate(centred.T):
        errors = own[:, None] - centred
        spread[at] = errors.std(axis=0)
        scaled = np.divide(np.abs(errors), spread[at], out=np.zeros_like(errors), where=spread[at] > 0)
        farthest = np.maximum(farthest, scaled.max(axis=1))
    surely_above = gaps > float(np.quantile(farthest, SURE)) * spread
    return 1 + surely_above.sum(axis=0), len(mean) - surely_above.sum(axis=1)
