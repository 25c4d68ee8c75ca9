"""Daily life: households live, businesses end, adults find and lose work, some start alone."""

from __future__ import annotations

from ..kinds import Activity, Ending
from ..luck import Stream, exponential, uniform
from ..population import permit_held
from ..rule import rule
from ..rules.closing import ending, forced_reason, hear_of_work, insolvent_month, risk_force
from ..rules.hazard import survive_month
from ..rules.home import cash_aid, live_month, margin
from ..rules.work import start_alone, work_month
from ..state import Scene, State
from .endings import end_business, new_spell
from .opening import FATES, open_business


@rule
def live(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Carry every household present through the month. One pass, for a household looks at nobody else's."""
    p = scene.params[0]
    for index in range(state.tally[0].present):
        row = state.present[index]
        household = state.households[row]
        earned = earn(state, scene, row)
        household.aid = cash_aid(household, p)
        if household.business >= 0:
            business = state.businesses[household.business]
            business.capital += live_month(household, earned, business.capital, p)
            survive(state, scene, luck, household.business, month)
        else:
            live_month(household, earned, -1.0, p)
        work(state, scene, luck, row, month)


@rule
def earn(state: State, scene: Scene, row: int) -> float:
    """Return what the members of a household earned this month; MAD 2016."""
    household = state.households[row]
    earned = 0.0
    for person in range(household.first_person, household.first_person + household.adults):
        if state.persons[person].activity == Activity.CASUAL_WORK:
            earned += scene.params[0].casual_income
    if household.business >= 0:
        earned += state.businesses[household.business].takings
    return earned


@rule
def survive(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Put a business through the month's risks; the first ending that is met closes it."""
    p = scene.params[0]
    business = state.businesses[row]
    household = state.households[business.household]
    permit = permit_held(household, scene, month)
    survive_month(business, margin(household), p)
    insolvent_month(business, p)
    risk_force(business, permit, p)
    place = state.places[business.place]
    hear_of_work(business, state.persons[business.person].ease * place.work_factor, p.casual_income, p)
    business.age += 1
    how = ending(business)
    if how == Ending.OPEN:
        return
    if how == Ending.FORCED_CLOSURE:
        why = uniform(luck, business.page, Stream.BUSINESS_FATE, 0, business.spell * FATES + 3)
        business.reason = forced_reason(why, permit)
    end_business(state, luck, row, how, month)


@rule
def work(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Let a household's adults find or lose casual work; a household that has saved enough may start alone."""
    p = scene.params[0]
    household = state.households[row]
    place = state.places[household.place]
    for index in range(household.first_person, household.first_person + household.adults):
        person = state.persons[index]
        if work_month(person, place, p):
            idle = person.activity == Activity.CASUAL_WORK
            new_spell(state, luck, index, Activity.IDLE if idle else Activity.CASUAL_WORK)
    if start_alone(household, p):
        begin_alone(state, scene, luck, row, month)


@rule
def begin_alone(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Open a business on savings, trading from next month; luck for another such start is dealt anew."""
    household = state.households[row]
    business = state.businesses[open_business(state, scene, luck, household.first_person, month + 1, 0)]
    business.capital += household.purse
    household.purse = 0.0
    household.start_wear = 0.0
    spell = state.persons[household.first_person].businesses
    household.start_resilience = exponential(uniform(luck, household.page, Stream.SELF_START, 0, spell))
