"""What a strategy is paid, does and spends, month by month, as a study with a ledger has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import NUMBERS
from ...sim.kinds import Account, Funder
from ...sim.outcomes import Month
from ...sim.policy import key_of, month_name, settings_table
from ...sim.settings import LEVERS
from ...sim.strategy_words import short
from ...sim.table import columns
from ..accounts import FUNDERS, LINES, SPENDING
from ..experiment import Plan
from ..language import later
from ..results import Experiment
from ..shelf import PARAMETERS
from .reading import words

Floats = NDArray[np.float64]

MAD = "MAD 2016"
QUANTILES = {"q10": 0.1, "q50": 0.5, "q90": 0.9}
STAFF, WORK, CASH = "staff", "work", "cash"
RECORDED = {
    STAFF: ("advisers_paid", "branches_open", "rooms_open", "rooms_taken", "carriers_paid"),
    WORK: (
        "projects_selected", "projects_started", "reinforcements", "courses_begun", "in_training", "seats_unfilled",
        "placed", "cooperatives_founded", "households_aided", "treatments", "waiting", "places_unfilled",
        "hours_missing", "live_businesses",
    ),
}  # fmt: skip
"""Monthly outcomes of a plan, by the part of it that they belong to."""
PRICED = {"brokers": (Account.JOB_DESK, "broker_cost"), "coordinators": (Account.COOPERATIVE, "coordinator_cost")}
"""Staff that no outcome counts: their line of the ledger, and the number that is their monthly price."""
BY_LINE: Mapping[Account, tuple[str, str]] = {
    Account.GRANT: ("projects_started", later("project opened")),
    Account.REINFORCEMENT: ("reinforcements", later("second grant")),
    Account.ADVISER: ("advisers_paid", later("adviser-month")),
    Account.BRANCH: ("branches_open", later("branch-month, openings included")),
    Account.TRAINING: ("courses_begun", later("person who begins a course")),
    Account.JOB_DESK: ("brokers", later("broker-month")),
    Account.SUBSIDY: ("placed", later("placement")),
    Account.INCUBATOR: ("rooms_open", later("room-month")),
    Account.LINK: ("carriers_paid", later("carrier-month")),
    Account.SOCIAL: ("households_aided", later("household-month")),
    Account.HEALTH: ("treatments", later("treatment")),
}
"""What a line of the ledger is paid by: an item of the plan, and one of it in words. Other lines go by the month."""
PRICES = {
    Account.ADVISER: "adviser_cost",
    Account.BRANCH: "branch_cost",
    Account.OUTREACH: "outreach_cost",
    Account.OVERHEAD: "overhead",
    Account.TRAINING: "training_seat_cost",
    Account.JOB_DESK: "broker_cost",
    Account.SUBSIDY: "formal_wage",
    Account.COOPERATIVE: "coordinator_cost",
    Account.INCUBATOR: "room_cost",
    Account.LINK: "carrier_cost",
    Account.HEALTH: "care_cost",
    Account.LEGAL: "legal_cost",
}
"""The number of the model that makes the unit cost of a line, at least in part."""
STANDING = ("in_training", "seats_unfilled", "waiting", "places_unfilled", "households_aided", "live_businesses")
"""Items that stand at a month's end, so that a year has their mean and not their sum."""
A_MONTH = later("month")
OF_SETTINGS = later("the strategy's settings")
DIRECT, OF_ALL = later("direct cost"), later("MAD of all other lines")


