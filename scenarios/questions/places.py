"""Whose places change where one strategy takes the place of another: the same persons under the same luck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import History
from ...sim.ensemble import threads
from ...sim.groups import NEED
from ...sim.kinds import Ending, File, Origin, Sex
from ...sim.policy import differences, month_name
from ..contrast import FEW_DRAWS
from ..decisions.equity import winners_and_losers
from ..estimates import estimate
from ..experiment import Inputs, Plan, prepare
from ..labels import dated
from ..labels import strategy as called_strategy
from ..language import _, later, written
from ..numbers import signed, span
from ..runs import Lives
from .answer import Answer, Runner, Table

BY = ("sex", "origin", "need")
PLACE, ENTERPRISE = "place", "enterprise"
WHAT = {
    PLACE: later(
        "a place: a project that the programme opened for them during the plan, or membership of a cooperative"
    ),
    ENTERPRISE: later(
        "a live enterprise: one that the programme financed and that is open at the end of the plan"
    ),
}
MEANT = {
    PLACE: later("Mean persons a run who gain or lose {what}; net with its 95 % interval."),
    ENTERPRISE: later("Mean persons a run who gain or lose {what}."),
}
TITLES = {
    PLACE: later("Who gains and who loses a place"),
    ENTERPRISE: later("Who gains and who loses a live enterprise"),
}
SETTINGS, PARTING = later("Settings that part them"), later("When they part")
CALLED = {"male": later("men"), "female": later("women")}
ALL = later("everybody")
GROUPS = (later("all"), later("sex"), later("origin"), "need", later("least needy"), later("second"), later("third"),
          later("fourth"), later("neediest"), later("not known"), later("OTHER_AFRICA"), later("OTHER"))  # fmt: skip
"""What else stands in the tables."""


def why_they_differ(plan: Plan, run: Runner, workers: int | None = None) -> Answer:
    """Say where two strategies part, and which persons gain and which lose by it.

    Parameters
    ----------
    plan : Plan
        Of two strategies: the yardstick, and what is to take its place.
    run : Runner
    workers : int, optional
        Runs lived at a time.
    """
    found = run(plan)
    people, months = people_of_runs(found.plan, prepare(found.plan), workers)
    first, second = plan.strategies
    tables = {what: _changed(people, what, plan.keys) for what in WHAT}
    settings = settings_that_differ(plan)
    place, live = (tables[what].iloc[0] for what in (PLACE, ENTERPRISE))
    runs = len(months)
    names = {"first": called_strategy(first.name), "second": called_strategy(second.name)}
    whose = _(
        "With '{second}' instead of '{first}', {gain} persons a run gain a place and {lose} lose one: {net}. "
        "{live_gain} gain a live enterprise and {live_lose} lose one: {live_net}.",
        **names, gain=_count(place["gain"]), lose=_count(place["lose"]), net=_net(place),
        live_gain=_count(live["gain"]), live_lose=_count(live["lose"]), live_net=_net(live),
    )  # fmt: skip
    return Answer(
        _("Where do '{first}' and '{second}' part, and whose places change?", **names),
        f"{_parting(months)} {whose} {_who(tables[PLACE])}",
        _facts(place, live, months),
        (
            *(Table(title, _(MEANT[what], what=_(WHAT[what])), tables[what]) for what, title in TITLES.items()),
            Table(SETTINGS, _("What differs, from when to when."), settings,
                  called=dict(zip(plan.keys, names.values(), strict=True))),
            Table(PARTING, _("First month, in each run, in which anything that is counted differs, and in which "
                             "somebody opens a project under one of them only."), _dated(months)),
        ),
        _rests(runs, names["first"]),
        _mind(plan),
        (found,),
    )  # fmt: skip


def _count(persons: float) -> str:
    return written(f"{persons:.0f}")


def _rests(runs: int, first: str) -> tuple[str, ...]:
    return (
        _(
            "{runs} runs, each person the same under both: same arrival, skills, household and luck.",
            runs=written(str(runs)),
        ),
        _(
            "Need is that of the household at the last application, its fifth among applicants of the same town and "
            "quarter; taken under '{strategy}' where the person applied there.",
            strategy=first,
        ),
    )


def _mind(plan: Plan) -> tuple[str, ...]:
    few = _("{draws} draws are too few for an interval.", draws=written(str(plan.draws)))
    return (
        _("A net of zero may hide many who gain and many who lose."),
        _("Each interval is 95 % by itself: of twenty groups one may look as if it gained or lost by chance."),
        _("These are simulated persons, not real ones: the shares of groups say something, single names do not."),
        *([few] if plan.draws < FEW_DRAWS else []),
    )


def people_of_runs(plan: Plan, inputs: Inputs, workers: int | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Live every run of a plan again and return who had what under each strategy, and when the two parted.

    Returns
    -------
    people : DataFrame
        ``strategy, draw, replication, person, sex, origin, need, place, enterprise``: a row for each who ever applied
        or had a place.
    months : DataFrame
        ``draw, replication, counted, opened``: first month in which an outcome differs, and in which a project opens
        for somebody under one strategy only; NaN if never.
    """
    work = Lives.of(plan, inputs)

    def one(run: tuple[int, int]) -> tuple[pd.DataFrame, tuple[int, int, float, float]]:
        lived = list(work.lived(*run).items())
        people = [people_of(history, plan.start).assign(strategy=key) for key, history in lived]
        table = pd.concat(people, ignore_index=True).assign(draw=run[0], replication=run[1])
        return table, (*run, *parting(lived[0][1], lived[1][1], plan.start))

    runs = [(draw, replication) for draw in range(plan.draws) for replication in range(plan.replications)]
    with threads(workers).hire(None) as executor:
        found = [one(runs[0]), *executor.map(one, runs[1:])]
    people = pd.concat([people for people, _ in found], ignore_index=True)
    months = pd.DataFrame([when for _, when in found], columns=["draw", "replication", "counted", "opened"])
    return people, months


