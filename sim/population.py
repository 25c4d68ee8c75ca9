"""Who lives in the country: flows implied by UNHCR's tables, and the dealing of every household and adult.

Identity is dealt from the page of luck alone, before any policy acts: the k-th arrival of an origin is the
same person in every scenario.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np

from .country import Country, Floats
from .kinds import ORIGIN_REGION, Activity, Departure, Region, Status, Trade
from .luck import Stream, below, exponential, fates, normal, poisson_step, spell_fates
from .params import Params
from .records import Family, Flow, Household, Worker
from .rule import part, rule
from .rules.asking import asker
from .rules.flows import leave_rate
from .rules.home import basic_cost, cash_aid
from .rules.jobs import offer_hazard, see_employer
from .rules.need import has_permit
from .rules.work import spell_months, turn, wage, work_hazard
from .state import FLOWS, Scene, State, Table
from .table import new_table

TRADES = cast("int", np.int64(len(Trade)))
MEMBERS = 4
"""Pages of luck a household takes: three adults and, last, the household itself."""
PAGES_PER_FLOW = 1 << 27
ARRIVALS_PAGE = 31 * PAGES_PER_FLOW
TOWN_PAGE = cast("int", np.int64(ARRIVALS_PAGE + 1000))
PARTNER_PAGE = cast("int", np.int64(ARRIVALS_PAGE + 9000))
NICHE_PAGE = cast("int", np.int64(ARRIVALS_PAGE + 10000))
"""Pages of luck of arrivals, towns, a partner and niches, beyond those of any household."""
INITIAL_STAY_MONTHS = cast("int", np.int64(36))
"""These are NumPy numbers, for numba compiles anew for each literal it is given."""
RECENT_YEARS = 3


def flow_table(country: Country, params: Any, arrivals_factor: Floats) -> Table:
    """Solve arrivals, departures and recognitions by month so that, in the mean, stocks meet the tables.

    Within a year hazards are constant and arrivals even. Where a stock falls faster than people ordinarily
    leave, arrivals are nil and an excess hazard closes the gap (docs/MODEL.md, section 6). After the last known year
    the mean of the last three goes on.

    Returns
    -------
    recarray of Flow, shape (months, FLOWS)
    """
    months = len(arrivals_factor)
    years = country.known_years
    regions = np.array(ORIGIN_REGION)
    yearly = np.zeros(len(Region))
    yearly[Region.SYRIAN] = params.departure_syrian
    yearly[Region.YEMENI] = params.departure_yemeni
    yearly[Region.OTHER_MENA] = params.departure_other_mena
    yearly[Region.SUB_SAHARAN] = params.departure_subsaharan
    leave = yearly[regions] / 12.0
    before, after = country.stocks[:years], country.stocks[1 : years + 1]
    solved = _solve_years(before, after, leave, country.recognition[:years, None] / 12.0)
    later = solved[-RECENT_YEARS:].mean(axis=0) if years else np.zeros(solved.shape[1:])
    later[:, :, 1] = leave[:, None]
    later[:, :, 2] = 0.0
    year_of = np.minimum(np.arange(months) // 12, years)
    by_month = np.concatenate([solved, later[None]])[year_of].reshape(months, FLOWS, 4)
    flows = new_table(Flow, months * FLOWS).reshape(months, FLOWS).view(np.recarray)
    flows["arrivals"] = by_month[:, :, 0] * arrivals_factor[:, None]
    flows["known"] = (np.arange(months) // 12 < years)[:, None]
    flows["leave"], flows["excess"], flows["recognised"] = by_month[:, :, 1], by_month[:, :, 2], by_month[:, :, 3]
    return flows


def _solve_years(before: Floats, after: Floats, leave: Floats, recognition: Floats) -> Floats:
    """Return arrivals a month, leaving, excess and recognition hazards: shape (years, origins, statuses, 4).

    Recognition is lowered where it would lead above the table's refugees; a few rounds settle it.
    """
    seekers, refugees = int(Status.ASYLUM_SEEKER), int(Status.REFUGEE)
    recognised = recognition + np.zeros(before.shape[:2])
    wanted = after[:, :, refugees] - before[:, :, refugees] * np.exp(-12 * leave)
    for _ in range(4):
        arrivals_a, excess_a = _close_gap(before[:, :, seekers], after[:, :, seekers], leave + recognised, 0.0)
        carried = _carried(before[:, :, seekers], arrivals_a, leave + excess_a, recognised, leave)
        last = recognised
        recognised = recognised * np.clip(wanted / np.maximum(carried, 1e-9), 0.0, 1.0)
    arrivals_r, excess_r = _close_gap(before[:, :, refugees], after[:, :, refugees], leave, carried)
    out = np.zeros((*before.shape, 4))
    out[:, :, seekers] = np.stack([arrivals_a, leave + 0.0 * last, excess_a, last], axis=-1)
    out[:, :, refugees] = np.stack([arrivals_r, leave + 0.0 * last, excess_r, 0.0 * last], axis=-1)
    return out


def _close_gap(before: Floats, after: Floats, hazard: Floats, inflow: Any) -> tuple[Floats, Floats]:
    """Return the arrivals a month, and the excess hazard, that lead a stock from one year's end to the next."""
    kept = np.exp(-12.0 * hazard)
    stay = np.exp(-hazard[..., None] * np.arange(1, 13)).sum(axis=-1)
    arrivals = (after - before * kept - inflow) / stay
    aim = np.maximum(after, 0.25)
    excess = np.log(np.maximum(before * kept + inflow, aim) / aim) / 12.0
    return np.maximum(arrivals, 0.0), np.where(arrivals < 0.0, excess, 0.0)


