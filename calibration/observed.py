"""What was observed, as runs could show it: which columns of the table a published figure speaks of, and how surely.

A figure names an observable (`quantity`) and a date. What it was read from is as doubtful in a run as in the source: a
way to read it is drawn for each run, with rounding and the error of a survey, so that runs and print are alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.errors import UserError, worded
from ..sim.history import EVALUATION_MONTH
from .figures import figure
from .observables import AMOUNT, COUNT, OBSERVABLES, RATIO, SHARE, Observable, reading_column
from .priors import standard_normal
from .rounding import decimals_of, denominators
from .schemas import CLOSED, LEFT_OUT
from .shares import (
    HEADS_AT_WORK,
    HEADS_SPREAD,
    Share,
    bundled_share,
    of_closed_form,
    shares_of,
    ways_to_count_lost,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAR_MONTHS = 6
"""A figure may speak of a date so far from one that runs keep."""
AMOUNT_DOUBT = 0.10
"""Doubt about an amount or a ratio that a survey gives, as a share of it: judgement, as none publishes an error."""
LEAST = 1e-3
"""Shares are held so far from 0 and 1, where their logits are."""
UNITS = {SHARE: "percent", COUNT: "persons", AMOUNT: "MAD 2016", RATIO: "ratio"}
HEADS = "heads_at_work"


@dataclass(frozen=True)
class Way:
    """One way to read a figure: its name, the column it speaks of, what that is multiplied by, and its chance."""

    name: str
    column: str
    factor: float
    chance: float


@dataclass(frozen=True)
class Observed:
    """A published figure that runs can show.

    Attributes
    ----------
    id : str
    of : Observable
    value, step : float
        As published, and the step of its last digit, both in the unit of the observable (shares 0-1).
    doubt : float
        Standard deviation of what else it may be off, on the scale on which it is compared (`linear`).
    ways : tuple of Way
    """

    id: str
    of: Observable
    value: float
    step: float
    doubt: float
    ways: tuple[Way, ...]

    def linear(self, values: Any) -> Floats:
        """Return values on the scale on which they are compared: logit of shares, logarithm of all else."""
        values = np.asarray(values, dtype=np.float64)
        if self.of.unit == SHARE:
            held = np.clip(values, LEAST, 1.0 - LEAST)
            return np.asarray(np.log(held / (1.0 - held)))
        # Held above nothing, where logarithms are: by half of a count, or a hundredth of what was published.
        return np.asarray(np.log(np.maximum(values, 0.0) + (0.5 if self.of.unit == COUNT else 0.01 * self.value)))

    def of_runs(self, seen: pd.DataFrame, seed: int) -> tuple[Floats, Ints]:
        """Return what each run would have printed, on the scale of `linear`, and the way it was read.

        The same for the first runs however many follow.
        """
        key = int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:8], "little")
        luck = np.random.Generator(np.random.Philox(key=[seed, key]))
        u, rounding, error = luck.random((len(seen), 3)).T
        chances = np.cumsum([way.chance for way in self.ways])
        way = np.searchsorted(chances / chances[-1], u).clip(max=len(self.ways) - 1)
        columns = np.column_stack([seen[each.column].to_numpy() * each.factor for each in self.ways])
        values = columns[np.arange(len(seen)), way] + (rounding - 0.5) * self.step
        return self.linear(values) + standard_normal(error) * self.doubt, way


def matrix(observed: Sequence[Observed], seen: pd.DataFrame, seed: int) -> tuple[Floats, Ints]:
    """Return what runs would have printed, (runs, figures), and the ways they were read, (runs, figures)."""
    found = [each.of_runs(seen, seed) for each in observed]
    return np.column_stack([x for x, _ in found]), np.column_stack([way for _, way in found])


def published(observed: Sequence[Observed]) -> Floats:
    """Return what was published, on the scales on which runs are compared; shape (figures,)."""
    return np.array([float(each.linear(each.value)) for each in observed])


def heads_at_work() -> Observed:
    """Return the survey of heads at work (L001), with the doubt that other engines give it."""
    row, of = figure(HEADS_AT_WORK), OBSERVABLES[HEADS]
    share = float(row["value"]) / 100.0
    column = of.column(of.months[-1])
    doubt = HEADS_SPREAD / (share * (1.0 - share))
    return Observed(HEADS_AT_WORK, of, share, 0.001, doubt, (Way("", column, 1.0, 1.0),))


def of_share(share: Share) -> Observed:
    """Return the share of the programme with the readings it has; a reading that no whole number can print is none."""
    ways = []
    for each in share.readings:
        column = reading_column(each.lost == LEFT_OUT, each.until)
        chance = _printable(share.printed, each.n)
        if chance > 0.0:
            ways.append(Way(each.name, column, each.financed / each.n, chance))
    step = 10.0 ** -(decimals_of(share.printed) + 2)
    return Observed(share.id, OBSERVABLES["active_share"], float(share.printed) / 100.0, step, 0.0, tuple(ways))


def _printable(printed: str, n: int) -> float:
    """Return how many whole numbers out of n give the print, against what its width would let one expect."""
    row = denominators(printed, decimals_of(printed), [n]).iloc[0]
    if not row["possible"]:
        return 0.0
    expected = n * 10.0 ** -(decimals_of(printed) + 2)
    return float(row["k_high"] - row["k_low"] + 1) / expected


@dataclass(frozen=True)
class Figures:
    """What published figures say to each engine.

    Attributes
    ----------
    shares : tuple of Share
        Shares that a closed form gives.
    notes : tuple of str
        What to say of figures that neither engine uses.
    observed : tuple of Observed
        Figures that whole runs show, those shares among them.
    latent : tuple of str
        In words, figures that whole runs show and no closed form gives.
    unseen : tuple of str
        In words, figures that whole runs do not show, and why.
    """

    shares: tuple[Share, ...] = ()
    notes: tuple[str, ...] = ()
    observed: tuple[Observed, ...] = ()
    latent: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    def plus(self, other: Figures) -> Figures:
        """Return the figures of both."""
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def bundled_figures() -> Figures:
    """Return the published share active (P001), in each of its readings."""
    share = bundled_share()
    return Figures(shares=(share,), observed=(of_share(share),))


def figures_of(table: pd.DataFrame, name: str) -> Figures:
    """Return what a file of figures says; UserError if no engine can use any of them.

    Parameters
    ----------
    table : DataFrame
        As `read_published` gives it.
    name : str
        Of the file.
    """
    observed, unseen = observed_of(table, name)
    closed = set(table["id"][of_closed_form(table)])
    latent = {each.id: f"{each.id} ({each.of.name})" for each in observed if each.id not in closed}
    rest = table[~table["id"].isin(list(latent))]
    shares, said = shares_of(rest, name) if closed or not latent else ((), ())
    return Figures(shares, said, observed, tuple(latent.values()), unseen)


def observed_of(figures: pd.DataFrame, name: str) -> tuple[tuple[Observed, ...], tuple[str, ...]]:
    """Return the figures of a file that runs can show, and why the others are none, in words.

    Parameters
    ----------
    figures : DataFrame
        As `read_published` gives it.
    name : str
        Of the file.
    """
    found, said = [], []
    for row in figures.to_dict("records"):
        try:
            found.append(_observed(row))
        except UserError as problem:
            said.append(worded("{name}: {id}: {problem}", name=name, id=row["id"], problem=problem))
    return tuple(found), tuple(said)


def _observed(row: dict[str, Any]) -> Observed:
    of = OBSERVABLES.get(row["quantity"])
    if of is None:
        raise UserError(
            "quantity: found {quantity!r}; accepted {names}", quantity=row["quantity"], names=", ".join(OBSERVABLES)
        )
    fits = row["unit"] != "percent" if of.unit == COUNT else row["unit"].startswith(UNITS[of.unit])
    if not fits:
        raise UserError(
            "unit: found {unit!r}; accepted {units!r} for {name}", unit=row["unit"], units=UNITS[of.unit], name=of.name
        )
    month = _month_of(of, row)
    scale = 0.01 if of.unit == SHARE else 1.0
    value, step = row["value"] * scale, row["rounding"] * scale
    return Observed(row["id"], of, value, step, _doubt(of, row, value), _ways(of, row, month))


def _month_of(of: Observable, row: dict[str, Any]) -> int:
    """Return the month whose column a figure speaks of; UserError if runs keep none near it."""
    end = int(np.ceil(row["to"])) - 1
    month = min(of.months, key=lambda each: abs(each - end))
    words = ", ".join(of.column(each).removeprefix(f"{of.name}_").replace("_", "-") for each in of.months)
    if of.unit == COUNT:
        if end not in of.months or abs(row["to"] - row["from"] - 12.0) > 1e-6:
            raise UserError(
                "from, to: accepted for {name}: a calendar year that ends in {words}", name=of.name, words=words
            )
        return end
    if abs(month - end) > NEAR_MONTHS:
        raise UserError(
            "to: accepted for {name}: within {near_months} months of {words}",
            name=of.name,
            near_months=NEAR_MONTHS,
            words=words,
        )
    return month


def _doubt(of: Observable, row: dict[str, Any], value: float) -> float:
    """Return what a figure may be off besides its rounding, on the scale on which it is compared."""
    if of.unit == COUNT or of.name in ("active_share", "lost_share"):
        return 0.0  # counted, not asked: the luck of so many lives is in the run itself
    if of.unit != SHARE:
        return AMOUNT_DOUBT
    held = float(np.clip(value, LEAST, 1.0 - LEAST))
    spread = HEADS_SPREAD if not row["n"] else float(np.sqrt(held * (1.0 - held) / min(row["n"])))
    return spread / (held * (1.0 - held))


def _ways(of: Observable, row: dict[str, Any], month: int) -> tuple[Way, ...]:
    """Return the ways to read a figure: a share active at the evaluation may leave out owners who were lost, or not."""
    column = of.column(month)
    if of.name != "active_share" or month != EVALUATION_MONTH:
        return (Way("", column, 1.0, 1.0),)
    columns = {CLOSED: column, LEFT_OUT: reading_column(True, EVALUATION_MONTH + 1)}
    return tuple(Way(f"lost owners {how}", columns[how], 1.0, 1.0) for how in ways_to_count_lost(row["untraceable"]))
