"""How the answer on robustness is put: sentence, facts, tables, what it rests on, what to mind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ...sim import OUTCOMES
from ..contrast import FEW_DRAWS
from ..decisions.regret import CRITERIA, Robustness
from ..experiment import Plan
from ..labels import cell, within_sentence
from ..language import _, later, looked_up, many, written
from ..numbers import fixed, span
from .answer import Table
from .failing import Failing

if TYPE_CHECKING:
    from .robust import Design

BY_FUTURE = later("Regret by future")
LIKELY = 0.5
"""Share of resamples in which an order under two structures must still be opposite to be named (judgement)."""
SHORT = {
    "mean": later("the mean of all worlds"),
    "worst": later("the worst world"),
    "max_regret": later("the largest regret"),
    "p90_regret": later("the 90th percentile of regret"),
    "satisficing": later("the share of worlds that satisfy"),
}


def question_of(plan: Plan, outcome: str) -> str:
    """Return the question."""
    return _(
        "Which strategy holds up in {outcome}, whatever comes, against “{strategy}”?",
        outcome=within_sentence(outcome), strategy=looked_up(plan.strategies[0].name),
    )  # fmt: skip


def sentence_of(plan: Plan, found: Robustness, outcome: str) -> str:
    """Say which strategy holds up best, and whether all measures agree."""
    called = {each.key: looked_up(each.name) for each in plan.strategies}
    regret = found.measures[found.measures["criterion"] == "max_regret"].sort_values("rank", kind="stable")
    first = regret.iloc[0]
    tied = int((regret["rank"] == 1).sum())
    about = {"strategy": called[first["strategy"]], "worlds": len(found.worlds) // len(called), "unit": _unit(outcome)}
    about |= {"loss": _number(first["value"]), "interval": span(_number(first["low"]), _number(first["high"]))}
    share = 100 * first["chance_first"]
    if tied > 1:
        said = _(
            "“{strategy}” is among those that hold up best: over {worlds} worlds (futures and structures of the model) "
            "the most it loses against the best strategy of a world is {loss} {unit} (95 % interval {interval}), and "
            "it comes first by that measure in {share} % of resamples of the draws.",
            share=fixed(share), **about,
        )  # fmt: skip
    else:
        said = _(
            "“{strategy}” holds up best: over {worlds} worlds (futures and structures of the model) the most it loses "
            "against the best strategy of a world is {loss} {unit} (95 % interval {interval}), and it comes first by "
            "that measure in {share} % of resamples of the draws.",
            share=fixed(share), **about,
        )  # fmt: skip
    if share < 95:
        said += " " + _("The draws do not settle it.")
    others = found.disagreements[found.disagreements["criterion"] != "max_regret"]
    mine = set(regret.loc[regret["rank"] == 1, "strategy"])
    apart = [row for row in others.itertuples() if not mine & set(row.best.split(", "))]
    if not apart:
        return f"{said} " + _("All measures of robustness name it.")
    parts = [
        _("by {measure} {strategies}", measure=_(SHORT[row.criterion]), strategies=_called(row.best, called))
        for row in apart
    ]
    return f"{said} " + _("The measures disagree: best is {parts}.", parts=_("; ").join(parts))


def facts_of(
    plan: Plan,
    drawn: Design,
    found: Robustness,
    overall: Robustness,
    worlds: pd.Series,
    failing: Sequence[Failing],
    outcome: str,
    threshold: float,
    better: str,
) -> dict[str, Any]:
    """Return the answer for programs."""
    first = found.measures[(found.measures["criterion"] == "max_regret")].sort_values("rank", kind="stable").iloc[0]
    return {
        "outcome": outcome,
        "unit": OUTCOMES[outcome].unit,
        "better": better,
        "yardstick": plan.keys[0],
        "strategies": plan.keys,
        "futures": list(drawn.futures),
        "futures_without_effect": list(drawn.idle),
        "structures": _structures(worlds),
        "draws_left_out": plan.draws - len(worlds),
        "worlds": len(found.worlds) // len(plan.keys),
        "threshold": threshold,
        "best": first["strategy"],
        "max_regret": first["value"],
        "low": first["low"],
        "high": first["high"],
        "chance_first": first["chance_first"],
        "best_by": dict(zip(found.disagreements["criterion"], found.disagreements["best"], strict=True)),
        "agree": bool(found.disagreements["agrees"].all()),
        "flips": found.flips.to_dict("records"),
        "failing": [_failing(each) for each in failing],
    }


def _failing(each: Failing) -> dict[str, Any]:
    found = each.discovery
    box = found.box
    return {
        "strategy": each.strategy,
        "sentence": each.sentence,
        "cases": each.cases,
        "failures": each.failures,
        "named": found.named,
        "reason": found.reason,
        "coverage": box.coverage if box.limits else None,
        "density": box.density if box.limits else None,
        "density_again": found.density_again,
        "noise": found.noise,
        "limits": {
            name: {"low": limit.low, "high": limit.high, "among": sorted(map(str, limit.among))}
            for name, limit in box.limits.items()
        },
    }


def tables_of(
    plan: Plan, found: Robustness, overall: Robustness, failing: Sequence[Failing], bar: str
) -> tuple[Table, ...]:
    """Return the tables of an answer."""
    called = {each.key: each.name for each in plan.strategies}
    if len(set(called.values())) < len(called):  # two files that give themselves one name
        called = {key: key for key in called}

    def with_names(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(**{c: table[c].map(called) for c in ("strategy", "other") if c in table})

    meanings = _("; ").join(_("{name}: {value}", name=cell(name), value=_(words)) for name, words in CRITERIA.items())
    measures = with_names(found.measures)
    tables = [
        Table(later("Measures of robustness"), _(
            "{meanings}. Satisfied by {bar}. Intervals and ranks: 95 %, by resampling the draws; chance first: share "
            "of resamples in which it ranks first.", meanings=meanings, bar=bar), measures),
        Table(BY_FUTURE, _("Mean over all draws, and what is lost against the best strategy of that future."),
              with_names(overall.worlds).drop(columns="structure")),
        Table(later("Worlds"), _("Mean and regret in each future under each structure of the model."),
              with_names(found.worlds)),
    ]  # fmt: skip
    if found.structures["structure"].nunique() > 1:
        tables.append(Table(later("Ranks by structure"), _("Over the futures, each structure by itself."),
                            with_names(found.structures)))  # fmt: skip
    if len(found.flips):
        meaning = _(
            "Pairs that one structure ranks otherwise than another; chance: share of resamples in which some do."
        )
        tables.append(Table(later("Orders that turn over"), meaning, with_names(found.flips)))
    boxes = [each.discovery.restrictions.assign(strategy=called[each.strategy], named=each.discovery.named)
             for each in failing if len(each.discovery.restrictions)]  # fmt: skip
    if boxes:
        table = pd.concat(boxes, ignore_index=True)
        columns = ["strategy", "named", *(name for name in table if name not in ("strategy", "named"))]
        tables.append(Table(later("Boxes in which a strategy fails"), _(
            "Limits of the best box; named only if it passes all tests. again: share of halves that restrict the "
            "same. quasi_p takes cases for independent, which the futures of one draw are not."),
                            table[columns]))  # fmt: skip
    return tuple(tables)


def what_it_rests_on(plan: Plan, drawn: Design, found: Robustness, worlds: pd.Series, bar: str) -> tuple[str, ...]:
    """Say what the answer rests on."""
    structures = _structures(worlds)
    kinds = _("one structure")
    if structures:
        names = _("; ").join(map(looked_up, structures))
        kinds = many(
            "one structure of the model ({names})", "{n} structures of the model ({names})", len(structures),
            names=names,
        )  # fmt: skip
    return (
        _(
            "{draws} draws × {replications} courses of luck, the same for all {strategies} strategies in all {futures} "
            "futures.",
            draws=plan.draws, replications=plan.replications, strategies=len(plan.keys), futures=len(drawn.futures),
        ),
        _(
            "Worlds: the futures ({futures}) under {kinds}. Each counts alike, however likely it is.",
            futures=_("; ").join(map(_, drawn.futures)), kinds=kinds,
        ),
        _("A world satisfies where a strategy gives at least as good as {bar}.", bar=bar),
        _("How hard futures strike, and when, is judgement: stress tests, not forecasts (idmaj strategies show NAME)."),
    )  # fmt: skip


def to_mind(plan: Plan, drawn: Design, found: Robustness, worlds: pd.Series) -> tuple[str, ...]:
    """Say what the answer does not say, or why it may be wrong."""
    said = []
    left, called = plan.draws - len(worlds), {each.key: looked_up(each.name) for each in plan.strategies}
    if drawn.idle:
        futures = _("; ").join(map(_, drawn.idle))
        said.append(_("Left out, for before the plan ends it changes nothing here: {futures}.", futures=futures))
    if not _structures(worlds):
        said.append(
            _("Structures are pooled: too few draws to part them ({least} of each are needed).", least=FEW_DRAWS)
        )
    if left:
        said.append(_("{count} draws of structures too rare to be judged are left out of the worlds.", count=left))
    turned = found.flips[(found.flips["criterion"] == "mean") & (found.flips["chance"] >= LIKELY)]
    for row in turned.itertuples():
        said.append(
            _(
                "On average over the futures “{strategy}” is ahead of “{other}” under {ahead} and behind under "
                "{behind} ({share} % of resamples).",
                strategy=called[row.strategy], other=called[row.other], ahead=looked_up(row.ahead_under),
                behind=looked_up(row.behind_under), share=fixed(100 * row.chance),
            )
        )  # fmt: skip
    said += [
        _("Regret cannot be below zero, and luck left in a world's mean adds to it: more draws lower it."),
        _("A strategy that is best of these in every world may still be worse than one that was not asked about."),
    ]
    return tuple(said)


def _structures(worlds: pd.Series) -> list[str]:
    return [name for name in dict.fromkeys(worlds) if name]


def _called(keys: str, called: dict[str, str]) -> str:
    return _(" and ").join(_("“{name}”", name=called[key]) for key in keys.split(", "))


def _unit(outcome: str) -> str:
    unit = OUTCOMES[outcome].unit
    return _("of a share ({outcome})", outcome=within_sentence(outcome)) if unit == "share" else _(unit)


def _number(value: float) -> str:
    return written(f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}")
