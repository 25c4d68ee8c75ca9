"""Simulation-based calibration: whether the intervals of a fit are as wide as its errors are large.

Draw parameters from the prior, simulate data, fit them, and rank the truth among the posterior draws. If the fit is
right, every rank is as likely as every other, for each parameter and for anything computed from parameters and data
(Talts et al. 2018; Modrak et al. 2023: the log-likelihood among them sees what parameters alone do not).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..sim.ensemble import Chunk, Crew, Tables, run_chunks, threads
from ..sim.store import Store
from .diagnostics import ess_bulk
from .ecdf import counts_below, ecdf_band, uniform_p_value
from .scores import holm

Floats = npt.NDArray[np.float64]
Values = Mapping[str, Floats]
Generator = np.random.Generator

RANKS = "ranks"
KEPT = 99
"""Posterior draws that a truth is ranked among: a hundred ranks."""


@dataclass(frozen=True)
class Model:
    """What is to be calibrated, as functions; with a crew of processes they must be picklable.

    Attributes
    ----------
    prior : callable
        (generator) -> a number for each parameter.
    simulate : callable
        (parameters, generator) -> data, of whatever kind `fit` takes.
    fit : callable
        (data, generator) -> for each parameter its posterior draws: (draws,) if they are independent and of equal
        weight, (chains, draws) as a sampler gave them.
    derived : callable, optional
        (parameters, each an array (n,); data) -> further quantities, each an array (n,): log-likelihood, S(5), a
        contrast of two policies. Called with posterior draws and, n = 1, with the truth.
    """

    prior: Callable[[Generator], Mapping[str, float]]
    simulate: Callable[[Mapping[str, float], Generator], Any]
    fit: Callable[[Any, Generator], Values]
    derived: Callable[[Values, Any], Values] | None = None


def thinned(draws: Values, keep: int = KEPT) -> tuple[dict[str, Floats], float]:
    """Keep so many draws at equal distances, the same of every parameter.

    Parameters
    ----------
    draws : mapping of arrays (draws,) or (chains, draws)
    keep : int

    Returns
    -------
    kept : dict of arrays (keep,)
    worth : float
        Independent draws that all of them are worth, of the parameter for which that is least. Below `keep` the kept
        ones are still autocorrelated, and ranks look as if intervals were too narrow.

    Raises
    ------
    ValueError
        If shapes differ, or there are fewer draws than are to be kept.
    """
    shapes = {np.shape(values) for values in draws.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) not in (1, 2):
        raise ValueError(f"draws have shapes {sorted(shapes)}; accepted: one shape, (draws,) or (chains, draws)")
    (shape,) = shapes
    total = int(np.prod(shape))
    if not 1 <= keep <= total:
        raise ValueError(f"keep is {keep}; accepted: 1 to the {total} draws there are")
    worth = float(total)
    if len(shape) == 2:  # a chain that never moves is worth nothing
        worth = min(float(np.nan_to_num(ess_bulk(values), nan=0.0)) for values in draws.values())
    places = (np.arange(keep) + 0.5) * total / keep
    return {name: np.ravel(values)[places.astype(int)] for name, values in draws.items()}, worth


def resampled(draws: Values, log_weights: npt.ArrayLike, luck: Generator, keep: int = KEPT) -> dict[str, Floats]:
    """Draw so many of weighted draws (n,), each as often as its weight says: what `Model.fit` returns of them.

    Systematic resampling (Kitagawa 1996), put in a random order. Where weights are worth (`ess_weights`) not many
    times more than `keep`, the same draw comes again and again, and ranks look as if intervals were too narrow.
    """
    logs = np.asarray(log_weights, dtype=np.float64)
    share = np.cumsum(np.exp(logs - logs.max()))
    at = (np.arange(keep) + luck.random()) / keep * share[-1]
    rows = luck.permutation(np.minimum(np.searchsorted(share, at, side="right"), len(share) - 1))
    return {name: np.asarray(values)[rows] for name, values in draws.items()}


@dataclass(frozen=True)
class Fits:
    """Work for `run_chunks`: a chunk's draw is the number of a fit, a pure function of it and the seed."""

    model: Model
    seed: int
    keep: int

    def __call__(self, chunk: Chunk, stopped: Callable[[], bool]) -> Tables:
        """Return a row a quantity: fit, quantity, rank, draws, truth, worth."""
        if stopped():
            raise CancelledError
        luck = np.random.Generator(np.random.Philox(key=[self.seed, chunk.draw]))
        truth = {name: np.array([value]) for name, value in self.model.prior(luck).items()}
        data = self.model.simulate({name: float(value[0]) for name, value in truth.items()}, luck)
        draws, worth = thinned(self.model.fit(data, luck), self.keep)
        if self.model.derived is not None:
            truth |= self.model.derived(truth, data)
            draws |= self.model.derived(draws, data)
        if set(truth) != set(draws):
            raise ValueError(f"fit {chunk.draw}: {sorted(set(truth) ^ set(draws))} of truth or posterior only")
        rows = [
            (chunk.draw, name, _rank(float(value[0]), draws[name], luck), self.keep, float(value[0]), worth)
            for name, value in truth.items()
        ]
        return {RANKS: pd.DataFrame(rows, columns=["fit", "quantity", "rank", "draws", "truth", "worth"])}

    def culprits(self, chunk: Chunk) -> Sequence[tuple[str, Callable[[], object]]]:
        """Return the fit."""
        return [(f"seed {self.seed}, fit {chunk.draw}", partial(self, chunk, bool))]


