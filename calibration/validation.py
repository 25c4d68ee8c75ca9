"""Validate: how far the model can be trusted, in one result of plain tables and plain sentences.

Closed forms, ranks of two hundred fits, made-up registers, hold-outs against those who know next to nothing, curves
published elsewhere, and what no data can test. Without a register of the user's the checks of registers run on a
synthetic one: they then say whether the machinery works, and nothing about Morocco.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..sim.errors import UserError, later
from . import register_checks
from .closed_forms import closed_forms
from .cohorts import cohorts_of
from .data_check import kind_of
from .draws import load_draws
from .elsewhere import elsewhere_table, readings_table
from .priors import draw_priors
from .reading import text_at
from .sbc import ecdf_differences, rank_table
from .sbc_design import RANKS_FILE
from .spells import spells_of
from .stamp import read_stamped, staleness
from .synthetic import ALL_DEFECTS, Truth, synthetic_spells

Progress = Callable[[str, int, int], None]

PRIOR_DRAWS, PRIOR_SEED = 2000, 4
FEWEST = 50
"""AGRs of a register, at least: fewer cannot be held out."""
SYNTHETIC_SEED = 11


@dataclass(frozen=True)
class Effort:
    """How much is done: lives of each closed form, AGRs of the synthetic register, and what the checks of it take."""

    lives: int
    agrs: int
    register: register_checks.Effort


FULL = Effort(20_000, 300, register_checks.FULL)
QUICK = Effort(4_000, 150, register_checks.QUICK)


@dataclass(frozen=True)
class Validation:
    """What was found.

    Attributes
    ----------
    data, synthetic : str, bool
        The register the checks ran on, and whether it was made up.
    posterior : str
        Where the draws of the fit come from.
    tables : dict of DataFrame
        `closed_forms, ranks, rank_curves, elsewhere, readings`, and of a register `losses, skill, cells, coverage, pit,
        reliability`; of spells also `predictive, lost, success, curves, risk, predicted`. Columns as the functions say
        that make them.
    stale : str
        What changed since the ranks were made; nothing where they are fresh.
    notes : tuple of str
    """

    data: str
    synthetic: bool
    posterior: str
    tables: dict[str, pd.DataFrame]
    stale: str = ""
    notes: tuple[str, ...] = ()


def validate(
    data: str | None = None,
    posterior: Path | None = None,
    quick: bool = False,
    seed: int = 1,
    workers: int = 1,
    on_progress: Progress | None = None,
) -> Validation:
    """Run every check.

    Parameters
    ----------
    data : str, optional
        A file of spells or cohort tables; without it a synthetic register of 300 AGRs.
    posterior : Path, optional
        A folder that `idmaj calibrate` wrote; by default the fit that comes with idmaj.
    quick : bool
        Fewer lives, held-out groups and structures.
    seed, workers : int
        `workers` changes no number.
    on_progress : callable, optional
        Told what is being done, how many steps are done, and of how many.

    Raises
    ------
    UserError
        If a file cannot be read, is neither spells nor cohort tables, or has too few AGRs to hold some out.
    """
    effort = QUICK if quick else FULL
    table, synthetic = read_table(data, effort.agrs)
    draws = load_draws(folder=posterior)
    ranks, stamp = read_stamped(RANKS_FILE)
    splits = register_checks.splits_of(table, effort.register)
    total = 2 + register_checks.steps(splits, effort.register)
    tell = on_progress or (lambda doing, done, total: None)
    tell("Closed forms", 0, total)
    tables = {"closed_forms": closed_forms(effort.lives, seed)}
    tables |= {"ranks": rank_table(ranks), "rank_curves": ecdf_differences(ranks)}
    tell("Curves published elsewhere", 1, total)
    tables |= published_tables(draws)
    tell("The register", 2, total)
    of_register, notes = register_checks.check_register(
        table, splits, effort.register, seed, workers, lambda doing, done: tell(doing, 2 + done, total)
    )
    tell("Done", total, total)
    named = later("synthetic example, no real AGR") if synthetic else str(data)
    fit = later("the fit that comes with idmaj") if posterior is None else str(posterior)
    return Validation(named, synthetic, fit, tables | of_register, staleness(stamp), tuple(notes))


def read_table(data: str | None, agrs: int) -> tuple[pd.DataFrame, bool]:
    """Read a register or cohort table, or make one up; say whether it is synthetic."""
    if data is None:
        return synthetic_spells(Truth(), ALL_DEFECTS, agrs, SYNTHETIC_SEED), True
    text = text_at(data)
    kind = kind_of(data, text)
    if kind not in ("spells", "cohorts"):
        raise UserError(
            "--data: {data} holds {kind}; accepted spells or cohorts (idmaj data schema)", data=data, kind=kind
        )
    table = spells_of(data, text) if kind == "spells" else cohorts_of(data, text)
    many = len(table) if kind == "spells" else int(table.groupby("cohort")["n_started"].first().sum())
    if many < FEWEST:
        raise UserError(
            "--data: {data} holds {many} AGRs; accepted {fewest} or more: of fewer none can be held out",
            data=data,
            many=many,
            fewest=FEWEST,
        )
    return table, False


def published_tables(draws: Any) -> dict[str, pd.DataFrame]:
    """Return what is foretold of curves of others, and of each reading of the published share."""
    prior = draw_priors(PRIOR_DRAWS, PRIOR_SEED)
    found = elsewhere_table({"prior": prior, "posterior": draws})
    return {"elsewhere": found, "readings": readings_table(draws)}
