"""What a result follows from, and what it is, each as one number."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..sim import OUTCOMES
from ..sim.rule import code_hash
from .language import _, later

if TYPE_CHECKING:
    from .experiment import Inputs, Plan

LIBRARIES = ("numpy", "numba", "scipy", "pandas", "duckdb")

RECORDERS = ("scenarios/runs.py", "calibration/checks.py")
"""What is recorded of a run is decided here: part of the model, as far as a kept result is concerned."""

SETTINGS_OF = "settings of "
FOLLOWS_FROM = (later("model"), later("country"), later("posterior"), later("parameters"), later("past"))
"""What runs follow from, besides the settings of each strategy, as it is called where that has changed."""


@functools.cache
def model_hash() -> str:
    """Return the sha256 of the code that lives a run and records it."""
    digest = hashlib.sha256(code_hash().encode())
    top = Path(__file__).parent.parent
    for name in RECORDERS:
        digest.update((top / name).read_bytes())
    return digest.hexdigest()


def provenance_of(inputs: Inputs) -> dict[str, str]:
    """Return what else a result depends on: code, country, Python and libraries."""
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {
        "idmaj": importlib.metadata.version("idmaj"),
        "code": inputs.model,
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
        **plan.numbers,
        "posterior": inputs.posterior,
        "provenance": dict(provenance),
        "outcomes": list(OUTCOMES),
        "months": list(plan.columns),
    }
    digest = hashlib.sha256(json.dumps(numbers, sort_keys=True).encode())
    tables = {"params": inputs.params, "past": inputs.past.settings}
    tables |= {f"strategy {name}": policy.settings for name, policy in inputs.policies.items()}
    for name, table in tables.items():
        digest.update(f"\n{name} {len(table)} {table.dtype.descr}\n".encode())
        digest.update(np.ascontiguousarray(table).tobytes())
    return digest.hexdigest()


def inputs_of(inputs: Inputs) -> dict[str, str]:
    """Return the sha256 of each thing that runs follow from, by which two versions are told apart."""
    tables = {"parameters": inputs.params, "past": inputs.past.settings}
    tables |= {f"{SETTINGS_OF}{name}": policy.settings for name, policy in inputs.policies.items()}
    found = {name: hashlib.sha256(np.ascontiguousarray(table).tobytes()).hexdigest() for name, table in tables.items()}
    hashes = {"model": inputs.model, "country": inputs.country, "posterior": inputs.posterior}
    return {**hashes, **found, "evidence": evidence_hash()}


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Say which of the things that runs follow from have changed; nothing where they are the same."""
    said = []
    for name in (name for name in now if name != "evidence" and before.get(name) != now[name]):
        strategy = name.removeprefix(SETTINGS_OF)
        thing = _("settings of {strategy}", strategy=strategy) if strategy != name else _(name)
        hashes = {"before": str(before.get(name))[:12], "now": now[name][:12]}
        said.append(_("another {name} (sha256 {before}, now {now})", name=thing, **hashes))
    return _(", ").join(said)


def evidence_hash() -> str:
    """Return the sha256 of the published figures and of the fit that rests on them."""
    digest = hashlib.sha256()
    top = Path(__file__).parent.parent / "calibration"
    for path in sorted((*top.glob("evidence/*.csv"), *top.glob("bundled/*"), *top.glob("*.csv"), *top.glob("*.toml"))):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def results_hash(tables: Iterable[pd.DataFrame]) -> str:
    """Return the sha256 of what came out."""
    digest = hashlib.sha256()
    for frame in tables:
        for name in frame.columns:
            column = frame[name].to_numpy()
            content = column.tobytes() if column.dtype.kind in "if" else "\n".join(map(str, column)).encode()
            digest.update(f"\n{name} {len(column)}\n".encode() + content)
    return digest.hexdigest()
