"""The tables: one row per agent, a line per column with what it means and its unit.

What every month reads of everybody stands in one narrow table, so that people without a file stay cheap.
Rows point to rows of other tables by number; -1 points to nobody. Months count from January 2007.
"""

from __future__ import annotations

from .kinds import (
    Activity,
    Departure,
    Ending,
    File,
    ForcedReason,
    Origin,
    Sex,
    Standing,
    Status,
    Track,
    Trade,
    Training,
)
from .table import Record, column


class Household(Record):
    """One to three adults and their dependants, with one purse: what every month reads, and no more."""

    status: int = column("Standing with UNHCR", "", Status)
    origin: int = column("Country of origin, or group of countries", "", Origin)
    place: int = column("Town, a row of Place")
    adults: int = column("Adults aged 18-59", "persons")
    persons: int = column("Adults, children and elders", "persons")
    business: int = column("Its open business, or -1")
    in_contact: int = column("Adults who wait for the programme, were chosen or are in a cooperative", "persons")
    leave_left: float = column("Departure hazard it will still bear; dealt at arrival, it leaves at 0", "hazard")
    leave_rate: float = column("Its own rate of leaving against the average", "ratio")
    recognition_left: float = column("Recognition hazard until it is recognised, at 0; dealt at arrival", "hazard")
    ask_left: float = column("Hazard until one of its adults applies, at 0; dealt once per application", "hazard")
    askers: float = column("Adults, each weighed by how likely it is to apply: less if it did before", "persons")
    mean_income: float = column("Twelve-month mean of its income without aid", "MAD 2016/month")
    basic_cost: float = column("What it needs to live", "MAD 2016/month")
    aid: float = column("Cash aid it receives", "MAD 2016/month")
    purse: float = column("Savings", "MAD 2016")
    months_without: int = column("Months in a row without income", "months")
    start_left: float = column("Hazard of starting alone until it does, at 0; dealt at arrival", "hazard")
    ever_served: int = column("Whether the programme ever financed one of its projects", "yes/no")
    first_person: int = column("Row of its first adult; the others follow")


class Family(Record):
    """Who a household is: what no ordinary month reads. It has the row of its household."""

    page: int = column("Page of its luck")
    arrived: int = column("Month of arrival", "month")
    dependants: int = column("Children and elders", "persons")
    departure: int = column("Present, or why it is gone", "", Departure)
    left: int = column("Month it went, or -1", "month")
    recognised: int = column("Month it was recognised here; that of arrival if it came as a refugee; or -1", "month")
    settle: float = column("Wish to stay", "SD")
    aid_rank: float = column("It receives cash aid when the share that does exceeds this", "share")
    permit_rank: float = column("It holds a permit when the share that does exceeds this", "share")
    protection: int = column("Protection case: violence, disability or detention", "yes/no")
    applications: int = column("Applications of its adults so far", "applications")
    legal_help: int = column("Whether legal assistance obtained its permit", "yes/no")
    aid_until: int = column("Month in which the social component's aid ends, or -1", "month")
    social_aid: float = column("The social component's aid", "MAD 2016/month")


class Worker(Record):
    """How an adult earns: what every month reads. It has the row of its person."""

    activity: int = column("How the month is spent", "", Activity)
    wage: float = column("Income from paid work", "MAD 2016/month")
    turns: float = column("When this spell of work or of search ends; dealt at its start", "month")
    offer: float = column("When it is offered formal work in this spell; dealt at its start", "month")
    ease: float = column("Own ease of finding work", "ratio")
    employable: float = column("Chance that an employer takes it, permit included", "0-1")
    placed: int = column("Whether the programme placed it in its formal work", "yes/no")
    page: int = column("Page of its luck")
    work_spells: int = column("Spells of work and of search so far", "spells")


