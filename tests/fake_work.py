"""Work for an ensemble that takes no time: a few numbers of each run, and parts that fail or kill on demand."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from idmaj.sim.ensemble import Chunk


@dataclass(frozen=True)
class FakeWork:
    """Two arms; `fails` and `kills` name runs (draw, replication, arm) that raise or kill their worker.

    With `once`, a file, they do so only the first time. `seconds` is how long a chunk takes.
    """

    fails: tuple[tuple[int, int, str], ...] = ()
    kills: tuple[tuple[int, int, str], ...] = ()
    once: Path | None = None
    seconds: float = 0.0
    arms: tuple[str, ...] = ("a", "b")

    def __call__(self, chunk: Chunk, stopped: Callable[[], bool]) -> dict[str, pd.DataFrame]:
        time.sleep(self.seconds)
        rows = []
        for replication in chunk.replications:
            for arm in self.arms:
                self._misbehave((chunk.draw, replication, arm))
                rows.append((arm, chunk.draw, replication, 1000.0 * chunk.draw + replication + len(arm)))
        table = pd.DataFrame(rows, columns=["strategy", "draw", "replication", "value"])
        return {"ends": table, "odds": table[table["replication"] % 2 == 1]}

    def _misbehave(self, run: tuple[int, int, str]) -> None:
        if run not in self.fails + self.kills:
            return
        if self.once is not None:
            if self.once.exists():
                return
            self.once.write_text("done", encoding="utf-8")
        if run in self.kills:
            os.kill(os.getpid(), signal.SIGKILL)
        raise RuntimeError(f"no luck with {run}")

    def culprits(self, chunk: Chunk):
        return [
            (f"replication {number}, {arm}", partial(_alone, self, Chunk(chunk.draw, number, 1), arm))
            for number in chunk.replications
            for arm in self.arms
        ]


def _alone(work: FakeWork, chunk: Chunk, arm: str) -> None:
    FakeWork(work.fails, work.kills, work.once, 0.0, (arm,))(chunk, bool)
