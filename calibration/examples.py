"""Write example files with a known truth, each labelled synthetic in itself, and the truth beside it."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from ..sim.errors import UserError
from ..sim.params import NUMBERS
from .cohorts import cohorts_of
from .dates import day_of, first_moment, last_moment
from .schemas import COHORTS, SPELLS, Column, Exit, Schema
from .synthetic import LABEL, Defects, Truth, synthetic_spells

COUNTED = {Exit.FAILED: "n_failed", Exit.OWNER_LEFT: "n_left", Exit.WAGE_WORK: "n_wage", Exit.UNKNOWN: "n_unknown"}
"""Count of a cohort table in which each exit goes; AGRs that were absorbed are in none."""
TITLE = LABEL[0].upper() + LABEL[1:]
PRIORS = ("failure_level", "weibull_shape", "log_frailty_sd")
"""Parameters for which an example of priors is written."""


def example(kind: str, truth: Truth, defects: Defects, n: int, seed: int) -> tuple[str, str]:
    """Return the text of an example file and of its truth.

    Parameters
    ----------
    kind : {"spells", "cohorts", "figures", "priors"}
    truth, defects : Truth, Defects
        Of cohorts and figures only the share lost and the share of causes unknown are defects.
    n, seed : int
        AGRs that opened, and the seed of their luck.
    """
    text = EXAMPLES[kind](truth, defects, n, seed)
    return text, _truth_text(kind, truth, defects, n, seed)


def table_text(schema: Schema, table: pd.DataFrame, comment: str) -> str:
    """Write a table as its reader returns it, as a CSV file with a comment above."""
    out = io.StringIO(newline="")
    out.write(f"# {comment}\n")
    writer = csv.writer(out, lineterminator="\n")
    columns = [column for column in schema.columns if column.name in table]
    writer.writerow([column.name for column in columns])
    cells = [[_cell(column, value) for value in table[column.name]] for column in columns]
    writer.writerows(zip(*cells, strict=True))
    return out.getvalue()


def synthetic_cohorts(truth: Truth, defects: Defects, n: int, seed: int) -> pd.DataFrame:
    """Make cohort tables, as `read_cohorts` returns them: cohorts of a year by training, counted each year's end.

    The parameters are those of `synthetic_spells`; an AGR that is lost is in no count after it was last seen.
    """
    return cohorts_of("the example", _cohorts(truth, defects, n, seed))


def _spells(truth: Truth, defects: Defects, n: int, seed: int) -> str:
    return table_text(SPELLS, synthetic_spells(truth, defects, n, seed), _comment(seed))


def _cohorts(truth: Truth, defects: Defects, n: int, seed: int) -> str:
    kept = Defects(lost=defects.lost, unknown=defects.unknown)
    spells = synthetic_spells(truth, kept, n, seed)
    year = (spells["start_lo"] // 12).astype(int)
    trained = np.isfinite(spells["trained"]).astype(float)
    rows = []
    for (first, group), members in spells.groupby([year, trained]):
        for end in range(12 * (first + 1), int(truth.until) + 1, 12):
            rows.append(_count(members, 12.0 * first, group, float(end), seed))
    if not rows:
        raise UserError("until: found no cohort that is a year old by then; accepted: a later month, or more AGRs")
    return table_text(COHORTS, pd.DataFrame(rows), _comment(seed))


def _count(members: pd.DataFrame, start: float, trained: float, at: float, seed: int) -> dict[str, Any]:
    """Return the row of one cohort at one date."""
    closed = members["first_inactive"] <= at
    active = ~closed & ((members["last_active"] >= at) | np.isfinite(members["first_inactive"]))
    counts = {name: int((closed & (members["exit"] == how)).sum()) for how, name in COUNTED.items()}
    about = {"cohort_from": start, "cohort_to": start + 12.0, "trained": trained, "n_started": len(members)}
    return about | {"at": at, "n_active": int(active.sum())} | counts | {"source": f"{LABEL}, seed {seed}"}


def _figures(truth: Truth, defects: Defects, n: int, seed: int) -> str:
    spells = synthetic_spells(truth, Defects(lost=defects.lost, unknown=defects.unknown), n, seed)
    active, started = int((spells["exit"] == Exit.ACTIVE).sum()), len(spells)
    years = (spells["start_lo"] // 12).astype(int) + 2007
    intake = ", ".join(f"{year} = {count}" for year, count in years.value_counts().sort_index().items())
    return f"""# {_comment(seed)}

[[figures]]
id = "EXAMPLE1"
quantity = "AGRs still active of all ever financed"
value = {round(100 * active / started, 1)}
unit = "percent"
rounding = 0.1
k = {active}
n = [{started}]
denominator = "AGRs financed"
untraceable = "counted as closed"
from = {day_of(truth.first_month)}
to = {day_of(truth.until)}
population = "made-up AGRs"
intake = {{ {intake} }}
source = "{LABEL}, seed {seed}"
grade = "C"
"""


def _priors(truth: Truth, defects: Defects, n: int, seed: int) -> str:
    blocks = [
        f"""[[priors]]
name = "{name}"
distribution = "{NUMBERS[name].shape}"
low = {NUMBERS[name].low}
median = {NUMBERS[name].median}
high = {NUMBERS[name].high}
source = "{LABEL}"
grade = "C"
weight = 1.0
"""
        for name in PRIORS
    ]
    return "\n".join([f"# {_comment(seed)}\n", *blocks])


EXAMPLES: Mapping[str, Callable[[Truth, Defects, int, int], str]] = {
    "spells": _spells,
    "cohorts": _cohorts,
    "figures": _figures,
    "priors": _priors,
}
"""How each kind of file is made."""


def _comment(seed: int) -> str:
    return f"{TITLE}: made by idmaj data example, seed {seed}. The truth is in the file beside it."


def _truth_text(kind: str, truth: Truth, defects: Defects, n: int, seed: int) -> str:
    lines = [f"# The truth of a {kind} file. {TITLE}.", f'kind = "{kind}"', f"n = {n}"]
    lines.append(f"seed = {seed}")
    if kind == "priors":
        lines += ["", "[medians]", *(f"{name} = {NUMBERS[name].median}" for name in PRIORS)]
    else:
        for section, known in (("truth", truth), ("defects", defects)):
            said = {name: value for name, value in asdict(known).items() if value is not None}
            lines += ["", f"[{section}]", *(f"{name} = {_toml(value)}" for name, value in said.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _cell(column: Column, value: Any) -> str:
    """Write a value as a cell that reads back as the same value."""
    kind = column.kind
    for word, meant in kind.words.items():
        if value == meant:
            return word
    if isinstance(value, str):
        return value
    if pd.isna(value) or value == kind.blank or math.isinf(value):
        return ""
    if kind.convert in (first_moment, last_moment):
        return day_of(float(value))
    return f"{value:.10g}"
