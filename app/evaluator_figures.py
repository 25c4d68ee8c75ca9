"""Pictures of the evaluators' answers: ranges in rows, gains and losses, and two lives beside each other."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, written
from .answers import Figure
from .drawing import DASHES, INK, NARROW, PALETTE, QUIET, RULE, WIDE, canvas, grid, handle, read_along, style, svg, tick

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 16
"""Rows that a picture shows; the table beside it has all."""
LINE = 0.2
"""Inches that a row takes for each of its marks."""


def ranges(
    rows: pd.DataFrame, title: str, caption: str, axis: str, name: str, marks: Mapping[str, float] | None = None
) -> Figure:
    """Return a picture of ranges, a row for each label.

    Parameters
    ----------
    rows : DataFrame
        ``label, value, low, high`` and, if any, ``series`` (drawn side by side) and ``least, most`` (thin lines).
    title, caption : str
        The caption also serves those who cannot see the picture.
    axis : str
        What is measured, with its unit.
    name : str
        Of the picture, for the ids within it.
    marks : mapping of float, optional
        Vertical lines, by their words.
    """
    cuts = [_ranges(rows, axis, f"{name}{cut}", caption, marks or {}, cut != "") for cut in ("", "-narrow")]
    return Figure(title, caption, *cuts)


def _ranges(
    rows: pd.DataFrame,
    axis: str,
    name: str,
    words: str,
    marks: Mapping[str, float],
    narrow: bool,
) -> str:
    labels = list(dict.fromkeys(rows["label"]))[:MOST_ROWS]
    series = list(dict.fromkeys(rows["series"])) if "series" in rows else [""]
    step = max(1.2, 0.35 + 0.45 * len(series))
    width = 22 if narrow else 46
    wrapped = [textwrap.fill(label, width) for label in labels]
    legend = [each for each in series if each]
    with style():
        height = 0.75 + LINE * step * len(labels) + 0.12 * sum(text.count("\n") for text in wrapped)
        above = 0.2 * len(legend) + 0.2 * len(marks)
        figure = canvas(NARROW if narrow else WIDE, height + above)
        axes = figure.subplots()
        for place, each in enumerate(series):
            mine = rows[rows["series"] == each] if each else rows
            mine = mine[mine["label"].isin(labels)]
            shift = (place - (len(series) - 1) / 2) * 0.8 / len(series)
            at = [labels.index(label) + shift for label in mine["label"]]
            colour = PALETTE[place % len(PALETTE)]
            if "least" in mine:
                axes.hlines(at, mine["least"], mine["most"], color=colour, linewidth=1.1, alpha=0.75)
            axes.hlines(at, mine["low"], mine["high"], color=colour, linewidth=4.2, capstyle="butt", alpha=0.85)
            axes.scatter(mine["value"], at, c=colour, s=26, edgecolor="white", linewidth=0.7, zorder=3)
        lines = []
        for place, (words_of, value) in enumerate(marks.items()):
            dashes = (0, DASHES[place % 3]) if place % 3 else "-"
            axes.axvline(value, color=INK, linewidth=1.0, linestyle=dashes, zorder=1)
            lines.append((handle(INK, None, DASHES[place % 3]), words_of))
        axes.set(ylim=(len(labels) - 0.4, -0.6), yticks=range(len(labels)))
        axes.set_yticklabels(wrapped, color=INK)
        axes.set_xlabel(textwrap.fill(axis, 40 if narrow else 90), color=QUIET)
        _quiet(axes, narrow)
        marked = [(handle(PALETTE[k % len(PALETTE)], "o"), text) for k, text in enumerate(legend)] + lines
        _legend(figure, marked, narrow)
        return svg(figure, name, words)


def _quiet(axes: Any, narrow: bool) -> None:
    """Leave vertical lines only: values are read along them."""
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.grid(axis="x", color=RULE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=3 if narrow else 6)
    axes.xaxis.set_major_formatter(tick)
    axes.patch.set_alpha(0)


def _legend(figure: Any, marked: Sequence[tuple[Any, str]], narrow: bool) -> None:
    if marked:
        width = 44 if narrow else 100
        names = [textwrap.shorten(text, width, placeholder=" ...") for _mark, text in marked]
        marks = [mark for mark, _text in marked]
        figure.legend(marks, names, loc="outside upper left", frameon=False, handlelength=1.4)


def both_ways(rows: pd.DataFrame, title: str, caption: str, axis: str, name: str) -> Figure:
    """Return a picture of who gains and who loses: bars to both sides of zero, and their net as a point.

    Parameters
    ----------
    rows : DataFrame
        ``label, gain, lose, net, low, high``.
    """
    cuts = [_both_ways(rows, axis, f"{name}{cut}", caption, cut != "") for cut in ("", "-narrow")]
    return Figure(title, caption, *cuts)


def _both_ways(rows: pd.DataFrame, axis: str, name: str, words: str, narrow: bool) -> str:
    labels = [textwrap.fill(str(label), 20 if narrow else 40) for label in rows["label"]]
    with style():
        figure = canvas(NARROW if narrow else WIDE, 1.15 + 0.25 * len(labels))
        axes = figure.subplots()
        at = range(len(labels))
        axes.barh(at, rows["gain"], color=PALETTE[0], height=0.62, alpha=0.85)
        axes.barh(at, -rows["lose"], color=PALETTE[1], height=0.62, alpha=0.85)
        axes.hlines(at, rows["low"], rows["high"], color=INK, linewidth=1.6, zorder=3)
        axes.scatter(rows["net"], at, color="white", edgecolor=INK, s=24, linewidth=1.1, zorder=4)
        axes.axvline(0.0, color=INK, linewidth=0.9)
        axes.set(ylim=(len(labels) - 0.4, -0.6), yticks=list(at))
        axes.set_yticklabels(labels, color=INK)
        axes.set_xlabel(textwrap.fill(axis, 40 if narrow else 90), color=QUIET)
        _quiet(axes, narrow)
        axes.xaxis.set_major_formatter(lambda value, _place: written(f"{abs(value):,.10g}"))
        marked = [(handle(PALETTE[1], "s"), _("lose")), (handle(PALETTE[0], "s"), _("gain"))]
        marked += [(handle(INK, "o"), _("net, with 95 % interval"))]
        figure.legend([mark for mark, _text in marked], [text for _mark, text in marked], loc="outside upper left",
                      ncols=3, frameon=False, handlelength=1.2)  # fmt: skip
        return svg(figure, name, words)


def two_lives(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    events: Mapping[str, Sequence[tuple[float, float]]],
    parted: float | None,
    title: str,
    caption: str,
) -> Figure:
    """Return a picture of one person's monthly income under two strategies, with a dot where something happens.

    Parameters
    ----------
    lines : mapping
        Years and MAD a month, by what people call the strategy; what both share comes first.
    events : mapping
        Years and MAD of what happened, by the same names.
    parted : float, optional
        The year in which the strategies part.
    """
    cuts = [_two_lives(lines, events, parted, caption, cut) for cut in (False, True)]
    return Figure(title, caption, *cuts)


def _two_lives(lines: Any, events: Any, parted: float | None, words: str, narrow: bool) -> str:
    hues = [INK, *PALETTE] if len(lines) > 2 else list(PALETTE)
    with style():
        figure = canvas(NARROW if narrow else WIDE, 3.4)
        axes = figure.subplots()
        marked = []
        for place, (called, (years, values)) in enumerate(lines.items()):
            dashes = DASHES[max(0, place - (len(lines) > 2)) % 3]
            axes.step(years, values, where="post", color=hues[place], linewidth=1.5,
                      linestyle=(0, dashes) if dashes else "-", alpha=0.9)  # fmt: skip
            at = events.get(called, ())
            axes.scatter([x for x, _y in at], [y for _x, y in at], color=hues[place], s=20, zorder=3, edgecolor="white")
            marked.append((handle(hues[place], None, dashes), called))
        if parted is not None:
            axes.axvline(parted, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_ylabel(_("MAD 2016 a month"), color=QUIET)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(_whole_years(narrow))
        axes.xaxis.set_major_formatter(lambda value, _place: f"{value:.0f}")
        read_along(axes.yaxis)
        grid(axes)
        _legend(figure, marked, narrow)
        return svg(figure, "lives-narrow" if narrow else "lives", words)


def _whole_years(narrow: bool) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4 if narrow else 9, integer=True)
