"""Made-up experiments for the tests of decisions."""

from __future__ import annotations

import numpy as np
import pandas as pd

Arrays = dict[str, dict[str, np.ndarray]]


def ends(cells: Arrays) -> pd.DataFrame:
    """Return arrays (draws, replications) by strategy and outcome as the tidy table of an experiment."""
    parts = []
    for strategy, outcomes in cells.items():
        for outcome, grid in outcomes.items():
            draw, replication = np.indices(grid.shape).reshape(2, -1)
            about = {"strategy": strategy, "draw": draw, "replication": replication}
            parts.append(pd.DataFrame(about | {"outcome": outcome, "value": grid.ravel()}))
    return pd.concat(parts, ignore_index=True)
