"""Pictures of an answer on equity: the equity-impact plane, the neediest at each stage, who gains and who loses."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, looked_up
from ..scenarios.questions.equity_words import BY_DRAW, CALLED, PLACES, PLANE, SHARES, words
from ..scenarios.questions.places import PLACE
from . import wording
from .answers import Figure
from .drawing import INK, NARROW, PALETTE, QUIET, RULE, WIDE, canvas, style, svg, tick
from .evaluator_figures import both_ways, ranges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from ..scenarios.questions.answer import Answer

MARKERS = ("o", "s", "^", "D", "v", "P")
MOST_DRAWN = 5
"""Strategies in a picture, beside the base; the tables have all."""
COLOURS = PALETTE[1:]
"""The first is the base's, in the other pictures; it has no mark in the plane."""
QUADRANTS = {
    "more effect, fairer": (1, 1),
    "more effect, less fair": (1, -1),
    "less effect, fairer": (-1, 1),
    "less effect, less fair": (-1, -1),
}
"""Where each quadrant lies: to the right or left, above or below."""
LINE, DIGITS = 0.16, 0.48
"""Inches that a line of text takes, and that a chance takes in it."""


def equity_pictures(answer: Answer) -> list[Figure]:
    """Return the plane, the neediest at each stage, and for each strategy who gains and who loses a place."""
    shares = answer.table(SHARES)
    shares = shares[shares["strategy"].isin(shares["strategy"].unique()[: MOST_DRAWN + 1])]  # and the base
    rows = shares.rename(columns={"stage": "label", "strategy": "series", "share": "value"})
    rows = rows.assign(**{name: 100 * rows[name] for name in ("value", "low", "high")})
    rows = rows.assign(**{name: rows[name].map(looked_up) for name in ("label", "series")})
    caption = _(
        "Share of the neediest fifth of each town's applicants among those who applied, were served and are still "
        "active, with 95 % intervals. Among those who applied it is near a fifth by construction."
    )
    axis = _("Share of the neediest (%)")
    stages = ranges(rows, _(SHARES), caption, axis, "stages", {_("a fifth"): 20.0})
    return [plane_picture(answer), stages, *_places(answer)]


def _places(answer: Answer) -> list[Figure]:
    """Return for each strategy who gains and who loses a place."""
    table = answer.table(PLACES)
    figures = []
    for number, (name, mine) in enumerate(table[table["what"] == PLACE].groupby("strategy", sort=False)):
        labels = [_("everybody") if each == "all" else _(each) for each in mine["need"]]
        told = mine.assign(label=labels, low=mine["net_low"], high=mine["net_high"])
        caption = _(
            "With “{strategy}” in place of the base: mean persons a run who gain a place (right) and who lose one "
            "(left), by need among the applicants of their town, and the net of both.",
            strategy=looked_up(name),
        )
        title = _("Whose places change: {strategy}", strategy=looked_up(name))
        figures.append(both_ways(told, title, caption, _("Persons a run"), f"gains-{number}"))
    return figures


def plane_picture(answer: Answer) -> Figure:
    """Return the equity-impact plane: a point per draw, the mean of each strategy, and the chance of each quadrant."""
    facts, draws = answer.facts, answer.table(BY_DRAW)
    effect, equity = words(facts["effect"]), words(facts["equity"])
    names = list(dict.fromkeys(draws["strategy"]))
    caption = _(
        "Change in {effect} (across) and in {equity} (up) against the base: a small point is a draw, the large mark "
        "the mean with its 95 % interval. In each corner stands the chance that a strategy lies there, in its colour "
        "and in the order of the legend; draws without a difference in one of the two lie in no corner.",
        effect=effect, equity=equity,
    )  # fmt: skip
    if len(names) > MOST_DRAWN:
        caption += " " + _("Of {count} strategies the first {drawn} are drawn.", count=len(names), drawn=MOST_DRAWN)
    shown = draws[draws["strategy"].isin(names[:MOST_DRAWN])]
    cuts = [plane_figure(shown, answer.table(PLANE), facts, caption, narrow) for narrow in (False, True)]
    return Figure(_(PLANE), caption, *cuts)


