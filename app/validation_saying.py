"""What a validation found, in plain sentences: whether the checks held, whether we beat those who know little."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..scenarios.language import ENGLISH, _, later, lowered, many, spoken, written
from . import wording
from .validation_words import in_words

if TYPE_CHECKING:
    import pandas as pd

    from ..calibration.validation import Validation

ENOUGH_FITS = 200
TOO_WIDE = 0.25
"""An interval that holds so much more often than it says tells less than is known."""
VERDICTS = HELD, FAILED, MIND = later("holds"), later("fails"), later("mind")
CLOSED_FORMS, KNOWN, FRESH = later("Closed forms"), later("Fits find known truths"), later("The fits are this code's")
MADE_UP, NAIVE = later("Made-up registers"), later("Against naive forecasts")
INTERVALS, ELSEWHERE = later("Intervals of forecasts"), later("Curves published elsewhere")


@dataclass(frozen=True)
class Said:
    """One check in words: which, whether it holds, fails or is to be minded, and what was found.

    The first two are English, to be looked up where they are shown; what was found is in the language spoken.
    """

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
    if held == len(said):
        first = [many("All {n} checks hold", "All {n} checks hold", held)]
    else:
        first = [many("{n} of {total} checks hold", "{n} of {total} checks hold", held, total=len(said))]
    for verdict, words in ((FAILED, later("what fails: {checks}")), (MIND, later("what cannot be said yet: {checks}"))):
        some = [lowered(_(each.check)) for each in said if each.verdict == verdict]
        first += [_(words, checks=wording.listed(some))] if some else []
    parts = [_("; ").join(first) + "."]
    if "skill" in found.tables:
        parts.append(against_naive(found.tables["skill"]))
    if found.synthetic:
        parts.append(
            _("The register was made up: this says whether the machinery works, not how well Morocco is known.")
        )
    return " ".join(parts)


def against_naive(skill: pd.DataFrame) -> str:
    """Say in a sentence against whom we win, whom we cannot be told from, and to whom we lose, by the log score."""
    first = skill[(skill["score"] == "log") & (skill["held_out"] == skill["held_out"].iloc[0])]
    wins = [str(row.rival) for row in first.itertuples() if row.low > 0.0 and row.skill > 0.0]
    loses = [str(row.rival) for row in first.itertuples() if row.skill <= 0.0]
    level = [str(row.rival) for row in first.itertuples() if row.rival not in (*wins, *loses)]
    parts = [_("loses to {rivals}", rivals=_rivals(loses))] if loses else []
    parts += [_("cannot be told from {rivals}", rivals=_rivals(level))] if level else []
    parts += [_("beats {rivals}", rivals=_rivals(wins))] if wins else []
    what = in_words(str(first["held_out"].iloc[0]))
    return _("Forecasting {what} of the register, the model {does}.", what=what, does=wording.listed(parts))


def _rivals(names: Sequence[str]) -> str:
    return wording.listed([in_words(name) for name in names])


def cannot_tell(found: Validation) -> list[str]:
    """Return what no check can test, with how much hangs on it where that can be said."""
    tables, said = found.tables, []
    if "lost" in tables and len(tables["lost"]) and tables["lost"]["lost"].iloc[0] > 0:
        three = tables["lost"][tables["lost"]["years"] == 3].set_index("delta")["open"]
        said.append(
            _(
                "What became of those lost to follow-up. If they went on like the others, {alike} are open after three "
                "years; if they closed at 2.7 times the rate, {oftener}; if all of them had closed, {closed}.",
                alike=_percent(three[0.0]),
                oftener=_percent(three[1.0]),
                closed=_percent(three.iloc[-1]),
            )
        )
    if "success" in tables:
        three = tables["success"][tables["success"]["years"] == 3]["share"]
        said.append(
            _(
                "What success is. After three years it is {least} if only an open AGR counts and {most} if everybody "
                "counts who did not fail: that is for people to decide.",
                least=_percent(three.iloc[0]),
                most=_percent(three.iloc[-1]),
            )
        )
    chance = tables["readings"].groupby(tables["readings"]["n"] == tables["readings"]["financed"])["chance"].sum()
    said.append(
        _(
            "Out of how many the published 53.7 % is. Under this fit the readings in which all those counted had an "
            "AGR have {chance} of the chance, those in which 494 of them had one the rest.",
            chance=_percent(float(chance.get(True, 0.0))),
        )
    )
    said.append(
        _(
            "What a policy never tried would do, what training does for those who did not choose it, incomes outside "
            "the programme, and what would have happened without it. Survival is not impact."
        )
    )
    return said


def _percent(share: float) -> str:
    return wording.chance(share) if math.isfinite(share) else _("an unknown share")


def _closed_forms(table: pd.DataFrame) -> Said:
    bad = table[~table["holds"].astype(bool)]
    about = many(
        "{n} lives of each hazard family against the formula, at {ages} ages",
        "{n} lives of each hazard family against the formula, at {ages} ages",
        int(table["lives"].iloc[0]), ages=table["years"].nunique(),
    )  # fmt: skip
    if not len(bad):
        words = _("Simulated AGRs last as long as the formulas say ({about}).", about=about)
        return Said(CLOSED_FORMS, HELD, words)
    names = wording.listed([in_words(name) for name in sorted(bad["family"].unique())])
    words = _("Simulated AGRs do not last as long as the formula says: {names} ({about}).", names=names, about=about)
    return Said(CLOSED_FORMS, FAILED, words)


def _ranks(table: pd.DataFrame, stale: str) -> list[Said]:
    fits, bad = int(table["fits"].min()), table[table["fails"].astype(bool)]
    few = many(
        "Only {n} of {enough} fits are done: small faults would not show.",
        "Only {n} of {enough} fits are done: small faults would not show.",
        fits, enough=ENOUGH_FITS,
    ) if fits < ENOUGH_FITS else ""  # fmt: skip
    about = many(
        "{n} fits to made-up registers whose truth is known, {quantities} quantities",
        "{n} fits to made-up registers whose truth is known, {quantities} quantities",
        fits, quantities=len(table),
    )  # fmt: skip
    if len(bad):
        which = _each((row.quantity, row.says) for row in bad.itertuples())
        words = _("Some intervals are off ({about}): {which}.", about=about, which=which)
    else:
        words = _("Intervals are as wide as errors are large ({about}).", about=about)
    said = Said(KNOWN, FAILED if len(bad) else MIND if few else HELD, f"{words} {few}".rstrip())
    if not stale:
        return [said]
    words = _("The ranks are {stale}. They are made anew by python benchmarks/sbc.py run.", stale=in_words(stale))
    return [said, Said(FRESH, FAILED, words)]


def _each(found: Iterable[tuple[object, object]]) -> str:
    """Return names with what is said of each."""
    return _("; ").join(_("{name}: {value}", name=in_words(str(a)), value=in_words(str(b))) for a, b in found)


def _predictive(table: pd.DataFrame) -> Said:
    after = table[table["under"] == "posterior"]
    odd = after[after["says"].str.contains("more than|less than")]
    told = int((after["says"] != "cannot be told").sum())
    if not len(odd):
        words = many(
            "Registers made up under the fit look like this one in all {n} numbers.",
            "Registers made up under the fit look like this one in all {n} numbers.",
            told,
        )
        return Said(MADE_UP, HELD, words)
    which = _each((row.statistic, row.says) for row in odd.itertuples())
    return Said(MADE_UP, FAILED, _("Registers made up under the fit differ from this one in {which}.", which=which))


def _skill(table: pd.DataFrame) -> Said:
    lost = table[table["skill"] <= 0.0]
    if not len(lost):
        unsure, n = int((~(table["low"] > 0.0)).sum()), len(table)
        words = many(
            "No rival forecasts better in any of {n} comparisons; in {unsure} the interval of our skill holds zero.",
            "No rival forecasts better in any of {n} comparisons; in {unsure} the interval of our skill holds zero.",
            n, unsure=unsure,
        ) if unsure else many(
            "No rival forecasts better in any of {n} comparisons.",
            "No rival forecasts better in any of {n} comparisons.", n,
        )  # fmt: skip
        return Said(NAIVE, HELD, words)
    each = _("; ").join(
        _(
            "{held_out}, {score}: to {rival} by {size} %",
            held_out=in_words(str(row.held_out)),
            score=_score(str(row.score)),
            rival=in_words(str(row.rival)),
            size=written(f"{-100.0 * row.skill:.1f}"),
        )
        for row in lost.itertuples()
    )
    words = many(
        "We lose, or are no better, in {n} of {total} comparisons ({each}).",
        "We lose, or are no better, in {n} of {total} comparisons ({each}).",
        len(lost), total=len(table), each=each,
    )  # fmt: skip
    return Said(NAIVE, FAILED, words)


def _score(column: str) -> str:
    """Return what a score is called where losses are listed: in English, by its column."""
    from ..calibration.skill import CALLED

    return column if spoken() is ENGLISH else _(CALLED.get(column, column))


def _coverage(table: pd.DataFrame) -> Said:
    ours = table[table["forecaster"] == "idmaj"].groupby("level")[["inside", "n"]].sum()
    if not len(ours):
        return Said(INTERVALS, MIND, _("Too few AGRs of any year to count endings."))
    share = ours["inside"] / ours["n"]
    levels = [
        _("{share} of the {level} % intervals", share=_percent(x), level=f"{100 * level:.0f}")
        for level, x in share.items()
    ]
    # Cells of a register hang together: an interval that holds a tenth less often than it says is called too narrow.
    narrow = bool((share < share.index - 0.1).any())
    # Small counts come in steps, so that even a right interval holds somewhat more than it says.
    wide = not narrow and bool((share > share.index + TOO_WIDE).any())
    counts = {"counts": written(f"{int(ours['n'].max())}"), "intervals": wording.listed(levels)}
    if narrow:
        words = _("Of {counts} counts of endings, {intervals} hold what happened: too narrow.", **counts)
        return Said(INTERVALS, FAILED, words)
    if wide:
        words = _("Of {counts} counts of endings, {intervals} hold what happened: wider than they need be.", **counts)
        return Said(INTERVALS, MIND, words)
    return Said(INTERVALS, HELD, _("Of {counts} counts of endings, {intervals} hold what happened.", **counts))


def _elsewhere(table: pd.DataFrame) -> Said:
    from ..calibration.elsewhere import elsewhere_says

    after = table[table["under"] == "posterior"]
    return Said(ELSEWHERE, HELD if after["inside_95"].astype(bool).all() else FAILED, elsewhere_says(table))
