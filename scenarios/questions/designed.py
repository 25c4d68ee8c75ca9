"""Runs whose numbers and luck a design gives: one table of parameters, each row with the luck that it is to meet."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...sim import Luck, UserError, default_params, resume, simulate
from ...sim.ensemble import threads
from ...sim.store import whole_file
from ..decisions.sensitivity import LUCK, Design
from ..experiment import Inputs, Plan, prepare
from ..language import _
from ..provenance import fingerprint, provenance_of
from ..shelf import home

Floats = NDArray[np.float64]
OnProgress = Callable[[int, int], None]

EVERY = 100
"""Rows after which what is done is kept."""


@dataclass(frozen=True)
class Designed:
    """The runs of a design under a plan's strategies.

    Attributes
    ----------
    plan : Plan
        Of one strategy, whose outcome is looked at, or of two: then the first less the second. Its replications are
        how many courses of luck a row's answer is the mean of.
    inputs : Inputs
        With a row of parameters for each run of the design.
    luck : array of int (runs,)
        Which luck each meets. The draw's number is the same for all, so that luck is common.
    outcome : str
    """

    plan: Plan
    inputs: Inputs
    luck: NDArray[np.int64]
    outcome: str

    @classmethod
    def of(cls, plan: Plan, design: Design, outcome: str) -> Designed:
        """Return the runs that a design asks for; numbers that are not in it are at their medians."""
        params = default_params(len(design.runs))
        for name in design.names[:-1]:
            params[name] = design.runs[name].to_numpy()
        inputs = replace(prepare(replace(plan, draws=1)), params=params, posterior="design")
        return cls(plan, inputs, design.runs[LUCK].to_numpy(), outcome)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of everything the answers follow from."""
        whole = fingerprint(self.plan, self.inputs, provenance_of(self.inputs))
        return hashlib.sha256(f"{whole} {self.outcome} ".encode() + self.luck.tobytes()).hexdigest()

    def value(self, row: int) -> float:
        """Return the answer of one row: the mean over its courses of luck."""
        every = self.plan.replications
        return float(np.mean([self._lived(row, int(self.luck[row]) * every + k) for k in range(every)]))

    def _lived(self, row: int, replication: int) -> float:
        plan, inputs = self.plan, self.inputs
        params, luck = inputs.params[row], Luck(plan.seed, replication, 0)
        past = simulate(params, inputs.past, luck, plan.start) if plan.start else None
        found = []
        for policy in inputs.policies.values():
            lived = simulate(params, policy, luck, plan.months) if past is None else resume(past, policy, plan.months)
            found.append(lived.ends(plan.start, plan.months)[self.outcome])
        return found[0] - found[1] if len(found) > 1 else found[0]

    def seconds(self) -> float:
        """Return how long a row takes here, from one that is lived and forgotten."""
        self.value(0)  # compiled, untimed
        began = time.perf_counter()
        self.value(0)
        return time.perf_counter() - began

    def answers(self, workers: int | None = None, on_progress: OnProgress | None = None) -> Floats:
        """Return the answer of every row, in order; what is done is kept at home and not done again.

        Raises
        ------
        UserError
            If some row has no such outcome.
        """
        place = home() / f"sensitivity-{self.fingerprint[:16]}.json"
        done, rows = _kept(place), len(self.luck)
        tell = on_progress or (lambda done, total: None)
        todo = [row for row in range(rows) if row not in done]
        if todo:
            done[todo[0]] = self.value(todo[0])  # compiled by one thread
        crew = threads(workers)
        executor = crew.hire(None)
        try:
            for future in as_completed([executor.submit(self._row, row) for row in todo[1:]]):
                row, value = future.result()
                done[row] = value
                tell(len(done), rows)
                if len(done) % EVERY == 0:
                    _keep(place, done)
        finally:
            crew.dismiss(executor)
            _keep(place, done)
        values = np.array([done[row] for row in range(rows)])
        if np.isnan(values).any():
            missing = int(np.isnan(values).sum())
            found = _("no {outcome} in {missing} of {rows} runs", outcome=self.outcome, missing=missing, rows=rows)
            raise UserError("--outcome: found {found}; accepted one that every run has", found=found)
        return values

    def _row(self, row: int) -> tuple[int, float]:
        return row, self.value(row)


def _kept(place: Path) -> dict[int, float]:
    """Return the answers that are kept, by row; none where the file cannot be read."""
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {int(row): math.nan if value is None else float(value) for row, value in found.items()}


def _keep(place: Path, done: dict[int, float]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    said = {str(row): None if math.isnan(value) else value for row, value in sorted(done.items())}
    whole_file(place, json.dumps(said).encode())
