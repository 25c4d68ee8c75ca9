"""Check a file the user brings: which kind it is, whether it can be read, and what to mind in using it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..sim.params import NUMBERS
from .cohorts import GROUPS, cohorts_of
from .figures import NO_SHARE, NOT_STATED
from .prior_files import prior_file_of
from .privacy import LEAST, shown, shown_share
from .published import published_of
from .reading import EvidenceError, csv_header, text_at
from .rounding import check_shares
from .schemas import SCHEMAS
from .spell_checks import Finding, spell_findings
from .spells import spells_of

FEWEST_COLUMNS = 3
"""Columns of a schema that a CSV header must share to be taken for it."""
EXISTING_FIRMS = "S001"
MOST_TRANSPORT = 0.2
"""Most that a death rate of existing firms may weigh for new ones."""


@dataclass(frozen=True)
class Checked:
    """What was found in a file that can be used.

    Attributes
    ----------
    file, kind : str
        Its name, and which of `SCHEMAS` it is.
    rows : int
    findings : tuple of Finding
        In the order in which they are to be read.
    """

    file: str
    kind: str
    rows: int
    findings: tuple[Finding, ...]

    @property
    def shown_rows(self) -> str:
        """How many rows, for people to read: a row of spells is an AGR, and few of them are not counted out."""
        return shown(self.rows) if self.kind == "spells" else f"{self.rows:,}"

    @property
    def warnings(self) -> int:
        """How many of the findings are warnings."""
        return sum(finding.level == "warning" for finding in self.findings)


def check_file(path: str | os.PathLike[str]) -> Checked:
    """Check a file of spells, cohorts, figures or priors: the kind is told from what is in it.

    Raises
    ------
    EvidenceError
        If it is none of them, or has mistakes: all that can be named at once.
    """
    name, text = str(path), text_at(path)
    kind = kind_of(name, text)
    if kind == "spells":
        spells = spells_of(name, text)
        return Checked(name, kind, len(spells), tuple(spell_findings(spells, text)))
    reader, find = OTHERS[kind]
    table = reader(name, text)
    return Checked(name, kind, len(table), tuple(find(table)))


def kind_of(name: str, text: str) -> str:
    """Return which kind of file a text is; EvidenceError if it is none."""
    header = set(csv_header(text))
    shared = {
        kind: len(header & {column.name for column in schema.columns})
        for kind, schema in SCHEMAS.items()
        if schema.form == "CSV"
    }
    best = max(shared, key=shared.__getitem__)
    if shared[best] >= FEWEST_COLUMNS:
        return best
    section = re.search(r"^\s*\[\[?\s*(figures|priors)\s*\]", text, re.MULTILINE)
    if section:
        return section[1]
    accepted = "; ".join(
        f"{kind}: a CSV file with columns {', '.join(c.name for c in schema.columns if c.required)}"
        if schema.form == "CSV"
        else f"{kind}: a TOML file with blocks [[{kind}]]"
        for kind, schema in SCHEMAS.items()
    )
    semicolons = "; its first line is cut by semicolons: save it with commas" if text[:500].count(";") > 2 else ""
    found = f"{name}: found no file of a known kind{semicolons}"
    raise EvidenceError(f"{found}; accepted: {accepted} (idmaj data schema)")


def cohort_findings(table: pd.DataFrame) -> Iterator[Finding]:
    """Say what to mind in cohort tables: who is in no count, small cells, overlap, and counts that grow."""
    cohorts = table.groupby("cohort")
    started = int(cohorts["n_started"].first().sum())
    yield Finding("size", "note", f"{len(cohorts)} cohorts, {shown(started)} AGRs, {len(table)} counts of them.")
    rest, whole = int(table["n_rest"].sum()), int(table["n_started"].sum())
    share = shown_share(rest, whole)
    level = "warning" if rest > 0.1 * whole else "note" if rest else "fine"
    yield Finding("rest", level, f"In none of the counts (lost, or ended in a way not counted): {share} over all rows.")
    empty = [name for name in ("n_failed", "n_left", "n_wage", "n_unknown") if table[name].isna().any()]
    said = (
        f"Not always counted: {', '.join(empty)}; these endings can then not be told apart."
        if empty
        else ("Every ending is counted in every row.")
    )
    yield Finding("endings", "warning" if empty else "fine", said)
    counts = table[["n_active", "n_failed", "n_left", "n_wage", "n_unknown"]].astype("float64")
    small = int(((counts > 0) & (counts < LEAST)).to_numpy().sum())
    if small:
        text = f"{shown(small)} counts are of 1 to {LEAST - 1} AGRs; no output shows them."
        yield Finding("small cells", "note", text)
    grown = [moment for moment in ("at", "age_months") if _grows(table.dropna(subset=[moment]), moment)]
    if grown:
        yield Finding("reopened", "warning", "In some cohorts n_active grows with time, yet AGRs do not reopen.")
    double = _overlapping(table.drop_duplicates("cohort"))
    if double:
        text = "Cohorts of the same groups overlap in their dates: are AGRs counted twice?"
        yield Finding("overlap", "warning", text)


def _grows(table: pd.DataFrame, moment: str) -> bool:
    steps = table.sort_values(moment).groupby("cohort")["n_active"].diff()
    return bool((steps > 0).any())


def _overlapping(cohorts: pd.DataFrame) -> bool:
    ordered = cohorts.sort_values("cohort_from")
    before = ordered.groupby(list(GROUPS), dropna=False)["cohort_to"].shift()
    return bool((ordered["cohort_from"] < before).any())


def figure_findings(table: pd.DataFrame) -> Iterator[Finding]:
    """Say which whole numbers can stand behind each share, and what its source does not state."""
    places = np.maximum(0, np.round(-np.log10(table["rounding"])).astype(int))
    printed = [f"{value:.{p}f}" for value, p in zip(table["value"], places, strict=True)]
    for row in check_shares(table.assign(printed=printed)).to_dict("records"):
        level = {"fits": "fine", "impossible": "warning", "not stated": "note"}[row["verdict"]]
        yield Finding("rounding", level, f"{row['id']}, {row['printed']} %: {row['says']}.")
    shares = table[table["denominator"] != NO_SHARE]
    for row in shares.itertuples():
        if str(row.denominator).startswith(NOT_STATED):
            yield Finding("denominator", "warning", f"{row.id}: of what it is a share is not stated; n is a guess.")
        if row.untraceable == NOT_STATED:
            text = f"{row.id}: how untraceable owners were counted is not stated; try each rule."
            yield Finding("untraceable", "warning", text)
        if not row.intake:
            text = f"{row.id}: without intake by year the ages of those counted are not known."
            yield Finding("intake", "warning", text)


def prior_findings(table: pd.DataFrame) -> Iterator[Finding]:
    """Say which priors differ from the model's own, and which lean on firms that existed already."""
    for row in table.itertuples():
        own = NUMBERS[row.name]
        if EXISTING_FIRMS in row.source and row.weight > MOST_TRANSPORT:
            text = f"{row.name}: {EXISTING_FIRMS} is a death rate of existing firms; weight at most {MOST_TRANSPORT:g}."
            yield Finding("transport", "warning", text)
        if row.distribution != own.shape:
            text = f"{row.name}: {row.distribution}, where the model's own prior is {own.shape}."
            yield Finding("distribution", "warning", text)
        inside = own.low <= row.median <= own.high
        said = f"{'inside' if inside else 'outside'} the model's own 90 % interval, {own.low:g} to {own.high:g}"
        text = f"{row.name}: median {row.median:g} is {said}."
        yield Finding("median", "fine" if inside else "warning", text)
        if row.weight == 0:
            yield Finding("weight", "note", f"{row.name}: weight 0, so it says nothing.")


OTHERS: Mapping[str, tuple[Callable[[str, str], pd.DataFrame], Callable[[pd.DataFrame], Iterator[Finding]]]] = {
    "cohorts": (cohorts_of, cohort_findings),
    "figures": (published_of, figure_findings),
    "priors": (prior_file_of, prior_findings),
}
"""How each kind but spells is read, and what is looked for in it."""