def run_sbc(
    model: Model,
    fits: int,
    seed: int,
    *,
    keep: int = KEPT,
    crew: Crew | None = None,
    folder: Path | None = None,
    stamp: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Rank truths among posterior draws.

    Parameters
    ----------
    model : Model
    fits : int
        200 tell a standard deviation that is 20 % off; fit k is the same however many there are.
    seed : int
    keep : int
        Posterior draws a truth is ranked among.
    crew : Crew, optional
        Who does the work; threads by default. Changes no number.
    folder : Path, optional
        Where fits are kept as they are done. Those that are there already, of this seed, `keep` and stamp, are not
        done again, so a run that was stopped goes on.
    stamp : mapping, optional
        What fits follow from, as `code_stamp` says; under another stamp kept fits are done anew.

    Returns
    -------
    DataFrame
        A row a fit and quantity, in order: `fit, quantity, rank` (0 to `draws`), `draws, truth, worth`.

    Raises
    ------
    RuntimeError
        If a fit fails: ranks without the hard cases would look better than the fit is.
    """
    work, chunks = Fits(model, seed, keep), [Chunk(fit, 0, 1) for fit in range(fits)]
    about = json.dumps({"seed": seed, "keep": keep, "stamp": dict(stamp or {})}, sort_keys=True)
    address = {chunk: hashlib.sha256(f"{about} {chunk.draw}".encode()).hexdigest() for chunk in chunks}
    if folder is None:
        rows: dict[int, pd.DataFrame] = {}
        _do(work, chunks, crew, lambda chunk, tables: rows.update({chunk.draw: tables[RANKS]}))
        return pd.concat([rows[chunk.draw] for chunk in chunks], ignore_index=True)
    store = Store(folder)
    with store.locked():
        there = {key for key, entry in store.entries.items() if not store.problems(entry)}
        missing = [chunk for chunk in chunks if address[chunk] not in there]
        _do(work, missing, crew, lambda chunk, tables: store.keep(address[chunk], chunk, tables))
        store.settle(store.entries[key] for key in address.values())
        found: pd.DataFrame = store.query(f"SELECT * FROM {store.read_parquet(RANKS)}").df()
        return found


def rank_table(ranks: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Say which quantities fail.

    Parameters
    ----------
    ranks : DataFrame
        As from `run_sbc`.
    level : float
        Chance that a right fit passes, with all its quantities (Holm's correction).

    Returns
    -------
    DataFrame, one row a quantity
        `quantity, fits, draws`; `worth`, the least number of independent draws a fit had; `mean` of the ranks, 0-1,
        0.5 if right; `spread`, their standard deviation over that of uniform ones; `p_value` (`uniform_p_value`);
        `outside`, whether its curve leaves its own band; `fails`; `says`, in words.
    """
    rows = []
    for quantity, part in ranks.groupby("quantity", sort=False):
        draws = int(part["draws"].iloc[0])
        share = (part["rank"] + 0.5) / (draws + 1.0)
        uniform_sd = np.sqrt((1.0 - (draws + 1.0) ** -2) / 12.0)
        spread = float(np.sqrt(((share - 0.5) ** 2).mean()) / uniform_sd)
        p = uniform_p_value(part["rank"], draws)
        rows.append((quantity, len(part), draws, part["worth"].min(), share.mean(), spread, p, p <= 1.0 - level))
    columns = ["quantity", "fits", "draws", "worth", "mean", "spread", "p_value", "outside"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(fails=(fails := holm(table["p_value"].to_numpy(), 1.0 - level)), says=_words(table, fails))


def ecdf_differences(ranks: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Return the curve of each quantity less that of uniform ranks, with its band.

    Returns
    -------
    DataFrame
        `quantity, at` (0-1), `difference, low, high` (shares of the fits).
    """
    parts = []
    for quantity, part in ranks.groupby("quantity", sort=False):
        draws = int(part["draws"].iloc[0])
        band = ecdf_band(len(part), draws, level)
        curves = {"difference": counts_below(part["rank"], draws), "low": band.low, "high": band.high}
        found = {name: count / len(part) - band.at for name, count in curves.items()}
        parts.append(pd.DataFrame({"quantity": quantity, "at": band.at, **found}))
    return pd.concat(parts, ignore_index=True)


def _do(work: Fits, chunks: list[Chunk], crew: Crew | None, keep: Callable[[Chunk, Tables], None]) -> None:
    for failure in run_chunks(work, chunks, crew or threads(), keep):
        raise RuntimeError(f"fit {failure.chunk.draw} of seed {work.seed}: {failure.error}")


def _rank(truth: float, draws: Floats, luck: Generator) -> int:
    """Return how many draws are below the truth; those equal to it are below or above by luck."""
    if not (np.isfinite(truth) and np.isfinite(draws).all()):
        raise ValueError("a truth or a draw is not finite")
    return int((draws < truth).sum() + luck.integers(0, int((draws == truth).sum()) + 1))


def _words(table: pd.DataFrame, fails: npt.NDArray[np.bool_]) -> list[str]:
    """Say of each quantity what its ranks say of the fit."""
    said = []
    for row, failed in zip(table.to_dict("records"), fails, strict=True):
        shift = (row["mean"] - 0.5) * np.sqrt(12.0 * row["fits"])
        stretch = (row["spread"] ** 2 - 1.0) * np.sqrt(1.25 * row["fits"])  # the variance of (u - 1/2)^2 is 1/180
        side, width = "low" if shift > 0 else "high", "narrow" if stretch > 0 else "wide"
        words = f"estimates too {side}" if abs(shift) > abs(stretch) else f"intervals too {width}"
        few = f"; draws worth {row['worth']:.0f} only: thin further" if row["worth"] < row["draws"] else ""
        said.append((words if failed else "as it should be") + few)
    return said
