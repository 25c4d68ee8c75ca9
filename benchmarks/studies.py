"""What running many runs costs, as ratios taken side by side in one run: `python benchmarks/studies.py [--quick]`."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speed import HERE, crowded, in_process, peak_mib

if TYPE_CHECKING:
    from idmaj.scenarios.experiment import Plan
    from idmaj.scenarios.runs import Lives
    from idmaj.sim.ensemble import Chunk, Tables

STRATEGIES = (
    ("continued", "neediest_first", "case_by_case", "trade_training")
    + ("branches_follow_flows", "wage_jobs", "cooperatives", "incubators")
)  # fmt: skip
REPLICATIONS = 10_000
LIVED = 64
"""Replications that are really lived for the benchmark of memory; the others are copies of them."""
ORACLE_ADULTS, ORACLE_MONTHS = 2_000, 120


@dataclass
class Spent:
    """Seconds by the clock and of the processor, of this process and its ended children."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def spent() -> Iterator[Spent]:
    """Time what is done within."""
    found, wall, cpu = Spent(), time.perf_counter(), cpu_seconds()
    yield found
    found.wall, found.cpu = time.perf_counter() - wall, cpu_seconds() - cpu


def cpu_seconds() -> float:
    """Return the processor's seconds that this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def plan(strategies: int, replications: int) -> Plan:
    """Return a plan of ten years from January 2026 with one draw."""
    from idmaj.scenarios.experiment import Plan
    from idmaj.scenarios.strategies import load

    chosen = tuple(load(name) for name in STRATEGIES[:strategies])
    return Plan(chosen, load("historical"), draws=1, replications=replications)


def lives(of: Plan) -> Lives:
    """Return the work of a plan, its code compiled."""
    from idmaj.scenarios.experiment import prepare
    from idmaj.scenarios.runs import Lives
    from idmaj.sim.ensemble import Chunk

    work = Lives.of(of, prepare(of))
    work(Chunk(0, 0, 1), bool)
    return work


def report_forking(strategies: int, replications: int) -> None:
    """Print what it saves to live the past once for all strategies."""
    from idmaj.sim import Luck, resume, simulate

    work = lives(plan(strategies, replications))
    inputs = work.inputs
    with spent() as forked:
        for replication in range(replications):
            past = simulate(inputs.params[0], inputs.past, Luck(1, replication, 0), work.start)
            for policy in inputs.policies.values():
                resume(past, policy, work.months)
    with spent() as again:
        for replication in range(replications):
            for policy in inputs.policies.values():
                past = simulate(inputs.params[0], inputs.past, Luck(1, replication, 0), work.start)
                resume(past, policy, work.months)
    print(f"\n## One past, many futures: {strategies} strategies, {work.start} months of past, ten years ahead\n")
    print("| past lived | CPU s a replication | ratio |\n| --- | ---: | ---: |")
    print(f"| once, and forked | {forked.cpu / replications:.2f} | 1.00 |")
    print(f"| for every strategy | {again.cpu / replications:.2f} | **{again.cpu / forked.cpu:.2f}** |")


def churn(rounds: int) -> int:
    """Keep a processor busy with plain Python: the control that shows what this machine's cores are worth."""
    number = 1
    for _ in range(rounds):
        number = (number * 1103515245 + 12345) % 2147483648
    return number


