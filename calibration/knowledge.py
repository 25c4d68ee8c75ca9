"""What a posterior knows: which numbers the data moved, what a published share may mean, what stays a guess."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..sim.errors import UserError, worded
from .draws import ABOUT, AGAIN, BUNDLED, FITTED, about_fit, load_draws

LABELS = ("data-informed", "weak", "prior-driven")
TABLES = {
    "parameters": ("structure", "parameter", "unit", "contraction", "label"),
    "structures": ("structure", "weight"),
    "readings": ("figure", "reading", "n", "financed", "active", "chance"),
    "definitions": ("definition", "meaning", "mean", "low", "high"),
}
"""Tables of a fit's folder that are read here, and columns they must have."""
FILES = (FITTED, ABOUT, *(f"{name}.csv" for name in TABLES))
"""All that later commands need of a fit."""


@dataclass(frozen=True)
class Knowledge:
    """What a fit knows.

    Attributes
    ----------
    command, engine : str
        How it was made.
    labels : Series
        By parameter, most contracted first: `data-informed`, `weak` or `prior-driven`.
    structures : DataFrame
        `structure, weight`.
    readings : DataFrame
        Of published shares: `figure, reading, n, financed, active, chance`; `active` is the share of AGRs that a
        reading comes to. Empty where no share was used.
    definitions : DataFrame
        `definition, meaning, mean, low, high`: share active in May 2017.
    """

    command: str
    engine: str
    labels: pd.Series
    structures: pd.DataFrame
    readings: pd.DataFrame
    definitions: pd.DataFrame

    def named(self, label: str) -> list[str]:
        """Return the parameters of a label, most contracted first."""
        return [str(name) for name in self.labels.index[self.labels == label]]


def load_knowledge(folder: Path | None = None) -> Knowledge:
    """Read what the fit in a folder knows; the bundled one by default.

    Raises
    ------
    UserError
        If a file is missing or is none that `idmaj calibrate` writes.
    """
    folder = folder or BUNDLED
    tables = {name: _table(folder / f"{name}.csv", columns) for name, columns in TABLES.items()}
    about = about_fit(folder)
    numbers = tables["parameters"]
    over_all = numbers[numbers["structure"] == "all"].sort_values("contraction", ascending=False, kind="stable")
    strange = sorted(set(over_all["label"]) - set(LABELS))
    if strange:
        raise UserError(
            "{folder}: found label {strange!r}; accepted {names}",
            folder=folder / "parameters.csv",
            strange=strange[0],
            names=", ".join(LABELS),
        )
    return Knowledge(
        str(about.get("command", "")),
        str(about.get("engine", "")),
        over_all.set_index("parameter")["label"],
        tables["structures"],
        tables["readings"],
        tables["definitions"],
    )


def fit_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a fit that later commands need, by name.

    Raises
    ------
    UserError
        If one is missing: the folder holds no fit of this version.
    """
    found = {}
    for name in FILES:
        try:
            found[name] = (folder / name).read_bytes()
        except OSError as problem:
            what = worded(
                "found no fit there ({name}: {why}); accepted: a folder that 'idmaj calibrate' wrote",
                name=name,
                why=problem.strerror,
            )
            raise UserError("--posterior {folder}: {what}", folder=folder, what=what) from problem
    return found


def check_fit(folder: Path) -> None:
    """Refuse a folder that holds no whole fit of this version, before anything is computed.

    Raises
    ------
    UserError
        As from `fit_files`, `load_draws` and `load_knowledge`.
    """
    fit_files(folder)
    load_draws(folder=folder)
    load_knowledge(folder)


def fit_hash(folder: Path | None) -> str:
    """Return the sha256 of a fit; "bundled" of the one that comes with idmaj, whose numbers are hashed as such."""
    if folder is None:
        return "bundled"
    digest = hashlib.sha256()
    for name, content in fit_files(folder).items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except pd.errors.EmptyDataError:
        table = pd.DataFrame(columns=list(columns))
    except (OSError, ValueError) as problem:
        raise UserError(
            "{path}: cannot be read ({problem}); {again}", path=path, problem=problem, again=worded(AGAIN)
        ) from problem
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise UserError(
            "{path}: found no column {missing!r}; {again}", path=path, missing=missing[0], again=worded(AGAIN)
        )
    return table
