"""What the evaluation of 2017 would have found, had something been done otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ...calibration.checks import PUBLISHED_SHARE
from ...calibration.knowledge import load_knowledge
from ...sim import EVALUATION_MONTH
from ...sim.history import DEFINITIONS
from ...sim.policy import Strategy
from ..by_structure import differences_by_structure, in_words, rankings, structures_of
from ..contrast import FEW_DRAWS, compare_rows
from ..estimates import estimate
from ..experiment import Plan
from ..labels import coded, percent
from ..labels import strategy as called_strategy
from ..language import _, later, written
from ..numbers import signed
from ..results import Experiment
from ..runs import MONTHLY
from ..shelf import PARAMETERS
from ..strategies import load
from . import reading
from .answer import Answer, Runner, Table
from .rewritten import PAST, remarks, what_differs
from .through import acts_through

SHARES = later("Share active in May 2017")
BESIDE_IT, CHANGES, THROUGH_IT = later("Beside the share"), later("What changes"), later("What it acts through")
YEARS = 11
"""2007 to 2017: the evaluation is in May 2017."""
SEEN = next(iter(DEFINITIONS))
SHORT = (later("seen"), later("found"), later("open"), later("stayed"), later("jobs_and_solutions"))
"""Definitions of success, as tables call them."""
BESIDE = {
    later("projects ever financed"): "projects",
    later("live_businesses"): "projects",
    later("live_unassisted"): later("businesses"),
    later("heads_at_work"): "share",
    later("persons who wait"): "persons",
}
"""What stands beside the share: a share may rise because there is less of what it is a share of."""
NO_COMPARISON = later(
    "The published figures have no comparison group: that a share was found says nothing of what it would have been. "
    "The effect is what the model's assumptions make of the change, not something that was observed."
)


def history_plan(
    changed: Sequence[Strategy], draws: int = 100, replications: int = 2, seed: int = 1, posterior: Path | None = None
) -> Plan:
    """Return the plan that lives history whole, as it was and with each change, under the same luck."""
    past = load(PAST)
    return Plan((past, *changed), past, 0, YEARS, draws, replications, seed, traces=True, posterior=posterior)


def what_if(plan: Plan, run: Runner) -> Answer:
    """Say what the published 53.7 % would have been under each change of a plan.

    Parameters
    ----------
    plan : Plan
        From `history_plan`.
    run : Runner
    """
    found = run(plan)
    shares, beside = shares_of(found), beside_of(found)
    through = through_of(found)
    parameters = pd.read_csv(found.store.folder / PARAMETERS)
    facts = {"published": PUBLISHED_SHARE, "changes": [_facts(strategy, shares) for strategy in plan.strategies[1:]]}
    tables = (
        Table(SHARES, _("Shares by definition of success: as it was done, as changed, the difference with its 95 % "
                        "interval, and the range that holds 90 % of the draws."), _named(shares, plan)),
        Table(BESIDE_IT, _("May 2017, as it was done and as changed; a share may rise while there is less."),
              _named(beside, plan)),
        Table(CHANGES, _("Settings that differ from what was done, up to the evaluation."),
              _named(changes_of(plan), plan)),
        Table(THROUGH_IT, _("Numbers through which the change first acts (which: judgement), what each rests on, and "
                            "whether the fit moved it."), through),
    )  # fmt: skip
    return Answer(
        question_of(plan),
        " ".join(_sentence(strategy, shares, beside) for strategy in plan.strategies[1:]),
        facts | {"can_tell": can_tell(through), "labels": through["label"].value_counts().to_dict()},
        tables,
        (
            _(
                "{draws} draws of the numbers nobody knows exactly, {replications} courses of luck each; every change "
                "meets the same people and the same luck as history.",
                draws=written(str(plan.draws)), replications=written(str(plan.replications)),
            ),
            _(
                "The published {share} % (P001) plus the model's difference: the model itself need not say {share} %.",
                share=_published(),
            ),
            can_tell(through),
        ),
        (_(NO_COMPARISON), *_mind(plan), *_structures(found, parameters), *reading.few(plan)),
        (found,),
    )  # fmt: skip


def _published() -> str:
    return percent(PUBLISHED_SHARE, 1)


def _named(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return a table in which each change has the name that people call it."""
    called = {strategy.key: called_strategy(strategy.name) for strategy in plan.strategies}
    return table.assign(strategy=table["strategy"].map(called)).rename(columns={"strategy": "change"})


