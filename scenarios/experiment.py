"""Run strategies on the same people and the same luck, many times over.

Each run is one draw of the numbers nobody knows exactly and one replication of luck. Its past is lived once,
under what was really done; every strategy then continues a copy of it. Runs share nothing, so the results do
not depend on how many are worked on at the same time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..calibration import load_country, load_draws
from ..calibration.checks import PUBLISHED
from ..sim import EVALUATION_MONTH, OUTCOMES, History, Luck, UserError, resume, simulate
from ..sim.groups import by_group
from ..sim.policy import Policy, Strategy, settings_table
from .provenance import fingerprint, provenance_of, results_hash
from .statistics import STATISTICS, statistics

BUDGETS = ("equal", "additional")
"""What a lever costs is taken from the budget, or comes on top of it."""

PAST = "past"
"""Name under which the months before a plan stand in the monthly table: all strategies share them."""

KNOWN_MONTHS = 228
"""Months to the end of 2025: a past of this length can be laid beside everything that was published."""

Floats = NDArray[np.float64]
Table = np.recarray[Any, Any]


@dataclass(frozen=True)
class Plan:
    """What is to be compared, over which months, how often.

    Attributes
    ----------
    strategies : tuple of Strategy
        The baseline first. Tables name each by its `key`.
    past : Strategy
        What was really done, up to the start.
    start : int
        Month in which the strategies part, counted from January 2007. 0 has no past to share.
    years : int
        Length of the plan.
    draws : int
        Parameter draws (ignorance).
    replications : int
        Courses of luck per draw.
    seed : int
        Of all luck.
    hindsight : bool
        Whether refugee stocks published after the start may be used.
    budget : str
        ``equal``: what a lever costs is taken from the yearly budget. ``additional``: what a strategy's staff and
        services cost more than those of the first strategy comes on top of it.
    """

    strategies: tuple[Strategy, ...]
    past: Strategy
    start: int = 228
    years: int = 10
    draws: int = 25
    replications: int = 2
    seed: int = 1
    hindsight: bool = False
    budget: str = BUDGETS[0]

    def __post_init__(self) -> None:
        if self.budget not in BUDGETS:
            raise UserError(f"budget: found {self.budget!r}, accepted {' or '.join(BUDGETS)}")
        keys = self.keys
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise UserError(f"strategies: found {twice[0]!r} twice; accepted: each strategy once")

    @property
    def keys(self) -> list[str]:
        """Keys of the strategies, the baseline first."""
        return [strategy.key for strategy in self.strategies]

    @property
    def months(self) -> int:
        """Month in which the plan ends, counted from January 2007."""
        return self.start + 12 * self.years

    @property
    def known_until(self) -> int | None:
        """Month up to which history is known to the strategies; None where all of it is."""
        return None if self.hindsight or self.start == 0 else self.start


@dataclass(frozen=True)
class Inputs:
    """Everything a plan resolves to before it runs.

    Attributes
    ----------
    params : recarray (draws)
        One row of parameters a draw.
    past : Policy
        What was really done.
    policies : dict of Policy
        By key of strategy, the baseline first; with an additional budget each knows the baseline's settings.
    country : str
        Hash of the country's data.
    """

    params: Table
    past: Policy
    policies: dict[str, Policy]
    country: str


@dataclass(frozen=True)
class Experiment:
    """What came out of a plan, as tidy tables.

    Attributes
    ----------
    plan : Plan
    ends : DataFrame
        ``strategy, draw, replication, outcome, value``: the outcomes of the plan in every run.
    evaluation : DataFrame
        Like `ends`: ``active_share`` at the evaluation in May 2017, in every run that covers it.
    published : DataFrame
        Published figures beside the model's: ``figure, unit, published, model, low, high, basis, role``, the
        mean and 5-95 % range over the runs; empty where the past ends before 2026.
    monthly : DataFrame
        ``measure, strategy, month, outcome, mean, q05, q25, q50, q75, q95`` over the runs. Where `measure` is
        ``level``, the months before the plan stand once, under the strategy ``past``; where it is
        ``difference``, it is the paired difference from the baseline.
    fingerprint : str
        sha256 of what went in: settings, parameters, country, code, versions.
    results_sha256 : str
        sha256 of what came out.
    groups : DataFrame
        ``strategy, group, member, outcome, unit, mean, q05, ..., q95`` over the runs: outcomes at the end of the plan
        by place, sex, origin and need (`idmaj.sim.groups`).
    provenance : dict
        Versions and hashes, in words.
    """

    plan: Plan
    ends: pd.DataFrame
    evaluation: pd.DataFrame
    published: pd.DataFrame
    monthly: pd.DataFrame
    groups: pd.DataFrame
    fingerprint: str
    results_sha256: str
    provenance: dict[str, str]


@dataclass(frozen=True)
class _Run:
    """One draw and replication: per strategy its outcomes, months and share at the evaluation; its past."""

    ends: dict[str, dict[str, float]]
    monthly: dict[str, Floats]
    columns: tuple[str, ...]
    evaluation: dict[str, float]
    published: dict[str, float]
    groups: dict[str, pd.DataFrame]


def prepare(plan: Plan) -> Inputs:
    """Resolve a plan: its parameter draws, its country as known at the start, its settings month by month."""
    country = load_country(plan.known_until)
    months = plan.months
    past = Policy(settings_table(plan.past, plan.start, months), country)
    settings = {
        strategy.key: settings_table(strategy, plan.start, months, plan.known_until) for strategy in plan.strategies
    }
    baseline = settings[plan.keys[0]] if plan.budget == "additional" else None
    policies = {key: Policy(table, country, baseline) for key, table in settings.items()}
    return Inputs(load_draws(plan.draws), past, policies, country.fingerprint())


def run_experiment(
    plan: Plan, on_progress: Callable[[int, int], None] | None = None, workers: int | None = None
) -> Experiment:
    """Run a plan on all cores.

    Parameters
    ----------
    plan : Plan
    on_progress : callable, optional
        Called in the calling thread with (runs done, runs in all).
    workers : int, optional
        Runs worked on at the same time; all cores by default. Changes no number.

    Raises
    ------
    UserError
        When a strategy cannot be read as settings.
    """
    inputs = prepare(plan)
    runs = _run_all(plan, inputs, on_progress or _silent, workers or available_cores())
    ends, evaluation, monthly = _ends(plan, runs), _evaluation(plan, runs), _monthly(plan, runs)
    provenance = provenance_of(inputs)
    return Experiment(
        plan,
        ends,
        evaluation,
        _published(runs),
        monthly,
        _groups(plan, runs),
        fingerprint(plan, inputs, provenance),
        results_hash(ends, evaluation, monthly),
        provenance,
    )


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def available_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run_all(plan: Plan, inputs: Inputs, on_progress: Callable[[int, int], None], workers: int) -> list[_Run]:
    """Return every run in order of draw and replication, however many are worked on at a time."""
    tasks = [(draw, replication) for draw in range(plan.draws) for replication in range(plan.replications)]
    # Compiled here, since only the main thread can be interrupted while it compiles.
    simulate(inputs.params[0], inputs.past, Luck(plan.seed), 1)
    stop = Event()
    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        futures = [pool.submit(_run, plan, inputs, draw, replication, stop) for draw, replication in tasks]
        pending: set[Future[_Run]] = set(futures)
        while pending:
            done, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
            if done:
                on_progress(len(tasks) - len(pending), len(tasks))
        return [future.result() for future in futures]
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _run(plan: Plan, inputs: Inputs, draw: int, replication: int, stop: Event) -> _Run:
    """Live one past and continue it under every strategy."""
    luck = Luck(plan.seed, replication, draw)
    params = inputs.params[draw]
    past = simulate(params, inputs.past, luck, plan.start) if plan.start else None
    ends: dict[str, dict[str, float]] = {}
    monthly: dict[str, Floats] = {}
    evaluation: dict[str, float] = {}
    groups: dict[str, pd.DataFrame] = {}
    columns: tuple[str, ...] = ()
    for name, policy in inputs.policies.items():
        if stop.is_set():
            raise CancelledError
        history: History = (
            simulate(params, policy, luck, plan.months) if past is None else resume(past, policy, plan.months)
        )
        table = history.monthly
        columns = tuple(table.dtype.names or ())
        monthly[name] = np.array([table[column] for column in columns], dtype=np.float64).T
        ends[name] = history.ends(plan.start, plan.months)
        groups[name] = by_group(history, plan.start)
        if len(table) > EVALUATION_MONTH:
            evaluation[name] = float(table["active_share"][EVALUATION_MONTH])
    lived = past or history
    published = {item.figure: item.value(lived) for item in PUBLISHED if lived.months >= KNOWN_MONTHS}
    return _Run(ends, monthly, columns, evaluation, published, groups)


def _pairs(plan: Plan) -> list[tuple[int, int]]:
    return [(draw, replication) for draw in range(plan.draws) for replication in range(plan.replications)]


def _ends(plan: Plan, runs: list[_Run]) -> pd.DataFrame:
    rows = [
        (key, draw, replication, outcome, run.ends[key][outcome])
        for outcome in OUTCOMES
        for key in plan.keys
        for (draw, replication), run in zip(_pairs(plan), runs, strict=True)
    ]
    return pd.DataFrame(rows, columns=["strategy", "draw", "replication", "outcome", "value"])


def _evaluation(plan: Plan, runs: list[_Run]) -> pd.DataFrame:
    rows = [
        (name, draw, replication, "active_share", value)
        for (draw, replication), run in zip(_pairs(plan), runs, strict=True)
        for name, value in run.evaluation.items()
    ]
    return pd.DataFrame(rows, columns=["strategy", "draw", "replication", "outcome", "value"])


def _groups(plan: Plan, runs: list[_Run]) -> pd.DataFrame:
    """Return the outcomes by group, described over the runs."""
    parts = []
    for key in plan.keys:
        frame = runs[0].groups[key].drop(columns="value").assign(strategy=key)
        values = np.stack([run.groups[key]["value"].to_numpy(dtype=np.float64) for run in runs])
        for name, statistic in zip(STATISTICS, statistics(values), strict=True):
            frame[name] = statistic
        parts.append(frame[["strategy", "group", "member", "outcome", "unit", *STATISTICS]])
    return pd.concat(parts, ignore_index=True)


def _published(runs: list[_Run]) -> pd.DataFrame:
    columns = ["figure", "unit", "published", "model", "low", "high", "basis", "role"]
    rows = []
    for item in PUBLISHED if runs[0].published else ():
        values = np.array([run.published[item.figure] for run in runs])
        low, high = np.quantile(values, [0.05, 0.95])
        rows.append((item.figure, item.unit, item.published, values.mean(), low, high, item.basis, item.role))
    return pd.DataFrame(rows, columns=columns)


def _monthly(plan: Plan, runs: list[_Run]) -> pd.DataFrame:
    """Return the monthly table; see `Experiment`."""
    columns = runs[0].columns
    names = plan.keys
    base = np.stack([run.monthly[names[0]] for run in runs])
    parts = [_described("level", PAST, 0, base[:, : plan.start], columns)] if plan.start else []
    differences = []
    for name in names:
        levels = np.stack([run.monthly[name] for run in runs])[:, plan.start :]
        parts.append(_described("level", name, plan.start, levels, columns))
        if name != names[0]:
            paired = levels - base[:, plan.start :]
            differences.append(_described("difference", name, plan.start, paired, columns))
    return pd.concat(parts + differences, ignore_index=True)


def _described(measure: str, strategy: str, first: int, values: Floats, columns: tuple[str, ...]) -> pd.DataFrame:
    """Describe an array (runs, months, columns) by the mean and quantiles over its runs."""
    months = values.shape[1]
    frame = pd.DataFrame(
        {
            "measure": measure,
            "strategy": strategy,
            "month": np.repeat(np.arange(first, first + months), len(columns)),
            "outcome": np.tile(np.array(columns, dtype=object), months),
        }
    )
    for name, statistic in zip(STATISTICS, statistics(values), strict=True):
        frame[name] = statistic.ravel()
    return frame
