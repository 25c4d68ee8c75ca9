"""Figures of value for money: the cost-effectiveness plane, and which strategy to choose at which worth."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, later, looked_up, written
from ..scenarios.questions.purse import HOUSEHOLD
from ..scenarios.questions.value import CURVE, DRAWS
from ..scenarios.questions.valued import unit_said
from .answers import Figure
from .drawing import DASHES, INK, NARROW, PALETTE, QUIET, WIDE, canvas, grid, handle, legend_above, numbered, style, svg

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.questions.answer import Answer

MONEY = later("MAD 2016")
MARKERS = ("o", "s", "^", "D", "v", "P")


def value_pictures(answer: Answer) -> list[Figure]:
    """Return the plane and the acceptability curves of an answer on value for money; none of what households get."""
    facts = answer.facts
    if facts["perspective"] == HOUSEHOLD:
        return []
    return [_plane_of(answer.table(DRAWS), facts), _acceptability_of(answer.table(CURVE), facts)]


def _plane_of(rows: pd.DataFrame, facts: Any) -> Figure:
    words = _(
        "Each dot is a draw of the numbers nobody knows exactly: how many more of '{unit}' a strategy gives than the "
        "first one, and what it costs more. Large dots are means.",
        unit=unit_said(facts["effect"]),
    )
    if facts["worth"] is not None:
        worth = _worth(facts)
        words += " " + _("Below the slanted line a strategy earns its money where one is worth {worth}.", worth=worth)
    return Figure(_("Cost-effectiveness plane"), words, *(_plane(rows, facts, words, cut) for cut in (False, True)))


def _plane(rows: pd.DataFrame, facts: Any, words: str, narrow: bool) -> str:
    names = list(dict.fromkeys(rows["strategy"]))
    divisor, money = _measure(rows["extra_cost"].abs().max())
    with style():
        figure = canvas(NARROW if narrow else WIDE, 4.2 + 0.18 * len(names) * narrow)
        axes = figure.subplots()
        axes.axhline(0.0, color=QUIET, linewidth=0.8)
        axes.axvline(0.0, color=QUIET, linewidth=0.8)
        for place, name in enumerate(names, 1):  # 0 is the first strategy's look
            mine, (colour, marker, _dashes) = rows[rows["strategy"] == name], _look(place)
            look = {"color": colour, "marker": marker}
            axes.scatter(mine["extra_effect"], mine["extra_cost"] / divisor, s=9, alpha=0.35, linewidth=0, **look)
            middle = mine["extra_effect"].mean(), mine["extra_cost"].mean() / divisor
            axes.scatter(*middle, s=70, edgecolor="white", linewidth=1.2, zorder=3, **look)
        if facts["worth"] is not None:
            _line(axes, facts["worth"] / divisor)
        axes.set_xlabel(textwrap.fill(_("More of: {unit}", unit=unit_said(facts["effect"])), 40), color=QUIET)
        axes.set_ylabel(_("More cost, {unit}", unit=money), color=QUIET)
        grid(axes)
        numbered(axes)
        marks = [handle(colour, marker) for colour, marker, _dashes in map(_look, range(1, len(names) + 1))]
        if facts["worth"] is not None:
            marks.append(handle(INK, None, DASHES[1]))
            names.append(_("worth {worth} each", worth=_worth(facts)))
        legend_above(figure, marks, [looked_up(name) for name in names], narrow)
        return svg(figure, "plane-narrow" if narrow else "plane", words)


def _worth(facts: Any) -> str:
    """Return what a unit is worth, with its money."""
    worth = written(f"{facts['worth']:,.0f}")
    return f"{worth} {_(MONEY)}"


def _look(place: int) -> tuple[str, str, Any]:
    """Return colour, marker and dashes of a strategy by its place: none has those of another."""
    turn, colours = divmod(place, len(PALETTE))
    return PALETTE[colours], MARKERS[turn % len(MARKERS)], DASHES[(colours + turn) % len(DASHES)]


def _line(axes: Any, slope: float) -> None:
    """Draw the line on which a strategy just earns its money, within what is seen."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    ends = [left, right] if slope == 0 else sorted([max(left, min(low, high) / slope), min(right, high / slope)])
    axes.plot(ends, [slope * end for end in ends], color=INK, linewidth=1.1, linestyle=(0, DASHES[1]))
    axes.set(xlim=(left, right), ylim=(low, high))


def _acceptability_of(curve: pd.DataFrame, facts: Any) -> Figure:
    words = _(
        "By what a {unit} is worth, the share of draws in which each strategy is the best, thick where it is the one "
        "to choose (best on average); below, what choosing it loses on average against the best of each draw. Luck is "
        "taken out of the draws' means first.",
        unit=unit_said(facts["effect"]),
    )
    if facts["worth"] is not None:
        words += " " + _("The upright line is at {worth}.", worth=_worth(facts))
    title = _("Which to choose, by what a unit is worth")
    return Figure(title, words, *(_acceptability(curve, facts, words, cut) for cut in (False, True)))


def _acceptability(curve: pd.DataFrame, facts: Any, words: str, narrow: bool) -> str:
    names = list(dict.fromkeys(curve["strategy"]))
    across, worth_in = _measure(curve["worth"].max())
    down, loss_in = _measure(curve["expected_loss"].max())
    with style():
        figure = canvas(NARROW if narrow else WIDE, 5.2 + 0.18 * len(names) * narrow)
        above, below = figure.subplots(2, sharex=True)
        for place, name in enumerate(names):
            mine, (colour, _marker, dashes) = curve[curve["strategy"] == name], _look(place)
            at = mine["worth"] / across
            line = {"color": colour, "linestyle": (0, dashes) if dashes else "-"}
            above.plot(at, mine["chance_best"], linewidth=1.3, **line)
            chosen = mine["chance_best"].where(mine["on_frontier"])
            above.plot(at, chosen, color=colour, linewidth=4.0, alpha=0.45, solid_capstyle="butt")
            below.plot(at, mine["expected_loss"] / down, linewidth=1.3, **line)
        for axes in (above, below):
            if facts["worth"] is not None:
                axes.axvline(facts["worth"] / across, color=INK, linewidth=0.9)
            grid(axes)
        above.set(ylim=(0, 1.02))
        above.yaxis.set_major_formatter(lambda value, _place: f"{value:.0%}")
        above.set_ylabel(textwrap.fill(_("Draws in which it is best"), 30), color=QUIET)
        below.set_ylim(bottom=0)
        below.set_ylabel(textwrap.fill(_("Expected loss, {unit}", unit=loss_in), 26), color=QUIET)
        across_words = _("What a {effect} is worth, {unit}", effect=unit_said(facts["effect"]), unit=worth_in)
        below.set_xlabel(textwrap.fill(across_words, 44 if narrow else 90), color=QUIET)
        numbered(below)
        marks = [handle(colour, None, dashes) for colour, _marker, dashes in map(_look, range(len(names)))]
        legend_above(figure, marks, [looked_up(name) for name in names], narrow)
        return svg(figure, "acceptability-narrow" if narrow else "acceptability", words)


def _measure(most: float) -> tuple[float, str]:
    """Return by what money is divided to be read easily, and the unit then."""
    if most >= 2e6:
        return 1e6, _("million MAD 2016")
    return (1e3, _("thousand MAD 2016")) if most >= 2e3 else (1.0, _(MONEY))
