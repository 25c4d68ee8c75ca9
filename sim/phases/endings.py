"""The end of a business: what it means for its owners."""

from __future__ import annotations

from ..kinds import Activity, Ending, File, Standing
from ..luck import Stream, exponential, spell_fates, uniforms
from ..params import Params
from ..population import ask_anew
from ..records import Place, Tally, Worker
from ..rule import part
from ..rules.closing import close
from ..rules.jobs import offer_hazard
from ..rules.work import spell_months, stretch, turn, wage, work_hazard
from ..settings import Settings
from ..state import Scene, State, Table


@part
def new_spell(
    tally: Tally,
    worker: Worker,
    place: Place,
    luck: tuple[int, int, int],
    activity: int,
    month: int,
    now: Settings,
    p: Params,
) -> None:
    """Begin an adult's next spell of work or of search, with fresh resilience; it counts from `month` on."""
    leave_formal_work(tally, worker)
    dealt, offered = spell_fates(luck, worker.page, Stream.PERSON_WORK_SPELL, worker.work_spells + 1)
    hazard = work_hazard(activity, worker.ease, place.work_factor, now, p)
    offers = offer_hazard(activity, worker.employable, place.work_factor, now, p)
    turns = month - 1 + spell_months(exponential(dealt), hazard)
    offer = month - 1 + spell_months(exponential(offered), offers)
    turn(worker, activity, wage(activity, now.training_stipend_mad, p), turns, offer)
    if activity == Activity.FORMAL_WORK:
        tally.formal += 1


@part
def leave_formal_work(tally: Tally, worker: Worker) -> None:
    """Count one less in formal work, where an adult was."""
    if worker.activity == Activity.FORMAL_WORK:
        tally.formal -= 1
        tally.placed -= worker.placed


@part
def rescale(
    worker: Worker,
    luck: tuple[int, int, int],
    ends: tuple[float, float],
    offers: tuple[float, float],
    month: int,
) -> None:
    """Stretch what is left of a spell by the ratio of hazards, (before, after); an offer newly possible is dealt."""
    since = month - 1.0
    worker.turns = stretch(worker.turns, since, ends[0], ends[1])
    if offers[0] > 0.0:
        worker.offer = stretch(worker.offer, since, offers[0], offers[1])
    else:
        dealt = uniforms(luck, worker.page, Stream.PERSON_OFFER, month, worker.work_spells)[0]
        worker.offer = since + spell_months(exponential(dealt), offers[1])


@part
def close_file(state: State, p: Params, luck: tuple[int, int, int], row: int) -> None:
    """Close the file of one who waited, was chosen or was a member: its household may apply again, with fresh luck."""
    person = state.persons[row]
    person.file = File.CLOSED
    state.households[person.household].in_contact -= 1
    ask_anew(state, p, luck, person.household)


@part
def end_business(state: State, scene: Scene, luck: tuple[int, int, int], row: int, how: int, month: int) -> None:
    """End a business; its owners look for work, or hold the job for which they gave it up, and may apply again."""
    p, now = scene.params[0], scene.settings[month]
    business = state.businesses[row]
    if business.assisted and business.tranches_left > 0:
        state.tally[0].committed -= business.tranche * business.tranches_left
    close(business, how, month)
    household = state.households[business.household]
    household.business = -1
    owner = state.persons[business.person]
    if business.assisted:
        owner.file = File.CLOSED
        ask_anew(state, p, luck, business.household)
    place = state.places[business.place]
    activity = Activity.IDLE
    if how == Ending.TOOK_JOB:
        activity = Activity.FORMAL_WORK if business.formal_job else Activity.CASUAL_WORK
    if business.incubator >= 0:
        state.incubators[business.incubator].tenants -= 1
        business.incubator = -1
    if business.cooperative >= 0:
        part_ways(state, scene, luck, business.cooperative, how, month)
    new_spell(state.tally[0], state.workers[business.person], place, luck, activity, month + 1, now, p)
    if business.second_owner >= 0:
        worker = state.workers[business.second_owner]
        new_spell(state.tally[0], worker, place, luck, Activity.IDLE, month + 1, now, p)
    if business.assisted:
        count_ending(state.monthly, month, how)


@part
def count_ending(monthly: Table, month: int, how: int) -> None:
    """Count a financed project that ended."""
    outcome = monthly[month]
    if how == Ending.FAILED:
        outcome.ended_failed += 1
    elif how == Ending.INSOLVENT:
        outcome.ended_insolvent += 1
    elif how == Ending.FORCED_CLOSURE:
        outcome.ended_forced += 1
    elif how == Ending.OWNER_LEFT:
        outcome.ended_left += 1
    elif how == Ending.TOOK_JOB:
        outcome.ended_job += 1
    elif how == Ending.JOINED_COOPERATIVE:
        outcome.ended_joined += 1
    elif how == Ending.DISSOLVED:
        outcome.ended_dissolved += 1


@part
def part_ways(state: State, scene: Scene, luck: tuple[int, int, int], row: int, how: int, month: int) -> None:
    """End a cooperative with its enterprise: its members search anew and may apply again; they outlive it."""
    cooperative = state.cooperatives[row]
    cooperative.ended = month
    if cooperative.standing == Standing.REGISTERED:
        cooperative.standing = Standing.CLOSED
    head = state.businesses[cooperative.business].person if cooperative.business >= 0 else -1
    for index in range(state.tally[0].members):
        member = state.members[index]
        if state.persons[member].cooperative == row:
            state.persons[member].cooperative = -1
            if member != head:
                let_go(state, scene, luck, member, month)
    cooperative.members = 0
    state.monthly[month].cooperatives_ended += 1


@part
def let_go(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Let a member who leaves a cooperative search for work and be free to apply again."""
    worker = state.workers[row]
    close_file(state, scene.params[0], luck, row)
    if worker.activity == Activity.COOPERATIVE:
        place = state.places[state.households[state.persons[row].household].place]
        new_spell(state.tally[0], worker, place, luck, Activity.IDLE, month + 1, scene.settings[month], scene.params[0])
