"""Whose money is counted and at what rate, and what each strategy costs from every perspective."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ...sim import UserError
from ...sim.strategy_words import did_you_mean
from ..contrast import compare_rows, run_rows
from ..decisions.costs import PERSPECTIVES
from ..results import Experiment
from . import reading
from .answer import Answer, Table
from .valued import COST, Floats, costs_of, tidy

MAD = "MAD 2016"
HOUSEHOLD = "household"
WHOSE = "Whose money"
HIGHEST_RATE, MOST_WORTH = 0.5, 1e9


@dataclass(frozen=True)
class Purse:
    """How money is counted.

    Attributes
    ----------
    perspective : str
        Whose money: a name in `decisions.costs.PERSPECTIVES`.
    rate : float
        At which later money, and later years at work, count less; per year.
    worth : float, optional
        MAD 2016 that a unit of the effect is worth to who asks: only then a choice is made.

    Raises
    ------
    UserError
        If there is no such perspective, or a number is none that money can have.
    """

    perspective: str = "programme"
    rate: float = 0.03
    worth: float | None = None

    def __post_init__(self) -> None:
        if self.perspective not in PERSPECTIVES:
            near = did_you_mean(self.perspective, PERSPECTIVES)
            found = f"--perspective: found {self.perspective!r}, accepted {', '.join(PERSPECTIVES)}"
            raise UserError(f"{found}; {near}" if near else found)
        if not 0.0 <= self.rate <= HIGHEST_RATE:
            raise UserError(f"--discount: found {self.rate:g}, accepted a rate from 0 to {HIGHEST_RATE:g}, as 0.03")
        if self.worth is not None and not 0.0 < self.worth <= MOST_WORTH:
            raise UserError(f"--worth: found {self.worth:g}, accepted MAD above 0, to {MOST_WORTH:,.0f}")

    @property
    def in_words(self) -> str:
        """What is counted, and what it is worth when."""
        return (
            f"{PERSPECTIVES[self.perspective].meaning}; worth at the start of the plan at {100 * self.rate:g} % a year"
        )


def whose_money(found: Experiment, costs: Mapping[str, Floats]) -> pd.DataFrame:
    """Return what each strategy costs from every perspective, and what it costs more than the first.

    ``perspective, strategy, mean, low, high, more, more_low, more_high``: MAD 2016, below zero is money received.
    """
    first, parts = next(iter(reading.called(found.plan).values())), []
    for name, values in costs.items():
        ends = tidy(found, COST, values)
        levels = run_rows(ends, {COST: MAD})[["strategy", "mean", "low", "high"]]
        more = compare_rows(ends, first, {COST: MAD})[["strategy", "difference", "low", "high"]]
        more = more.set_axis(["strategy", "more", "more_low", "more_high"], axis=1)
        parts.append(levels.merge(more, on="strategy", how="left").assign(perspective=name))
    columns = ["perspective", "strategy", "mean", "low", "high", "more", "more_low", "more_high"]
    return pd.concat(parts, ignore_index=True)[columns]


def whose_table(table: pd.DataFrame, purse: Purse) -> Table:
    """Return it as a table of an answer, the perspectives in words."""
    said = "; ".join(f"{name}: {each.meaning[0].lower()}{each.meaning[1:]}" for name, each in PERSPECTIVES.items())
    how = f"{MAD}, worth at the start of the plan at {100 * purse.rate:g} % a year, with 95 % intervals over draws"
    return Table(WHOSE, f"{how}; more: than under the first. {said}.", table)


def received(found: Experiment, purse: Purse) -> Answer:
    """Say what households get: to them the money is no cost, so nothing is bought with it."""
    table = whose_money(found, costs_of(found, purse.rate))
    mine = table[table["perspective"] == HOUSEHOLD]
    first = str(mine["strategy"].iloc[0])
    got = {
        row.strategy: (f"{reading.amount(-row.mean)} ({reading.amount(-row.high)} to {reading.amount(-row.low)})")
        for row in mine.itertuples()
    }
    more = [
        f"under '{row.strategy}' {got[row.strategy]}, {reading.signed_amount(-row.more)} "
        f"({reading.signed_amount(-row.more_high)} to {reading.signed_amount(-row.more_low)}) against the first"
        for row in mine.iloc[1:].itertuples()
    ]
    return Answer(
        "What do households get in hand?",
        f"Under '{first}' households get {got[first]} {MAD} in grants and aid over the plan; {'; '.join(more)}.",
        {
            "perspective": HOUSEHOLD,
            "discount_rate": purse.rate,
            "received": {row.strategy: [-row.mean, -row.high, -row.low] for row in mine.itertuples()},
        },
        (whose_table(table, purse),),
        (reading.luck(found.plan), f"Money: {purse.in_words}.", f"Budget: {found.plan.budget}."),
        (
            "To households the money is income, so there is no cost per unit of it; what they pay and earn themselves "
            "is in no ledger (see income served, self-reliant households in idmaj compare).",
            *reading.few(found.plan),
        ),
        (found,),
    )