class Person(Record):
    """An adult aged 18-59, refugee or asylum-seeker: who it is, and its file at the programme's desk."""

    household: int = column("Row of its household")
    file: int = column("Standing at the programme's desk", "", File)
    track: int = column("What it was oriented to at intake", "", Track)
    training: int = column("Standing with a course in its trade", "", Training)
    training_ends: int = column("Month at the start of which its course ends, or it drops out", "month")
    drops_out: int = column("Whether it will drop out of its course", "yes/no")
    cooperative: int = column("Its cooperative, or -1")
    goes_rural: int = column("Whether its project is to open in a rural zone", "yes/no")
    wish: float = column("Inclination to paid work: it takes a share of those below", "0-1")
    openness: float = column("The lowest would rather join others, the highest would move to the country", "0-1")
    applications: int = column("Applications so far", "applications")
    applied: int = column("Month of the last application", "month")
    start_due: int = column("Month in which a selected project opens", "month")
    promised: float = column("Grant promised at selection", "MAD 2016")
    need: float = column("Need of the household, frozen at application", "0-1")
    quintile: int = column("Need quintile among applicants of the same town and quarter; 4 is the neediest", "0-4")
    promise: float = column("Log profit that its known traits foretell, frozen at application", "log")
    need_error: float = column("Error of the committee on need", "SD")
    promise_error: float = column("Error of the committee on promise", "SD")
    businesses: int = column("Businesses so far", "businesses")
    niche: int = column("Niche in which it would sell")
    lot: float = column("Lot that settles ties", "0-1")
    sex: int = column("Sex", "", Sex)
    age: float = column("Age at arrival", "years")
    schooling: float = column("Schooling completed", "years")
    trade: int = column("Trade it knows", "", Trade)
    trade_skill: float = column("Skill in that trade", "0-1")
    language: float = column("Command of Darija or French", "0-1")
    health: float = column("Health", "0-1")
    talent: float = column("What it brings to any business", "SD")


class Business(Record):
    """An income-generating activity, or a business begun alone. Rows are never deleted."""

    ending: int = column("Open, or how it ended", "", Ending)
    person: int = column("Row of its first owner")
    second_owner: int = column("Row of its second owner, or -1")
    household: int = column("Row of the owners' household")
    place: int = column("Town")
    niche: int = column("Niche in which it sells")
    trade: int = column("Trade", "", Trade)
    assisted: int = column("Whether the programme financed it", "yes/no")
    page: int = column("Page of its luck, the first owner's")
    spell: int = column("Which business of that owner it is")
    opened: int = column("First month of trading", "month")
    ended: int = column("Month it ended, or -1; owners who leave do so before that month's trade", "month")
    age: int = column("Months of trading", "months")
    female: int = column("Whether the first owner is a woman", "yes/no")
    cooperative: int = column("The cooperative whose enterprise it is, or -1")
    hands: float = column("Persons who work in it and share its profit: members of a cooperative, else 1", "persons")
    incubator: int = column("Incubator in which it has a room, or -1")
    graduates: int = column("Month in which it leaves its room, or left it; -1 if it never had one", "month")
    ill_months: float = column("Months for which its first owner is still ill", "months")
    treated: int = column("Whether the owner's illness is treated this month", "yes/no")
    boost: float = column("Log profit that comes from where and with whom it trades", "log")
    guard: float = column("Log failure hazard that comes from where and with whom it trades", "log")
    waited: int = column("Months from application to opening; 0 if not assisted", "months")
    capital: float = column("Stock and tools", "MAD 2016")
    takings: float = column("Profit this month", "MAD 2016/month")
    level: float = column("Log profit of owner, trade and match at reference capital", "log")
    alpha: float = column("Elasticity of profit to capital", "elasticity")
    shock: float = column("Own luck this month", "log")
    wear: float = column("Failure hazard lived through", "hazard")
    resilience: float = column("Failure hazard it will bear, dealt at birth", "hazard")
    frailty: float = column("Log hazard of traits recorded and unrecorded", "log")
    forced_wear: float = column("Hazard of forced closure lived through", "hazard")
    forced_resilience: float = column("Hazard of forced closure it will bear, dealt at birth", "hazard")
    job_wear: float = column("Offers of paid work lived through", "hazard")
    job_resilience: float = column("Offers before one is right, dealt at birth", "hazard")
    formal_job: int = column("Whether the job for which it was given up is formal work", "yes/no")
    low_months: int = column("Months in a row under the insolvency floor", "months")
    reason: int = column("Reason of a forced closure", "", ForcedReason)
    grant: float = column("Grants received", "MAD 2016")
    tranche: float = column("One part of the first grant", "MAD 2016")
    tranches_left: int = column("Parts of the first grant still to come", "parts")
    next_part: int = column("Age at which the next part is due", "months")
    reinforced: int = column("Second grants received", "grants")
    accompanied: int = column("Months accompanied", "months")
    hours: float = column("Adviser hours this month", "hours")
    hours_total: float = column("Adviser hours so far", "hours")
    weight: float = column("Its claim on the advisers' hours this month", "weight")
    advice: float = column("Effect of advice against that of full equal hours", "ratio")
    need: float = column("Need at entry", "0-1")
    quintile: int = column("Need quintile at entry; 4 is the neediest, -1 not known", "0-4")
    last_seen: int = column("Month the evaluator last found it open, or -1", "month")
    seen_ended: int = column("Month the evaluator found it closed, or -1", "month")
    lost: int = column("Month the evaluator lost it, or -1", "month")
    lost_wear: float = column("Hazard of being lost lived through", "hazard")
    lost_resilience: float = column("Hazard of being lost it will bear, dealt at birth", "hazard")


