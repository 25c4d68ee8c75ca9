"""How fast the model is, as ratios taken side by side in one run: `python benchmarks/speed.py [--quick]`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

SIZES = (600, 10_000, 100_000, 1_000_000)
QUICK_SIZES = (600, 10_000)
LIVED = 60
ORACLE_ADULTS, ORACLE_MONTHS = 2_000, 120


def crowded(adults: int, months: int) -> Any:
    """Return a policy in a Morocco whose stocks stay at about that many adults, with intake in proportion."""
    import numpy as np

    from idmaj.calibration.replays import history_policy

    policy = history_policy(228)
    country = policy.country
    last = country.stocks[-1]
    factor = adults / 16_841  # adults of 2025, unhcr_morocco_demographics.csv
    stocks = np.repeat((last * factor)[None], len(country.stocks), axis=0)
    yearly = {
        name: np.repeat(getattr(country, name)[-1:], len(getattr(country, name)), axis=0)
        for name in ("arrival_share", "permit_share", "women_share", "non_adult_ratio")
    }
    settings = policy.settings[-months:].copy()
    settings["intake_projects_per_year"] *= factor
    settings["advisers_number"] *= factor
    return replace(policy, settings=settings, country=replace(country, stocks=stocks, **yearly))


def best(call: Callable[[], Any], times: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the shortest of several times, in seconds of this process."""
    spans = []
    for _ in range(times):
        start = clock()
        call()
        spans.append(clock() - start)
    return min(spans)


