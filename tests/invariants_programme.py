"""What must hold at the end of every month of courses, jobs, cooperatives, rooms, branches, partner and sisters.

`invariants.check` asks all of it.
"""

from __future__ import annotations

import numpy as np

from idmaj.sim import History
from idmaj.sim.kinds import Account, Activity, Departure, Ending, File, Standing, Training
from idmaj.sim.rules.home import cash_aid
from idmaj.sim.rules.jobs import subsidy
from idmaj.sim.rules.rural import carrier_price
from idmaj.sim.rules.training import course_cost

SLACK = 1e-6
LIVING = (Standing.FORMING, Standing.REGISTERED)


def check_flows(history: History, month: int) -> None:
    """Courses begun are those under way, completed or broken off; nothing is taken that is not there."""
    now, settings = history.monthly[month], history.policy.settings[month]
    past = history.monthly[: month + 1]
    assert past.courses_begun.sum() == past.trained.sum() + past.dropped_out.sum() + now.in_training
    before = history.monthly[month - 1].in_training if month > 0 else 0.0
    assert now.in_training <= max(int(settings.training_seats), before)
    assert now.courses_begun + now.seats_unfilled <= int(settings.training_seats)
    assert now.rooms_taken <= now.rooms_open
    assert now.treatments <= int(settings.health_treatments) and now.legal_permits <= int(settings.legal_cases)
    assert now.households_aided <= max(settings.social_households, history.monthly[max(month - 1, 0)].households_aided)
    assert -SLACK <= now.carriers_paid <= settings.link_carriers
    assert 0.0 <= now.partner_weight <= 1.0
    assert now.displaced >= -SLACK and now.jobs_gross >= now.placed_at_work
    most = settings.advisers_number + settings.branches_advisers * further_branches(history, month)
    assert -SLACK <= now.advisers_paid <= most + SLACK


def further_branches(history: History, month: int) -> float:
    """Return how many branches stood beside the first ones."""
    return float(history.monthly[month].branches_open - history.state.places.first_branch.sum())


def check_ledger(history: History, month: int) -> None:
    """Find in each account of an activity what was done of it, at its price."""
    now, settings, p = history.monthly[month], history.policy.settings[month], history.params[0]
    books = history.money[month].sum(axis=1)
    slack = SLACK + 1e-9 * np.abs(history.money[month]).max()
    founded = history.cooperatives.founded == month
    done = {
        Account.ADVISER: now.advisers_paid * p.adviser_cost,
        Account.TRAINING: now.courses_begun * course_cost(settings, p),
        Account.HEALTH: now.treatments * p.care_cost,
        Account.LEGAL: now.legal_permits * p.legal_cost,
    }
    for account, amount in done.items():
        assert abs(books[account] - amount) <= slack, account
    granted = history.cooperatives.granted[founded].sum()
    most = {
        Account.COOPERATIVE: (granted, granted + settings.cooperatives_coordinators * p.coordinator_cost),
        Account.JOB_DESK: (0.0, settings.jobs_brokers * p.broker_cost),
        Account.SUBSIDY: (0.0, now.placed * subsidy(settings, p)),
        Account.INCUBATOR: (0.0, now.rooms_open * p.room_cost),
        Account.LINK: (now.carriers_paid * carrier_price(0.0, p), now.carriers_paid * carrier_price(5000.0, p)),
        Account.OUTREACH: (0.0, settings.outreach_intensity * p.outreach_cost),
        Account.BRANCH: (0.0, now.branches_open * (p.branch_cost + p.branch_opening_cost)),
        Account.SOCIAL: (0.0, np.inf if now.households_aided > 0.0 else 0.0),
        Account.RURAL: (0.0, now.projects_started * settings.rural_moving_grant_mad),
    }
    for account, (low, high) in most.items():
        assert low - slack <= books[account] <= high + slack, (account, low, books[account], high)
    if settings.funding_budget_mad_per_year == np.inf:
        for account in (Account.COOPERATIVE, Account.JOB_DESK, Account.INCUBATOR, Account.OUTREACH):
            assert abs(books[account] - most[account][1]) <= slack, account


