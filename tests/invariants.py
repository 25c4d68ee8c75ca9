"""What must hold at the end of every month, whatever the strategy: people, money and hours are conserved.

    check(history, month)

Flows of the month are checked for any month lived. Where `month` is the last one, the tables stand as they did
at its end, so that every count and total is made again from the rows.
"""

from __future__ import annotations

import numpy as np
from invariants_programme import (
    check_adults,
    check_cooperatives,
    check_flows,
    check_ledger,
    check_moves,
    check_places,
    check_sisters_and_partner,
    same_rows,
)

from idmaj.sim import History
from idmaj.sim.kinds import Account, Activity, AdviserMode, Departure, Ending, File, Status
from idmaj.sim.outcomes import Month
from idmaj.sim.records import (
    Business,
    Cooperative,
    Family,
    Household,
    Incubator,
    Niche,
    Partner,
    Person,
    Place,
    Tally,
    Worker,
)
from idmaj.sim.run import additional_budget
from idmaj.sim.table import Record, columns

SLACK = 1e-6
"""By how much sums of floating-point money and hours may be off; to it comes a billionth of the largest of them."""
NEVER_BELOW_ZERO = {"months", "hours", "hazard", "persons", "sellers", "parts", "grants", "MAD 2016"}
AFTER_ITS_END = {"last_seen", "seen_ended", "lost", "lost_wear"}
"""Columns of an ended business that the evaluator's later visits may still change."""
ENDED = {
    Ending.FAILED: "ended_failed",
    Ending.INSOLVENT: "ended_insolvent",
    Ending.FORCED_CLOSURE: "ended_forced",
    Ending.OWNER_LEFT: "ended_left",
    Ending.TOOK_JOB: "ended_job",
    Ending.JOINED_COOPERATIVE: "ended_joined",
    Ending.DISSOLVED: "ended_dissolved",
}
LEFT = {
    Departure.RESETTLED: "persons_resettled",
    Departure.RETURNED: "persons_returned",
    Departure.ONWARD: "persons_onward",
    Departure.FILE_CLOSED: "persons_file_closed",
}
WAITS = (File.WAITING, File.SELECTED, File.MEMBER)


def check(history: History, month: int) -> None:
    """Check a month that was lived; the tables too where it is the last one."""
    assert 0 <= month < history.months
    check_people(history, month)
    check_money(history, month)
    check_hours(history, month)
    check_flows(history, month)
    check_ledger(history, month)
    if month == history.months - 1:
        check_numbers(history)
        check_rows(history, month)
        check_businesses(history, month)
        check_counts(history)
        check_month(history, month)
        check_grants(history)
        check_hours_of_projects(history, month)
        check_adults(history)
        check_cooperatives(history, month)
        check_places(history, month)
        check_sisters_and_partner(history, month)


def check_people(history: History, month: int) -> None:
    """Present = before + arrived - departed, and the month's departures are those of the table."""
    now, table, family = history.monthly[month], history.households, history.families
    first = table.persons[family.arrived < 0].sum()
    before = history.monthly[month - 1].persons_present if month > 0 else first
    departed = {outcome: now[outcome] for outcome in LEFT.values()}
    assert now.persons_present == before + now.persons_arrived - sum(departed.values())
    assert now.persons_arrived == table.persons[family.arrived == month].sum()
    for why, outcome in LEFT.items():
        gone = (family.left == month) & (family.departure == why)
        assert departed[outcome] == table.persons[gone].sum(), outcome
    assert now.persons_present == history.stocks[month].sum()
    present = (family.arrived <= month) & ((family.left < 0) | (family.left > month))
    assert now.persons_present == table.persons[present].sum()
    assert now.adults_present == table[present].adults.sum()


