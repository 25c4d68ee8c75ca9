"""Figures of a size: the chance of meeting the targets by size; and of what moves an answer: a bar an assumption."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ..scenarios.language import ENGLISH, _, spoken, written
from .drawing import INK, NARROW, PALETTE, QUIET, RULE, WIDE, canvas, grid, numbered, read_along, style, svg

if TYPE_CHECKING:
    import pandas as pd

MOST_BARS = 15


def chance_figure(curve: pd.DataFrame, facts: dict[str, Any], unit: str, words: str, narrow: bool = False) -> str:
    """Draw the share of worlds that meet all targets by size, with its interval, the chance asked, and the answer.

    Parameters
    ----------
    curve : DataFrame
        ``size, share, low, high``.
    facts : mapping
        ``asked``, and ``reachable, answer, low, high`` of the size (None where there is none).
    unit, words : str
        Of sizes; what the figure shows, for those who cannot see it.
    narrow : bool
        Whether to cut it for a phone.
    """
    divisor, label = _measure(float(curve["size"].max()), unit)
    with style():
        figure = canvas(NARROW if narrow else WIDE, 3.2)
        axes = figure.subplots()
        at = curve["size"] / divisor
        if facts["reachable"] and facts["low"] is not None and facts["high"] is not None:
            axes.axvspan(facts["low"] / divisor, facts["high"] / divisor, color="#dfe5ea", linewidth=0)
            axes.axvline(facts["answer"] / divisor, color=INK, linewidth=1.2)
        axes.fill_between(at, curve["low"], curve["high"], color=PALETTE[0], alpha=0.18, linewidth=0)
        axes.plot(at, curve["share"], color=PALETTE[0], linewidth=1.8, marker="o", markersize=3.5)
        axes.axhline(facts["asked"], color=PALETTE[1], linewidth=1.1, linestyle=(0, (4, 3)))
        asked = _("{chance}% asked", chance=written(f"{100 * facts['asked']:.0f}"))
        axes.annotate(
            asked, (0, facts["asked"]), xycoords=("axes fraction", "data"),
            xytext=(3, 3), textcoords="offset points", ha="left", fontsize=8.5, color=PALETTE[1],
        )  # fmt: skip
        axes.set(ylim=(0, 1.02))
        axes.yaxis.set_major_formatter(lambda value, _place: _("{share}%", share=written(f"{100 * value:.0f}")))
        read_along(axes.xaxis)
        axes.set_xlabel(label, color=QUIET)
        axes.set_ylabel(textwrap.fill(_("Worlds that meet all targets"), 30), color=QUIET)
        grid(axes)
        return svg(figure, "chance-narrow" if narrow else "chance", words)


def _measure(most: float, unit: str) -> tuple[float, str]:
    """Return by what sizes are divided to be read easily, and their label."""
    here = _(unit)
    return (1e6, _("Million {unit}", unit=here)) if most >= 1e6 else (1.0, here[:1].upper() + here[1:])


def tornado_figure(table: pd.DataFrame, unit: str, words: str, narrow: bool = False) -> str:
    """Draw a bar for each of the assumptions that move an answer most, around its mean, and the floor of noise.

    Parameters
    ----------
    table : DataFrame
        From `decisions.tornado`, with ``words`` for each assumption.
    unit, words, narrow
        As in `chance_figure`.
    """
    rows = table.head(MOST_BARS).iloc[::-1].reset_index(drop=True)
    base, floor = float(rows["base"].iloc[0]), float(rows["floor"].iloc[0])
    with style():
        figure = canvas(NARROW if narrow else WIDE, 0.9 + 0.27 * len(rows))
        axes = figure.subplots()
        axes.axvspan(base - floor / 2, base + floor / 2, color="#e6e9ec", linewidth=0)
        for row in rows.itertuples():
            colour = PALETTE[0] if row.named else "#a4abb2"
            axes.barh(row.Index, row.high - row.low, left=row.low, height=0.62, color=colour)
            axes.plot(row.high, row.Index, marker=">" if row.high >= row.low else "<", color=INK, markersize=4)
        axes.axvline(base, color=INK, linewidth=1.0)
        axes.use_sticky_edges = False  # no bar ends at the very edge, where it would look cut
        short = narrow and spoken() is ENGLISH  # names of numbers are English
        names = rows["assumption"].str.replace("_", " ") if short else rows["words"]
        axes.set_xlabel("\n".join(textwrap.wrap(unit, 28 if narrow else 80)), color=QUIET)
        grid(axes)
        axes.grid(visible=False, axis="y")
        axes.grid(axis="x", color=RULE, linewidth=0.7)
        axes.locator_params(axis="x", nbins=4 if narrow else 7)
        numbered(axes)
        axes.set_yticks(range(len(rows)), [_cut(name, 26 if narrow else 60) for name in names], fontsize=8.0)
        return svg(figure, "tornado-narrow" if narrow else "tornado", words)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
