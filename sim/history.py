"""What a run leaves behind."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from .ends import outcomes_of, ratio
from .kinds import Account, Departure, Ending
from .luck import Luck
from .policy import Policy
from .rule import code_hash
from .state import State, Table, in_use

EVALUATION_MONTH = 124
"""May 2017: the evaluation was published on the 23rd (P001)."""

DEFINITIONS = {
    "seen": "open at the evaluator's last visit, of all that were financed",
    "found": "open at the last visit, of those whose owner was found",
    "open": "truly open, of all that were financed",
    "stayed": "truly open, of those whose owner is still in Morocco",
    "jobs_and_solutions": "open, or given up for paid work, resettlement or return",
}
"""Definitions of success; the first is that of the published share (P001)."""


@dataclass(frozen=True)
class History:
    """One run: its monthly outcomes, its tables as they stand at the end, and where they came from.

    Attributes
    ----------
    state : State
        The tables at the end. Businesses are never deleted: their table is the survival data.
    params : recarray of Params, shape (1,)
    policy : Policy
    luck : Luck
    months : int
        Months lived, from January 2007.
    """

    state: State
    params: Table
    policy: Policy
    luck: Luck
    months: int

    @property
    def monthly(self) -> Table:
        """Outcomes of each month: a record array of `Month`, shape (months,)."""
        return _used(self.state.monthly, self.months)

    @property
    def households(self) -> Table:
        """Every household that was ever there."""
        return _used(self.state.households, self.state.tally[0].households)

    @property
    def families(self) -> Table:
        """Who each household is, row by row as in `households`."""
        return _used(self.state.families, self.state.tally[0].households)

    @property
    def persons(self) -> Table:
        """Every adult who was ever there."""
        return _used(self.state.persons, self.state.tally[0].persons)

    @property
    def workers(self) -> Table:
        """How each adult earns, row by row as in `persons`."""
        return _used(self.state.workers, self.state.tally[0].persons)

    @property
    def businesses(self) -> Table:
        """Every business that ever opened, open or ended."""
        return _used(self.state.businesses, self.state.tally[0].businesses)

    @property
    def cooperatives(self) -> Table:
        """Every cooperative that was ever founded."""
        return _used(self.state.cooperatives, self.state.tally[0].cooperatives)

    @property
    def stocks(self) -> np.ndarray:
        """Persons present by month, origin and status: shape (months, origins, statuses)."""
        return self.state.stocks[: self.months]

    @property
    def money(self) -> np.ndarray:
        """The ledger, MAD 2016: shape (months, accounts, funders); each month adds up to the change of the bank."""
        return self.state.money[: self.months]

    @cached_property
    def fingerprint(self) -> str:
        """Sha256 of every byte of the result: all tables, lists and books as they stand at the end."""
        digest = hashlib.sha256()
        for name, array in in_use(self.state).items():
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def provenance(self) -> dict[str, Any]:
        """Return what is needed to get the same bytes again: luck, parameters, levers, country, version and code."""
        return {
            "seed": self.luck.seed,
            "replication": self.luck.replication,
            "draw": self.luck.draw,
            "months": self.months,
            "params_sha256": hashlib.sha256(self.params.tobytes()).hexdigest(),
            "policy_sha256": hashlib.sha256(self.policy.settings[: self.months].tobytes()).hexdigest(),
            "country_sha256": self.policy.country.fingerprint(),
            "version": version("idmaj"),
            "code_sha256": code_hash(),
            "result_sha256": self.fingerprint,
        }

    def frame(self) -> pd.DataFrame:
        """Return the monthly outcomes as a tidy table: month, outcome, value."""
        wide = pd.DataFrame(np.asarray(self.monthly)).rename_axis("month").reset_index()
        return wide.melt("month", var_name="outcome", value_name="value")

    def ends(self, start: int, months: int) -> dict[str, float]:
        """Return the outcomes of a plan that runs from month `start` to month `months` - 1.

        Names, units and meanings are those of `OUTCOMES`; a share of nothing is NaN.
        """
        plan = _used(self.monthly, months)[start:].view(np.recarray)
        people = self.households, self.families
        return outcomes_of(plan, self.businesses, *people, start, float(self.params[0].discount_rate))

    def active_shares(self, month: int | None = None) -> dict[str, float]:
        """Return the share of projects active at the end of a month under each of `DEFINITIONS`.

        Parameters
        ----------
        month : int, optional
            Counted from January 2007; the last one lived by default.
        """
        month = self.months - 1 if month is None else month
        table = self.businesses[(self.businesses.assisted == 1) & (self.businesses.opened <= month)]
        total = float(len(table))
        ended = (table.ended >= 0) & (table.ended <= month)
        gone = self.families[table.household].departure
        left = ended & (table.ending == Ending.OWNER_LEFT)
        solved = left & ((gone == Departure.RESETTLED) | (gone == Departure.RETURNED))
        took_job = ended & (table.ending == Ending.TOOK_JOB)
        lost = (table.lost >= 0) & (table.lost <= month)
        seen = ~lost & ((table.seen_ended < 0) | (table.seen_ended > month))
        return {
            "seen": ratio(float(seen.sum()), total),
            "found": ratio(float(seen.sum()), float((~lost).sum())),
            "open": ratio(float((~ended).sum()), total),
            "stayed": ratio(float((~ended).sum()), float((~left).sum())),
            "jobs_and_solutions": ratio(float((~ended | solved | took_job).sum()), total),
        }

    def spending(self) -> pd.DataFrame:
        """Return money spent, MAD 2016: a row per activity, a column per month."""
        lines = [account for account in Account if account not in (Account.CONTRIBUTION, Account.BANK)]
        return pd.DataFrame({line.name.lower(): self.money[:, line].sum(axis=1) for line in lines}).T


def _used(table: Table, rows: int) -> Table:
    return table[:rows].view(np.recarray)