def check_adults(history: History) -> None:
    """Everybody does one thing at a time, and the lists and counts of who does it are those of the table."""
    state, persons, workers = history.state, history.persons, history.workers
    tally, activity = state.tally[0], history.workers.activity
    gone = history.families.departure[persons.household] != Departure.PRESENT
    assert (activity[gone] == Activity.IDLE).all() and (persons.cooperative[gone] == -1).all()
    same_rows(state.trainees[: tally.trainees], activity == Activity.TRAINING)
    np.testing.assert_array_equal(activity == Activity.TRAINING, persons.training == Training.ATTENDING)
    assert (persons.file[activity == Activity.TRAINING] == File.WAITING).all()
    formal = activity == Activity.FORMAL_WORK
    assert tally.formal == formal.sum() and tally.placed == workers.placed[formal].sum()
    now = history.monthly[-1]
    assert now.in_formal_work == tally.formal and now.placed_at_work == tally.placed
    assert now.in_training == tally.trainees
    # Whoever neither waits, nor is chosen, nor runs a business has not asked yet: else it would ask again at once.
    households = history.households
    free = (households.in_contact == 0) & (households.business < 0) & (history.families.left < 0)
    assert (households.ask_left[free] > 0.0).all()
    recent = state.recent[: tally.recent]
    assert len(np.unique(recent)) == len(recent), "an applicant is ranked twice"
    assert (persons.drops_out <= 1).all() and not (persons.file[persons.training == Training.ATTENDING] == 0).any()


def check_cooperatives(history: History, month: int) -> None:
    """Members are counted once, belong to those that live, and share an enterprise once it is registered."""
    state, table, persons = history.state, history.cooperatives, history.persons
    tally, activity, now = state.tally[0], history.workers.activity, history.monthly[month]
    assert tally.cooperatives == len(table)
    member = persons.cooperative >= 0
    same_rows(state.members[: tally.members], member)
    np.testing.assert_array_equal(np.bincount(persons.cooperative[member], minlength=len(table)), table.members)
    lives = np.isin(table.standing, LIVING)
    np.testing.assert_array_equal(lives, table.ended == -1)
    assert (table.members[~lives] == 0).all() and (table.founded <= month).all() and (table.ended <= month).all()
    registered = table.standing == Standing.REGISTERED
    assert (table.business[table.standing == Standing.FORMING] == -1).all()
    enterprise = history.businesses[table.business[registered]]
    np.testing.assert_array_equal(enterprise.cooperative, np.flatnonzero(registered))
    np.testing.assert_array_equal(enterprise.hands, table.members[registered])
    assert (enterprise.ending == Ending.OPEN).all() and (enterprise.second_owner == -1).all()
    np.testing.assert_array_equal(enterprise.place, table.place[registered])
    of_any = history.businesses.cooperative >= 0
    assert of_any.sum() == (table.business >= 0).sum()
    np.testing.assert_array_equal(history.businesses.hands[~of_any], 1.0)
    head = np.zeros(len(persons), bool)
    head[enterprise.person] = True
    assert member[head].all() and (persons.file[head] == File.SERVED).all()
    np.testing.assert_array_equal(persons.file == File.MEMBER, member & ~head)
    at_work = member & ~head
    at_work[at_work] = registered[persons.cooperative[at_work]]
    np.testing.assert_array_equal(activity == Activity.COOPERATIVE, at_work)
    homes = persons.household[member]
    assert len(np.unique(homes)) == len(homes), "two members of one household"
    np.testing.assert_array_equal(history.households.place[homes], table.place[persons.cooperative[member]])
    assert (history.households.ever_served[persons.household[at_work | head]] == 1).all()
    assert (table.pooled >= 0.0).all() and (table.pooled[lives] >= table.granted[lives] - SLACK).all()
    assert now.live_cooperatives == registered.sum() and now.in_cooperatives == table.members[registered].sum()
    assert now.cooperatives_founded == (table.founded == month).sum()
    assert now.cooperatives_ended == (table.ended == month).sum()


