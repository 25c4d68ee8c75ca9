"""Checks of a register or cohort table: made-up ones beside it, hold-outs with scores, and what it cannot test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..sim.errors import later
from . import holdout
from .curves import risk_table, survival_curves
from .foretell import BRIEF, FAMILIES, OURS, Foreteller, RegisterFit, fit_table
from .likelihood import Structure
from .lost import lost_table, success_table
from .naive import NAIVE
from .predictive import predictive_table, register_statistics, replicate
from .priors import quantile
from .privacy import LEAST
from .remake import Remade
from .sampler import MOST_BLOCKS
from .scores import LEVELS, pit_histogram, reliability, share_interval
from .skill import skill_table
from .totals import hold_out_endings

Tell = Callable[[str, int], None]

ROLLING, COHORT, PLACE = later("later years"), later("a cohort left out"), later("a place left out")
NOTHING = later("Nothing could be held out: cohorts and places are too small.")
NO_SPELLS = later("Cohort tables: checks of single AGRs (made-up registers, those lost) need spells.")
GIVEN = "openings in the commonest month"
"""Of made-up registers the same as of the real one, since AGRs open when they did."""
CURVE_AGES = np.arange(0.0, 121.0, 3.0)
SAMPLE = 150
"""AGRs over which the curve of the fit is averaged."""


@dataclass(frozen=True)
class Effort:
    """How many structures forecast, how much is held out, and how many registers are made up.

    Attributes
    ----------
    structures : tuple of Structure
    origins, cohorts, places : int
        Held out at most.
    blocks, final_blocks : int
        Blocks of the chains at most, with something held out and with nothing.
    made_up : int
        Registers under prior and under posterior.
    """

    structures: tuple[Structure, ...]
    origins: int
    cohorts: int
    places: int
    blocks: int
    final_blocks: int
    made_up: int


FULL = Effort(FAMILIES, 3, 12, 4, BRIEF, MOST_BLOCKS, 100)
QUICK = Effort(FAMILIES[:1], 1, 3, 1, BRIEF - 1, BRIEF, 40)

Splits = dict[str, list[holdout.Split]]


def splits_of(table: pd.DataFrame, effort: Effort) -> Splits:
    """Cut a table in every way: what came after a date, each cohort, each place; evenly spaced where they are many."""
    first, last = _dates(table)
    origins = np.linspace(first, last, effort.origins + 2)[1:-1]
    found = {
        ROLLING: (holdout.rolling_origin(table, [float(each) for each in origins]), effort.origins),
        COHORT: (holdout.leave_one_cohort_out(table), effort.cohorts),
        PLACE: (holdout.leave_one_place_out(table), effort.places),
    }
    kept = {}
    for kind, (splits, most) in found.items():
        usable = [each for each in splits if len(each.test) >= _least(table) and len(each.train) >= _least(table)]
        at = np.unique(np.linspace(0, len(usable) - 1, min(most, len(usable))).round().astype(int)) if usable else []
        kept[kind] = [usable[k] for k in at]
    return {kind: splits for kind, splits in kept.items() if splits}


def steps(splits: Splits, effort: Effort) -> int:
    """Return how many steps `check_register` tells of."""
    return 2 + sum(len(each) for each in splits.values())


def check_register(
    table: pd.DataFrame, splits: Splits, effort: Effort, seed: int, workers: int, tell: Tell
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return the tables of a register that `Validation` names, and what to say of what could not be done."""
    fitted = 0

    def on_fit(many: int) -> None:
        nonlocal fitted
        fitted = many
        tell("Fitting with a part held out", many)

    ours = Foreteller(effort.structures, 2017 + seed, effort.blocks, workers, on_fit)
    hold = _hold_out_counts if "n_active" in table else _hold_out_spells
    found = hold(splits, {OURS: ours} | NAIVE, seed)
    notes = [] if splits else [NOTHING]
    if "n_active" in table:
        return found, [*notes, NO_SPELLS]
    tell("Fitting all of it", fitted)
    fit = fit_table(table, effort.structures, 2017 + seed, effort.final_blocks, workers)
    tell("Making registers up", fitted + 1)
    found |= {"predictive": _predictive(table, fit, effort.made_up, seed)}
    found |= {"lost": lost_table(table, seed=seed), "success": success_table(table)}
    by = "sex" if table["sex"].nunique() > 1 else None
    found |= {"curves": survival_curves(table, by), "risk": risk_table(table, by), "predicted": _curve(table, fit, by)}
    return found, notes


