"""What came out of a plan, as tidy tables read from the chunks of a store.

Chunks lie in the order of draw and replication, and within a run every row has its fixed place, so a column of all
runs is one array (runs, places). Only so many of its columns or places are read at a time as fit a small memory:
with more runs it takes longer and no more room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..calibration.checks import PUBLISHED
from ..sim import OUTCOMES, UserError
from ..sim.kinds import Funder
from ..sim.outcomes import RATIOS
from ..sim.store import Store, reading, sql_text
from .experiment import Plan
from .provenance import results_hash
from .runs import ACCOUNTS, ENDS, EVALUATED, EVALUATION, FIGURES, GROUPS, MONEY, MONTHLY, PAST, SPELLS
from .statistics import STATISTICS, statistics

Floats = NDArray[np.float64]

ROOM = 2**23
"""Numbers that are held at a time: 64 MiB."""
MEMBER = ["group", "member", "outcome", "unit"]


@dataclass(frozen=True)
class Experiment:
    """What came out of a plan.

    Attributes
    ----------
    plan : Plan
    store : Store
        Its chunks; runs that are not in it are left out.
    fingerprint : str
        sha256 of what went in: settings, parameters, country, code, versions.
    provenance : dict
        Versions and hashes, in words.
    """

    plan: Plan
    store: Store
    fingerprint: str
    provenance: dict[str, str]

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """Draw and replication of every run that is there, in order."""
        chunks = [entry.chunk for entry in self.store.in_order()]
        return [(chunk.draw, replication) for chunk in chunks for replication in chunk.replications]

    def ends(self, outcomes: Sequence[str] = tuple(OUTCOMES)) -> pd.DataFrame:
        """Return outcomes of the plan in every run: ``strategy, draw, replication, outcome, value``."""
        draws, replications = np.array(self.runs).T
        about = {"draw": draws, "replication": replications}
        parts = [
            pd.DataFrame({"strategy": key, **about, "outcome": outcome, "value": self._end(outcome)[:, place]})
            for outcome in outcomes
            for place, key in enumerate(self.plan.keys)
        ]
        return pd.concat(parts, ignore_index=True)

    def with_parts(self, outcome: str) -> pd.DataFrame:
        """Return an outcome in every run, like `ends`; of a ratio also the two outcomes that it is made of."""
        return self.ends([outcome, *RATIOS.get(outcome, ())])

    def _end(self, outcome: str) -> Floats:
        """Return an outcome in every run, an array (runs, strategies); its neighbours are read with it."""
        if outcome not in self._at_hand:
            portions = self._fitting((*OUTCOMES, *EVALUATED.values()), len(self.plan.keys))
            portion = next(some for some in portions if outcome in some)
            self._at_hand.clear()
            self._at_hand.update(self._columns(ENDS, portion))
        return self._at_hand[outcome]

    @cached_property
    def _at_hand(self) -> dict[str, Floats]:
        """The outcomes that were read last."""
        return {}

    @cached_property
    def evaluation(self) -> pd.DataFrame:
        """Like `ends`: ``active_share`` at the evaluation in May 2017, in every run that covers it."""
        found = self.ends([EVALUATION]).dropna()
        return found.assign(outcome="active_share").reset_index(drop=True)

    @cached_property
    def evaluations(self) -> pd.DataFrame:
        """Like `ends`: the share active in May 2017, the outcome named by the definition of success."""
        found = self.ends(tuple(EVALUATED.values())).dropna()
        names = {column: name for name, column in EVALUATED.items()}
        return found.assign(outcome=found["outcome"].map(names)).reset_index(drop=True)

    @cached_property
    def published(self) -> pd.DataFrame:
        """Published figures beside the model's: ``figure, unit, published, model, low, high, basis, role``.

        Mean and 5-95 % range over the runs; empty where the past ends before 2026.
        """
        columns = ["figure", "unit", "published", "model", "low", "high", "basis", "role"]
        found = self._columns(FIGURES, ["value"])["value"]
        rows = []
        for place, item in enumerate(PUBLISHED if found.size else ()):
            values = found[:, place]
            low, high = np.quantile(values, [0.05, 0.95])
            rows.append((item.figure, item.unit, item.published, values.mean(), low, high, item.basis, item.role))
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """Months over the runs: ``measure, strategy, month, outcome, mean, q05, q25, q50, q75, q95``.

        Where `measure` is ``level``, the months before the plan stand once, under the strategy ``past``; where it is
        ``difference``, it is the paired difference from the baseline.
        """
        plan, columns = self.plan, self.plan.columns
        parts: list[pd.DataFrame] = []
        for first, last, arms in ((0, plan.start, 1), (plan.start, plan.months, len(plan.keys))):
            for months in self._fitting(range(first, last), arms):
                where = f"month BETWEEN {months[0]} AND {months[-1]}"
                whose = f"strategy {'=' if first < plan.start else '<>'} {sql_text(PAST)}"
                for some in self._fitting(columns, arms * len(months)):
                    for outcome, values in self._columns(MONTHLY, some, f"{where} AND {whose}").items():
                        parts += self._described(outcome, months[0], values)
        table = pd.concat(parts, ignore_index=True)
        order = {outcome: place for place, outcome in enumerate(columns)}
        place = {key: place for place, key in enumerate((PAST, *plan.keys))}
        by = [table["measure"].ne("level"), table["strategy"].map(place), table["month"], table["outcome"].map(order)]
        return table.iloc[np.lexsort([np.asarray(key) for key in reversed(by)])].reset_index(drop=True)

    def _described(self, outcome: str, first: int, values: Floats) -> list[pd.DataFrame]:
        """Describe some months of an outcome from month `first` on: of the past, or of every strategy."""
        if first < self.plan.start:
            return [_described("level", PAST, first, outcome, values)]
        parts = []
        ahead = values.reshape(len(values), len(self.plan.keys), -1)
        for place, key in enumerate(self.plan.keys):
            parts.append(_described("level", key, first, outcome, ahead[:, place]))
            if place:
                parts.append(_described("difference", key, first, outcome, ahead[:, place] - ahead[:, 0]))
        return parts

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Outcomes at the end of the plan by place, sex, origin and need, over the runs (`idmaj.sim.groups`).

        ``strategy, group, member, outcome, unit, mean, q05, ..., q95``.
        """
        first = self.store.files(GROUPS)[:1]
        sql = f"SELECT DISTINCT strategy, place, {names_in_sql(MEMBER)} FROM {reading(first)}"
        about = self._read(sql).df().sort_values("place")
        parts = []
        for key in self.plan.keys:
            rows = about[about["strategy"] == key].reset_index(drop=True)
            for some in self._fitting(range(len(rows)), 1):
                where = f"strategy = {sql_text(key)} AND place BETWEEN {some[0]} AND {some[-1]}"
                found = statistics(self._columns(GROUPS, ["value"], where)["value"])
                frame = rows.iloc[some[0] : some[-1] + 1][["strategy", *MEMBER]]
                parts.append(frame.assign(**dict(zip(STATISTICS, found, strict=True))))
        return pd.concat(parts, ignore_index=True)

    @property
    def keeps_spells(self) -> bool:
        """Whether it tells how long projects lasted: studies of earlier versions do not."""
        return bool(self.store.files(SPELLS))

    def spells(self, most: int) -> pd.DataFrame:
        """Return how long projects begun in the plan traded, and how they ended, in some of the runs.

        Parameters
        ----------
        most : int
            Runs at most: the first replication of every draw, then the second.

        Returns
        -------
        DataFrame
            ``strategy, draw, replication, months, ending, projects``: see `runs.spells_of`.

        Raises
        ------
        UserError
            If the study was made by a version that did not keep them.
        """
        if not self.keeps_spells:
            raise UserError("study: found one that kept no ages of projects; accepted: one made by this version")
        draw, replication = sorted(self.runs, key=lambda run: run[::-1])[:most][-1]
        until = f"replication < {replication} OR (replication = {replication} AND draw <= {draw})"
        return self._read(f"SELECT * FROM {self.store.read_parquet(SPELLS)} WHERE {until}").df()

    def months_of(self, columns: Sequence[str]) -> Iterator[tuple[range, dict[str, Floats]]]:
        """Yield monthly outcomes of the plan, some months at a time, each an array (runs, strategies, months)."""
        for months, found in self._in_months(MONTHLY, columns, 1):
            yield months, {name: values[..., 0] for name, values in found.items()}

    def ledgers(self) -> Iterator[tuple[range, Floats]]:
        """Yield the ledger, MAD 2016, some months at a time: an array (runs, strategies, months, accounts, funders).

        Raises
        ------
        UserError
            If the plan kept no ledger.
        """
        if not self.plan.traces:
            raise UserError("study: found one without a ledger; accepted: one that was run with --traces")
        for months, found in self._in_months(MONEY, ACCOUNTS, len(Funder)):
            yield months, np.stack([found[name] for name in ACCOUNTS], axis=-2)

    def _in_months(self, table: str, columns: Sequence[str], rows: int) -> Iterator[tuple[range, dict[str, Floats]]]:
        """Yield columns of the months of the plan, as many as fit: arrays (runs, strategies, months, rows a month)."""
        plan = self.plan
        for some in self._fitting(range(plan.start, plan.months), len(plan.keys) * rows * len(columns)):
            months = range(some[0], some[-1] + 1)
            where = f"month BETWEEN {some[0]} AND {some[-1]} AND strategy <> {sql_text(PAST)}"
            shape = (len(self.runs), len(plan.keys), len(months), rows)
            found = self._columns(table, columns, where)
            yield months, {name: values.reshape(shape) for name, values in found.items()}

    @cached_property
    def results_sha256(self) -> str:
        """sha256 of what came out."""
        ends = (self.ends([outcome]) for outcome in OUTCOMES)
        return results_hash([*ends, self.evaluation, self.published, self.monthly, self.groups])

    def _columns(self, table: str, columns: Sequence[str], where: str = "true") -> dict[str, Floats]:
        """Return columns of a table, each an array (runs, places)."""
        sql = f"SELECT {names_in_sql(columns)} FROM {self.store.read_parquet(table)} WHERE {where}"
        found = self._read(sql).fetchnumpy()
        return {
            name: np.ma.filled(np.ma.asarray(found[name], dtype=np.float64), np.nan).reshape(len(self.runs), -1)
            for name in columns
        }

    def _read(self, sql: str) -> Any:
        """Return what a query finds; UserError where a chunk cannot be read."""
        import duckdb

        try:
            return self.store.query(sql)
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise UserError(
                "{folder}: a chunk is missing or damaged; idmaj study verify {folder} says which, and how to mend it",
                folder=self.store.folder,
            ) from error

    def _fitting(self, items: Sequence[object], places: int) -> Iterator[list[Any]]:
        """Cut items, each a column of so many places in every run, into portions that fit the room."""
        size = max(1, ROOM // max(1, len(self.runs) * places))
        for first in range(0, len(items), size):
            yield list(items[first : first + size])


def names_in_sql(columns: Sequence[str]) -> str:
    """Return names as SQL writes them."""
    return ", ".join(f'"{name}"' for name in columns)


def _described(measure: str, strategy: str, first: int, outcome: str, values: Floats) -> pd.DataFrame:
    """Describe an array (runs, months) by the mean and quantiles over its runs."""
    months = np.arange(first, first + values.shape[1])
    frame = pd.DataFrame({"measure": measure, "strategy": strategy, "month": months, "outcome": outcome})
    return frame.assign(**dict(zip(STATISTICS, statistics(values), strict=True)))
