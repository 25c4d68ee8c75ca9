"""Does it matter that the likelihood of registers knows no good and bad years? Raw results in year_shocks.csv.

`python benchmarks/year_shocks.py run [REPLICATIONS [DESIGN]]` adds what is missing to `year_shocks.csv`; without words
it prints the tables that stand in docs/CALIBRATION.md.

In the model a town has luck of its own, which moves the incomes of all who trade there and so their failures. No
register records it, and registers are fitted as if there were none. Here the failure hazard of every AGR is multiplied
by a lognormal effect of the calendar year, of mean one and the same in all towns, which is more than the model does:
its towns have good and bad years apart from each other. The same truths, lives and years stand behind every size of
the effect, so that what differs between sizes is the effect.

*sampled*: the design *drawn* of recovery.py (truths from the priors, frailty unknown, all defects) with 300 AGRs, the
sampler as it is shipped, and the check of the spread between years against registers made up under the fit.
*maximum*: its design *fixed*, 3,000 AGRs and wide priors, the maximum of the posterior in place of chains: so large a
register tells a level far more sharply, and years weigh more. *spread*: what the spread between years, as the check
counts it, comes to in those same large registers.
"""

from __future__ import annotations

import csv
import importlib.util
import itertools
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from idmaj.calibration import synthetic
from idmaj.calibration.likelihood import Likelihood, coordinates, with_fixed
from idmaj.calibration.predictive import predictive_table, register_statistics, replicate, yearly_spread
from idmaj.calibration.priors import SCALES, Z95, draw_priors
from idmaj.calibration.register_checks import GIVEN
from idmaj.calibration.remake import Remade
from idmaj.calibration.rows import lives_of_spells, rows_of
from idmaj.calibration.sampler import sample
from idmaj.calibration.schemas import Exit
from idmaj.calibration.scores import share_interval
from idmaj.calibration.synthetic import ALL_DEFECTS, PLACES, Truth, synthetic_spells

Floats = NDArray[np.float64]

RAW = Path(__file__).parent / "year_shocks.csv"
HEADER = ["design", "shock", "replication", "quantity", "error_se", "sd", "inside_90", "p_value", "adjusted"]
"""Of a quantity: its error in posterior standard deviations, these, and whether its 90 % interval holds the truth; of
the spread between years the same of what is observed among registers made up, with the p-values of the check; in
*spread* the number itself in place of the error."""
REPLICATIONS = {"sampled": 60, "maximum": 200, "spread": 200}
AGRS = {"sampled": 300, "maximum": 3000, "spread": 3000}
OWN = (0.02, 0.05)
"""Median and 95 % quantile of what the model's own priors imply, as `by_prior` finds them."""
SHOCKS = {"sampled": (0.0, *OWN, 0.2, 0.4), "maximum": (0.0, *OWN, 0.1, 0.2, 0.4), "spread": (0.0, *OWN, 0.1, 0.2, 0.4)}
"""Spreads of the log effect of a year: none, the model's own, and far more."""
SPREAD_BETWEEN_YEARS = "spread between years, binomial 1"
MADE_UP = 60
"""Registers made up under each fit."""
LEVEL = 0.05
QUANTITIES = {
    "failure_level": "level", "weibull_shape": "shape", "log_frailty_sd": "frailty", "log_hr_trained": "trained",
}  # fmt: skip
"""What is looked at, and what the table calls it; the margin is held at 0, so that the level is failure_level."""
A_YEAR = 12
YEARS = 7.2
"""Calendar years that the failures of these registers amount to: one over the sum of their squared shares."""
ORDINARY = synthetic._ends


def spread_of_mean(persistence: Floats | float, months: int = A_YEAR) -> Floats:
    """Return the spread of a mean over some months of first-order luck, whose own spread is one."""
    lag = np.arange(1, months)
    rho = np.asarray(persistence, dtype=float)[..., None]
    return np.asarray(np.sqrt(months + 2.0 * ((months - lag) * rho**lag).sum(axis=-1)) / months)


