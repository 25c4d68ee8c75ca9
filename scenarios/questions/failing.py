"""When does a strategy fail to beat the yardstick? Scenario discovery over parameter draws and futures."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from ...sim import NUMBERS
from ...sim.policy import Strategy
from ..by_structure import structures_of
from ..decisions.discovery import FEWEST, Discovery, discovery, sentence
from ..experiment import Plan
from ..labels import meaning_of
from ..language import _, later, looked_up, lowered, written

WORDS = {
    "future": later("what comes"),
    "family": later("the family of the failure hazard"),
    "crowding": later("the market"),
}
LONGEST = 70
"""Letters of the meaning of a number beyond which its name stands in a sentence."""


@dataclass(frozen=True, eq=False)
class Failing:
    """When a strategy fails to beat the yardstick.

    Attributes
    ----------
    strategy : str
    cases, failures : int
        Draws times futures, and in how many of them the strategy gives no more than the yardstick, luck averaged out.
    discovery : Discovery
    sentence : str
    """

    strategy: str
    cases: int
    failures: int
    discovery: Discovery
    sentence: str


def when_it_fails(
    runs: pd.DataFrame, parameters: pd.DataFrame, base: str, strategy: Strategy, plan: Plan, better: str = "more"
) -> Failing:
    """Look for the circumstances in which a strategy fails to beat the yardstick.

    Parameters
    ----------
    runs : DataFrame
        ``strategy, future, draw, replication, value`` of one outcome.
    parameters : DataFrame
        ``draw`` and every number, as a study keeps them.
    base : str
        Key of the yardstick.
    strategy : Strategy
    plan : Plan
        For what people call the yardstick.
    better : str
        ``more`` or ``less``.
    """
    gain = gains(runs, base, strategy.key, better)
    known = assumptions_of(parameters)
    cases = gain.reset_index().merge(known, on="draw", sort=False)
    fails = (cases["gain"] <= 0.0).to_numpy()
    found = discovery(cases.drop(columns=["draw", "gain"]), fails, blocks=cases["draw"].to_numpy())
    yardstick = next(looked_up(each.name) for each in plan.strategies if each.key == base)
    said = _said(found, looked_up(strategy.name), yardstick)
    return Failing(strategy.key, len(cases), int(fails.sum()), found, said)


def gains(runs: pd.DataFrame, base: str, strategy: str, better: str) -> pd.Series:
    """Return by draw and future what a strategy gives beyond the yardstick, luck averaged out; complete draws only."""
    mine = runs[runs["strategy"].isin([base, strategy])]
    wide = mine.pivot_table(index=["draw", "future", "replication"], columns="strategy", values="value").dropna()
    gap = (wide[strategy] - wide[base]) * (1.0 if better == "more" else -1.0)
    mean = gap.groupby(level=["draw", "future"]).mean().rename("gain")
    each = mean.groupby(level="draw").transform("size")
    return mean[each == runs["future"].nunique()]


def assumptions_of(parameters: pd.DataFrame) -> pd.DataFrame:
    """Return ``draw``, the numbers that differ between draws, and the structure in words where it does."""
    numbers = parameters.loc[:, [name for name in NUMBERS if name in parameters and NUMBERS[name].shape != "fixed"]]
    kinds = structures_of(parameters)
    both = pd.concat([numbers, kinds.drop(columns="draw")], axis=1)
    return pd.concat([parameters["draw"], both.loc[:, both.nunique() > 1]], axis=1)


def _said(found: Discovery, strategy: str, yardstick: str) -> str:
    about = {"strategy": strategy, "yardstick": yardstick}
    cases, few = written(f"{found.cases:,}"), min(found.failures, found.cases - found.failures)
    if found.failures == 0:
        return _(
            "“{strategy}” beats “{yardstick}” in all {cases} cases, so there is nothing to look for.",
            cases=cases, **about,
        )  # fmt: skip
    if found.failures == found.cases:
        return _("“{strategy}” never beats “{yardstick}” in {cases} cases.", cases=cases, **about)
    if few < FEWEST:
        about |= {"few": str(few), "cases": cases, "least": str(FEWEST)}
        if found.failures == few:
            return _(
                "When “{strategy}” fails to beat “{yardstick}” cannot be told: it fails in {few} of {cases} cases "
                "only, and {least} are needed; more draws may give them.",
                **about,
            )
        return _(
            "When “{strategy}” fails to beat “{yardstick}” cannot be told: it succeeds in {few} of {cases} cases "
            "only, and {least} are needed; more draws may give them.",
            **about,
        )
    labels = _labels(found) | {name: _(words) for name, words in WORDS.items()}
    fact = _("“{strategy}” fails to beat “{yardstick}”", **about)
    return sentence(found, fact, labels, {name: _(_unit(name)) for name in found.box.limits})


def _labels(found: Discovery) -> dict[str, str]:
    """Return the words for the numbers of a box: its meaning where that is short, and its name always."""
    said = {}
    for name in found.box.limits:
        if name in NUMBERS:
            words = lowered(re.split("[:,،]", meaning_of(name))[0].strip())
            said[name] = f"{words} ({name})" if len(words) <= LONGEST else name
    return said


def _unit(name: str) -> str:
    unit = NUMBERS[name].unit if name in NUMBERS else ""
    return "" if unit in ("-", "ratio", "log", "share") else unit