def _carried(before: Floats, arrivals: Floats, gone: Floats, recognised: Floats, leave: Floats) -> Floats:
    """Return the asylum-seekers recognised in a year who are still there at its end."""
    months = np.arange(12)
    kept = np.exp(-(recognised + gone))[..., None] ** months
    stock = before[..., None] * kept + arrivals[..., None] * kept.cumsum(axis=-1)
    present: Floats = (stock * np.exp(-leave[..., None] * (12 - months))).sum(axis=-1)
    return present * -np.expm1(-recognised)


def household_size(params: Any, country: Country) -> tuple[Floats, Floats]:
    """Return mean adults by status, and children and elders per adult by year and status."""
    adults = 1.0 + (params.adults_per_household - 1.0) * country.solitary
    return adults, country.non_adult_ratio * (params.non_adults_per_adult / 0.66)


@part
def mean_size(scene: Scene, year: int, status: int) -> float:
    """Return the mean number of persons in a household that arrives; persons."""
    return float(scene.adults[status] * (1.0 + scene.non_adults[year, status]))


@rule
def row_of_year(month: int, rows: int) -> int:
    """Return the row of a yearly table that holds a month; the last year goes on."""
    return min(max(month, 0) // 12, rows - 1)


@part
def adults_dealt(scene: Scene, luck: tuple[int, int, int], page: int, status: int) -> int:
    """Return how many adults a household has: 1 to 3."""
    further = (scene.adults[status] - 1.0) / 2.0
    first, second = fates(luck, page, Stream.HOUSEHOLD_ADULTS)
    return 1 + (1 if first < further else 0) + (1 if second < further else 0)


@part
def deal_household(state: State, scene: Scene, luck: tuple[int, int, int], flow: int, month: int) -> None:
    """Append the next household of a flow, with its adults; a month before 0 says it came before the model begins."""
    tally = state.tally[0]
    row = tally.households
    household = state.households[row]
    family = state.families[row]
    base = flow * PAGES_PER_FLOW + state.arrived[flow] * MEMBERS
    page = base + MEMBERS - 1
    p = scene.params[0]
    year = row_of_year(month, len(scene.arrival_share))
    family.page = page
    household.origin = flow // 2
    household.status = flow % 2
    family.departure = Departure.PRESENT
    family.aid_until = -1
    family.left = -1
    family.recognised = month if household.status == Status.REFUGEE else -1
    household.business = -1
    household.first_person = tally.persons
    household.adults = adults_dealt(scene, luck, page, household.status)
    where, stay = fates(luck, page, Stream.HOUSEHOLD_TOWN_AND_STAY)
    family.arrived = month if month >= 0 else -1 - below(stay, INITIAL_STAY_MONTHS)
    household.place = town_of(scene, where, year)
    size, purse = fates(luck, page, Stream.HOUSEHOLD_SIZE_AND_PURSE)
    family.dependants = poisson_step(size, household.adults * scene.non_adults[year, household.status])
    household.purse = p.arrival_savings * math.exp(0.8 * normal(purse))
    household.persons = household.adults + family.dependants
    deal_fate(household, family, p, luck)
    household.basic_cost = basic_cost(household.persons, state.places[household.place].cost_factor, p)
    for member in range(household.adults):
        deal_person(state, scene, luck, row, base + member, month, year)
    ask_anew(state, p, luck, row)
    state.crowd[household.place, household.origin] += household.adults
    state.stock[household.origin, household.status] += household.persons
    state.arrived[flow] += 1
    state.present[tally.present] = row
    tally.present += 1
    tally.households += 1


@part
def town_of(scene: Scene, where: float, year: int) -> int:
    """Return the town in which an arrival of that year settles."""
    total = 0.0
    last = int(scene.arrival_share.shape[1] - 1)
    for place in range(last):
        total += scene.arrival_share[year, place]
        if where < total:
            return place
    return last


@rule
def deal_fate(household: Household, family: Family, p: Params, luck: tuple[int, int, int]) -> None:
    """Deal what a household will bear before it leaves, is recognised or starts alone, and its circumstances."""
    page = family.page
    protection, aid = fates(luck, page, Stream.HOUSEHOLD_PROTECTION_AND_AID)
    permit, settle = fates(luck, page, Stream.HOUSEHOLD_PERMIT_AND_SETTLE)
    leave, recognition = fates(luck, page, Stream.HOUSEHOLD_LEAVES_AND_IS_RECOGNISED)
    family.protection = 1 if protection < p.protection_share else 0
    family.aid_rank = aid
    family.permit_rank = permit
    family.settle = normal(settle)
    household.aid = cash_aid(household.status, aid, p)
    household.leave_rate = leave_rate(family.settle, p)
    household.leave_left = exponential(leave)
    household.recognition_left = exponential(recognition)
    household.start_left = exponential(fates(luck, page, Stream.HOUSEHOLD_STARTS_ALONE)[0])


@part
def deal_person(
    state: State, scene: Scene, luck: tuple[int, int, int], household_row: int, page: int, month: int, year: int
) -> None:
    """Append an adult to the household that is being dealt."""
    p = scene.params[0]
    household = state.households[household_row]
    person = state.persons[state.tally[0].persons]
    worker = state.workers[state.tally[0].persons]
    state.tally[0].persons += 1
    worker.page = page
    person.household = household_row
    sex, age = fates(luck, page, Stream.PERSON_SEX_AND_AGE)
    school, trade = fates(luck, page, Stream.PERSON_SCHOOL_AND_TRADE)
    skill, talent = fates(luck, page, Stream.PERSON_SKILL_AND_TALENT)
    language, health = fates(luck, page, Stream.PERSON_LANGUAGE_AND_HEALTH)
    ease, niche = fates(luck, page, Stream.PERSON_EASE_AND_NICHE)
    person.sex = 1 if sex < scene.women_share[year, household.status] else 0
    person.age = 18.0 + 41.0 * age * math.sqrt(age)
    person.schooling = years_of_schooling(school, p)
    person.trade = below(trade, TRADES)
    person.trade_skill = skill
    person.talent = normal(talent)
    person.language = 0.9 if language < p.darija_share else (0.6 if language < p.darija_share + p.french_share else 0.2)
    person.health = 1.0 - 0.6 * health * health
    worker.ease = math.exp(p.finding_sd * normal(ease))
    place = state.places[household.place]
    person.niche = place.first_niche + person.trade * place.niches_per_trade + below(niche, place.niches_per_trade)
    person.lot = fates(luck, page, Stream.PERSON_LOT)[0]
    person.wish, person.openness = fates(luck, page, Stream.PERSON_WISHES)
    person.cooperative = -1
    permit = permit_held(household, state.families[household_row], scene.permit_share, month)
    see_employer(worker, person, permit, p)
    begin_work(state, scene, luck, household, worker, month)


@part
def begin_work(
    state: State, scene: Scene, luck: tuple[int, int, int], household: Household, worker: Worker, month: int
) -> None:
    """Let a newcomer search; those who came before the first month may have found casual work already."""
    p, now, place = scene.params[0], scene.settings[max(month, 0)], state.places[household.place]
    spell, settled = fates(luck, worker.page, Stream.PERSON_WORK_SPELL)
    activity = Activity.IDLE
    hazard = work_hazard(Activity.IDLE, worker.ease, place.work_factor, now, p)
    if month < 0 and settled < hazard / (hazard + p.casual_separation):
        activity = Activity.CASUAL_WORK
        hazard = work_hazard(Activity.CASUAL_WORK, worker.ease, place.work_factor, now, p)
        household.mean_income += p.casual_income
    offers = offer_hazard(activity, worker.employable, place.work_factor, now, p)
    before = max(month, 0) - 1  # a spell counts from the month of arrival on
    offer = exponential(fates(luck, worker.page, Stream.PERSON_OFFER)[0])
    turns = before + spell_months(exponential(spell), hazard)
    turn(worker, activity, wage(activity, 0.0, p), turns, before + spell_months(offer, offers))


@part
def ask_anew(state: State, p: Params, luck: tuple[int, int, int], row: int) -> None:
    """Deal a household the hazard it bears until one of its adults applies, and count who may."""
    household = state.households[row]
    family = state.families[row]
    household.ask_left = exponential(spell_fates(luck, family.page, Stream.HOUSEHOLD_ASKS, family.applications)[0])
    household.askers = 0.0
    for member in range(household.first_person, household.first_person + household.adults):
        household.askers += asker(state.persons[member], p)


@rule
def years_of_schooling(luck: float, p: Any) -> float:
    """Return years of schooling: none, primary, secondary or university (R126-R129)."""
    if luck < p.schooling_none:
        return 0.0
    if luck < p.schooling_none + p.schooling_primary:
        return 6.0
    if luck < p.schooling_none + p.schooling_primary + p.schooling_secondary:
        return 12.0
    return 16.0


@rule
def permit_held(household: Household, family: Family, permit_share: Floats, month: int) -> bool:
    """Say whether a household holds a valid residence permit this month (R143-R145 W004)."""
    return has_permit(family, permit_share[row_of_year(month, len(permit_share)), household.origin])


@part
def deal_niches(state: State, scene: Scene, luck: tuple[int, int, int]) -> None:
    """Deal the size and slack of every niche, the same in every strategy."""
    p = scene.params[0]
    for place in range(len(state.places)):
        town = state.places[place]
        for index in range(TRADES * town.niches_per_trade):
            row = town.first_niche + index
            niche = state.niches[row]
            size, slack = fates(luck, NICHE_PAGE + row, Stream.NICHE)
            niche.place = place
            niche.trade = index // town.niches_per_trade
            niche.hosts = town.market_size * p.niche_host_sellers * math.exp(p.niche_size_sd * normal(size))
            niche.demand = niche.hosts * p.niche_slack * math.exp(p.niche_slack_sd * normal(slack))
            niche.share = 1.0


@part
def deal_partner(state: State, luck: tuple[int, int, int]) -> None:
    """Deal a private partner's patience, the same in every strategy; say that no further branch is on its way."""
    partner = state.partner[0]
    partner.since = -1
    partner.withdrawn = -1
    partner.resilience = exponential(fates(luck, PARTNER_PAGE, Stream.PARTNER)[0])
    for row in range(len(state.places)):
        state.places[row].opens = -1
        state.places[row].first_branch = state.places[row].branch
