"""The programme's books on ordinary objects: what funders and a partner gave, and what each activity cost."""

from __future__ import annotations

import math
from typing import Any

from plain_mesa_agents import Columned, blank

from idmaj.sim import records
from idmaj.sim.kinds import Account, Funder
from idmaj.sim.table import columns


class Partner(Columned):
    """The private side of a public-private partnership."""

    __slots__ = tuple(columns(records.Partner))
    BLANK = blank(records.Partner)


class Books:
    """What each funder gave and each activity cost. Sums run funder by funder, in the order of `Funder`.

    Amounts are added up with `+=` and not with `sum`, which rounds otherwise from Python 3.12 on.
    """

    def __init__(self, world: Any) -> None:
        self.world = world
        self.months: list[list[list[float]]] = []

    def open(self) -> None:
        """Carry the bank over; let the funders, and a partner, pay in a month of what they give."""
        world, rules, now = self.world, self.world.rules, self.world.now
        rules.take_part(world.partner, world.month, now, world.params)
        world.outcome.partner_weight = world.partner.weight
        self.unlimited = now.funding_budget_mad_per_year == math.inf
        self.shares = [rules.contribution_share(funder, now) for funder in range(len(Funder))]
        self.page = [[0.0] * len(Funder) for _ in Account]
        if self.months:
            self.page[Account.BANK] = list(self.months[-1][Account.BANK])
        self.months.append(self.page)
        if not self.unlimited:
            for funder, share in enumerate(self.shares):
                self.contribute(funder, rules.in_charge(now) * share)
                self.contribute(funder, world.beside_budget[world.month] * share)
            self.contribute(Funder.PRIVATE, world.partner.weight * now.partner_cofunding_mad_per_year / 12.0)

    def contribute(self, funder: int, amount: float) -> None:
        self.page[Account.CONTRIBUTION][funder] -= amount
        self.page[Account.BANK][funder] += amount

    def funds(self) -> float:
        """Return the money in the bank; without a limit where the budget has none."""
        if self.unlimited:
            return math.inf
        total = 0.0
        for amount in self.page[Account.BANK]:
            total += amount
        return total

    def pay(self, account: int, amount: float) -> None:
        """Pay for an activity, with overhead."""
        overhead = self.world.params.overhead
        self.post(account, amount)
        self.post(Account.OVERHEAD, amount * overhead)
        self.world.outcome.spent += self.world.rules.with_overhead(amount, self.world.params)

    def post(self, account: int, amount: float) -> None:
        """Move an amount from the bank to an activity; without a limit, call on the funders for it first."""
        bank, activity = self.page[Account.BANK], self.page[account]
        total = self.funds()
        for funder, share in enumerate(self.shares):
            if self.unlimited:
                paid = amount * share
                self.contribute(funder, paid)
            else:
                paid = amount * bank[funder] / total if total > 0.0 else 0.0
            bank[funder] -= paid
            activity[funder] += paid

    def free(self) -> float:
        """Return what may be spent on anything but promised grants."""
        committed = self.world.rules.with_overhead(self.world.desk.committed, self.world.params)
        return max(0.0, self.funds() - committed)

    def can_pay(self, amount: float) -> bool:
        """Say whether the bank covers an amount and its overhead."""
        rules = self.world.rules
        return rules.covers(self.funds(), rules.with_overhead(amount, self.world.params))

    def affords(self, amount: float) -> bool:
        """Say whether money that nobody was promised covers an amount and its overhead."""
        rules = self.world.rules
        return rules.covers(self.free(), rules.with_overhead(amount, self.world.params))

    def pay_if_afforded(self, account: int, amount: float) -> bool:
        """Pay for an activity if the money is there; say whether it was."""
        if not self.affords(amount):
            return False
        self.pay(account, amount)
        return True

    def hire(self, account: int, wanted: float, price: float) -> float:
        """Pay for as many of what is wanted as money goes; return how many were paid."""
        if wanted <= 0.0:
            return 0.0
        paid = wanted
        if price > 0.0:
            paid = min(wanted, self.free() / self.world.rules.with_overhead(price, self.world.params))
        self.pay(account, paid * price)
        return paid

    def pay_fixed_costs(self) -> None:
        """Pay branches, outreach, staff and rooms, in this order; who cannot be paid does not work."""
        world, p, now = self.world, self.world.params, self.world.now
        branches = [place for place in world.places if place.branch]
        further = sum(not place.first_branch for place in branches)
        self.hire(Account.BRANCH, float(len(branches)), p.branch_cost)
        self.hire(Account.OUTREACH, now.outreach_intensity, p.outreach_cost)
        advisers = now.advisers_number + now.branches_advisers * further
        world.desk.advisers_paid = self.hire(Account.ADVISER, advisers, p.adviser_cost)
        world.job_desk.brokers_paid = self.hire(Account.JOB_DESK, now.jobs_brokers, p.broker_cost)
        coordinators = self.hire(Account.COOPERATIVE, now.cooperatives_coordinators, p.coordinator_cost)
        world.coops.coordinators_paid = coordinators
        rooms = world.rooms.count()
        world.rooms.paid = float(self.hire(Account.INCUBATOR, rooms, p.room_cost) >= rooms)
        world.outcome.advisers_paid = world.desk.advisers_paid
        world.outcome.branches_open = len(branches)
