"""Tidy tables of made-up runs, for tests of what is decided from them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Grids = Mapping[str, NDArray[np.float64]]


def tidy(grids: Grids, outcome: str = "income", by: str = "strategy") -> pd.DataFrame:
    """Return arrays (draws, replications), one per design, as the tidy table of an experiment."""
    parts = []
    for name, grid in grids.items():
        values = np.atleast_2d(np.asarray(grid, dtype=np.float64))
        draw, replication = np.indices(values.shape).reshape(2, -1)
        columns = {by: name, "draw": draw, "replication": replication, "outcome": outcome, "value": values.ravel()}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def ends(cells: Mapping[str, Grids]) -> pd.DataFrame:
    """Return arrays (draws, replications) by strategy and outcome as the tidy table of an experiment."""
    parts = [tidy({name: grid}, outcome) for name, outcomes in cells.items() for outcome, grid in outcomes.items()]
    return pd.concat(parts, ignore_index=True)


def constant(value: float) -> NDArray[np.float64]:
    """Return two draws and one replication that all have one value."""
    return np.full((2, 1), float(value))
