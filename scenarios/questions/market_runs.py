"""A programme lived at several sizes, and what became of the market of each trade: from niches at the plan's end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import History
from ...sim.ensemble import threads
from ...sim.kinds import Ending, Trade
from ...sim.policy import Policy
from ...sim.rule import entry_point
from ...sim.rules.trade import kept
from ..experiment import Inputs, Plan
from ..language import later
from ..provenance import fingerprint, provenance_of
from ..runs import Lives

Floats = NDArray[np.float64]
OnProgress = Callable[[int, int], None]

SCALED = (
    "intake_projects_per_year",
    "funding_budget_mad_per_year",
    "advisers_number",
    "branches_advisers",
    "training_seats",
    "jobs_brokers",
    "cooperatives_coordinators",
    "incubators_rooms",
    "link_carriers",
    "social_households",
    "health_treatments",
    "legal_cases",
)
"""What a programme of another size has more or less of. What one project gets stays as it is, and so does a partner."""

TRADES = tuple(trade.name.replace("_", " ").lower() for trade in Trade)
ALL = later("all trades")
LASTED = 36
"""Months of trading that survival is told of."""


def at_sizes(inputs: Inputs, times: Sequence[float], start: int) -> Inputs:
    """Return the inputs with one strategy at several sizes in place of it, from the start of the plan on.

    Parameters
    ----------
    inputs : Inputs
        Of one strategy.
    times : sequence of float
        What `SCALED` is multiplied with; a size is named after it.
    start : int
    """
    (policy,) = inputs.policies.values()
    sizes = {name_of(factor): _scaled(policy, factor, start) for factor in times}
    return replace(inputs, policies=sizes)


def name_of(factor: float) -> str:
    """Return the name of a size."""
    return f"{factor:g}"


def _scaled(policy: Policy, factor: float, start: int) -> Policy:
    settings = policy.settings.copy()
    for column in SCALED:
        more = settings[column][start:] * factor
        whole = np.issubdtype(settings.dtype[column], np.integer)
        settings[column][start:] = np.rint(more) if whole else more
    return replace(policy, settings=settings)


def market_runs(
    plan: Plan, inputs: Inputs, lost: float, workers: int | None = None, on_progress: OnProgress | None = None
) -> pd.DataFrame:
    """Live every run of a plan at every size, and return the markets of each.

    Parameters
    ----------
    plan : Plan
    inputs : Inputs
        From `at_sizes`.
    lost : float
        As in `markets_of`.
    workers : int, optional
        Runs lived at a time.
    on_progress : callable, optional
        Told how many runs are done, of how many.

    Returns
    -------
    DataFrame
        ``times, draw, replication, places, unfilled`` and the columns of `markets_of`: a row a run, size and trade.
        `places`: new projects wanted a year. `unfilled`: places for which nobody waits, mean of the last year.
    """
    work, tell = Lives.of(plan, inputs), on_progress or (lambda done, total: None)

    def one(run: tuple[int, int]) -> pd.DataFrame:
        tables = []
        for size, history in work.lived(*run).items():
            wanted = history.policy.settings["intake_projects_per_year"][plan.start : plan.months].mean()
            about = {"times": float(size), "draw": run[0], "replication": run[1], "places": float(wanted)}
            unfilled = float(np.asarray(history.monthly.places_unfilled)[-12:].mean())
            tables.append(markets_of(history, plan.start, lost).assign(**about, unfilled=unfilled))
        return pd.concat(tables, ignore_index=True)

    runs = [(draw, replication) for draw in range(plan.draws) for replication in range(plan.replications)]
    done = {runs[0]: one(runs[0])}  # compiled by one thread
    tell(1, len(runs))
    crew = threads(workers)
    executor = crew.hire(None)
    try:
        waiting = {executor.submit(one, run): run for run in runs[1:]}
        for future in as_completed(waiting):
            done[waiting[future]] = future.result()
            tell(len(done), len(runs))
    finally:
        crew.dismiss(executor)
    return pd.concat([done[run] for run in runs], ignore_index=True)


def markets_of(history: History, start: int, lost: float) -> pd.DataFrame:
    """Return what became of each trade in one run, and of all of them.

    Returns
    -------
    DataFrame
        A row a trade, then one of all trades: ``trade``; ``opened``, projects opened during the plan; ``live``,
        financed projects open at its end, whenever they opened; ``old`` and ``lasted``, of those opened at least
        three years before the end, how many there are and how many traded for three years. Of the last month, summed
        over niches: ``sellers``, financed sellers; ``kept``, these times the share of income that a seller keeps;
        ``without``, the same had the programme financed none; ``below``, financed sellers who lose more than `lost`.
    """
    table, niches, end = history.businesses, history.state.niches, history.months
    mine = table[table.assisted == 1]
    begun = mine[mine.opened >= start]
    old = begun[begun.opened <= end - LASTED]
    financed = np.asarray(niches.assisted)
    alone = share_kept(history, np.asarray(niches.newcomers) - financed)
    columns = {
        "opened": _by(begun.trade),
        "live": _by(mine.trade[mine.ending == Ending.OPEN]),
        "old": _by(old.trade),
        "lasted": _by(old.trade[old.age >= LASTED]),
        "sellers": _by(niches.trade, financed),
        "kept": _by(niches.trade, financed * niches.share),
        "without": _by(niches.trade, financed * alone),
        "below": _by(niches.trade, financed * (niches.share < 1.0 - lost)),
    }
    return pd.DataFrame({"trade": [*TRADES, ALL], **columns})


def share_kept(history: History, newcomers: Floats) -> Floats:
    """Return the share of income that a seller of each niche would keep in the last month with so many newcomers."""
    demand = float(history.policy.settings["shock_demand_factor"][history.months - 1])
    niches, params, out = np.asarray(history.state.niches), np.asarray(history.params), np.empty(len(newcomers))
    fill_kept(niches, np.ascontiguousarray(newcomers), demand, params, out)
    return out


@entry_point
def fill_kept(niches: Any, newcomers: Floats, demand: float, params: Any, out: Floats) -> None:
    """Write into `out` (niches) what the rule of crowding leaves to a seller of each."""
    for row in range(len(niches)):
        out[row] = kept(niches[row], newcomers[row], demand, params[0])


def _by(trades: Any, weights: Any = None) -> Floats:
    """Count, or add up, by trade; the sum of all stands last."""
    counted = np.bincount(np.asarray(trades), weights, minlength=len(TRADES)).astype(np.float64)
    return np.append(counted, counted.sum())


def fingerprint_of(plan: Plan, inputs: Inputs, lost: float) -> str:
    """Return the sha256 of everything that the numbers follow from."""
    whole = fingerprint(plan, inputs, provenance_of(inputs))
    return hashlib.sha256(f"{whole} markets {lost!r}".encode()).hexdigest()