def plane_figure(
    draws: pd.DataFrame, quadrants: pd.DataFrame, facts: Mapping[str, Any], words_of: str, narrow: bool = False
) -> str:
    """Draw the plane.

    Parameters
    ----------
    draws : DataFrame
        ``strategy, effect, equity``: a row a draw, changes against the base.
    quadrants : DataFrame
        As `Found.plane`, strategies as people call them.
    facts : mapping
        ``effect, effect_unit, equity, equity_unit``.
    words_of : str
        What the figure shows, for those who cannot see it.
    narrow : bool
        Whether to cut it for a phone.
    """
    scales = [wording.scale(facts[unit]) for unit in ("effect_unit", "equity_unit")]
    names = list(dict.fromkeys(draws["strategy"]))
    width, height = (NARROW, 4.6) if narrow else (WIDE, 4.8)
    with style():
        figure = canvas(width, height + LINE * len(names))
        axes = figure.subplots()
        handles = []
        for place, name in enumerate(names):
            mark, colour = MARKERS[place % len(MARKERS)], COLOURS[place % len(COLOURS)]
            mine, mean = draws[draws["strategy"] == name], quadrants[quadrants["strategy"] == name].iloc[0]
            axes.scatter(scales[0] * mine["effect"], scales[1] * mine["equity"], s=9, color=colour, alpha=0.4,
                         marker=mark, linewidth=0, zorder=2)  # fmt: skip
            x, y = scales[0] * mean["effect"], scales[1] * mean["equity"]
            axes.hlines(y, scales[0] * mean["effect_low"], scales[0] * mean["effect_high"], color=colour, lw=1.6)
            axes.vlines(x, scales[1] * mean["equity_low"], scales[1] * mean["equity_high"], color=colour, lw=1.6)
            axes.plot([x], [y], mark, color=colour, markeredgecolor="white", markersize=8, zorder=4)
            handles.append(_mark(mark, colour))
        lines = _corner_lines(len(names), narrow)
        _room(axes, height, lines)
        axes.axhline(0.0, color=INK, linewidth=0.8, zorder=1)
        axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
        _corners(axes, quadrants, names, narrow)
        _axes(axes, facts, narrow)
        texts = [textwrap.shorten(looked_up(name), 44 if narrow else 90, placeholder=" ...") for name in names]
        figure.legend(handles, texts, loc="outside upper left", frameon=False, handlelength=1.0)
        return svg(figure, "plane-narrow" if narrow else "plane", words_of)


def _mark(marker: str, colour: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, marker=marker, markersize=7, linestyle="")


def _a_line(narrow: bool) -> int:
    """Return how many chances stand in one line of a corner."""
    return 3 if narrow else 6


def _corner_lines(strategies: int, narrow: bool) -> int:
    """Return how many lines a corner's text has: its name and the chances."""
    return 1 + -(-strategies // _a_line(narrow))


def _room(axes: Any, height: float, lines: int) -> None:
    """Centre the axes on zero, and leave bands for the corners' text above and below what is drawn."""
    box = axes.dataLim
    most = [max(abs(low), abs(high)) or 1.0 for low, high in ((box.x0, box.x1), (box.y0, box.y1))]
    band = (LINE * lines + 0.12) / (0.72 * height)  # part of the panel, which is less high than the figure
    axes.set_xlim(-1.08 * most[0], 1.08 * most[0])
    axes.set_ylim(-1.06 * most[1] / (1 - 2 * band), 1.06 * most[1] / (1 - 2 * band))


def _corners(axes: Any, quadrants: pd.DataFrame, names: Sequence[str], narrow: bool) -> None:
    """Write into each corner its name, and below it the chance of each strategy in its colour."""
    size = 72.0  # points an inch
    for quadrant, (right, above) in QUADRANTS.items():
        corner = (1.0 if right > 0 else 0.0, 1.0 if above > 0 else 0.0)
        side, many = ("right" if right > 0 else "left"), _corner_lines(len(names), narrow)
        first = -0.06 if above > 0 else LINE * many - 0.04
        axes.annotate(_(quadrant), corner, (-3 * right, size * first), xycoords="axes fraction",
                      textcoords="offset points", ha=side, va="top", fontsize=8.5, color=QUIET)  # fmt: skip
        chances = quadrants[quadrants["quadrant"] == quadrant].set_index("strategy")["chance"]
        for place, name in enumerate(names):
            line, column = divmod(place, _a_line(narrow))
            in_line = min(len(names) - line * _a_line(narrow), _a_line(narrow))
            at = DIGITS * (column if right < 0 else column - in_line + 1)
            axes.annotate(wording.chance(chances[name]), corner,
                          (size * at - 3 * right, size * (first - LINE * (line + 1))), xycoords="axes fraction",
                          textcoords="offset points", ha=side, va="top", fontsize=9, fontweight="bold",
                          color=COLOURS[place % len(COLOURS)])  # fmt: skip


def _axes(axes: Any, facts: Mapping[str, Any], narrow: bool) -> None:
    """Name the axes; no grid, which would cross the corners' text."""
    told = []
    for name in ("effect", "equity"):
        called, unit = words(facts[name]), facts[f"{name}_unit"]
        if unit == "index" or (unit != "share" and unit in CALLED.get(facts[name], "").split()):
            told.append(_("Change in {outcome}", outcome=called))
        else:
            unit = wording.shown_unit(unit, difference=True)
            told.append(_("Change in {outcome} ({unit})", outcome=called, unit=unit))
    axes.set_xlabel(textwrap.fill(told[0], 44 if narrow else 90), color=QUIET)
    axes.set_ylabel(textwrap.fill(told[1], 40), color=QUIET)
    axes.spines[["left", "right", "top", "bottom"]].set_color(RULE)
    axes.tick_params(length=0)
    axes.locator_params(axis="x", nbins=4 if narrow else 8)
    axes.locator_params(axis="y", nbins=6)
    axes.xaxis.set_major_formatter(tick)
    axes.yaxis.set_major_formatter(tick)
    axes.patch.set_alpha(0)
