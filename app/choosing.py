"""Which of several strategies is best and how sure that is, and whether luck or ignorance moves a difference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, quoted
from . import wording

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.decisions.selection import Selection
    from ..scenarios.experiment import Plan
    from ..scenarios.results import Experiment

RANKED = "live_businesses"
FEWEST = 3
"""Strategies from which one is chosen: of two the difference says it all."""


def best_of(experiment: Experiment) -> Selection | None:
    """Return the strategy with most live businesses; None of fewer than three, or of one run.

    The indifference zone is 1 % of the first strategy's level, below which a difference is of no consequence.
    """
    from ..scenarios.decisions.selection import best_of as select

    plan = experiment.plan
    if len(plan.keys) < FEWEST or len(experiment.runs) < 2:
        return None
    ends = experiment.ends([RANKED])
    level = ends.loc[ends["strategy"] == plan.keys[0], "value"].mean()
    return select(ends, RANKED, wording.NEGLIGIBLE * abs(float(level)))


def facts(best: Selection | None) -> dict[str, Any] | None:
    """Return the choice for programs: outcome, strategy, chance, zone, over, and a row per strategy."""
    if best is None:
        return None
    rows = best.table.to_dict(orient="records")
    about = {"outcome": RANKED, "strategy": best.best, "chance": best.chance, "zone": best.zone, "over": best.over}
    return about | {"table": rows}


def sentences(best: Selection | None, rows: pd.DataFrame, plan: Plan) -> tuple[str, ...]:
    """Say which strategy is best, how likely that is right, and how much of each difference is luck.

    Parameters
    ----------
    best : Selection or None
    rows : DataFrame
        As from `compare_rows`.
    plan : Plan
    """
    from ..scenarios.questions.reading import called as called_of

    called = called_of(plan)
    said = [] if best is None else [_best(best, called)]
    mine = rows[rows["outcome"] == RANKED] if "difference" in rows else rows.iloc[:0]
    return (*said, *([_luck(mine, called)] if len(mine) else []))


def _best(best: Selection, called: dict[str, str]) -> str:
    rows = best.table
    first = rows.iloc[0]
    zone = wording.number(best.zone, wording.significant(best.zone, 2))
    said = _(
        "Best of {count} in {outcome}: {strategy}.",
        count=wording.number(len(rows)), outcome=wording.label(RANKED).lower(), strategy=quoted(called[best.best]),
    )  # fmt: skip
    tied = [called[row.strategy] for row in rows.iloc[1:].itertuples() if row.rank_low == 1]
    if tied:
        names = wording.listed([quoted(name) for name in tied])
        said += " " + _("With 95 % confidence first place may also belong to {strategies}.", strategies=names)
    elif int(first["rank_high"]) == 1:
        said += " " + _("With 95 % confidence it is first.")
    return said + " " + _(
        "To choose it is right with a chance of {chance}: that no other is better by more than {zone} projects, 1 % of "
        "the first strategy's level, which counts as no difference (chance of correct selection, indifference zone). "
        "Resampled over {over}.",
        chance=_sure(best.chance), zone=zone, over=_(best.over),
    )  # fmt: skip


def _sure(chance: float) -> str:
    """Write a chance from resamples, which never are all that there could be."""
    return _("more than {chance}", chance=wording.chance(0.99)) if chance > 0.99 else wording.chance(chance)


def _luck(rows: pd.DataFrame, called: dict[str, str]) -> str:
    """Say which part of the variance between runs of a difference is luck."""
    what = wording.label(RANKED).lower()
    known = [row for row in rows.itertuples() if math.isfinite(row.luck_share)]
    if not known:
        return _(
            "How much of the differences in {outcome} is luck cannot be told: it takes two replications of a draw.",
            outcome=what,
        )
    parts = [
        _(
            "{luck} luck and {ignorance} ignorance ({strategy})",
            luck=wording.chance(row.luck_share), ignorance=wording.chance(1 - row.luck_share),
            strategy=quoted(called[row.strategy]),
        )
        for row in known
    ]  # fmt: skip
    return _(
        "What makes the difference in {outcome} vary from run to run is {shares}: more replications average luck out, "
        "and only better evidence lessens ignorance.",
        outcome=what, shares=wording.listed(parts),
    )  # fmt: skip
