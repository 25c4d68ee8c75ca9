"""Whole runs as work: history lived under prior draws, in blocks that any crew may do, and what each run shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from ..sim import Luck, Policy, simulate
from ..sim.ensemble import Chunk, Tables
from ..sim.params import Number
from .likelihood import Structure
from .observables import MONTHS, observe
from .replays import history_policy
from .reweight import prior_of
from .stamp import code_stamp

BLOCK = 50
"""Runs of a block, all of one structure: what a kill may cost, some two seconds of a core."""
SEEN = "seen"
MADE_BY = ("observables", "whole_runs")
"""Modules of `calibration` that runs follow from besides the model; priors count by the draws that they give."""


@dataclass(frozen=True)
class WholeRuns:
    """Work for `run_chunks`: a chunk's draw is a block of runs, its replications are the rows of the block.

    Attributes
    ----------
    structures : tuple of Structure
        Blocks take them in turn.
    numbers : mapping of Number
        The model's numbers with their priors.
    seed : int
        Of prior draws and luck.
    block : int
        Runs of a block.
    policy : Policy
        What was done.
    see : callable
        What is kept of a run.
    """

    structures: tuple[Structure, ...]
    numbers: Mapping[str, Number]
    seed: int
    block: int = BLOCK
    policy: Policy = field(default_factory=lambda: history_policy(MONTHS))
    see: Callable[[Any], dict[str, float]] = observe

    def structure_of(self, block: int) -> int:
        """Return which structure a block is of."""
        return block % len(self.structures)

    def params(self, block: int) -> np.recarray[Any, Any]:
        """Return the prior draws of a block."""
        structure = self.structures[self.structure_of(block)]
        return prior_of(structure, self.block, self.seed + ((block + 1) << 40), dict(self.numbers))

    def __call__(self, chunk: Chunk, stopped: Callable[[], bool]) -> Tables:
        """Return a row for each run of a block."""
        params, rows = self.params(chunk.draw), []
        for row in chunk.replications:
            if stopped():
                raise CancelledError
            luck = Luck(self.seed, row, chunk.draw)
            rows.append(self.see(simulate(params[row], self.policy, luck, MONTHS)))
        return {SEEN: pd.DataFrame(rows)}

    def culprits(self, chunk: Chunk) -> Sequence[tuple[str, Callable[[], object]]]:
        """Return each run of a block alone."""
        return [
            (f"block {chunk.draw}, run {row}", partial(self, Chunk(chunk.draw, row, 1), bool))
            for row in chunk.replications
        ]

    @cached_property
    def key(self) -> str:
        """Sha256 of all that the runs follow from."""
        priors = {name: (each.shape, each.low, each.median, each.high) for name, each in self.numbers.items()}
        about = {"priors": priors, "structures": [each.name for each in self.structures], "block": self.block}
        return hashlib.sha256(json.dumps(self._common | about, sort_keys=True).encode()).hexdigest()

    @cached_property
    def _common(self) -> dict[str, Any]:
        settings = hashlib.sha256(self.policy.settings[:MONTHS].tobytes()).hexdigest()
        history = [settings, self.policy.country.fingerprint()]
        return {"code": code_stamp(MADE_BY), "history": history, "seed": self.seed}

    def address(self, block: int, params: np.recarray[Any, Any]) -> str:
        """Return the sha256 of all that a block with these prior draws follows from."""
        draws = hashlib.sha256(params.tobytes()).hexdigest()
        about = self._common | {"block": block, "draws": draws}
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