def check_money(history: History, month: int) -> None:
    """Each funder's postings sum to zero, save what stays in the bank; no bank is overdrawn; spending is spent."""
    books = history.money[month]
    start = history.money[month - 1, Account.BANK] if month > 0 else np.zeros(books.shape[1])
    moved = books.copy()
    moved[Account.BANK] -= start
    slack = SLACK + 1e-9 * np.abs(books).max()
    assert np.abs(moved.sum(axis=0)).max() <= slack, moved.sum(axis=0)
    assert books[Account.BANK].min() >= -slack, books[Account.BANK]
    assert (books[Account.CONTRIBUTION] <= slack).all()
    spending = [account for account in Account if account not in (Account.CONTRIBUTION, Account.BANK)]
    assert books[spending].min() >= -slack
    assert abs(books[spending].sum() - history.monthly[month].spent) <= slack
    settings = history.policy.settings[month]
    budget = settings.funding_budget_mad_per_year
    if budget != np.inf:
        own = budget / 12.0 * settings.funding_paid_part
        own += additional_budget(history.params[0], history.policy)[month]
        own += history.monthly[month].partner_weight * settings.partner_cofunding_mad_per_year / 12.0
        assert abs(books[Account.CONTRIBUTION].sum() + own) <= slack


def check_hours(history: History, month: int) -> None:
    """Available = delivered + travel + unused, and hours are those of the advisers who were paid."""
    now = history.monthly[month]
    slack = SLACK + 1e-9 * now.hours_available
    found = now.hours_delivered + now.hours_travel + now.hours_unused
    assert abs(now.hours_available - found) <= slack
    assert now.hours_available == now.advisers_paid * history.params.adviser_hours[0]
    for name in ("hours_delivered", "hours_travel", "hours_unused", "hours_missing"):
        assert now[name] >= -slack, name


def check_hours_of_projects(history: History, month: int) -> None:
    """Find with projects the hours delivered, and on the road to those far from a branch the hours of travel."""
    now, state, p = history.monthly[month], history.state, history.params[0]
    listed = history.businesses[state.running[: state.tally[0].running]]
    assert (listed.hours[listed.assisted == 0] == 0.0).all()
    slack = SLACK + 1e-9 * now.hours_available
    assert abs(now.hours_delivered - listed.hours.sum()) <= slack
    far = state.places.branch[listed.place] == 0
    share = min(p.travel_share, 0.95)
    assert abs(now.hours_travel - listed.hours[far].sum() * share / (1.0 - share)) <= slack
    uniform = history.policy.settings[month].advisers_mode == AdviserMode.UNIFORM
    if uniform and (listed.weight > 0.0).any():
        assert now.hours_unused <= slack


def check_numbers(history: History) -> None:
    """No number is lost; every word of an enumeration is one of its own; nothing below zero that cannot be."""
    tables: dict[type[Record], np.recarray] = {
        Household: history.households,
        Family: history.families,
        Person: history.persons,
        Worker: history.workers,
        Business: history.businesses,
        Niche: history.state.niches,
        Place: history.state.places,
        Cooperative: history.cooperatives,
        Incubator: history.state.incubators,
        Partner: history.state.partner,
        Tally: history.state.tally,
        Month: history.monthly,
    }
    for record, table in tables.items():
        for name, column in columns(record).items():
            assert np.isfinite(table[name]).all(), (record.__name__, name)
            if column.kind is not None:
                assert set(np.unique(table[name])) <= set(column.kind), (record.__name__, name)
            if column.unit in ("0-1", "share", "yes/no"):
                assert ((table[name] >= 0.0) & (table[name] <= 1.0)).all(), (record.__name__, name)
            counts_down = name.endswith("_left") and column.unit == "hazard"
            if column.unit in NEVER_BELOW_ZERO and not counts_down:
                assert (table[name] >= 0).all(), (record.__name__, name)
    assert np.isfinite(history.money).all() and np.isfinite(history.stocks).all()
    assert (history.households.purse >= 0.0).all() and (history.businesses.capital >= 0.0).all()
    assert (history.stocks >= 0.0).all()