class Niche(Record):
    """A neighbourhood, a trade and a clientele: the market in which sellers crowd each other."""

    place: int = column("Town")
    trade: int = column("Trade", "", Trade)
    hosts: float = column("Host sellers before any refugee sells", "sellers")
    demand: float = column("Sellers it can feed at full income", "sellers")
    newcomers: float = column("Refugee sellers, counted before anybody trades", "sellers")
    assisted: float = column("Of these, sellers whom the programme financed", "sellers")
    extra: float = column("Sellers fed by carriers and by a partner's purchases", "sellers")
    share: float = column("Income a seller keeps, against an open market", "0-1")


class Place(Record):
    """A town or a rural zone."""

    rural: int = column("Whether it is a rural zone", "yes/no")
    x_km: float = column("East of Rabat", "km")
    y_km: float = column("North of Rabat", "km")
    first_branch: int = column("Whether the programme's first branch stands there", "yes/no")
    opens: int = column("Month in which a further branch opens, or opened; -1 for none", "month")
    unserved: float = column("Adults whose household was never served, counted before anybody acts", "persons")
    months_over: int = column("Months in a row with more unserved people than the trigger", "months")
    months_under: int = column("Months in a row with fewer than half of them", "months")
    followed: int = column("Whether its branch was opened to follow people", "yes/no")

    distance_km: float = column("Road to the nearest branch", "km")
    branch: int = column("Whether the programme has a branch there", "yes/no")
    first_niche: int = column("Row of its first niche")
    niches_per_trade: int = column("Niches of each trade", "niches")
    market_size: float = column("Host sellers in a niche, against Rabat", "ratio")
    work_factor: float = column("Casual work to be found, against Rabat", "ratio")
    cost_factor: float = column("Cost of living, against Rabat", "ratio")
    shock: float = column("The town's luck this month", "log")
    season: float = column("What the season adds to log profit", "log")


class Cooperative(Record):
    """An enterprise that its members own together (law 112-12). Its trade is that of a business row."""

    business: int = column("Row of its enterprise, or -1 before it is registered")
    place: int = column("Town or rural zone")
    group: int = column("Group of trades: 0 sells food and goods, 1 makes and mends")
    standing: int = column("Forming, registered, or why it ended", "", Standing)
    founded: int = column("Month it was founded", "month")
    registers: int = column("Month in which it is registered", "month")
    ended: int = column("Month it ended, or -1", "month")
    page: int = column("Page of its luck, the first member's")
    members: int = column("Members", "persons")
    pooled: float = column("Capital its members brought in", "MAD 2016")
    granted: float = column("Grants it received", "MAD 2016")
    governance: float = column("How well it is governed; it breaks below a floor", "0-1")


