"""Daily life: households live, businesses end, adults find and lose work, some start alone."""

from __future__ import annotations

from ..kinds import Activity, Ending
from ..luck import Stream, exponential, spell_fates
from ..params import Params
from ..population import permit_held
from ..records import Place, Worker
from ..rule import part
from ..rules.closing import ending, forced_reason, hear_of_work, insolvent_month, risk_force
from ..rules.flows import clear, weigh
from ..rules.hazard import survive_month
from ..rules.home import live_month, margin
from ..rules.work import start_alone
from ..state import FLOWS, Scene, State
from .endings import end_business, new_spell
from .opening import open_business
from .record import count_served


@part
def live(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Carry every household present through the month. One pass, for a household looks at nobody else's."""
    households, workers, present, places = state.households, state.workers, state.present, state.places
    p = scene.params[0]
    outcome, pulls = state.monthly[month], state.pulls
    table_knows = scene.flows[month, 0].known
    for flow in range(FLOWS):
        clear(pulls[flow])
    heads, working = 0, 0
    for index in range(state.tally[0].present):
        row = present[index]
        household = households[row]
        earned = 0.0
        for worker in range(household.first_person, household.first_person + household.adults):
            earned += workers[worker].wage
            if workers[worker].turns <= month:
                find_or_lose_work(workers[worker], places[household.place], luck, month, p)
        if household.business >= 0:
            run_business(state, scene, luck, row, earned, month)
        else:
            live_month(household, earned, -1.0, p)
            if start_alone(household, p):
                begin_alone(state, scene, luck, row, month)
        heads += household.status  # a refugee counts 1, an asylum-seeker 0
        working += household.status if workers[household.first_person].activity != Activity.IDLE else 0
        if household.ever_served:
            count_served(outcome, household)
        if table_knows:
            weigh(pulls[household.origin * 2 + household.status], household, p)
    outcome.refugee_households = heads
    outcome.heads_working = working


@part
def find_or_lose_work(worker: Worker, place: Place, luck: tuple[int, int, int], month: int, p: Params) -> None:
    """Let an adult whose spell ends with this month find casual work, or lose it, for the next."""
    works = worker.activity == Activity.CASUAL_WORK
    new_spell(worker, place, luck, Activity.IDLE if works else Activity.CASUAL_WORK, month + 1, p)


@part
def run_business(
    state: State, scene: Scene, luck: tuple[int, int, int], row: int, earned: float, month: int
) -> None:
    """Let owners live on their business, and put it through the month's risks; the first ending met closes it."""
    p = scene.params[0]
    household = state.households[row]
    business = state.businesses[household.business]
    owner = state.workers[business.person]
    business.capital += live_month(household, earned + business.takings, business.capital, p)
    permit = permit_held(household, state.families[row], scene.permit_share, month)
    survive_month(business, margin(household), p)
    insolvent_month(business, p)
    risk_force(business, permit, p)
    hear_of_work(business, owner.ease * state.places[business.place].work_factor, p.casual_income, p)
    business.age += 1
    how = ending(business)
    if how == Ending.OPEN:
        return
    if how == Ending.FORCED_CLOSURE:
        why = spell_fates(luck, business.page, Stream.BUSINESS_FORCED_REASON, business.spell)[0]
        business.reason = forced_reason(why, permit)
    end_business(state, p, luck, household.business, how, month)


@part
def begin_alone(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Open a business on savings, trading from next month; luck for another such start is dealt anew."""
    household = state.households[row]
    business = state.businesses[open_business(state, scene, luck, household.first_person, month + 1, False)]
    business.capital += household.purse
    household.purse = 0.0
    spell = state.persons[household.first_person].businesses
    page = state.families[row].page
    household.start_left = exponential(spell_fates(luck, page, Stream.HOUSEHOLD_STARTS_ALONE, spell)[0])
