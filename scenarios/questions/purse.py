"""Whose money is counted and at what rate, and what each strategy costs from every perspective."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ...sim import UserError
from ...sim.strategy_words import did_you_mean
from ..contrast import compare_rows, run_rows
from ..decisions.costs import PERSPECTIVES
from ..labels import cell
from ..language import _, later, looked_up, lowered, written
from ..numbers import span
from ..results import Experiment
from . import reading
from .answer import Answer, Table
from .valued import COST, Floats, costs_of, tidy

MAD = "MAD 2016"
HOUSEHOLD = "household"
WHOSE = later("Whose money")
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
            accepted = _("{text}; {hint}", text=", ".join(PERSPECTIVES), hint=near) if near else ", ".join(PERSPECTIVES)
            raise UserError(
                "--perspective: found {perspective!r}, accepted {accepted}",
                perspective=self.perspective,
                accepted=accepted,
            )
        if not 0.0 <= self.rate <= HIGHEST_RATE:
            raise UserError(
                "--discount: found {rate:g}, accepted a rate from 0 to {highest_rate:g}, as 0.03",
                rate=self.rate,
                highest_rate=HIGHEST_RATE,
            )
        if self.worth is not None and not 0.0 < self.worth <= MOST_WORTH:
            raise UserError(
                "--worth: found {worth:g}, accepted MAD above 0, to {most_worth:,.0f}",
                worth=self.worth,
                most_worth=MOST_WORTH,
            )

    @property
    def in_words(self) -> str:
        """What is counted, and what it is worth when."""
        return _(
            "{meaning}; worth at the start of the plan at {rate} % a year",
            meaning=_(PERSPECTIVES[self.perspective].meaning), rate=written(f"{100 * self.rate:g}"),
        )  # fmt: skip


def whose_money(found: Experiment, costs: Mapping[str, Floats]) -> pd.DataFrame:
    """Return what each strategy costs from every perspective, and what it costs more than the first.

    ``perspective, strategy, mean, low, high, more, more_low, more_high``: MAD 2016, below zero is money received.
    """
    first, parts = next(iter(reading.named(found.plan).values())), []
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
    said = _("; ").join(
        _("{name}: {value}", name=cell(name), value=lowered(_(each.meaning))) for name, each in PERSPECTIVES.items()
    )
    how = _(
        "{unit}, worth at the start of the plan at {rate} % a year, with 95 % intervals over draws; more: than under "
        "the first. {perspectives}.",
        unit=_(MAD), rate=written(f"{100 * purse.rate:g}"), perspectives=said,
    )  # fmt: skip
    return Table(WHOSE, how, table)


def received(found: Experiment, purse: Purse) -> Answer:
    """Say what households get: to them the money is no cost, so nothing is bought with it."""
    table = whose_money(found, costs_of(found, purse.rate))
    mine = table[table["perspective"] == HOUSEHOLD]
    first = str(mine["strategy"].iloc[0])
    got = {
        row.strategy: f"{reading.amount(-row.mean)} ({span(reading.amount(-row.high), reading.amount(-row.low))})"
        for row in mine.itertuples()
    }
    more = [
        _(
            "under '{strategy}' {amount}, {more} ({interval}) against the first",
            strategy=looked_up(row.strategy), amount=got[row.strategy], more=reading.signed_amount(-row.more),
            interval=span(reading.signed_amount(-row.more_high), reading.signed_amount(-row.more_low)),
        )
        for row in mine.iloc[1:].itertuples()
    ]  # fmt: skip
    return Answer(
        _("What do households get in hand?"),
        _(
            "Under '{strategy}' households get {amount} {unit} in grants and aid over the plan; {others}.",
            strategy=looked_up(first), amount=got[first], unit=_(MAD), others=_("; ").join(more),
        ),
        {
            "perspective": HOUSEHOLD,
            "discount_rate": purse.rate,
            "received": {row.strategy: [-row.mean, -row.high, -row.low] for row in mine.itertuples()},
        },
        (whose_table(table, purse),),
        (reading.luck(found.plan), _("Money: {whose}.", whose=purse.in_words), reading.budget(found.plan)),
        (
            _(
                "To households the money is income, so there is no cost per unit of it; what they pay and earn "
                "themselves is in no ledger (see income served, self-reliant households in idmaj compare)."
            ),
            *reading.few(found.plan),
        ),
        (found,),
    )  # fmt: skip
