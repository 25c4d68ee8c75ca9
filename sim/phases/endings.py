"""The end of a business: what it means for its owners."""

from __future__ import annotations

from ..kinds import Activity, Ending, File
from ..luck import Stream, exponential, spell_fates
from ..params import Params
from ..records import Person, Place
from ..rule import part
from ..rules.closing import close
from ..rules.work import turn, work_hazard
from ..state import State


@part
def new_spell(person: Person, place: Place, luck: tuple[int, int, int], activity: int, p: Params) -> None:
    """Begin a person's next spell of work or of search, with fresh resilience."""
    dealt, _ = spell_fates(luck, person.page, Stream.PERSON_WORK_SPELL, person.work_spells + 1)
    turn(person, activity, work_hazard(activity, person.ease, place.work_factor, p), exponential(dealt), p)


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
        owner.ask_left = exponential(spell_fates(luck, owner.page, Stream.PERSON_ASKS, owner.applications)[0])
    place = state.places[business.place]
    new_spell(owner, place, luck, Activity.CASUAL_WORK if how == Ending.TOOK_JOB else Activity.IDLE, p)
    if business.second_owner >= 0:
        new_spell(state.persons[business.second_owner], place, luck, Activity.IDLE, p)
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
