"""Who is reached: the neediest at each stage, how success is concentrated over need, and who gains and who loses.

Equity and effect are laid side by side and never added up into one score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...sim import OUTCOMES, UserError
from ...sim.groups import NEED
from ..by_structure import differences_by_structure, rankings, structures_of
from ..by_structure import in_words as order_in_words
from ..contrast import compare_rows, run_rows
from ..decisions.equity import equity_plane, neediest_shares, share_changes, winners_and_losers
from ..decisions.planes import difference
from ..experiment import Plan, prepare
from ..language import _, looked_up
from ..results import Experiment
from ..shelf import PARAMETERS
from . import reading
from .answer import Answer, Runner
from .equity_words import (
    BOTH,
    CHANGES,
    EQUITY,
    LIVED,
    STAGES,
    facts_of,
    mind_of,
    question_of,
    rests_on_of,
    sentence_of,
    tables_of,
    words,
)
from .places import ENTERPRISE, PLACE, people_of_runs

NEGLIGIBLE = 0.01
"""Part of the base's effect within which two strategies are not told apart (judgement)."""
UNFILLED = "places_unfilled"
MOST_ORDERED = 6
"""Strategies whose order under each structure is told in words; the table has all."""


@dataclass(frozen=True)
class Found:
    """What the runs say.

    Attributes
    ----------
    plan : Plan
    effect, equity : str
    shares : DataFrame
        ``strategy, stage, share, low, high, change, change_low, change_high``; no change of the base.
    levels : DataFrame
        The same of the effect and of every measure of equity, by ``outcome``.
    plane : DataFrame
        From `plane_of`.
    both : DataFrame
        ``strategy, equity, chance, low, high, draws``: both more effect and fairer, by each measure of equity.
    by_structure : DataFrame
        ``strategy, structure, draws, effect, effect_low, effect_high, equity, equity_low, equity_high, both``.
    orders : tuple of str
        Whether the order in effect and in equity depends on how the model is built.
    places : DataFrame
        ``strategy, what, need, people, gain, lose, net, net_low, net_high, runs``.
    by_draw : DataFrame
        ``strategy, draw, effect, equity, unfilled``: differences from the base, and the places for which nobody waits
        under the base.
    """

    plan: Plan
    effect: str
    equity: str
    shares: pd.DataFrame
    levels: pd.DataFrame
    plane: pd.DataFrame
    both: pd.DataFrame
    by_structure: pd.DataFrame
    orders: tuple[str, ...]
    places: pd.DataFrame
    by_draw: pd.DataFrame

    @property
    def called(self) -> dict[str, str]:
        """What tables call each strategy, by key: its name, or its key where two have one name."""
        return reading.named(self.plan)

    def said(self, key: str) -> str:
        """Return what people call a strategy, in the language spoken."""
        return looked_up(self.called[key])


def check(plan: Plan, effect: str, equity: str) -> None:
    """Refuse what cannot be asked, before anything is computed.

    Raises
    ------
    UserError
        If there is one strategy only, or effect or equity is none.
    """
    if len(plan.strategies) < 2:
        raise UserError("STRATEGY: found none beside BASE, accepted one or more: equity is told against the base")
    if equity not in EQUITY:
        raise UserError(
            "--equity: found {equity!r}, accepted {names} or {last}",
            equity=equity,
            names=", ".join(EQUITY[:-1]),
            last=EQUITY[-1],
        )
    if effect in EQUITY:
        raise UserError(
            "--effect: found {effect!r}, a measure of equity; accepted an effect, as begun_and_open", effect=effect
        )
    if reading.wanted(effect, "--effect") == "less":
        raise UserError(
            "--effect: found {effect!r}, of which less is better; accepted one of which more is better", effect=effect
        )
    if effect.startswith("survival_") and plan.years <= int(effect.removeprefix("survival_").removesuffix("y")):
        raise UserError(
            "--effect: found {effect!r} in a plan of {years} years; accepted: a longer plan",
            effect=effect,
            years=plan.years,
        )
    reading.enough_runs(plan)


