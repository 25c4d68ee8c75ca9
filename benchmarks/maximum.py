"""Is it luck that intervals of `hr_female_failure` held in 0.79 of the registers of recovery.csv? The same by maximum.

`python benchmarks/maximum.py run [REGISTERS]` finds the maximum of the posterior of registers 1000, 1001, ... of the
design *fixed* by Newton's steps, without any chain, and adds errors in standard errors to `maximum.csv`; without words
it sums them up, the 114 registers of recovery.csv apart from fresh ones. Half a second a register.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from idmaj.calibration.likelihood import PLACE, Likelihood, coordinates
from idmaj.calibration.priors import SCALES, Z95
from idmaj.calibration.rows import lives_of_spells, rows_of
from idmaj.calibration.synthetic import ALL_DEFECTS, synthetic_spells

Floats = NDArray[np.float64]

RAW = Path(__file__).parent / "maximum.csv"
FIRST, KNOWN = 1000, 114
"""Seed of the first register, and how many of them recovery.csv has."""
REGISTERS = 700
STEP, NEWTON = 0.02, 4


def recovery() -> ModuleType:
    """Return the benchmark whose registers these are."""
    spec = importlib.util.spec_from_file_location("recovery", Path(__file__).parent / "recovery.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def curvature(loss: Callable[[Floats], float], x: Floats) -> Floats:
    """Return second derivatives at a point, by central differences."""
    unit = np.eye(len(x)) * STEP
    here, up, down = loss(x), [loss(x + e) for e in unit], [loss(x - e) for e in unit]
    out = np.empty((len(x), len(x)))
    for i, a in enumerate(unit):
        out[i, i] = (up[i] + down[i] - 2.0 * here) / STEP**2
        for j, b in enumerate(unit[:i]):
            both = loss(x + a + b) + loss(x - a - b)
            out[i, j] = out[j, i] = (both - up[i] - down[i] - up[j] - down[j] + 2.0 * here) / (2.0 * STEP**2)
    return out


def one(seed: int, tool: ModuleType) -> dict[str, float]:
    """Return the error of each number in standard errors, for one register of 3,000 AGRs with all defects."""
    spells = synthetic_spells(tool.truth_of(tool.FIXED), ALL_DEFECTS, tool.AGRS["fixed"], seed).assign(origin="SYR")
    return {name: error for name, (error, _) in errors_of(spells, tool).items()}


def errors_of(spells: pd.DataFrame, tool: ModuleType) -> dict[str, tuple[float, float]]:
    """Return the error of each number in standard errors, and its standard error, for a register of *fixed*."""
    rows = rows_of(lives_of_spells(spells), tool.PLACES[0])
    numbers = tool.numbers_of("fixed", coordinates(rows, tool.STRUCTURE))
    likelihood = Likelihood(rows, tool.STRUCTURE, numbers)
    truth = np.array([float(SCALES[numbers[n].shape][0](np.array(tool.FIXED[n]))) for n in likelihood.names])
    unit, x = np.eye(len(truth)) * STEP, truth.copy()

    def loss(point: Floats) -> float:
        return -likelihood.log_posterior(point)

    steep = np.linalg.inv(curvature(loss, x))
    for _ in range(NEWTON):
        x = x - steep @ np.array([(loss(x + e) - loss(x - e)) / (2.0 * STEP) for e in unit])
    spread = np.sqrt(np.diag(np.linalg.inv(curvature(loss, x))))
    return dict(zip(likelihood.names, zip(((x - truth) / spread).tolist(), spread.tolist(), strict=True), strict=True))


def run(registers: int) -> None:
    """Add the registers that are missing."""
    tool = recovery()
    kept = [pd.read_csv(RAW)] if RAW.exists() else []
    done = set(kept[0]["seed"]) if kept else set()
    rows = [{"seed": seed} | one(seed, tool) for seed in range(FIRST, FIRST + registers) if seed not in done]
    table = pd.concat([*kept, pd.DataFrame(rows)], ignore_index=True)
    table.to_csv(RAW, index=False, float_format="%.4f", lineterminator="\n")


def summary() -> pd.DataFrame:
    """Return, for the registers of recovery.csv and for fresh ones, spread of errors and share within 90 %."""
    table = pd.read_csv(RAW)
    parts = []
    for registers, part in table.groupby(np.where(table["seed"] < FIRST + KNOWN, "of recovery.csv", "fresh")):
        errors = part.drop(columns="seed")
        found = {"coverage_90": (errors.abs() < Z95).mean(), "mean": errors.mean(), "spread": errors.std()}
        about = pd.DataFrame(found).rename_axis("parameter").reset_index()
        parts.append(about.assign(registers=registers, n=len(part)))
    table = pd.concat(parts, ignore_index=True)
    table["parameter"] = table["parameter"].str.replace(PLACE, "place ")
    return table[["registers", "n", "parameter", "mean", "spread", "coverage_90"]]


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        run(int(sys.argv[2]) if len(sys.argv) > 2 else REGISTERS)
    print(summary().round(3).to_string(index=False))