@dataclass(frozen=True)
class Planned:
    """A study of one strategy, with a ledger, whose months and money are laid open."""

    found: Experiment

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.found.plan

    @cached_property
    def months(self) -> range:
        """Its months, counted from January 2007."""
        return range(self.plan.start, self.plan.months)

    @cached_property
    def lines(self) -> dict[Account, Floats]:
        """Money of each account, all funders together: (runs, months)."""
        total = np.concatenate([money[:, 0].sum(axis=-1) for _, money in self.found.ledgers()], axis=1)
        return {account: total[:, :, account] for account in Account}

    @cached_property
    def paid_in(self) -> Floats:
        """What each funder pays in, mean over runs: (months, funders)."""
        parts = [-money[:, 0, :, Account.CONTRIBUTION].mean(axis=0) for _, money in self.found.ledgers()]
        return np.concatenate(parts)

    @cached_property
    def items(self) -> dict[str, Floats]:
        """What a plan is made of, by name: (runs, months)."""
        wanted = [name for names in RECORDED.values() for name in names]
        parts: dict[str, list[Floats]] = {name: [] for name in wanted}
        for _, some in self.found.months_of(wanted):
            for name in wanted:
                parts[name].append(some[name][:, 0])
        found = {name: np.concatenate(each, axis=1) for name, each in parts.items()}
        return found | self._priced()

    def _priced(self) -> dict[str, Floats]:
        """Return the staff that only the ledger shows: what was paid over its price, and no more than was planned."""
        params = pd.read_csv(self.found.store.folder / PARAMETERS).set_index("draw")
        draws = [draw for draw, _ in self.found.runs]
        settings = settings_table(self.plan.strategies[0], self.plan.start, self.plan.months, self.plan.known_until)
        planned = {"brokers": settings.jobs_brokers, "coordinators": settings.cooperatives_coordinators}
        found = {}
        for name, (account, price) in PRICED.items():
            paid = self.lines[account] / params.loc[draws, price].to_numpy()[:, None]
            found[name] = np.minimum(paid, np.asarray(planned[name])[self.plan.start :])
        return found

    @property
    def cash(self) -> dict[str, Floats]:
        """Money paid in and spent each month, and in the bank at its end: (runs, months)."""
        return {
            "paid_in": -self.lines[Account.CONTRIBUTION],
            "spent": sum((self.lines[account] for account in SPENDING), np.zeros_like(self.lines[Account.BANK])),
            "bank": self.lines[Account.BANK],
        }

    def by_month(self) -> pd.DataFrame:
        """Return each item by month over the runs: ``month, part, item, unit, mean, q10, q50, q90``."""
        parts = []
        names = [month_name(month) for month in self.months]
        for part, name, unit, values in self._all_items():
            told = _spread(values)
            parts.append(pd.DataFrame({"month": names, "part": part, "item": words(name), "unit": unit, **told}))
        return pd.concat(parts, ignore_index=True)

    def _all_items(self) -> list[tuple[str, str, str, Floats]]:
        """Return part, name, unit and values of all that the plan is made of; what never happens is left out."""
        known = columns(Month)
        rows = [(STAFF, name, known[name].unit, self.items[name]) for name in RECORDED[STAFF]]
        rows += [(STAFF, name, "persons", self.items[name]) for name in PRICED]
        rows += [(WORK, name, known[name].unit, self.items[name]) for name in RECORDED[WORK]]
        rows = [row for row in rows if row[3].any()]
        return rows + [(CASH, name, MAD, values) for name, values in self.cash.items()]

    def by_year(self) -> pd.DataFrame:
        """Return each item by year of the plan: ``item, unit, year, mean, q10, q50, q90``.

        Of each run the sum of a year, or the mean of what stands at a month's end; the bank as it is at the year's end.
        """
        rows = []
        for part, name, unit, values in self._all_items():
            yearly = values.reshape(len(values), self.plan.years, 12)
            if name == "bank":
                told = yearly[:, :, -1]
            elif part == STAFF or name in STANDING:
                told = yearly.mean(axis=2)
            else:
                told = yearly.sum(axis=2)
            spread = _spread(told)
            for year in range(self.plan.years):
                values_of = {key: float(each[year]) for key, each in spread.items()}
                rows.append({"item": words(name), "unit": unit, "year": year + 1, **values_of})
        return pd.DataFrame(rows)

    def years(self) -> pd.DataFrame:
        """Return the means of `by_year` with a column a year: ``item, unit, year 1, ...``."""
        table = self.by_year()
        wide = table.pivot(index=["item", "unit"], columns="year", values="mean")
        wide = wide.loc[list(dict.fromkeys(zip(table["item"], table["unit"], strict=True)))]
        return wide.set_axis([f"year {year}" for year in wide.columns], axis=1).reset_index()

    def by_line(self) -> pd.DataFrame:
        """Return what each line spends over the whole plan, MAD 2016, and its part of all: ``line, mean, q10, ...``."""
        whole = sum(self.lines[account].sum(axis=1) for account in SPENDING)
        rows = []
        for account in SPENDING:
            total = self.lines[account].sum(axis=1)
            if total.any():
                told = {key: float(each[0]) for key, each in _spread(total[:, None]).items()}
                part = float(total.mean() / np.mean(whole))
                rows.append({"line": LINES[account].name, **told, "part": part, "pays_for": LINES[account].meaning})
        return pd.DataFrame(rows, columns=["line", "mean", *QUANTILES, "part", "pays_for"])

    def by_funder(self) -> pd.DataFrame:
        """Return what each funder pays in, MAD 2016, mean over runs: a column a year, and the total."""
        yearly = self.paid_in.reshape(self.plan.years, 12, -1).sum(axis=1)
        rows = [
            {"funder": FUNDERS[funder], **{f"year {year + 1}": yearly[year, funder] for year in range(self.plan.years)},
             "total": yearly[:, funder].sum()}
            for funder in Funder
            if yearly[:, funder].any()
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["funder", *(f"year {year + 1}" for year in range(self.plan.years)), "total"])

    def units(self) -> pd.DataFrame:
        """Return what each line is paid by, overhead last: a part of all other lines."""
        rows = []
        for account in (each for each in SPENDING if each != Account.OVERHEAD):
            money = self.lines[account].sum(axis=1)
            if not money.any():
                continue
            item, unit = BY_LINE.get(account, (A_MONTH, A_MONTH))
            if item != A_MONTH and not self.items[item].any():
                item, unit = A_MONTH, A_MONTH
            counted = np.full(len(money), 12.0 * self.plan.years) if item == A_MONTH else self.items[item].sum(axis=1)
            rows.append(self._unit(account, item, unit, counted, money))
        overhead = self.lines[Account.OVERHEAD].sum(axis=1)
        direct = self.cash["spent"].sum(axis=1) - overhead
        rows.append(self._unit(Account.OVERHEAD, DIRECT, OF_ALL, direct, overhead))
        return pd.DataFrame(rows)

    def _unit(self, account: Account, item: str, unit: str, counted: Floats, money: Floats) -> dict[str, Any]:
        own = money[counted > 0] / counted[counted > 0]
        low, high = np.quantile(own, [0.1, 0.9]) if own.size else (0.0, 0.0)
        price = float(money.mean() / counted.mean()) if own.size else 0.0
        return {
            "line": LINES[account].name, "item": words(item), "unit": unit, "quantity": float(counted.mean()),
            "unit_cost": price, "low": low, "high": high, "rests_on": _basis(account),
        }  # fmt: skip

    def line_months(self) -> pd.DataFrame:
        """Return what each line spends by month, MAD 2016, mean over runs: a column a line."""
        months = [month_name(month) for month in self.months]
        spent = {LINES[each].name: self.lines[each].mean(axis=0) for each in SPENDING if self.lines[each].any()}
        return pd.DataFrame({"month": months, **spent})

    @property
    def changes_later(self) -> bool:
        """Whether a setting changes after the start of the plan."""
        strategy = self.plan.strategies[0]
        table = settings_table(strategy, self.plan.start, self.plan.months, self.plan.known_until)[self.plan.start :]
        return any((table[name] != table[name][0]).any() for name in LEVERS)

    def settings(self) -> pd.DataFrame:
        """Return the settings at the start that differ from their default."""
        strategy = self.plan.strategies[0]
        row = settings_table(strategy, self.plan.start, self.plan.months, self.plan.known_until)[self.plan.start]
        rows = [
            {"setting": key_of(name), "value": short(name, row[name]), "unit": lever.unit, "meaning": lever.meaning}
            for name, lever in LEVERS.items()
            if row[name] != lever.default
        ]
        return pd.DataFrame(rows)


def said() -> Iterator[str]:
    """Yield what stands in the tables of a plan, for the catalogues of messages."""
    known = columns(Month)
    for name in (name for names in RECORDED.values() for name in names):
        yield from (words(name), known[name].unit)
    yield from (words(name) for name in (*PRICED, "paid_in", "spent", "bank"))
    for account in SPENDING:
        yield from LINES[account]
    yield from FUNDERS.values()
    yield from (each for each in map(_basis, PRICES) if any(letter.islower() for letter in each))
    yield from ("true", "false", "inf")


def _basis(account: Account) -> str:
    """Return what the unit cost of a line rests on: evidence, judgement, or a setting of the strategy."""
    price = PRICES.get(account)
    return NUMBERS[price].basis if price else OF_SETTINGS


def _spread(values: Floats) -> dict[str, Floats]:
    """Return mean and quantiles over runs of an array (runs, times)."""
    quantiles = np.quantile(values, list(QUANTILES.values()), axis=0)
    return {"mean": values.mean(axis=0), **dict(zip(QUANTILES, quantiles, strict=True))}
