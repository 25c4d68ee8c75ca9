"""Arrivals, recognition, departures and applications."""

from __future__ import annotations

from ..ahead import fetch
from ..kinds import Activity, Departure, Ending, File, Status, Track
from ..luck import Stream, below, fates, normal, poisson, spell_fates
from ..params import Params
from ..population import ARRIVALS_PAGE, deal_household, mean_size, permit_held, row_of_year
from ..records import Person
from ..rule import part
from ..rules.asking import QUARTER_MONTHS, ask_month, may_ask, reach, word_of_mouth
from ..rules.cooperate import would_join
from ..rules.flows import clear, departure, leave_month, recognise_month, set_hazards, weigh
from ..rules.jobs import oriented_to_job
from ..rules.need import need
from ..rules.selection import promise
from ..rules.sisters import set_aid
from ..settings import Settings
from ..state import FLOWS, Floats, Scene, State
from .endings import end_business, leave_formal_work
from .school import find_training_need


@part
def settle_first(state: State, scene: Scene, luck: tuple[int, int, int], first_stock: Floats) -> None:
    """Deal those who live there before the first month, so that their number meets the table."""
    before_the_first = state.tally[0].households - 1
    for flow in range(FLOWS):
        size = mean_size(scene, row_of_year(before_the_first, len(scene.non_adults)), flow % 2)
        for _ in range(int(first_stock[flow // 2, flow % 2] / size + 0.5)):
            deal_household(state, scene, luck, flow, before_the_first)


@part
def households_arriving(scene: Scene, luck: tuple[int, int, int], flow: int, month: int) -> int:
    """Return how many households of a flow arrive this month: a Poisson number."""
    size = mean_size(scene, row_of_year(month, len(scene.non_adults)), flow % 2)
    return poisson(luck, ARRIVALS_PAGE + flow, Stream.ARRIVALS, month, scene.flows[month, flow].arrivals / size)


@part
def arrive(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Deal the month's arrivals, origin by origin."""
    before = state.tally[0].households
    for flow in range(FLOWS):
        for _ in range(households_arriving(scene, luck, flow, month)):
            deal_household(state, scene, luck, flow, month)
    now = state.monthly[month]
    for row in range(before, state.tally[0].households):
        now.persons_arrived += state.households[row].persons


@part
def go_stay_or_ask(state: State, scene: Scene, luck: tuple[int, int, int], known: Floats, month: int) -> None:
    """Recognise, and let go; those who stay may apply. One pass, for a household looks at nobody else's."""
    households, present = state.households, state.present
    flows, pulls, now, p = scene.flows[month], state.pulls, scene.settings[month], scene.params[0]
    look_around(state, p, known)
    if flows[0].known:
        weigh_departures(state, p)
    for flow in range(FLOWS):
        set_hazards(pulls[flow], flows[flow])
    kept = 0
    for index in range(state.tally[0].present):
        look_ahead(state, index)
        row = present[index]
        household = households[row]
        flow = household.origin * 2 + household.status  # as flows are numbered
        if household.status == Status.ASYLUM_SEEKER and recognise_month(household, flows[flow]):
            recognise(state, p, row, month)
            flow += 1
        if leave_month(household, pulls[flow], p):
            go(state, scene, luck, row, month)
            continue
        present[kept] = row
        kept += 1
        eligible = household.status == Status.REFUGEE or now.eligibility_asylum_seekers == 1
        eligible = eligible and (now.eligibility_second_chance == 1 or not household.ever_served)
        if may_ask(household, eligible, p) and ask_month(household, known[household.place, household.origin], now, p):
            take_file(state, scene, luck, who_asks(state, luck, row), month)
    state.tally[0].present = kept


@part
def look_ahead(state: State, index: int) -> None:
    """Have the row of a household that comes next at hand."""
    fetch(state.households, state.present[min(index + 8, len(state.present) - 1)])


@part
def weigh_departures(state: State, p: Params) -> None:
    """Count what the households of each flow weigh in departures, before anybody leaves."""
    for flow in range(FLOWS):
        clear(state.pulls[flow])
    for index in range(state.tally[0].present):
        look_ahead(state, index)
        household = state.households[state.present[index]]
        weigh(state.pulls[household.origin * 2 + household.status], household, p)


@part
def recognise(state: State, p: Params, row: int, month: int) -> None:
    """Move a household from the stock of asylum-seekers to that of refugees; it may now receive cash aid."""
    household = state.households[row]
    family = state.families[row]
    family.recognised = month
    set_aid(household, family, p)
    state.stock[household.origin, Status.ASYLUM_SEEKER] -= household.persons
    state.stock[household.origin, Status.REFUGEE] += household.persons


@part
def who_asks(state: State, luck: tuple[int, int, int], row: int) -> int:
    """Return the row of the adult of a household who applies: any, by luck."""
    household = state.households[row]
    family = state.families[row]
    _, who = spell_fates(luck, family.page, Stream.HOUSEHOLD_ASKS, family.applications)
    return int(household.first_person + below(who, household.adults))


@part
def go(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Let a household leave: its business ends, its files are closed; a cooperative goes on without it."""
    household = state.households[row]
    group = state.pulls[household.origin * 2 + household.status]
    family = state.families[row]
    first, second = fates(luck, family.page, Stream.HOUSEHOLD_DEPARTURE)
    family.departure = departure(household, group, first, second, scene.params[0])
    family.left = month
    persons = household.persons
    state.stock[household.origin, household.status] -= persons
    state.crowd[household.place, household.origin] -= household.adults
    if household.ever_served:
        state.served[household.place, household.origin] -= household.adults
    if household.business >= 0 and state.businesses[household.business].cooperative < 0:
        end_business(state, scene, luck, household.business, Ending.OWNER_LEFT, month)
    for person in range(household.first_person, household.first_person + household.adults):
        state.persons[person].file = File.CLOSED
        leave_formal_work(state.tally[0], state.workers[person])
        state.workers[person].activity = Activity.IDLE
    now = state.monthly[month]
    if family.departure == Departure.RESETTLED:
        now.persons_resettled += persons
    elif family.departure == Departure.RETURNED:
        now.persons_returned += persons
    elif family.departure == Departure.ONWARD:
        now.persons_onward += persons
    else:
        now.persons_file_closed += persons


@part
def look_around(state: State, p: Params, known: Floats) -> None:
    """Count how well the programme is known, by town and origin, before anybody applies; ratio."""
    for place in range(known.shape[0]):
        near = reach(state.places[place], p)
        for origin in range(known.shape[1]):
            known[place, origin] = near * word_of_mouth(state.served[place, origin], state.crowd[place, origin], p)


@part
def take_file(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Open a file: need, promise and orientation are written down, with the errors the committee will make."""
    p, now = scene.params[0], scene.settings[month]
    person = state.persons[row]
    household = state.households[person.household]
    tally = state.tally[0]
    if person.applications == 0 or person.applied < month - QUARTER_MONTHS:
        state.recent[tally.recent] = row  # else it still stands there from its last application
        tally.recent += 1
    person.file = File.WAITING
    person.applied = month
    person.applications += 1
    family = state.families[person.household]
    family.applications += 1
    person.need = need(household, family, person, permit_held(household, family, scene.permit_share, month), p)
    person.promise = promise(person, p)
    orient(person, now)
    find_training_need(state, scene, row, month)
    need_luck, promise_luck = spell_fates(luck, state.workers[row].page, Stream.COMMITTEE, person.applications)
    person.need_error = normal(need_luck)
    person.promise_error = normal(promise_luck)
    household.in_contact += 1
    state.waiting[tally.waiting] = row
    tally.waiting += 1
    state.monthly[month].applications += 1


@part
def orient(person: Person, now: Settings) -> None:
    """Orient an applicant: to the job desk, to a cooperative, or to a project of its own."""
    person.track = Track.PROJECT
    if oriented_to_job(person, now):
        person.track = Track.JOB
    elif would_join(person, now):
        person.track = Track.COOPERATIVE
