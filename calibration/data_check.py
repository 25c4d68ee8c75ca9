"""Check a file the user brings: which kind it is, whether it can be read, and what to mind in using it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..sim.errors import later, worded
from ..sim.params import NUMBERS
from .cohorts import GROUPS, cohorts_of
from .figures import NO_SHARE, NOT_STATED
from .prior_files import prior_file_of
from .privacy import LEAST, shown, shown_share, told
from .published import published_of
from .reading import EvidenceError, csv_header, text_at
from .rounding import FITS, IMPOSSIBLE, UNSTATED, check_shares
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
    accepted = worded("; ").join(
        worded(
            "{kind}: a CSV file with columns {names}",
            kind=kind,
            names=", ".join(c.name for c in schema.columns if c.required),
        )
        if schema.form == "CSV"
        else worded("{kind}: a TOML file with blocks [[{kind}]]", kind=kind)
        for kind, schema in SCHEMAS.items()
    )
    found = worded("{name}: found no file of a known kind", name=name)
    raise EvidenceError(worded("{found}; accepted: {accepted} (idmaj data schema)", found=found, accepted=accepted))


def cohort_findings(table: pd.DataFrame) -> Iterator[Finding]:
    """Say what to mind in cohort tables: who is in no count, small cells, overlap, and counts that grow."""
    cohorts = table.groupby("cohort")
    started = int(cohorts["n_started"].first().sum())
    said = worded(
        "{cohorts} cohorts, {count} AGRs, {rows} counts of them.",
        **{"cohorts": len(cohorts), "count": told(shown(started)), "rows": len(table)},
    )
    yield Finding(later("size"), "note", said)
    rest, whole = int(table["n_rest"].sum()), int(table["n_started"].sum())
    level = "warning" if rest > 0.1 * whole else "note" if rest else "fine"
    said = worded(
        "In none of the counts (lost, or ended in a way not counted): {share} over all rows.",
        share=told(shown_share(rest, whole)),
    )
    yield Finding(later("rest"), level, said)
    empty = [name for name in ("n_failed", "n_left", "n_wage", "n_unknown") if table[name].isna().any()]
    if empty:
        said = worded(
            "Not always counted: {names}; these endings can then not be told apart.", names=worded(", ").join(empty)
        )
    else:
        said = worded("Every ending is counted in every row.")
    yield Finding(later("endings"), "warning" if empty else "fine", said)
    yield from _odd_counts(table)


def _odd_counts(table: pd.DataFrame) -> Iterator[Finding]:
    """Say which counts are small, grow, or may be of the same AGRs."""
    counts = table[["n_active", "n_failed", "n_left", "n_wage", "n_unknown"]].astype("float64")
    small = int(((counts > 0) & (counts < LEAST)).to_numpy().sum())
    if small:
        said = worded(
            "{count} counts are of 1 to {most} AGRs; no output shows them.", count=told(shown(small)), most=LEAST - 1
        )
        yield Finding(later("small cells"), "note", said)
    grown = [moment for moment in ("at", "age_months") if _grows(table.dropna(subset=[moment]), moment)]
    if grown:
        said = worded("In some cohorts n_active grows with time, yet AGRs do not reopen.")
        yield Finding(later("reopened"), "warning", said)
    double = _overlapping(table.drop_duplicates("cohort"))
    if double:
        said = worded("Cohorts of the same groups overlap in their dates: are AGRs counted twice?")
        yield Finding(later("overlap"), "warning", said)


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
        level = {FITS: "fine", IMPOSSIBLE: "warning", UNSTATED: "note"}[row["verdict"]]
        about = {"id": row["id"], "share": told(row["printed"]), "says": row["says"]}
        yield Finding(later("rounding"), level, worded("{id}, {share} %: {says}.", **about))
    shares = table[table["denominator"] != NO_SHARE]
    for row in shares.itertuples():
        if str(row.denominator).startswith(NOT_STATED):
            said = worded("{id}: of what it is a share is not stated; n is a guess.", id=row.id)
            yield Finding(later("denominator"), "warning", said)
        if row.untraceable == NOT_STATED:
            said = worded("{id}: how untraceable owners were counted is not stated; try each rule.", id=row.id)
            yield Finding(later("untraceable"), "warning", said)
        if not row.intake:
            said = worded("{id}: without intake by year the ages of those counted are not known.", id=row.id)
            yield Finding(later("intake"), "warning", said)


def prior_findings(table: pd.DataFrame) -> Iterator[Finding]:
    """Say which priors differ from the model's own, and which lean on firms that existed already."""
    for row in table.itertuples():
        own = NUMBERS[row.name]
        if EXISTING_FIRMS in row.source and row.weight > MOST_TRANSPORT:
            said = worded(
                "{name}: {id} is a death rate of existing firms; weight at most {most:g}.",
                **{"name": row.name, "id": EXISTING_FIRMS, "most": MOST_TRANSPORT},
            )
            yield Finding(later("transport"), "warning", said)
        if row.distribution != own.shape:
            said = worded(
                "{name}: {shape}, where the model's own prior is {own}.",
                **{"name": row.name, "shape": row.distribution, "own": own.shape},
            )
            yield Finding(later("distribution"), "warning", said)
        about = {name: told(f"{value:g}") for name, value in (("low", own.low), ("high", own.high))}
        about |= {"name": row.name, "median": told(f"{row.median:g}")}
        if own.low <= row.median <= own.high:
            said = worded("{name}: median {median} is inside the model's own 90 % interval, {low} to {high}.", **about)
            yield Finding(later("median"), "fine", said)
        else:
            said = worded("{name}: median {median} is outside the model's own 90 % interval, {low} to {high}.", **about)
            yield Finding(later("median"), "warning", said)
        if row.weight == 0:
            said = worded("{name}: weight 0, so it says nothing.", name=row.name)
            yield Finding(later("weight"), "note", said)


OTHERS: Mapping[str, tuple[Callable[[str, str], pd.DataFrame], Callable[[pd.DataFrame], Iterator[Finding]]]] = {
    "cohorts": (cohorts_of, cohort_findings),
    "figures": (published_of, figure_findings),
    "priors": (prior_file_of, prior_findings),
}
"""How each kind but spells is read, and what is looked for in it."""