class Incubator(Record):
    """Rooms in a town in which new projects trade for some months."""

    place: int = column("Town")
    rooms: int = column("Rooms open", "rooms")
    tenants: int = column("Projects that have a room", "projects")


class Partner(Record):
    """The private side of a public-private partnership."""

    since: int = column("Month it joined, or -1", "month")
    withdrawn: int = column("Month it withdrew for good, or -1", "month")
    wear: float = column("Hazard of withdrawal lived through", "hazard")
    resilience: float = column("Hazard of withdrawal it will bear, dealt once", "hazard")
    weight: float = column("Part of what it promised that it gives this month", "share")
    jobs_credit: float = column("Guaranteed jobs earned and not yet given", "jobs")


class Flow(Record):
    """What UNHCR's tables imply for one origin and status in one month."""

    arrivals: float = column("Expected arrivals", "persons")
    leave: float = column("Ordinary departure hazard", "per month")
    excess: float = column("Hazard added where the table falls faster", "per month")
    recognised: float = column("Recognition hazard of asylum-seekers", "per month")
    known: int = column("Whether the table knows the year: it decides how many leave, the model only who", "yes/no")


class Pull(Record):
    """What households of one origin and status weigh in departures, counted before anybody leaves."""

    persons: float = column("Persons present", "persons")
    weight: float = column("Persons, each weighed by its household's own rate of leaving", "persons")
    out_of_touch: float = column("Persons whose household is not in touch with the programme", "persons")
    leave: float = column("Ordinary hazard of leaving at rate 1", "per month")
    excess: float = column("Unusual hazard of leaving of those not in touch with the programme", "per month")


class Tally(Record):
    """How many rows of each table are in use, and running counts."""

    households: int = column("Households ever", "rows")
    persons: int = column("Adults ever", "rows")
    businesses: int = column("Businesses ever", "rows")
    present: int = column("Households present", "rows")
    waiting: int = column("Persons waiting", "rows")
    starting: int = column("Persons selected whose project has not opened", "rows")
    recent: int = column("Applications of the last three months", "rows")
    running: int = column("Businesses open", "rows")
    watched: int = column("Projects whose last visit found them open", "rows")
    financed: int = column("Projects financed so far", "projects")
    intake_credit: float = column("Places earned and not yet given", "projects")
    reinforcement_credit: float = column("Second grants earned and not yet given", "grants")
    quota_given: int = column("Places given under the quota", "places")
    quota_neediest: int = column("Of those, given to the neediest", "places")
    committed: float = column("Money promised and not yet paid", "MAD 2016")
    advisers_paid: float = column("Advisers whose month is paid", "advisers")
    cooperatives: int = column("Cooperatives ever", "rows")
    members: int = column("Members of cooperatives", "rows")
    trainees: int = column("Adults in a course", "rows")
    aided: int = column("Households on the social component's aid", "rows")
    founding_credit: float = column("Cooperatives the coordinators could found and have not yet", "cooperatives")
    placement_credit: float = column("Placements the brokers could make and have not yet", "placements")
    formal: int = column("Adults in formal work", "persons")
    placed: int = column("Of these, those whom the programme placed", "persons")
    brokers_paid: float = column("Brokers whose month is paid", "brokers")
    coordinators_paid: float = column("Coordinators whose month is paid", "coordinators")
    carriers_paid: float = column("Carriers whose month is paid", "carriers")
    rooms_paid: float = column("Part of the incubators' rent that is paid", "share")


class Card(Record):
    """A card on the desk, for whoever must be put in order this month."""

    row: int = column("Row of the person or business")
    key: float = column("What is ordered by first, highest first")
    lot: float = column("What settles ties, lowest first")
    order: int = column("Which card stands here in the order")
    spare: int = column("Room for the sorting")
    taken: int = column("Whether the card in this place of the order was served", "yes/no")


class Pool(Record):
    """The committee's view of all who wait, taken before anybody is chosen."""

    need_mean: float = column("Mean need", "0-1")
    need_sd: float = column("Spread of need", "0-1")
    promise_mean: float = column("Mean promise", "log")
    promise_sd: float = column("Spread of promise", "log")
