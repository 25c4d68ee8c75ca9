"""Write the generated tables of the pages of docs/: `python docs/make_tables.py`. A test fails where they are stale."""

from __future__ import annotations

import csv
import importlib.util
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import pandas as pd

from idmaj.calibration.bridge import TARGETS, load_bridge
from idmaj.calibration.observables import OBSERVABLES
from idmaj.calibration.observed import UNITS
from idmaj.calibration.sbc import rank_table
from idmaj.calibration.sbc_design import RANKS_FILE
from idmaj.calibration.schemas import SCHEMAS
from idmaj.calibration.stamp import read_stamped, staleness
from idmaj.sim import NUMBERS, OUTCOMES
from idmaj.sim.luck import Stream
from idmaj.sim.outcomes import Month
from idmaj.sim.records import (
    Business,
    Card,
    Cooperative,
    Family,
    Flow,
    Household,
    Incubator,
    Niche,
    Partner,
    Person,
    Place,
    Pool,
    Pull,
    Tally,
    Worker,
)
from idmaj.sim.settings import LEVERS
from idmaj.sim.table import Record, columns

DOCS = Path(__file__).parent
PAGES = ("MODEL.md", "DATA.md", "CALIBRATION.md", "VALIDATION.md")
VALIDATED = DOCS / "validation"
"""Tables of `idmaj validate`."""
CALIBRATION = DOCS.parent / "calibration"
MARK = re.compile(r"(<!-- table: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def parameters() -> list[list[str]]:
    """Return a row per parameter: name, meaning, unit, median, 90 % interval, basis."""
    rows = [["parameter", "meaning", "unit", "median", "90 % interval", "rests on"]]
    for name, item in NUMBERS.items():
        interval = "fixed" if item.shape == "fixed" else f"{item.low:g} to {item.high:g}"
        median = item.kind(item.median).name.lower() if item.kind else f"{item.median:g}"
        if item.kind:
            interval = "each family as likely"
        rows.append([f"`{name}`", item.meaning, item.unit, median, interval, item.basis])
    return rows


def levers() -> list[list[str]]:
    """Return a row per lever: key in a strategy file, meaning, unit, default."""
    rows = [["lever", "meaning", "unit", "default"]]
    for name, item in LEVERS.items():
        section, _, key = name.partition("_")
        value = f"{item.default:g}"
        if item.kind is bool:
            value = "yes" if item.default else "no"
        elif item.kind:
            value = " / ".join(f"**{m.name.lower()}**" if m == item.default else m.name.lower() for m in item.kind)
        rows.append([f"`{section}.{key}`", item.meaning, item.unit, value])
    return rows


def record(kind: type[Record]) -> list[list[str]]:
    """Return a row per column of a table."""
    rows = [["column", "meaning", "unit"]]
    for name, item in columns(kind).items():
        words = f" ({', '.join(m.name.lower() for m in item.kind)})" if item.kind else ""
        rows.append([f"`{name}`", item.meaning + words, item.unit])
    return rows


def outcomes() -> list[list[str]]:
    """Return a row per outcome of a plan."""
    better = {1: "more is better", -1: "less is better", 0: ""}
    rows = [["outcome", "meaning", "unit", ""]]
    return rows + [[f"`{o.name}`", o.meaning, o.unit, better[o.better]] for o in OUTCOMES.values()]


def streams() -> list[list[str]]:
    """Return a row per stream of luck."""
    return [["number", "stream"]] + [[str(int(s)), f"`{s.name.lower()}`"] for s in Stream]


def schema(kind: str) -> list[list[str]]:
    """Return a row per column of a file that a user may bring."""
    rows = [["column", "needed", "unit", "meaning", "accepted"]]
    for column in SCHEMAS[kind].columns:
        needed = "yes" if column.required else ""
        rows.append([f"`{column.name}`", needed, column.unit, column.meaning, column.kind.accepted])
    return rows


def strategies(budget: str) -> list[list[str]]:
    """Return the table of what each strategy moves, which `make_levers.py` wrote."""
    with (DOCS / f"levers_{budget}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def contraction() -> list[list[str]]:
    """Return what each kind of evidence tells, which `make_contraction.py` wrote."""
    with (DOCS / "contraction.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def recovery() -> list[list[str]]:
    """Return the summary of benchmarks/recovery.csv."""
    return rounded(benchmark("recovery").summary())


def maximum() -> list[list[str]]:
    """Return what benchmarks/maximum.csv says of the number whose intervals held too rarely."""
    table = benchmark("maximum").summary()
    return rounded(table[table["parameter"] == "hr_female_failure"])


def year_shocks() -> list[list[str]]:
    """Return the summary of benchmarks/year_shocks.csv."""
    return rounded(benchmark("year_shocks").in_short())


def sbc() -> list[list[str]]:
    """Return what the ranks in calibration/sbc.csv say, and whether they are of this code."""
    ranks, stamp = read_stamped(RANKS_FILE)
    table = rank_table(ranks)[["quantity", "fits", "worth", "mean", "spread", "p_value", "says"]]
    rows = rounded(table.astype({"worth": int}))
    old = staleness(stamp)
    return [*rows, [f"**{old}**", *[""] * (len(rows[0]) - 1)]] if old else rows


def validated(name: str, columns: str) -> list[list[str]]:
    """Return some columns of a table that `idmaj validate` wrote."""
    table = pd.read_csv(VALIDATED / f"{name}.csv")
    return rounded(table[columns.split()])


def covered() -> list[list[str]]:
    """Return the share of counts in each interval, by forecaster."""
    table = pd.read_csv(VALIDATED / "coverage.csv")
    sums = table.groupby(["forecaster", "level"], sort=False)[["inside", "n"]].sum()
    wide = (sums["inside"] / sums["n"]).unstack().reset_index()
    return rounded(wide.rename(columns=str))


def benchmark(name: str) -> ModuleType:
    """Return a benchmark as a module."""
    spec = importlib.util.spec_from_file_location(name, DOCS.parent / "benchmarks" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rounded(table: pd.DataFrame) -> list[list[str]]:
    """Return a table of numbers, to two decimals; what is missing is left empty."""
    found = table.round(2).astype(object).where(table.notna(), "")
    return [list(table.columns), *[[str(cell) for cell in row] for row in found.itertuples(index=False)]]


def table_ranks() -> list[list[str]]:
    """Return the summary of benchmarks/table_ranks.csv."""
    return rounded(benchmark("reference_table").ranks_in_short())


def table_compared() -> list[list[str]]:
    """Return benchmarks/table_compared.csv."""
    return rounded(benchmark("reference_table").summary()[1].drop(columns=["runs"]))


def observables() -> list[list[str]]:
    """Return a row per figure that whole runs can show."""
    rows = [["quantity", "unit", "meaning", "at the end of"]]
    for each in OBSERVABLES.values():
        when = ", ".join(each.column(month).removeprefix(f"{each.name}_").replace("_", "-") for month in each.months)
        rows.append([f"`{each.name}`", UNITS[each.unit], each.meaning, when])
    return rows


def bridge() -> list[list[str]]:
    """Return how well whole runs are foretold."""
    found = load_bridge()
    rows = [["from whole runs", "meaning", "share explained", "residual spread"]]
    for name, (_, _, meaning) in TARGETS.items():
        rows.append([f"`{name}`", meaning, f"{found.explained[name]:.2f}", f"{found.residual[name]:.2f}"])
    return rows


def from_csv(name: str) -> list[list[str]]:
    """Return a table that `idmaj calibrate` wrote, with numbers shortened."""
    with (CALIBRATION / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return [rows[0], *[[_short(cell) for cell in row] for row in rows[1:]]]


TABLES: dict[str, Callable[[], list[list[str]]]] = {
    "parameters": parameters,
    "levers": levers,
    "outcomes": outcomes,
    "streams": streams,
    "hang together": lambda: from_csv("hang_together"),
    "history": lambda: from_csv("bundled/historical"),
    "contraction": contraction,
    "recovery": recovery,
    "observables": observables,
    "table ranks": table_ranks,
    "table compared": table_compared,
    "sbc": sbc,
    "maximum": maximum,
    "year shocks": year_shocks,
    "skill": lambda: validated("skill", "held_out score rival skill low high cohorts"),
    "coverage": covered,
    "elsewhere": lambda: validated("elsewhere", "id used published under mean low high inside_95 crps log"),
    "bridge": bridge,
    "equal budget": lambda: strategies("equal"),
    "additional budget": lambda: strategies("additional"),
    **{kind: partial(schema, kind) for kind in SCHEMAS},
    **{
        kind.__name__.lower(): partial(record, kind)
        for kind in (Household, Family, Worker, Person, Business, Cooperative, Incubator, Partner)
        + (Niche, Place, Flow, Pull, Tally, Card, Pool, Month)
    },
}
"""What can stand between `<!-- table: NAME -->` and `<!-- end -->`."""


def filled(text: str) -> str:
    """Return a page with its tables made anew."""
    return MARK.sub(lambda found: found[1] + _markdown(TABLES[found[2]]()) + found[3], text)


def _short(cell: str) -> str:
    try:
        return f"{float(cell):.3g}" if abs(float(cell)) < 1000 else f"{float(cell):.0f}"
    except ValueError:
        return cell


def _markdown(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]) + "\n"


if __name__ == "__main__":
    for page in PAGES:
        before = (DOCS / page).read_text(encoding="utf-8")
        (DOCS / page).write_text(filled(before), encoding="utf-8")
    sys.exit(0)
