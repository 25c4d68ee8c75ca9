"""Pictures of how long projects last and how they end: curves, with how many they rest on beneath."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..scenarios.language import _, quoted
from ..scenarios.questions.lasting import CAUSES, COLUMNS, CURVES
from . import wording
from .answers import Figure
from .drawing import DASHES, INK, NARROW, PALETTE, QUIET, WIDE, canvas, grid, handle, legend_above, style, svg
from .figures import colours

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.questions.answer import Answer


def lasting_figures(answer: Answer, called: Mapping[str, str]) -> list[Figure]:
    """Return the pictures of an answer of `lasting`.

    Parameters
    ----------
    answer : Answer
    called : mapping of str
        What people call each strategy, by key, the baseline first.
    """
    table = answer.table(CURVES)
    named = {key: name for key, name in called.items() if key in set(table["strategy"])}
    survival = _(
        "Share of the projects begun in the plan that still trade, by age (Kaplan-Meier, mean over draws); the band "
        "holds the middle 90 % of the draws under {strategy}. Below, how many projects a run are still under "
        "observation: the curves rest on them.",
        strategy=quoted(next(iter(named.values()))),
    )
    endings = _(
        "Share of the projects that has ended in each way by each age, endings competing (Aalen-Johansen). White: "
        "still open."
    )
    cuts = (False, True)
    return [
        Figure(_("How long projects last"), survival, *(_survival(table, named, survival, cut) for cut in cuts)),
        Figure(_("How projects end"), endings, *(_endings(table, named, endings, cut) for cut in cuts)),
    ]


def _survival(table: pd.DataFrame, called: Mapping[str, str], words: str, narrow: bool) -> str:
    hues = colours(list(called), next(iter(called)) if len(called) > 1 else None)
    years = int(table["age"].max()) // 12
    shown = [year for year in range(years + 1) if years <= (5 if narrow else 10) or year % 2 == 0]
    with style():
        figure = canvas(NARROW if narrow else WIDE, 3.3 + 0.2 * len(called) + 0.17 * len(called) * narrow)
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 0.25 + 0.2 * len(called)))
        for place, key in enumerate(called):
            mine = table[table["strategy"] == key]
            age = mine["age"] / 12
            if place == 0:
                band = 100 * mine["low"], 100 * mine["high"]
                axes.fill_between(age, *band, step="post", color=hues[key], alpha=0.14, linewidth=0)
            dashes = (0, DASHES[place % len(DASHES)]) if place else "-"
            axes.step(age, 100 * mine["share"], where="post", color=hues[key], linewidth=1.8, linestyle=dashes)
        axes.set(ylim=(0, 101), xlim=(0, years))
        axes.set_ylabel(_("Still trading, %"), color=QUIET)
        grid(axes)
        marks = [handle(hues[key], None, DASHES[place % len(DASHES)]) for place, key in enumerate(called)]
        legend_above(figure, marks, list(called.values()), narrow)
        _risk(below, table, list(called), hues, shown)
        return svg(figure, "survival-narrow" if narrow else "survival", words)


def _risk(axes: Any, table: pd.DataFrame, keys: list[str], hues: Mapping[str, str], shown: list[int]) -> None:
    """Write how many projects a run are under observation at some ages, a line for each strategy."""
    for line, key in enumerate(keys):
        mine = table[table["strategy"] == key].set_index("age")["at_risk"]
        for place, year in enumerate(shown):
            text = wording.number(float(mine.get(12 * year, np.nan)))
            side = "left" if place == 0 else "right" if year == shown[-1] else "center"
            axes.text(year, line, text, color=hues[key], ha=side, va="center", fontsize=8.2)
    axes.set(ylim=(len(keys) - 0.4, -0.6), yticks=[], xticks=shown)
    axes.set_xlabel(_("Years since the opening"), color=QUIET)
    axes.spines[["left", "right", "top", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=0)
    axes.patch.set_alpha(0)


def _endings(table: pd.DataFrame, called: Mapping[str, str], words: str, narrow: bool) -> str:
    across = 1 if narrow else min(3, len(called))
    down = -(-len(called) // across)
    years = int(table["age"].max()) // 12
    with style():
        figure = canvas(NARROW if narrow else WIDE, 2.1 * down + 0.55 + 0.2 * narrow * len(CAUSES))
        panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, (key, name) in zip(panels, called.items(), strict=False):
            mine = table[(table["strategy"] == key) & table["share"].notna()]
            parts = [100 * mine[name] for name in COLUMNS.values()]
            axes.stackplot(mine["age"] / 12, parts, colors=PALETTE, alpha=0.85, linewidth=0)
            axes.set(ylim=(0, 100), xlim=(0, years))
            axes.set_title(textwrap.fill(name, 30), fontsize=9, color=INK)
            grid(axes)
        for axes in panels[len(called) :]:
            axes.set_axis_off()
        panels[0].set_ylabel(_("Ended, %"), color=QUIET)
        figure.supxlabel(_("Years since the opening"), color=QUIET, fontsize=9)
        marks = [handle(hue, "s") for hue in PALETTE[: len(CAUSES)]]
        legend_above(figure, marks, [_(each) for each in CAUSES.values()], narrow)
        return svg(figure, "endings-narrow" if narrow else "endings", words)