def equity(
    plan: Plan,
    run: Runner,
    effect: str = "begun_and_open",
    measure: str = "concentration",
    workers: int | None = None,
) -> Answer:
    """Say who is reached under each strategy, and in how many draws one is both better and fairer than the first.

    Parameters
    ----------
    plan : Plan
        The base first; its monthly outcomes are kept, since those who applied are counted month by month.
    run : Runner
    effect : str
        An outcome of which more is better.
    measure : str
        One of `EQUITY`.
    workers : int, optional
        Runs lived at a time, to see who gains and who loses.
    """
    check(plan, effect, measure)
    study = run(replace(plan, traces=True))
    found = found_of(study, effect, measure, places_of(study.plan, workers))
    return Answer(
        question_of(found),
        sentence_of(found),
        facts_of(found),
        tables_of(found),
        rests_on_of(found),
        mind_of(found),
        (study,),
    )


def found_of(study: Experiment, effect: str, measure: str, places: pd.DataFrame) -> Found:
    """Return what a study says; `places` is who gains and who loses, from `places_of`."""
    plan = study.plan
    ends = study.ends(list(dict.fromkeys((effect, *EQUITY))))
    parameters = structures_of(pd.read_csv(study.store.folder / PARAMETERS))
    return Found(
        plan,
        effect,
        measure,
        shares_of(counts_of(study), plan.keys[0]),
        levels_of(ends, plan.keys[0]),
        plane_of(ends, plan.keys[0], effect, measure),
        both_by_measure(ends, plan.keys[0], effect),
        by_structure(ends, plan.keys[0], effect, measure, reading.structures(study)),
        orders(ends, plan, effect, measure, parameters),
        places,
        by_draw(pd.concat([ends, study.ends([UNFILLED])]), plan.keys, effect, measure),
    )


def counts_of(study: Experiment) -> pd.DataFrame:
    """Return how many applied, were served and are still active in every run, the neediest and the others.

    ``strategy, draw, replication, stage, member, value``, as `neediest_shares` takes them.
    """
    columns = ("neediest_applied", "applications", "neediest_served", "projects_started")
    shape = (len(study.runs), len(study.plan.keys))
    sums = {name: np.zeros(shape) for name in columns}
    for _months, months in study.months_of(columns):
        for name, values in months.items():
            sums[name] += values.sum(axis=2)
    still = [study.ends([name])["value"].to_numpy().reshape(shape[::-1]).T for name in _STILL]
    still_open, share = still[0], np.nan_to_num(still[1])  # of no open project no share is known
    stages = (
        (sums["neediest_applied"], sums["applications"]),
        (sums["neediest_served"], sums["projects_started"]),
        (still_open * share, still_open),
    )
    draws, replications = np.array(study.runs).T
    parts = []
    for stage, (neediest, total) in zip(STAGES, stages, strict=True):
        for place, key in enumerate(study.plan.keys):
            about = {"strategy": key, "draw": draws, "replication": replications, "stage": stage}
            for member, values in ((NEED[4], neediest), ("others", total - neediest)):
                parts.append(pd.DataFrame({**about, "member": member, "value": values[:, place]}))
    return pd.concat(parts, ignore_index=True)


_STILL = ("begun_and_open", "neediest_still_open")


def shares_of(counts: pd.DataFrame, base: str) -> pd.DataFrame:
    """Return the share of the neediest at each stage, and what each strategy changes in it."""
    changes = share_changes(counts, base, NEED[4:5]).rename(columns={"difference": "change"})
    changes = changes.rename(columns={"low": "change_low", "high": "change_high"})
    shares = neediest_shares(counts, NEED[4:5])[["strategy", "stage", "share", "low", "high"]]
    return shares.merge(changes[["strategy", "stage", *_CHANGE]], on=["strategy", "stage"], how="left")


_CHANGE = ["change", "change_low", "change_high"]


def levels_of(ends: pd.DataFrame, base: str) -> pd.DataFrame:
    """Return each outcome under each strategy, and its difference from the base."""
    names = list(ends["outcome"].unique())
    units, possible = ({name: getattr(OUTCOMES[name], of) for name in names} for of in ("unit", "possible"))
    levels = run_rows(ends, units, possible)[["outcome", "strategy", "unit", "mean", "low", "high"]]
    changes = compare_rows(ends, base, units, possible)[["outcome", "strategy", "difference", "low", "high"]]
    changes = changes.set_axis(["outcome", "strategy", *_CHANGE], axis=1)
    return levels.merge(changes, on=["outcome", "strategy"], how="left")


