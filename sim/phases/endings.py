"""The end of a business: what it means for its owners."""

from __future__ import annotations

from ..kinds import Activity, Ending, File
from ..luck import Stream, exponential, spell_fates
from ..params import Params
from ..population import ask_anew
from ..records import Place, Worker
from ..rule import part
from ..rules.closing import close
from ..rules.work import spell_months, turn, work_hazard
from ..state import State


@part
def new_spell(
    worker: Worker, place: Place, luck: tuple[int, int, int], activity: int, month: int, p: Params
) -> None:
    """Begin an adult's next spell of work or of search, with fresh resilience; it counts from `month` on."""
    dealt, _ = spell_fates(luck, worker.page, Stream.PERSON_WORK_SPELL, worker.work_spells + 1)
    hazard = work_hazard(activity, worker.ease, place.work_factor, p)
    turn(worker, activity, month - 1 + spell_months(exponential(dealt), hazard), p)


@part
def end_business(state: State, p: Params, luck: tuple[int, int, int], row: int, how: int, month: int) -> None:
    """End a business; its owners look for work, or hold the job for which they gave it up, and may apply again."""
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
    activity = Activity.CASUAL_WORK if how == Ending.TOOK_JOB else Activity.IDLE
    new_spell(state.workers[business.person], place, luck, activity, month + 1, p)
    if business.second_owner >= 0:
        new_spell(state.workers[business.second_owner], place, luck, Activity.IDLE, month + 1, p)
    if business.assisted:
        now = state.monthly[month]
        if how == Ending.FAILED:
            now.ended_failed += 1
        elif how == Ending.INSOLVENT:
            now.ended_insolvent += 1
        elif how == Ending.FORCED_CLOSURE:
            now.ended_forced += 1
        elif how == Ending.OWNER_LEFT:
            now.ended_left += 1
        elif how == Ending.TOOK_JOB:
            now.ended_job += 1