def report_threads(replications: int) -> None:
    """Print the speed-up of a second thread beside that of a second process that does something plain."""
    from idmaj.sim.ensemble import chunks_of, run_chunks, threads

    of = plan(3, replications)
    work, chunks = lives(of), chunks_of(1, replications)
    rows = []
    for round_ in range(3):  # alternating, so that a disturbance from outside meets all alike
        for workers in (1, 2):
            with spent() as study:
                run_chunks(work, chunks, threads(workers), lambda chunk, tables: None)
            rounds = 5_000_000
            with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
                list(pool.map(churn, [1] * workers))
                with spent() as control:
                    list(pool.map(churn, [rounds] * 4))
            rows.append((round_, workers, study, control))
    print(f"\n## A second thread: {replications} replications x 3 strategies, nothing kept\n")
    print("| | one, s | two, s | efficiency | CPU s, one | CPU s, two |\n| --- |" + " ---: |" * 5)
    best = {
        (name, workers): min((row[place] for row in rows if row[1] == workers), key=lambda each: each.wall)
        for place, name in ((2, "the study, in threads"), (3, "control, in processes"))
        for workers in (1, 2)
    }
    for name in ("the study, in threads", "control, in processes"):
        one, two = best[name, 1], best[name, 2]
        cpu = f"{one.cpu:.1f} | {two.cpu:.1f}" if name.startswith("the study") else "|"
        print(f"| {name} | {one.wall:.1f} | {two.wall:.1f} | **{one.wall / two.wall / 2:.2f}** | {cpu} |")


def report_store(chunks: int, replications: int) -> None:
    """Print what keeping the results costs, for chunks of a second."""
    from idmaj.sim.ensemble import Chunk
    from idmaj.sim.store import Store

    work = lives(plan(3, chunks * replications))
    running, keeping = [], []
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        store = Store(Path(folder) / "study")
        for number in range(chunks):
            chunk = Chunk(0, number * replications, replications)
            with spent() as run:
                tables = work(chunk, bool)
            with spent() as kept:
                store.keep(work.address(chunk), chunk, tables)
            running.append(run)
            keeping.append(kept)
        size = store.size() / chunks / 1e3
    print(f"\n## The store: {chunks} chunks of {replications} replications x 3 strategies, {size:.0f} kB each\n")
    print("| | s a chunk | CPU s a chunk |\n| --- | ---: | ---: |")
    for name, parts in (("living", running), ("keeping: written, flushed, hashed, listed", keeping)):
        wall, cpu = sum(part.wall for part in parts) / chunks, sum(part.cpu for part in parts) / chunks
        print(f"| {name} | {wall:.3f} | {cpu:.3f} |")
    share = sum(part.wall for part in keeping) / sum(part.wall for part in running)
    print(f"| **overhead** | **{100 * share:.1f} %** | |")


def batched(replications: int, workers: int) -> float:
    """Return the seconds a replication that Mesa's `batch_run` takes on the oracle."""
    import mesa
    from plain_mesa import PlainWorld

    from idmaj.sim import Luck, default_params

    policy = crowded(ORACLE_ADULTS, ORACLE_MONTHS)
    params = default_params()[0]

    class Batched(PlainWorld):
        """The oracle as `batch_run` wants it."""

        def __init__(self, replication: int, rng: int | None = None) -> None:
            super().__init__(params, policy, Luck(1, replication), ORACLE_MONTHS)
            self.datacollector = mesa.DataCollector({"live": lambda model: model.outcomes[-1].live_businesses})

        def step(self) -> None:
            self.live_month()
            self.datacollector.collect(self)
            self.running = self.month < ORACLE_MONTHS

    globals()["Batched"] = Batched  # for pickle, which finds classes by name
    Batched.__qualname__ = "Batched"
    PlainWorld(params, crowded(20, 2), Luck(), 1).live_month()
    multiprocessing.set_start_method("fork", force=True)
    wanted = {"replication": list(range(replications))}
    began = time.perf_counter()
    rows = mesa.batch_run(Batched, wanted, number_processes=workers, display_progress=False)
    seconds = time.perf_counter() - began
    if len(rows) != replications:
        raise RuntimeError(f"batch_run: {len(rows)} rows for {replications} replications")
    return seconds / replications


@dataclass(frozen=True)
class Small:
    """The same work for `run_chunks`."""

    policy: Any

    def __call__(self, chunk: Chunk, stopped: Callable[[], bool]) -> Tables:
        """Return the live businesses of each replication at its end."""
        import pandas as pd

        from idmaj.sim import Luck, default_params, simulate

        params = default_params()[0]
        ends = [
            simulate(params, self.policy, Luck(1, replication), ORACLE_MONTHS).monthly.live_businesses[-1]
            for replication in chunk.replications
        ]
        return {"ends": pd.DataFrame({"live": ends})}

    def culprits(self, chunk: Chunk) -> list[tuple[str, Callable[[], object]]]:
        """Return nothing: no worker dies here."""
        return []