def _hold_out_spells(splits: Splits, forecasters: dict[str, holdout.Forecaster], seed: int) -> dict[str, pd.DataFrame]:
    scores, cells, covered = [], [], []
    for kind, some in splits.items():
        scores.append(holdout.hold_out(some, forecasters).assign(held_out=kind))
        counts, held = hold_out_endings(some, forecasters, seed)
        cells.append(counts.assign(held_out=kind))
        covered.append(held.assign(held_out=kind))
    if not scores:
        return {}
    single, counted = pd.concat(scores, ignore_index=True), pd.concat(cells, ignore_index=True)
    losses = single.groupby(["held_out", "months", "forecaster"], sort=False).apply(_weighed, include_groups=False)
    skills = [_skill(part, kind, ("log", "brier"), seed) for kind, part in single.groupby("held_out", sort=False)]
    skills += [_skill(part, kind, ("crps",), seed) for kind, part in counted.groupby("held_out", sort=False)]
    ours = single[single["forecaster"] == OURS]
    told = counted.loc[counted["forecaster"] == OURS, "pit"]
    return {
        "losses": losses.reset_index(),
        "skill": pd.concat(skills, ignore_index=True),
        "cells": counted,
        "coverage": pd.concat(covered, ignore_index=True),
        "pit": pit_histogram(told),
        "reliability": reliability(ours["chance"], ours["active"], ours["weight"]),
    }


def _hold_out_counts(splits: Splits, forecasters: dict[str, holdout.Forecaster], seed: int) -> dict[str, pd.DataFrame]:
    luck = np.random.Generator(np.random.Philox(key=[seed, 19]))
    parts = [holdout.hold_out_counts(some, forecasters, luck).assign(held_out=kind) for kind, some in splits.items()]
    if not parts:
        return {}
    cells = pd.concat(parts, ignore_index=True)
    losses = cells.groupby(["held_out", "forecaster"], sort=False)[["log", "crps"]].mean().reset_index()
    skills = [_skill(part, kind, ("log", "crps"), seed) for kind, part in cells.groupby("held_out", sort=False)]
    covered = []
    for (kind, name), part in cells.groupby(["held_out", "forecaster"], sort=False):
        for level in LEVELS:
            inside, n = int((np.abs(part["pit"] - 0.5) <= level / 2.0).sum()), len(part)
            covered.append((level, n, inside, inside / n, *share_interval(inside, n), name, kind))
    columns = ["level", "n", "inside", "share", "low", "high", "forecaster", "held_out"]
    return {
        "losses": losses,
        "skill": pd.concat(skills, ignore_index=True),
        "cells": cells,
        "coverage": pd.DataFrame(covered, columns=columns),
        "pit": pit_histogram(cells.loc[cells["forecaster"] == OURS, "pit"]),
    }


def _weighed(part: pd.DataFrame) -> pd.Series:
    """Return losses, each answer standing for those that were lost too, and how many answers there are."""
    losses = {name: float(np.average(part[name], weights=part["weight"])) for name in ("log", "brier")}
    return pd.Series(losses | {"n": len(part)})


def _skill(part: pd.DataFrame, kind: object, columns: Sequence[str], seed: int) -> pd.DataFrame:
    return skill_table(part, OURS, columns=columns, seed=seed).assign(held_out=kind)


def _predictive(table: pd.DataFrame, fit: RegisterFit, many: int, seed: int) -> pd.DataFrame:
    """Return what is observed beside registers made up under the fit, and under its priors."""
    remade = Remade(table)
    observed = register_statistics(remade.spells).drop(GIVEN)
    likelihoods = [replace(each, rows=remade.rows) for each in fit.likelihoods]
    luck = np.random.Generator(np.random.Philox(key=[seed, 20]))
    parts = []
    for under in ("posterior", "prior"):

        def simulate(draw: int, under: str = under) -> pd.DataFrame:
            which = draw % len(likelihoods)
            likelihood, draws = likelihoods[which], fit.draws[which]
            values = draws[(draw // len(likelihoods)) % len(draws)]
            if under == "prior":
                values = {name: float(quantile(likelihood.numbers[name], luck.random(1))[0]) for name in values}
            return remade(likelihood, values, 1000 * seed + draw)

        parts.append(predictive_table(observed, replicate(simulate, many)).assign(under=under))
    return pd.concat(parts, ignore_index=True)


def _curve(table: pd.DataFrame, fit: RegisterFit, by: str | None) -> pd.DataFrame:
    """Return the share open by age that the fit gives for the AGRs of a table, by group: `group, age, survival`."""
    names = [("all", table)] if by is None else list(table[table[by] != ""].groupby(by))
    parts = []
    for name, part in names:
        some = part.iloc[np.unique(np.linspace(0, len(part) - 1, min(SAMPLE, len(part))).astype(int))]
        rows = some.loc[some.index.repeat(len(CURVE_AGES))]
        age = np.tile(CURVE_AGES, len(some))
        share = fit(rows, np.zeros(len(age)), age).reshape(len(some), -1).mean(axis=0)
        parts.append(pd.DataFrame({"group": name, "age": CURVE_AGES, "survival": share}))
    return pd.concat(parts, ignore_index=True)


def _dates(table: pd.DataFrame) -> tuple[float, float]:
    """Return months by which a fifth of the table was known, and until which anything is."""
    if "n_active" in table:
        counted = table["at"].fillna(table["cohort_to"] + table["age_months"])
        return float(counted.quantile(0.2)), float(counted.max())
    known = np.maximum(table["start_hi"], table["observed_from"])
    last = table[["last_active", "first_inactive"]].replace(np.inf, np.nan).max(axis=1)
    return float(known.quantile(0.2)), float(last.max())


def _least(table: pd.DataFrame) -> int:
    return 1 if "n_active" in table else LEAST
