"""The staffing and cash plan of a strategy: who is paid, what is done and what is in the bank, month by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...sim import UserError
from ...sim.policy import month_name
from ...sim.settings import LEVERS
from ..experiment import Plan
from ..variants import accepts, with_levers
from . import reading
from .answer import Answer, Runner, Table
from .planned import MAD, Planned

Floats = NDArray[np.float64]

BUDGET = "funding_budget_mad_per_year"
NEGLIGIBLE = 0.05
"""Part of what is paid in that may lie unspent at the end, and of runs in which more may, unsaid (judgement)."""
YEARS, BY_YEAR, BY_MONTH = "By year", "By year over the runs", "By month over the runs"
BY_SPENDING, BY_FUNDER = "Spending by line", "Paid in by funder"
UNITS, SETTINGS, LINE_MONTHS = "Quantities and unit costs", "Settings", "Spending by line and month"


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
        raise UserError(f"--budget: found {amount:g}, accepted MAD a year from {lever.at_least:g} on")
    (strategy,) = plan.strategies
    name = f"{strategy.name} at {amount:,.0f} MAD a year"
    return replace(plan, strategies=(with_levers(strategy, {BUDGET: amount}, name),))


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
        facts = self._facts()
        planned = self.planned
        tables = (
            Table(YEARS, "The sum of a year of what is done, paid in and spent; its mean of staff, rooms and what "
                  "stands; the bank at its end. Mean over runs.", planned.years()),
            Table(BY_SPENDING, f"{MAD}, whole plan: mean, 10, 50 and 90 % of runs, and part of all spending.",
                  planned.by_line()),
            Table(BY_FUNDER, f"{MAD}, mean over runs.", planned.by_funder()),
            Table(UNITS, "What each line is paid by: mean quantity of the plan, and what one costs on average; low and "
                  "high: 10 and 90 % of runs.", planned.units()),
            Table(SETTINGS, "Levers that are not at their default when the plan starts.", planned.settings()),
            Table(BY_YEAR, "Mean over runs; 10, 50 and 90 % of runs stay below.", planned.by_year(), long=True),
            Table(BY_MONTH, "Mean over runs; 10, 50 and 90 % of runs stay below.", planned.by_month(), long=True),
            Table(LINE_MONTHS, f"{MAD}, mean over runs.", planned.line_months(), long=True),
        )  # fmt: skip
        strategy = self.planned.plan.strategies[0]
        return Answer(
            f"What staff and cash does '{strategy.name}' take, month by month?",
            self._sentence(facts),
            facts,
            tables,
            (
                reading.luck(self.planned.plan),
                f"All money is {MAD}: of constant prices. Unit costs vary with the draw; most are judgement.",
                "Funders pay a twelfth of the yearly budget every month (assumed).",
                "Months and years are those of the plan, which starts in " + month_name(self.planned.plan.start) + ".",
            ),
            (*self._mind(facts), *reading.few(self.planned.plan)),
            (self.planned.found,),
        )

    def _facts(self) -> dict[str, Any]:
        cash, years = self.planned.cash, self.planned.plan.years
        spent, paid_in = cash["spent"].sum(axis=1), cash["paid_in"].sum(axis=1)
        left, least = cash["bank"][:, -1], cash["bank"].min(axis=1)
        tight = np.quantile(cash["bank"], 0.1, axis=0)
        opened = self.planned.items["projects_started"].sum(axis=1) / years
        live = self.planned.items["live_businesses"][:, -1]

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
            "tightest_month": month_name(self.planned.plan.start + int(tight.argmin())),
            "tightest_bank": float(tight.min()),
            "runs_with_money_left": float((left > NEGLIGIBLE * paid_in).mean()) if paid_in.any() else 0.0,
            "places_unfilled": float(self.planned.items["places_unfilled"][:, -12:].mean()),
        }

    def _sentence(self, facts: Mapping[str, Any]) -> str:
        def said(name: str) -> str:
            middle, low, high = (reading.amount(each) for each in facts[name])
            return middle if low == middle == high else f"{middle} ({low} to {high})"

        name = self.planned.plan.strategies[0].name
        return (
            f"'{name}' is paid {said('paid_in_per_year')} {MAD} a year and spends "
            f"{said('spent_per_year')}: for {said('advisers')} advisers and {said('projects_per_year')} projects "
            f"opened a year; {said('live_businesses')} projects, those of before among them, are open at the end, and "
            f"{said('left_in_bank')} {MAD} lie in the bank. Money is shortest in {facts['tightest_month']}, when 10 % "
            f"of runs have less than {reading.amount(facts['tightest_bank'])}. Half of the runs stay below each of "
            "the other numbers, 10 and 90 % below those in brackets; the tables hold means."
        )

    def _mind(self, facts: Mapping[str, Any]) -> list[str]:
        said = []
        if facts["runs_with_money_left"] > NEGLIGIBLE:
            said.append(
                f"In {100 * facts['runs_with_money_left']:.0f} % of runs more than {100 * NEGLIGIBLE:.0f} % of what "
                "was paid in lies unspent at the end: there staff, intake or applicants bind, not money (places "
                "unfilled, waiting and hours missing in the table by year)."
            )
        if self.planned.changes_later:
            said.append("Settings change during the plan: the table has those of its start (idmaj strategies show).")
        if facts["places_unfilled"] >= 1.0:
            said.append(
                f"In the last year a backlog of {facts['places_unfilled']:.0f} funded places, carried over from "
                "month to month, waits for applicants who may be selected; others wait who may not be, or not yet."
            )
        return [
            *said,
            "Quantiles do not add up: the 10 % of runs below one month's are not those below the next one's.",
            "Prices are constant: for amounts to be paid, raise them by what prices rise.",
        ]