def check_places(history: History, month: int) -> None:
    """Rooms are let once and never beyond their number; branches that stand are those that opened."""
    state, now = history.state, history.monthly[month]
    table, rooms, places = history.businesses, state.incubators, state.places
    tenants = table[(table.ending == Ending.OPEN) & (table.incubator >= 0)]
    np.testing.assert_array_equal(np.bincount(tenants.incubator, minlength=len(rooms)), rooms.tenants)
    assert (rooms.tenants <= rooms.rooms).all() and now.rooms_open == rooms.rooms.sum()
    np.testing.assert_array_equal(tenants.incubator, tenants.place)
    assert (tenants.graduates > month).all() and (table.incubator[table.ending != Ending.OPEN] == -1).all()
    assert now.branches_open == places.branch.sum()
    assert (places.branch >= places.first_branch).all()
    assert (places.opens[(places.branch == 1) & (places.first_branch == 0)] >= 0).all()
    assert (places.opens[places.branch == 1] <= month).all() and (places.followed <= (places.opens >= 0)).all()


def check_sisters_and_partner(history: History, month: int) -> None:
    """Aid reaches those on the list and nobody else; permits are counted once; a partner that left gives nothing."""
    state, families, households = history.state, history.families, history.households
    tally, partner, p = state.tally[0], state.partner[0], history.params[0]
    present = families.departure == Departure.PRESENT
    same_rows(state.aided[: tally.aided], present & (families.aid_until >= 0))
    aided = families.aid_until >= 0
    assert (families.aid_until[aided & present] > month).all() and (families.social_aid[~aided] == 0.0).all()
    paid = history.money[month, Account.SOCIAL].sum()
    given = families.social_aid[aided & present].sum()
    assert abs(paid - given) <= SLACK + 1e-9 * given
    own = [cash_aid(one.status, rank, p) for one, rank in zip(households, families.aid_rank, strict=True)]
    np.testing.assert_array_equal(households.aid[present], (own + families.social_aid)[present])
    assert families.legal_help.sum() == history.monthly.legal_permits.sum()
    assert (partner.withdrawn < 0 or partner.withdrawn >= partner.since >= 0) and partner.since <= month
    if partner.withdrawn >= 0 or partner.since < 0:
        assert partner.weight == 0.0 and partner.jobs_credit == 0.0
    assert partner.jobs_credit >= -SLACK and tally.placement_credit >= -SLACK and tally.founding_credit >= -SLACK
    assert (history.monthly.partner_weight[: max(partner.since, 0)] == 0.0).all()


def check_moves(before: History, after: History) -> None:
    """Whoever moved in a month moved to a rural zone, once, with a moving grant from the ledger."""
    count, month = len(before.households), after.months - 1
    moved = before.households.place != after.households.place[:count]
    rural = after.state.places.rural
    assert (rural[after.households.place[:count][moved]] == 1).all()
    settings = after.policy.settings[month]
    paid = after.money[month, Account.RURAL].sum()
    least = moved.sum() * settings.rural_moving_grant_mad
    newcomers = (after.persons.goes_rural[len(before.persons) :] == 1).sum()  # they may move in the month they come
    assert paid - least + 1e-9 * least >= -SLACK and paid <= (1.0 + 1e-9) * (least + newcomers * 1e6) + SLACK


def same_rows(listed: np.ndarray, wanted: np.ndarray) -> None:
    """Say that a list holds the rows that are wanted, each once."""
    np.testing.assert_array_equal(np.sort(listed), np.flatnonzero(wanted))
