"""How long projects last and how they end: survival and cumulative-incidence curves, with how many they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import UserError
from ...sim.kinds import Ending
from ...sim.survival import aalen_johansen, incidence_at, kaplan_meier, survival_at
from ..estimates import estimate
from ..experiment import Plan
from ..labels import percent
from ..language import _, later, many, quoted
from ..numbers import signed, span
from ..results import Experiment
from . import reading
from .answer import Answer, Table

Floats = NDArray[np.float64]

RUNS = 1000
"""Runs that are looked at unless others are asked for: some hundred thousand projects a strategy. The command's too."""
MARKS = (12, 36, 60)
"""Ages, in months of trade, of which the answer speaks."""
FAILED, FORCED, LEFT, JOB, COOPERATIVE = range(1, 6)
CAUSES = {
    FAILED: later("failed or ran out of capital"),
    FORCED: later("closed by force"),
    LEFT: later("owner left the country or moved away"),
    JOB: later("given up for paid work"),
    COOPERATIVE: later("joined a cooperative, or ended with one"),
}
COLUMNS = {
    FAILED: "failed",
    FORCED: "closed_by_force",
    LEFT: "owner_left",
    JOB: "took_a_job",
    COOPERATIVE: "to_cooperative",
}
"""What tables call each way to end, in the order of the causes."""
OF_ENDING = {
    Ending.OPEN: 0,
    Ending.FAILED: FAILED,
    Ending.INSOLVENT: FAILED,
    Ending.FORCED_CLOSURE: FORCED,
    Ending.OWNER_LEFT: LEFT,
    Ending.TOOK_JOB: JOB,
    Ending.JOINED_COOPERATIVE: COOPERATIVE,
    Ending.DISSOLVED: COOPERATIVE,
}
"""What an ending counts as; 0 for none."""
CURVES, AT_RISK, LASTING, ENDINGS = (
    later("Curves"), later("Under observation"), later("How long projects last"), later("How they end"),
)  # fmt: skip


@dataclass(frozen=True)
class Spells:
    """Projects begun in the plan, in the runs that are looked at.

    Attributes
    ----------
    table : DataFrame
        ``strategy, draw, replication, time, cause``: months traded, plus one where it ended, so that what ended after
        twelve months of trade had traded for twelve; how it ended, 0 where it was open at the end of the plan.
    runs : int
    """

    table: pd.DataFrame
    runs: int


def spells_in(found: Experiment, most: int) -> Spells:
    """Return the projects of some runs of a plan, a row each: the first replication of every draw, then the second."""
    kept = found.spells(most)
    kinds = np.array([OF_ENDING[Ending(ending)] for ending in range(len(Ending))])
    cause = kinds[kept["ending"]]
    each = kept.assign(time=kept["months"] + (cause > 0), cause=cause)
    table = each.loc[each.index.repeat(each["projects"]), ["strategy", "draw", "replication", "time", "cause"]]
    return Spells(table.reset_index(drop=True), min(most, len(found.runs)))


def curves(spells: Spells, keys: Sequence[str], months: int) -> pd.DataFrame:
    """Return the curves of each strategy over age, month by month.

    Returns
    -------
    DataFrame
        ``strategy, age, at_risk, share, low, high`` and those of `COLUMNS`: projects a run under observation just
        before that age; of the share that still trades after it (Kaplan-Meier) the mean over draws, as of all levels,
        and the middle 90 % of them; the share that has ended in each way (Aalen-Johansen), the mean too. NaN where
        fewer than half of the draws have anybody under observation.
    """
    ages = np.arange(months + 1, dtype=np.float64)
    parts = []
    for key in keys:
        mine = spells.table[spells.table["strategy"] == key]
        if not len(mine):
            continue
        of_draws = [_ended(draw, ages) for _draw, draw in mine.groupby("draw")]
        still, ended = (np.array(each) for each in zip(*of_draws, strict=True))
        there = np.sum(~np.isnan(still), axis=0)
        known, several = there >= len(still) / 2, there >= max(2, len(still) / 2)
        share, low, high = np.full((3, len(ages)), np.nan)
        ways = np.full((len(ages), len(COLUMNS)), np.nan)
        share[known], ways[known] = np.nanmean(still[:, known], axis=0), np.nanmean(ended[:, known], axis=0)
        if several.any():
            low[several], high[several] = np.nanquantile(still[:, several], (0.05, 0.95), axis=0)
        at_risk = (mine["time"].to_numpy(np.float64)[:, None] >= ages).sum(axis=0) / spells.runs
        table = {"strategy": key, "age": ages.astype(int), "at_risk": at_risk, "share": share, "low": low, "high": high}
        parts.append(pd.DataFrame(table | dict(zip(COLUMNS.values(), ways.T, strict=True))))
    return pd.concat(parts, ignore_index=True)


