"""The opening of a business, with a grant or alone."""

from __future__ import annotations

from ..kinds import Activity, Ending, File, Status
from ..luck import Stream, exponential, normal, spell_fates
from ..rule import part
from ..rules.hazard import traits
from ..rules.rural import settle_business
from ..rules.trade import capital_elasticity, profit_level
from ..state import Scene, State
from .endings import new_spell


@part
def open_business(
    state: State, scene: Scene, luck: tuple[int, int, int], person_row: int, month: int, assisted: bool
) -> int:
    """Append a business of a person that trades from `month` on, without capital yet; return its row."""
    p = scene.params[0]
    tally = state.tally[0]
    row = int(tally.businesses)
    tally.businesses += 1
    business = state.businesses[row]
    person = state.persons[person_row]
    household = state.households[person.household]
    person.businesses += 1
    business.person = person_row
    business.household = person.household
    business.page = state.workers[person_row].page
    business.spell = person.businesses
    business.place = household.place
    business.niche = person.niche
    business.trade = person.trade
    business.assisted = 1 if assisted else 0
    business.opened = month
    business.ended = -1
    business.ending = Ending.OPEN
    business.female = person.sex
    business.need = person.need
    business.quintile = person.quintile if assisted else -1
    business.last_seen = month
    business.seen_ended = -1
    business.lost = -1
    business.cooperative = -1
    business.incubator = -1
    business.graduates = -1
    business.hands = 1.0
    business.waited = month - person.applied if assisted else 0
    business.alpha = capital_elasticity(person.sex, p)
    deal_business(state, scene, luck, row, month)
    household.business = row
    place = state.places[household.place]
    now = scene.settings[min(month, len(scene.settings) - 1)]  # one that trades from next month on may be the last
    new_spell(state.tally[0], state.workers[person_row], place, luck, Activity.OWN_BUSINESS, month, now, p)
    if business.second_owner >= 0:
        worker = state.workers[business.second_owner]
        new_spell(state.tally[0], worker, place, luck, Activity.OWN_BUSINESS, month, now, p)
    state.running[tally.running] = row
    tally.running += 1
    return row


@part
def deal_business(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Deal what nobody can see of a business at its birth: its match, its resilience, a second owner."""
    p = scene.params[0]
    business = state.businesses[row]
    person = state.persons[business.person]
    household = state.households[business.household]
    match, partner = spell_fates(luck, business.page, Stream.BUSINESS_MATCH_AND_PARTNER, business.spell)
    failure, frailty = spell_fates(luck, business.page, Stream.BUSINESS_FAILS_AND_FRAILTY, business.spell)
    forced, job = spell_fates(luck, business.page, Stream.BUSINESS_FORCED_AND_JOB, business.spell)
    lost, shock = spell_fates(luck, business.page, Stream.BUSINESS_LOST_AND_SHOCK, business.spell)
    business.level = profit_level(person, normal(match), p)
    age = person.age + (month - state.families[business.household].arrived) / 12.0
    business.frailty = traits(person.schooling, age, person.sex, business.need, normal(frailty), p)
    business.resilience = exponential(failure)
    business.forced_resilience = exponential(forced)
    business.job_resilience = exponential(job)
    business.lost_resilience = exponential(lost)
    business.shock = p.own_shock_sd * normal(shock)
    settle_business(business, state.places[business.place], p)
    business.second_owner = -1
    member = person.file == File.MEMBER  # a cooperative's enterprise has its members, and no second owner
    if household.adults > 1 and not member and partner < chance_of_partner(scene):
        further = household.first_person
        business.second_owner = further + 1 if further == business.person else further


@part
def chance_of_partner(scene: Scene) -> float:
    """Return the chance that a household of several adults runs a project with two owners; share.

    Because owners per project were counted (P020 P026 P030) over all projects, those of single adults too.
    """
    further = (scene.adults[Status.REFUGEE] - 1.0) / 2.0
    several = 1.0 - (1.0 - further) * (1.0 - further)
    return float(min(1.0, (scene.params[0].refugees_per_project - 1.0) / max(several, 1e-6)))
