"""The report's figures as SVG text: the same bytes for the same numbers, readable without colour vision.

Each figure comes in a wide and a narrow cut, so that its letters keep their size on a phone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, written
from .drawing import (
    BASELINE,
    DASHES,
    INK,
    NARROW,
    PALETTE,
    QUIET,
    WIDE,
    blank_sheet,
    canvas,
    grid,
    handle,
    style,
    svg,
)
from .wording import MINUS, label, scale, shown_unit

if TYPE_CHECKING:
    import pandas as pd

FIRST_YEAR = 2007
MARGIN = 0.17
"""Inches left free at either side of a panel."""
AIMS = {1: "{unit}, more is better", -1: "{unit}, less is better", 0: "{unit}"}
"""What stands under the name of an outcome, by whether more of it is better."""


def colours(strategies: Sequence[str], baseline: str | None) -> dict[str, str]:
    """Return a colour per strategy; the baseline is grey."""
    others = [name for name in strategies if name != baseline]
    found = {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(others)}
    return found | ({baseline: BASELINE} if baseline else {})


def fan_figure(
    monthly: pd.DataFrame,
    called: Mapping[str, str],
    baseline: str | None,
    outcome: str,
    marks: dict[str, int],
    words: str,
    narrow: bool = False,
) -> str:
    """Draw one monthly outcome over the years: the shared past, then each strategy, with 5-95 % fans.

    Parameters
    ----------
    monthly : DataFrame
        The monthly table of an experiment.
    called : mapping of str
        What people call each strategy, by key, in the order of the report.
    baseline : str or None
    outcome : str
        A column of the months.
    marks : dict
        Months to mark with a vertical line, by their words.
    words : str
        What the figure shows, for those who cannot see it.
    narrow : bool
        Whether to cut it for a phone.
    """
    import seaborn as sns

    chosen = monthly[(monthly["outcome"] == outcome) & (monthly["measure"] == "level")]
    chosen = chosen.assign(year=FIRST_YEAR + (chosen["month"] + 1) / 12)
    strategies = list(called)
    hues = colours(strategies, baseline) | {"past": INK}
    with style():
        figure = canvas(NARROW if narrow else WIDE, 3.4 if narrow else 3.9)
        axes = figure.subplots()
        tips = {}
        order = [name for name in ("past", *strategies) if (chosen["strategy"] == name).any()]
        for name in order:
            part = chosen[chosen["strategy"] == name]
            dashes = DASHES[strategies.index(name) % len(DASHES)] if name in strategies else ""
            if name in ("past", baseline) or baseline is None:
                axes.fill_between(part["year"], part["q05"], part["q95"], color=hues[name], alpha=0.13, linewidth=0)
            else:
                axes.plot(part["year"], part[["q05", "q95"]], color=hues[name], alpha=0.55, linewidth=0.8)
            if len(strategies) == 1 or name == "past":
                axes.fill_between(part["year"], part["q25"], part["q75"], color=hues[name], alpha=0.16, linewidth=0)
            sns.lineplot(
                data=part,
                x="year",
                y="mean",
                ax=axes,
                color=hues[name],
                linewidth=2.0,
                errorbar=None,
                dashes=False,
                linestyle=(0, dashes) if dashes else "-",
            )
            if name != "past":
                tips[name] = float(part["mean"].iloc[-1])
        axes.set(xlabel="", ylabel="", xlim=(chosen["year"].min(), chosen["year"].max()), ylim=(0, None))
        _mark(axes, marks)
        _ground(axes, narrow)
        if narrow:
            _legend_above(axes, called, hues)
        else:
            _tips(axes, tips, called, hues)
        return svg(figure, "fan-narrow" if narrow else "fan", words)


def differences_figure(
    rows: pd.DataFrame, called: Mapping[str, str], better: Mapping[str, int], words: str, narrow: bool = False
) -> str:
    """Draw the paired differences: a panel per outcome on its own axis, a row per strategy, a line at zero.

    Parameters
    ----------
    rows : DataFrame
        As from `compare_rows`.
    called : mapping of str
        What people call each strategy, by key.
    better : dict
        By outcome: 1 where more is better, -1 where less is, 0 where neither.
    words : str
        What the figure shows, for those who cannot see it.
    narrow : bool
        Whether to cut it for a phone.
    """
    outcomes, strategies = list(rows["outcome"].unique()), list(rows["strategy"].unique())
    hues = colours(strategies, None)
    across = 1 if narrow else 3
    width, panel = NARROW if narrow else WIDE, 0.72 + 0.2 * len(strategies)
    above = 0.18 + 0.19 * -(-len(strategies) // across)
    with style():
        figure, sheet = blank_sheet(width, above + panel * -(-len(outcomes) // across))
        for number, outcome in enumerate(outcomes):
            left, top = number % across * width / across + MARGIN, above + number // across * panel
            part = rows[rows["outcome"] == outcome]
            _panel(sheet, (left, top, width / across - 2 * MARGIN), part, strategies, hues, better.get(outcome, 0))
        figure.legend(
            [handle(hues[name], "o") for name in strategies],
            [called[name] for name in strategies],
            loc="upper left",
            ncols=across,
            frameon=False,
            handlelength=1.2,
            borderaxespad=0.1,
        )
        return svg(figure, "differences-narrow" if narrow else "differences", words)


def _panel(
    sheet: Any,
    where: tuple[float, float, float],
    rows: pd.DataFrame,
    strategies: list[str],
    hues: dict[str, str],
    better: int,
) -> None:
    """Draw one outcome at a place of the sheet (left, top, width): bars are 95 % intervals, lines the range over draws.

    Drawn on one sheet, since some thirty axes of matplotlib's take seconds to lay out.
    """
    left, top, width = where
    unit, outcome = str(rows["unit"].iloc[0]), str(rows["outcome"].iloc[0])
    values = rows[["difference", "low", "high", "spread_low", "spread_high"]] * scale(unit)
    reach = values.abs().max().max()
    reach = 1.15 * reach if reach > 0 else 1.0
    at = left + width * (0.5 + 0.5 * values / reach)
    colour = [hues[name] for name in rows["strategy"]]
    first, line = top + 0.5, top + 0.4 + 0.2 * len(strategies)
    place = [first + 0.2 * strategies.index(name) for name in rows["strategy"]]
    sheet.vlines(left + width / 2, first - 0.1, line, color=INK, linewidth=0.9)
    sheet.hlines(place, at["spread_low"], at["spread_high"], color=colour, linewidth=1.1, alpha=0.75)
    sheet.hlines(place, at["low"], at["high"], color=colour, linewidth=4.2, capstyle="butt")
    sheet.scatter(at["difference"], place, c=colour, s=26, edgecolor="white", linewidth=0.7, zorder=3)
    ticks = {tick: left + width * (0.5 + 0.5 * tick / reach) for tick in _ticks(reach)}
    sheet.hlines(line, left, left + width, color=QUIET, linewidth=0.7)
    sheet.vlines(list(ticks.values()), line, line + 0.05, color=QUIET, linewidth=0.7)
    for tick, spot in ticks.items():
        sheet.text(spot, line + 0.08, _tick(tick), color=QUIET, fontsize=8.5, va="top", ha="center")
    words = label(outcome)
    sheet.text(left, top + 0.19, words, fontsize=fitting(words, 9.5, width, 0.62), color=INK, fontweight="bold")
    under = _(AIMS[better], unit=shown_unit(unit, difference=True))
    sheet.text(left, top + 0.35, under, fontsize=fitting(under, 8.2, width, 0.58), color=QUIET)


def fitting(words: str, size: float, width: float, letter: float) -> float:
    """Return the size, at most `size`, at which words fit so many inches, a letter being so wide in its size."""
    return min(size, width * 72.0 / (letter * max(len(words), 1)))


def _ticks(reach: float) -> list[float]:
    """Return some three to five round numbers between a negative reach and the same positive one."""
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(-reach, reach).tolist()
    return [tick for tick in found if abs(tick) <= reach]


def _tick(value: float) -> str:
    """Write a tick: 12,000 as 12k, 3,400,000 as 3.4M, with a real minus sign."""
    size = abs(value)
    for limit, letter in ((1e6, "M"), (1e4, "k")):
        if size >= limit:
            text = f"{size / (1e3 if letter == 'k' else 1e6):g}{letter}"
            break
    else:
        text = f"{size:,.10g}"
    return written(text if size == 0 else (MINUS if value < 0 else "+") + text)


def numbers(axis: Any) -> None:
    """Write the numbers of an axis as the reader does."""
    axis.set_major_formatter(lambda value, _place: written(f"{value:,.10g}".replace("-", MINUS)))


def _ground(axes: Any, narrow: bool) -> None:
    """Put a tick at the start of whole years, as many as can be read, and quiet lines at round numbers."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=5 if narrow else 10, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _place: f"{value:.0f}")
    grid(axes)
    numbers(axes.yaxis)


