"""Begin a study again and again in processes that are killed, until it is finished: `killing_ground.py FOLDER SEED`.

Each life is a fork of this process, in which the model is compiled already. It is killed from outside after a time
drawn by chance, or kills itself at one of the moments that matter: a file written and not yet renamed, renamed and
not yet listed, half a line in the manifest. Prints one line with how the lives ended.
"""

from __future__ import annotations

import collections
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from idmaj.scenarios import experiment, studies
from idmaj.scenarios.runs import Lives
from idmaj.scenarios.strategies import load
from idmaj.sim import default_params, store
from idmaj.sim.ensemble import Chunk, threads

MOMENTS = ("outside", "before a rename", "between rename and manifest", "half a line")
CHUNKS = 50


def plan() -> experiment.Plan:
    """Return a plan of many small chunks."""
    return experiment.Plan((load("continued"), load("neediest_first")), load("historical"), 12, 1, CHUNKS, 1, 3)


def live(folder: Path, moment: str, countdown: int) -> None:
    """Go on with the study, and die at a moment."""
    left = countdown

    def die_at(name: str) -> None:
        nonlocal left
        if moment == name:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    real_replace, real_list, real_settle = os.replace, store.Store.list_as_done, store.Store.settle

    def replace(source, target):
        die_at("before a rename")
        real_replace(source, target)

    def list_as_done(self, entry):
        die_at("between rename and manifest")
        if moment == "half a line" and left <= 0:
            with self.manifest.open("ab") as file:
                file.write(entry.line().encode()[:40])
                file.flush()
        die_at("half a line")
        real_list(self, entry)

    def settle(self, wanted):
        die_at("while settling")
        real_settle(self, wanted)

    os.replace, store.Store.list_as_done, store.Store.settle = replace, list_as_done, settle
    study = studies.create(folder, plan(), "again")
    study.run(threads(2))
    study.finish({"report.html": "the report"})


def listed(folder: Path) -> int:
    """Return how many lines the manifest has."""
    path = folder / store.MANIFEST
    return len(path.read_bytes().splitlines()) if path.exists() else 0


def main(folder: Path, seed: int) -> None:
    """Live until the study is finished."""
    experiment.load_draws = lambda number, folder=None: default_params(number)
    # Compiled here; no database and no thread is begun before the forks.
    Lives.of(plan(), experiment.prepare(plan()))(Chunk(0, 0, 1), bool)
    chance, ends = random.Random(seed), collections.Counter()
    for life in range(200):
        done = listed(folder)
        moment = MOMENTS[life % len(MOMENTS)]
        if done >= CHUNKS and ends["while settling"] < 2:
            moment = "while settling"
        child = os.fork()
        if child == 0:
            live(folder, moment, 0 if moment == "while settling" else chance.choice((0, 1, 1, 2, 5)))
            os._exit(0)
        if moment == "outside":
            while listed(folder) == done and os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
                time.sleep(0.005)
            time.sleep(chance.uniform(0.0, 0.1))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        ends[moment if os.WIFSIGNALED(status) else f"exit {os.WEXITSTATUS(status)}"] += 1
        if status == 0:
            break
    print(json.dumps(ends))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
