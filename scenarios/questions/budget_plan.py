"""The staffing and cash plan of a strategy: who is paid, what is done and what is in the bank, month by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...sim import UserError
from ...sim.policy import Strategy, month_name
from ...sim.settings import LEVERS
from ..experiment import Plan
from ..labels import dated
from ..language import _, later, written
from ..variants import accepts, with_levers
from . import reading
from .answer import Answer, Runner, Table
from .planned import MAD, Planned

Floats = NDArray[np.float64]

BUDGET = "funding_budget_mad_per_year"
NEGLIGIBLE = 0.05
"""Part of what is paid in that may lie unspent at the end, and of runs in which more may, unsaid (judgement)."""
YEARS, BY_YEAR, BY_MONTH = later("By year"), later("By year over the runs"), later("By month over the runs")
BY_SPENDING, BY_FUNDER = later("Spending by line"), later("Paid in by funder")
UNITS, SETTINGS = later("Quantities and unit costs"), later("Settings")
LINE_MONTHS = later("Spending by line and month")
AT, A_YEAR = " at ", " MAD a year"
"""Around the budget in the name of a strategy that was given one."""


def with_budget(plan: Plan, amount: float | None) -> Plan:
    """Return a plan of one strategy with another yearly budget, MAD 2016; with None as it is.

    Raises
    ------
    UserError
        If there can be no such budget.
    """
    if amount is None:
        return plan
    lever = LEVERS[BUDGET]
    if not (accepts(lever, amount) and np.isfinite(amount)):
        raise UserError(
            "--budget: found {amount:g}, accepted MAD a year from {at_least:g} on",
            amount=amount,
            at_least=lever.at_least,
        )
    (strategy,) = plan.strategies
    name = f"{strategy.name}{AT}{amount:,.0f}{A_YEAR}"
    return replace(plan, strategies=(with_levers(strategy, {BUDGET: amount}, name),))


def name_of(strategy: Strategy) -> str:
    """Return what people call a strategy, one with another budget or of several parts too."""
    name, at, amount = strategy.name.rpartition(AT)
    if not (at and amount.endswith(A_YEAR)):
        return _together(strategy.name)
    amount = written(amount.removesuffix(A_YEAR))
    return _("{name} at {amount} MAD a year", name=_together(name), amount=amount)


def _together(name: str) -> str:
    return " + ".join(_(part) for part in name.split(" + "))


def budget_plan(plan: Plan, run: Runner) -> Answer:
    """Say who is paid, what is done and what is spent under a strategy, month by month.

    Parameters
    ----------
    plan : Plan
        Of one strategy, with traces.
    run : Runner
    """
    reading.enough_runs(plan)
    return _Told(Planned(run(plan))).answer()


@dataclass(frozen=True)
class _Told:
    """A plan laid open, and what is said of it."""

    planned: Planned

    def answer(self) -> Answer:
        facts, plan = self._facts(), self.planned.plan
        return Answer(
            _("What staff and cash does '{name}' take, month by month?", name=name_of(plan.strategies[0])),
            self._sentence(facts),
            facts,
            self._tables(),
            (
                reading.luck(plan),
                _("All money is {money}: of constant prices. Unit costs vary with the draw; most are judgement.",
                  money=_(MAD)),
                _("Funders pay a twelfth of the yearly budget every month (assumed)."),
                _("Months and years are those of the plan, which starts in {month}.", month=dated(plan.start)),
            ),
            (*self._mind(facts), *reading.few(plan)),
            (self.planned.found,),
        )  # fmt: skip

    def _tables(self) -> tuple[Table, ...]:
        planned = self.planned
        spread = _("Mean over runs; 10, 50 and 90 % of runs stay below.")
        mean = _("{money}, mean over runs.", money=_(MAD))
        return (
            Table(YEARS, _("The sum of a year of what is done, paid in and spent; its mean of staff, rooms and what "
                           "stands; the bank at its end. Mean over runs."), planned.years()),
            Table(BY_SPENDING, _("{money}, whole plan: mean, 10, 50 and 90 % of runs, and part of all spending.",
                                 money=_(MAD)), planned.by_line()),
            Table(BY_FUNDER, mean, planned.by_funder()),
            Table(UNITS, _("What each line is paid by: mean quantity of the plan, and what one costs on average; low "
                           "and high: 10 and 90 % of runs."), planned.units()),
            Table(SETTINGS, _("Levers that are not at their default when the plan starts."), planned.settings()),
            Table(BY_YEAR, spread, planned.by_year(), long=True),
            Table(BY_MONTH, spread, planned.by_month(), long=True),
            Table(LINE_MONTHS, mean, planned.line_months(), long=True),
        )  # fmt: skip

    @property
    def _tightest(self) -> tuple[int, float]:
        """The month, counted from January 2007, in which a tenth of runs have least in the bank, and what they have."""
        tight = np.quantile(self.planned.cash["bank"], 0.1, axis=0)
        return self.planned.plan.start + int(tight.argmin()), float(tight.min())

    def _facts(self) -> dict[str, Any]:
        cash, years = self.planned.cash, self.planned.plan.years
        spent, paid_in = cash["spent"].sum(axis=1), cash["paid_in"].sum(axis=1)
        left, least = cash["bank"][:, -1], cash["bank"].min(axis=1)
        opened = self.planned.items["projects_started"].sum(axis=1) / years
        live = self.planned.items["live_businesses"][:, -1]
        month, tightest = self._tightest

        def told(values: Floats) -> list[float]:
            return [float(each) for each in np.quantile(values, [0.5, 0.1, 0.9])]

        return {
            "strategy": self.planned.plan.keys[0],
            "paid_in_per_year": told(paid_in / years),
            "spent_per_year": told(spent / years),
            "projects_per_year": told(opened),
            "advisers": told(self.planned.items["advisers_paid"].mean(axis=1)),
            "live_businesses": told(live),
            "left_in_bank": told(left),
            "least_in_bank": told(least),
            "tightest_month": month_name(month),
            "tightest_bank": tightest,
            "runs_with_money_left": float((left > NEGLIGIBLE * paid_in).mean()) if paid_in.any() else 0.0,
            "places_unfilled": float(self.planned.items["places_unfilled"][:, -12:].mean()),
        }

    def _sentence(self, facts: Mapping[str, Any]) -> str:
        def said(name: str) -> str:
            middle, low, high = (reading.amount(each) for each in facts[name])
            if low == middle == high:
                return middle
            return _("{middle} ({low} to {high})", middle=middle, low=low, high=high)

        return _(
            "'{name}' is paid {paid_in} {money} a year and spends {spent}: for {advisers} advisers and {projects} "
            "projects opened a year; {live} projects, those of before among them, are open at the end, and {left} "
            "{money} lie in the bank. Money is shortest in {month}, when 10 % of runs have less than {least}. Half of "
            "the runs stay below each of the other numbers, 10 and 90 % below those in brackets; the tables hold "
            "means.",
            name=name_of(self.planned.plan.strategies[0]), money=_(MAD), paid_in=said("paid_in_per_year"),
            spent=said("spent_per_year"), advisers=said("advisers"), projects=said("projects_per_year"),
            live=said("live_businesses"), left=said("left_in_bank"), month=dated(self._tightest[0]),
            least=reading.amount(facts["tightest_bank"]),
        )  # fmt: skip

    def _mind(self, facts: Mapping[str, Any]) -> list[str]:
        said = []
        if facts["runs_with_money_left"] > NEGLIGIBLE:
            said.append(
                _(
                    "In {share} % of runs more than {part} % of what was paid in lies unspent at the end: there staff, "
                    "intake or applicants bind, not money (places unfilled, waiting and hours missing in the table by "
                    "year).",
                    share=f"{100 * facts['runs_with_money_left']:.0f}", part=f"{100 * NEGLIGIBLE:.0f}",
                )
            )  # fmt: skip
        if self.planned.changes_later:
            said.append(
                _("Settings change during the plan: the table has those of its start (idmaj strategies show).")
            )
        if facts["places_unfilled"] >= 1.0:
            said.append(
                _(
                    "In the last year a backlog of {places} funded places, carried over from month to month, waits for "
                    "applicants who may be selected; others wait who may not be, or not yet.",
                    places=f"{facts['places_unfilled']:.0f}",
                )
            )
        return [
            *said,
            _("Quantiles do not add up: the 10 % of runs below one month's are not those below the next one's."),
            _("Prices are constant: for amounts to be paid, raise them by what prices rise."),
        ]
