"""Money: every dirham moves between two accounts of a funder, so that a month's books add up to zero."""

from __future__ import annotations

import numpy as np

from ..kinds import Account
from ..rule import part
from ..rules.money import contribution_share, with_overhead
from ..settings import Settings
from ..state import Scene, State


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
    now = scene.settings[month]
    for funder in range(state.money.shape[2]):
        if month > 0:
            state.money[month, Account.BANK, funder] = state.money[month - 1, Account.BANK, funder]
        if now.funding_budget_mad_per_year != np.inf:
            paid = now.funding_budget_mad_per_year / 12.0 * contribution_share(funder, now)
            state.money[month, Account.CONTRIBUTION, funder] -= paid
            state.money[month, Account.BANK, funder] += paid


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
    """Pay branches, outreach and advisers, in this order; advisers whose month cannot be paid do not work it.

    Money promised to projects is not touched.
    """
    now = scene.settings[month]
    p = scene.params[0]
    branches = 0
    for place in range(len(state.places)):
        branches += state.places[place].branch
    rent = min(p.branch_cost * branches, free_funds(state, scene, month) / with_overhead(1.0, p))
    pay(state, scene, month, Account.BRANCH, rent)
    outreach = min(p.outreach_cost * now.outreach_intensity, free_funds(state, scene, month) / with_overhead(1.0, p))
    pay(state, scene, month, Account.OUTREACH, outreach)
    paid = min(now.advisers_number, free_funds(state, scene, month) / with_overhead(p.adviser_cost, p))
    pay(state, scene, month, Account.ADVISER, paid * p.adviser_cost)
    state.tally[0].advisers_paid = paid
    state.monthly[month].advisers_paid = paid
