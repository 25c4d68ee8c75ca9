"""The picture of markets that fill up: what sellers keep of their income, by size of the programme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, written
from ..scenarios.questions.market_runs import ALL, TRADES
from ..scenarios.questions.markets import SIZES
from . import wording
from .answers import Figure
from .drawing import DASHES, INK, NARROW, PALETTE, QUIET, WIDE, canvas, grid, handle, read_along, style, svg

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.questions.answer import Answer


def market_pictures(answer: Answer) -> list[Figure]:
    """Return what sellers keep by size, and how many projects open and live; the first only where sellers crowd."""
    rows, facts = answer.table(SIZES), answer.facts
    found = [_live_of(rows, facts)]
    return [_kept_of(rows, facts), *found] if rows["kept"].notna().any() else found


def _kept_of(rows: pd.DataFrame, facts: Any) -> Figure:
    words = _(
        "Share of an open market's income that financed sellers keep in the last month, by size of the programme: "
        "mean of the {crowded} draws with crowding, with 95 % intervals. A trade is saturated where its line falls "
        "below {limit}. In the {free} draws without crowding all keep 100 %. Lines that go on level: applicants have "
        "run out.",
        crowded=written(str(facts["draws_with_crowding"])), free=written(str(facts["draws_without_crowding"])),
        limit=written(f"{100 * (1 - facts['lost']):g}") + f"{wording.THIN}%",
    )  # fmt: skip
    cuts = [_kept(rows, facts, words, narrow) for narrow in (False, True)]
    return Figure(_("What sellers keep of their income"), words, *cuts)


def _kept(rows: pd.DataFrame, facts: Any, words: str, narrow: bool) -> str:
    limit = 100 * (1 - facts["lost"])
    with style():
        figure = canvas(NARROW if narrow else WIDE, 4.6 if narrow else 4.4)
        axes = figure.subplots()
        for place, trade in enumerate(TRADES):
            mine = rows[rows["trade"] == trade]
            # Intervals of five trades at one size stand beside each other, not on each other.
            at = mine["times"] * 1.025 ** (place - (len(TRADES) - 1) / 2)
            dashes, colour = DASHES[place], PALETTE[place]
            axes.plot(at, 100 * mine["kept"], color=colour, linewidth=1.8, linestyle=(0, dashes) if dashes else "-")
            axes.vlines(at, 100 * mine["kept_low"], 100 * mine["kept_high"], color=colour, linewidth=1.0, alpha=0.55)
        axes.axhline(limit, color=INK, linewidth=1.1, linestyle=(0, DASHES[2]))
        _sizes(axes, facts)
        read_along(axes.yaxis)
        axes.set_ylabel(_("Income kept, % of an open market's"), color=QUIET)
        axes.set_ylim(top=max(100.5, axes.get_ylim()[1]))
        grid(axes)
        marks = [handle(PALETTE[place], None, DASHES[place]) for place in range(len(TRADES))]
        marks.append(handle(INK, None, DASHES[2]))
        texts = [*(each[:1].upper() + each[1:] for each in map(_, TRADES)), _("saturated below")]
        figure.legend(marks, texts, loc="outside upper left", ncols=1 if narrow else 3, frameon=False)
        return svg(figure, "kept-narrow" if narrow else "kept", words)


def _live_of(rows: pd.DataFrame, facts: Any) -> Figure:
    words = _(
        "Projects opened during the plan, and financed projects open at its end, by size of the programme: means over "
        "all draws, with 95 % intervals. Where both lines go on level, applicants have run out."
    )
    return Figure(_("Projects opened and open"), words, *(_live(rows, facts, words, cut) for cut in (False, True)))


def _live(rows: pd.DataFrame, facts: Any, words: str, narrow: bool) -> str:
    mine = rows[rows["trade"] == ALL]
    with style():
        figure = canvas(NARROW if narrow else WIDE, 3.4)
        axes = figure.subplots()
        for place, name in enumerate(("opened", "live")):
            axes.plot(mine["times"], mine[name], color=PALETTE[place], linewidth=1.8, marker="o", markersize=4)
            low, high = mine[f"{name}_low"].clip(lower=0), mine[f"{name}_high"]
            axes.fill_between(mine["times"], low, high, color=PALETTE[place], alpha=0.15, linewidth=0)
        _sizes(axes, facts)
        axes.set_ylabel(_("Projects, all trades"), color=QUIET)
        axes.set_ylim(bottom=0)
        grid(axes)
        marks = [handle(PALETTE[0], None), handle(PALETTE[1], None)]
        texts = [_("opened during the plan"), _("open at its end")]
        figure.legend(marks, texts, loc="outside upper left", ncols=1 if narrow else 2, frameon=False)
        return svg(figure, "live-narrow" if narrow else "live", words)


def _sizes(axes: Any, facts: Any) -> None:
    """Lay out the sizes by ratio: from half to one is as far as from one to two."""
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(facts["times"], [written(f"{each:g}") for each in facts["times"]])
    axes.set_xlabel(_("Size of the programme, times that of the strategy"), color=QUIET)