def implied(params: Any) -> Floats:
    """Return the spread of the log failure hazard between years that a town's luck gives; one a row of parameters.

    The most it can be: a household that lives on the AGR alone, and a hazard that looks at the same twelve months as
    the year that is counted.
    """
    return np.asarray(
        params["hazard_slope_on_margin"] * params["place_shock_sd"] * spread_of_mean(params["own_shock_rho"])
    )


def wider(shock: float, standard_error: float) -> float:
    """Return how many times wider the interval of the log level ought to be, by its error where no year differs.

    Failures of a register fall into some seven years: what good and bad ones leave of their spread in the mean.
    """
    return float(np.hypot(1.0, shock / np.sqrt(YEARS) / standard_error))


def year_effects(shock: float, seed: int) -> Floats:
    """Return by what each calendar year from 2007 multiplies the hazard: mean one, the same luck at any size."""
    years = np.random.Generator(np.random.Philox(key=[seed, 78])).standard_normal(40)
    return np.asarray(np.exp(shock * years - 0.5 * shock**2))


def shocked_age(age: Floats, start: Floats, truth: Truth, effects: Floats) -> Floats:
    """Return the months at which AGRs fail whose hazard good and bad years multiply.

    Parameters
    ----------
    age : array (AGRs)
        Months at which they would fail without; inf for never.
    start : array (AGRs)
        Months since January 2007.
    effects : array (years)
        From 2007 on; 1 afterwards.
    """
    edges = np.clip(A_YEAR * np.arange(len(effects) + 1.0) - start[:, None], 0.0, None)
    lived = synthetic.cumulative_hazard(edges, truth)
    shocked = np.cumsum(np.diff(lived, axis=1) * effects, axis=1)
    borne = synthetic.cumulative_hazard(age, truth)
    before = (shocked < borne[:, None]).sum(axis=1)
    each = np.arange(len(age))
    year = np.minimum(before, len(effects) - 1)
    by_then = np.where(before > 0, shocked[each, before - 1], 0.0)
    effect = np.where(before < len(effects), effects[year], 1.0)
    return synthetic._age_at(lived[each, before] + (borne - by_then) / effect, truth)


def shocked_spells(truth: Truth, agrs: int, seed: int, effects: Floats) -> pd.DataFrame:
    """Make a register up with all defects, as `synthetic_spells` does, of lives that good and bad years touch."""
    alone = replace(truth, rate_owner_left=0.0, rate_wage_work=0.0, rate_absorbed=0.0, rate_forced=0.0)

    def ends(people: pd.DataFrame, luck: Floats, _: Truth) -> tuple[Floats, NDArray[np.int64]]:
        start = people["start"].to_numpy(dtype=float)
        calm = ORDINARY(people, luck, alone)[0] - start
        failed = start + shocked_age(calm, start, truth, effects)
        never = np.column_stack([np.full(len(luck), np.inf), luck[:, 1:]])
        other, cause = ORDINARY(people, never, truth)
        return np.minimum(failed, other), np.where(failed <= other, int(Exit.FAILED), cause)

    # The generator has no place for years: only how lives end is put in another's stead, all else is its own.
    with mock.patch.object(synthetic, "_ends", ends):
        return synthetic_spells(truth, ALL_DEFECTS, agrs, seed).assign(origin="SYR")


