"""History lived again: what was done as a policy, whole runs under rows of parameters, and what is seen of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..sim import EVALUATION_MONTH, History, Luck, Policy, simulate
from ..sim.ensemble import Chunk, Crew, Tables, chunks_of, run_chunks, threads
from ..sim.kinds import Ending
from ..sim.policy import read_strategy, settings_table
from .checks import BEFORE_LOCKDOWN
from .country import load_country

HISTORY = Path(__file__).parent / "history.toml"

FIT_MONTHS = BEFORE_LOCKDOWN + 1
KNOWN_MONTHS = 228
"""To the end of 2025: the months whose refugee stocks are published."""
CHECKED_REPLAYS = 40


def history_policy(months: int, known_until: int | None = None) -> Policy:
    """Return what was done, as a policy of that many months."""
    strategy = read_strategy("history", {"history": HISTORY})
    return Policy(settings_table(strategy, 0, months), load_country(known_until))


def summarise(history: Any) -> dict[str, float]:
    """Return the summaries of one replayed history that checks and closed forms look at."""
    monthly = history.monthly
    table = history.businesses
    assisted = table[table.assisted == 1]
    live = assisted[assisted.ending == Ending.OPEN]
    year_old = live[(live.age >= 6) & (live.age <= 18)]
    old = live[(live.age >= 30) & (live.age <= 42)]
    ended = monthly[[name for name in monthly.dtype.names if name.startswith("ended_")]]
    exits = sum(float(ended[name].sum()) for name in ended.dtype.names)
    years = float(monthly.live_businesses.sum()) / 12.0
    return {
        "active_share": float(monthly.active_share[EVALUATION_MONTH]),
        "active_share_true": float(monthly.active_share_true[EVALUATION_MONTH]),
        "heads_at_work": float(monthly.heads_at_work[BEFORE_LOCKDOWN]),
        "log_profit_12": float(np.log(max(np.median(year_old.takings), 1.0))) if len(year_old) else 0.0,
        "profit_spread": _spread(year_old.takings),
        "capital_36": float(np.median(old.capital)) if len(old) else float("nan"),
        "insolvent_share": float(monthly.ended_insolvent.sum()) / max(exits, 1.0),
        "job_share": float(monthly.ended_job.sum()) / max(exits, 1.0),
        "exits_per_year": exits / max(years, 1.0),
        "three_years": _three_years(assisted, history.months),
    }


def _spread(values: Any) -> float:
    """Return the 90 % over the 10 % quantile."""
    return float(np.quantile(values, 0.9) / np.quantile(values, 0.1)) if len(values) >= 10 else float("nan")


def _three_years(assisted: Any, months: int) -> float:
    old = assisted[assisted.opened <= months - 36]
    return float((old.age >= 36).mean()) if len(old) else float("nan")


@dataclass(frozen=True)
class Replays:
    """Work for `run_chunks`: history once under each row of parameters; a chunk's draw is the row.

    Attributes
    ----------
    params : recarray
    policy : Policy
        What was done.
    seed : int
    summary : callable
        What is kept of a history.
    months : int
        Months lived.
    """

    params: np.recarray[Any, Any]
    policy: Policy
    seed: int
    summary: Callable[[Any], dict[str, float]] = summarise
    months: int = FIT_MONTHS

    def __call__(self, chunk: Chunk, stopped: Callable[[], bool]) -> Tables:
        """Return a row of summaries for each replication of one draw."""
        rows = []
        for replication in chunk.replications:
            if stopped():
                raise CancelledError
            luck = Luck(self.seed, replication, chunk.draw)
            rows.append(self.summary(simulate(self.params[chunk.draw], self.policy, luck, self.months)))
        return {"summaries": pd.DataFrame(rows)}

    def culprits(self, chunk: Chunk) -> Sequence[tuple[str, Callable[[], object]]]:
        """Return each replication of a chunk alone."""
        return [
            (f"draw {chunk.draw}, replication {each}", partial(self, Chunk(chunk.draw, each, 1), bool))
            for each in chunk.replications
        ]


def replay(
    params: Any,
    seed: int,
    crew: Crew,
    on_progress: Callable[[int, int], None] | None,
    summary: Callable[[Any], dict[str, float]] | None = None,
    months: int = FIT_MONTHS,
) -> pd.DataFrame:
    """Replay history once for each row of parameters; return a row of summaries for each, in their order.

    Raises
    ------
    RuntimeError
        If a run fails: a fit without it would not be the fit that was asked for.
    """
    rows: dict[int, pd.DataFrame] = {}

    def keep(chunk: Chunk, tables: Tables) -> None:
        rows[chunk.draw] = tables["summaries"]
        if on_progress is not None:
            on_progress(len(rows), len(params))

    work = Replays(params, history_policy(months), seed, summary or summarise, months)
    for failure in run_chunks(work, chunks_of(len(params), 1), crew, keep):
        raise RuntimeError(f"draw {failure.chunk.draw} of seed {seed}: {failure.error}")
    return pd.concat([rows[draw] for draw in range(len(params))], ignore_index=True)


def replay_kept(params: Any, seed: int, crew: Crew | None = None) -> list[History]:
    """Replay history to the end of 2025 under the first kept parameters, with luck the fit did not see."""
    policy = history_policy(KNOWN_MONTHS)

    def one(draw: int) -> History:
        return simulate(params[draw], policy, Luck(seed + 1, 0, draw), KNOWN_MONTHS)

    with (crew or threads()).hire(None) as pool:
        return list(pool.map(one, range(min(CHECKED_REPLAYS, len(params)))))
