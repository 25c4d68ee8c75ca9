"""The picture of what money buys at the margin: two levers, by the value of the first."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ..scenarios.labels import lever
from ..scenarios.language import _, written
from ..scenarios.questions.marginal import GAINS, MONEY
from ..scenarios.variants import KEYS
from . import wording
from .answers import Figure
from .drawing import DASHES, NARROW, PALETTE, QUIET, WIDE, canvas, grid, handle, read_along, style, svg

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
    words = _(
        "{effect} that {money} MAD 2016 buy as a step more of {over} and of {against}, by {over}; ratios of means with "
        "Fieller's 95 % intervals. Where there is no mark a step may cost nothing, and there is no ratio.",
        effect=wording.label(facts["effect"]), money=_money(), **_levers(facts),
    )  # fmt: skip
    title = _("What {money} MAD more buy", money=_money())
    return [Figure(title, words, *(_drawn(rows, facts, words, cut) for cut in (False, True)))]


def _money() -> str:
    return written(f"{MONEY:,.0f}")


def _levers(facts: Any) -> dict[str, str]:
    """Return what people call both levers."""
    return {name: lever(KEYS[facts[name]]) for name in ("over", "against")}


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
        axes.set_xticks(facts["values"][:-1], [written(f"{each:g}") for each in facts["values"][:-1]])
        called = _levers(facts)
        axes.set_xlabel(_wrapped(_("{lever} from which a step is taken", lever=called["over"]), narrow), color=QUIET)
        label = _("{effect} per {money} MAD", effect=wording.label(facts["effect"]), money=_money())
        read_along(axes.yaxis)
        axes.set_ylabel(textwrap.fill(label, 32), color=QUIET)
        grid(axes)
        marks = [handle(PALETTE[place], None, DASHES[place]) for place in range(2)]
        texts = [_wrapped(_("more of {lever}", lever=called[name]), True) for name in ("over", "against")]
        figure.legend(marks, texts, loc="outside upper left", ncols=1 if narrow else 2, frameon=False)
        return svg(figure, "marginal-narrow" if narrow else "marginal", words)


def _wrapped(text: str, narrow: bool) -> str:
    return textwrap.fill(text, 44 if narrow else 90)
