"""One simulated person's life, month by month: what the tables show of it, and what happened, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...sim import History, Luck, Policy, resume, simulate
from ...sim.groups import NEED
from ...sim.kinds import Activity, Departure, Ending, File, Origin, Sex, Status, Track, Trade, Training
from ..language import _, later, many, written

NOBODY = -1
ENDINGS = {
    Ending.FAILED: later("the business fails after {span}"),
    Ending.INSOLVENT: later("the business runs out of capital after {span}"),
    Ending.FORCED_CLOSURE: later("the business is closed by force after {span}"),
    Ending.OWNER_LEFT: later("the business ends, for its owner left after {span}"),
    Ending.TOOK_JOB: later("the business is given up for paid work after {span}"),
    Ending.JOINED_COOPERATIVE: later("the business is given up to join a cooperative after {span}"),
    Ending.DISSOLVED: later("the business ends with its cooperative after {span}"),
}
GONE = {
    Departure.RESETTLED: later("the household is resettled"),
    Departure.RETURNED: later("the household returns home"),
    Departure.ONWARD: later("the household moves on"),
    Departure.FILE_CLOSED: later("the household has its file closed"),
}
TRACKS = {Track.PROJECT: later("a project"), Track.JOB: later("a job"), Track.COOPERATIVE: later("a cooperative")}
WORK = {
    Activity.CASUAL_WORK: later("finds casual work"),
    Activity.FORMAL_WORK: later("begins formal work"),
    Activity.IDLE: later("is without work"),
}
TRADES = {
    Trade.FOOD: later("food"),
    Trade.RETAIL: later("retail"),
    Trade.HAIR_AND_BEAUTY: later("hair and beauty"),
    Trade.SEWING_AND_CRAFT: later("sewing and craft"),
    Trade.REPAIR_AND_SERVICES: later("repair and services"),
}
FIFTHS = {
    "least needy": later("least needy"),
    "second": later("second fifth"),
    "third": later("third fifth"),
    "fourth": later("fourth fifth"),
    "neediest": later("neediest"),
    "not known": later("not known fifth"),
}
COURSES = {
    Training.ATTENDING: later("begins a course"),
    Training.DONE: later("completes the course"),
    Training.DROPPED_OUT: later("breaks the course off"),
}
STATUSES = {True: later("refugee"), False: later("asylum-seeker")}


@dataclass(frozen=True)
class Look:
    """What the tables show of a person at the end of a month; rows that are not there are None."""

    person: Any
    worker: Any
    household: Any
    family: Any
    business: Any
    number: int
    place: str
    trade_place: str

    @property
    def income(self) -> float:
        """From work or its business this month, MAD 2016."""
        if self.worker is None or self.family.departure != Departure.PRESENT:
            return 0.0
        trades = self.business is not None and self.business.ending == Ending.OPEN
        return float(self.worker.wage) + (float(self.business.takings) if trades else 0.0)


NOT_THERE = Look(None, None, None, None, None, NOBODY, "", "")


@dataclass(frozen=True)
class Moment:
    """A month of a life: what happened in words, and income from work or business."""

    month: int
    events: tuple[str, ...]
    income: float


def row_of(history: History, page: int) -> int | None:
    """Return the row of the person whose luck is on a page; None before it arrives."""
    rows = (history.workers.page == page).nonzero()[0]
    return int(rows[0]) if len(rows) else None


def look_at(history: History, page: int) -> Look:
    """Return what the tables show of a person now."""
    row = row_of(history, page)
    if row is None:
        return NOT_THERE
    person = history.persons[row].copy()
    home = int(person.household)
    towns, table = history.policy.country.place_names, history.businesses
    mine = ((table.person == row) | (table.second_owner == row)).nonzero()[0]
    number = int(mine[-1]) if len(mine) else NOBODY
    business = table[number].copy() if len(mine) else None
    family, household = history.families[home].copy(), history.households[home].copy()
    where = "" if business is None else towns[int(business.place)]
    return Look(person, history.workers[row].copy(), household, family, business, number,
                towns[int(household.place)], where)  # fmt: skip


def by_month(params: Any, policy: Policy, luck: Luck, months: int) -> Iterator[History]:
    """Live from January 2007 on, and give the run as it stands at the end of each month."""
    history = simulate(params, policy, luck, 1)
    yield history
    yield from onward(history, policy, months)


def onward(history: History, policy: Policy, months: int) -> Iterator[History]:
    """Live on from a history under a policy, and give the run as it stands at the end of each month."""
    while history.months < months:
        history = resume(history, policy, history.months + 1)
        yield history


def happened(before: Look, now: Look, month: int) -> tuple[str, ...]:
    """Return what happened to a person in a month, in words."""
    if now.person is None:
        return ()
    said: list[str] = []
    if before.person is None:
        said.append(_arrival(now))
    said += _at_home(before, now)
    said += _at_the_desk(before, now)
    said += _in_business(before, now, month)
    if before.worker is not None and before.worker.activity != now.worker.activity:
        said += _at_work(before, now) if now.family.departure == Departure.PRESENT else []
    return tuple(said)


def _at_work(before: Look, now: Look) -> list[str]:
    words = WORK.get(Activity(int(now.worker.activity)))
    if not words:
        return []
    told = _(words)
    if now.worker.wage > 0.0:
        told = _("{work} at {wage} MAD a month", work=told, wage=_amount(now.worker.wage))
    if now.worker.placed and not before.worker.placed:
        told = _("{work}, placed by the programme", work=told)
    return [told]


def _amount(value: float) -> str:
    return written(f"{value:,.0f}")


def _arrival(now: Look) -> str:
    woman, was_there = now.person.sex == Sex.FEMALE, now.family.arrived < 0
    who = _("a woman of {age}") if woman else _("a man of {age}")
    about = {
        "town": _(now.place),
        "who": who.format(age=written(f"{now.person.age:.0f}")),
        "origin": Origin(int(now.household.origin)).name,
        "status": _(STATUSES[bool(now.household.status == Status.REFUGEE)]),
        "persons": written(str(now.household.persons)),
        "trade": _(TRADES[Trade(int(now.person.trade))]),
    }
    if was_there:
        return _("lives in {town}: {who} ({origin}, {status}) in a household of {persons}, knows {trade}", **about)
    return _("arrives in {town}: {who} ({origin}, {status}) in a household of {persons}, knows {trade}", **about)


def _at_home(before: Look, now: Look) -> list[str]:
    said = []
    was = before.household
    if was is not None and was.status != now.household.status:
        said.append(_("is recognised as a refugee"))
    if was is not None and (was.aid > 0.0) != (now.household.aid > 0.0):
        aid = _amount(now.household.aid)
        some = now.household.aid > 0.0
        said.append(_("gets {aid} MAD of aid a month", aid=aid) if some else _("gets no more aid a month"))
    if was is not None and was.place != now.household.place:
        said.append(_("moves to {town}", town=_(now.place)))
    if now.family.departure != Departure.PRESENT and (
        before.family is None or before.family.departure == Departure.PRESENT
    ):
        said.append(_(GONE[Departure(int(now.family.departure))]))
    return said


def _at_the_desk(before: Look, now: Look) -> list[str]:
    person, said = now.person, []
    was = before.person
    if person.applications > (0 if was is None else was.applications):
        said.append(
            _(
                "applies (need {need}, {fifth}), oriented to {track}",
                need=written(f"{person.need:.2f}"), fifth=_(FIFTHS[NEED[int(person.quintile)]]),
                track=_(TRACKS[Track(int(person.track))]),
            )
        )  # fmt: skip
    file, old = int(person.file), File.UNKNOWN if was is None else int(was.file)
    if file != old:
        if file == File.SELECTED:
            said.append(_("is selected; a grant of {grant} MAD is promised", grant=_amount(person.promised)))
        elif file == File.MEMBER:
            said.append(_("joins a cooperative"))
        elif old == File.MEMBER:
            said.append(_("is no longer in its cooperative"))
        elif file == File.CLOSED and old == File.WAITING:
            said.append(_("waits no more"))
    if was is not None and person.training != was.training:
        course = COURSES.get(Training(int(person.training)))
        said += [_(course)] if course else []
    return said


def _in_business(before: Look, now: Look, month: int) -> list[str]:
    now_has, said = now.business, []
    if now_has is None:
        return said
    old = before.business if before.number == now.number else None
    if old is None:
        about = {"trade": _(TRADES[Trade(int(now_has.trade))]), "town": _(now.trade_place)}
        if now_has.assisted:
            grant = _amount(now_has.grant)
            said.append(_("opens a business ({trade}, {town}) with a grant of {grant} MAD", grant=grant, **about))
        else:
            said.append(_("opens a business ({trade}, {town}) alone", **about))
    else:
        if now_has.grant > old.grant:
            said.append(_("gets a further grant of {grant} MAD", grant=_amount(now_has.grant - old.grant)))
        if now_has.incubator != old.incubator:
            said.append(_("moves into a room of an incubator") if now_has.incubator >= 0 else _("leaves its room"))
        if now_has.ill_months > 0.0 and old.ill_months <= 0.0:
            said.append(_("falls ill"))
    if now_has.ending != Ending.OPEN and (old is None or old.ending == Ending.OPEN):
        span = many("{n} month", "{n} months", int(now_has.age))
        said.append(_(ENDINGS[Ending(int(now_has.ending))], span=span))
    visited = {"last_seen": _("the evaluator finds it open"), "seen_ended": _("the evaluator finds it closed")}
    for column, words in visited.items():
        if now_has[column] == month and now_has.opened < month:
            said.append(words)
    if now_has.lost == month:
        said.append(_("the evaluator finds nobody"))
    return said
