"""Read the fit that was written: the parameters it kept, and which of them the data moved.

Nothing here runs the model, so that what only reads a fit does not compile it.
"""

from __future__ import annotations

import hashlib
import io
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..sim.errors import UserError, later, worded
from ..sim.kinds import HazardFamily
from ..sim.params import NUMBERS, Params
from ..sim.table import new_table

BUNDLED = Path(__file__).parent / "bundled"
"""The fit to the published evidence that comes with idmaj: `idmaj calibrate --out calibration/bundled --force`."""
FITTED = "fitted.csv"
ABOUT = "fitted.toml"
AGAIN = later("'idmaj calibrate' makes such a file")


def load_draws(draws: int | None = None, folder: Path | None = None) -> np.recarray[Any, Any]:
    """Return the first `draws` rows of the fitted parameters, or all: draw k is the same whatever else is run.

    Parameters
    ----------
    draws : int, optional
    folder : Path, optional
        That `idmaj calibrate` wrote; the bundled one by default.

    Raises
    ------
    UserError
        If more are asked for than the fit kept, or the file is missing, not of this version or not the one that the
        fit wrote.
    """
    path = (folder or BUNDLED) / FITTED
    try:
        content = path.read_bytes()
        frame = pd.read_csv(io.BytesIO(content))
    except (OSError, ValueError) as problem:
        raise UserError(
            "{path}: cannot be read ({problem}); {again}", path=path, problem=problem, again=worded(AGAIN)
        ) from problem
    strange = sorted(set(NUMBERS) ^ set(frame.columns))
    if strange:
        raise UserError(
            "{path}: found columns that differ from this version's in {strange}; {again}",
            path=path,
            strange=", ".join(strange),
            again=worded(AGAIN),
        )
    families = {family.name.lower(): float(family) for family in HazardFamily}
    frame["hazard_family"] = frame["hazard_family"].map(families)
    frame = frame.apply(pd.to_numeric, errors="coerce")
    holes = [f"line {row + 2}, {name}" for name in NUMBERS for row in np.flatnonzero(~np.isfinite(frame[name]))]
    if holes:
        raise UserError(
            "{path}: {names}: found no number (or hazard family); {again}",
            path=path,
            names="; ".join(holes[:5]),
            again=worded(AGAIN),
        )
    signed = about_fit(folder).get("draws_sha256")
    if signed is None:
        raise UserError("{path}: was made by an earlier version; {again}", path=path, again=worded(AGAIN))
    if signed != hashlib.sha256(content).hexdigest():
        raise UserError(
            "{path}: found other draws than those of which {about} beside it tells; {again}",
            path=path,
            about=ABOUT,
            again=worded(AGAIN),
        )
    draws = len(frame) if draws is None else draws
    if not 1 <= draws <= len(frame):
        raise UserError(
            "draws: found {draws}; accepted: 1 to {count}, as many as the fit kept", draws=draws, count=len(frame)
        )
    table = new_table(Params, draws)
    for name in NUMBERS:
        table[name] = frame[name].to_numpy()[:draws]
    return table


def about_fit(folder: Path | None = None) -> dict[str, Any]:
    """Return what `fitted.toml` says; UserError if the file is missing or is no TOML."""
    path = (folder or BUNDLED) / ABOUT
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UserError(
            "{path}: cannot be read ({problem}); {again}", path=path, problem=problem, again=worded(AGAIN)
        ) from problem


def load_contractions(folder: Path | None = None) -> dict[str, float]:
    """Return, for each parameter that the fit moved, the share of its prior variance that is gone.

    Raises
    ------
    UserError
        As from `about_fit`.
    """
    return {str(name): float(share) for name, share in about_fit(folder).get("contraction", {}).items()}
