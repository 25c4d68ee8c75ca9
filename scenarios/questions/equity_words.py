"""How the answer on equity is put: sentence, facts, tables, what it rests on, what to mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ...sim import OUTCOMES
from ...sim.groups import NEED
from ...sim.policy import differences
from ..language import _, later, listed, written
from ..numbers import fixed, span
from . import reading
from .answer import Table
from .places import ENTERPRISE, PLACE, WHAT

if TYPE_CHECKING:
    from .equity import Found

EQUITY = ("concentration", "share_neediest_served", "neediest_still_open")
"""What may stand for equity; the first is the default."""
STAGES = (later("applied"), later("served"), later("still active"))
CHANGES = ("effect", "effect_low", "effect_high", "equity", "equity_low", "equity_high")
"""Columns of mean differences from the base, with their intervals."""
BOTH = later("more effect, fairer")
"""The quadrant of the plane in which a strategy is both better and fairer."""
LIVED = 20
"""Draws that are lived again, person by person, under one course of luck each: who gains and who loses."""
FULLY = 3
"""Strategies of which the sentence tells all; of more it tells the chances, and the tables the rest."""
FIFTH = 0.2
NEAR = 0.02
"""How near to a fifth the share among those who applied is called near (judgement)."""

QUADRANTS = (BOTH, later("more effect, less fair"), later("less effect, fairer"), later("less effect, less fair"))
SHARES = later("The neediest at each stage")
LEVELS = later("Effect and equity")
PLANE = later("The equity-impact plane")
MEASURES = later("Better and fairer, by each measure of equity")
STRUCTURES = later("By structure of the model")
PLACES = later("Who gains and who loses, by need")
BY_DRAW = later("Draw by draw")
MISSING = "\u2013"

CALLED = {
    "begun_and_open": later("projects begun and open"),
    "concentration": later("the concentration index"),
    "share_neediest_served": later("the share of the neediest among those served"),
    "neediest_still_open": later("the share of the neediest among those still active"),
}


def words(outcome: str) -> str:
    """Return what an outcome is called in a sentence."""
    return _(CALLED[outcome]) if outcome in CALLED else reading.told(outcome)


def question_of(found: Found) -> str:
    """Return the question."""
    base = found.said(found.plan.keys[0])
    return _("Who is reached, and is another strategy than “{base}” both better and fairer?", base=base)


def sentence_of(found: Found) -> str:
    """Say who is reached under the base, and what each strategy changes."""
    base = found.plan.keys[0]
    applied, served, active = (_share(found, base, stage) for stage in STAGES)
    said = [
        _(
            "Under “{strategy}” the neediest, the neediest fifth of a town's applicants, are {applied} of those who "
            "apply, {served} of those served and {active} of those still active at the end; the concentration index of "
            "being still active (above zero: more among the needier) is {index}.",
            strategy=found.said(base), applied=applied, served=served, active=active, index=_index(found, base),
        )
    ]  # fmt: skip
    others = found.plan.keys[1:]
    if len(others) <= FULLY:
        return " ".join([*said, *(_told(found, key) for key in others)])
    parts = [
        _("“{strategy}” in {often}", strategy=found.said(key), often=_often(found, key)) for key in others
    ]
    both = _(
        "Both better and fairer (more of {effect} and of {equity}) are {strategies}.",
        effect=words(found.effect), equity=words(found.equity), strategies=listed(parts),
    )  # fmt: skip
    return " ".join([*said, both])


def _told(found: Found, key: str) -> str:
    """Say who is reached under a strategy, and in how many draws it is both better and fairer."""
    applied, served, active = (_share(found, key, stage) for stage in STAGES)
    both = found.plane[(found.plane["strategy"] == key) & (found.plane["quadrant"] == BOTH)].iloc[0]
    middle, low, high = (float(both[name]) for name in CHANGES[:3])
    effect = reading.change(middle, low, high, found.effect)
    equity = _changed(found, *(float(both[name]) for name in CHANGES[3:]))
    places = found.places
    mine = places[(places["strategy"] == key) & (places["what"] == PLACE) & (places["need"] == NEED[4])]
    moved = "".join(
        " "
        + _(
            "Of the neediest, {gain} persons a run gain a place and {lose} lose one.",
            gain=fixed(row.gain), lose=fixed(row.lose),
        )
        for row in mine.itertuples()
    )  # fmt: skip
    return (
        _(
            "Under “{strategy}” they are {applied}, {served} and {active}, and the index is {index}: {effect} change "
            "by {change}, {equity} by {equity_change}. By these two it is both better and fairer in {often}.",
            strategy=found.said(key), applied=applied, served=served, active=active, index=_index(found, key),
            effect=words(found.effect), change=effect, equity=words(found.equity), equity_change=equity,
            often=_often(found, key),
        )
        + moved
    )  # fmt: skip


def _often(found: Found, key: str) -> str:
    """Say in how many draws a strategy has more effect and is fairer: ``4 of 40 draws (10 %; ...)``."""
    row = found.plane[(found.plane["strategy"] == key) & (found.plane["quadrant"] == BOTH)].iloc[0]
    chance, low, high = (fixed(100 * row[name]) for name in ("chance", "low", "high"))
    draws = int(row["draws"])
    return _(
        "{count} of {draws} draws ({chance}\u00a0%; 95 % interval {interval})",
        count=round(row["chance"] * draws), draws=draws, chance=chance, interval=span(low, high),
    )  # fmt: skip


def _share(found: Found, key: str, stage: str) -> str:
    """Return a share of the neediest in words: ``19.7 % (18.9 to 20.5)``."""
    row = found.shares[(found.shares["strategy"] == key) & (found.shares["stage"] == stage)].iloc[0]
    middle, low, high = (fixed(100 * row[name], 1).replace("nan", MISSING) for name in ("share", "low", "high"))
    return f"{middle}\u00a0% ({span(low, high)})"


def _index(found: Found, key: str) -> str:
    row = found.levels[(found.levels["strategy"] == key) & (found.levels["outcome"] == "concentration")].iloc[0]
    return _of_index(row["mean"], row["low"], row["high"])


def _of_index(middle: float, low: float, high: float) -> str:
    """Return an index in words, its three numbers with as many decimals."""
    value, least, most = (_three(each) for each in (middle, low, high))
    return f"{value} ({span(least, most)})"


def _three(value: float, plus: bool = False) -> str:
    text = f"{value:+.3f}" if plus else f"{value:.3f}"
    return written(text.replace("-", "\u2212").replace("nan", MISSING))


def _changed(found: Found, middle: float, low: float, high: float) -> str:
    """Return a change in equity in words."""
    if OUTCOMES[found.equity].unit == "share":
        return reading.change(middle, low, high, found.equity)
    return f"{_three(middle, plus=middle > 0)} ({span(_three(low), _three(high))})"


def facts_of(found: Found) -> dict[str, Any]:
    """Return the answer for programs."""
    rows = {
        key: {
            "strategy": key,
            "name": found.called[key],
            "shares": _by(found.shares, key, "stage", ("share", "low", "high")),
            "changes": _by(found.shares, key, "stage", ("change", "change_low", "change_high")),
            "concentration": _by(found.levels, key, "outcome", ("mean", "low", "high"))["concentration"],
            "quadrants": _by(found.plane, key, "quadrant", ("chance", "low", "high")),
            "better_and_fairer": _by(found.both, key, "equity", ("chance", "low", "high")),
        }
        for key in found.plan.keys
    }
    return {
        "base": found.plan.keys[0],
        "effect": found.effect,
        "effect_unit": OUTCOMES[found.effect].unit,
        "equity": found.equity,
        "equity_unit": OUTCOMES[found.equity].unit,
        "lived_again": int(found.places["runs"].max()),
        "strategies": list(rows.values()),
    }


def _by(table: pd.DataFrame, key: str, by: str, columns: tuple[str, ...]) -> dict[str, list[float]]:
    mine = table[table["strategy"] == key]
    return {str(row[by]): [float(row[name]) for name in columns] for _at, row in mine.iterrows()}


def tables_of(found: Found) -> tuple[Table, ...]:
    """Return the tables of an answer."""

    def named(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(strategy=table["strategy"].map(found.called)).reset_index(drop=True)

    effect, equity = words(found.effect), words(found.equity)
    tables = (
        Table(SHARES, _("Share of the neediest among the applications of the plan, the projects it opened, and those "
              "of them that are open at its end, each a share of the sums over all runs, with 95 % intervals; change: "
              "against the base, on the same people and luck."), named(found.shares)),
        Table(LEVELS, _("Means over the runs with 95 % intervals, and changes against the base; shares are means of "
              "the runs' own shares, as in idmaj compare. Concentration: Erreygers' index of how being still active is "
              "concentrated over need (above zero: among the needier)."), named(found.levels)),
        Table(PLANE, _("Share of the draws in each quadrant around the base: effect is {effect}, fairer means more of "
              "{equity}. A draw is the mean over its courses of luck, which still blur it; intervals are "
              "Wilson's, 95 %. Beside them mean changes.", effect=effect, equity=equity), named(found.plane)),
        Table(MEASURES, _("Share of the draws with both more of {effect} and more of each measure of equity.",
                          effect=effect), named(found.both)),
        Table(STRUCTURES, _("Changes in {effect} and in {equity} against the base, and the share of draws with more of "
              "both, under each hazard family and with or without crowding.", effect=effect, equity=equity),
              named(found.by_structure)),
        Table(PLACES, _("Mean persons a run, the same under both strategies, who gain or lose {place}; or "
              "{enterprise}. Net with its 95 % interval.", place=_(WHAT[PLACE]), enterprise=_(WHAT[ENTERPRISE])),
              named(found.places)),
        Table(BY_DRAW, _("Change in {effect} and in {equity} against the base in each draw; unfilled: places for which "
              "nobody waits under the base, mean of the last year.", effect=effect, equity=equity),
              named(found.by_draw)),
    )  # fmt: skip
    return tuple(each for each in tables if len(each.rows))


def rests_on_of(found: Found) -> tuple[str, ...]:
    """Say what the answer rests on."""
    plan, runs = found.plan, int(found.places["runs"].max())
    key = plan.keys[-1]
    return (
        reading.luck(plan),
        _(
            "The neediest are the neediest fifth among the applicants of one town in one quarter, not of all refugees: "
            "who is among them in one town might not be in another. Need is frozen at the application."
        ),
        _("The index ranks by need itself, over all places; the shares count fifths within towns."),
        _(
            "Who gains and who loses: {runs} runs lived again, one course of luck in each of the first {runs} draws; "
            "need as under the base where the person applied there. By sex and origin: {command}.",
            runs=runs, command=f"idmaj why {plan.keys[0]} {key}",
        ),
        reading.budget(plan),
    )  # fmt: skip


def mind_of(found: Found) -> tuple[str, ...]:
    """Say what the answer does not say, or why it may be wrong."""
    return (
        _by_construction(found),
        _(
            "Need is measured by the model's own index (income, dependants, health, permit, protection), whose weights "
            "are judgement. What outreach does to who applies is judgement, too. No published figure says how needy "
            "those were who applied or were served."
        ),
        _(
            "The index is of the projects that a strategy began: whether those of the needier last as long. It does "
            "not say who got a place, and may fall where more of the needy get one; the shares say that."
        ),
        *_unchanged(found),
        *_disagreements(found),
        _("Effect and equity are not added up: how much of one is worth the other is for the reader to say."),
        *found.orders,
        *reading.few(found.plan),
    )


def _by_construction(found: Found) -> str:
    """Say what the share among those who applied can tell."""
    shares = found.shares.loc[found.shares["stage"] == STAGES[0], "share"]
    if ((shares - FIFTH).abs() < NEAR).all():
        return _(
            "Of those who apply the neediest are near 20 % by construction, whatever is done: they are a fifth of each "
            "town's applicants. Compare the later stages with it."
        )
    low, high = (reading.level(each, "share_neediest_served") for each in (shares.min(), shares.max()))
    return _(
        "Of those who apply the neediest would be 20 % by construction; they are {share}, since few apply in some "
        "towns (of one or two nobody counts as the neediest, of three one does). Compare the later stages with it.",
        share=low if low == high else span(low, high),
    )


def _unchanged(found: Found) -> list[str]:
    """Say in how many draws a strategy changes nothing, and whether that is since nobody is turned away there."""
    said, base = [], found.plan.strategies[0]
    for strategy in found.plan.strategies[1:]:
        mine = found.by_draw[found.by_draw["strategy"] == strategy.key]
        same = mine[(mine["effect"] == 0.0) & (mine["equity"] == 0.0)]
        if same.empty:
            continue
        settings = differences(base, strategy, found.plan.start, found.plan.months)
        orders_only = all(each.key.startswith("selection.") for each in settings)
        about = {"strategy": found.said(strategy.key), "count": len(same), "draws": len(mine)}
        if orders_only and (same["unfilled"] > 0.0).all():
            why = _(
                "“{strategy}” changes neither in {count} of {draws} draws: places stay unfilled in all of these under "
                "the base ({unfilled} on average), and where nobody is turned away, who comes first changes nothing.",
                unfilled=fixed(same["unfilled"].mean()), **about,
            )  # fmt: skip
            said.append(why)
        else:
            said.append(_("“{strategy}” changes neither in {count} of {draws} draws.", **about))
    return said


def _disagreements(found: Found) -> list[str]:
    """Say where the measures of equity do not agree on whether a strategy is fairer more often than not."""
    said = []
    for key in found.plan.keys[1:]:
        mine = found.levels[(found.levels["strategy"] == key) & found.levels["outcome"].isin(EQUITY)]
        up = [words(row["outcome"]) for _at, row in mine.iterrows() if row["change_low"] > 0]
        down = [words(row["outcome"]) for _at, row in mine.iterrows() if row["change_high"] < 0]
        if up and down:
            said.append(
                _(
                    "Under “{strategy}” the measures of equity disagree: it surely raises {raised} and surely lowers "
                    "{lowered}.",
                    strategy=found.said(key), raised=listed(up), lowered=listed(down),
                )
            )  # fmt: skip
    return said
