"""The end of a business: what it means for its owners."""

from __future__ import annotations

from ..kinds import Activity, Ending, File
from ..luck import Stream, exponential, uniform
from ..rule import rule
from ..rules.closing import close
from ..rules.work import turn
from ..state import State


@rule
def new_spell(state: State, luck: tuple[int, int, int], row: int, activity: int) -> None:
    """Begin a person's next spell of work or of search, with fresh resilience."""
    person = state.persons[row]
    turn(person, activity, exponential(uniform(luck, person.page, Stream.WORK_SPELL, 0, person.work_spells + 1)))


@rule
def end_business(state: State, luck: tuple[int, int, int], row: int, how: int, month: int) -> None:
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
        owner.ask_wear = 0.0
        owner.ask_resilience = exponential(uniform(luck, owner.page, Stream.APPLICATION, 0, owner.applications))
    new_spell(state, luck, business.person, Activity.CASUAL_WORK if how == Ending.TOOK_JOB else Activity.IDLE)
    if business.second_owner >= 0:
        new_spell(state, luck, business.second_owner, Activity.IDLE)
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
