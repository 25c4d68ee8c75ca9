"""One person's life under two strategies, side by side: that very run of a study, lived again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...sim import History, Luck, UserError
from ...sim.kinds import Ending, Origin, Sex
from ...sim.policy import month_name
from ...sim.strategy_words import did_you_mean
from ..experiment import Inputs, prepare
from ..labels import dated
from ..labels import strategy as called_strategy
from ..language import _, later, many, written
from ..provenance import changed, fingerprint, inputs_of
from ..studies import StudyFolder
from .answer import Answer, Table
from .life import NOT_THERE, Moment, by_month, happened, look_at, onward, row_of
from .places import people_of

NOT_REAL = later(
    "Nobody real: a person of a simulation, dealt by luck. A life shows how the model works, not what happened."
)
SAME = later("the same")
PERSONS, BY_MONTH, BY_YEAR = later("Persons"), later("Month by month"), later("Income by year")
ENDED = {
    Ending.FAILED: later("failed"),
    Ending.INSOLVENT: later("insolvent"),
    Ending.FORCED_CLOSURE: later("forced closure"),
    Ending.OWNER_LEFT: later("owner left"),
    Ending.TOOK_JOB: later("took job"),
    Ending.JOINED_COOPERATIVE: later("joined cooperative"),
    Ending.DISSOLVED: later("dissolved"),
}
OF_EACH = 3
"""Persons proposed of each way in which lives differ."""


@dataclass(frozen=True)
class Run:
    """A run of a study that is to be lived again, under one strategy or two.

    Attributes
    ----------
    study : StudyFolder
    inputs : Inputs
        Those of the study; its fingerprint was compared.
    keys : tuple of str
        The strategies looked at, the baseline first.
    draw, replication : int
    """

    study: StudyFolder
    inputs: Inputs
    keys: tuple[str, ...]
    draw: int
    replication: int

    @property
    def luck(self) -> Luck:
        """The luck of the run."""
        return Luck(self.study.plan.seed, self.replication, self.draw)

    @property
    def called(self) -> list[str]:
        """What people call the strategies."""
        names = {strategy.key: called_strategy(strategy.name) for strategy in self.study.plan.strategies}
        return [names[key] for key in self.keys]


def run_of(study: StudyFolder, draw: int, replication: int, strategy: str | None = None) -> Run:
    """Return a run of a study, ready to be lived again.

    Raises
    ------
    UserError
        If it is not of that study, or the study was made with another model, other data or other numbers.
    """
    plan = study.plan
    for option, value, most in (("--draw", draw, plan.draws), ("--replication", replication, plan.replications)):
        if not 0 <= value < most:
            raise UserError(
                "{option}: found {value}, accepted 0 to {last}: those of the study",
                option=option,
                value=value,
                last=most - 1,
            )
    if strategy is not None and strategy not in plan.keys:
        near, names = did_you_mean(strategy, plan.keys), ", ".join(plan.keys)
        accepted = _("{text}; {hint}", text=names, hint=near) if near else names
        raise UserError(
            "--strategy: found {strategy!r}, accepted one of {accepted}", strategy=strategy, accepted=accepted
        )
    inputs = prepare(plan)
    other = changed(study.about["inputs"], inputs_of(inputs))
    if other:
        raise UserError(
            "{folder}: made with {other}; nothing of it can be lived again with this version",
            folder=study.folder,
            other=other,
        )
    if fingerprint(plan, inputs, study.about["versions"]) != study.about["fingerprint"]:
        raise UserError(
            "{folder}: its fingerprint is not that of its plan; idmaj study verify says more", folder=study.folder
        )
    second = strategy if strategy is not None else next(iter(plan.keys[1:]), None)
    second = None if second == plan.keys[0] else second
    keys = (plan.keys[0], *([second] if second else []))
    return Run(study, inputs, keys, draw, replication)


def propose(run: Run) -> Answer:
    """Name some persons whose lives differ between the two strategies of a run."""
    ends = [_end(run, key) for key in run.keys]
    _check(run, dict(zip(run.keys, ends, strict=True)))
    rows = _proposed(run, ends)
    where = {"draw": run.draw, "replication": run.replication}
    if rows.empty:
        sentence = _(
            "In draw {draw}, replication {replication} the same persons have the same places; any other --person can "
            "be looked at.",
            **where,
        )
    else:
        sentence = many(
            "{n} person of draw {draw}, replication {replication} whose life differs; look at it with --person "
            "{person}.",
            "{n} persons of draw {draw}, replication {replication} whose lives differ; look at one with --person "
            "{person}.",
            len(rows), person=rows.iloc[0]["person"], **where,
        )  # fmt: skip
    meaning = _("Some of each way in which lives differ; person: its number in this run.")
    names = [_("'{name}'", name=name) for name in run.called]
    return Answer(
        _("Whose lives differ between {strategies}?", strategies=_(" and ").join(names)),
        sentence,
        {"persons": rows["person"].tolist(), **_about(run)},
        (Table(PERSONS, meaning, rows, called=_columns(run)),) if len(rows) else (),
        (_rests(run),),
        (_(NOT_REAL),),
    )


def replay(run: Run, person: int) -> Answer:
    """Tell one person's life under the strategies of a run, month by month.

    Parameters
    ----------
    run : Run
    person : int
        Its row in the run under the baseline.

    Raises
    ------
    UserError
        If there is no such person, or the run does not come out as the study has it.
    """
    plan, ends = run.study.plan, {key: _end(run, key) for key in run.keys}
    most = len(ends[run.keys[0]].persons)
    if not 0 <= person < most:
        raise UserError(
            "--person: found {person}, accepted a whole number from 0 to {last}", person=person, last=most - 1
        )
    _check(run, ends)
    page = int(ends[run.keys[0]].workers.page[person])
    before, arms = lives_of(run, page)
    table = side_by_side(before, arms, run.keys)
    parted = _first_apart(arms)
    income = incomes(before, arms)
    last = {key: moments[-1] if moments else None for key, moments in arms.items()}
    names = [_("'{name}'", name=name) for name in run.called]
    return Answer(
        _("How does person {person} fare under {strategies}?", person=person, strategies=_(" and under ").join(names)),
        _sentence(run, table, parted, last),
        {"person": person, "page": page, "first_month_apart": None if parted is None else month_name(parted),
         "income": income.to_dict("list"), **_about(run)},
        (
            Table(BY_MONTH, _("What happened; months in which nothing did are left out. Before the plan both "
                              "strategies share the past."), table, called=_columns(run)),
            Table(BY_YEAR, _("From work or business, mean of the year, MAD 2016 a month."), by_year(income),
                  called=_columns(run)),
        ),
        (_rests(run), _("The plan starts in {month}; to then both lives are one.", month=dated(plan.start))),
        (_(NOT_REAL),),
    )  # fmt: skip


def _columns(run: Run) -> dict[str, str]:
    """Return what columns named by strategies are called."""
    return dict(zip(run.keys, run.called, strict=True))


def lives_of(run: Run, page: int) -> tuple[list[Moment], dict[str, list[Moment]]]:
    """Return the months of a life before the plan, and from then on under each strategy."""
    plan, inputs = run.study.plan, run.inputs
    params = inputs.params[run.draw]
    if plan.start == 0:
        arms = {
            key: _moments(by_month(params, inputs.policies[key], run.luck, plan.months), page, NOT_THERE)[0]
            for key in run.keys
        }
        return [], arms
    before, look, past = _moments(by_month(params, inputs.past, run.luck, plan.start), page, NOT_THERE)
    futures = {key: onward(past, inputs.policies[key], plan.months) for key in run.keys}
    return before, {key: _moments(months, page, look)[0] for key, months in futures.items()}


def _moments(months: Iterable[History], page: int, look: Any) -> tuple[list[Moment], Any, Any]:
    """Return the months of a life, the last look at it and the run as it then stood."""
    found, history = [], None
    for history in months:
        now, month = look_at(history, page), history.months - 1
        found.append(Moment(month, happened(look, now, month), now.income))
        look = now
    return found, look, history


def side_by_side(before: list[Moment], arms: dict[str, list[Moment]], keys: tuple[str, ...]) -> pd.DataFrame:
    """Return the months in which something happened: ``month`` and a column for each strategy."""
    shared = [SAME] * (len(keys) - 1)
    rows = [(month_name(each.month), _("; ").join(each.events), *shared) for each in before if each.events]
    for moments in zip(*(arms[key] for key in keys), strict=True):
        told = [_("; ").join(each.events) for each in moments]
        if any(told):
            cells = [told[0] or "-", *(SAME if text == told[0] else text or "-" for text in told[1:])]
            rows.append((month_name(moments[0].month), *cells))
    return pd.DataFrame(rows, columns=["month", *keys])


def incomes(before: list[Moment], arms: dict[str, list[Moment]]) -> pd.DataFrame:
    """Return income by month: ``month`` and a column for each strategy."""
    rows = [(each.month, *[each.income] * len(arms)) for each in before]
    rows += [(moments[0].month, *(each.income for each in moments)) for moments in zip(*arms.values(), strict=True)]
    table = pd.DataFrame(rows, columns=["month", *arms])
    return table.assign(month=[month_name(month) for month in table["month"]])


def by_year(income: pd.DataFrame) -> pd.DataFrame:
    """Return mean income of each year in which there is some: ``year`` and a column for each strategy."""
    table = income.drop(columns="month").groupby(income["month"].str[:4].rename("year")).mean()
    return table[(table > 0.0).any(axis=1)].reset_index()


def _first_apart(arms: dict[str, list[Moment]]) -> int | None:
    """Return the first month in which something else happens to the person."""
    for moments in zip(*arms.values(), strict=True):
        if len({each.events for each in moments}) > 1:
            return int(moments[0].month)
    return None


def _end(run: Run, key: str) -> History:
    from ..runs import Lives

    return Lives.of(run.study.plan, run.inputs.alone(key)).lived(run.draw, run.replication)[key]


def _check(run: Run, ends: dict[str, History]) -> None:
    """Refuse to tell of a run that does not come out as the study has it."""
    plan, kept = run.study.plan, run.study.results().ends()
    mine = kept[(kept["draw"] == run.draw) & (kept["replication"] == run.replication)]
    if mine.empty:
        where = _("draw {draw}, replication {replication}", draw=run.draw, replication=run.replication)
        raise UserError(
            "{folder}: {where} is not done; go on with: idmaj study resume {folder}",
            folder=run.study.folder,
            where=where,
        )
    for key, history in ends.items():
        stored = mine[mine["strategy"] == key].set_index("outcome")["value"]
        again = pd.Series(history.ends(plan.start, plan.months)).reindex(stored.index)
        if not np.array_equal(stored.to_numpy(), again.to_numpy(), equal_nan=True):
            raise UserError(
                "{folder}: lived again, {key!r} gives something else; see idmaj study verify",
                folder=run.study.folder,
                key=key,
            )


def _proposed(run: Run, ends: list[History]) -> pd.DataFrame:
    """Return some persons of each way in which lives differ: ``person, who, first, second``."""
    plan, names = run.study.plan, ["person", "who", "need", *run.keys]
    tables = [people_of(history, plan.start).set_index("person") for history in ends]
    if len(tables) == 1:
        tables.append(tables[0].assign(place=0.0, enterprise=0.0))
    both = tables[0].join(tables[1].add_suffix("_b"), how="outer")
    both = both.fillna(dict.fromkeys(("place", "place_b", "enterprise", "enterprise_b"), 0.0))
    kinds = [
        (both["place"] > both["place_b"]),
        (both["place"] < both["place_b"]),
        (both["place"] == both["place_b"]) & (both["enterprise"] > both["enterprise_b"]),
        (both["place"] == both["place_b"]) & (both["enterprise"] < both["enterprise_b"]),
    ]
    rows = []
    for kind in kinds:
        for page in both.index[kind][:OF_EACH]:
            row = row_of(ends[0], int(page))
            if row is not None:
                rows.append((row, *_who(ends[0], row), *(_fate(history, int(page), plan.start) for history in ends)))
    return pd.DataFrame(rows, columns=names)


def _who(history: History, row: int) -> tuple[str, float]:
    person = history.persons[row]
    home = history.households[person.household]
    about = {
        "age": written(f"{person.age:.0f}"),
        "origin": Origin(int(home.origin)).name,
        "town": _(history.policy.country.place_names[int(home.place)]),
    }
    if person.sex == Sex.FEMALE:
        return _("woman, {age} on arrival, {origin}, {town}", **about), float(person.need)
    return _("man, {age} on arrival, {origin}, {town}", **about), float(person.need)


def _fate(history: History, page: int, start: int) -> str:
    """Say in a few words what became of a person."""
    row = row_of(history, page)
    table = history.businesses
    theirs = (table.person == row) | (table.second_owner == row)
    mine = table[theirs & (table.assisted == 1) & (table.opened >= start)]
    if not len(mine):
        return _("no project begun in the plan")
    last = mine[-1]
    if last.ending == Ending.OPEN:
        return _("project of {month}, open", month=month_name(int(last.opened)))
    how = _(ENDED[Ending(int(last.ending))])
    return _("project of {month}, {how}", month=month_name(int(last.opened)), how=how)


def _sentence(run: Run, table: pd.DataFrame, parted: int | None, last: dict[str, Moment | None]) -> str:
    earns = [
        _("{income} MAD a month under '{strategy}'", income=written(f"{moment.income:,.0f}"), strategy=name)
        for name, moment in zip(run.called, last.values(), strict=True)
        if moment is not None
    ]
    ends = _("At the end it earns {earns}, from work or business.", earns=_(" and ").join(earns))
    if len(run.keys) == 1:
        said = many("{n} month in which something happens.", "{n} months in which something happens.", len(table))
    elif parted is None:
        said = _("Both lives are the same, month by month.")
    else:
        month = dated(parted)
        said = _("Both lives are one until {month}, when something else happens for the first time.", month=month)
    return f"{said} {ends}"


def _about(run: Run) -> dict[str, object]:
    return {"study": run.study.about["fingerprint"], "draw": run.draw, "replication": run.replication,
            "strategies": list(run.keys), "real": False}  # fmt: skip


def _rests(run: Run) -> str:
    return _(
        "Draw {draw}, replication {replication} of study {fingerprint}, lived again: its outcomes are those that the "
        "study keeps, to the last digit.",
        draw=run.draw, replication=run.replication, fingerprint=run.study.about["fingerprint"][:12],
    )  # fmt: skip
