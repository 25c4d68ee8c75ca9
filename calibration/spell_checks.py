"""What to mind in a register of spells, in plain words: no row of it is shown, and no count under five."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.errors import later, worded
from .privacy import LEAST, WITHHELD, open_rows, shown, shown_parts, shown_share, told
from .reading import csv_records
from .schemas import Exit
from .spells import TABLE, ages, could_be_seen, ended

COVARIATES = ("sector", "sex", "origin", "place", "branch", "trained", "grant_mad", "first_agr", "need")
OUTCOMES = (later("active"), later("closed"), later("lost"))
ENOUGH = 20
"""Fewest dates or AGRs of which a pattern is told."""
UNLIKELY = 4.0
"""Standard errors beyond which a heap of dates is no chance."""
FEW_AT_RISK, GREYED = 5, 10
"""A curve rests on too few under the first; past the last age with the second it is drawn grey."""
SAME_DAY = 0.05
"""Months within which two dates are one."""
THIRDS = (later("lowest third"), later("middle"), later("highest third"))
NOT_KNOWN = later("not known")
HEADINGS = (
    *(later("exit"), later("AGRs"), later("age in months"), later("at risk"), later("missing")),
    *(later("covariate"), later("level"), later("share")),
)
"""Headings of the tables beside `OUTCOMES`."""
CLOSINGS = (
    later("All closings are known to the day. Are these dates of closing, or of the visit that found it closed?"),
    later(
        "{share} of closings are known within an interval only: half of these within {middle} months, "
        "nine in ten within {most}."
    ),
)
STARTS = (
    later("All starts are known to the day."),
    later(
        "{share} of starts are known within an interval only: half of these within {middle} months, "
        "nine in ten within {most}."
    ),
)
"""What is said of dates that are all known to the day, and where some are not."""


@dataclass(frozen=True)
class Finding:
    """One thing said of a file.

    Attributes
    ----------
    check : str
        What was looked at, in English.
    level : {"fine", "note", "warning"}
    says : str
        In plain words of the language spoken.
    table : DataFrame or None
        Text cells, small counts already suppressed; in English.
    """

    check: str
    level: str
    says: str
    table: pd.DataFrame | None = None


def spell_findings(spells: pd.DataFrame, text: str) -> Iterator[Finding]:
    """Yield what was found in a register that could be read.

    Parameters
    ----------
    spells : DataFrame
        As `read_spells` gives it.
    text : str
        The file: heaping shows in dates as they were written.
    """
    yield _size(spells)
    yield _orders(spells)
    yield from _heaping(spells, text)
    yield from _intervals(spells)
    yield _unseen(spells)
    yield _risk_set(spells)
    yield _missing(spells)
    yield _duplicates(spells)
    yield from _lost(spells)


def _size(spells: pd.DataFrame) -> Finding:
    table = pd.DataFrame({"exit": [how.name.lower() for how in Exit], "AGRs": shown_parts(_exits(spells))})
    owners = spells.loc[spells["owner_id"] != "", "owner_id"].nunique()
    count = told(shown(len(spells)))
    if owners:
        said = worded(
            "{count} AGRs of {owners} owners. How they were last known to stand:",
            count=count,
            owners=told(shown(owners)),
        )
    else:
        said = worded("{count} AGRs with no owners named. How they were last known to stand:", count=count)
    return Finding(later("size"), "note", said, table)


def _exits(spells: pd.DataFrame) -> list[int]:
    """Return how many AGRs were last known to stand in each way, in the order of `Exit`."""
    return [int((spells["exit"] == how).sum()) for how in Exit]


def _orders(spells: pd.DataFrame) -> Finding:
    """Say that the orders that must hold do: the reader refused others. What is odd but can be is a warning."""
    late = np.isfinite(spells["trained"]) & (spells["trained"] > spells["first_inactive"])
    if late.any():
        said = worded("{count} AGRs closed before their owner was trained.", count=told(shown(int(late.sum()))))
        return Finding(later("orders"), "warning", said)
    return Finding(later("orders"), "fine", worded("No date stands before one that it must follow."))


def _heaping(spells: pd.DataFrame, text: str) -> Iterator[Finding]:
    records, _ = csv_records(TABLE, "", text)
    fine = True
    for column in ("start_lo", "last_active", "first_inactive", "trained"):
        counted = np.full(len(spells), True) if column != "last_active" else (spells["exit"] != Exit.ACTIVE)
        cells = [cells[column] for (_, cells), counts in zip(records, counted, strict=True) if counts]
        for said in _heaps([cell for cell in cells if cell[:4].isdigit()]):
            fine = False
            yield Finding(later("heaping"), "warning", worded("{name}: {value}", name=column, value=said))
    if fine:
        said = worded("Dates do not heap on a day, a month of the year, or one date.")
        yield Finding(later("heaping"), "fine", said)


def _heaps(dates: Sequence[str]) -> Iterator[str]:
    """Say on what some dates heap. A heap of under five is not told: its share would give its number."""
    if len(dates) < ENOUGH:
        return
    days = [date[8:] for date in dates if len(date) == 10]
    for day in ("01", "15"):
        count = days.count(day)
        if len(days) >= ENOUGH and count >= LEAST and _z(count / len(days), 12 / 365, len(days)) > UNLIKELY:
            guess = worded("write YYYY-MM if the day is a guess")
            yield worded(
                "{most} fall on day {day} of a month (3 % by chance): {guess}.",
                most=_most(count, len(days)),
                day=int(day),
                guess=guess,
            )
    month, count = _commonest([date[5:7] for date in dates])
    if count >= LEAST and _z(count / len(dates), 1 / 12, len(dates)) > UNLIKELY:
        yield worded(
            "{most} fall in month {month} (8 % by chance): a habit of the register?",
            most=_most(count, len(dates)),
            month=int(month),
        )
    _, count = _commonest(dates)
    if count >= LEAST and count / len(dates) > 0.1:
        said = _most(count, len(dates))
        yield worded(
            "{said} have the same date: the date of a visit or a report rather than of what happened?", said=said
        )


def _most(count: int, whole: int) -> str:
    """Write the share of a heap of five or more; where under five stand beside it, no number."""
    return worded("Nearly all") if 0 < whole - count < LEAST else told(shown_share(count, whole))


def _commonest(words: Sequence[str]) -> tuple[str, int]:
    values, counts = np.unique(np.array(words), return_counts=True)
    return str(values[counts.argmax()]), int(counts.max())


def _z(share: float, chance: float, n: int) -> float:
    return float((share - chance) / np.sqrt(chance * (1 - chance) / n))


def _intervals(spells: pd.DataFrame) -> Iterator[Finding]:
    closed = spells[ended(spells)]
    if not len(closed):
        said = worded("No AGR is known to have closed: nothing tells how long they last.")
        yield Finding(later("intervals"), "warning", said)
        return
    for (all_known, some_wide), lo, hi in (
        (CLOSINGS, closed["last_active"], closed["first_inactive"]),
        (STARTS, spells["start_lo"], spells["start_hi"]),
    ):
        width = (hi - lo).to_numpy()
        wide = width > SAME_DAY
        if not wide.any():
            yield Finding(later("intervals"), "note", worded(all_known))
            continue
        middle, most = np.quantile(width[wide], [0.5, 0.9])
        share = told(shown_share(int(wide.sum()), len(width)))
        said = worded(some_wide, share=share, middle=told(f"{middle:.1f}"), most=told(f"{most:.1f}"))
        yield Finding(later("intervals"), "warning" if middle > 12 else "note", said)


def _unseen(spells: pd.DataFrame) -> Finding:
    number = int((~could_be_seen(spells)).sum())
    if number:
        said = worded(
            "{count} AGRs had closed, or were last seen, before observed_from: they cannot have been seen so, and are "
            "left out of every estimate.",
            count=told(shown(number)),
        )
        return Finding(later("unseen"), "warning", said)
    late = int(np.isfinite(spells["observed_from"]).sum())
    if not late:
        said = worded("Every AGR can have been seen. All are observed from their start.")
    else:
        said = worded(
            "Every AGR can have been seen. {count} came under observation after they opened.", count=told(shown(late))
        )
    return Finding(later("unseen"), "fine", said)


def at_risk(spells: pd.DataFrame) -> NDArray[np.int64]:
    """Return how many AGRs are at risk at each month of age: element t counts those seen through age t."""
    age = ages(spells)
    out = np.where(np.isfinite(age["inactive"]), age["inactive"], age["active"])
    months = np.arange(int(out.max()) + 1 if len(age) else 1)
    entry = np.sort(age["entry"].to_numpy())
    return np.asarray(np.searchsorted(entry, months, side="right") - np.searchsorted(np.sort(out), months, side="left"))


def _risk_set(spells: pd.DataFrame) -> Finding:
    risk = at_risk(spells)
    steps = list(range(0, len(risk), 12))
    table = pd.DataFrame({"age in months": [str(t) for t in steps], "at risk": [shown(int(risk[t])) for t in steps]})
    many, enough = np.flatnonzero(risk >= GREYED), np.flatnonzero(risk >= FEW_AT_RISK)
    if not len(many):
        said = worded("Never are {grey} AGRs at risk at one age: no curve is worth drawing.", grey=GREYED)
        return Finding(later("risk set"), "warning", said, table)
    said = worded(
        "Curves are drawn grey past {last} months, the last age with {grey} at risk; past {end} months fewer than "
        "{few} are.",
        **{"last": many[-1], "grey": GREYED, "end": enough[-1], "few": FEW_AT_RISK},
    )
    if many[0] > 0:
        said += " " + worded(
            "Under {first} months of age fewer than {grey} are at risk: a curve from birth rests on them.",
            first=many[0],
            grey=GREYED,
        )
    return Finding(later("risk set"), "warning" if many[0] > 0 or many[-1] < 36 else "note", said, table)


def _missing(spells: pd.DataFrame) -> Finding:
    outcome = _outcome(spells)
    rows, uneven, much = [], [], []
    for name in COVARIATES:
        empty = _is_missing(spells[name])
        wholes = [int((outcome == each).sum()) for each in OUTCOMES]
        parts = [int(empty[outcome == each].sum()) for each in OUTCOMES]
        plain = open_rows(parts, [whole - part for part, whole in zip(parts, wholes, strict=True)])
        cells = zip(parts, wholes, plain, strict=True)
        rows.append([name, *(shown_share(part, whole) if known else WITHHELD for part, whole, known in cells)])
        if empty.mean() > 0.2:
            much.append(name)
        elif _differ(parts, wholes):
            uneven.append(name)
    table = pd.DataFrame(rows, columns=["missing", *OUTCOMES])
    if not much and not uneven:
        return Finding(later("missing"), "fine", worded("Few values are missing, and not by how the AGR ended:"), table)
    said = [worded("More than one in five missing: {names}.", names=_listed(much))] if much else []
    said += [worded("Missing by how the AGR ended: {names}.", names=_listed(uneven))] if uneven else []
    said += [worded("Whoever is left out is then no chance sample:")]
    return Finding(later("missing"), "warning", " ".join(said), table)


def _duplicates(spells: pd.DataFrame) -> Finding:
    same = spells.drop(columns=["id"]).duplicated(keep=False)
    named = spells["owner_id"] != ""
    twice = named & spells.duplicated(["owner_id", "start_lo", "start_hi"], keep=False) & ~same
    if not same.any() and not twice.any():
        return Finding(later("duplicates"), "fine", worded("No AGR stands in the file twice."))
    lines = np.array(spells.attrs["lines"])
    said = [worded("The same but for the id: {lines}.", lines=_lines(lines[same]))] if same.any() else []
    said += [worded("One owner, one start: {lines}.", lines=_lines(lines[twice]))] if twice.any() else []
    return Finding(later("duplicates"), "warning", " ".join(said))


def _lines(lines: NDArray[np.int64]) -> str:
    few = _listed([str(line) for line in lines[:8]])
    if len(lines) > 8:
        return worded("lines {few} and {more} more", few=few, more=len(lines) - 8)
    return worded("lines {few}", few=few)


def _listed(names: Sequence[str]) -> str:
    return worded(", ").join(names)


def _lost(spells: pd.DataFrame) -> Iterator[Finding]:
    lost = (spells["exit"] == Exit.LOST).to_numpy()
    if not open_rows(_exits(spells))[Exit.LOST]:
        said = worded("How many are lost to follow-up would tell a count under five, and is withheld.")
        yield Finding(later("lost"), "note", said)
        return
    if not lost.any():
        yield Finding(later("lost"), "fine", worded("No AGR is lost to follow-up."))
        return
    rows, uneven = [], []
    for name in COVARIATES:
        levels = _levels(spells[name])
        wholes = [int(member.sum()) for member in levels.values()]
        parts = [int(lost[member].sum()) for member in levels.values()]
        known = open_rows(wholes, parts, [whole - part for part, whole in zip(parts, wholes, strict=True)])
        for level, whole, part, plain in zip(levels, wholes, parts, known, strict=True):
            cells = (shown(whole), shown(part), shown_share(part, whole)) if plain else (WITHHELD,) * 3
            rows.append([name, level, *cells])
        if _differ(parts, wholes):
            uneven.append(name)
    table = pd.DataFrame(rows, columns=["covariate", "level", "AGRs", "lost", "share"])
    share = told(shown_share(int(lost.sum()), len(spells)))
    if uneven:
        said = worded(
            "{share} are lost to follow-up, unevenly by {names}: lost is then not the same as still open:",
            share=share,
            names=_listed(uneven),
        )
    else:
        said = worded("{share} are lost to follow-up, evenly:", share=share)
    yield Finding(later("lost"), "warning" if uneven or lost.mean() > 0.1 else "note", said, table)


def _levels(column: pd.Series) -> dict[str, NDArray[np.bool_]]:
    """Return the rows of each level of a covariate, thirds of a number, and those where it is not known."""
    missing = _is_missing(column)
    if column.name == "trained":
        known = {"no": np.isposinf(column), "yes": np.isfinite(column)}
    elif column.name == "first_agr":
        known = {"no": column == 0.0, "yes": column == 1.0}
    elif pd.api.types.is_numeric_dtype(column):
        if missing.all():
            return {}
        low, high = column.quantile([1 / 3, 2 / 3])
        middle = (column > low) & (column <= high)
        known = dict(zip(THIRDS, (column <= low, middle, column > high), strict=True))
    else:
        known = {level: column == level for level in sorted(set(column) - {""})}
    found = {level: np.asarray(member) & ~missing for level, member in known.items()} | {NOT_KNOWN: missing}
    return {level: member for level, member in found.items() if member.any()}


def _is_missing(column: pd.Series) -> NDArray[np.bool_]:
    return np.asarray(column.isna() if pd.api.types.is_numeric_dtype(column) else column == "")


def _outcome(spells: pd.DataFrame) -> NDArray[np.str_]:
    return np.where(ended(spells), "closed", np.where(spells["exit"] == Exit.LOST, "lost", "active"))


def _differ(parts: Sequence[int], wholes: Sequence[int]) -> bool:
    """Say whether shares differ by more than chance: Pearson's chi-squared, one in a hundred, levels of 5 and more."""
    from scipy.special import chdtrc

    part, whole = np.array(parts, dtype=float), np.array(wholes, dtype=float)
    part, whole = part[whole >= FEW_AT_RISK], whole[whole >= FEW_AT_RISK]
    if len(whole) < 2 or not 0 < part.sum() < whole.sum():
        return False
    share = part.sum() / whole.sum()
    squared = ((part - share * whole) ** 2 / (whole * share * (1 - share))).sum()
    return bool(chdtrc(len(whole) - 1, squared) < 0.01)
