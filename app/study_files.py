"""The files that are made of a study's results: the report, and its tables for spreadsheets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..scenarios.export import RISKY
from ..scenarios.shelf import MAKING
from ..sim.store import written

if TYPE_CHECKING:
    import pandas as pd

    from .study import Study


@contextmanager
def contents(study: Study) -> Iterator[dict[str, str | Path]]:
    """Give the files of a study by name: their text, or, of one that may be long, a passing file."""
    from ..sim.policy import month_name
    from .report import render

    experiment = study.experiment
    monthly = experiment.monthly
    names = {month: month_name(month) for month in monthly["month"].unique().tolist()}
    monthly = monthly.assign(calendar=monthly["month"].map(names))
    here = experiment.store.folder
    with written(here), tempfile.TemporaryDirectory(dir=here, prefix=MAKING.rstrip("*")) as folder:
        ends = Path(folder) / "ends.csv"
        with ends.open("w", encoding="utf-8", newline="") as file:
            for number, part in enumerate(study.ends()):
                file.write(csv_text(part, header=number == 0))
        yield {
            "report.html": render(study),
            "ends.csv": ends,
            "differences.csv" if study.baseline is not None else "summary.csv": csv_text(study.rows),
            "monthly.csv": csv_text(monthly, digits=7),
            "groups.csv": csv_text(experiment.groups, digits=7),
        }


def csv_text(table: pd.DataFrame, digits: int | None = None, header: bool = True) -> str:
    """Return a table as CSV that a spreadsheet reads as text and numbers, never as formulas.

    Parameters
    ----------
    table : DataFrame
    digits : int, optional
        Significant digits of numbers; all of them by default.
    header : bool
        Whether the names of the columns stand above.
    """
    safe = table.copy()
    for name in safe.columns:
        if safe[name].dtype.kind not in "iufb":
            safe[name] = [harmless(cell) for cell in safe[name]]
    form = f"%.{digits}g" if digits else None
    return safe.to_csv(index=False, lineterminator="\n", float_format=form, header=header)


def harmless(cell: Any) -> Any:
    """Return a text cell that no spreadsheet takes for a formula; other cells as they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RISKY) else cell