def _ended(spells: pd.DataFrame, ages: Floats) -> tuple[Floats, Floats]:
    """Return the share that still trades after each age, and by age the share that has ended in each way."""
    times, causes = spells["time"].to_numpy(np.float64), spells["cause"].to_numpy()
    found = aalen_johansen(np.zeros(len(times)), times, causes, causes=list(CAUSES))
    return survival_at(found, ages), incidence_at(found, ages)


def _survival(spells: pd.DataFrame, ages: Floats) -> Floats:
    """Return the share that still trades after each age."""
    times = spells["time"].to_numpy(np.float64)
    return survival_at(kaplan_meier(np.zeros(len(times)), times, spells["cause"].to_numpy() > 0), ages)


def lasting(found: Experiment, most: int = RUNS) -> Answer:
    """Say how long the projects of a study last under each strategy, and how they end.

    Parameters
    ----------
    found : Experiment
        What came out of the study.
    most : int
        Runs to look at, at most.

    Raises
    ------
    UserError
        If that is below 1, no strategy begins a project, the study is of a version that kept no ages, or a chunk of it
        is damaged.
    """
    if most < 1:
        raise UserError("--runs: found {most}, accepted a whole number from 1 on", most=most)
    plan, spells = found.plan, spells_in(found, most)
    if spells.table.empty:
        raise UserError("STUDY: found no strategy that begins a project in the plan; accepted: one that does")
    drawn = curves(spells, plan.keys, 12 * plan.years)
    marks = [age for age in MARKS if age < 12 * plan.years] or [6]
    table = _at_marks(spells, drawn, plan.keys, marks)
    endings = _endings(drawn, marks)
    told, names = reading.called(plan), reading.named(plan)

    def named(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(strategy=rows["strategy"].map(names))

    return Answer(
        _("How long do projects last, and how do they end?"),
        _sentence(table, plan.keys, told, marks[min(1, len(marks) - 1)]),
        {"runs": spells.runs, "projects": len(spells.table), "rows": table.to_dict("records")},
        (
            Table(LASTING, _meaning(plan), named(_in_percent(table))),
            Table(ENDINGS, _("Per cent that has ended in each way by that age, endings competing (Aalen-Johansen): "
                             "with those still open they make 100 %."), named(_in_percent(endings))),
            Table(AT_RISK, _("Projects a run that are still under observation at each year of age: the curves rest on "
                             "them. They are fewer later, since most projects are younger when the plan ends."),
                  named(_at_risk(drawn))),
            Table(CURVES, _("The curves, month by month of age."), drawn, long=True),
        ),
        (_rests(spells, found.fingerprint),),
        (
            _("Survival is not impact: nothing here says how the same people would live had there been no programme."),
            _("A project given up for paid work, or whose owner was resettled, has not failed: see how they end."),
            *reading.few(plan),
        ),
    )  # fmt: skip


def _meaning(plan: Plan) -> str:
    return _(
        "Per cent of the projects begun in the plan that still trade after so many months (Kaplan-Meier, mean over "
        "draws), with the middle 90 % of the draws; then the mean paired difference from {strategy} in points, with "
        "its 95 % interval over draws.",
        strategy=quoted(reading.called(plan)[plan.keys[0]]),
    )


def _at_marks(spells: Spells, drawn: pd.DataFrame, keys: Sequence[str], marks: Sequence[int]) -> pd.DataFrame:
    """Return ``strategy, months, at_risk, share, low, high, difference, difference_low, difference_high`` by age."""
    ages = np.array(marks, dtype=np.float64)
    by_draw = {
        key: pd.DataFrame({draw: _survival(mine, ages) for draw, mine in table.groupby("draw")}).T
        for key, table in spells.table.groupby("strategy", sort=False)
    }
    rows = []
    for key in keys:
        for place, age in enumerate(marks):
            mine = drawn[(drawn["strategy"] == key) & (drawn["age"] == age)]
            if mine.empty:
                continue
            row = mine.iloc[0]
            found = estimate(np.array([[np.nan]]))
            if key != keys[0] and keys[0] in by_draw:
                found = estimate((by_draw[key][place] - by_draw[keys[0]][place]).to_numpy()[:, None], (-1.0, 1.0))
            level = (row["at_risk"], row["share"], row["low"], row["high"])
            rows.append((key, age, *level, found.mean, found.low, found.high))
    names = ("strategy", "months", "at_risk", "share", "low", "high", "difference", "difference_low", "difference_high")
    return pd.DataFrame(rows, columns=names)


def _in_percent(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose shares and differences of shares are in per cent."""
    shares = [name for name in table.columns if name not in ("strategy", "months", "at_risk")]
    return table.assign(**{name: (100 * table[name]).round(2) for name in shares})


def _endings(drawn: pd.DataFrame, marks: Sequence[int]) -> pd.DataFrame:
    """Return ``strategy, months`` and the share that has ended in each way by that age."""
    mine = drawn[drawn["age"].isin(marks)].rename(columns={"age": "months"})
    return mine[["strategy", "months", *COLUMNS.values()]].reset_index(drop=True)


def _at_risk(drawn: pd.DataFrame) -> pd.DataFrame:
    """Return projects a run under observation, a row a strategy, a column a year of age."""
    years = drawn[drawn["age"] % 12 == 0].assign(years=lambda table: table["age"] // 12)
    wide = years.pivot(index="strategy", columns="years", values="at_risk").round(1)
    wide.columns = [f"year {year}" for year in wide.columns]
    order = list(dict.fromkeys(drawn["strategy"]))
    return wide.loc[order].reset_index()


def _sentence(table: pd.DataFrame, keys: Sequence[str], told: dict[str, str], age: int) -> str:
    mine = table[table["months"] == age].set_index("strategy")
    parts = []
    for key in (key for key in keys if key in mine.index):
        row = mine.loc[key]
        share = percent(row["share"])
        if key == keys[0] or not np.isfinite(row["difference_low"]):
            parts.append(_("{share} % under {strategy}", share=share, strategy=quoted(told[key])))
            continue
        parts.append(
            _(
                "{share} % under {strategy} (difference {difference} points, 95 % interval {interval})",
                share=share, strategy=quoted(told[key]), difference=signed(100 * row["difference"], 1),
                interval=span(signed(100 * row["difference_low"], 1), signed(100 * row["difference_high"], 1)),
            )
        )  # fmt: skip
    return _(
        "Of the projects begun in the plan, after {age} there still trade: {parts}.",
        age=many("one month", "{n} months", age), parts=_("; ").join(parts),
    )  # fmt: skip


def _rests(spells: Spells, fingerprint: str) -> str:
    return _(
        "{runs} of study {study}: {projects}, followed to their end or to that of the plan.",
        runs=many("{n} run", "{n} runs", spells.runs), study=fingerprint[:12],
        projects=many("{n} project", "{n} projects", len(spells.table)),
    )  # fmt: skip