def people_of(history: History, start: int) -> pd.DataFrame:
    """Return who ever applied or had a place, who they are, and what they had of the programme."""
    persons, table = history.persons, history.businesses
    mine = table[table.assisted == 1]
    member = (persons.cooperative >= 0) & (persons.file == File.MEMBER)
    place = _owners(mine[mine.opened >= start], len(persons)) | member
    enterprise = _owners(mine[mine.ending == Ending.OPEN], len(persons)) | member
    rows = np.flatnonzero((persons.applications > 0) | place | enterprise)
    origin = history.households.origin[persons.household[rows]]
    quintile = np.where(persons.applications[rows] > 0, persons.quintile[rows], -1)
    return pd.DataFrame(
        {
            "person": history.workers.page[rows],
            "sex": [CALLED[Sex(int(each)).name.lower()] for each in persons.sex[rows]],
            "origin": [Origin(int(each)).name for each in origin],
            "need": [NEED[int(each)] for each in quintile],
            PLACE: place[rows].astype(float),
            ENTERPRISE: enterprise[rows].astype(float),
        }
    )


def _owners(projects: Any, persons: int) -> NDArray[np.bool_]:
    """Say of each person whether it is an owner of one of some projects."""
    owns = np.zeros(persons, bool)
    owns[projects.person] = True
    owns[projects.second_owner[projects.second_owner >= 0]] = True
    return owns


def parting(one: History, other: History, start: int) -> tuple[float, float]:
    """Return the first month in which an outcome of two runs differs, and a project opens under one only; else NaN."""
    left, right = (np.asarray(history.monthly)[start:] for history in (one, other))
    differs = np.flatnonzero(left != right)
    counted = float(start + differs[0]) if differs.size else float("nan")
    sets = [
        {(int(history.workers.page[row.person]), int(row.opened)) for row in _opened(history, start)}
        for history in (one, other)
    ]
    alone = sets[0] ^ sets[1]
    return counted, float(min(month for _, month in alone)) if alone else float("nan")


def _opened(history: History, start: int) -> Any:
    return history.businesses[(history.businesses.assisted == 1) & (history.businesses.opened >= start)]


def settings_that_differ(plan: Plan) -> pd.DataFrame:
    """Return what differs between two strategies: ``setting, from, to, first, second, unit, meaning``."""
    rows = [
        (each.key, month_name(each.first), month_name(each.last), each.words_a, each.words_b, each.unit, each.meaning)
        for each in differences(*plan.strategies, plan.start, plan.months)
    ]
    return pd.DataFrame(rows, columns=["setting", "from", "to", *plan.keys, "unit", "meaning"])


def _changed(people: pd.DataFrame, what: str, keys: Sequence[str]) -> pd.DataFrame:
    """Return who gains and who loses, everybody first and groups in the order of their words."""
    table = winners_and_losers(people.assign(value=people[what]), keys[0], keys[1], list(BY))
    order = {name: place for place, name in enumerate(NEED)}
    within = table["member"].map(order).fillna(-table["people"])
    place = {name: at for at, name in enumerate((ALL, *BY))}
    rank = table["group"].map(place)
    return table.iloc[np.lexsort([within.to_numpy(), rank.to_numpy()])].reset_index(drop=True)


def _dated(months: pd.DataFrame) -> pd.DataFrame:
    """Return months by their names."""
    return months.assign(
        **{
            column: [None if np.isnan(month) else month_name(int(month)) for month in months[column]]
            for column in ("counted", "opened")
        }
    )


def _parting(months: pd.DataFrame) -> str:
    counted = months["counted"].dropna()
    if counted.empty:
        runs = written(str(len(months)))
        return _("In none of {runs} runs does anything that is counted differ.", runs=runs)
    opened = months["opened"].dropna()
    parted = dated(int(counted.median()))
    if opened.empty:
        return _(
            "They part in {month} (half of the runs by then); the same persons open the same projects.", month=parted
        )
    return _(
        "They part in {month} (half of the runs by then), and from {later} on other persons open projects.",
        month=parted, later=dated(int(opened.median())),
    )  # fmt: skip


def _net(row: pd.Series) -> str:
    return f"{signed(row['net'], 1)} ({span(signed(row['net_low'], 1), signed(row['net_high'], 1))})"


def _who(table: pd.DataFrame) -> str:
    """Say which groups surely gain and which surely lose."""
    told = table[table["group"] != ALL]
    parts = []
    gain, lose = later("{groups} gain places on balance"), later("{groups} lose places on balance")
    for words, mine in ((gain, told[told["net_low"] > 0.0]), (lose, told[told["net_high"] < 0.0])):
        named = [f"{_(row.member)} ({signed(row.net, 1)})" for row in mine.itertuples()]
        parts += [_(words, groups=_(", ").join(named))] if named else []
    return (_("; ").join(parts) if parts else _("No group surely gains or loses places on balance")) + "."


def _facts(place: pd.Series, live: pd.Series, months: pd.DataFrame) -> dict[str, object]:
    names = ("gain", "lose", "net", "net_low", "net_high")
    found: dict[str, object] = {f"place_{name}": place[name] for name in names}
    found |= {f"enterprise_{name}": live[name] for name in names}
    share = estimate(months["opened"].notna().to_numpy(dtype=float)[None])
    return found | {"runs": len(months), "share_of_runs_with_other_owners": share.mean}