def report_batch_run(replications: int) -> None:
    """Print Mesa's own way to run a batch beside ours, the same model in both."""
    from idmaj.sim.ensemble import chunks_of, run_chunks, threads

    work, many = Small(crowded(ORACLE_ADULTS, ORACLE_MONTHS)), 16 * replications
    run_chunks(work, chunks_of(1, 4), threads(2), lambda chunk, tables: None)
    began = time.perf_counter()
    run_chunks(work, chunks_of(1, many), threads(2), lambda chunk, tables: None)
    ours = (time.perf_counter() - began) / many
    code = f"import sys; sys.path.insert(0, {str(HERE)!r}); import studies; print(studies.batched({replications}, 2))"
    mesas = float(in_process(code))
    print(f"\n## Beside Mesa's batch_run: {ORACLE_ADULTS:,} adults, {ORACLE_MONTHS} months, two workers in both\n")
    print("| | s a replication | ratio |\n| --- | ---: | ---: |")
    print(f"| idmaj, threads | {ours:.4f} | 1 |\n| batch_run on plain Mesa agents, processes | {mesas:.2f} ", end="")
    print(f"| **{mesas / ours:.0f}** |")


def renumbered(tables: Mapping[str, Any], chunk: Chunk) -> Tables:
    """Return the tables of a chunk under the replications of another."""
    return {
        name: table.assign(replication=table["replication"] - (table["replication"].min() - chunk.first))
        for name, table in tables.items()
    }


def summarise(folder: str, replications: int) -> dict[str, float]:
    """Make every table of a study's results; return the seconds and the peak of memory. In a process of its own."""
    from idmaj.scenarios.results import Experiment
    from idmaj.sim.store import Store

    of = plan(len(STRATEGIES), replications)
    began = time.perf_counter()
    found = Experiment(of, Store(Path(folder)), "", {})
    if len(found.runs) != replications or not found.results_sha256:
        raise RuntimeError(f"{folder}: {len(found.runs)} runs")
    return {"seconds": time.perf_counter() - began, "peak": peak_mib(), "size": Store(Path(folder)).size() / 1e6}


def report_memory(sizes: tuple[int, ...]) -> None:
    """Print the memory that the results of a study take, by replications."""
    from idmaj.sim.ensemble import chunks_of
    from idmaj.sim.store import Store

    work = lives(plan(len(STRATEGIES), LIVED))
    lived = {chunk.first: work(chunk, bool) for chunk in chunks_of(1, LIVED)}
    print(f"\n## Memory of results: {len(STRATEGIES)} strategies, 120 months, every table and the hash of all\n")
    print(f"{LIVED} replications are lived, the others are copies of them under other numbers.\n")
    print("| replications | on disk, MB | s | peak memory, MiB |\n|" + " ---: |" * 4)
    for replications in sizes:
        with tempfile.TemporaryDirectory(dir=HERE) as folder:
            store = Store(Path(folder))
            for chunk in chunks_of(1, replications):
                source = lived[chunk.first % LIVED]
                store.keep(replace(work, seed=2).address(chunk), chunk, renumbered(source, chunk))
            code = f"import sys; sys.path.insert(0, {str(HERE)!r}); import json, studies; "
            row = json.loads(in_process(code + f"print(json.dumps(studies.summarise({folder!r}, {replications})))"))
        print(f"| {replications:,} | {row['size']:,.0f} | {row['seconds']:.0f} | **{row['peak']:,.0f}** |", flush=True)


def main() -> None:
    """Run the benchmarks and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    quick = parser.parse_args().quick
    print(f"# Studies ({os.cpu_count()} cores)")
    report_forking(2 if quick else 5, 2 if quick else 10)
    report_threads(8 if quick else 64)
    report_store(2 if quick else 20, 2)
    report_batch_run(2 if quick else 6)
    report_memory((100,) if quick else (1_000, REPLICATIONS))


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main()
