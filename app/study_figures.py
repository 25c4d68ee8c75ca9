"""Figures of a study beside those of its months: where businesses are, how long they last, and what they cost more."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _
from . import wording
from .drawing import INK, NARROW, QUIET, RULE, WIDE, canvas, grid, handle, legend_above, numbered, style, svg
from .figures import colours, numbers
from .front_figures import GREYED, change_in

if TYPE_CHECKING:
    import pandas as pd

TOWNS = {
    # Longitude and latitude, then where the name stands and how it is aligned, so that neighbours can be read.
    "Tangier": (-5.81, 35.77, -7.0, 35.95, "right"),
    "Kenitra": (-6.58, 34.26, -7.6, 35.2, "right"),
    "Sale": (-6.80, 34.05, -7.8, 34.55, "right"),
    "Rabat": (-6.84, 34.01, -8.0, 33.9, "right"),
    "Casablanca": (-7.59, 33.57, -8.6, 33.2, "right"),
    "Marrakech": (-8.00, 31.63, -7.6, 31.63, "left"),
    "Meknes": (-5.55, 33.90, -5.9, 32.75, "center"),
    "Fes": (-5.00, 34.03, -4.1, 33.4, "left"),
    "Nador": (-2.93, 35.17, -2.5, 35.75, "left"),
    "Oujda": (-1.91, 34.68, -2.3, 34.15, "left"),
}
COAST = (
    ((-9.6, 30.4), (-9.8, 31.5), (-9.25, 32.3), (-8.5, 33.25), (-7.65, 33.62), (-6.85, 34.05), (-6.3, 34.85)),
    ((-6.3, 34.85), (-5.95, 35.8), (-5.35, 35.9), (-5.25, 35.55), (-4.7, 35.2), (-3.9, 35.25), (-2.2, 35.08)),
)  # fmt: skip
"""The coast, sketched."""
SEEN = (-11.9, 0.1, 30.7, 36.3)
"""West, east, south and north end of what is drawn."""
LARGEST = 150.0
"""Area of the largest dot, in square points."""


def places_figure(rows: pd.DataFrame, called: Mapping[str, str], words: str, narrow: bool = False) -> str:
    """Draw a sketch of a map for each strategy, a dot for each town.

    Parameters
    ----------
    rows : DataFrame
        ``strategy, member, mean``: towns, and other places, which are left out.
    called : mapping of str
        What people call each strategy, by key.
    words : str
        What the figure shows, for those who cannot see it.
    narrow : bool
        Whether to cut it for a phone.
    """
    here = rows[rows["member"].isin(list(TOWNS))]
    most = max(float(here["mean"].max()), 1.0)
    hues = colours(list(called), next(iter(called)) if len(called) > 1 else None)
    across = 1 if narrow else min(3, len(called))
    down = -(-len(called) // across)
    width = NARROW if narrow else WIDE
    tall = (width / across) * 1.2 * (SEEN[3] - SEEN[2]) / (SEEN[1] - SEEN[0]) + 0.3
    with style():
        figure = canvas(width, tall * down)
        panels = figure.subplots(down, across, squeeze=False).ravel()
        for axes, (key, name) in zip(panels, called.items(), strict=False):
            mine = here[here["strategy"] == key].set_index("member")["mean"]
            _map(axes, mine, most, hues[key])
            axes.set_title(textwrap.fill(name, 34), fontsize=9, fontweight="bold", color=hues[key])
        for axes in panels:
            axes.set_axis_off()
        return svg(figure, "places-narrow" if narrow else "places", words)


def _map(axes: Any, values: pd.Series, most: float, hue: str) -> None:
    for line in COAST:
        axes.plot([x for x, _y in line], [y for _x, y in line], color=RULE, linewidth=1.4, zorder=1)
    for town, value in values.items():
        x, y, name_x, name_y, side = TOWNS[str(town)]
        axes.plot((x, name_x), (y, name_y), color=RULE, linewidth=0.7, zorder=1)
        axes.scatter(x, y, s=max(LARGEST * value / most, 3.0), color=hue, alpha=0.7, linewidth=0, zorder=2)
        text = f"{_(str(town))} {wording.number(value)}"
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8}
        axes.text(name_x, name_y, text, ha=side, va="center", fontsize=7.6, color=INK, bbox=behind, zorder=3)
    axes.set(xlim=SEEN[:2], ylim=SEEN[2:], aspect=1.2)


def plane_figure(
    effect: pd.DataFrame, cost: pd.DataFrame, called: Mapping[str, str], words: str, narrow: bool = False
) -> str:
    """Draw the cost-effectiveness plane: a dot a draw, a large one the mean, the baseline at the crossing.

    Parameters
    ----------
    effect, cost : DataFrame
        Mean differences from the baseline, a row a draw, a column a strategy.
    called : mapping of str
    words : str
    narrow : bool
        As in `places_figure`.
    """
    hues = colours(list(effect), None)
    most = float(cost.abs().max().max())
    divisor, money = (1e6, _("million MAD 2016")) if most >= 2e6 else (1e3, _("thousand MAD 2016"))
    with style():
        figure = canvas(NARROW if narrow else WIDE, 3.9 + 0.18 * len(hues) * narrow)
        axes = figure.subplots()
        axes.axhline(0.0, color=QUIET, linewidth=0.8)
        axes.axvline(0.0, color=QUIET, linewidth=0.8)
        for key, hue in hues.items():
            axes.scatter(effect[key], cost[key] / divisor, s=9, alpha=0.3, linewidth=0, color=hue)
            middle = effect[key].mean(), cost[key].mean() / divisor
            axes.scatter(*middle, s=70, edgecolor="white", linewidth=1.2, zorder=3, color=hue)
        axes.set_xlabel(_("More live businesses"), color=QUIET)
        axes.set_ylabel(_("More spent, {unit}", unit=money), color=QUIET)
        grid(axes)
        numbers(axes.xaxis)
        numbers(axes.yaxis)
        marks = [handle(hue, "o") for hue in hues.values()]
        legend_above(figure, marks, [called[key] for key in hues], narrow)
        return svg(figure, "plane-narrow" if narrow else "plane", words)


def strategies_figure(
    rows: pd.DataFrame, verdicts: pd.Series[str], called: Mapping[str, str], aims: tuple[str, str], words: str,
    narrow: bool = False,
) -> str:  # fmt: skip
    """Draw what each strategy changes in two aims, with intervals, and whether another beats it in both.

    Parameters
    ----------
    rows : DataFrame
        ``strategy, outcome, difference, low, high`` of the strategies but the first.
    verdicts : Series of str
        ``kept``, ``not sure`` or ``dominated`` by strategy: see `decisions.pareto.front`.
    called : mapping of str
    aims : (str, str)
        The outcomes along and up.
    words : str
    narrow : bool
        As in `places_figure`.
    """
    from ..sim import OUTCOMES

    hues = colours(list(called), next(iter(called)))
    along, up = (rows[rows["outcome"] == aim].set_index("strategy") for aim in aims)
    scales = [wording.scale(OUTCOMES[aim].unit) for aim in aims]
    with style():
        figure = canvas(NARROW if narrow else WIDE, 3.9 + 0.18 * len(called) * narrow)
        axes = figure.subplots()
        axes.axhline(0.0, color=QUIET, linewidth=0.8)
        axes.axvline(0.0, color=QUIET, linewidth=0.8)
        for key in called:
            hue = GREYED if verdicts[key] == "dominated" else hues[key]
            x, y = (_change(part, key, scale) for part, scale in zip((along, up), scales, strict=True))
            axes.hlines(y[0], x[1], x[2], color=hue, linewidth=1.2, alpha=0.6)
            axes.vlines(x[0], y[1], y[2], color=hue, linewidth=1.2, alpha=0.6)
            full = hue if verdicts[key] == "kept" else "white"
            axes.plot([x[0]], [y[0]], "o", color=hue, markerfacecolor=full, markersize=7.5, zorder=3)
        for name, aim in zip(("set_xlabel", "set_ylabel"), aims, strict=True):
            getattr(axes, name)(textwrap.fill(change_in(aim), 44 if narrow else 70), color=QUIET)
        grid(axes)
        numbered(axes)
        marks = [handle(GREYED if verdicts[key] == "dominated" else hues[key], "o") for key in called]
        legend_above(figure, marks, list(called.values()), narrow)
        return svg(figure, "strategies-narrow" if narrow else "strategies", words)


def _change(rows: pd.DataFrame, key: str, scale: float) -> tuple[float, float, float]:
    """Return a strategy's change with its interval; the baseline's is none."""
    if key not in rows.index:
        return (0.0, 0.0, 0.0)
    row = rows.loc[key]
    return scale * row["difference"], scale * row["low"], scale * row["high"]
