"""Figures of a staffing and cash plan: what it spends on, year by year, and what is in the bank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..scenarios.language import ENGLISH, _, later, spoken
from .answers import Figure
from .drawing import NARROW, PALETTE, QUIET, WIDE, canvas, grid, handle, style, svg
from .figures import numbers
from .wording import capitalised

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.questions.answer import Answer

MONEY = later("million MAD 2016")
OTHERS = later("All other lines")
MOST_LINES = 7
"""Lines of spending that have a colour of their own; the rest is one."""


def plan_pictures(answer: Answer) -> list[Figure]:
    """Return what is spent on which line by year, and what is in the bank by month."""
    from ..scenarios.questions.budget_plan import BY_MONTH, LINE_MONTHS

    months = answer.table(BY_MONTH)
    lines = answer.table(LINE_MONTHS)
    spent = [_spending_of(lines)] if len(lines.columns) > 1 else []
    return [*spent, _bank_of(months[months["item"] == "bank"])]


def _spending_of(table: pd.DataFrame) -> Figure:
    words = _(
        "Spending by line and year of the plan, {money}, mean over runs; the largest line at the bottom.",
        money=_(MONEY),
    )
    return Figure(_("What the money is spent on"), words, *(_spending(table, words, cut) for cut in (False, True)))


def _spending(table: pd.DataFrame, words: str, narrow: bool) -> str:
    lines = table.drop(columns="month")
    yearly = lines.groupby(np.arange(len(lines)) // 12).sum() / 1e6
    order = list(yearly.sum().sort_values(ascending=False).index)
    shown = yearly[order[: MOST_LINES + (len(order) == MOST_LINES + 1)]]
    if len(order) > MOST_LINES + 1:
        shown = shown.assign(**{OTHERS: yearly[order[MOST_LINES:]].sum(axis=1)})
    colours = [*PALETTE, "#4d4d4d", "#a4abb2"]
    with style():
        figure = canvas(NARROW if narrow else WIDE, 3.4 + 0.17 * len(shown.columns) * narrow)
        axes = figure.subplots()
        below = np.zeros(len(shown))
        for place, name in enumerate(shown):
            axes.bar(shown.index + 1, shown[name], bottom=below, color=colours[place], width=0.72, linewidth=0)
            below += shown[name].to_numpy()
        axes.set_xlabel(_("Year of the plan"), color=QUIET)
        _money(axes)
        axes.xaxis.get_major_locator().set_params(integer=True)
        grid(axes)
        marks = [handle(colours[place], "s") for place in range(len(shown.columns))]
        names = [_(name) for name in shown]
        figure.legend(marks, names, loc="outside upper left", ncols=2 if narrow else 4, frameon=False)
        return svg(figure, "spending-narrow" if narrow else "spending", words)


def _money(axes: Any) -> None:
    """Say on the axis what is counted, in numbers as the reader writes them."""
    axes.set_ylabel(capitalised(_(MONEY)), color=QUIET)
    if spoken() is not ENGLISH:
        numbers(axes.yaxis)


def _bank_of(rows: pd.DataFrame) -> Figure:
    words = _(
        "In the bank at the end of each month, {money}: half of the runs stay below the line, 80 % in the band.",
        money=_(MONEY),
    )
    return Figure(_("What is in the bank"), words, *(_bank(rows, words, cut) for cut in (False, True)))


def _bank(rows: pd.DataFrame, words: str, narrow: bool) -> str:
    years = np.array([int(month[:4]) + (int(month[5:]) - 1) / 12 for month in rows["month"]])
    with style():
        figure = canvas(NARROW if narrow else WIDE, 2.8)
        axes = figure.subplots()
        axes.fill_between(years, rows["q10"] / 1e6, rows["q90"] / 1e6, color=PALETTE[0], alpha=0.2, linewidth=0)
        axes.plot(years, rows["q50"] / 1e6, color=PALETTE[0], linewidth=1.8)
        axes.set_ylim(bottom=min(0.0, float(rows["q10"].min()) / 1e6))
        _money(axes)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.locator_params(axis="x", nbins=4 if narrow else 8)
        grid(axes)
        return svg(figure, "bank-narrow" if narrow else "bank", words)
