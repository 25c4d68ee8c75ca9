"""Run every strategy of the catalogue against today's: `python docs/make_levers.py`.

Writes docs/levers_equal.csv and docs/levers_additional.csv, one for each budget mode, from which
`make_tables.py` makes the tables of MODEL.md. It takes some minutes.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pandas as pd

from idmaj.scenarios.contrast import compare_rows
from idmaj.scenarios.experiment import Plan
from idmaj.scenarios.passing import run_experiment
from idmaj.scenarios.strategies import catalogue, load
from idmaj.sim import OUTCOMES

DOCS = Path(__file__).parent
BASELINE, PAST = "continued", "historical"
SHOWN = ("live_businesses", "self_reliant_households", "share_neediest_served", "jobs_net", "spent")


def main() -> None:
    """Write both tables."""
    for budget in sys.argv[1:] or ("equal", "additional"):
        write(budget)


def write(budget: str) -> None:
    """Write a table: a row for each strategy, paired differences with their 95 % intervals."""
    others = [name for name in catalogue() if name not in (BASELINE, PAST, "history")]
    plan = Plan(tuple(load(name) for name in (BASELINE, *others)), load(PAST), draws=10, budget=budget)
    rows = compare_rows(
        run_experiment(plan).ends(), BASELINE, {name: outcome.unit for name, outcome in OUTCOMES.items()}
    )
    with (DOCS / f"levers_{budget}.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["strategy", *(f"{name} ({OUTCOMES[name].unit})" for name in SHOWN)])
        for name in others:
            out.writerow([name, *(cell(rows, name, outcome) for outcome in SHOWN)])


def cell(rows: pd.DataFrame, strategy: str, outcome: str) -> str:
    """Return a difference with its interval, with as many digits as are worth reading."""
    found = rows[(rows["strategy"] == strategy) & (rows["outcome"] == outcome)].iloc[0]
    digits = 0 if abs(found["baseline_mean"]) >= 10 else 3
    mean, low, high = (f"{found[name]:+,.{digits}f}" for name in ("difference", "low", "high"))
    return f"{mean} ({low} to {high})"


if __name__ == "__main__":
    main()