def neighbour(name: str) -> ModuleType:
    """Return another benchmark."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sampled(shock: float, replication: int, recovery: ModuleType) -> list[list[object]]:
    """Return a row per quantity for one register fitted by chains, and one for the check of years."""
    probe = rows_of(lives_of_spells(synthetic_spells(Truth(), ALL_DEFECTS, 400, 1)), PLACES[0])
    values = recovery.drawn(replication, recovery.numbers_of("drawn", coordinates(probe, recovery.STRUCTURE)))
    effects = year_effects(shock, replication)
    spells = shocked_spells(recovery.truth_of(values), AGRS["sampled"], 1000 + replication, effects)
    rows = rows_of(lives_of_spells(spells), PLACES[0])
    numbers = recovery.numbers_of("drawn", coordinates(rows, recovery.STRUCTURE))
    likelihood = Likelihood(rows, recovery.STRUCTURE, with_fixed(numbers, {"hr_female_wage_exit": 1.0}))
    course = sample(likelihood.log_posterior, likelihood.start(), likelihood.scales(), replication, workers=1)
    found: list[list[object]] = []
    for name, column in zip(likelihood.names, course.draws.T, strict=True):
        if name in QUANTITIES:
            right = float(SCALES[numbers[name].shape][0](np.array(values[name])))
            low, high = np.quantile(column, [0.05, 0.95])
            error = f"{(column.mean() - right) / column.std():.4f}"
            found.append([QUANTITIES[name], error, f"{column.std():.4f}", int(low <= right <= high), "", ""])
    return [*found, checked(spells, likelihood, course.draws, replication)]


def checked(spells: pd.DataFrame, likelihood: Likelihood, draws: Floats, seed: int) -> list[object]:
    """Return the row of the spread between years: where it lies among registers made up under the fit."""
    remade = Remade(spells)
    # The places of the fit, in its order.
    remade.rows = rows_of(lives_of_spells(remade.spells).assign(owner=np.arange(len(remade.spells))), PLACES[0])
    asked = replace(likelihood, rows=remade.rows)
    chosen = draws[np.linspace(0, len(draws) - 1, MADE_UP).astype(int)]
    made = replicate(lambda draw: remade(asked, asked.values(chosen[draw]), 1000 * seed + draw), MADE_UP)
    table = predictive_table(register_statistics(remade.spells).drop(GIVEN), made).set_index("statistic")
    found, sd = table.loc[SPREAD_BETWEEN_YEARS], float(made[SPREAD_BETWEEN_YEARS].std(ddof=0))
    low, high, observed = float(found["low"]), float(found["high"]), float(found["observed"])
    inside, error = int(low <= observed <= high), (observed - float(found["mean"])) / sd
    return [
        SPREAD_BETWEEN_YEARS,
        f"{error:.4f}",
        f"{sd:.4f}",
        inside,
        f"{found['p_value']:.4f}",
        f"{found['adjusted']:.4f}",
    ]


def large(replication: int, shock: float, recovery: ModuleType) -> pd.DataFrame:
    """Return one large register of the design *fixed*."""
    effects = year_effects(shock, replication)
    return shocked_spells(recovery.truth_of(recovery.FIXED), AGRS["maximum"], 4000 + replication, effects)


def by_maximum(shock: float, replication: int, recovery: ModuleType, maximum: ModuleType) -> list[list[object]]:
    """Return a row per quantity for one large register whose posterior is taken for normal about its maximum."""
    errors = maximum.errors_of(large(replication, shock, recovery), recovery)
    return [
        [QUANTITIES[name], f"{error:.4f}", f"{sd:.4f}", int(abs(error) < Z95), "", ""]
        for name, (error, sd) in errors.items()
        if name in QUANTITIES
    ]


def spread(shock: float, replication: int, recovery: ModuleType) -> list[list[object]]:
    """Return the row of the spread between years of one large register."""
    found = yearly_spread(large(replication, shock, recovery)).iloc[0]
    return [[SPREAD_BETWEEN_YEARS, f"{found:.4f}", "", "", "", ""]]


def run(replications: int | None = None, designs: tuple[str, ...] = tuple(AGRS)) -> None:
    """Add what is missing to the raw results, a register at a time; by default as many as are committed."""
    recovery, maximum = neighbour("recovery"), neighbour("maximum")
    done = set()
    if RAW.exists():
        done = set(pd.read_csv(RAW)[["design", "shock", "replication"]].itertuples(index=False, name=None))
    with RAW.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not RAW.stat().st_size:
            writer.writerow(HEADER)
        for design in designs:
            many = replications or REPLICATIONS[design]
            for replication, shock in itertools.product(range(many), SHOCKS[design]):
                if (design, shock, replication) in done:
                    continue
                if design == "sampled":
                    rows = sampled(shock, replication, recovery)
                elif design == "maximum":
                    rows = by_maximum(shock, replication, recovery, maximum)
                else:
                    rows = spread(shock, replication, recovery)
                writer.writerows([design, shock, replication, *row] for row in rows)
                file.flush()


def summary(raw: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return, by design, effect and quantity: bias in standard errors and the share of 90 % intervals that hold.

    `bias_error` is the Monte Carlo error of the bias; `low, high` hold the coverage with 95 % (binomial); `narrow` is
    how many times wider an interval ought to be: the spread of errors, in standard errors, against that of the same
    registers without good and bad years.
    """
    table = (pd.read_csv(RAW) if raw is None else raw).query("quantity != @SPREAD_BETWEEN_YEARS")
    rows = []
    for (design, quantity), part in table.groupby(["design", "quantity"], sort=False):
        calm = part.loc[part["shock"] == 0.0, "error_se"].std()
        for shock, some in part.groupby("shock"):
            error, inside, n = some["error_se"], int(some["inside_90"].sum()), len(some)
            low, high = share_interval(inside, n)
            about = (AGRS[str(design)], n, error.mean(), error.std() / np.sqrt(n), inside / n, low, high)
            rows.append((design, quantity, shock, *about, error.std() / calm))
    columns = ["design", "quantity", "shock", "agrs", "registers", "bias_se", "bias_error", "coverage_90"]
    return pd.DataFrame(rows, columns=[*columns, "low", "high", "narrow"])


