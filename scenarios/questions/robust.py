"""Which strategy holds up whatever comes and however the model is built, and when one fails to beat today's.

Each strategy is run as it is and with each future laid over it, all in one plan: the same people and the same luck.
A *world* is a future under a structure of the model (family of the failure hazard, crowding).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ...sim import OUTCOMES, UserError
from ...sim.outcomes import RATIOS
from ...sim.policy import Strategy, differences, settings_table
from ...sim.policy import combine as laid_over
from ..by_structure import structures_of
from ..contrast import FEW_DRAWS
from ..decisions.regret import robustness
from ..experiment import Plan
from ..language import _, later, looked_up, written
from ..results import Experiment
from ..shelf import PARAMETERS
from .answer import Answer, Runner
from .failing import when_it_fails
from .robust_words import facts_of, question_of, sentence_of, tables_of, to_mind, what_it_rests_on

FUTURES = ("surge", "funding_gap", "recession", "pandemic", "partner_leaves")
"""Futures of the catalogue that are tried unless others are named."""
AS_PLANNED = later("as planned")
"""The future in which none of them comes."""
RARE = later("rarer structures")
MOST_LEFT_OUT = 0.1
"""Share of the draws that may be left out because their structures are too rare to be judged (judgement)."""


@dataclass(frozen=True)
class Design:
    """Which strategy is run in which future.

    Attributes
    ----------
    plan : Plan
        All runs; the yardstick, as planned, first.
    cells : mapping of str
        By (strategy, future), the key in the plan of the runs that stand for it. Where a future changes nothing in a
        strategy, those as planned do.
    futures : tuple of str
        As planned, then those that change something, by what people call them.
    idle : tuple of str
        Those that change nothing in any of the strategies before the plan ends.
    """

    plan: Plan
    cells: dict[tuple[str, str], str]
    futures: tuple[str, ...]
    idle: tuple[str, ...]


def design(plan: Plan, futures: Sequence[Strategy]) -> Design:
    """Return which strategies of a plan are run in which futures.

    Raises
    ------
    UserError
        Where one of the strategies is a future or the other way round, a future cannot be laid over a strategy, or
        none changes anything.
    """
    strategies = plan.strategies
    for each in (each for each in strategies if each.future):
        raise UserError("STRATEGY: found {key}, a future; accepted: a strategy, and --futures {key}", key=each.key)
    for each in (each for each in futures if not each.future):
        raise UserError(
            "--futures: found {key}, a strategy; accepted: futures, as {names}", key=each.key, names=", ".join(FUTURES)
        )
    runs = list(strategies)
    cells = {(each.key, AS_PLANNED): each.key for each in strategies}
    kept, idle = [AS_PLANNED], []
    for future in futures:
        name = named(future)
        both = {each.key: _with(each, future, plan) for each in strategies}
        changed = [each.key for each in strategies if differences(each, both[each.key], plan.start, plan.months)]
        if not changed:
            idle.append(name)
            continue
        kept.append(name)
        runs += [both[key] for key in changed]
        cells |= {(each.key, name): both[each.key].key if each.key in changed else each.key for each in strategies}
    if len(kept) == 1:
        raise UserError(
            "--futures: none changes anything within --years {years}; accepted: more years", years=plan.years
        )
    return Design(replace(plan, strategies=tuple(runs)), cells, tuple(kept), tuple(idle))


def named(future: Strategy) -> str:
    """Return what people call a future: ``a recession`` for ``Future: a recession``."""
    return future.name.removeprefix("Future:").strip()


def _with(strategy: Strategy, future: Strategy, plan: Plan) -> Strategy:
    """Return a strategy with a future laid over it."""
    both = laid_over([strategy, future])
    try:
        settings_table(both, plan.start, plan.months, plan.known_until)
    except UserError as problem:
        raise UserError(
            "--futures: {future} cannot be laid over {strategy}: {problem}",
            future=future.key,
            strategy=strategy.key,
            problem=problem,
        ) from problem
    return both


def check_outcome(outcome: str, years: int) -> None:
    """Refuse an outcome by which nothing can be ranked, before anything is computed."""
    if outcome not in OUTCOMES:
        from ...sim.strategy_words import did_you_mean

        near = did_you_mean(outcome, OUTCOMES) or _("idmaj explain outcomes names them")
        raise UserError(
            "--outcome: found {outcome!r}, accepted the name of an outcome; {near}", outcome=outcome, near=near
        )
    if not OUTCOMES[outcome].better:
        raise UserError(
            "--outcome: found {outcome!r}, of which neither more nor less is better; accepted: another", outcome=outcome
        )
    if outcome.startswith("survival_") and years <= int(outcome.removeprefix("survival_").removesuffix("y")):
        raise UserError(
            "--outcome: found {outcome!r} in a plan of {years} years; accepted: a longer plan",
            outcome=outcome,
            years=years,
        )


def robust(
    plan: Plan,
    futures: Sequence[Strategy],
    run: Runner,
    outcome: str = "live_businesses",
    threshold: float | None = None,
) -> Answer:
    """Say which strategy holds up over futures and structures, and when the others fail to beat the first.

    Parameters
    ----------
    plan : Plan
        Of two strategies or more; the first is the yardstick.
    futures : sequence of Strategy
    run : Runner
    outcome : str
    threshold : float, optional
        The least (where less is better: the most) that satisfies, in the unit of the outcome; what the yardstick
        gives as planned, by default.
    """
    check_outcome(outcome, plan.years)
    if len(plan.strategies) < 2:
        raise UserError("STRATEGY: found one, accepted two or more: the first is what the others are measured by")
    drawn = design(plan, futures)
    found = run(drawn.plan)
    table = cells_of(found, drawn, outcome)
    parameters = pd.read_csv(found.store.folder / PARAMETERS)
    worlds = worlds_of(structures_of(parameters))
    return answer_of(plan, drawn, table, worlds, parameters, outcome, threshold, (found,))


def cells_of(found: Experiment, drawn: Design, outcome: str) -> pd.DataFrame:
    """Return the runs by strategy and future: ``strategy, draw, replication, outcome, value, future``."""
    runs = {key: rows for key, rows in found.with_parts(outcome).groupby("strategy", sort=False)}
    parts = [runs[key].assign(strategy=strategy, future=future) for (strategy, future), key in drawn.cells.items()]
    return pd.concat(parts, ignore_index=True)


def worlds_of(structures: pd.DataFrame) -> pd.Series:
    """Return the structure that each draw stands for, by draw: the finest that has draws enough.

    Structures of fewer than 5 draws are pooled; where even the pool has fewer, its draws are left out, if they are few.
    Otherwise a coarser division is taken: by family alone, by crowding alone, none (an empty text).
    """
    both = structures["family"] + ", " + structures["crowding"]
    for names in (both, structures["family"], structures["crowding"]):
        counts = names.map(names.value_counts())
        pooled = names.where(counts >= FEW_DRAWS, RARE)
        rare = int((pooled == RARE).sum())
        if rare < FEW_DRAWS:
            pooled = pooled[pooled != RARE]
        if pooled.nunique() > 1 and len(pooled) >= (1 - MOST_LEFT_OUT) * len(names):
            return pd.Series(pooled.to_numpy(), index=structures["draw"].reindex(pooled.index).to_numpy())
    return pd.Series("", index=structures["draw"].to_numpy())


def answer_of(
    plan: Plan,
    drawn: Design,
    table: pd.DataFrame,
    worlds: pd.Series,
    parameters: pd.DataFrame,
    outcome: str,
    threshold: float | None,
    studies: tuple[Experiment, ...] = (),
) -> Answer:
    """Return the answer that follows from the runs (`robust` says what each is)."""
    better = "more" if OUTCOMES[outcome].better > 0 else "less"
    base = plan.keys[0]
    per = {outcome: RATIOS[outcome]} if outcome in RATIOS else None
    overall = robustness(table, outcome, None, better, per)
    if threshold is None:
        threshold = float(overall.worlds.loc[_at(overall.worlds, base, AS_PLANNED), "value"].iloc[0])
        bar = _(
            "what {strategy} gives as planned ({value})",
            strategy=looked_up(plan.strategies[0].name), value=_number(threshold),
        )  # fmt: skip
    else:
        bar = _number(threshold)
    kept = table[table["draw"].isin(worlds.index)]
    kept = kept.assign(structure=kept["draw"].map(worlds))
    found = robustness(kept, outcome, threshold, better, per)
    cases = table[table["outcome"] == outcome] if per is None else ratio_by_draw(table, outcome)
    failing = [when_it_fails(cases, parameters, base, each, plan, better) for each in plan.strategies[1:]]
    return Answer(
        question_of(plan, outcome),
        " ".join([sentence_of(plan, found, outcome), *(each.sentence for each in failing)]),
        facts_of(plan, drawn, found, overall, worlds, failing, outcome, threshold, better),
        tables_of(plan, found, overall, failing, bar),
        what_it_rests_on(plan, drawn, found, worlds, bar),
        to_mind(plan, drawn, found, worlds),
        studies,
    )


def ratio_by_draw(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return a ratio of means in each draw: its luck is averaged out above and below the line."""
    by = ["strategy", "future", "draw"]
    top, bottom = (table[table["outcome"] == part].groupby(by, sort=False)["value"].mean() for part in RATIOS[outcome])
    value = (top / bottom.where(bottom > 0)).rename("value").reset_index()
    return value.assign(replication=0, outcome=outcome)


def _at(worlds: pd.DataFrame, strategy: str, future: str) -> Any:
    return (worlds["strategy"] == strategy) & (worlds["future"] == future)


def _number(value: float) -> str:
    return written(f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}")
