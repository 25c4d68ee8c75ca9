"""Money: every dirham moves between two accounts of a funder, so that a month's books add up to zero."""

from __future__ import annotations

from typing import cast

import numpy as np

from ..kinds import Account, Funder
from ..rule import part
from ..rules.money import contribution_share, in_charge, with_overhead
from ..rules.partner import take_part
from ..settings import Settings
from ..state import Scene, State
from .rooms import count_rooms

PRIVATE = cast("int", np.int64(Funder.PRIVATE))


@part
def funds(state: State, now: Settings, month: int) -> float:
    """Return the money in the bank, all funders together; without a limit where the budget has none; MAD 2016."""
    if now.funding_budget_mad_per_year == np.inf:
        return np.inf
    total = 0.0
    for funder in range(state.money.shape[2]):
        total += balance(state, month, funder)
    return total


@part
def balance(state: State, month: int, funder: int) -> float:
    """Return what is left of a funder's money; the bank account carries over from month to month; MAD 2016."""
    return float(state.money[month, Account.BANK, funder])


@part
def open_books(state: State, scene: Scene, month: int) -> None:
    """Carry the bank over, and let the funders pay in a month of their budget."""
    now, partner = scene.settings[month], state.partner[0]
    take_part(partner, month, now, scene.params[0])
    state.monthly[month].partner_weight = partner.weight
    for funder in range(state.money.shape[2]):
        if month > 0:
            state.money[month, Account.BANK, funder] = state.money[month - 1, Account.BANK, funder]
        if now.funding_budget_mad_per_year != np.inf:
            contribute(state, month, funder, in_charge(now) * contribution_share(funder, now))
            contribute(state, month, funder, scene.additional[month] * contribution_share(funder, now))
    if now.funding_budget_mad_per_year != np.inf:
        contribute(state, month, PRIVATE, partner.weight * now.partner_cofunding_mad_per_year / 12.0)


@part
def contribute(state: State, month: int, funder: int, amount: float) -> None:
    """Let a funder pay an amount into its bank account."""
    state.money[month, Account.CONTRIBUTION, funder] -= amount
    state.money[month, Account.BANK, funder] += amount


@part
def pay(state: State, scene: Scene, month: int, account: int, amount: float) -> None:
    """Pay for an activity, with overhead: from the bank, or by call on the funders where there is no limit."""
    post(state, scene, month, account, amount)
    post(state, scene, month, Account.OVERHEAD, amount * scene.params[0].overhead)
    state.monthly[month].spent += with_overhead(amount, scene.params[0])


@part
def post(state: State, scene: Scene, month: int, account: int, amount: float) -> None:
    """Move an amount from the funders' bank accounts to an activity."""
    now = scene.settings[month]
    unlimited = now.funding_budget_mad_per_year == np.inf
    total = 0.0
    if not unlimited:
        total = funds(state, now, month)
    for funder in range(state.money.shape[2]):
        if unlimited:
            part = amount * contribution_share(funder, now)
            state.money[month, Account.CONTRIBUTION, funder] -= part
            state.money[month, Account.BANK, funder] += part
        else:
            part = amount * balance(state, month, funder) / total if total > 0.0 else 0.0
        state.money[month, Account.BANK, funder] -= part
        state.money[month, account, funder] += part


@part
def free_funds(state: State, scene: Scene, month: int) -> float:
    """Return what may be spent on anything but promised grants, overhead included; MAD 2016."""
    p = scene.params[0]
    return max(0.0, funds(state, scene.settings[month], month) - with_overhead(state.tally[0].committed, p))


@part
def pay_fixed_costs(state: State, scene: Scene, month: int) -> None:
    """Pay branches, outreach, advisers and other staff, then rooms, in this order; who cannot be paid does not work.

    Money promised to projects is not touched.
    """
    now, p, tally = scene.settings[month], scene.params[0], state.tally[0]
    branches, further = 0, 0
    for row in range(len(state.places)):
        branches += state.places[row].branch
        further += state.places[row].branch * (1 - state.places[row].first_branch)
    hire(state, scene, month, Account.BRANCH, float(branches), p.branch_cost)
    hire(state, scene, month, Account.OUTREACH, now.outreach_intensity, p.outreach_cost)
    advisers = now.advisers_number + now.branches_advisers * further
    tally.advisers_paid = hire(state, scene, month, Account.ADVISER, advisers, p.adviser_cost)
    tally.brokers_paid = hire(state, scene, month, Account.JOB_DESK, now.jobs_brokers, p.broker_cost)
    coordinators = now.cooperatives_coordinators
    tally.coordinators_paid = hire(state, scene, month, Account.COOPERATIVE, coordinators, p.coordinator_cost)
    rooms = count_rooms(state, scene, month)
    paid = hire(state, scene, month, Account.INCUBATOR, rooms, p.room_cost)
    tally.rooms_paid = 1.0 if paid >= rooms else 0.0
    state.monthly[month].advisers_paid = tally.advisers_paid
    state.monthly[month].branches_open = branches


@part
def hire(state: State, scene: Scene, month: int, account: int, wanted: float, price: float) -> float:
    """Pay for a month of as many staff, or rooms, as are wanted and money goes; return how many were paid."""
    if wanted <= 0.0:
        return 0.0
    paid = wanted
    if price > 0.0:
        paid = min(wanted, free_funds(state, scene, month) / with_overhead(price, scene.params[0]))
    pay(state, scene, month, account, paid * price)
    return paid