def _mark(axes: Any, marks: dict[str, int]) -> None:
    """Draw a vertical line at each marked month, its words at the top, never two on the same height."""
    top = axes.get_ylim()[1]
    axes.set_ylim(0, top * 1.16)
    left, right = axes.get_xlim()
    for height, (words, month) in enumerate(sorted(marks.items(), key=lambda item: item[1])):
        year = FIRST_YEAR + month / 12
        if not left <= year <= right:
            continue
        flip = (year - left) / (right - left) > 0.6
        axes.axvline(year, color=QUIET, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        axes.annotate(
            words,
            (year, 1.0 - 0.065 * (height % 2)),
            xycoords=("data", "axes fraction"),
            fontsize=8.2,
            color=QUIET,
            xytext=(-4 if flip else 4, 0),
            textcoords="offset points",
            ha="right" if flip else "left",
            va="top",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )


def _tips(axes: Any, tips: Mapping[str, float], called: Mapping[str, str], hues: Mapping[str, str]) -> None:
    """Name each line at its end, moved apart where two ends are close."""
    low, high = axes.get_ylim()
    line = 0.046 * (high - low)
    words = {key: textwrap.fill(called[key], 21) for key in sorted(tips, key=lambda key: tips[key])}
    tall = {key: line * (text.count("\n") + 1) + 0.3 * line for key, text in words.items()}
    heights: dict[str, float] = {}
    top = -float("inf")
    for key in words:
        heights[key] = max(tips[key], top + tall[key] / 2)
        top = heights[key] + tall[key] / 2
    shift = sum(tips[key] - height for key, height in heights.items()) / max(len(tips), 1)
    for key, text in words.items():
        axes.annotate(
            text,
            (1.0, heights[key] + shift),
            xycoords=("axes fraction", "data"),
            xytext=(7, 0),
            textcoords="offset points",
            color=hues[key],
            va="center",
            ha="left",
            fontweight="bold",
            fontsize=8.6,
            linespacing=1.05,
        )


def _legend_above(axes: Any, called: Mapping[str, str], hues: dict[str, str]) -> None:
    handles = [handle(hues[name], None, DASHES[i % len(DASHES)]) for i, name in enumerate(called)]
    axes.figure.legend(
        handles,
        list(called.values()),
        loc="outside upper left",
        ncols=1,
        frameon=False,
        handlelength=2.4,
        borderaxespad=0.1,
    )
