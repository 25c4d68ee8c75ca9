"""What no register can test: that those lost went on like the others, and what counts as success.

Estimates are made under a range of answers, side by side, so that everybody sees how much hangs on them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..sim.errors import later
from ..sim.survival import aalen_johansen, incidence_at, kaplan_meier, nelson_aalen, survival_at
from .curves import SHORTEST, lived
from .schemas import Exit

Floats = npt.NDArray[np.float64]

DELTAS = (0.0, 0.5, 1.0, np.inf)
"""Log ratio of the hazard of those lost against the others, once lost; inf: all closed as they got lost."""
AT_YEARS = (3, 5)
IMPUTED = 40
"""Made-up continuations of those lost."""
Z = 1.959963984540054
SUCCESS: dict[str, tuple[Exit, ...]] = {
    later("still open"): (),
    later("open, or the owner took a job"): (Exit.WAGE_WORK,),
    later("open, job, or absorbed by another business"): (Exit.WAGE_WORK, Exit.ABSORBED),
    later("not failed: whoever left the country counts as success too"): (
        Exit.WAGE_WORK,
        Exit.ABSORBED,
        Exit.OWNER_LEFT,
    ),
}
"""What may count as success: the endings that do, besides being open. Endings of unknown cause never do."""


def lost_table(spells: pd.DataFrame, deltas: Sequence[float] = DELTAS, seed: int = 1) -> pd.DataFrame:
    """Say how the share open moves with what became of those lost to follow-up.

    Parameters
    ----------
    spells : DataFrame
        As `read_spells` returns it.
    deltas : sequence of float
    seed : int

    Returns
    -------
    DataFrame, one row a delta and year
        `delta, years, lost` (AGRs), `open, low, high` (shares, 95 % interval), `change` against delta 0 in points.
        NaN where nothing is known of that age.

    Notes
    -----
    Multiple imputation after Rubin 1987: each that was lost lives on, up to the last day anything was known of the
    register, under the hazard of all (Nelson-Aalen) times exp(delta).
    """
    seen = lived(spells)
    lost = (spells.loc[seen.index, "exit"] == Exit.LOST).to_numpy()
    start = ((spells["start_lo"] + spells["start_hi"]) / 2.0).loc[seen.index].to_numpy()
    end = float((start + seen["stop"].to_numpy()).max()) if len(seen) else 0.0
    limit = np.maximum(end - start, seen["stop"].to_numpy())
    at = 12.0 * np.array(AT_YEARS, dtype=np.float64)
    rows, base = [], np.full(len(AT_YEARS), np.nan)
    for delta in deltas:
        luck = np.random.Generator(np.random.Philox(key=[seed, 18]))  # the same for each: only delta differs
        many = IMPUTED if lost.any() and np.isfinite(delta) else 1
        made = [_continued(seen, lost, limit, delta, luck) for _ in range(many)]
        share, spread = _pooled(seen["entry"].to_numpy(), made, at)
        base = share if delta == 0.0 else base
        for k, years in enumerate(AT_YEARS):
            low, high = np.clip([share[k] - Z * spread[k], share[k] + Z * spread[k]], 0.0, 1.0)
            rows.append((delta, years, int(lost.sum()), share[k], low, high, 100.0 * (share[k] - base[k])))
    return pd.DataFrame(rows, columns=["delta", "years", "lost", "open", "low", "high", "change"])


def success_table(spells: pd.DataFrame) -> pd.DataFrame:
    """Say how the share of successes moves with what counts as one, endings competing (Aalen-Johansen).

    Returns
    -------
    DataFrame, one row a definition and year
        `success, years, share, low, high` (95 % interval).
    """
    seen = lived(spells)
    how = spells.loc[seen.index, "exit"].where(seen["ended"], int(Exit.ACTIVE)).to_numpy(dtype=np.int64)
    rows = []
    for success, good in SUCCESS.items():
        # One cause, not being a success: other endings compete with it.
        bad = (how > 0) & ~np.isin(how, [int(each) for each in good])
        cause = np.where(bad, 1, np.where(how > 0, 2, 0))
        curve = aalen_johansen(seen["entry"], seen["stop"], cause, causes=(1, 2))
        for years in AT_YEARS:
            share = 1.0 - float(incidence_at(curve, 12.0 * years)[0, 0])
            row = int(np.searchsorted(curve.time, 12.0 * years, side="right")) - 1
            known = row >= 0 and np.isfinite(share)
            low, high = (1.0 - float(edge[row, 0]) if known else np.nan for edge in (curve.high, curve.low))
            rows.append((success, years, share, low, high))
    return pd.DataFrame(rows, columns=["success", "years", "share", "low", "high"])


def _continued(
    seen: pd.DataFrame, lost: npt.NDArray[np.bool_], limit: Floats, delta: float, luck: np.random.Generator
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return until which age each AGR lived, and whether it ended then, with those lost made to live on."""
    entry, stop, ended = (seen[name].to_numpy().copy() for name in ("entry", "stop", "ended"))
    if not np.isfinite(delta):
        return np.where(lost, np.maximum(stop, entry + SHORTEST), stop), ended | lost
    curve = nelson_aalen(entry, stop, ended)
    steps = np.concatenate(([0.0], curve.hazard))
    target = steps[np.searchsorted(curve.time, stop, side="right")] + luck.exponential(size=len(stop)) / np.exp(delta)
    at = np.searchsorted(curve.hazard, target)
    age = np.append(curve.time, np.inf)[at]
    over = lost & (age <= limit)
    # Past the last ending seen nothing is known of hazards: nobody is followed further than that.
    until = np.maximum(np.minimum(limit, curve.last), stop)
    return np.where(over, age, np.where(lost, until, stop)), ended | over


def _pooled(entry: Floats, made: list[tuple[Floats, npt.NDArray[np.bool_]]], at: Floats) -> tuple[Floats, Floats]:
    """Return the share open and its standard error over made-up continuations (Rubin's rules)."""
    shares, variances = [], []
    for stop, ended in made:
        curve = kaplan_meier(entry, stop, ended)
        shares.append(survival_at(curve, at))
        variances.append(np.append(0.0, curve.variance)[np.searchsorted(curve.time, at, side="right")])
    share, between = np.mean(shares, axis=0), np.var(shares, axis=0, ddof=1) if len(made) > 1 else 0.0
    return share, np.sqrt(np.mean(variances, axis=0) + (1.0 + 1.0 / len(made)) * between)