def question_of(plan: Plan) -> str:
    """Return the question as one would ask it."""
    names = [_("'{name}'", name=called_strategy(strategy.name)) for strategy in plan.strategies[1:]]
    return _(
        "What would the {share} % of May 2017 have been with {strategies}?",
        share=_published(), strategies=_(" or ").join(names),
    )  # fmt: skip


def shares_of(found: Experiment) -> pd.DataFrame:
    """Return shares of May 2017 by change and definition.

    ``strategy, meaning, as_done, as_changed, difference, low, high, spread_low, spread_high, chance_above_zero,
    pairs, definition``; a change under which nothing was financed has no row.
    """
    rows = compare_rows(found.evaluations, found.plan.keys[0], dict.fromkeys(DEFINITIONS, "share"))
    rows = rows.assign(meaning=rows["outcome"].map(DEFINITIONS), as_done=rows["baseline_mean"], as_changed=rows["mean"])
    rows = rows.rename(columns={"outcome": "definition"})
    wanted = ["strategy", "meaning", "as_done", "as_changed", "difference", "low", "high"]
    wanted += ["spread_low", "spread_high", "chance_above_zero", "pairs", "definition"]
    order = {key: place for place, key in enumerate(found.plan.keys)}
    rows = rows.sort_values("strategy", key=lambda column: column.map(order), kind="stable")
    return rows[wanted].reset_index(drop=True)


