"""Figures of a validation, from tidy tables: ranks, calibration, PIT, and survival with numbers at risk under it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, written
from .drawing import DASHES, INK, NARROW, PALETTE, QUIET, WIDE, canvas, grid, handle, numbered, style, svg
from .validation_words import in_words

if TYPE_CHECKING:
    import pandas as pd

BAND = "#dfe5ea"
GREYED = "#a4abb2"
"""Of a curve where it rests on few."""
FEW = 10
"""At risk: a curve with fewer is grey; with fewer than are shown at all (`privacy.LEAST`) it ends."""
YEAR = 12.0
LONG_TITLE = 26
"""Letters from which on the title of a panel is set smaller, or it would run into the next."""


def rank_figure(curves: pd.DataFrame, words: str, failing: Collection[str] = (), narrow: bool = False) -> str:
    """Draw by how much ranks differ from uniform ones, a panel a quantity, with the band that holds the whole curve.

    Parameters
    ----------
    curves : DataFrame
        As from `ecdf_differences`.
    words : str
        What the figure shows, for those who cannot see it.
    failing : collection of str
        Quantities that are marked as failing.
    narrow : bool
        Whether to cut it for a phone.
    """
    quantities = list(curves["quantity"].unique())
    across = min(1 if narrow else 3, len(quantities))
    down = -(-len(quantities) // across)
    reach = 1.1 * float(curves[["difference", "low", "high"]].abs().max().max())
    with style():
        figure = canvas(NARROW if narrow else WIDE, 0.35 + 1.75 * down)
        panels = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).ravel()
        for panel in panels[len(quantities) :]:
            panel.set_axis_off()
        for panel, quantity in zip(panels, quantities, strict=False):
            part = curves[curves["quantity"] == quantity]
            fails, called = quantity in failing, in_words(quantity)
            title = _("{quantity}: fails", quantity=called) if fails else called
            panel.fill_between(part["at"], part["low"], part["high"], step="mid", color=BAND, linewidth=0)
            panel.axhline(0.0, color=QUIET, linewidth=0.8)
            panel.step(part["at"], part["difference"], where="mid", color=PALETTE[fails], linewidth=1.6)
            panel.set_title(
                title,
                loc="left",
                fontsize=9.2 if len(title) <= LONG_TITLE else 7.4,
                color=PALETTE[1] if fails else INK,
                fontweight="bold",
            )
            panel.set(xlim=(0, 1), ylim=(-reach, reach), xticks=[0, 0.5, 1.0])
            panel.xaxis.set_tick_params(labelbottom=True)
            panel.xaxis.set_major_formatter(lambda value, _place: written(f"{value:g}"))
            numbered(panel)
            grid(panel)
        figure.supxlabel(_("Rank of the truth among posterior draws, 0 to 1"), fontsize=8.8, color=QUIET)
        figure.supylabel(_("Share of fits below, less uniform"), fontsize=8.8, color=QUIET)
        return svg(figure, "ranks-narrow" if narrow else "ranks", words)


def calibration_figure(table: pd.DataFrame, words: str, narrow: bool = False) -> str:
    """Draw what happened by what was forecast: points on the diagonal are as they should be.

    Parameters
    ----------
    table : DataFrame
        As from `reliability`.
    words, narrow
        As in `rank_figure`.
    """
    with style():
        figure = canvas(NARROW, 3.7)
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        axes.vlines(table["forecast"], table["low"], table["high"], color=PALETTE[0], linewidth=1.6, alpha=0.75)
        dots = {"color": PALETTE[0], "s": 26, "edgecolor": "white", "linewidth": 0.7, "zorder": 3}
        axes.scatter(table["forecast"], table["share"], **dots)
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.set_xlabel(_("Chance that was forecast"), color=QUIET)
        axes.set_ylabel(_("Share that happened, with 95 % interval"), color=QUIET)
        numbered(axes)
        grid(axes)
        return svg(figure, "calibration-narrow" if narrow else "calibration", words)


def pit_figure(table: pd.DataFrame, words: str, narrow: bool = False) -> str:
    """Draw the histogram of PIT values: level if forecasts are calibrated, a bowl if they are too sure of themselves.

    Parameters
    ----------
    table : DataFrame
        As from `pit_histogram`.
    words, narrow
        As in `rank_figure`.
    """
    with style():
        figure = canvas(NARROW if narrow else 0.62 * WIDE, 2.7)
        axes = figure.subplots()
        low, high, expected = (float(table[name].iloc[0]) for name in ("low", "high", "expected"))
        axes.fill_between([0, 1], low, high, color=BAND, linewidth=0, zorder=0)
        width = table["right"] - table["left"]
        axes.bar(table["left"], table["n"], width, align="edge", color=PALETTE[0], edgecolor="white", alpha=0.8)
        axes.axhline(expected, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
        axes.set(xlim=(0, 1), ylim=(0, 1.08 * max(float(table["n"].max()), high)))
        axes.set_xlabel(_("Where what happened lies in its forecast, 0 to 1"), color=QUIET)
        axes.set_ylabel(_("Forecasts"), color=QUIET)
        numbered(axes)
        grid(axes)
        axes.set_axisbelow(False)
        axes.grid(visible=False)
        return svg(figure, "pit-narrow" if narrow else "pit", words)


def survival_figure(
    curves: pd.DataFrame,
    risk: pd.DataFrame,
    words: str,
    predicted: pd.DataFrame | None = None,
    narrow: bool = False,
) -> str:
    """Draw the share still open by age, with the number at risk under each year.

    Where fewer than ten are at risk a curve is grey; where fewer than five are, it ends and the number is withheld.

    Parameters
    ----------
    curves : DataFrame
        As from `survival_curves`: `group, age` (months), `survival, low, high, at_risk`.
    risk : DataFrame
        As from `risk_table`: `group, age, at_risk`.
    words : str
        What the figure shows, for those who cannot see it.
    predicted : DataFrame, optional
        What a model says, drawn thin: `group, age, survival`.
    narrow : bool
        Whether to cut it for a phone.

    Raises
    ------
    ValueError
        If five are at risk nowhere: there is nothing to show.
    """
    from ..calibration.privacy import LEAST

    groups = list(curves["group"].unique())
    hues = {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(groups)}
    longest = float(curves.loc[curves["at_risk"] >= LEAST, "age"].max()) / YEAR
    if not longest > 0.0:
        raise ValueError(f"curves: found no group with {LEAST} at risk; accepted: one or more")
    width = NARROW if narrow else WIDE
    height = (2.6 if narrow else 3.1) + 0.24 * (len(groups) + 1)
    with style():
        figure = canvas(width, height + 0.3)
        axes, under = figure.subplots(2, 1, sharex=True, height_ratios=[height - 0.3, 0.24 * (len(groups) + 1)])
        for i, name in enumerate(groups):
            _draw_curve(axes, curves[curves["group"] == name], hues[name], DASHES[i % len(DASHES)])
            if predicted is not None:
                part = predicted[(predicted["group"] == name) & (predicted["age"] <= longest * YEAR)]
                hue = hues[name] if len(groups) > 1 else INK
                axes.plot(part["age"] / YEAR, part["survival"], color=hue, linewidth=1.0)
        axes.set(xlim=(0, longest * 1.02), ylim=(0, 1.02))
        axes.yaxis.set_major_formatter(lambda value, _place: f"{written(f'{100 * value:.0f}')} %")
        numbered(axes)
        axes.xaxis.set_tick_params(labelbottom=True)
        grid(axes)
        axes.set_xlabel(_("Years since it opened"), color=QUIET)
        _risk_rows(under, risk, groups, hues, 2 if narrow and longest > 6 else 1)
        _legend(figure, groups, hues, predicted is not None, narrow)
        return svg(figure, "survival-narrow" if narrow else "survival", words)


def _draw_curve(axes: Any, part: pd.DataFrame, hue: str, dashes: Any) -> None:
    """Draw a step curve and its interval: in colour on enough, grey on few, not at all on fewer than are shown.

    Steps stand at whole months, so that a curve does not tell the day on which an AGR closed.
    """
    import numpy as np

    from ..calibration.privacy import LEAST

    age = np.repeat(np.round(part["age"].to_numpy(dtype=float)) / YEAR, 2)[1:-1]
    level, low, high = (np.repeat(part[name].to_numpy(dtype=float)[:-1], 2) for name in ("survival", "low", "high"))
    risk = np.repeat(part["at_risk"].to_numpy()[1:], 2)  # from one age to the next, just before which it is counted
    line = (0, dashes) if dashes else "-"
    for colour, here in ((GREYED, risk >= LEAST), (hue, risk >= FEW)):
        axes.plot(age, np.where(here, level, np.nan), color=colour, linewidth=1.9, linestyle=line)
    axes.fill_between(age, low, high, where=risk >= FEW, color=hue, alpha=0.12, linewidth=0)


def _risk_rows(axes: Any, risk: pd.DataFrame, groups: list[str], hues: dict[str, str], every: int) -> None:
    """Write the numbers at risk, a row a group, under the years they belong to."""
    from ..calibration.privacy import shown

    axes.set(ylim=(len(groups) + 1.0, 0.0), yticks=[])
    axes.spines[:].set_visible(False)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.patch.set_alpha(0)
    right = axes.get_xlim()[1]
    one = len(groups) == 1
    axes.annotate(
        _("At risk"), (0, 0.5), xycoords=("axes fraction", "data"), xytext=(-20, 0), textcoords="offset points",
        ha="right", va="center", fontsize=8.5, color=QUIET, annotation_clip=False,
    )  # fmt: skip
    for row, name in enumerate(groups):
        place = 0.5 if one else row + 1.5
        if not one:
            axes.annotate(
                in_words(name), (0, place), xycoords=("axes fraction", "data"),
                xytext=(-20, 0), textcoords="offset points",
                ha="right", va="center", fontsize=8.5, color=hues[name], fontweight="bold", annotation_clip=False,
            )  # fmt: skip
        part = risk[risk["group"] == name]
        for age, count in zip(part["age"] / YEAR, part["at_risk"], strict=True):
            if age <= right and age % every == 0:
                colour = GREYED if count < FEW else INK
                axes.text(age, place, written(shown(int(count))), ha="center", va="center", fontsize=8.5, color=colour)


def _legend(figure: Any, groups: list[str], hues: dict[str, str], predicted: bool, narrow: bool) -> None:
    handles = [handle(hues[name], None, DASHES[i % len(DASHES)]) for i, name in enumerate(groups)]
    labels = [in_words(name) for name in groups] if len(groups) > 1 else [_("as observed")]
    handles.append(handle(GREYED, None))
    labels.append(_("fewer than {few} at risk", few=FEW))
    if predicted:
        from matplotlib.lines import Line2D

        handles.append(Line2D([], [], color=INK if len(groups) == 1 else QUIET, linewidth=1.0))
        labels.append(_("the model"))
    look = {"loc": "outside upper left", "frameon": False, "handlelength": 2.2}
    figure.legend(handles, labels, ncols=2 if narrow else 5, **look)
