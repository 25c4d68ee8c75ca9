"""Held-out endings, counted: how many AGRs of a year ended, of so many that were each followed so long.

A count has what a single AGR has not, an interval that can hold or miss. How long those that ended would have been
followed is not known: each takes the last day of another AGR of the test that was still followed when it ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from .curves import lived
from .holdout import MONTHS, Forecast, Forecaster, Split, cohort_of, could_follow
from .privacy import LEAST
from .scores import LEVELS, coverage, crps, interval, pit

Floats = npt.NDArray[np.float64]

SIMULATED = 600
"""Counts that are made up of each forecast."""
SURE = 0.95


def hold_out_endings(
    splits: Sequence[Split], forecasters: Mapping[str, Forecaster], seed: int = 1, months: Sequence[float] = MONTHS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score forecasts of how many AGRs of each year of opening end within some months of coming under observation.

    Parameters
    ----------
    splits, forecasters, months
        As in `hold_out`; a forecast with a method `chances` is uncertain of its parameters too.
    seed : int

    Returns
    -------
    cells : DataFrame, one row a split, year of opening, horizon and forecaster
        `split, opened, months, forecaster, n, ended`, `mean, low, high` (95 % interval of the count), `crps` (AGRs) and
        `pit`. Years with fewer than five AGRs are left out.
    covered : DataFrame, one row a forecaster and level
        `forecaster` and what `coverage` says.
    """
    luck = np.random.Generator(np.random.Philox(key=[seed, 16]))
    parts: list[pd.DataFrame] = []
    made: dict[str, list[Floats]] = {name: [] for name in forecasters}
    for split in splits:
        asked = followed(split.test, months, luck)
        cells, cell = np.unique(asked[["opened", "months"]].to_numpy(dtype=np.float64), axis=0, return_inverse=True)
        kept = np.flatnonzero(np.bincount(cell) >= LEAST)
        if not len(kept):
            continue
        n, seen = np.bincount(cell)[kept], np.bincount(cell, asked["ended"])[kept]
        rows = split.test.loc[asked["spell"]]
        about = pd.DataFrame({"split": split.name, "opened": cells[kept, 0].astype(int), "months": cells[kept, 1]})
        entry, until = asked["entry"].to_numpy(), asked["until"].to_numpy()
        for name, forecaster in forecasters.items():
            ending = 1.0 - _chances(forecaster(split.train), rows, entry, until)
            counts = _counts(ending, cell, luck)[:, kept]
            made[name].append(counts)
            low, high = interval(counts, SURE)
            told = {"mean": counts.mean(axis=0), "low": low, "high": high, "crps": crps(counts, seen)}
            told |= {"pit": pit(counts, seen, luck.random(len(seen)))}
            parts.append(about.assign(forecaster=name, n=n, ended=seen, **told))
    if not parts:
        return pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=["forecaster", "level", "n", "inside", "share"])
    table = pd.concat(parts, ignore_index=True)[COLUMNS]
    covered = []
    for name, each in made.items():
        observed = table.loc[table["forecaster"] == name, "ended"]
        covered.append(coverage(np.concatenate(each, axis=1), observed, levels=LEVELS).assign(forecaster=name))
    return table, pd.concat(covered, ignore_index=True)


COLUMNS = ["split", "opened", "months", "forecaster", "n", "ended", "mean", "low", "high", "crps", "pit"]


def followed(test: pd.DataFrame, months: Sequence[float], luck: np.random.Generator) -> pd.DataFrame:
    """Return, for each spell and horizon that is asked, until which age it was followed, and whether it ended by then.

    Returns
    -------
    DataFrame
        `spell` (index of `test`), `opened` (year), `months`, `entry, until` (months of age), `ended` (0 or 1).
    """
    seen = lived(test)
    start = ((test["start_lo"] + test["start_hi"]) / 2.0).loc[seen.index].to_numpy()
    entry, stop, ended = (seen[name].to_numpy() for name in ("entry", "stop", "ended"))
    last = np.sort((start + stop)[~ended])
    # Days on which others were last seen, of which one that is later than the ending is drawn.
    first = np.searchsorted(last, start + stop)
    drawn = first + (luck.random(len(stop)) * (len(last) - first)).astype(int)
    donor = np.append(last, -np.inf)[np.minimum(drawn, len(last))]
    limit = np.where(ended, np.maximum(donor - start, stop), stop)
    opened, could = cohort_of(test.loc[seen.index]).to_numpy(), could_follow(test, seen)
    parts = []
    for ahead in months:
        until = np.minimum(limit, entry + ahead)
        columns = {"spell": seen.index, "opened": opened, "months": ahead, "entry": entry, "until": until}
        asked = pd.DataFrame(columns | {"ended": (ended & (stop <= until)).astype(np.int64)})
        parts.append(asked[could >= ahead])
    return pd.concat(parts, ignore_index=True)


def _chances(forecast: Forecast, rows: pd.DataFrame, entry: Floats, until: Floats) -> Floats:
    """Return chances of being open, a row a draw of the forecast's parameters, or one row if it is sure of them."""
    many = getattr(forecast, "chances", None)
    if many is not None:
        return np.asarray(many(rows, entry, until))
    return np.asarray(forecast(rows, entry, until))[None, :]


def _counts(ending: Floats, cell: npt.NDArray[np.intp], luck: np.random.Generator) -> Floats:
    """Return made-up counts of endings; shape (simulated, cells)."""
    order = np.argsort(cell, kind="stable")
    firsts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    out = np.empty((SIMULATED, len(firsts)))
    for k in range(SIMULATED):
        happens = luck.random(len(cell)) < ending[k % len(ending)]
        out[k] = np.add.reduceat(happens[order].astype(np.float64), firsts)
    return out