def beside_of(found: Experiment) -> pd.DataFrame:
    """Return what else stood in May 2017, as done and as changed: ``strategy, what, unit, as_done, ...``."""
    read = found.store.read_parquet(MONTHLY)
    months = f"month = {EVALUATION_MONTH}"
    sql = (
        "SELECT strategy, draw, replication, live_businesses, live_unassisted, heads_at_work, "
        f'waiting AS "persons who wait" FROM {read} WHERE {months}'
    )
    sums = (
        f'SELECT strategy, draw, replication, sum(projects_started) AS "projects ever financed" FROM {read} '
        f"WHERE month <= {EVALUATION_MONTH} GROUP BY ALL"
    )
    by = ["strategy", "draw", "replication"]
    wide = found.store.query(sql).df().merge(found.store.query(sums).df(), on=by)
    rows = []
    base = found.plan.keys[0]
    for strategy in found.plan.keys[1:]:
        for what, unit in BESIDE.items():
            cells = wide.pivot(index=["draw", "replication"], columns="strategy", values=what).sort_index()
            gain = estimate((cells[strategy] - cells[base]).unstack("replication").to_numpy())
            means = (cells[base].mean(), cells[strategy].mean())
            rows.append((strategy, what, unit, *means, gain.mean, gain.low, gain.high))
    columns = ["strategy", "what", "unit", "as_done", "as_changed", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def changes_of(plan: Plan) -> pd.DataFrame:
    """Return which settings differ from history, and from when to when: ``strategy, setting, from, to, ...``."""
    from ...sim.policy import month_name

    rows = [
        (strategy.key, each.key, month_name(each.first), month_name(each.last), each.words_a, each.words_b, each.unit)
        for strategy in plan.strategies[1:]
        for each in what_differs(strategy)
    ]
    return pd.DataFrame(rows, columns=["strategy", "setting", "from", "to", "as_done", "as_changed", "unit"])


def through_of(found: Experiment) -> pd.DataFrame:
    """Return the numbers through which the changes act, with what the fit knows of each."""
    columns = [each.column for strategy in found.plan.strategies[1:] for each in what_differs(strategy)]
    return acts_through(columns, load_knowledge(found.plan.posterior))


def can_tell(through: pd.DataFrame) -> str:
    """Say whether the data can tell how a change acts."""
    informed = list(through.loc[through["label"] == "data-informed", "number"])
    weak = list(through.loc[through["label"] == "weak", "number"])
    driven = int((through["label"] == "prior-driven").sum())
    if not informed and not weak:
        return _(
            "The data cannot tell: all {driven} numbers through which it acts are as uncertain as they were judged.",
            driven=written(str(driven)),
        )
    parts = [_("settle {numbers}", numbers=_(", ").join(map(coded, informed)))] if informed else []
    parts += [_("say something about {numbers}", numbers=_(", ").join(map(coded, weak)))] if weak else []
    return _(
        "Of the {count} numbers through which it acts the data {say}; {driven} are as uncertain as they were judged.",
        count=written(str(len(through))), say=_(" and ").join(parts), driven=written(str(driven)),
    )  # fmt: skip


def _facts(strategy: Strategy, shares: pd.DataFrame) -> dict[str, object]:
    mine = shares[(shares["strategy"] == strategy.key) & (shares["definition"] == SEEN)]
    if mine.empty or np.isnan(mine.iloc[0]["difference"]):
        return {"strategy": strategy.key, "name": strategy.name, "would_have_been": None, "difference": None}
    row = mine.iloc[0]
    names = ("difference", "low", "high", "spread_low", "spread_high", "chance_above_zero")
    would = PUBLISHED_SHARE + row["difference"]
    return {"strategy": strategy.key, "name": strategy.name, "would_have_been": would} | {n: row[n] for n in names}


def _sentence(strategy: Strategy, shares: pd.DataFrame, beside: pd.DataFrame) -> str:
    """Say what one change would have made of the share, and that more or fewer projects stood behind it."""
    told = _facts(strategy, shares)
    mine = beside[beside["strategy"] == strategy.key].set_index("what")
    if told["would_have_been"] is None:
        work = mine.loc["heads_at_work"]
        alone = mine.loc["live_unassisted"]
        counts = mine.loc["live_businesses", "as_done"], alone["as_done"], alone["as_changed"]
        live, begun, now = (written(f"{count:.0f}") for count in counts)
        return _(
            "With '{strategy}' there would be no such share: nothing would have been financed. Instead of {live} live "
            "projects and {alone} businesses begun alone there would have been {now} begun alone in May 2017, and "
            "{changed} % of heads of household at work in place of {done} %.",
            strategy=called_strategy(strategy.name), live=live, alone=begun, now=now,
            changed=percent(work["as_changed"]), done=percent(work["as_done"]),
        )  # fmt: skip
    would, low, high, least, most = (
        PUBLISHED_SHARE + float(str(told[name]))
        for name in ("difference", "low", "high", "spread_low", "spread_high")
    )
    of_all = 100 * shares.loc[shares["strategy"] == strategy.key, "difference"]
    live = mine.loc["live_businesses"]
    sure = 100 * low > 53.7 or 100 * high < 53.7
    return _(
        "With '{strategy}' the {share} % would have been {would} % (95 % interval of the mean {low} to {high}{unsure}; "
        "{least} to {most} in nine draws of ten). By definition of success it moves {from_} to {to} points, and live "
        "projects by {live} ({live_low} to {live_high}).",
        strategy=called_strategy(strategy.name), share=_published(), would=percent(would, 1), low=percent(low, 1),
        high=percent(high, 1), unsure="" if sure else _(", which cannot be told from no change"),
        least=percent(least, 1), most=percent(most, 1), from_=signed(of_all.min(), 1), to=signed(of_all.max(), 1),
        live=signed(live["difference"]), live_low=signed(live["low"]), live_high=signed(live["high"]),
    )  # fmt: skip


def _mind(plan: Plan) -> list[str]:
    said = [
        _("{strategy}: {remark}.", strategy=called_strategy(strategy.name), remark=remark.text)
        for strategy in plan.strategies[1:]
        for remark in remarks(strategy)
    ]
    if plan.draws < FEW_DRAWS:
        said.append(_("{draws} draws are too few for an interval; 100 give one.", draws=written(str(plan.draws))))
    return said


def _structures(found: Experiment, parameters: pd.DataFrame) -> list[str]:
    """Say whether the sign holds under every structure of the model."""
    seen = found.evaluations
    seen = seen[seen["outcome"] == SEEN]
    if seen["strategy"].nunique() < 2:
        return []
    table = rankings(differences_by_structure(seen, structures_of(parameters)), 0.001)
    called = {strategy.key: called_strategy(strategy.name) for strategy in found.plan.strategies}
    return [in_words(table, called, _("the share active in May 2017"), found.plan.draws)]
