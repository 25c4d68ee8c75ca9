"""What answers share: outcomes as tables for decisions, numbers in words, and which structure a draw is of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from ...sim import OUTCOMES, UserError
from ...sim.outcomes import RATIOS
from ...sim.strategy_words import did_you_mean
from ..by_structure import structures_of
from ..contrast import FEW_DRAWS
from ..experiment import Plan
from ..labels import dated, strategy, within_sentence
from ..language import _, later, written
from ..numbers import span
from ..results import Experiment
from ..shelf import PARAMETERS

WAYS = (later("equal"), later("additional"))
"""How levers are paid for, as plans call it."""
STEADY_DRAWS = 20
"""Draws below which an answer says that they are few (judgement)."""


def wanted(outcome: str, option: str) -> str:
    """Return which is better of an outcome, ``more`` or ``less``.

    Raises
    ------
    UserError
        If there is no such outcome, or neither is better.
    """
    if outcome not in OUTCOMES:
        hint = did_you_mean(outcome, OUTCOMES) or _("idmaj explain outcomes names them")
        raise UserError(
            "{option}: found {outcome!r}, accepted the name of an outcome; {hint}",
            option=option,
            outcome=outcome,
            hint=hint,
        )
    better = OUTCOMES[outcome].better
    if better == 0:
        raise UserError(
            "{option}: found {outcome!r}, of which neither more nor less is better; accepted another",
            option=option,
            outcome=outcome,
        )
    return "more" if better > 0 else "less"


def named(plan: Plan) -> dict[str, str]:
    """Return what tables call each strategy, by key: its English name, or its key where two have one name."""
    names = {each.key: each.name for each in plan.strategies}
    return names if len(set(names.values())) == len(names) else {key: key for key in names}


def called(plan: Plan) -> dict[str, str]:
    """Return what people call each strategy, by key: its name, or its key where two have one name."""
    return {key: strategy(name) for key, name in named(plan).items()}


def enough_runs(plan: Plan) -> None:
    """Refuse a plan of one run: nothing could be said of how sure an answer is."""
    if plan.runs < 2:
        raise UserError("--draws, --replications: found one run in all, accepted two or more: one has no interval")


def outcomes_table(experiment: Experiment, outcomes: Sequence[str]) -> pd.DataFrame:
    """Return outcomes in every run, and of ratios also what they are made of; see `Experiment.ends`."""
    names = dict.fromkeys(name for outcome in outcomes for name in (outcome, *RATIOS.get(outcome, ())))
    return experiment.ends(list(names))


def structures(experiment: Experiment) -> dict[str, set[int]]:
    """Return the draws of each hazard family, and of those with and without crowding, where there are enough to tell.

    Members are left out where all draws are of one kind.
    """
    kinds = structures_of(pd.read_csv(experiment.store.folder / PARAMETERS))
    found: dict[str, set[int]] = {}
    for of in ("family", "crowding"):
        members = kinds.groupby(of, sort=True)["draw"]
        if len(members) > 1:
            found |= {str(name): {int(each) for each in draws} for name, draws in members if len(draws) >= FEW_DRAWS}
    return found


def few(plan: Plan) -> list[str]:
    """Return the sentence that draws are few, where they are."""
    if plan.draws >= STEADY_DRAWS:
        return []
    if plan.draws == 1:
        return [_("One draw: intervals speak of luck only, and nothing is said of what nobody knows exactly.")]
    return [
        _(
            "{draws} draws are few: intervals rest on them; use --draws {least} or more to decide.",
            draws=plan.draws, least=STEADY_DRAWS,
        )
    ]  # fmt: skip


def luck(plan: Plan) -> str:
    """Return what a plan's runs are, in a sentence."""
    return _(
        "{draws} draws of the uncertain numbers x {replications} courses of luck, {years} years from {start}; all "
        "designs meet the same people and luck.",
        draws=written(f"{plan.draws:,}"), replications=written(f"{plan.replications:,}"), years=plan.years,
        start=dated(plan.start),
    )  # fmt: skip


def budget(plan: Plan) -> str:
    """Return how levers are paid for, in a sentence."""
    return _("Budget: {budget}.", budget=_(plan.budget))


def rests_on_judgement() -> str:
    """Return the sentence that levers rest on judgement."""
    return _("What a lever costs and how strongly it acts is mostly judgement (docs/LIMITS.md).")


def level(value: float, outcome: str) -> str:
    """Return the level of an outcome in words, shares in per cent: ``312``, ``38.2 %``."""
    factor, unit = (100.0, "\u00a0%") if OUTCOMES[outcome].unit == "share" else (1.0, "")
    return _number(value * factor, 3) + unit


def change(middle: float, low: float, high: float, outcome: str) -> str:
    """Return a difference with its interval in words, of shares in points: ``+12 (3.1 to 21)``."""
    share = OUTCOMES[outcome].unit == "share"
    size, least, most = (100.0 * each if share else each for each in (middle, low, high))
    bounds = span(_number(least, 2), _number(most, 2))
    by = _number(size, 2, sign=True)
    return _("{by} points ({bounds})", by=by, bounds=bounds) if share else f"{by} ({bounds})"


def within(middle: float, low: float, high: float, outcome: str) -> str:
    """Return a level with its interval in words: ``312 (290 to 335)``."""
    return f"{level(middle, outcome)} ({span(level(low, outcome), level(high, outcome))})"


def amount(value: float) -> str:
    """Return money in words, to three digits: ``348,000``; a dash where there is none."""
    return _number(float(f"{value:.3g}"), 3) if math.isfinite(value) else "\u2013"


def signed_amount(value: float) -> str:
    """Return a difference of money in words: ``+12,300``."""
    return _number(float(f"{value:.3g}"), 3, sign=True) if math.isfinite(value) else "\u2013"


def words(outcome: str) -> str:
    """Return an outcome's name as words of the source, for tables; `told` is for sentences."""
    return outcome.replace("_", " ")


def told(outcome: str) -> str:
    """Return an outcome's name in a sentence, in the language spoken."""
    return within_sentence(outcome)


def _number(value: float, digits: int, sign: bool = False) -> str:
    if not math.isfinite(value):
        return "\u2013"
    places = 0 if value == 0 else min(4, max(0, digits - 1 - math.floor(math.log10(abs(value)) + 1e-9)))
    text = f"{abs(value):,.{places}f}"
    before = "\u2212" if value < 0 and float(text.replace(",", "")) else "+" if sign and value > 0 else ""
    return written(f"{before}{text}")
