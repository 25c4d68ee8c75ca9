"""What reaching more of the neediest costs, and which designs are beaten by none.

Designs are one strategy with one or two levers at several values. All meet the same people and luck; those that are
not beaten are judged again under luck that had no part in choosing them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ...sim import UserError
from ...sim.outcomes import RATIOS
from ...sim.policy import Strategy, in_words, key_of
from ..decisions.paired import paired
from ..decisions.pareto import SURE, Knee, again, front, knee
from ..estimates import estimate
from ..experiment import Plan
from ..language import _, later, looked_up, written
from ..numbers import fixed
from ..results import Experiment
from . import reading
from .answer import Answer, Runner, Table
from .front_designs import Design, Varied, designs

NEGLIGIBLE = 0.01
"""Part of the cost: where designs differ by less, it is said that some may stand for cost alone (judgement)."""
SEEDS = 2**32


def frontier(
    base: Strategy,
    levers: Sequence[Varied],
    plan: Plan,
    run: Runner,
    outcome: str = "live_businesses",
    equity: str = "share_neediest_served",
    cost: str = "spent",
) -> Answer:
    """Find the designs that are not beaten on outcome, equity and cost at once, and where their front bends.

    Parameters
    ----------
    base : Strategy
    levers : sequence of (column, values)
        One or two levers and the values they take.
    plan : Plan
        Past, start, years, draws, replications, seed; its strategies are replaced by the designs.
    run : Runner
        Called twice: with all designs, and under another seed with those that were not surely beaten.
    outcome, equity, cost : str
        Three outcomes of `OUTCOMES`.

    Returns
    -------
    Answer
        Figures are of the second study; the first table has a row per design.
    """
    goals = {outcome: "", equity: "", cost: ""}
    if len(goals) < 3:
        raise UserError("--outcome, --equity, --cost: found the same outcome twice, accepted three different ones")
    for option, name in (("--outcome", outcome), ("--equity", equity), ("--cost", cost)):
        goals[name] = reading.wanted(name, option)
    reading.enough_runs(plan)
    all_designs = designs(base, levers, plan)
    first = run(replace(plan, strategies=tuple(each.strategy for each in all_designs)))
    chosen = reading.outcomes_table(first, tuple(goals))
    before = front(chosen, goals, _ratios(goals))
    standing = set(before.loc[before["verdict"] != "dominated", "strategy"])
    # The first design stays first, since an additional budget is counted from it.
    kept = tuple(each for each in first.plan.strategies if each.key in standing | {first.plan.keys[0]})
    second = run(replace(first.plan, strategies=kept, seed=(plan.seed + 1) % SEEDS))
    return _Judged(all_designs, goals, first, second, chosen, before, _ends(all_designs, levers)).answer()


def _ends(found: Sequence[Design], levers: Sequence[Varied]) -> tuple[Design, Design]:
    """Return the designs with the first lever at its first and at its last value, a second one at its first."""
    wanted = [
        {
            key_of(column): in_words(column, values[at if place == 0 else 0])
            for place, (column, values) in enumerate(levers)
        }
        for at in (0, -1)
    ]
    low, high = (next(each for each in found if dict(each.values) == values) for values in wanted)
    return low, high


def _ratios(goals: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {name: RATIOS[name] for name in goals if name in RATIOS}


@dataclass(frozen=True)
class _Judged:
    """Both studies of a front, and what is said of them."""

    designs: Sequence[Design]
    goals: Mapping[str, str]
    first: Experiment
    second: Experiment
    chosen: pd.DataFrame
    before: pd.DataFrame
    ends: tuple[Design, Design]

    def answer(self) -> Answer:
        goals, called = self.goals, {each.strategy.key: each for each in self.designs}
        outcome, equity, cost = goals
        fresh = reading.outcomes_table(self.second, tuple(goals))
        after = again(self.chosen, fresh, goals, _ratios(goals))
        plane = {name: goals[name] for name in (outcome, equity)}
        standing = fresh[fresh["strategy"].isin(after["strategy"])]
        bend = knee(standing, plane, _ratios(plane))
        table = self._table(after, called, bend)
        changes = self._changes(fresh, {key: each.label for key, each in called.items()})
        trade = self._trade()
        facts = self._facts(table, bend) | {"over_the_range": trade}
        structure, turns = self._structures(plane, bend, fresh, called)
        tables = (
            Table(ALL, _(_MEANING), table),
            Table(CHANGES, _(_DIFFERENCE), changes),
            Table(BY_STRUCTURE, _("Where the front bends under each hazard family."), structure),
        )
        mind = (*self._mind(table, bend, facts), *turns, *reading.few(self.first.plan))
        question = _(
            "What does {equity} cost in {outcome}, and which designs are not beaten?",
            equity=reading.told(equity), outcome=reading.told(outcome),
        )  # fmt: skip
        return Answer(
            question,
            self._sentence(table, facts, bend, trade),
            facts,
            tuple(each for each in tables if len(each.rows)),
            self._rests(),
            mind,
            (self.first, self.second),
        )

    def _table(self, after: pd.DataFrame, called: Mapping[str, Design], bend: Knee) -> pd.DataFrame:
        """Return a row per design: the fresh figures of those that were judged again, the first ones of the others."""
        judged = {row["strategy"]: row for row in after.to_dict("records")}
        rows = []
        for row in self.before.to_dict("records"):
            key, design = row["strategy"], called[row["strategy"]]
            now = judged.get(key, row)
            line = {"design": design.label, **{f"at {name}": value for name, value in design.values.items()}}
            line["verdict"] = now["verdict"]
            line["knee"] = key == bend.name
            for name in self.goals:
                line |= {part: now[part] for part in (name, f"{name}_low", f"{name}_high")}
                line[f"{name}_before"] = row[name]
            line |= {"chance": now["chance"], "verdict_before": row["verdict"], "judged_again": key in judged}
            line["knee_chance"] = bend.chance.get(key, 0.0)
            beaten = [called[each].label for each in str(now["dominated_by"]).split(", ") if each in called]
            line["dominated_by"] = "; ".join(beaten)
            rows.append(line)
        return pd.DataFrame(rows)

    def _changes(self, fresh: pd.DataFrame, called: Mapping[str, str]) -> pd.DataFrame:
        """Return what each design changes against the first, by fresh luck where it was judged again."""
        first = against_first(self.chosen, self.goals, called).assign(judged_again=False)
        if fresh["strategy"].nunique() < 2:
            return first
        again_ = against_first(fresh, self.goals, called).assign(judged_again=True).set_index("design")
        rows = [again_.loc[row["design"]].to_dict() if row["design"] in again_.index else row for row in _rows(first)]
        return pd.DataFrame(rows).assign(design=first["design"])[list(first.columns)]

    def _trade(self) -> dict[str, Any]:
        """Return what the whole range of the first lever changes, a second one at its first value.

        By the first study: these two designs were not chosen by what came out, so nothing flatters them.
        """
        low, high = self.ends
        both = self.chosen[self.chosen["strategy"].isin([low.strategy.key, high.strategy.key])]
        found = paired(both, tuple(self.goals), per=_ratios(self.goals))
        at, to = (found.names.index(each.strategy.key) for each in (low, high))
        told: dict[str, Any] = {"from": low.label, "to": high.label}
        for place, name in enumerate(found.outcomes):
            difference = estimate(found.linear[place, to] - found.linear[place, at])
            told[name] = [difference.mean, difference.low, difference.high]
        return told

    def _facts(self, table: pd.DataFrame, bend: Knee) -> dict[str, Any]:
        stays = table[table["judged_again"] & (table["verdict"] != "dominated")]
        at = table[table["knee"]]
        return {
            "designs": len(table),
            "kept": list(table.loc[table["verdict"] == "kept", "design"]),
            "not_sure": list(table.loc[table["verdict"] == "not sure", "design"]),
            "beaten": list(table.loc[table["verdict"] == "dominated", "design"]),
            "fell_back": list(table.loc[(table["verdict_before"] == "kept") & (table["verdict"] != "kept"), "design"]),
            "knee": at["design"].iloc[0] if len(at) else None,
            "knee_chance": bend.chance.get(bend.name or "", None),
            "no_knee_chance": bend.none,
            "knee_reason": bend.reason if bend.name is None else "",
            "cost_spread": float(stays[list(self.goals)[2]].max() / stays[list(self.goals)[2]].min() - 1),
            "outcome": list(self.goals)[0],
            "equity": list(self.goals)[1],
            "cost": list(self.goals)[2],
        }

    def _sentence(self, table: pd.DataFrame, facts: Mapping[str, Any], bend: Knee, trade: Mapping[str, Any]) -> str:
        outcome, equity = list(self.goals)[:2]
        called = {"outcome": reading.told(outcome), "equity": reading.told(equity)}
        counts = {"count": len(table), "kept": len(facts["kept"]), "open": len(facts["not_sure"])}
        moved, equity_moved = (reading.change(*trade[name], name) for name in (outcome, equity))
        said = _(
            "From {start} to {end}, {outcome} change by {moved} and {equity} by {equity_moved}.",
            start=looked_up(trade["from"]), end=looked_up(trade["to"]), moved=moved, equity_moved=equity_moved,
            **called,
        ) + " "  # fmt: skip
        if counts["open"]:
            said += _(
                "Of {count} designs, judged again under fresh luck, {kept} are surely not beaten by another and of "
                "{open} it cannot be told.",
                **counts,
            )
        else:
            said += _(
                "Of {count} designs, judged again under fresh luck, {kept} are surely not beaten by another.", **counts
            )
        if bend.name is None:
            return f"{said} " + _("Their front has {reason}.", reason=bend.reason)
        row = table[table["knee"]].iloc[0]
        level, equity_level = (
            reading.within(row[name], row[f"{name}_low"], row[f"{name}_high"], name) for name in (outcome, equity)
        )
        return f"{said} " + _(
            "The front bends most at {design}: {outcome} {level}, {equity} {equity_level}; it is so in {share} % of "
            "resamples.",
            design=looked_up(row["design"]), level=level, equity_level=equity_level,
            share=fixed(100 * bend.chance[bend.name]), **called,
        )  # fmt: skip

    def _structures(
        self, plane: Mapping[str, str], bend: Knee, fresh: pd.DataFrame, called: Mapping[str, Design]
    ) -> tuple[pd.DataFrame, list[str]]:
        """Return the knee under each structure, and a sentence where it is another."""
        rows = []
        for member, draws in reading.structures(self.second).items():
            mine = knee(fresh[fresh["draw"].isin(draws)], plane, _ratios(plane))
            label = called[mine.name].label if mine.name else mine.reason
            chance = mine.chance.get(mine.name, 0.0) if mine.name else mine.none
            rows.append((member, len(draws), label, chance, mine.name == bend.name))
        table = pd.DataFrame(rows, columns=["structure", "draws", "bends_at", "chance", "as_overall"])
        others = table[~table["as_overall"].astype(bool)]
        said = [
            _(
                "Under {structure} ({draws} draws) the front bends elsewhere, in {share} % of resamples: {where}.",
                structure=_(row.structure), draws=row.draws, share=fixed(100 * row.chance),
                where=looked_up(row.bends_at),
            )
            for row in others.itertuples()
        ]  # fmt: skip
        if table.empty:
            said.append(_("Whether the bend depends on how the model is built cannot be told from so few draws."))
        return table, said

    def _mind(self, table: pd.DataFrame, bend: Knee, facts: Mapping[str, Any]) -> list[str]:
        cost = list(self.goals)[2]
        said = []
        spread = float(facts["cost_spread"])
        if spread < NEGLIGIBLE:
            said.append(
                _(
                    "The designs that are not beaten differ by {spread} % at most in {cost}: some may stand on the "
                    "front for that alone.",
                    spread=written(f"{100 * spread:.2g}"), cost=reading.told(cost),
                )
            )  # fmt: skip
        back = facts["fell_back"]
        if back:
            designs = _("; ").join(map(looked_up, back))
            said.append(_("Kept by the luck that chose them, not surely by fresh luck: {designs}.", designs=designs))
        if bend.name is not None:
            said.append(
                _("The bend is a choice of scale, not of value: it does not say that a further step is not worth it.")
            )
        judged = table[table["judged_again"]]
        moved = [name for name in self.goals if self.chosen.loc[self.chosen["outcome"] == name, "value"].nunique() <= 1]
        said += [_("No design changes {outcome}.", outcome=reading.told(name)) for name in moved]
        if len(judged) < len(table):
            said.append(
                _(
                    "{count} designs were surely beaten in the first study (in {sure} % of resamples) and not run "
                    "again; their figures are of that study.",
                    count=len(table) - len(judged), sure=fixed(100 * SURE),
                )
            )  # fmt: skip
        return [*said, reading.rests_on_judgement()]

    def _rests(self) -> tuple[str, ...]:
        luck = reading.luck(self.first.plan) + " "
        luck += _(
            "Seeds {first} (to choose) and {second} (to judge again): the same guesses, other luck.",
            first=self.first.plan.seed, second=self.second.plan.seed,
        )  # fmt: skip
        columns = [key for key in self.designs[-1].values]
        own = self.designs[-1].strategy.layers[-1].changes
        beside = [
            f"{key_of(column)} = {in_words(column, value)}"
            for change in own
            for column, value in change.values.items()
            if key_of(column) not in columns and self.designs[-1].strategy is not self.designs[0].strategy
        ]
        sets = _("So that the levers act, every design but the first has {settings}.", settings=_(", ").join(beside))
        return (luck, *([sets] if beside else []), reading.budget(self.first.plan))


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def against_first(table: pd.DataFrame, goals: Mapping[str, str], called: Mapping[str, str]) -> pd.DataFrame:
    """Return what each design changes against the first one, on the same people and luck.

    Returns
    -------
    DataFrame
        A row per design but the first: ``design``, then per outcome its difference, ``..._low`` and ``..._high``.
    """
    found = paired(table, tuple(goals), per=_ratios(goals))
    linear, rows = found.linear, []
    for at, name in enumerate(found.names[1:], 1):
        row: dict[str, object] = {"design": called[name]}
        for place, outcome in enumerate(found.outcomes):
            difference = estimate(linear[place, at] - linear[place, 0])
            row |= {outcome: difference.mean, f"{outcome}_low": difference.low, f"{outcome}_high": difference.high}
        rows.append(row)
    return pd.DataFrame(rows)


ALL, CHANGES = later("All designs"), later("Difference from the first design")
BY_STRUCTURE = later("The bend by structure of the model")
_MEANING = later(
    "Means with 95 % intervals over draws, judged by luck that did not choose the designs; '_before' is what the first "
    "study said. kept: not beaten on all counts in 95 % of resamples; dominated: beaten in 95 %; not sure: between. "
    "chance: share of resamples in which it is not beaten."
)
_DIFFERENCE = later(
    "What each design changes against the first design, on the same people and luck, with 95 % "
    "intervals. These are narrower than those of the levels, since what nobody knows moves all designs alike."
)