def flagged(raw: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return, by size of the register and of the effect, how often the spread between years is off at 5 %.

    `alone`: by its own p-value, and with 3,000 AGRs above 95 % of the registers without good and bad years; `low, high`
    hold that share with 95 %. `among_all`: with all numbers of the check together, as `idmaj validate` says it.
    """
    table = (pd.read_csv(RAW) if raw is None else raw).query("quantity == @SPREAD_BETWEEN_YEARS")
    rows = []
    for (design, shock), part in table.groupby(["design", "shock"]):
        if design == "sampled":
            odd, among = part["p_value"] <= LEVEL, float((part["adjusted"] <= LEVEL).mean())
        else:
            calm = table.query("design == @design and shock == 0.0")["error_se"]
            odd, among = part["error_se"] > calm.quantile(1.0 - LEVEL), np.nan
        n, k = len(part), int(odd.sum())
        rows.append((AGRS[str(design)], shock, n, k / n, *share_interval(k, n), among))
    return pd.DataFrame(rows, columns=["agrs", "shock", "registers", "alone", "low", "high", "among_all"])


def in_short(raw: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a row per design and effect, each quantity as bias and coverage, and what the check of years says."""
    table, odd = summary(raw), flagged(raw).set_index(["agrs", "shock"])
    rows = []
    for (agrs, shock), part in table.groupby(["agrs", "shock"]):
        by = part.set_index("quantity")
        cells = {
            quantity: f"{row.bias_se:+.2f}; {row.coverage_90:.2f} ({row.low:.2f}-{row.high:.2f})"
            for quantity, row in zip(by.index, by.itertuples(), strict=True)
        }
        about = {"AGRs": agrs, "spread of years": shock, "registers": int(part["registers"].iloc[0])}
        words = {name: cells.get(name, "") for name in QUANTITIES.values()}
        about |= words | {"errors of level wider": f"{by.loc['level', 'narrow']:.2f}"}
        seen = odd.loc[(agrs, shock)]
        about["check alone"] = f"{seen['alone']:.2f}"
        about["check among all"] = "" if np.isnan(seen["among_all"]) else f"{seen['among_all']:.2f}"
        rows.append(about)
    return pd.DataFrame(rows)


def by_prior(draws: int = 20_000, seed: int = 1) -> pd.Series:
    """Return quantiles, over the priors, of the spread that a town's luck gives the log failure hazard."""
    found = implied(draw_priors(draws, seed))
    return pd.Series({f"{level:.0%}": float(np.quantile(found, level)) for level in (0.05, 0.5, 0.95)})


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        run(int(sys.argv[2]) if len(sys.argv) > 2 else None, tuple(sys.argv[3:]) or tuple(AGRS))
    print(by_prior().round(3).to_string(), "\n")
    for each in (summary(), flagged()):
        print(each.round(3).to_string(index=False), "\n")
