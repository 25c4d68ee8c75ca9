"""How the answer on equity is put: sentence, facts, tables, what it rests on, what to mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ...sim import OUTCOMES
from ...sim.groups import NEED
from ...sim.policy import differences
from ..language import listed
from . import reading
from .answer import Table
from .places import ENTERPRISE, PLACE, WHAT

if TYPE_CHECKING:
    from .equity import Found

EQUITY = ("concentration", "share_neediest_served", "neediest_still_open")
"""What may stand for equity; the first is the default."""
STAGES = ("applied", "served", "still active")
CHANGES = ("effect", "effect_low", "effect_high", "equity", "equity_low", "equity_high")
"""Columns of mean differences from the base, with their intervals."""
BOTH = "more effect, fairer"
"""The quadrant of the plane in which a strategy is both better and fairer."""
LIVED = 20
"""Draws that are lived again, person by person, under one course of luck each: who gains and who loses."""
FULLY = 3
"""Strategies of which the sentence tells all; of more it tells the chances, and the tables the rest."""
FIFTH = 0.2
NEAR = 0.02
"""How near to a fifth the share among those who applied is called near (judgement)."""

SHARES = "The neediest at each stage"
LEVELS = "Effect and equity"
PLANE = "The equity-impact plane"
MEASURES = "Better and fairer, by each measure of equity"
STRUCTURES = "By structure of the model"
PLACES = "Who gains and who loses, by need"
BY_DRAW = "Draw by draw"
MISSING = "\u2013"

CALLED = {
    "begun_and_open": "projects begun and open",
    "concentration": "the concentration index",
    "share_neediest_served": "the share of the neediest among those served",
    "neediest_still_open": "the share of the neediest among those still active",
}
INDEX = "Erreygers' index of how being still active is concentrated over need (above zero: among the needier)"


def words(outcome: str) -> str:
    """Return what an outcome is called in a sentence."""
    return CALLED.get(outcome, reading.words(outcome))


def question_of(found: Found) -> str:
    """Return the question."""
    base = found.called[found.plan.keys[0]]
    return f"Who is reached, and is another strategy than “{base}” both better and fairer?"


def sentence_of(found: Found) -> str:
    """Say who is reached under the base, and what each strategy changes."""
    base = found.plan.keys[0]
    applied, served, active = (_share(found, base, stage) for stage in STAGES)
    said = [
        f"Under “{found.called[base]}” the neediest, the neediest fifth of a town's applicants, are {applied} of those "
        f"who apply, {served} of those served and {active} of those still active at the end; the "
        f"concentration index of being still active (above zero: more among the needier) is {_index(found, base)}."
    ]
    others = found.plan.keys[1:]
    if len(others) <= FULLY:
        return " ".join([*said, *(_told(found, key) for key in others)])
    parts = [f"“{found.called[key]}” in {_often(found, key)}" for key in others]
    by = f"more of {words(found.effect)} and of {words(found.equity)}"
    return " ".join([*said, f"Both better and fairer ({by}) are {listed(parts)}."])


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
        f" Of the neediest, {row.gain:.0f} persons a run gain a place and {row.lose:.0f} lose one."
        for row in mine.itertuples()
    )
    return (
        f"Under “{found.called[key]}” they are {applied}, {served} and {active}, and the index is "
        f"{_index(found, key)}: {words(found.effect)} change by {effect}, {words(found.equity)} by {equity}. By these "
        f"two it is both better and fairer in {_often(found, key)}.{moved}"
    )


def _often(found: Found, key: str) -> str:
    """Say in how many draws a strategy has more effect and is fairer: ``4 of 40 draws (10 %; ...)``."""
    row = found.plane[(found.plane["strategy"] == key) & (found.plane["quadrant"] == BOTH)].iloc[0]
    chance, low, high = (f"{100 * row[name]:.0f}" for name in ("chance", "low", "high"))
    draws = int(row["draws"])
    interval = f"{chance}\u00a0%; 95 % interval {low} to {high}"
    return f"{round(row['chance'] * draws)} of {draws} draws ({interval})"


def _share(found: Found, key: str, stage: str) -> str:
    """Return a share of the neediest in words: ``19.7 % (18.9 to 20.5)``."""
    row = found.shares[(found.shares["strategy"] == key) & (found.shares["stage"] == stage)].iloc[0]
    middle, low, high = (f"{100 * row[name]:.1f}" for name in ("share", "low", "high"))
    return f"{middle}\u00a0% ({low} to {high})".replace("nan", MISSING)


def _index(found: Found, key: str) -> str:
    row = found.levels[(found.levels["strategy"] == key) & (found.levels["outcome"] == "concentration")].iloc[0]
    return _of_index(row["mean"], row["low"], row["high"])


def _of_index(middle: float, low: float, high: float) -> str:
    """Return an index in words, its three numbers with as many decimals."""
    return f"{middle:.3f} ({low:.3f} to {high:.3f})".replace("-", "\u2212").replace("nan", MISSING)


def _changed(found: Found, middle: float, low: float, high: float) -> str:
    """Return a change in equity in words."""
    if OUTCOMES[found.equity].unit == "share":
        return reading.change(middle, low, high, found.equity)
    return f"{'+' if middle > 0 else ''}{_of_index(middle, low, high)}"


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
    return {str(row[by]): [float(row[name]) for name in columns] for _, row in mine.iterrows()}


def tables_of(found: Found) -> tuple[Table, ...]:
    """Return the tables of an answer."""

    def named(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(strategy=table["strategy"].map(found.called)).reset_index(drop=True)

    effect, equity = words(found.effect), words(found.equity)
    tables = (
        Table(SHARES, "Share of the neediest among the applications of the plan, the projects it opened, and those of "
              "them that are open at its end, each a share of the sums over all runs, with 95 % intervals; change: "
              "against the base, on the same people and luck.", named(found.shares)),
        Table(LEVELS, "Means over the runs with 95 % intervals, and changes against the base; shares are means of the "
              f"runs' own shares, as in idmaj compare. Concentration: {INDEX}.", named(found.levels)),
        Table(PLANE, f"Share of the draws in each quadrant around the base: effect is {effect}, fairer means more of "
              f"{equity}. A draw is the mean over its courses of luck, which still blur it; intervals are "
              "Wilson's, 95 %. Beside them mean "
              "changes.",
              named(found.plane)),
        Table(MEASURES, f"Share of the draws with both more of {effect} and more of each measure of equity.",
              named(found.both)),
        Table(STRUCTURES, f"Changes in {effect} and in {equity} against the base, and the share of draws with more of "
              "both, under each hazard family and with or without crowding.", named(found.by_structure)),
        Table(PLACES, f"Mean persons a run, the same under both strategies, who gain or lose {WHAT[PLACE]}; or "
              f"{WHAT[ENTERPRISE]}. Net with its 95 % interval.", named(found.places)),
        Table(BY_DRAW, f"Change in {effect} and in {equity} against the base in each draw; unfilled: places for which "
              "nobody waits under the base, mean of the last year.", named(found.by_draw)),
    )  # fmt: skip
    return tuple(each for each in tables if len(each.rows))


def rests_on_of(found: Found) -> tuple[str, ...]:
    """Say what the answer rests on."""
    plan, runs = found.plan, int(found.places["runs"].max())
    key = plan.keys[-1]
    return (
        reading.luck(plan),
        "The neediest are the neediest fifth among the applicants of one town in one quarter, not of all refugees: who "
        "is among them in one town might not be in another. Need is frozen at the application.",
        "The index ranks by need itself, over all places; the shares count fifths within towns.",
        f"Who gains and who loses: {runs} runs lived again, one course of luck in each of the first {runs} draws; need "
        f"as under the base where the person applied there. By sex and origin: idmaj why {plan.keys[0]} {key}.",
        f"Budget: {plan.budget}.",
    )


def mind_of(found: Found) -> tuple[str, ...]:
    """Say what the answer does not say, or why it may be wrong."""
    return (
        _by_construction(found),
        "Need is measured by the model's own index (income, dependants, health, permit, protection), whose weights are "
        "judgement. What outreach does to who applies is judgement, too. No published figure says how needy those were "
        "who applied or were served.",
        "The index is of the projects that a strategy began: whether those of the needier last as long. It does not "
        "say who got a place, and may fall where more of the needy get one; the shares say that.",
        *_unchanged(found),
        *_disagreements(found),
        "Effect and equity are not added up: how much of one is worth the other is for the reader to say.",
        *found.orders,
        *reading.few(found.plan),
    )


def _by_construction(found: Found) -> str:
    """Say what the share among those who applied can tell."""
    shares = found.shares.loc[found.shares["stage"] == STAGES[0], "share"]
    if ((shares - FIFTH).abs() < NEAR).all():
        return (
            "Of those who apply the neediest are near 20 % by construction, whatever is done: they are a fifth of each "
            "town's applicants. Compare the later stages with it."
        )
    low, high = (reading.level(each, "share_neediest_served") for each in (shares.min(), shares.max()))
    least = low if low == high else f"{low} to {high}"
    return (
        f"Of those who apply the neediest would be 20 % by construction; they are {least}, since few apply in some "
        "towns (of one or two nobody counts as the neediest, of three one does). Compare the later stages with it."
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
        why = ""
        if orders_only and (same["unfilled"] > 0.0).all():
            why = (
                f": places stay unfilled in all of these under the base ({same['unfilled'].mean():.0f} on average), "
                "and where nobody is turned away, who comes first changes nothing"
            )
        said.append(f"“{found.called[strategy.key]}” changes neither in {len(same)} of {len(mine)} draws{why}.")
    return said


def _disagreements(found: Found) -> list[str]:
    """Say where the measures of equity do not agree on whether a strategy is fairer more often than not."""
    said = []
    for key in found.plan.keys[1:]:
        mine = found.levels[(found.levels["strategy"] == key) & found.levels["outcome"].isin(EQUITY)]
        up = [words(row["outcome"]) for _, row in mine.iterrows() if row["change_low"] > 0]
        down = [words(row["outcome"]) for _, row in mine.iterrows() if row["change_high"] < 0]
        if up and down:
            said.append(
                f"Under “{found.called[key]}” the measures of equity disagree: it surely raises {listed(up)} "
                f"and surely lowers {listed(down)}."
            )
    return said
