"""What a validation found, in plain sentences: whether the checks held, whether we beat those who know little."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import wording

if TYPE_CHECKING:
    import pandas as pd

    from ..calibration.validation import Validation

ENOUGH_FITS = 200
TOO_WIDE = 0.25
"""An interval that holds so much more often than it says tells less than is known."""
HELD, FAILED, MIND = "holds", "fails", "mind"


@dataclass(frozen=True)
class Said:
    """One check in words: which, whether it holds, fails or is to be minded, and what was found."""

    check: str
    verdict: str
    words: str


def said_of(found: Validation) -> list[Said]:
    """Return what each check found, in the order in which they are made."""
    tables = found.tables
    said = [_closed_forms(tables["closed_forms"]), *_ranks(tables["ranks"], found.stale)]
    if "predictive" in tables:
        said.append(_predictive(tables["predictive"]))
    if "skill" in tables:
        said += [_skill(tables["skill"]), _coverage(tables["coverage"])]
    return [*said, _elsewhere(tables["elsewhere"])]


def answer(found: Validation) -> str:
    """Return the answer of the first page: whether the checks hold, and whether we beat the naive rates or lose."""
    said = said_of(found)
    held = sum(each.verdict == HELD for each in said)
    first = [f"All {held} checks hold" if held == len(said) else f"{held} of {len(said)} checks hold"]
    for verdict, words in ((FAILED, "what fails"), (MIND, "what cannot be said yet")):
        some = [each.check for each in said if each.verdict == verdict]
        first += [f"{words}: {wording.listed(some).lower()}"] if some else []
    parts = ["; ".join(first) + "."]
    if "skill" in found.tables:
        parts.append(against_naive(found.tables["skill"]))
    if found.synthetic:
        parts.append("The register was made up: this says whether the machinery works, not how well Morocco is known.")
    return " ".join(parts)


def against_naive(skill: pd.DataFrame) -> str:
    """Say in a sentence against whom we win, whom we cannot be told from, and to whom we lose, by the log score."""
    later = skill[(skill["score"] == "log") & (skill["held_out"] == skill["held_out"].iloc[0])]
    wins = [str(row.rival) for row in later.itertuples() if row.low > 0.0 and row.skill > 0.0]
    loses = [str(row.rival) for row in later.itertuples() if row.skill <= 0.0]
    level = [str(row.rival) for row in later.itertuples() if row.rival not in (*wins, *loses)]
    where = f"Forecasting {later['held_out'].iloc[0]} of the register, the model"
    parts = [f"loses to {wording.listed(loses)}"] if loses else []
    parts += [f"cannot be told from {wording.listed(level)}"] if level else []
    parts += [f"beats {wording.listed(wins)}"] if wins else []
    return f"{where} {wording.listed(parts)}."


def cannot_tell(found: Validation) -> list[str]:
    """Return what no check can test, with how much hangs on it where that can be said."""
    tables, said = found.tables, []
    if "lost" in tables and len(tables["lost"]) and tables["lost"]["lost"].iloc[0] > 0:
        three = tables["lost"][tables["lost"]["years"] == 3].set_index("delta")["open"]
        said.append(
            f"What became of those lost to follow-up. If they went on like the others, {_percent(three[0.0])} are open "
            f"after three years; if they closed at 2.7 times the rate, {_percent(three[1.0])}; "
            f"if all of them had closed, {_percent(three.iloc[-1])}."
        )
    if "success" in tables:
        three = tables["success"][tables["success"]["years"] == 3]["share"]
        said.append(
            f"What success is. After three years it is {_percent(three.iloc[0])} if only an open AGR counts and "
            f"{_percent(three.iloc[-1])} if everybody counts who did not fail: that is for people to decide."
        )
    chance = tables["readings"].groupby(tables["readings"]["n"] == tables["readings"]["financed"])["chance"].sum()
    said.append(
        "Out of how many the published 53.7 % is. Under this fit the readings in which all those counted had an AGR "
        f"have {_percent(float(chance.get(True, 0.0)))} of the chance, those in which 494 of them had one the rest."
    )
    said.append(
        "What a policy never tried would do, what training does for those who did not choose it, incomes outside the "
        "programme, and what would have happened without it. Survival is not impact."
    )
    return said


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}{wording.THIN}%" if math.isfinite(share) else "an unknown share"


def _closed_forms(table: pd.DataFrame) -> Said:
    bad = table[~table["holds"].astype(bool)]
    lives = int(table["lives"].iloc[0])
    about = f"{lives:,} lives of each hazard family against the formula, at {table['years'].nunique()} ages"
    if not len(bad):
        return Said("Closed forms", HELD, f"Simulated AGRs last as long as the formulas say ({about}).")
    names = wording.listed(sorted(bad["family"].unique()))
    return Said("Closed forms", FAILED, f"Simulated AGRs do not last as long as the formula says: {names} ({about}).")


def _ranks(table: pd.DataFrame, stale: str) -> list[Said]:
    fits, bad = int(table["fits"].min()), table[table["fails"].astype(bool)]
    few = f" Only {fits} of {ENOUGH_FITS} fits are done: small faults would not show." if fits < ENOUGH_FITS else ""
    about = f"{fits} fits to made-up registers whose truth is known, {len(table)} quantities"
    if len(bad):
        which = "; ".join(f"{row.quantity}: {row.says}" for row in bad.itertuples())
        said = Said("Fits find known truths", FAILED, f"Some intervals are off ({about}): {which}.{few}")
    else:
        words = f"Intervals are as wide as errors are large ({about}).{few}"
        said = Said("Fits find known truths", MIND if few else HELD, words)
    if not stale:
        return [said]
    words = f"The ranks are {stale}. They are made anew by python benchmarks/sbc.py run."
    return [said, Said("The fits are this code's", FAILED, words)]


def _predictive(table: pd.DataFrame) -> Said:
    after = table[table["under"] == "posterior"]
    odd = after[after["says"].str.contains("more than|less than")]
    told = int((after["says"] != "cannot be told").sum())
    if not len(odd):
        words = f"Registers made up under the fit look like this one in all {told} numbers."
        return Said("Made-up registers", HELD, words)
    which = "; ".join(f"{row.statistic}: {row.says}" for row in odd.itertuples())
    return Said("Made-up registers", FAILED, f"Registers made up under the fit differ from this one in {which}.")


def _skill(table: pd.DataFrame) -> Said:
    lost = table[table["skill"] <= 0.0]
    if not len(lost):
        unsure = int((~(table["low"] > 0.0)).sum())
        words = f"No rival forecasts better in any of {len(table)} comparisons"
        words += f"; in {unsure} the interval of our skill holds zero" if unsure else ""
        return Said("Against naive forecasts", HELD, f"{words}.")
    each = "; ".join(
        f"{row.held_out}, {row.score}: to {row.rival} by {-100.0 * row.skill:.1f} %" for row in lost.itertuples()
    )
    words = f"We lose, or are no better, in {len(lost)} of {len(table)} comparisons ({each})."
    return Said("Against naive forecasts", FAILED, words)


def _coverage(table: pd.DataFrame) -> Said:
    ours = table[table["forecaster"] == "idmaj"].groupby("level")[["inside", "n"]].sum()
    if not len(ours):
        return Said("Intervals of forecasts", MIND, "Too few AGRs of any year to count endings.")
    share = ours["inside"] / ours["n"]
    listed = wording.listed([f"{_percent(x)} of the {100 * level:.0f} % intervals" for level, x in share.items()])
    # Cells of a register hang together: an interval that holds a tenth less often than it says is called too narrow.
    narrow = bool((share < share.index - 0.1).any())
    # Small counts come in steps, so that even a right interval holds somewhat more than it says.
    wide = not narrow and bool((share > share.index + TOO_WIDE).any())
    words = f"Of {int(ours['n'].max())} counts of endings, {listed} hold what happened"
    why = ": too narrow" if narrow else ": wider than they need be" if wide else ""
    return Said("Intervals of forecasts", FAILED if narrow else MIND if wide else HELD, f"{words}{why}.")


def _elsewhere(table: pd.DataFrame) -> Said:
    from ..calibration.elsewhere import elsewhere_says

    after = table[table["under"] == "posterior"]
    return Said(
        "Curves published elsewhere", HELD if after["inside_95"].astype(bool).all() else FAILED, elsewhere_says(table)
    )
