"""One simulated person's life, month by month: what the tables show of it, and what happened, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...sim import History, Luck, Policy, resume, simulate
from ...sim.groups import NEED
from ...sim.kinds import Activity, Departure, Ending, File, Origin, Sex, Status, Track, Trade, Training

NOBODY = -1
ENDINGS = {
    Ending.FAILED: "fails",
    Ending.INSOLVENT: "runs out of capital",
    Ending.FORCED_CLOSURE: "is closed by force",
    Ending.OWNER_LEFT: "ends, for its owner left",
    Ending.TOOK_JOB: "is given up for paid work",
    Ending.JOINED_COOPERATIVE: "is given up to join a cooperative",
    Ending.DISSOLVED: "ends with its cooperative",
}
GONE = {
    Departure.RESETTLED: "is resettled",
    Departure.RETURNED: "returns home",
    Departure.ONWARD: "moves on",
    Departure.FILE_CLOSED: "has its file closed",
}
TRACKS = {Track.PROJECT: "a project", Track.JOB: "a job", Track.COOPERATIVE: "a cooperative"}
WORK = {
    Activity.CASUAL_WORK: "finds casual work",
    Activity.FORMAL_WORK: "begins formal work",
    Activity.IDLE: "is without work",
}


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
        words = WORK.get(Activity(int(now.worker.activity)))
        wage = f" at {now.worker.wage:,.0f} MAD a month" if now.worker.wage > 0.0 else ""
        placed = ", placed by the programme" if now.worker.placed and not before.worker.placed else ""
        said += [f"{words}{wage}{placed}"] if words and now.family.departure == Departure.PRESENT else []
    return tuple(said)


def _arrival(now: Look) -> str:
    who = "woman" if now.person.sex == Sex.FEMALE else "man"
    status = "refugee" if now.household.status == Status.REFUGEE else "asylum-seeker"
    trade = Trade(int(now.person.trade)).name.lower().replace("_", " ")
    lives = "lives" if now.family.arrived < 0 else "arrives"
    return (
        f"{lives} in {now.place}: a {who} of {now.person.age:.0f} ({Origin(int(now.household.origin)).name}, {status}) "
        f"in a household of {now.household.persons}, knows {trade}"
    )


def _at_home(before: Look, now: Look) -> list[str]:
    said = []
    was = before.household
    if was is not None and was.status != now.household.status:
        said.append("is recognised as a refugee")
    if was is not None and (was.aid > 0.0) != (now.household.aid > 0.0):
        aid = f"{now.household.aid:,.0f} MAD of" if now.household.aid > 0.0 else "no more"
        said.append(f"gets {aid} aid a month")
    if was is not None and was.place != now.household.place:
        said.append(f"moves to {now.place}")
    if now.family.departure != Departure.PRESENT and (
        before.family is None or before.family.departure == Departure.PRESENT
    ):
        said.append(f"the household {GONE[Departure(int(now.family.departure))]}")
    return said


def _at_the_desk(before: Look, now: Look) -> list[str]:
    person, said = now.person, []
    was = before.person
    if person.applications > (0 if was is None else was.applications):
        fifth = NEED[int(person.quintile)]
        kind = f"need {person.need:.2f}, {fifth if fifth in ('neediest', 'least needy') else f'{fifth} fifth'}"
        said.append(f"applies ({kind}), oriented to {TRACKS[Track(int(person.track))]}")
    file, old = int(person.file), File.UNKNOWN if was is None else int(was.file)
    if file != old:
        if file == File.SELECTED:
            said.append(f"is selected; a grant of {person.promised:,.0f} MAD is promised")
        elif file == File.MEMBER:
            said.append("joins a cooperative")
        elif old == File.MEMBER:
            said.append("is no longer in its cooperative")
        elif file == File.CLOSED and old == File.WAITING:
            said.append("waits no more")
    if was is not None and person.training != was.training:
        said += {
            Training.ATTENDING: ["begins a course"],
            Training.DONE: ["completes the course"],
            Training.DROPPED_OUT: ["breaks the course off"],
        }.get(Training(int(person.training)), [])
    return said


def _in_business(before: Look, now: Look, month: int) -> list[str]:
    now_has, said = now.business, []
    if now_has is None:
        return said
    old = before.business if before.number == now.number else None
    if old is None:
        trade = Trade(int(now_has.trade)).name.lower().replace("_", " ")
        how = f"with a grant of {now_has.grant:,.0f} MAD" if now_has.assisted else "alone"
        said.append(f"opens a business ({trade}, {now.trade_place}) {how}")
    else:
        if now_has.grant > old.grant:
            said.append(f"gets a further grant of {now_has.grant - old.grant:,.0f} MAD")
        if now_has.incubator != old.incubator:
            said.append("moves into a room of an incubator" if now_has.incubator >= 0 else "leaves its room")
        if now_has.ill_months > 0.0 and old.ill_months <= 0.0:
            said.append("falls ill")
    if now_has.ending != Ending.OPEN and (old is None or old.ending == Ending.OPEN):
        said.append(f"the business {ENDINGS[Ending(int(now_has.ending))]} after {now_has.age} months")
    for column, words in (("last_seen", "open"), ("seen_ended", "closed")):
        if now_has[column] == month and now_has.opened < month:
            said.append(f"the evaluator finds it {words}")
    if now_has.lost == month:
        said.append("the evaluator finds nobody")
    return said