def check_rows(history: History, month: int) -> None:
    """Rows point at one another: households at their adults and their business, businesses at their owners."""
    households, persons, businesses = history.households, history.persons, history.businesses
    assert (np.diff(households.first_person) == households.adults[:-1]).all()
    assert households.adults.sum() == len(persons) and set(np.unique(households.adults)) <= {1, 2, 3}
    np.testing.assert_array_equal(np.repeat(np.arange(len(households)), households.adults), persons.household)
    families, workers = history.families, history.workers
    np.testing.assert_array_equal(households.persons, households.adults + families.dependants)
    assert len(np.unique(families.page)) == len(households) and len(np.unique(workers.page)) == len(persons)
    away = families.departure != Departure.PRESENT
    np.testing.assert_array_equal(away, families.left >= 0)
    assert families.left.max(initial=-1) <= month and (households.business[away] == -1).all()
    owns = np.flatnonzero(households.business >= 0)
    np.testing.assert_array_equal(businesses.household[households.business[owns]], owns)
    assert (persons.household[businesses.person] == businesses.household).all()
    second = businesses[businesses.second_owner >= 0]
    assert (persons.household[second.second_owner] == second.household).all()
    assert (second.second_owner != second.person).all()
    runs = businesses.ending == Ending.OPEN  # a household may have moved to the country since
    np.testing.assert_array_equal(businesses.place[runs], households.place[businesses.household[runs]])
    np.testing.assert_array_equal(history.state.niches.place[businesses.niche], businesses.place)


def check_businesses(history: History, month: int) -> None:
    """Open businesses belong to present households, one each; ended ones say when and how."""
    table, households, families = history.businesses, history.households, history.families
    is_open = table.ending == Ending.OPEN
    owners = table.household[is_open]
    assert len(np.unique(owners)) == len(owners), "a household runs two businesses"
    assert (families.departure[owners] == Departure.PRESENT).all()
    np.testing.assert_array_equal(households.business[owners], np.flatnonzero(is_open))
    np.testing.assert_array_equal(is_open, table.ended == -1)
    assert (table.ended[~is_open] >= table.opened[~is_open]).all() and table.ended.max(initial=-1) <= month
    assert (table.opened <= month + 1 - table.assisted).all()
    left = table.ending == Ending.OWNER_LEFT
    np.testing.assert_array_equal(families.left[table.household[left]], table.ended[left])
    lived = np.where(is_open, month + 1, table.ended + 1 - left) - table.opened
    np.testing.assert_array_equal(table.age, lived)
    assert (table.reinforced <= 1).all() and (table.reinforced <= table.assisted).all()
    np.testing.assert_array_equal(table.reason != 0, table.ending == Ending.FORCED_CLOSURE)
    assert (table.tranches_left[~is_open] == 0).all() and (table.accompanied <= table.age + 1).all()
    keys = np.stack([table.page, table.spell])
    assert np.unique(keys, axis=1).shape == keys.shape, "two businesses share their luck"
    owner = history.workers.activity[table.person[is_open]]
    assert (owner == Activity.OWN_BUSINESS).all()
    assert (history.workers.activity == Activity.OWN_BUSINESS).sum() == is_open.sum() + (
        table.second_owner[is_open] >= 0
    ).sum()


