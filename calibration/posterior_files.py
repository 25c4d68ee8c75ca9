"""Write a posterior to a folder: draws that every later command can use, and the tables that say what they rest on.

`fitted.csv` holds equally weighted draws of all structures, as `load_draws` reads them; `fitted.toml` how they were
made and which numbers moved; `posterior.csv` weighted draws of every structure; `parameters.csv` prior and posterior of
every number, by structure and over all; `structures.csv` weights, scores and diagnostics; `readings.csv` how likely
each reading of a published share is; `registers.csv` what a register tells that is no number of the model;
`definitions.csv`, `historical.csv` and `stocks.csv` what whole runs under its draws make of history.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

from ..sim.errors import UserError, worded
from ..sim.kinds import HazardFamily
from ..sim.store import whole_file
from .bridge import LEARNED
from .draws import ABOUT, FITTED
from .engine import Asked
from .hindcast import Hindcast
from .posterior import Posterior

DRAWS_OF_A_STRUCTURE = 200


def write_posterior(folder: Path, posterior: Posterior, asked: Asked, lived: Hindcast) -> pd.DataFrame:
    """Write all files, each in one step, the draws last; return the table of parameters.

    Raises
    ------
    UserError
        If the folder cannot be written.
    """
    table = posterior.parameters()
    _csv(folder / "parameters.csv", table)
    _csv(folder / "structures.csv", posterior.structures())
    _csv(folder / "readings.csv", posterior.readings)
    others = [each.others.assign(structure=each.structure.name) for each in posterior.fitted if len(each.others)]
    if others:
        _csv(folder / "registers.csv", pd.concat(others, ignore_index=True))
    _csv(folder / "posterior.csv", _weighted(posterior))
    for name in ("definitions", "historical", "stocks"):
        _csv(folder / f"{name}.csv", getattr(lived, name))
    draws = pd.DataFrame(np.asarray(posterior.draws()))
    draws["hazard_family"] = [HazardFamily(int(family)).name.lower() for family in draws["hazard_family"]]
    kept = draws.to_csv(index=False, float_format="%.17g", lineterminator="\n").encode()
    whole_file(folder / ABOUT, about(posterior, table, asked, hashlib.sha256(kept).hexdigest()).encode())
    whole_file(folder / FITTED, kept)
    return table


def check_folder(folder: Path, force: bool) -> None:
    """Refuse a folder that holds a fit already, or cannot be written, before anything is computed."""
    if (folder / FITTED).exists() and not force:
        raise UserError(
            "{folder}: found a fit there; accepted: a new folder (--out), or --force to replace it", folder=folder
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        whole_file(folder / ".idmaj-can-write", b"")
        (folder / ".idmaj-can-write").unlink()
    except OSError as problem:
        why = worded("cannot be written ({why}); accepted: another folder (--out)", why=problem.strerror)
        raise UserError("{folder}: {why}", folder=folder, why=why) from problem


def about(posterior: Posterior, table: pd.DataFrame, asked: Asked, sha256: str) -> str:
    """Return what `fitted.toml` says; the sha256 is of the draws beside it."""
    lines = ["# Made by the command below; do not edit.", f"command = {json.dumps(asked.command())}"]
    lines += [f"engine = {json.dumps(posterior.engine)}", f"why = {json.dumps(posterior.why)}"]
    lines += [f"weighing = {json.dumps(posterior.weighing)}", f"seed = {asked.seed}"]
    lines += [f"draws_sha256 = {json.dumps(sha256)}"]
    lines += ["notes = [", *(f"  {json.dumps(note)}," for note in posterior.notes), "]", "", "[structures]"]
    says = posterior.says()
    for each in posterior.fitted:
        rank, words = says[each.structure.name]
        lines += [f"[structures.{json.dumps(each.structure.name)}]", f"weight = {each.weight:.4f}"]
        lines += [f"directions_identified = {rank}", "says = [", *(f"  {json.dumps(word)}," for word in words), "]"]
    moved = table[(table["structure"] == "all") & (table["label"] != "prior-driven")]
    lines += ["", "# Share of the prior variance that is gone; all other parameters are prior-driven.", "[contraction]"]
    ordered = moved.sort_values("contraction", ascending=False)
    lines += [f"{row.parameter} = {row.contraction:.2f}" for row in ordered.itertuples()]
    return "\n".join(lines) + "\n"


def _weighted(posterior: Posterior) -> pd.DataFrame:
    """Return some draws of every structure, each with its share of the whole."""
    parts = []
    for each in posterior.fitted:
        rows = each.params[np.linspace(0, len(each.params) - 1, DRAWS_OF_A_STRUCTURE).astype(int)]
        frame = pd.DataFrame({name: rows[name] for name in LEARNED})
        frame.insert(0, "weight", each.weight / len(rows))
        frame.insert(0, "structure", each.structure.name)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def _csv(path: Path, table: pd.DataFrame) -> None:
    whole_file(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode())
