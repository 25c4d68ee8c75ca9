"""What is said of money at the margin: what the answer rests on, what it does not say, and numbers in words."""

from __future__ import annotations

import pandas as pd

from ...sim.policy import key_of
from ...sim.settings import LEVERS
from ..experiment import Plan
from ..labels import lever as called_lever
from ..language import _, later, listed, written
from ..numbers import plain, span
from . import reading

MONEY = 100_000.0
"""MAD 2016 of which it is told what they buy."""
NO_RATIO, NOTHING = later("what it costs may be nothing: no ratio"), later("may give nothing")


def rests(plan: Plan, over: str, against: str, step: float) -> tuple[str, ...]:
    """Return what the answer rests on."""
    return (
        reading.luck(plan),
        _(
            "No budget binds in any design (funding.budget_mad_per_year = inf): what more is done comes on top, "
            "and money is what is really spent, not what was planned."
        ),
        _(
            "A step of {over} goes to its next value, one of {against} is {step}; other levers stay as they are.",
            over=called_lever(over), against=called_lever(against),
            step=short(step),
        ),
        _("What an adviser's hours change and what they cost is mostly judgement (docs/LIMITS.md)."),
    )


def mind(over: str, against: str, gains: pd.DataFrame) -> list[str]:
    """Return what the answer does not say."""
    said = []
    called = {key_of(each): called_lever(each) for each in (over, against)}
    nothing = gains[gains["says"] == NOTHING]
    for name, mine in nothing.groupby("more_of", sort=False):
        about = {"lever": called[str(name)], "values": listed([short(each) for each in mine["at"]])}
        said.append(_("More of {lever} may give nothing at {values}: its gain per MAD may be zero.", **about))
    mine = gains[(gains["more_of"] == key_of(over)) & (gains["more_opened"] > gains["more"].abs())]
    if len(mine):
        opened = listed([plain(each, 2) for each in mine["more_opened"]])
        said.append(
            _(
                "At {values} more of {lever} lets more projects start ({opened} more): most of what it gives is "
                "theirs, not that others live longer.",
                values=listed([short(each) for each in mine["at"]]), lever=called_lever(over),
                opened=opened,
            )
        )  # fmt: skip
    for name, mine in gains[gains["says"] == NO_RATIO].groupby("more_of", sort=False):
        about = {"lever": called[str(name)], "values": listed([short(each) for each in mine["at"]])}
        said.append(
            _(
                "More of {lever} may cost nothing at {values}, so there is no ratio: something else stops it in "
                "many draws, applicants (idmaj markets tells of them) or the advisers' caseload.",
                **about,
            )
        )
    return [*said, _("Gains are those of a step from a design, not averages: what was there before is not judged.")]


def named(column: str) -> str:
    """Return a lever in words, with its key."""
    return _("“{name}” ({key})", name=_(LEVERS[column].meaning), key=key_of(column))


def short(value: float) -> str:
    """Write the value of a lever."""
    return written(f"{value:g}")


def money() -> str:
    """Write of how much money it is told what it buys."""
    return written(f"{MONEY:,.0f}")


def bought(row: pd.Series) -> str:
    """Write what money buys, with its interval, or that there is no ratio."""
    if row["says"] == NO_RATIO:
        nothing = row["costs"] == 0.0 and row["more"] == 0.0
        return _("nothing (a step costs nothing)") if nothing else _("what cannot be told (a step may cost nothing)")
    return f"{plain(row['per_100_000'], 2)} ({span(plain(row['low'], 2), plain(row['high'], 2))})"