def plane_of(ends: pd.DataFrame, base: str, effect: str, measure: str) -> pd.DataFrame:
    """Return the chance of each quadrant; the mean differences are called ``effect`` and ``equity`` here."""
    found = equity_plane(ends, base, effect, measure)
    return found.rename(columns=dict(zip(_AXES, CHANGES, strict=True)))


_AXES = ("across", "across_low", "across_high", "up", "up_low", "up_high")


def both_by_measure(ends: pd.DataFrame, base: str, effect: str) -> pd.DataFrame:
    """Return in what share of the draws each strategy has both more effect and is fairer, by every measure."""
    planes = [equity_plane(ends, base, effect, name).assign(equity=name) for name in EQUITY]
    table = pd.concat(planes, ignore_index=True)
    return table.loc[table["quadrant"] == BOTH, ["strategy", "equity", "chance", "low", "high", "draws"]]


def by_structure(
    ends: pd.DataFrame, base: str, effect: str, measure: str, structures: Mapping[str, set[int]]
) -> pd.DataFrame:
    """Return each strategy's differences from the base, and the chance of both, under each structure."""
    parts = []
    for member, draws in structures.items():
        mine = plane_of(ends[ends["draw"].isin(draws)], base, effect, measure)
        parts.append(mine[mine["quadrant"] == BOTH].assign(structure=member).rename(columns={"chance": "both"}))
    columns = ["strategy", "structure", "draws", *CHANGES, "both"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def orders(ends: pd.DataFrame, plan: Plan, effect: str, measure: str, structures: pd.DataFrame) -> tuple[str, ...]:
    """Say whether the order of the strategies in effect and in equity depends on how the model is built."""
    if len(plan.keys) > MOST_ORDERED:
        return ()
    said, names = [], {each.key: _("“{name}”", name=looked_up(each.name)) for each in plan.strategies}
    for outcome in (effect, measure):
        mine = ends[ends["outcome"] == outcome]
        level = abs(mine.loc[mine["strategy"] == plan.keys[0], "value"].mean())
        table = differences_by_structure(mine, structures)
        ranked = rankings(table, NEGLIGIBLE * level if outcome == effect else 0.0)
        said.append(order_in_words(ranked, names, words(outcome), plan.draws))
    return tuple(said)


def by_draw(ends: pd.DataFrame, keys: Sequence[str], effect: str, measure: str) -> pd.DataFrame:
    """Return how each strategy differs from the base in every draw, by the means over its courses of luck.

    ``strategy, draw, effect, equity, unfilled``; the last are the base's places for which nobody waits.
    """
    wide = ends.pivot(index=["draw", "replication"], columns=["outcome", "strategy"], values="value")
    parts = []
    for key in keys[1:]:
        runs = {name: (wide[outcome, key].to_numpy(), wide[outcome, keys[0]].to_numpy())
                for name, outcome in (("effect", effect), ("equity", measure))}  # fmt: skip
        apart = {name: difference(*values) for name, values in runs.items()}
        table = pd.DataFrame(apart | {"unfilled": wide[UNFILLED, keys[0]].to_numpy()}, index=wide.index)
        parts.append(table.dropna().groupby("draw").mean().reset_index().assign(strategy=key))
    return pd.concat(parts, ignore_index=True).loc[:, ["strategy", "draw", "effect", "equity", "unfilled"]]


def places_of(plan: Plan, workers: int | None = None) -> pd.DataFrame:
    """Live some runs of a plan again; return who gains and who loses a place or a live enterprise, by need.

    Returns
    -------
    DataFrame
        ``strategy, what, need, people, gain, lose, net, net_low, net_high, runs``, mean persons a run; everybody first.
    """
    some = replace(plan, draws=min(plan.draws, LIVED), replications=1)
    people = people_of_runs(some, prepare(plan), workers)[0]  # the draws are those of the plan: the first of them
    order = {name: place for place, name in enumerate(("all", *NEED))}
    parts = []
    for key in plan.keys[1:]:
        for what in (PLACE, ENTERPRISE):
            table = winners_and_losers(people.assign(value=people[what]), plan.keys[0], key, ["need"])
            table = table.sort_values("member", key=lambda names: names.map(order)).rename(columns={"member": "need"})
            parts.append(table.drop(columns="group").assign(strategy=key, what=what))
    table = pd.concat(parts, ignore_index=True)
    return table[["strategy", "what", *(name for name in table if name not in ("strategy", "what"))]]
