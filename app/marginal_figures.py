"""The picture of what money buys at the margin: two levers, by the value of the first."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ..scenarios.questions.marginal import GAINS
from . import wording
from .answers import Figure
from .drawing import DASHES, NARROW, PALETTE, QUIET, WIDE, canvas, grid, handle, style, svg

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.questions.answer import Answer

BESIDE = 0.02
"""Part of the axis by which the two levers' intervals at one value stand apart."""


def marginal_pictures(answer: Answer) -> list[Figure]:
    """Return what money buys in each lever, where there is any ratio."""
    rows, facts = answer.table(GAINS), answer.facts
    rows = rows[rows["per_100_000"].notna()]
    if rows.empty:
        return []
    levers = f"{facts['over']} and of {facts['against']}, by {facts['over']}"
    words = (
        f"{wording.label(facts['effect'])} that 100,000 MAD 2016 buy as a step more of {levers}; ratios of means with "
        "Fieller's 95 % intervals. Where there is no mark a step may cost nothing, and there is no ratio."
    )
    return [Figure("What 100,000 MAD more buy", words, *(_drawn(rows, facts, words, cut) for cut in (False, True)))]


def _drawn(rows: pd.DataFrame, facts: Any, words: str, narrow: bool) -> str:
    width = BESIDE * (facts["values"][-1] - facts["values"][0])
    with style():
        figure = canvas(NARROW if narrow else WIDE, 4.2)
        axes = figure.subplots()
        for place, name in enumerate((facts["over"], facts["against"])):
            mine, colour, dashes = rows[rows["more_of"] == name], PALETTE[place], DASHES[place]
            at = mine["at"] + width * (place - 0.5)
            line: Any = (0, dashes) if dashes else "-"
            axes.plot(at, mine["per_100_000"], "o", color=colour, linewidth=1.6, linestyle=line, markersize=5)
            axes.vlines(at, mine["low"], mine["high"], color=colour, linewidth=1.4, alpha=0.6)
        axes.axhline(0.0, color=QUIET, linewidth=0.8)
        axes.set_xticks(facts["values"][:-1], [f"{each:g}" for each in facts["values"][:-1]])
        axes.set_xlabel(f"{facts['over']} from which a step is taken", color=QUIET)
        label = f"{wording.label(facts['effect'])} per 100,000 MAD"
        axes.set_ylabel(textwrap.fill(label, 32), color=QUIET)
        grid(axes)
        marks = [handle(PALETTE[place], None, DASHES[place]) for place in range(2)]
        texts = [f"more of {facts['over']}", f"more of {facts['against']}"]
        figure.legend(marks, texts, loc="outside upper left", ncols=1 if narrow else 2, frameon=False)
        return svg(figure, "marginal-narrow" if narrow else "marginal", words)