def peak_mib() -> float:
    """Return the most memory this process has held, in MiB. Linux hands the peak of a parent on to `ru_maxrss`."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def growth(adults: int) -> dict[str, float]:
    """Time one size: dealing, and person-months a second of living. Run in a process of its own, for its memory."""
    from idmaj.sim import Luck, default_params, resume, simulate

    policy = crowded(adults, LIVED + 1)
    simulate(default_params()[0], crowded(600, LIVED + 1), Luck(), 2)
    start = time.perf_counter()
    first = simulate(default_params()[0], policy, Luck(), 1)
    dealing = time.perf_counter() - start
    times = 1 if adults > 300_000 else 3
    living = best(lambda: resume(first, policy, LIVED + 1), times)
    lived = resume(first, policy, LIVED + 1).monthly.adults_present[1:].sum()
    return {"adults": float(first.monthly.adults_present[0]), "dealing": dealing, "living": living,
            "person_months": float(lived), "peak_mib": peak_mib()}  # fmt: skip


def in_process(code: str, cache: str | None = None) -> str:
    """Run a piece of code in a fresh process of this interpreter; return what it prints."""
    where = dict(os.environ) | ({"IDMAJ_CACHE_DIR": cache} if cache else {})
    done = subprocess.run([sys.executable, "-c", code], env=where, capture_output=True, text=True, check=True)
    return done.stdout


def report_growth(sizes: tuple[int, ...]) -> None:
    """Print person-months a second and memory by size, and how time per person-month grows."""
    print("\n## Growth\n\n| adults | person-months a second | peak memory, MiB | dealing, s | against 10,000 |")
    print("|" + " ---: |" * 5)
    rows = {}
    for size in sizes:
        code = f"import sys; sys.path.insert(0, {str(HERE)!r}); import json, speed; "
        rows[size] = json.loads(in_process(code + f"print(json.dumps(speed.growth({size})))"))
    each = {size: row["living"] / row["person_months"] for size, row in rows.items()}
    for size, row in rows.items():
        print(f"| {row['adults']:,.0f} | {1.0 / each[size]:,.0f} | {row['peak_mib']:,.0f} ", end="")
        print(f"| {row['dealing']:.2f} | {each[size] / each[10_000]:.2f} |")


def report_caseload() -> None:
    """Print person-months a CPU second from the caseload at the end of 2025 on, under the strategy continued."""
    from idmaj.scenarios.experiment import Plan, prepare
    from idmaj.scenarios.strategies import load
    from idmaj.sim import Luck, resume, simulate

    plan = Plan((load("continued"),), load("historical"))
    inputs, luck = prepare(plan), Luck()
    policy = inputs.policies[plan.keys[0]]
    past = simulate(inputs.params[0], inputs.past, luck, plan.start)
    adults = resume(past, policy, plan.months).monthly.adults_present[plan.start :]
    seconds = best(lambda: resume(past, policy, plan.months), 7, time.process_time)
    print(f"\n## The caseload of 2025 and the {12 * plan.years} months after it, strategy continued\n")
    print("| adults, first month | last month | CPU seconds | person-months a CPU second |")
    print("|" + " ---: |" * 4)
    print(f"| {adults[0]:,.0f} | {adults[-1]:,.0f} | {seconds:.3f} | {adults.sum() / seconds:,.0f} |")


def report_oracle(adults: int, months: int) -> None:
    """Print the compiled engine against the same month on plain Mesa agents, with and without set-up."""
    from plain_mesa import PlainWorld

    from idmaj.sim import Luck, default_params, resume, simulate

    policy, params, luck = crowded(adults, months + 1), default_params()[0], Luck()
    first = simulate(params, policy, luck, 1)
    engine_all = best(lambda: simulate(params, policy, luck, months), 5)
    engine_living = best(lambda: resume(first, policy, months), 5) - best(lambda: resume(first, policy, 1), 5)
    PlainWorld(params, crowded(20, 2), luck, 1).live_month()  # compiles the luck it takes from the engine
    start = time.perf_counter()
    world = PlainWorld(params, policy, luck, months)
    world.live_month()
    born = time.perf_counter()
    for _ in range(months - 1):
        world.live_month()
    ended = time.perf_counter()
    print(f"\n## Against plain Mesa: {adults:,} adults, {months} months, the same rules and the same luck\n")
    print("| | compiled, s | plain Mesa, s | ratio |\n| --- | ---: | ---: | ---: |")
    print(f"| whole run | {engine_all:.3f} | {ended - start:.1f} | **{(ended - start) / engine_all:.0f}** |")
    ratio = (ended - born) / engine_living
    print(f"| without set-up and first month | {engine_living:.3f} | {ended - born:.1f} | **{ratio:.0f}** |")


def report_columns(households: int) -> None:
    """Print one rule, living for a month, over records (compiled) and over NumPy columns."""
    import numba
    import numpy as np

    from idmaj.sim import default_params
    from idmaj.sim.records import Household
    from idmaj.sim.rules.home import live_month
    from idmaj.sim.table import new_table

    p = default_params()[0]
    table = new_table(Household, households)
    table.purse, table.basic_cost = 1000.0, 1500.0
    earned = np.random.default_rng(1).choice([0.0, 1200.0, 2400.0], households)

    @numba.njit
    def over_records(table, earned, p):
        for row in range(len(table)):
            live_month(table[row], earned[row], -1.0, p)

    names = ("mean_income", "months_without", "purse", "basic_cost", "aid")
    columns = {name: np.array(table[name]) for name in names}

    def over_columns():
        c = columns
        c["mean_income"] += (earned - c["mean_income"]) / 12.0
        c["months_without"][:] = np.where(earned <= 0.0, c["months_without"] + 1, 0)
        left = earned + c["aid"] - c["basic_cost"]
        taken = np.minimum(c["purse"], -left)
        c["purse"] += np.where(left >= 0.0, p.saving * left, -taken)

    over_records(table, earned, p)
    records, plain = best(lambda: over_records(table, earned, p), 20), best(over_columns, 20)
    print(f"\n## One rule over {households:,} households (living for a month)\n")
    print("| compiled records, ms | NumPy columns, ms | ratio |\n| ---: | ---: | ---: |")
    print(f"| {1e3 * records:.2f} | {1e3 * plain:.2f} | {plain / records:.1f} |")


def report_start() -> None:
    """Print first compilation, later starts from the cache, and how long help takes."""
    run = "from idmaj.calibration.replays import history_policy; from idmaj.sim import *; "
    run += "import time; p = history_policy(2); s = time.perf_counter(); "
    run += "simulate(default_params()[0], p, Luck(), 2); print(time.perf_counter() - s)"
    with tempfile.TemporaryDirectory() as cache:
        cold, warm = float(in_process(run, cache)), float(in_process(run, cache))
    ask = "import sys, time; s = time.perf_counter(); from idmaj.app.cli import build; build(); "
    ask += "print(time.perf_counter() - s, 'numba' in sys.modules, 'mesa' in sys.modules)"
    seconds, numba_there, mesa_there = in_process(ask).split()
    print("\n## Starting\n")
    print("| first run, compiling, s | later, from the cache, s | command line ready, s | imports numba | mesa |")
    print("|" + " ---: |" * 5)
    print(f"| {cold:.1f} | {warm:.2f} | {float(seconds):.2f} | {numba_there} | {mesa_there} |")


def main() -> None:
    """Run the benchmarks and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    quick = parser.parse_args().quick
    print(f"# Speed ({os.cpu_count()} cores, one thread)")
    report_start()
    report_columns(10_000 if quick else 100_000)
    report_oracle(200 if quick else ORACLE_ADULTS, 24 if quick else ORACLE_MONTHS)
    report_caseload()
    report_growth(QUICK_SIZES if quick else SIZES)


if __name__ == "__main__":
    main()
