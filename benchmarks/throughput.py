"""Whole runs, tables and likelihoods a CPU second, beside the same history on plain Mesa agents.

`python benchmarks/throughput.py [--quick]`. CPU seconds of one core, the best of a few rounds. Of pyABC no overhead is
published in seconds: see docs/CALIBRATION.md, Speed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from likelihood import per_second
from speed import HERE

from idmaj.calibration.by_table import infer, shown
from idmaj.calibration.likelihood import Likelihood, Structure, coordinates, with_fixed
from idmaj.calibration.observables import MONTHS, observe
from idmaj.calibration.observed import bundled_figures, heads_at_work, published
from idmaj.calibration.priors import draw_priors
from idmaj.calibration.reference_table import RunTable
from idmaj.calibration.replays import history_policy
from idmaj.calibration.reweight import structures_of
from idmaj.calibration.rows import lives_of_spells, rows_of
from idmaj.calibration.synthetic import ALL_DEFECTS, Truth, synthetic_spells
from idmaj.calibration.whole_runs import SEEN, WholeRuns
from idmaj.sim import NUMBERS, Luck, default_params, simulate
from idmaj.sim.ensemble import Chunk
from idmaj.sim.kinds import HazardFamily
from idmaj.sim.store import Store

sys.path.insert(0, str(HERE.parent / "tests"))


def on_plain_mesa(months: int) -> float:
    """Return the CPU seconds of the same history on plain Mesa agents, which take their luck from the engine."""
    from plain_mesa import PlainWorld

    policy, params = history_policy(MONTHS), default_params()[0]
    PlainWorld(params, policy, Luck(), 1).live_month()
    began = time.process_time()
    world = PlainWorld(params, policy, Luck(), months)
    for _ in range(months):
        world.live_month()
    return time.process_time() - began


def likelihoods() -> float:
    """Return how many likelihoods of 3,000 faulty spells a CPU second gives."""
    rows = rows_of(lives_of_spells(synthetic_spells(Truth(), ALL_DEFECTS, 3300, 1).head(3000)))
    structure = Structure(HazardFamily.WEIBULL, crowding=False)
    given = Likelihood(rows, structure, with_fixed(coordinates(rows, structure), {}))
    x = given.start()
    return per_second(lambda: given.log_posterior(x), 20)


def posteriors(runs: int) -> float:
    """Return how many posteriors a CPU second a table gives, its summaries made up."""
    structures = structures_of(False)
    params, luck = draw_priors(runs, 1), np.random.Generator(np.random.Philox(key=1))
    observed = (*bundled_figures().observed, heads_at_work())
    columns = {way.column for each in observed for way in each.ways}
    seen = pd.DataFrame({name: 0.3 + 0.4 * luck.random(runs) for name in sorted(columns)})
    table = RunTable(structures, np.arange(runs) % len(structures), params, seen)
    given, at = shown(table, observed, dict(NUMBERS), 1), published(observed)
    return per_second(lambda: infer(given, at), 1)


def in_a_table(work: WholeRuns) -> tuple[float, float]:
    """Return CPU seconds a run of a block, and of keeping it."""
    chunk = Chunk(0, 0, work.block)
    work(chunk, bool)
    began = time.process_time()
    tables = work(chunk, bool)
    lived = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.keep("0" * 64, chunk, {SEEN: tables[SEEN]})
        began = time.process_time()
        store.keep("1" * 64, chunk, {SEEN: tables[SEEN]})
        kept = time.process_time() - began
    return lived / work.block, kept / work.block


def seconds_of(do: Callable[[], object], times: int) -> float:
    """Return the CPU seconds that something takes."""
    return 1.0 / per_second(do, times)


def main() -> None:
    """Print a table."""
    quick = "--quick" in sys.argv
    policy, params = history_policy(MONTHS), default_params()[0]
    run = seconds_of(lambda: simulate(params, policy, Luck(), MONTHS), 1 if quick else 5)
    history = simulate(params, policy, Luck(), MONTHS)
    seeing = seconds_of(lambda: observe(history), 1 if quick else 20)
    months = 24 if quick else MONTHS
    mesa = on_plain_mesa(months)
    print("| what | a CPU second | against a run on plain Mesa |\n| --- | ---: | ---: |")
    if quick:
        print(f"plain Mesa lived {months} months only: ratios are of those", file=sys.stderr)
    lived, kept = in_a_table(WholeRuns(structures_of(False), dict(NUMBERS), 1))
    for words, rate in (
        (f"history, {MONTHS} months, on plain Mesa agents", 1.0 / mesa),
        ("whole run of history", 1.0 / run),
        ("whole run in the reference table, seen and kept", 1.0 / (lived + kept)),
        ("likelihood, 3,000 spells, frailty over 15 points", likelihoods()),
        ("posterior from a table of 50,000 runs", posteriors(5_000 if quick else 50_000)),
    ):
        print(f"| {words} | {rate:,.3g} | {rate * mesa:,.0f} |")
    print(f"\nBeside the model a run of the table takes {seeing / run:.0%} to be seen, {kept / run:.0%} to be kept.")


if __name__ == "__main__":
    main()
