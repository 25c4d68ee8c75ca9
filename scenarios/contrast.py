"""Compare strategies that met the same people and the same luck.

Pure functions on tidy tables with columns ``strategy, draw, replication, outcome, value``; the statistics are those
of `estimates`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .estimates import ANY, Estimate, Floats, Range, estimate, estimate_ratio, variance_reduction

if TYPE_CHECKING:
    import pandas as pd

FEW_DRAWS = 5
"""Below so many draws an interval over them says next to nothing: at 2 it is 12.7 standard errors wide each way."""


def compare_rows(
    ends: pd.DataFrame,
    baseline: str,
    units: Mapping[str, str],
    possible: Mapping[str, Range] | None = None,
    per: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Contrast every strategy with the baseline, outcome by outcome.

    Parameters
    ----------
    ends : DataFrame
        Columns ``strategy, draw, replication, outcome, value``.
    baseline : str
        The strategy the others are compared with.
    units : mapping
        Unit of each outcome.
    possible : mapping of (float, float), optional
        The least and the most that each outcome can be, where there are such: intervals end there.
    per : mapping of (str, str), optional
        Of an outcome that is a ratio, the outcomes above and below the line, which `ends` must have, too: its means
        are then ratios of means.

    Returns
    -------
    DataFrame
        A row per outcome and strategy (not the baseline), in the order of `ends`: ``outcome, unit, strategy,
        baseline, mean, difference, low, high, chance_above_zero, pairs, spread_low, spread_high,
        variance_reduction, luck_share, interval, baseline_mean``. ``mean`` and ``baseline_mean`` are over the
        runs of each alone; ``difference`` is over complete pairs.
    """
    import pandas as pd

    names = [name for name in ends["strategy"].unique() if name != baseline]
    rows: list[dict[str, Any]] = []
    everything = grids_of(ends)
    for outcome, grids in everything.items():
        base, parts = grids[baseline], (per or {}).get(outcome)
        for name in names:
            least, most = _range(possible, outcome)
            found = _estimated(everything, outcome, [name, baseline], (least - most, most - least), parts)
            rows.append(
                {
                    "outcome": outcome,
                    "unit": units.get(outcome, ""),
                    "strategy": name,
                    "baseline": baseline,
                    "mean": _estimated(everything, outcome, [name], ANY, parts).mean,
                    "difference": found.mean,
                    "low": found.low,
                    "high": found.high,
                    "chance_above_zero": found.chance_above_zero,
                    "pairs": found.count,
                    "spread_low": found.spread_low,
                    "spread_high": found.spread_high,
                    "variance_reduction": variance_reduction(grids[name], base),
                    "luck_share": found.luck_share,
                    "interval": found.interval,
                    "baseline_mean": _estimated(everything, outcome, [baseline], ANY, parts).mean,
                }
            )
    return pd.DataFrame(rows)


def run_rows(
    ends: pd.DataFrame,
    units: Mapping[str, str],
    possible: Mapping[str, Range] | None = None,
    per: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Summarise each strategy alone.

    Parameters
    ----------
    ends : DataFrame
        Columns ``strategy, draw, replication, outcome, value``.
    units : mapping
        Unit of each outcome.
    possible : mapping of (float, float), optional
        The least and the most that each outcome can be, where there are such: intervals end there.
    per : mapping of (str, str), optional
        Of an outcome that is a ratio, the outcomes above and below the line, which `ends` must have, too: its means
        are then ratios of means.

    Returns
    -------
    DataFrame
        A row per outcome and strategy: ``outcome, unit, strategy, mean, low, high, runs, spread_low,
        spread_high, luck_share, interval``; ``low`` and ``high`` bound the mean, the spread the single draw.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    everything = grids_of(ends)
    for outcome, grids in everything.items():
        for name in grids:
            found = _estimated(everything, outcome, [name], _range(possible, outcome), (per or {}).get(outcome))
            rows.append(
                {
                    "outcome": outcome,
                    "unit": units.get(outcome, ""),
                    "strategy": name,
                    "mean": found.mean,
                    "low": found.low,
                    "high": found.high,
                    "runs": found.count,
                    "spread_low": found.spread_low,
                    "spread_high": found.spread_high,
                    "luck_share": found.luck_share,
                    "interval": found.interval,
                }
            )
    return pd.DataFrame(rows)


def _estimated(
    grids: Mapping[str, dict[str, Floats]],
    outcome: str,
    arms: list[str],
    possible: Range,
    parts: tuple[str, str] | None,
) -> Estimate:
    """Estimate an outcome of one strategy, or its difference from that of a second."""
    own = [grids[outcome][arm] for arm in arms]
    values = own[0] - own[1] if len(own) > 1 else own[0]
    if parts is None:
        return estimate(values, possible)
    tops, bottoms = (np.stack([grids[part][arm] for arm in arms]) for part in parts)
    return estimate_ratio(tops, bottoms, values, possible)


def _range(possible: Mapping[str, Range] | None, outcome: str) -> Range:
    return ANY if possible is None else possible.get(outcome, ANY)


def grids_of(ends: pd.DataFrame) -> dict[str, dict[str, Floats]]:
    """Return, per outcome and strategy, the array (draws, replications) of values, NaN where none is."""
    draws, draw = np.unique(ends["draw"].to_numpy(), return_inverse=True)
    replications, replication = np.unique(ends["replication"].to_numpy(), return_inverse=True)
    outcomes, strategies = list(ends["outcome"].unique()), list(ends["strategy"].unique())
    shape = (len(outcomes), len(strategies), draws.size, replications.size)
    cube = np.full(shape, np.nan)
    which = ends["outcome"].map({name: i for i, name in enumerate(outcomes)}).to_numpy()
    whose = ends["strategy"].map({name: i for i, name in enumerate(strategies)}).to_numpy()
    cube[which, whose, draw, replication] = ends["value"].to_numpy(dtype=np.float64)
    return {outcome: {name: cube[i, j] for j, name in enumerate(strategies)} for i, outcome in enumerate(outcomes)}
