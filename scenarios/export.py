"""A study for other programs: tidy tables of every run, and a dictionary that says what each column means."""

from __future__ import annotations

import glob
import tempfile
from pathlib import Path

import pandas as pd

from ..sim import NUMBERS, OUTCOMES, UserError
from ..sim.history import DEFINITIONS
from ..sim.kinds import Ending
from ..sim.outcomes import Month
from ..sim.store import sql_text, written
from ..sim.table import columns
from .accounts import LINES
from .language import _
from .results import names_in_sql
from .runs import ENDS, EVALUATED, FIGURES, GROUPS, MONEY, MONTHLY, SPELLS
from .shelf import PARAMETERS
from .studies import StudyFolder
from .upkeep import verify

FORMATS = ("csv", "parquet")
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A text that starts so would be read as a formula by a spreadsheet."""

PLAINLY = "header = true, hive_partitioning = false"

RUN = (
    ("strategy", "text", "", "Key of the strategy; past: the months that all strategies share"),
    ("draw", "whole number", "", "Which guess at the numbers nobody knows exactly: a row of parameters"),
    ("replication", "whole number", "", "Which course of luck; the same in every strategy"),
)


def export(study: StudyFolder, out: Path, form: str) -> list[Path]:
    """Write the tables of a study.

    Parameters
    ----------
    study : StudyFolder
    out : Path
        Folder, which must not exist.
    form : str
        ``csv`` or ``parquet``.

    Returns
    -------
    list of Path
        ``ends``, ``monthly``, ``groups``, ``published``, ``parameters`` and ``dictionary``; ``money`` of a study that
        kept its ledgers.

    Raises
    ------
    UserError
        If the folder is there or cannot be written, the format is unknown, a chunk is damaged, or no run is done.
    """
    if form not in FORMATS:
        raise UserError("--format: found {form!r}, accepted {names}", form=form, names=_(" or ").join(FORMATS))
    if out.exists():
        raise UserError("--out {out}: is there already; accepted: a new folder", out=out)
    study.results()
    for problem in verify(study).problems:
        raise UserError("{problem}; mend it with: idmaj study resume {folder}", problem=problem, folder=study.folder)
    with written(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as passing:
            fresh = Path(passing) / out.name
            fresh.mkdir()
            for name, sql in _tables(study).items():
                how = "FORMAT csv, HEADER" if form == "csv" else "FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd"
                study.store.query(f"COPY ({sql}) TO {sql_text(fresh / f'{name}.{form}')} ({how})")
            dictionary(study).to_csv(fresh / "dictionary.csv", index=False, lineterminator="\n")
            fresh.rename(out)
    return sorted(out.iterdir())


def _tables(study: StudyFolder) -> dict[str, str]:
    """Return the SQL of each table: long where rows are of different units, wide where columns are."""
    read = study.store.read_parquet
    risky = f"strategy[1] IN ({', '.join(map(sql_text, RISKY))})"
    safe = f"CASE WHEN {risky} THEN '''' || strategy ELSE strategy END AS strategy"
    outcomes = names_in_sql((*OUTCOMES, *EVALUATED.values()))
    long = f"(SELECT * FROM {read(ENDS)}) UNPIVOT INCLUDE NULLS (value FOR outcome IN ({outcomes}))"
    tables = {
        "ends": f"SELECT * REPLACE ({safe}) FROM {long}",
        "monthly": f"SELECT * REPLACE ({safe}) FROM {read(MONTHLY)}",
        "groups": f"SELECT * EXCLUDE (place) REPLACE ({safe}) FROM {read(GROUPS)}",
        "spells": f"SELECT * REPLACE ({safe}) FROM {read(SPELLS)}",
        "published": f"SELECT * EXCLUDE (strategy) FROM {read(FIGURES)}",
        "parameters": f"SELECT * FROM read_csv({sql_text(glob.escape(str(study.folder / PARAMETERS)))}, {PLAINLY})",
    }
    if study.plan.traces:
        tables["money"] = f"SELECT * REPLACE ({safe}) FROM {read(MONEY)}"
    return tables


def dictionary(study: StudyFolder) -> pd.DataFrame:
    """Return what the columns and outcomes of the exported tables mean: ``table, name, kind, unit, meaning``."""
    rows = [(table, *about) for table in ("ends", "monthly", "groups", "spells") for about in RUN]
    rows += [("published", *about) for about in RUN[1:]] + [("parameters", *RUN[1])]
    for table in ("ends", "groups"):
        rows.append((table, "outcome", "text", "", "What is measured; see the rows of kind outcome"))
        rows.append((table, "value", "number", "that of the outcome", "Empty where there is none: a share of nothing"))
    rows += [("ends", name, "outcome", item.unit, item.meaning) for name, item in OUTCOMES.items()]
    about = "Share active at the evaluation in May 2017: "
    rows += [("ends", column, "outcome", "share", about + DEFINITIONS[name]) for name, column in EVALUATED.items()]
    rows.append(("monthly", "month", "whole number", "months", "Since January 2007, which is 0"))
    months = columns(Month)
    rows += [("monthly", name, "number", months[name].unit, months[name].meaning) for name in study.plan.columns]
    if study.plan.traces:
        rows += [("money", *about) for about in RUN]
        rows.append(("money", "month", "whole number", "months", "Since January 2007, which is 0"))
        rows.append(("money", "funder", "text", "", "Who pays"))
        rows += [("money", account.name.lower(), "number", "MAD 2016", line.meaning) for account, line in LINES.items()]
    rows.append(("groups", "group", "text", "", "By what outcomes are split: place, sex, origin or need"))
    rows.append(("groups", "member", "text", "", "Which of them"))
    rows.append(("groups", "unit", "text", "", "Unit of the outcome"))
    rows.append(("spells", "months", "whole number", "months", "How long projects begun in the plan traded"))
    endings = ", ".join(f"{ending} {ending.name.lower().replace('_', ' ')}" for ending in Ending)
    rows.append(("spells", "ending", "whole number", "", f"How they ended: {endings}"))
    rows.append(("spells", "projects", "whole number", "projects", "How many of them did so"))
    rows.append(("published", "figure", "text", "", "A published figure"))
    rows.append(("published", "value", "number", "that of the figure", "What the run says in its place"))
    for name, number in NUMBERS.items():
        kind = "text" if name == "hazard_family" else "number"
        rows.append(("parameters", name, kind, number.unit, number.meaning))
    return pd.DataFrame(rows, columns=["table", "name", "kind", "unit", "meaning"])
