"""The picture of an answer on robustness: what each strategy loses in each future, against the best there."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from ..scenarios.language import _, looked_up
from ..scenarios.questions.robust_words import BY_FUTURE
from .answers import Figure
from .drawing import INK, NARROW, WIDE, canvas, style, svg
from .wording import label, level, scale, shown_unit

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.questions.answer import Answer

DARK = 0.6
"""Part of the largest regret beyond which letters are white."""


def regret_pictures(answer: Answer) -> list[Figure]:
    """Return the picture of an answer on robustness."""
    return [regret_figure(answer.table(BY_FUTURE), str(answer.facts["outcome"]))]


def regret_figure(rows: pd.DataFrame, outcome: str) -> Figure:
    """Return a table of colours: a row per strategy and a column per future; on a phone the other way round.

    Parameters
    ----------
    rows : DataFrame
        ``strategy, future, value, regret``, strategies as people call them.
    outcome : str
    """
    from ..sim import OUTCOMES

    unit = OUTCOMES[outcome].unit
    said = shown_unit(unit, difference=True)
    wide = rows.pivot(index="strategy", columns="future", values="regret") * scale(unit)
    wide = wide.loc[list(dict.fromkeys(rows["strategy"])), list(dict.fromkeys(rows["future"]))]
    caption = _(
        "{outcome}: what is lost against the best strategy of each future ({unit}), mean over all draws. 0 is the best "
        "there; the darker, the more is lost.",
        outcome=label(outcome), unit=said,
    )  # fmt: skip
    return Figure(
        _("Regret by strategy and future ({unit})", unit=said),
        caption,
        _heat(wide, caption, "regret", WIDE),
        _heat(wide.T, caption, "regret-narrow", NARROW),
    )


def _heat(table: pd.DataFrame, words: str, name: str, width: float) -> str:
    """Draw a table whose cells are shaded by their numbers."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("regret", ["#f4f6f8", "#f3c9a5", "#c04f00", "#7a2f00"])
    most = float(np.nanmax(table.to_numpy()))
    upright = width == NARROW  # a phone has no room for names side by side
    across = 24 if upright else max(9, int(13 * width / (len(table.columns) + 2)))
    rows = [textwrap.fill(looked_up(str(each)), max(12, int(4 * width))) for each in table.index]
    heads = [textwrap.fill(looked_up(str(each)), across, break_long_words=False) for each in table.columns]
    lines = max(text.count("\n") + 1 for text in heads)
    above = 0.08 * min(24, max(map(len, heads))) if upright else 0.16 * lines
    tall = max(text.count("\n") + 1 for text in rows)
    with style():
        figure = canvas(width, 0.3 + above + (0.22 + 0.15 * tall) * len(rows))
        axes = figure.subplots()
        for row, values in enumerate(table.to_numpy()):
            for column, value in enumerate(values):
                part = value / most if most > 0 else 0.0
                edges = ([column - 0.48, column + 0.48], row - 0.46, row + 0.46)
                axes.fill_between(*edges, color=shades(part), linewidth=0)
                colour = "white" if part > DARK else INK
                axes.text(column, row, level(value, ""), ha="center", va="center", color=colour)
        axes.set(xlim=(-0.5, len(heads) - 0.5), ylim=(len(rows) - 0.5, -0.5))
        axes.set(xticks=range(len(heads)), yticks=range(len(rows)))
        axes.set_xticklabels(heads, color=INK, rotation=90 if upright else 0)
        axes.set_yticklabels(rows, color=INK)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.patch.set_alpha(0)
        return svg(figure, name, words)