def check_counts(history: History) -> None:
    """Make the running counts and lists again from the tables."""
    state, households, persons = history.state, history.households, history.persons
    tally, table = state.tally[0], history.businesses
    present = history.families.departure == Departure.PRESENT
    same_rows(state.present[: tally.present], present)
    of_present = present[persons.household]
    same_rows(state.waiting[: tally.waiting], (persons.file == File.WAITING) & of_present)
    same_rows(state.starting[: tally.starting], (persons.file == File.SELECTED) & of_present)
    listed = state.running[: tally.running]
    same_rows(listed[table.ending[listed] == Ending.OPEN], table.ending == Ending.OPEN)
    watched = (table.assisted == 1) & (table.lost < 0) & (table.seen_ended < 0)
    same_rows(state.watched[: tally.watched], watched)
    assert tally.financed == (table.assisted == 1).sum()
    in_contact = np.isin(persons.file, WAITS)
    counted = np.bincount(persons.household, in_contact, len(households))
    np.testing.assert_array_equal(counted[present], households.in_contact[present])
    served = np.zeros(len(households), bool)
    served[table.household[table.assisted == 1]] = True
    assert (households.ever_served[served] == 1).all()
    if len(history.cooperatives) == 0:
        np.testing.assert_array_equal(served, households.ever_served == 1)
    served = households.ever_served == 1
    for name, which in (("crowd", present), ("served", present & served)):
        by_town = np.zeros_like(state.crowd)
        np.add.at(by_town, (households.place[which], households.origin[which]), households.adults[which])
        np.testing.assert_array_equal(getattr(state, name), by_town, err_msg=name)
    stock = np.zeros_like(state.stock)
    np.add.at(stock, (households.origin[present], households.status[present]), households.persons[present])
    np.testing.assert_array_equal(state.stock, stock)
    np.testing.assert_array_equal(history.stocks[-1], stock)
    owed = (table.tranche * table.tranches_left)[table.ending == Ending.OPEN].sum()
    owed += persons.promised[state.starting[: tally.starting]].sum()
    assert abs(tally.committed - owed) <= SLACK + 1e-9 * (owed + table.grant.sum())


def check_month(history: History, month: int) -> None:
    """Make the month's outcomes again from the tables."""
    now, table, households = history.monthly[month], history.businesses, history.households
    assisted = table.assisted == 1
    is_open = table.ending == Ending.OPEN
    assert now.live_businesses == (assisted & is_open).sum()
    assert now.live_unassisted == (~assisted & is_open).sum()
    assert now.projects_started == (assisted & (table.opened == month)).sum()
    for how, outcome in ENDED.items():
        assert now[outcome] == (assisted & (table.ending == how) & (table.ended == month)).sum(), outcome
    assert now.waiting == history.state.tally[0].waiting
    assert now.lost_to_follow_up == (table.lost >= 0).sum()
    assert history.monthly.reinforcements.sum() == table.reinforced.sum()
    here = ((households.ever_served == 1) & (history.families.left < 0)).sum()
    # Who joins a cooperative does so at the end of a month, after its households were counted.
    assert here - now.in_cooperatives <= now.served_households <= here
    assert 0 <= now.self_reliant_households <= now.served_households
    alone = assisted & (table.cooperative < 0)
    served, owners = history.monthly.people_served.sum(), (1 + (table.second_owner[alone] >= 0)).sum()
    assert served == owners if alone.sum() == assisted.sum() else served > owners
    assert 0 <= now.neediest_applied <= now.applications and now.neediest_served <= now.projects_started
    refugees = (households.status == Status.REFUGEE) & (history.families.left < 0)
    assert now.heads_at_work <= 1.0 and (refugees.any() or now.heads_at_work == 0.0)


def check_grants(history: History) -> None:
    """Find with businesses, and with nobody else, what the ledger says was granted."""
    paid = history.money[:, [Account.GRANT, Account.REINFORCEMENT]].sum()
    table = history.businesses
    received = table.grant.sum() - history.cooperatives.granted[history.cooperatives.business >= 0].sum()
    assert abs(paid - received) <= SLACK + 1e-9 * received, (paid, received)
    assert (table.grant[table.assisted == 0] == 0.0).all()
    ended = history.businesses.ending != Ending.OPEN
    assert (table.tranches_left[ended] == 0).all()


def check_ended_rest(before: History, after: History) -> None:
    """Businesses that had ended stay as they were, but for what the evaluator's visits find; so do cooperatives."""
    check_moves(before, after)
    over = np.flatnonzero(before.cooperatives.ended >= 0)
    assert before.cooperatives[over].tobytes() == after.cooperatives[over].tobytes()
    rows = np.flatnonzero(before.businesses.ending != Ending.OPEN)
    for name in before.businesses.dtype.names:
        if name not in AFTER_ITS_END:
            np.testing.assert_array_equal(before.businesses[name][rows], after.businesses[name][rows], err_msg=name)
