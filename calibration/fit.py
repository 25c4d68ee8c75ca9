"""A first fit: keep the prior draws whose replayed history comes nearest to what was published.

A rejection fit over a few thousand whole runs, with its own luck in each. It sets the level of failure,
departures, work and profits; it cannot tell most other numbers apart, and says so by how little they contract.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..sim import EVALUATION_MONTH, NUMBERS, History, Luck, Policy, UserError, simulate
from ..sim.ensemble import Chunk, Crew, Tables, chunks_of, run_chunks, threads
from ..sim.kinds import Ending, HazardFamily
from ..sim.policy import read_strategy, settings_table
from .checks import BEFORE_LOCKDOWN, PUBLISHED_SHARE
from .country import load_country
from .draws import ABOUT, BUNDLED, FITTED
from .priors import SCALES, draw_priors

HISTORY = Path(__file__).parent / "history.toml"

FIT_MONTHS = BEFORE_LOCKDOWN + 1
KNOWN_MONTHS = 228
"""To the end of 2025: the months whose refugee stocks are published."""
CHECKED_REPLAYS = 40
MAX_INSOLVENT = 0.25
FAMILYWISE = 3.3
"""Standard errors that the largest of some 75 contractions rarely passes by chance."""


@dataclass(frozen=True)
class Target:
    """What a run is compared with: a summary, its published value and how near counts as one unit of loss."""

    summary: str
    value: float
    scale: float
    basis: str


TARGETS = (
    Target("active_share", PUBLISHED_SHARE, 0.015, "P001, on the scale of its rounding and of one run's luck"),
    Target("heads_at_work", 0.438, 0.04, "L001"),
)


def history_policy(months: int, known_until: int | None = None) -> Policy:
    """Return what was done, as a policy of that many months."""
    strategy = read_strategy("history", {"history": HISTORY})
    return Policy(settings_table(strategy, 0, months), load_country(known_until))


def summarise(history: Any) -> dict[str, float]:
    """Return the summaries of one replayed history that the fit and the checks look at."""
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


def loss(summaries: pd.DataFrame) -> pd.Series:
    """Return the quadratic loss of each run; infinite where insolvency takes too large a share of exits."""
    total = pd.Series(0.0, index=summaries.index)
    for target in TARGETS:
        total += ((summaries[target.summary] - target.value) / target.scale) ** 2
    return total.where(summaries["insolvent_share"] <= MAX_INSOLVENT, np.inf)


@dataclass(frozen=True)
class Fit:
    """Parameters kept, the runs they were kept from, and how each parameter contracted."""

    params: np.recarray[Any, Any]
    summaries: pd.DataFrame
    kept: np.ndarray
    table: pd.DataFrame


@dataclass(frozen=True)
class QuickFit:
    """How many prior draws are replayed, how many are kept, and the seed of both draws and luck.

    UserError if fewer are replayed than kept, or fewer than two are kept.
    """

    runs: int = 3000
    kept: int = 200
    seed: int = 2017

    def __post_init__(self) -> None:
        if not 2 <= self.kept <= self.runs:
            raise UserError(f"--kept: found {self.kept}; accepted: 2 to the {self.runs} replayed (--runs)")

    def command(self) -> str:
        """Return the command that does the same again."""
        return f"idmaj calibrate --quick --runs {self.runs} --kept {self.kept} --seed {self.seed}"


def quick_fit(
    asked: QuickFit, crew: Crew | None = None, on_progress: Callable[[int, int], None] | None = None
) -> Fit:
    """Keep the prior draws whose replayed history is nearest to `TARGETS`."""
    prior = draw_priors(asked.runs, asked.seed)
    summaries = replay(prior, asked.seed, crew or threads(), on_progress)
    nearest = np.argsort(loss(summaries).to_numpy(), kind="stable")[: asked.kept]
    order = nearest[balanced(prior[nearest])]
    return Fit(prior[order], summaries, order, contraction(prior, prior[order]))


def balanced(params: Any) -> np.ndarray:
    """Return an order in which the first draws, however few, have means near those of all.

    Greedy: next comes the draw that keeps the running sum of standardised parameters smallest. Hazard families
    are balanced alike.
    """
    learned = [name for name, number in NUMBERS.items() if number.shape != "fixed"]
    columns = [SCALES[NUMBERS[name].shape][0](params[name]) for name in learned]
    columns += [(params["hazard_family"] == family).astype(float) for family in HazardFamily]
    table = np.column_stack(columns)
    spread = table.std(axis=0)
    table = (table - table.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    total = np.zeros(table.shape[1])
    left = list(range(len(table)))
    order = []
    while left:
        ahead = ((total + table[left]) ** 2).sum(axis=1)
        order.append(left.pop(int(np.argmin(ahead))))
        total += table[order[-1]]
    return np.array(order)


def contraction(prior: Any, posterior: Any) -> pd.DataFrame:
    """Return, per parameter, medians, 90 % interval and how much of the prior variance is gone, on its own scale.

    The label is `data-informed` from a half on, else `weak` from a tenth on and clearly above what chance
    alone shows in so many parameters, else `prior-driven`.
    """
    chance = FAMILYWISE * float(np.sqrt(2.0 / len(posterior)))
    rows = []
    for name, number in NUMBERS.items():
        if number.shape == "fixed":
            continue
        there, _ = SCALES[number.shape]
        before, after = there(prior[name]), there(posterior[name])
        share = 1.0 - float(np.var(after) / np.var(before))
        label = "data-informed" if share >= 0.5 else "weak" if share >= max(0.1, chance) else "prior-driven"
        low, median, high = np.quantile(posterior[name], [0.05, 0.5, 0.95])
        rows.append((name, number.unit, number.median, median, low, high, share, label))
    columns = ["parameter", "unit", "prior_median", "median", "low", "high", "contraction", "label"]
    return pd.DataFrame(rows, columns=columns)


def replay_kept(params: Any, seed: int, crew: Crew | None = None) -> list[History]:
    """Replay history to the end of 2025 under the first kept parameters, with luck the fit did not see."""
    policy = history_policy(KNOWN_MONTHS)

    def one(draw: int) -> History:
        return simulate(params[draw], policy, Luck(seed + 1, 0, draw), KNOWN_MONTHS)

    with (crew or threads()).hire(None) as pool:
        return list(pool.map(one, range(min(CHECKED_REPLAYS, len(params)))))


def check_folder(folder: Path, force: bool) -> None:
    """Refuse a folder that holds a fit already, or cannot be written, before anything is computed."""
    if (folder / FITTED).exists() and not force:
        raise UserError(f"{folder}: found a fit there; accepted: a new folder (--out), or --force to replace it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / ".idmaj-can-write", "")
        (folder / ".idmaj-can-write").unlink()
    except OSError as problem:
        why = f"cannot be written ({problem.strerror}); accepted: another folder (--out)"
        raise UserError(f"{folder}: {why}") from problem


def bundled() -> bytes:
    """Return the fit that comes with idmaj, to compare with one made anew before that replaces it."""
    path = BUNDLED / FITTED
    return path.read_bytes() if path.exists() else b""


def write_fit(folder: Path, result: Fit, tables: Mapping[str, pd.DataFrame], asked: QuickFit) -> None:
    """Write the kept parameters, what made them, and the tables of checks by name, each file in one step."""
    frame = pd.DataFrame(np.asarray(result.params))
    families = {int(family): family.name.lower() for family in HazardFamily}
    frame["hazard_family"] = frame["hazard_family"].astype(int).map(families)
    kept = result.summaries.iloc[result.kept]
    lines = ["# Made by the command below; do not edit.", f'command = "{asked.command()}"', f"runs = {asked.runs}"]
    lines += [f"kept = {asked.kept}", f"seed = {asked.seed}", ""]
    for target in TARGETS:
        values = kept[target.summary]
        lines += [f"[targets.{target.summary}]", f"published = {target.value:.4f}"]
        lines += [f"fitted_mean = {values.mean():.4f}", f"fitted_sd = {values.std():.4f}"]
        lines += [f'basis = "{target.basis}"', ""]
    informed = result.table[result.table.label != "prior-driven"].sort_values("contraction", ascending=False)
    lines += ["# Share of the prior variance that is gone; all other parameters are prior-driven.", "[contraction]"]
    lines += [f"{row.parameter} = {row.contraction:.2f}" for row in informed.itertuples()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            _replace(folder / f"{name}.csv", table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
        _replace(folder / ABOUT, "\n".join(lines) + "\n")
        _replace(folder / FITTED, frame.to_csv(index=False, float_format="%.17g", lineterminator="\n"))
    except OSError as problem:
        why = f"cannot be written ({problem.strerror}); name another folder with --out"
        raise UserError(f"{folder}: {why}") from problem


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
