"""Who arrives and what they bring: households, adults, businesses and niches dealt on ordinary Mesa agents."""

from __future__ import annotations

import math
from typing import Any

from plain_mesa_agents import Business, Family, Household, Niche, Person, Place, Worker

from idmaj.sim.kinds import Activity, Departure, Ending, File, Sex, Status
from idmaj.sim.luck import Stream, below, exponential, fates, normal, poisson, poisson_step, spell_fates

TRADES = 5
OLDEST_STAY = 36
# Pages of luck: 2**27 for each flow, four a household (its adults, then itself); arrivals and niches beyond them.
FLOW_PAGES, HOUSEHOLD_PAGES = 2**27, 4
ARRIVALS_PAGE = 31 * FLOW_PAGES
PARTNER_PAGE, NICHE_PAGE = ARRIVALS_PAGE + 9000, ARRIVALS_PAGE + 10_000
STREAM = {stream.name: int(stream) for stream in Stream}


def twice(world: Any, page: int, stream: str) -> tuple[float, float]:
    """Return the two numbers that a page is dealt once in a life."""
    return fates(world.luck, page, STREAM[stream])


def mean_size(world: Any, year: int, status: int) -> float:
    return world.adults[status] * (1.0 + world.non_adults[year][status])


def settle_first(world: Any, stocks: list[list[float]]) -> None:
    """Deal those who live there before the first month."""
    for flow in range(world.flow_count):
        size = mean_size(world, 0, flow % 2)
        for _ in range(int(stocks[flow // 2][flow % 2] / size + 0.5)):
            deal_household(world, flow, -1)


def arrive(world: Any) -> None:
    year = world.year_row(world.month)
    for flow in range(world.flow_count):
        mean = world.flows[flow].arrivals / mean_size(world, year, flow % 2)
        for _ in range(poisson(world.luck, ARRIVALS_PAGE + flow, STREAM["ARRIVALS"], world.month, mean)):
            world.outcome.persons_arrived += deal_household(world, flow, world.month).persons


def deal_household(world: Any, flow: int, month: int) -> Household:
    """Deal the next household of a flow; a month before 0 says it came before the model begins."""
    p = world.params
    home = Household(world)
    family = home.family = Family(world)
    row = len(world.households)
    base = flow * FLOW_PAGES + world.arrived[flow] * HOUSEHOLD_PAGES
    family.page = base + HOUSEHOLD_PAGES - 1
    home.origin, home.status = flow // 2, flow % 2
    year = world.year_row(month)
    family.departure = Departure.PRESENT
    family.left = family.aid_until = home.business = -1
    family.recognised = month if home.status == Status.REFUGEE else -1
    home.first_person = len(world.persons)
    further = (world.adults[home.status] - 1.0) / 2.0
    home.adults = 1 + sum(luck < further for luck in twice(world, family.page, "HOUSEHOLD_ADULTS"))
    where, stay = twice(world, family.page, "HOUSEHOLD_TOWN_AND_STAY")
    family.arrived = month if month >= 0 else -1 - below(stay, OLDEST_STAY)
    home.place = town_of(world.arrival_share[year], where)
    size, purse = twice(world, family.page, "HOUSEHOLD_SIZE_AND_PURSE")
    family.dependants = poisson_step(size, home.adults * world.non_adults[year][home.status])
    home.purse = p.arrival_savings * math.exp(0.8 * normal(purse))
    home.persons = home.adults + family.dependants
    deal_circumstances(world, home, family)
    home.basic_cost = world.rules.basic_cost(home.persons, world.places[home.place].cost_factor, p)
    for member in range(home.adults):
        deal_person(world, home, row, base + member, month)
    home.ask_anew()
    world.crowd[home.place][home.origin] += home.adults
    world.stock[home.origin][home.status] += home.persons
    world.arrived[flow] += 1
    world.households.append(home)
    world.families.append(family)
    world.present.append(home)
    return home


def town_of(shares: list[float], where: float) -> int:
    total = 0.0
    for place, share in enumerate(shares[:-1]):
        total += share
        if where < total:
            return place
    return len(shares) - 1


def deal_circumstances(world: Any, home: Household, family: Family) -> None:
    """Deal a household's circumstances, and what it will bear before it leaves, is recognised or starts alone."""
    p = world.params
    protection, family.aid_rank = twice(world, family.page, "HOUSEHOLD_PROTECTION_AND_AID")
    family.protection = int(protection < p.protection_share)
    family.permit_rank, settle = twice(world, family.page, "HOUSEHOLD_PERMIT_AND_SETTLE")
    family.settle = normal(settle)
    home.aid = world.rules.cash_aid(home.status, family.aid_rank, p)
    home.leave_rate = world.rules.leave_rate(family.settle, p)
    leave, recognition = twice(world, family.page, "HOUSEHOLD_LEAVES_AND_IS_RECOGNISED")
    home.leave_left = exponential(leave)
    home.recognition_left = exponential(recognition)
    home.start_left = exponential(twice(world, family.page, "HOUSEHOLD_STARTS_ALONE")[0])


def deal_person(world: Any, home: Household, home_row: int, page: int, month: int) -> None:
    p, place = world.params, world.places[home.place]
    person = Person(world)
    worker = person.worker = Worker(world)
    worker.page, person.household = page, home_row
    sex, age = twice(world, page, "PERSON_SEX_AND_AGE")
    person.sex = Sex.FEMALE if sex < world.women_share[world.year_row(month)][home.status] else Sex.MALE
    person.age = 18.0 + 41.0 * age * math.sqrt(age)
    school, trade = twice(world, page, "PERSON_SCHOOL_AND_TRADE")
    person.schooling = years_of_schooling(school, p)
    person.trade = below(trade, TRADES)
    person.trade_skill, talent = twice(world, page, "PERSON_SKILL_AND_TALENT")
    person.talent = normal(talent)
    language, health = twice(world, page, "PERSON_LANGUAGE_AND_HEALTH")
    person.language = 0.2
    if language < p.darija_share:
        person.language = 0.9
    elif language < p.darija_share + p.french_share:
        person.language = 0.6
    person.health = 1.0 - 0.6 * health * health
    worker.ease = math.exp(p.finding_sd * normal(twice(world, page, "PERSON_EASE_AND_NICHE")[0]))
    person.settle_in(place)
    person.lot = twice(world, page, "PERSON_LOT")[0]
    person.wish, person.openness = twice(world, page, "PERSON_WISHES")
    person.cooperative = -1
    world.rules.see_employer(worker, person, home.permit(), p)
    begin_work(world, home, worker, place, month)
    world.persons.append(person)
    world.workers.append(worker)


def begin_work(world: Any, home: Household, worker: Worker, place: Place, month: int) -> None:
    """Let a newcomer search for work; who came before the model begins may have found casual work."""
    p, rules = world.params, world.rules
    spell, settled = twice(world, worker.page, "PERSON_WORK_SPELL")
    activity = Activity.IDLE
    finding = worker.hazards(place, world.now, activity)[0]
    if month < 0 and settled < finding / (finding + p.casual_separation):
        activity = Activity.CASUAL_WORK
        home.mean_income += p.casual_income
    ends, offers = worker.hazards(place, world.now, activity)
    before = max(month, 0) - 1
    turns = before + rules.spell_months(exponential(spell), ends)
    offered = exponential(twice(world, worker.page, "PERSON_OFFER")[0])
    rules.turn(worker, activity, rules.wage(activity, 0.0, p), turns, before + rules.spell_months(offered, offers))


def years_of_schooling(luck: float, p: Any) -> float:
    if luck < p.schooling_none:
        return 0.0
    if luck < p.schooling_none + p.schooling_primary:
        return 6.0
    return 12.0 if luck < p.schooling_none + p.schooling_primary + p.schooling_secondary else 16.0


def deal_niches(world: Any) -> None:
    """Deal the niches of every town, trade by trade."""
    p = world.params
    for number, place in enumerate(world.places):
        assert place.first_niche == len(world.niches)
        for index in range(TRADES * place.niches_per_trade):
            size, slack = twice(world, NICHE_PAGE + len(world.niches), "NICHE")
            niche = Niche(world)
            niche.place, niche.trade = number, index // place.niches_per_trade
            niche.hosts = place.market_size * p.niche_host_sellers * math.exp(p.niche_size_sd * normal(size))
            niche.demand = niche.hosts * p.niche_slack * math.exp(p.niche_slack_sd * normal(slack))
            niche.share = 1.0
            world.niches.append(niche)


def deal_partner(world: Any) -> None:
    """Deal a partner's patience, the same whatever the programme does; say that no further branch is on its way."""
    world.partner.since = world.partner.withdrawn = -1
    world.partner.resilience = exponential(twice(world, PARTNER_PAGE, "PARTNER")[0])
    for place in world.places:
        place.opens = -1
        place.first_branch = place.branch


def open_business(world: Any, owner_row: int, month: int, assisted: bool) -> Business:
    """Open a business of a person that trades from `month` on, without capital yet."""
    owner = world.persons[owner_row]
    home = world.households[owner.household]
    owner.businesses += 1
    business = Business(world)
    business.person, business.household, business.page = owner_row, owner.household, owner.worker.page
    business.spell = owner.businesses
    business.place, business.niche, business.trade = home.place, owner.niche, owner.trade
    business.assisted = int(assisted)
    business.opened = business.last_seen = month
    business.ended = business.seen_ended = business.lost = -1
    business.cooperative = business.incubator = business.graduates = -1
    business.hands = 1.0
    business.waited = month - owner.applied if assisted else 0
    business.ending = Ending.OPEN
    business.female = owner.sex
    business.need = owner.need
    business.quintile = owner.quintile if assisted else -1
    business.alpha = world.rules.capital_elasticity(owner.sex, world.params)
    deal_business(world, business, owner, home)
    home.business = len(world.businesses)
    owner.worker.turn_to(Activity.OWN_BUSINESS, home, month)
    if business.second_owner >= 0:
        world.workers[business.second_owner].turn_to(Activity.OWN_BUSINESS, home, month)
    world.businesses.append(business)
    world.trading.append(business)
    return business


def deal_business(world: Any, business: Business, owner: Person, home: Household) -> None:
    """Deal what nobody can see of a business at its birth."""
    p, rules = world.params, world.rules

    def twice_in_spell(stream: str) -> tuple[float, float]:
        return spell_fates(world.luck, business.page, STREAM[stream], business.spell)

    match, partner = twice_in_spell("BUSINESS_MATCH_AND_PARTNER")
    business.level = rules.profit_level(owner, normal(match), p)
    failure, frailty = twice_in_spell("BUSINESS_FAILS_AND_FRAILTY")
    age = owner.age + (business.opened - home.family.arrived) / 12.0
    business.frailty = rules.traits(owner.schooling, age, owner.sex, business.need, normal(frailty), p)
    business.resilience = exponential(failure)
    forced, job = twice_in_spell("BUSINESS_FORCED_AND_JOB")
    business.forced_resilience, business.job_resilience = exponential(forced), exponential(job)
    lost, shock = twice_in_spell("BUSINESS_LOST_AND_SHOCK")
    business.lost_resilience = exponential(lost)
    business.shock = p.own_shock_sd * normal(shock)
    rules.settle_business(business, world.places[business.place], p)
    business.second_owner = -1
    alone = home.adults == 1 or owner.file == File.MEMBER
    if not alone and partner < world.chance_of_partner:
        first = home.first_person
        business.second_owner = first + 1 if business.person == first else first
