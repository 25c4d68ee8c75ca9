"""A study as a folder: all of it or none of it.

The files are written into a sibling folder first and take their place by one rename, so that neither an
interruption nor a full disk leaves half a study behind.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from .study import Study

FILES = ("report.html", "ends.csv", "differences.csv", "monthly.csv", "groups.csv", "study.json")
"""What a study's folder holds; the study of one strategy has summary.csv in place of differences.csv."""

OWN_FILES = frozenset((*FILES, "summary.csv"))
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A text cell that starts so would be read as a formula by a spreadsheet."""


def check_folder(folder: Path, force: bool) -> None:
    """Refuse a folder that cannot take a study, before anything is computed.

    Raises
    ------
    UserError
        When it exists and is not empty (unless `force`, and then only if it holds nothing but a study), when
        it is a file, or when nothing can be written beside it.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"--out {folder}: found a file; accepted: a folder, or a name that is not taken")
    if folder.is_dir():
        _check_content(folder, force)
    parent = folder.resolve().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise UserError(f"--out {folder}: {parent} cannot be written; accepted: a folder where you may write")


def _check_content(folder: Path, force: bool) -> None:
    try:
        content = sorted(path.name for path in folder.iterdir())
    except OSError as problem:
        raise UserError(f"--out {folder}: {problem.strerror}; accepted: a folder where you may write") from problem
    if not content:
        return
    if not force:
        raise UserError(
            f"--out {folder}: found a folder that is not empty; accepted: another folder, or --force to "
            "replace the study in it"
        )
    foreign = [name for name in content if name not in OWN_FILES]
    if foreign:
        raise UserError(
            f"--out {folder}: found {foreign[0]!r}, which is not part of a study, and --force would "
            "remove it; accepted: another folder"
        )


@contextmanager
def _taking_the_place_of(folder: Path) -> Iterator[Path]:
    """Give a new folder to fill; it takes the place of `folder` when all went well, and vanishes when not."""
    target = folder.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
    old = fresh.with_name(fresh.name + "-old")
    try:
        fresh.mkdir()
        yield fresh
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except BaseException:
            if old.exists():
                old.rename(target)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def write_study(study: Study, folder: Path, force: bool = False) -> Path:
    """Write a study's folder and return the path of its report.

    Parameters
    ----------
    study : Study
    folder : Path
        Made if need be.
    force : bool
        Whether to replace a study that is there.

    Raises
    ------
    UserError
        When the folder is refused (see `check_folder`) or cannot be written.
    """
    check_folder(folder, force)
    try:
        with _taking_the_place_of(folder) as fresh:
            for name, text in contents(study).items():
                (fresh / name).write_text(text, encoding="utf-8", newline="")
    except OSError as problem:
        raise UserError(
            f"--out {folder}: cannot be written ({problem.strerror}); accepted: a folder where you may write"
        ) from problem
    return folder / "report.html"


def contents(study: Study) -> dict[str, str]:
    """Return the text of each file of a study, by name."""
    from ..sim.policy import month_name
    from .report import render

    experiment = study.experiment
    monthly = experiment.monthly
    names = {month: month_name(month) for month in monthly["month"].unique().tolist()}
    monthly = monthly.assign(calendar=monthly["month"].map(names))
    table = "differences.csv" if study.baseline is not None else "summary.csv"
    return {
        "report.html": render(study),
        "ends.csv": csv_text(study.ends),
        table: csv_text(study.rows),
        "monthly.csv": csv_text(monthly, digits=7),
        "groups.csv": csv_text(experiment.groups, digits=7),
        "study.json": json.dumps(manifest(study), indent=2, ensure_ascii=False) + "\n",
    }


def manifest(study: Study) -> dict[str, Any]:
    """Return what a program needs to know about a study."""
    experiment, plan = study.experiment, study.experiment.plan
    return {
        "fingerprint": experiment.fingerprint,
        "results_sha256": experiment.results_sha256,
        "complete": True,
        "command": study.command,
        "versions": experiment.provenance,
        "strategies": study.keys,
        "baseline": study.baseline,
        "start": plan.start,
        "years": plan.years,
        "draws": plan.draws,
        "replications": plan.replications,
        "seed": plan.seed,
        "hindsight": plan.hindsight,
        "budget": plan.budget,
        "notes": list(study.notes),
        "cannot_tell": list(study.cannot_tell),
    }


def csv_text(table: pd.DataFrame, digits: int | None = None) -> str:
    """Return a table as CSV that a spreadsheet reads as text and numbers, never as formulas.

    Parameters
    ----------
    table : DataFrame
    digits : int, optional
        Significant digits of numbers; all of them by default.
    """
    safe = table.copy()
    for name in safe.columns:
        if safe[name].dtype.kind not in "iufb":
            safe[name] = [harmless(cell) for cell in safe[name]]
    return safe.to_csv(index=False, lineterminator="\n", float_format=f"%.{digits}g" if digits else None)


def harmless(cell: Any) -> Any:
    """Return a text cell that no spreadsheet takes for a formula; other cells as they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RISKY) else cell
