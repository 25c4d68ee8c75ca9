"""Does the order of strategies hold however the model is built? Differences by hazard family and by crowding.

Published shares fit every structure alike, so what one structure says and another denies is not known.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .contrast import FEW_DRAWS
from .estimates import estimate
from .language import _, listed

WITH, WITHOUT = "crowding", "no crowding"


def structures_of(parameters: pd.DataFrame) -> pd.DataFrame:
    """Return which structure each draw is of.

    Parameters
    ----------
    parameters : DataFrame
        ``draw, hazard_family, saturation_gamma`` among others, as a study keeps them.

    Returns
    -------
    DataFrame
        ``draw, family, crowding``, in words.
    """
    crowding = np.where(parameters["saturation_gamma"] > 0.0, WITH, WITHOUT)
    family = parameters["hazard_family"].astype(str).str.replace("_", "-")
    return pd.DataFrame({"draw": parameters["draw"], "family": family, "crowding": crowding})


def differences_by_structure(ends: pd.DataFrame, structures: pd.DataFrame) -> pd.DataFrame:
    """Return how each pair of strategies differs in one outcome, over all draws and under each structure.

    Parameters
    ----------
    ends : DataFrame
        ``strategy, draw, replication, value`` of one outcome.
    structures : DataFrame
        ``draw, family, crowding``.

    Returns
    -------
    DataFrame
        ``first, second, of, member, difference, low, high, draws``: first less second. `of` is ``all``, ``family`` or
        ``crowding``; members are left out where the draws know only one of them.
    """
    wide = ends.pivot(index=["draw", "replication"], columns="strategy", values="value")
    draw = wide.index.get_level_values("draw")
    kinds = structures.set_index("draw")
    members = [("all", "all", np.full(len(wide), True))]
    for of in ("family", "crowding"):
        mine = kinds[of].reindex(draw).to_numpy()
        names = list(dict.fromkeys(mine))
        members += [(of, name, mine == name) for name in names] if len(names) > 1 else []
    rows = []
    for first, second in itertools.combinations(ends["strategy"].unique(), 2):
        difference = wide[first] - wide[second]
        for of, name, where in members:
            grid = difference[where].unstack("replication").to_numpy()
            found = estimate(grid)
            rows.append((first, second, of, name, found.mean, found.low, found.high, len(grid)))
    return pd.DataFrame(rows, columns=["first", "second", "of", "member", "difference", "low", "high", "draws"])


def rankings(table: pd.DataFrame, negligible: float = 0.0) -> pd.DataFrame:
    """Return what becomes of the order of each pair under other structures.

    Parameters
    ----------
    table : DataFrame
        From `differences_by_structure`.
    negligible : float
        Where the whole interval is nearer to zero than this, the two are not told apart.

    Returns
    -------
    DataFrame
        A row per pair: ``better, worse, clear, tested, reversed_by, leaning, too_few``. `clear`: over all draws the
        95 % interval leaves out zero. `tested`: how many members have draws enough. `reversed_by`: members under which
        it leaves out zero the other way round; `leaning`: those whose mean alone is the other way round; `too_few`:
        those of too few draws to tell.
    """
    rows = []
    for (first, second), pair in table.groupby(["first", "second"], sort=False):
        overall = pair[pair["of"] == "all"].iloc[0]
        sign = -1.0 if overall["difference"] < 0.0 else 1.0
        members = pair[pair["of"] != "all"]
        enough = members["draws"] >= FEW_DRAWS
        most, mean = np.where(sign > 0.0, members["high"], -members["low"]), sign * members["difference"]
        reversed_by = enough & (most < 0.0)
        leaning = enough & ~reversed_by & (mean < 0.0)
        better, worse = (first, second) if sign > 0.0 else (second, first)
        counts = max(abs(overall["low"]), abs(overall["high"])) >= negligible
        clear = bool(counts and (overall["low"] > 0.0 or overall["high"] < 0.0))
        named = [list(members.loc[where, "member"]) for where in (reversed_by, leaning, ~enough)]
        rows.append((better, worse, clear, int(enough.sum()), *named))
    return pd.DataFrame(rows, columns=["better", "worse", "clear", "tested", "reversed_by", "leaning", "too_few"])


def in_words(table: pd.DataFrame, called: Mapping[str, str], outcome: str, draws: int) -> str:
    """Say in a sentence or two whether the order of strategies in an outcome depends on how the model is built.

    Parameters
    ----------
    table : DataFrame
        From `rankings`.
    called : mapping
        What people call each strategy.
    outcome : str
        In words.
    draws : int
    """
    clear, about = table[table["clear"]], {"outcome": outcome, "draws": draws}
    if clear.empty:
        return _("No two of these strategies can be told apart in {outcome} by {draws} draws.", **about)
    if not clear["tested"].any():
        return _(
            "Whether their order in {outcome} depends on how the model is built cannot be told from {draws} draws.",
            **about,
        )
    clearly, leaning = _("clearly the other way round"), _("the other way round, not clearly")
    parts = [_turned(row, called, "reversed_by", clearly) for row in _rows(clear, "reversed_by")]
    parts += [_turned(row, called, "leaning", leaning) for row in _rows(clear, "leaning")]
    few = sorted({name for names in clear["too_few"] for name in names})
    members = listed([_(name) for name in few])
    unknown = " " + _("Under {members} there are too few draws to tell.", members=members) if few else ""
    if parts:
        pairs = _("; ").join(parts)
        return _("The order in {outcome} depends on how the model is built: {pairs}.", pairs=pairs, **about) + unknown
    return (
        _(
            "The order in {outcome} ({pairs}) holds under every hazard family and with or without crowding, as far as "
            "{draws} draws can tell.",
            pairs=_order(table, called),
            **about,
        )
        + unknown
    )


def _order(table: pd.DataFrame, called: Mapping[str, str]) -> str:
    """Return the order of strategies in one line where each pair is clear, else pair by pair."""
    if table["clear"].all():
        wins = pd.concat([table["better"], table["worse"]]).drop_duplicates().to_list()
        above = sorted(wins, key=lambda each: -(table["better"] == each).sum())
        return _(" above ").join(called[each] for each in above)
    clear = table[table["clear"]]
    return _("; ").join(_(" above ").join((called[row.better], called[row.worse])) for row in clear.itertuples())


def _rows(table: pd.DataFrame, column: str) -> list[Any]:  # named tuples of pandas
    return list(table[table[column].map(bool)].itertuples())


def _turned(row: Any, called: Mapping[str, str], column: str, how: str) -> str:
    members = listed([_(name) for name in getattr(row, column)])
    return _(
        "{better} above {worse}, yet under {members} {how}",
        better=called[row.better], worse=called[row.worse], members=members, how=how,
    )  # fmt: skip
