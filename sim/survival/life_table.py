"""The actuarial life table: survival by age band, where only the band of an ending or a withdrawal counts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .columns import Floats, checked_spells, greenwood_terms, refuse

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class LifeTable:
    """An actuarial life table of m bands [start, end).

    Attributes
    ----------
    start, end : array (m,)
        The bands; the last may end at infinity.
    going : array (m,)
        Spells under observation at the start of each band.
    joined, withdrawn, ended : array (m,)
        Spells that came under observation within each band, were last seen in it, and ended in it.
    at_risk : array (m,)
        going + joined / 2 - withdrawn / 2.
    survival, se_survival : array (m,)
        Share still going at the *start* of each band, with its standard error (as R and SAS print them).
    survival_end, se_survival_end : array (m,)
        The same at the end of each band.
    density, se_density, hazard, se_hazard : array (m,)
        Endings per unit of time at the middle of each band, of all and of those still going, with their
        standard errors; NaN in a band without end.
    """

    start: Floats
    end: Floats
    going: Floats
    joined: Floats
    withdrawn: Floats
    ended: Floats
    at_risk: Floats
    survival: Floats
    se_survival: Floats
    survival_end: Floats
    se_survival_end: Floats
    density: Floats
    se_density: Floats
    hazard: Floats
    se_hazard: Floats

    def table(self) -> pd.DataFrame:
        """Give one row for each band."""
        import pandas as pd

        return pd.DataFrame({field.name: getattr(self, field.name) for field in fields(self)})


def life_table(entry: npt.ArrayLike, exit: npt.ArrayLike, event: npt.ArrayLike, edges: npt.ArrayLike) -> LifeTable:
    """Make a life table of spells.

    Parameters
    ----------
    entry, exit, event
        As in `kaplan_meier`.
    edges : array (m + 1,)
        Where bands begin and end, ascending; the first no later than any entry, the last may be infinity.
        A band holds its beginning, not its end: an ending at an edge counts in the band that begins there.

    Raises
    ------
    ValueError
        As in `kaplan_meier`; or if edges do not ascend or begin after an entry, or more ended in a band than
        were at risk in it (late entries whose ending came soon after: take longer bands).

    Notes
    -----
    Who withdraws within a band counts half, and so does who joins within it (left truncation). Otherwise
    as `life_table_of_counts`.
    """
    start, stop, ended = checked_spells(entry, exit, event, "event")
    edge = _checked_edges(edges)
    refuse(start < edge[0], "entry", start, f"at or after the first edge, {edge[0]}")
    lived = stop > start  # a spell of no length counts for nothing
    start, stop, ended = start[lived], stop[lived], ended[lived]
    entries, exits = np.sort(start), np.sort(stop)
    going = np.searchsorted(entries, edge[:-1], side="right") - np.searchsorted(exits, edge[:-1])
    joined = np.searchsorted(entries, edge[1:]) - np.searchsorted(entries, edge[:-1], side="right")
    in_band = np.diff(np.searchsorted(exits, edge))
    endings = np.diff(np.searchsorted(np.sort(stop[ended > 0]), edge))
    return _actuarial(edge, going, joined, in_band - endings, endings)


def life_table_of_counts(
    edges: npt.ArrayLike, started: float, withdrawn: npt.ArrayLike, ended: npt.ArrayLike
) -> LifeTable:
    """Make a life table of a published one's counts.

    Parameters
    ----------
    edges : array (m + 1,)
        Where bands begin and end, ascending; the last may be infinity.
    started : float
        Spells under observation at the first edge.
    withdrawn, ended : array (m,)
        Spells last seen and ended in each band.

    Raises
    ------
    ValueError
        If lengths do not fit, edges do not ascend, a count is negative or missing, or more ended or withdrew
        than were there.

    Notes
    -----
    Berkson & Gage 1950, Proc. Staff Meet. Mayo Clin. 25; standard errors of Greenwood 1926 and Gehan 1969,
    J. Chron. Dis. 21, as in Klein & Moeschberger, Survival Analysis, 5.4, and in R's `KMsurv::lifetab`.
    """
    edge = _checked_edges(edges)
    lost, gone = np.asarray(withdrawn, dtype=np.float64), np.asarray(ended, dtype=np.float64)
    if not lost.shape == gone.shape == (edge.size - 1,):
        raise ValueError(
            f"withdrawn and ended have shapes {lost.shape} and {gone.shape}; accepted: {edge.size - 1} bands, one "
            "fewer than edges"
        )
    for name, column in (("withdrawn", lost), ("ended", gone)):
        refuse(~(np.isfinite(column) & (column >= 0.0)), name, column, "a finite number, 0 or more")
    if not (np.isfinite(started) and started > 0.0):
        raise ValueError(f"started is {started}; accepted: a finite number above 0")
    going = started - np.concatenate(([0.0], np.cumsum(lost + gone)))
    refuse(going[1:] < 0.0, "withdrawn + ended", lost + gone, "at most those still under observation")
    return _actuarial(edge, going[:-1], np.zeros(gone.size), lost, gone)


def _checked_edges(edges: npt.ArrayLike) -> Floats:
    edge = np.asarray(edges, dtype=np.float64)
    if edge.ndim != 1 or edge.size < 2:
        raise ValueError(f"edges have shape {edge.shape}; accepted: two edges or more")
    refuse(~(edge >= 0.0), "edge", edge, "0 or later")
    refuse(~(np.diff(edge, prepend=-1.0) > 0.0), "edge", edge, "edges that ascend")
    return edge


def _actuarial(
    edge: Floats, going: npt.ArrayLike, joined: npt.ArrayLike, withdrawn: npt.ArrayLike, ended: npt.ArrayLike
) -> LifeTable:
    there, late, lost, gone = (np.asarray(column, dtype=np.float64) for column in (going, joined, withdrawn, ended))
    n = there + late / 2.0 - lost / 2.0
    refuse(gone > n, "ended", gone, "at most those at risk, who withdraw or join within a band counting half")
    # Of a band in which nobody was at risk nothing is known; R leaves 0 / 0 as well.
    q = np.divide(gone, n, out=np.full(n.size, np.nan), where=n > 0.0)
    after = np.cumprod(1.0 - q)
    after[np.logical_or.accumulate(q == 1.0)] = 0.0
    before = np.concatenate(([1.0], after[:-1]))
    spread = np.cumsum(greenwood_terms(n, gone))
    earlier = np.concatenate(([0.0], spread[:-1]))
    width = np.where(np.isinf(edge[1:]), np.nan, edge[1:] - edge[:-1])
    density = before * q / width
    within = np.divide(n - gone, n * gone, out=np.zeros(n.size), where=gone > 0.0)  # p / (n q)
    hazard = np.divide(gone, n - gone / 2.0, out=np.full(n.size, np.nan), where=n > 0.0) / width
    odds = np.sqrt(1.0 - (hazard * width / 2.0) ** 2)
    se_hazard = hazard * odds / np.sqrt(np.where(gone > 0.0, gone, 1.0))
    return LifeTable(
        start=edge[:-1],
        end=edge[1:],
        going=there,
        joined=late,
        withdrawn=lost,
        ended=gone,
        at_risk=n,
        survival=before,
        se_survival=before * np.sqrt(earlier),
        survival_end=after,
        se_survival_end=after * np.sqrt(spread),
        density=density,
        se_density=density * np.sqrt(earlier + within),
        hazard=hazard,
        se_hazard=se_hazard,
    )
