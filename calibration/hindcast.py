"""What whole runs under a posterior make of history: the share active under each definition, figures, stocks.

The fit itself looks at closed forms; here its draws live the years 2007 to 2025, with luck it did not see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..sim import EVALUATION_MONTH, History
from ..sim.ensemble import Crew, threads
from ..sim.history import DEFINITIONS
from .checks import historical_figures, stock_table
from .replays import replay, replay_kept

LIVED = 200
"""Draws that live history up to the evaluation."""


@dataclass(frozen=True)
class Hindcast:
    """What whole runs say.

    Attributes
    ----------
    definitions : DataFrame
        `definition, meaning, mean, low, high`: share active in May 2017 and its 90 % interval, over draws and luck.
    historical : DataFrame
        Published figures beside the model's (`checks.historical_figures`).
    stocks : DataFrame
        Stocks of refugees beside UNHCR's (`checks.stock_table`).
    """

    definitions: pd.DataFrame
    historical: pd.DataFrame
    stocks: pd.DataFrame


def hindcast(
    params: Any, seed: int, crew: Crew | None = None, on_progress: Callable[[int, int], None] | None = None
) -> Hindcast:
    """Live history once under each row of parameters.

    Parameters
    ----------
    params : recarray of Params
        Equally weighted draws; the first `LIVED` of them are used.
    seed : int
        Of the fit; luck is another one's.
    crew : Crew, optional
    on_progress : callable, optional
        Told how many runs are done, of how many.
    """
    shares = replay(params[:LIVED], seed + 1, crew or threads(), on_progress, active_shares, EVALUATION_MONTH + 1)
    low, high = (shares.quantile(level) for level in (0.05, 0.95))
    rows = [(name, meaning, shares[name].mean(), low[name], high[name]) for name, meaning in DEFINITIONS.items()]
    definitions = pd.DataFrame(rows, columns=["definition", "meaning", "mean", "low", "high"])
    replays = replay_kept(params, seed, crew)
    return Hindcast(definitions, historical_figures(replays), stock_table(replays))


def active_shares(history: History) -> dict[str, float]:
    """Return the share active at the end under each definition; NaN of nothing becomes 0."""
    return {name: float(np.nan_to_num(share)) for name, share in history.active_shares().items()}
