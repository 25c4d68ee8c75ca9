"""Daily life: households live, businesses end, adults find and lose work, some start alone."""

from __future__ import annotations

from ..ahead import fetch
from ..kinds import Activity, Ending
from ..luck import Stream, exponential, fates, spell_fates
from ..params import Params
from ..population import permit_held
from ..records import Place, Tally, Worker
from ..rule import part
from ..rules.closing import ending, forced_reason, formal_share, hear_of_work, insolvent_month, risk_force
from ..rules.hazard import survive_month
from ..rules.home import live_month, margin
from ..rules.jobs import offer_hazard
from ..rules.work import start_alone, work_hazard
from ..settings import Settings
from ..state import Scene, State
from .endings import end_business, new_spell
from .opening import open_business
from .record import count_served


@part
def live(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Carry every household present through the month. One pass, for a household looks at nobody else's."""
    households, workers, present, places = state.households, state.workers, state.present, state.places
    p, now, tally = scene.params[0], scene.settings[month], state.tally[0]
    stopped = now.shock_earners_stopped
    outcome = state.monthly[month]
    heads, working = 0, 0
    for index in range(tally.present):
        look_ahead(state, index)
        row = present[index]
        household = households[row]
        earned = 0.0
        for worker in range(household.first_person, household.first_person + household.adults):
            if stopped <= 0.0 or not stops(workers[worker], luck, month, stopped):
                earned += workers[worker].wage
            if workers[worker].turns <= month or workers[worker].offer <= month:
                find_or_lose_work(tally, workers[worker], places[household.place], luck, month, now, p)
        if household.business >= 0:
            run_business(state, scene, luck, row, earned, month)
        else:
            live_month(household, earned, -1.0, p)
            if workers[household.first_person].activity <= Activity.CASUAL_WORK and start_alone(household, p):
                begin_alone(state, scene, luck, row, month)
        heads += household.status  # a refugee counts 1, an asylum-seeker 0
        working += household.status if workers[household.first_person].activity != Activity.IDLE else 0
        if household.ever_served:
            count_served(outcome, household)
    outcome.refugee_households = heads
    outcome.heads_working = working


@part
def look_ahead(state: State, index: int) -> None:
    """Have the rows of the households that come next at hand, and their workers' rows once those are there."""
    present, last = state.present, len(state.present) - 1
    fetch(state.households, present[min(index + 12, last)])
    fetch(state.workers, state.households[present[min(index + 6, last)]].first_person)


@part
def find_or_lose_work(
    tally: Tally, worker: Worker, place: Place, luck: tuple[int, int, int], month: int, now: Settings, p: Params
) -> None:
    """Let an adult whose spell ends with this month find work, or lose it, for the next; what came first holds."""
    if not ends_by_itself(worker):
        return
    activity = Activity.IDLE
    if worker.offer <= month and worker.offer <= worker.turns:
        activity = Activity.FORMAL_WORK
    elif worker.activity == Activity.IDLE:
        activity = Activity.CASUAL_WORK
    new_spell(tally, worker, place, luck, activity, month + 1, now, p)


@part
def ends_by_itself(worker: Worker) -> bool:
    """Say whether an adult's spell may end by itself: of search or of paid work, whatever a behaviour wrote."""
    if worker.activity == Activity.OWN_BUSINESS or worker.activity == Activity.TRAINING:  # noqa: PLR1714
        return False
    return bool(worker.activity != Activity.COOPERATIVE)


@part
def stops(worker: Worker, luck: tuple[int, int, int], month: int, share: float) -> bool:
    """Say whether an adult is among the earners who must stop this month; formal work, training and aid go on.

    A cooperative stops with its head, once: its members' parts are then nothing already.

    Who stops first is the same in every month: in a shock that lasts, the same people earn nothing.
    """
    if worker.activity >= Activity.TRAINING:  # training, formal work, a member's part
        return False
    return bool(fates(luck, worker.page, Stream.PERSON_STOPPED)[0] < share)


@part
def run_business(state: State, scene: Scene, luck: tuple[int, int, int], row: int, earned: float, month: int) -> None:
    """Let owners live on their business, and put it through the month's risks.

    The first ending met closes it; a cooperative's enterprise, which is of many households, when all have lived.
    """
    p, now = scene.params[0], scene.settings[month]
    household, family = state.households[row], state.families[row]
    business = state.businesses[household.business]
    owner, place = state.workers[business.person], state.places[business.place]
    capital = business.capital if business.hands <= 1.0 else -1.0  # what members own together nobody draws on
    business.capital += live_month(household, earned + business.takings / business.hands, capital, p)
    permit = permit_held(household, family, scene.permit_share, month)
    survive_month(business, margin(household), p)
    insolvent_month(business, p)
    risk_force(business, permit, family.legal_help == 1, p)
    casual = work_hazard(Activity.IDLE, owner.ease, place.work_factor, now, p)
    formal = offer_hazard(Activity.IDLE, owner.employable, place.work_factor, now, p)
    hear_of_work(business, casual, formal, p)
    business.age += 1
    if business.cooperative < 0:
        meet_end(state, scene, luck, household.business, month)


@part
def meet_end(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """End a business that met an ending this month, if it did."""
    business = state.businesses[row]
    how = ending(business)
    if how == Ending.OPEN:
        return
    p, now = scene.params[0], scene.settings[month]
    household, family = state.households[business.household], state.families[business.household]
    if how == Ending.FORCED_CLOSURE:
        why = spell_fates(luck, business.page, Stream.BUSINESS_FORCED_REASON, business.spell)[0]
        business.reason = forced_reason(why, permit_held(household, family, scene.permit_share, month))
    if how == Ending.TOOK_JOB:
        owner, place = state.workers[business.person], state.places[business.place]
        casual = work_hazard(Activity.IDLE, owner.ease, place.work_factor, now, p)
        formal = offer_hazard(Activity.IDLE, owner.employable, place.work_factor, now, p)
        kind = spell_fates(luck, business.page, Stream.BUSINESS_JOB_KIND, business.spell)[0]
        business.formal_job = 1 if kind < formal_share(business, casual, formal, p) else 0
    end_business(state, scene, luck, row, how, month)


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
