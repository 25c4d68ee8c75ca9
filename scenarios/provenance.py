"""What a result follows from, and what it is, each as one number."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..sim import OUTCOMES
from ..sim.rule import code_hash

if TYPE_CHECKING:
    from .experiment import Inputs, Plan

LIBRARIES = ("numpy", "numba", "scipy", "pandas")


def provenance_of(inputs: Inputs) -> dict[str, str]:
    """Return what else a result depends on: code, country, Python and libraries."""
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {
        "code": code_hash(),
        "country": inputs.country,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        **versions,
    }


def fingerprint(plan: Plan, inputs: Inputs, provenance: Mapping[str, str]) -> str:
    """Return the sha256 of everything the results follow from; never of where they go or how many work.

    Parameters
    ----------
    plan : Plan
    inputs : Inputs
        Resolved settings and parameters.
    provenance : mapping
        Code, country and versions.
    """
    numbers = {
        "start": plan.start,
        "years": plan.years,
        "draws": plan.draws,
        "replications": plan.replications,
        "seed": plan.seed,
        "hindsight": plan.hindsight,
        "budget": plan.budget,
        "provenance": dict(provenance),
        "outcomes": list(OUTCOMES),
    }
    digest = hashlib.sha256(json.dumps(numbers, sort_keys=True).encode())
    tables = {"params": inputs.params, "past": inputs.past.settings}
    tables |= {f"strategy {name}": policy.settings for name, policy in inputs.policies.items()}
    for name, table in tables.items():
        digest.update(f"\n{name} {len(table)} {table.dtype.descr}\n".encode())
        digest.update(np.ascontiguousarray(table).tobytes())
    return digest.hexdigest()


def results_hash(ends: pd.DataFrame, evaluation: pd.DataFrame, monthly: pd.DataFrame) -> str:
    """Return the sha256 of what came out."""
    digest = hashlib.sha256()
    for frame in (ends, evaluation, monthly):
        for name in frame.columns:
            column = frame[name].to_numpy()
            content = column.tobytes() if column.dtype.kind in "if" else "\n".join(map(str, column)).encode()
            digest.update(f"\n{name} {len(column)}\n".encode() + content)
    return digest.hexdigest()
