"""The reference table: history lived many times under prior draws, and what could be seen of each run.

One table serves every set of figures (it is amortised), so it is kept where all calibrations find it, under the hash of
all that it follows from: the model, the history that is replayed, the priors, the structures and the seed. A block of
runs is a pure function of its number: any crew may do it, in any order, and a table that was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.ensemble import Chunk, Crew, Tables, run_chunks
from ..sim.errors import later, worded
from ..sim.rule import cache_root
from ..sim.store import Store, reading
from .likelihood import Structure
from .whole_runs import SEEN, WholeRuns

RUNS = 50_000
FEWEST_RUNS = 5_000
RUNS_A_SECOND = 20.0
"""Whole runs that a second of one core gives, roughly: benchmarks/throughput.py."""
PREFIX = "table-"
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class RunTable:
    """Whole runs under prior draws.

    Attributes
    ----------
    structures : tuple of Structure
    structure : array (runs,)
        Which structure each run is of.
    params : recarray of Params (runs,)
    seen : DataFrame (runs, observables)
    """

    structures: tuple[Structure, ...]
    structure: Ints
    params: np.recarray[Any, Any]
    seen: pd.DataFrame

    def rows(self, chosen: Any) -> RunTable:
        """Return some of the runs."""
        seen = self.seen.iloc[np.arange(len(self.seen))[chosen]].reset_index(drop=True)
        return RunTable(self.structures, self.structure[chosen], self.params[chosen], seen)


def home_of(work: WholeRuns) -> Path:
    """Return where a table is kept by default, whoever asks for it: in the cache, under its key."""
    return cache_root() / f"{PREFIX}{work.key[:16]}"


def make_table(
    runs: int,
    work: WholeRuns,
    crew: Crew,
    folder: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> RunTable:
    """Live history under prior draws, or read what was lived before.

    Parameters
    ----------
    runs : int
        How many; whole blocks of every structure are done. Run k is the same however many there are.
    work : WholeRuns
    crew : Crew
        Changes nothing of the table.
    folder : Path, optional
        Where blocks are kept as they are done; by default `home_of`. Those of the same key are not done again.
    on_progress : callable, optional
        Told how many runs are there, of how many.

    Raises
    ------
    UserError
        If the folder cannot be written, or another process is making the table.
    RuntimeError
        If a run fails: a table without the hard cases would be another prior.
    """
    turns = -(-runs // (work.block * len(work.structures)))
    blocks = range(turns * len(work.structures))
    store = Store(folder or home_of(work))
    parts = [work.params(block) for block in blocks]
    address = [work.address(block, part) for block, part in zip(blocks, parts, strict=True)]
    with store.locked():
        there = {each for each, entry in store.entries.items() if not store.problems(entry)}
        missing = [Chunk(block, 0, work.block) for block in blocks if address[block] not in there]
        done = len(blocks) - len(missing)

        def keep(chunk: Chunk, tables: Tables) -> None:
            nonlocal done
            store.keep(address[chunk.draw], chunk, tables)
            done += 1
            if on_progress is not None:
                on_progress(done * work.block, len(blocks) * work.block)

        for failure in run_chunks(work, missing, crew, keep):
            raise RuntimeError(f"block {failure.chunk.draw} of seed {work.seed}: {failure.error}")
        # Blocks of a larger table of the same key stay; what is damaged does not.
        beyond = [store.entries[each] for each in there if store.entries[each].chunk.draw >= len(blocks)]
        store.settle([*(store.entries[each] for each in address), *beyond])
        seen = _read(store, len(blocks))
    params = np.concatenate(parts).view(np.recarray)
    structure = np.repeat([work.structure_of(block) for block in blocks], work.block)
    return RunTable(work.structures, structure, params, seen)


def _read(store: Store, blocks: int) -> pd.DataFrame:
    """Return the rows of the first blocks, in order."""
    files = [store.path(each.address, SEEN) for each in store.in_order() if each.chunk.draw < blocks]
    found: pd.DataFrame = store.query(f"SELECT * FROM {reading(files)}").df()
    return found


def minutes_of(runs: int, workers: int = 1, say: Callable[..., str] = worded) -> str:
    """Say how long so many runs take, in words: those of the language spoken, with `str.format` English."""
    about = {"runs": runs, "minutes": max(1, round(runs / RUNS_A_SECOND / 60.0 / workers))}
    if workers == 1:
        return say(later("{runs:,} whole runs take some {minutes} minutes of one core"), **about)
    return say(later("{runs:,} whole runs take some {minutes} minutes of {workers} cores"), workers=workers, **about)
