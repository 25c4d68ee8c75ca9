"""What is done with a chunk of a plan: each run lives its past once and then continues it under every strategy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from ..calibration.checks import PUBLISHED
from ..sim import EVALUATION_MONTH, OUTCOMES, History, Luck, UserError, resume, simulate
from ..sim.ensemble import Chunk, Tables
from ..sim.groups import by_group
from ..sim.history import DEFINITIONS
from ..sim.kinds import Account, Funder
from .experiment import PAST, Inputs, Plan
from .provenance import model_hash

EVALUATION = "evaluation"
"""Column of the share that the evaluation of May 2017 finds active; NaN in a run that does not cover it."""
EVALUATED = {name: EVALUATION if name == "seen" else f"{EVALUATION}_{name}" for name in DEFINITIONS}
"""Columns of the share active in May 2017, by definition of success."""

KNOWN_MONTHS = 228
"""Months to the end of 2025: a past of this length can be laid beside everything that was published."""

ENDS, MONTHLY, GROUPS, SPELLS, FIGURES, MONEY = "ends", "monthly", "groups", "spells", "published", "money"
RUN = ["strategy", "draw", "replication"]
ACCOUNTS = tuple(account.name.lower() for account in Account)
"""Columns of the ledger, of which each month has a row for every funder."""


@dataclass(frozen=True)
class Lives:
    """Lives the runs of a plan, chunk by chunk.

    Attributes
    ----------
    inputs : Inputs
    start, months : int
        When the strategies part, and when the plan ends.
    seed : int
    columns : tuple of str
        Monthly outcomes that are kept of every run.
    ledger : bool
        Whether the ledger of every run is kept.
    """

    inputs: Inputs
    start: int
    months: int
    seed: int
    columns: tuple[str, ...]
    ledger: bool

    @classmethod
    def of(cls, plan: Plan, inputs: Inputs) -> Lives:
        """Return the work that a plan asks for."""
        return cls(inputs, plan.start, plan.months, plan.seed, plan.columns, plan.traces)

    def address(self, chunk: Chunk) -> str:
        """Return the sha256 of everything that the tables of a chunk follow from."""
        digest = hashlib.sha256(f"{self._shared} {chunk}".encode())
        digest.update(np.ascontiguousarray(self.inputs.params[chunk.draw]).tobytes())
        return digest.hexdigest()

    @cached_property
    def _shared(self) -> str:
        """sha256 of what the tables of all chunks follow from."""
        inputs = self.inputs
        kept = [self.columns, self.ledger, list(OUTCOMES)]
        about = [self.start, self.months, self.seed, *kept, inputs.model, inputs.country]
        digest = hashlib.sha256(json.dumps(about).encode())
        for name, table in (("past", inputs.past.settings), *self._tables()):
            digest.update(f"\n{name} {len(table)} {table.dtype.descr}\n".encode())
            digest.update(np.ascontiguousarray(table).tobytes())
        return digest.hexdigest()

    def _tables(self) -> list[tuple[str, np.ndarray]]:
        found = []
        for name, policy in self.inputs.policies.items():
            found.append((f"strategy {name}", policy.settings))
            if policy.baseline is not None:
                found.append((f"baseline of {name}", policy.baseline))
        return found

    def __call__(self, chunk: Chunk, stopped: Callable[[], bool]) -> Tables:
        """Return the tables of a chunk: outcomes, months, groups, how long projects lasted, ledger, published figures.

        Raises
        ------
        CancelledError
            When stopped.
        UserError
            Where the code is not that of who asked: on a worker elsewhere, however late it joined.
        """
        if self.inputs.model != model_hash():
            raise UserError("a worker has another version of the model than the machine that asked")
        tables = (ENDS, MONTHLY, GROUPS, SPELLS, FIGURES, *([MONEY] if self.ledger else []))
        kept: dict[str, list[pd.DataFrame]] = {table: [] for table in tables}
        for replication in chunk.replications:
            run = (chunk.draw, replication)
            told = past = self._past(*run)
            if past is not None:
                kept[MONTHLY].append(self._months(past, 0, PAST, *run))
            for name in self.inputs.policies:
                if stopped():
                    raise CancelledError
                history = self._future(past, name, *run)
                if past is None:  # the strategies part at once: what the last of them lived is compared
                    told = history
                kept[ENDS].append(self._ends(history, name, *run))
                kept[SPELLS].append(_labelled(spells_of(history, self.start), name, *run))
                kept[MONTHLY].append(self._months(history, self.start, name, *run))
                if self.ledger:
                    kept[MONEY].append(self._money(history, name, *run))
                groups = by_group(history, self.start)
                kept[GROUPS].append(_labelled(groups.assign(place=np.arange(len(groups), dtype=np.int32)), name, *run))
            kept[FIGURES].append(_figures(told, *run))
        return {table: pd.concat(parts, ignore_index=True) for table, parts in kept.items()}

    def culprits(self, chunk: Chunk) -> Sequence[tuple[str, Callable[[], object]]]:
        """Return each run of a chunk under each strategy alone."""
        return [
            (
                f"seed {self.seed}, draw {chunk.draw}, replication {replication}, strategy {name!r}",
                partial(replace(self, inputs=self.inputs.alone(name)), Chunk(chunk.draw, replication, 1), bool),
            )
            for replication in chunk.replications
            for name in self.inputs.policies
        ]

    def lived(self, draw: int, replication: int) -> dict[str, History]:
        """Return what one run lived under each strategy, by key: who looks at persons needs more than its tables."""
        past = self._past(draw, replication)
        return {name: self._future(past, name, draw, replication) for name in self.inputs.policies}

    def _past(self, draw: int, replication: int) -> History | None:
        """Live the months that all strategies share; None where they part at once."""
        luck = Luck(self.seed, replication, draw)
        return simulate(self.inputs.params[draw], self.inputs.past, luck, self.start) if self.start else None

    def _future(self, past: History | None, name: str, draw: int, replication: int) -> History:
        policy = self.inputs.policies[name]
        if past is not None:
            return resume(past, policy, self.months)
        return simulate(self.inputs.params[draw], policy, Luck(self.seed, replication, draw), self.months)

    def _months(self, history: History, first: int, name: str, draw: int, replication: int) -> pd.DataFrame:
        table = history.monthly[first:]
        months = np.arange(first, first + len(table), dtype=np.int32)
        kept = pd.DataFrame({"month": months, **{key: table[key] for key in self.columns}})
        return _labelled(kept, name, draw, replication)

    def _money(self, history: History, name: str, draw: int, replication: int) -> pd.DataFrame:
        """Return the ledger of the plan: a row a month and funder, a column an account."""
        money = history.money[self.start :]  # (months, accounts, funders)
        months = np.repeat(np.arange(self.start, self.start + len(money), dtype=np.int32), len(Funder))
        funders = np.tile([funder.name.lower() for funder in Funder], len(money))
        by_row = money.transpose(0, 2, 1).reshape(-1, len(Account))
        kept = pd.DataFrame({"month": months, "funder": funders, **dict(zip(ACCOUNTS, by_row.T, strict=True))})
        return _labelled(kept, name, draw, replication)

    def _ends(self, history: History, name: str, draw: int, replication: int) -> pd.DataFrame:
        covered = history.months > EVALUATION_MONTH
        shares = history.active_shares(EVALUATION_MONTH) if covered else dict.fromkeys(DEFINITIONS, np.nan)
        row = history.ends(self.start, self.months) | {EVALUATED[name]: share for name, share in shares.items()}
        return _labelled(pd.DataFrame([row]), name, draw, replication)


def spells_of(history: History, start: int) -> pd.DataFrame:
    """Return how long the projects begun from a month on traded, in months, and how they ended, with how many did so.

    ``months, ending, projects``: `ending` is an `Ending`, open where the project still traded at the end of the run.
    """
    table = history.businesses
    mine = table[(table.assisted == 1) & (table.opened >= start)]
    lived = np.stack([mine.age, mine.ending], axis=1)
    kinds, projects = np.unique(lived.reshape(-1, 2), axis=0, return_counts=True)
    columns = {"months": kinds[:, 0], "ending": kinds[:, 1], "projects": projects}
    return pd.DataFrame({name: column.astype(np.int32) for name, column in columns.items()})


def _labelled(table: pd.DataFrame, name: str, draw: int, replication: int) -> pd.DataFrame:
    """Return a table whose first columns say which run it is of."""
    for place, (column, value) in enumerate(zip(RUN, (name, np.int32(draw), np.int32(replication)), strict=True)):
        table.insert(place, column, value)
    return table


def _figures(lived: History | None, draw: int, replication: int) -> pd.DataFrame:
    """Return what the run says in place of published figures; nothing where it is too short."""
    rows = []
    if lived is not None and lived.months >= KNOWN_MONTHS:
        rows = [(item.figure, float(item.value(lived))) for item in PUBLISHED]
    table = pd.DataFrame(rows, columns=["figure", "value"]).astype({"figure": str, "value": np.float64})
    return _labelled(table, PAST, draw, replication)
