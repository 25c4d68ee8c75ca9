"""What a study says of itself: its plan with all layers of its strategies, its numbers, versions and parameters.

A study holds its plan whole, so that it does not lean on strategy files that may change.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ..sim import NUMBERS
from ..sim.ensemble import Failure
from ..sim.errors import UserError
from ..sim.kinds import HazardFamily
from ..sim.policy import Change, Layer, Strategy
from .experiment import Inputs, Plan
from .provenance import fingerprint, inputs_of, provenance_of
from .shelf import POSTERIOR

FORMAT = 1
"""Of study.json; another one is refused."""
SEAL = "sha256"
"""Key of study.json: the hash of all else in it."""


def plan_to_text(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON holds it: every layer once, strategies name theirs by number."""
    layers: list[Layer] = []
    strategies = [_to_text(strategy, layers) for strategy in (*plan.strategies, plan.past)]
    return {
        **plan.numbers,
        "posterior": None if plan.posterior is None else POSTERIOR,
        "strategies": strategies[:-1],
        "past": strategies[-1],
        "layers": [_finite(asdict(layer)) for layer in layers],
    }


def plan_of_text(text: Mapping[str, Any]) -> Plan:
    """Return the plan that JSON holds; a fit of its own lies at `POSTERIOR` in the study's folder.

    Raises
    ------
    UserError
        If it holds none.
    """
    try:
        layers = [_layer(layer) for layer in text["layers"]]
        strategies = tuple(_of_text(strategy, layers) for strategy in text["strategies"])
        plan = Plan(strategies, _of_text(text["past"], layers))
        fit = Path(POSTERIOR) if text["posterior"] else None
        return replace(plan, posterior=fit, **{name: text[name] for name in plan.numbers})
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UserError("plan: found something that is no plan ({error!r})", error=error) from error


def with_fit_in(folder: Path, plan: Plan) -> Plan:
    """Return a plan whose fit, if it has one of its own, is the copy in a study's folder."""
    return plan if plan.posterior is None else replace(plan, posterior=folder / POSTERIOR)


def _to_text(strategy: Strategy, layers: list[Layer]) -> dict[str, Any]:
    for layer in strategy.layers:
        if layer not in layers:
            layers.append(layer)
    return {
        "key": strategy.key,
        "name": strategy.name,
        "why": strategy.why,
        "layers": [layers.index(layer) for layer in strategy.layers],
        "below": [_to_text(part, layers) for part in strategy.below],
    }


def _of_text(text: Mapping[str, Any], layers: Sequence[Layer]) -> Strategy:
    own = tuple(layers[number] for number in text["layers"])
    below = tuple(_of_text(part, layers) for part in text["below"])
    return Strategy(text["key"], text["name"], text["why"], own, below)


def _layer(text: Mapping[str, Any]) -> Layer:
    changes = tuple(
        Change(**{**change, "values": {name: float(value) for name, value in change["values"].items()}})
        for change in text["changes"]
    )
    return Layer(**{**text, "changes": changes})


def _finite(value: Any) -> Any:
    """Return a value in which numbers without limit are words: JSON has none."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def parameter_text(inputs: Inputs) -> str:
    """Return the parameters of every draw as CSV."""
    table = pd.DataFrame({name: inputs.params[name] for name in NUMBERS})
    families = {int(family): family.name.lower() for family in HazardFamily}
    table["hazard_family"] = [families[int(number)] for number in table["hazard_family"]]
    return table.rename_axis("draw").to_csv(lineterminator="\n")


def first_about(plan: Plan, inputs: Inputs, command: str, shard: str | None) -> dict[str, Any]:
    """Return what a study says of itself before its first run."""
    versions = provenance_of(inputs)
    return {
        "format": FORMAT,
        "fingerprint": "",
        "results_sha256": None,
        "complete": False,
        "command": command,
        "versions": versions,
        "also_run_with": [],
        "shard": shard,
        "failed": [],
        "tells": [],
        "cannot_tell": [],
        "notes": [],
        "files": {},
        "manifest_sha256": None,
    } | described(plan, inputs, versions)


def described(plan: Plan, inputs: Inputs, versions: Mapping[str, str]) -> dict[str, Any]:
    """Return what follows from a plan, and changes when it is extended."""
    return {
        "fingerprint": fingerprint(plan, inputs, versions),
        "strategies": plan.keys,
        "baseline": plan.keys[0] if len(plan.keys) > 1 else None,
        **plan.numbers,
        "inputs": inputs_of(inputs),
        "plan": plan_to_text(plan),
    }


def sealed(about: Mapping[str, Any]) -> str:
    """Return study.json, which holds the sha256 of all else in it: who changes it is found out."""
    whole = {name: value for name, value in about.items() if name != SEAL}
    return _json(whole | {SEAL: hashlib.sha256(_json(whole).encode()).hexdigest()})


def unsealed(about: Mapping[str, Any]) -> bool:
    """Say whether what study.json holds is what was written."""
    return json.loads(sealed(about))[SEAL] == about.get(SEAL)


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def failed(failure: Failure, plan: Plan) -> dict[str, Any]:
    """Return a chunk that could not be done, named by seed, draw, replications and strategies."""
    chunk = failure.chunk
    return {
        "seed": plan.seed,
        "draw": chunk.draw,
        "replications": [chunk.first, chunk.first + chunk.count - 1],
        "strategies": plan.keys,
        "error": failure.error,
        "fails_alone": list(failure.parts),
    }
