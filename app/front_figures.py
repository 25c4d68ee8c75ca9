"""Figures of fronts and of packages that are split over their parts."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ..scenarios.labels import cell
from ..scenarios.language import _, looked_up
from . import wording
from .answers import Figure
from .drawing import INK, NARROW, PALETTE, QUIET, WIDE, canvas, grid, numbered, style, svg

if TYPE_CHECKING:
    import pandas as pd

    from ..scenarios.questions.answer import Answer

GREYED = "#a4abb2"
MARKERS = ("o", "s", "^", "D", "v", "P")


def front_pictures(answer: Answer) -> list[Figure]:
    """Return the outcome against equity, a mark per design, those not beaten in colour and the knee named."""
    rows, facts = _against_first(answer), answer.facts
    kept = len(facts["kept"]) + len(facts["not_sure"])
    goals = {"outcome": wording.label(facts["outcome"]), "equity": wording.label(facts["equity"]).lower()}
    words = _(
        "{outcome} against {equity} for {count} designs. {kept} are not surely beaten: in colour; the others are grey. "
        "All are changes from the first design, {first}, on the same people and luck; lines are 95 % intervals. "
        "Beside a mark stands the value of the first lever.",
        count=len(rows), kept=kept, first=looked_up(rows.iloc[0]["design"]), **goals,
    ) + " "  # fmt: skip
    if facts["knee"]:
        words += _("The front bends at {design}.", design=looked_up(facts["knee"]))
    else:
        words += _("There is {reason}.", reason=facts["knee_reason"])
    if kept > 1:
        words += " " + _("Designs cost different sums, so one that looks beaten here may stand for its cost.")
    title = _("{outcome} and {equity}", **goals)
    cuts = [front_figure(rows, facts["outcome"], facts["equity"], words, narrow) for narrow in (False, True)]
    return [Figure(title, words, *cuts)]


def _against_first(answer: Answer) -> pd.DataFrame:
    """Return the designs with what each changes against the first: levels hide it behind what nobody knows."""
    import pandas as pd

    designs, changes = answer.tables[0].rows, answer.tables[1].rows
    names = [name for name in changes.columns if name not in ("design", "judged_again")]
    first = pd.DataFrame({"design": designs["design"].iloc[:1], **dict.fromkeys(names, 0.0)})
    moved = pd.concat([first, changes[["design", *names]]], ignore_index=True)
    return designs.drop(columns=names).merge(moved, on="design")


def front_figure(rows: pd.DataFrame, outcome: str, equity: str, words: str, narrow: bool = False) -> str:
    """Draw designs by equity and outcome.

    Parameters
    ----------
    rows : DataFrame
        A row a design: its changes from the first one, and what the first table of `frontier` says of it.
    outcome, equity : str
    words : str
        What the figure shows, for those who cannot see it.
    narrow : bool
        Whether to cut it for a phone.
    """
    from ..sim import OUTCOMES

    across, up = (wording.scale(OUTCOMES[name].unit) for name in (equity, outcome))
    at = [name for name in rows.columns if name.startswith("at ")]
    series = rows[at[1]] if len(at) > 1 else rows["verdict"].map(lambda _verdict: "")
    with style():
        figure = canvas(NARROW if narrow else WIDE, 4.4 if narrow else 4.6)
        axes = figure.subplots()
        shown = {}
        for place, (name, part) in enumerate(rows.groupby(series, sort=False)):
            marker, colour = MARKERS[place % len(MARKERS)], PALETTE[place % len(PALETTE)]
            shown[str(name)] = (marker, colour)
            for row in part.to_dict("records"):
                hue = GREYED if row["verdict"] == "dominated" else colour
                x, y = across * row[equity], up * row[outcome]
                axes.hlines(
                    y, across * row[f"{equity}_low"], across * row[f"{equity}_high"], color=hue, lw=0.9, alpha=0.45
                )
                axes.vlines(x, up * row[f"{outcome}_low"], up * row[f"{outcome}_high"], color=hue, lw=0.9, alpha=0.45)
                full = hue if row["verdict"] == "kept" else "white"
                axes.plot([x], [y], marker, color=hue, markerfacecolor=full, markersize=6.5, zorder=3)
                lift = (5, 4) if place % 2 else (5, -12)
                told = "" if row[at[0]] == "as it is" else cell(row[at[0]])
                axes.annotate(told, (x, y), lift, textcoords="offset points", fontsize=8, color=hue)
                if row["knee"]:
                    axes.plot([x], [y], "o", color=INK, markerfacecolor="none", markersize=13, zorder=4)
        axes.axhline(0.0, color=QUIET, linewidth=0.7, zorder=0)
        axes.axvline(0.0, color=QUIET, linewidth=0.7, zorder=0)
        _legend(axes, at, shown, bool(rows["knee"].any()), narrow)
        axes.set_xlabel(textwrap.fill(change_in(equity), 44 if narrow else 90), color=QUIET)
        axes.set_ylabel(textwrap.fill(change_in(outcome), 44), color=QUIET)
        grid(axes)
        numbered(axes)
        return svg(figure, "front-narrow" if narrow else "front", words)


def _legend(axes: Any, at: list[str], shown: dict[str, tuple[str, str]], knee: bool, narrow: bool) -> None:
    from matplotlib.lines import Line2D

    def mark(marker: str, colour: str, fill: str, size: float = 6.5) -> Line2D:
        return Line2D([], [], color=colour, marker=marker, markerfacecolor=fill, markersize=size, linestyle="")

    handles, texts = [], []
    if len(at) > 1:
        for name, (marker, colour) in shown.items():
            handles.append(mark(marker, colour, colour))
            texts.append(f"{at[1].removeprefix('at ')}: {cell(name)}")
    handles += [mark("o", INK, INK), mark("o", INK, "white"), mark("o", GREYED, "white")]
    texts += [_("surely not beaten"), _("cannot be told"), _("beaten")]
    if knee:
        handles.append(mark("o", INK, "none", 12))
        texts.append(_("the knee"))
    axes.figure.legend(handles, texts, loc="outside upper left", ncols=1 if narrow else 3, frameon=False)


def change_in(outcome: str) -> str:
    """Return what an axis is called on which changes in an outcome stand."""
    from ..sim import OUTCOMES

    unit = wording.shown_unit(OUTCOMES[outcome].unit, difference=True)
    return _("Change in {outcome} ({unit})", outcome=wording.label(outcome).lower(), unit=unit)


def split_pictures(answer: Answer) -> list[Figure]:
    """Return what each part earns as bars with intervals, the whole first."""
    rows, facts = answer.tables[0].rows, answer.facts
    words = _(
        "What each part earns of the whole change in {outcome}, with 95 % intervals; the parts add up to the whole. "
        "Hollow marks: what a part gives alone.",
        outcome=wording.label(facts["outcome"]).lower(),
    )
    cuts = [split_figure(rows, facts, words, narrow) for narrow in (False, True)]
    return [Figure(_("{outcome} by part", outcome=wording.label(facts["outcome"])), words, *cuts)]


def split_figure(rows: pd.DataFrame, facts: Any, words: str, narrow: bool = False) -> str:
    """Draw the whole change and each part's share as bars.

    Parameters
    ----------
    rows : DataFrame
        ``lever, share, low, high, alone``.
    facts : mapping
        ``outcome, unit, gain, gain_low, gain_high``.
    words, narrow
        As in `front_figure`.
    """
    factor = wording.scale(facts["unit"])
    bars = [(_("All together"), facts["gain"], facts["gain_low"], facts["gain_high"], None)]
    ordered = rows.sort_values("share", ascending=False)
    numbers = ("share", "low", "high", "alone")
    bars += [(looked_up(row["lever"]), *(row[name] for name in numbers)) for row in ordered.to_dict("records")]
    with style():
        figure = canvas(NARROW if narrow else WIDE, 1.1 + 0.42 * len(bars))
        axes = figure.subplots()
        for place, (_name, middle, low, high, alone) in enumerate(bars):
            colour = INK if place == 0 else PALETTE[0]
            axes.barh(place, factor * middle, height=0.56, color=colour, alpha=0.35, linewidth=0)
            axes.hlines(place, factor * low, factor * high, color=colour, linewidth=2.0)
            if alone is not None:
                axes.plot([factor * alone], [place], "o", color=PALETTE[1], markerfacecolor="white", markersize=6)
        axes.axvline(0.0, color=QUIET, linewidth=0.9)
        names = [textwrap.fill(name, 16 if narrow else 34) for name, *_rest in bars]
        axes.set_yticks(range(len(bars)), names)
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.set_xlabel(textwrap.fill(change_in(facts["outcome"]), 44 if narrow else 90), color=QUIET)
        grid(axes)
        numbered(axes)
        axes.grid(visible=False, axis="y")
        axes.grid(axis="x", color="#d5d9dd", linewidth=0.7)
        return svg(figure, "split-narrow" if narrow else "split", words)
