"""Is the reference table right? Ranks of held-out runs, and what it finds beside reweighting on the same evidence.

`python benchmarks/reference_table.py run [RUNS [HELD_OUT]]` makes the table (50,000 runs: some 40 minutes of a core;
it is kept in the cache and goes on where it stopped), ranks the truth of each held-out run among the draws that all
other runs give it, and compares engines. Raw results go to `table_ranks.csv` and `table_compared.csv`, under the stamp
of the code they were made by; without words the tables made from them are printed.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from idmaj.calibration.bridge import LEARNED
from idmaj.calibration.by_table import Drawn, Shown, infer, shown
from idmaj.calibration.observed import Observed, figures_of, heads_at_work, of_share, published
from idmaj.calibration.posterior import prior_moments
from idmaj.calibration.priors import SCALES
from idmaj.calibration.published import published_of
from idmaj.calibration.reference_table import RUNS, RunTable, make_table
from idmaj.calibration.reweight import Reweighing, reweigh, structures_of
from idmaj.calibration.sbc import KEPT, rank_table, resampled
from idmaj.calibration.shares import CLOSED, bundled_share
from idmaj.calibration.stamp import code_stamp, read_stamped, staleness, stamped_text
from idmaj.calibration.whole_runs import WholeRuns
from idmaj.sim import NUMBERS
from idmaj.sim.ensemble import threads

HERE = Path(__file__).parent
RANKS, COMPARED = HERE / "table_ranks.csv", HERE / "table_compared.csv"
STAMP = ("by_table", "learned", "observables", "observed", "priors", "reference_table", "whole_runs")
SEED, HELD_OUT, DRAWS = 2017, 200, 20_000
TOLD = 0.02
"""Numbers of whose variance the figures explain more than so much are ranked."""
SURVEY = """[[figures]]
id = "{id}"
quantity = "{quantity}"
value = {value}
unit = "{unit}"
rounding = {rounding}
denominator = "{denominator}"
untraceable = "not stated"
from = "2020-01"
to = "2020-02"
population = "households served"
source = "made up: the median of the runs, to see what such a survey would tell"
grade = "C"
"""
SURVEYED = (
    ("savings", "MAD 2016", 10), ("income_served", "MAD 2016", 10), ("capital", "MAD 2016", 100),
    ("profit", "MAD 2016", 10), ("survival_3y", "percent", 0.1), ("ended_left", "percent", 0.1),
)  # fmt: skip


def survey_of(table: RunTable) -> tuple[Observed, ...]:
    """Return figures of a made-up survey of February 2020: the median of all runs."""
    blocks = []
    for quantity, unit, step in SURVEYED:
        value = float(np.nanmedian(table.seen[f"{quantity}_2020_02"])) * (100 if unit == "percent" else 1)
        about = {"id": quantity, "quantity": quantity, "unit": unit, "rounding": step}
        whole = "projects financed" if unit == "percent" else "none"
        blocks.append(SURVEY.format(**about, value=f"{round(value / step) * step:.1f}", denominator=whole))
    return figures_of(published_of("survey", "\n".join(blocks)), "survey").observed


def ranks_of(given: Shown, evidence: str, held_out: int) -> pd.DataFrame:
    """Rank the truth of some runs among the draws that all others give."""
    runs = len(given.x)
    everywhere = given.acting.all(axis=0)
    explained = infer(given, given.x.mean(axis=0)).explained
    ranked = [k for k in range(len(LEARNED)) if everywhere[k] and explained[k] > TOLD]
    rows = []
    for fit, run in enumerate(np.linspace(0, runs - 1, held_out).astype(int)):
        drawn = infer(given.rows(np.arange(runs) != run), given.x[run])
        luck = np.random.Generator(np.random.Philox(key=[SEED, fit]))
        draws = resampled({LEARNED[k]: drawn.theta[:, k] for k in ranked}, np.log(drawn.weights), luck)
        worth = drawn.weights.sum() ** 2 / (drawn.weights**2).sum()
        for k in ranked:
            truth = given.theta[run, k]
            rank = int((draws[LEARNED[k]] < truth).sum())
            rows.append((evidence, fit, LEARNED[k], rank, KEPT, round(float(truth), 6), round(worth, 1)))
    return pd.DataFrame(rows, columns=["evidence", "fit", "quantity", "rank", "draws", "truth", "worth"])


def moments_of(drawn: Drawn, theta: np.ndarray, k: int) -> tuple[float, float]:
    """Return weighted mean and standard deviation of a number among draws."""
    weights = drawn.weights / drawn.weights.sum()
    mean = float(weights @ theta[:, k])
    return mean, float(np.sqrt(weights @ (theta[:, k] - mean) ** 2))


def compared(table: RunTable) -> pd.DataFrame:
    """Return what the table finds, and reweighting where it can: shift and spread in prior standard deviations."""
    counted = tuple(each for each in bundled_share().readings if each.lost == CLOSED)
    parts = []
    for evidence, share, more in (
        ("P001 L001", bundled_share(), ()),
        ("P001 L001, lost owners counted as closed", replace(bundled_share(), readings=counted), ()),
        ("P001 L001 and a survey", bundled_share(), survey_of(table)),
    ):
        observed = (of_share(share), heads_at_work(), *more)
        given = shown(table, observed, dict(NUMBERS), SEED)
        drawn = infer(given, published(observed))
        weighed = []
        if not more:
            work = Reweighing(structures_of(False), dict(NUMBERS), (share,), SEED)
            weighed = reweigh(work, DRAWS, 4000, threads(1))
        parts += [(evidence, *row) for row in rows_of(given, drawn, [each.params for each in weighed])]
    columns = ["evidence", "parameter", "table_shift", "table_spread", "unadjusted_spread"]
    return pd.DataFrame(parts, columns=[*columns, "reweighted_shift", "reweighted_spread", "monte_carlo_se"])


def rows_of(given: Shown, drawn: Drawn, others: list[np.ndarray]) -> list[tuple[str | float, ...]]:
    """Return a row for each of the six numbers that the figures explain best."""
    worth, moments = drawn.weights.sum() ** 2 / (drawn.weights**2).sum(), prior_moments(dict(NUMBERS))
    rows: list[tuple[str | float, ...]] = []
    for k in np.argsort(-drawn.explained)[:6]:
        name, (middle, wide) = LEARNED[k], moments[LEARNED[k]]
        there = SCALES[NUMBERS[name].shape][0]
        mean, sd = moments_of(drawn, drawn.theta, k)
        raw = moments_of(drawn, given.theta[drawn.rows], k)[1]
        other = np.concatenate([there(each[name]) for each in others]) if others else np.full(1, np.nan)
        found = ((mean - middle) / wide, sd / wide, raw / wide, (other.mean() - middle) / wide)
        last = other.std() / wide if others else np.nan
        rows.append((name, *(round(float(x), 3) for x in (*found, last)), round(1.0 / np.sqrt(worth), 3)))
    return rows


def run(runs: int, held_out: int) -> None:
    """Make the table and both files."""
    numbers = dict(NUMBERS)
    work = WholeRuns(structures_of(False), numbers, SEED)

    def tell(done: int, total: int) -> None:
        if done % 1000 < work.block:
            print(f"{done:,} of {total:,}", file=sys.stderr)

    table = make_table(runs, work, threads(1), None, tell)
    stamp, parts, began = code_stamp(STAMP), [], time.process_time()
    for evidence, observed in (
        ("P001 L001", (of_share(bundled_share()), heads_at_work())),
        ("P001 L001 and a survey", (of_share(bundled_share()), heads_at_work(), *survey_of(table))),
    ):
        parts.append(ranks_of(shown(table, observed, numbers, SEED), evidence, held_out))
    print(f"{2 * held_out} fits in {time.process_time() - began:.0f} CPU seconds", file=sys.stderr)
    found = compared(table).assign(runs=len(table.params))
    RANKS.write_text(stamped_text(pd.concat(parts, ignore_index=True), stamp), encoding="utf-8")
    COMPARED.write_text(stamped_text(found, stamp), encoding="utf-8")


def summary() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return which ranks fail, by evidence, and what both engines find."""
    ranks, _ = read_stamped(RANKS)
    parts = [rank_table(part).assign(evidence=name) for name, part in ranks.groupby("evidence", sort=False)]
    table = pd.concat(parts, ignore_index=True)
    columns = ["evidence", "quantity", "fits", "mean", "spread", "p_value", "fails", "says"]
    return table[columns], read_stamped(COMPARED)[0]


def ranks_in_short() -> pd.DataFrame:
    """Return, by evidence, how many numbers are ranked, their mean rank and spread, and those that fail."""
    rows = []
    for evidence, part in summary()[0].groupby("evidence", sort=False):
        fails = ", ".join(f"{row.quantity} ({row.says})" for row in part[part["fails"]].itertuples()) or "none"
        worst = part.loc[(part["spread"] - 1.0).abs().idxmax()]
        farthest = f"{worst['spread']:.2f} ({worst['quantity']})"
        rows.append((evidence, len(part), part["mean"].mean(), part["spread"].mean(), farthest, fails))
    columns = ["evidence", "numbers", "mean rank", "mean spread", "spread farthest from 1", "fail"]
    return pd.DataFrame(rows, columns=columns)


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        run(*(int(sys.argv[k]) if len(sys.argv) > k else usual for k, usual in ((2, RUNS), (3, HELD_OUT))))
    for each in summary():
        print(each.round(3).to_string(index=False), "\n")
    print(staleness(read_stamped(RANKS)[1]) or "made by this code")
