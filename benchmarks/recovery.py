"""Are known numbers found again from faulty registers? Raw results in recovery.csv, the summary made from them.

`python benchmarks/recovery.py run [REPLICATIONS [DESIGN]]` adds what is missing to `recovery.csv`; without words it
prints the table that stands in docs/CALIBRATION.md. Every register has all defects at once: visits every six months, a
register opened three years late, 15 % lost, 20 % of causes unknown.

Three designs. *fixed*: one truth, priors so wide that they say next to nothing; the mean error, in standard errors, is
the bias. *small*: the same with a third of the AGRs. *drawn*: the truth is drawn from priors and frailty is unknown
too; the share of 90 % intervals that hold it must be 0.90, whatever the parameter.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from idmaj.calibration.likelihood import PLACE, Likelihood, Structure, coordinates, with_fixed
from idmaj.calibration.priors import SCALES, quantile
from idmaj.calibration.rows import lives_of_spells, rows_of
from idmaj.calibration.sampler import Course, sample
from idmaj.calibration.synthetic import ALL_DEFECTS, PLACES, Truth, synthetic_spells
from idmaj.sim.kinds import HazardFamily
from idmaj.sim.params import Number

RAW = Path(__file__).parent / "recovery.csv"
HEADER = ["design", "replication", "parameter", "truth", "mean", "sd", "low", "high", "r_hat", "bulk_ess", "tail_ess"]
REPLICATIONS = 100
AGRS = {"fixed": 3000, "small": 1000, "drawn": 500}
STRUCTURE = Structure(HazardFamily.WEIBULL, crowding=False)
HELD = {"margin": 0.0, "forced_closure_rate": 0.0, "hr_departure_running_business": 1.0}
DEPARTURES = ("departure_syrian", "departure_yemeni", "departure_subsaharan")
WIDE = {"lognormal": (0.1, 10.0), "normal": (-3.3, 3.3)}
"""5 and 95 % quantiles of the wide priors: around the median, as a ratio or as a difference."""


def numbers_of(design: str, given: Mapping[str, Number]) -> dict[str, Number]:
    """Return the coordinates of a design with their priors."""
    held = HELD | ({} if design == "drawn" else {"log_frailty_sd": 0.0})
    numbers = with_fixed(given, held)
    if design == "drawn":
        # Margins of judgement in the model's own priors are narrow: the test is sharper where data speak.
        wider = {"log_hazard_need": (-1.6, 0.0, 1.6), "log_frailty_sd": (0.2, 0.5, 1.2)}
        for name, (low, median, high) in wider.items():
            numbers[name] = replace(numbers[name], low=low, median=median, high=high)
        return numbers
    for name, number in numbers.items():
        if number.shape == "lognormal":
            ends = [number.median * each for each in WIDE["lognormal"]]
        elif number.shape == "normal":
            ends = [number.median + each for each in WIDE["normal"]]
        else:
            continue
        numbers[name] = replace(number, low=ends[0], high=ends[1])
    return numbers


def truth_of(values: dict[str, float]) -> Truth:
    """Return what the made-up lives live by, from values of the coordinates."""
    return Truth(
        level=values["failure_level"],
        shape=values["weibull_shape"],
        log_hr_trained=values["log_hr_trained"],
        log_hr_female=float(np.log(values["hr_female_failure"])),
        log_hr_need=values["log_hazard_need"],
        log_hr_place=(values[PLACE + PLACES[0]], values[PLACE + PLACES[1]], values[PLACE + PLACES[2]]),
        log_frailty_sd=values["log_frailty_sd"],
        rate_owner_left=values["departure_syrian"],
        rate_wage_work=values["rate_wage_work"],
        rate_absorbed=values["rate_absorbed"],
    )


FIXED = {
    "failure_level": 0.15, "weibull_shape": 0.85, "log_hr_trained": -0.3, "hr_female_failure": float(np.exp(0.15)),
    "log_hazard_need": 0.5, "log_frailty_sd": 0.0, "departure_syrian": 0.06, "rate_wage_work": 0.02,
    "rate_absorbed": 0.01, "hr_female_wage_exit": 1.0,
    PLACE + PLACES[0]: 0.0, PLACE + PLACES[1]: 0.25, PLACE + PLACES[2]: -0.2,
}  # fmt: skip


def drawn(replication: int, numbers: Mapping[str, Number]) -> dict[str, float]:
    """Return a truth drawn from the priors; places against the first, one departure rate, women as men at jobs."""
    rng = np.random.Generator(np.random.Philox(key=[replication, 77]))
    found = {}
    for name in sorted({*FIXED} - {"hr_female_wage_exit", PLACE + PLACES[0]}):
        found[name] = float(quantile(numbers[name], rng.random(1))[0])
    return found | {"hr_female_wage_exit": 1.0, PLACE + PLACES[0]: 0.0}


def one(design: str, replication: int, agrs: int | None = None) -> tuple[list[list[object]], Course]:
    """Return a row per parameter for one register, and the chains they come from."""
    sizes = agrs or AGRS[design]
    probe = rows_of(lives_of_spells(synthetic_spells(Truth(), ALL_DEFECTS, 400, 1)), PLACES[0])
    values = FIXED if design != "drawn" else drawn(replication, numbers_of(design, coordinates(probe, STRUCTURE)))
    spells = synthetic_spells(truth_of(values), ALL_DEFECTS, sizes, 1000 + replication)
    # One departure rate for all: the truth has one.
    spells = spells.assign(origin="SYR")
    rows = rows_of(lives_of_spells(spells), PLACES[0])
    numbers = numbers_of(design, coordinates(rows, STRUCTURE))
    numbers = with_fixed(numbers, {"hr_female_wage_exit": 1.0} if design == "drawn" else {})
    likelihood = Likelihood(rows, STRUCTURE, numbers)
    truth = {name: values[name] for name in likelihood.names}
    course = sample(likelihood.log_posterior, likelihood.start(), likelihood.scales(), replication, workers=1)
    table = []
    for k, (name, r_hat, bulk, tail) in enumerate(zip(likelihood.names, *course.diagnosis, strict=True)):
        x = course.draws[:, k]
        there = SCALES[numbers[name].shape][0]
        low, high = np.quantile(x, [0.05, 0.95])
        figures = [float(there(np.array(truth[name]))), x.mean(), x.std(), low, high, r_hat, bulk, tail]
        table.append([design, replication, name, *(f"{each:.5g}" for each in figures)])
    return table, course


def run(replications: int, designs: tuple[str, ...] = tuple(AGRS)) -> None:
    """Add what is missing to the raw results, a line at a time: two processes may do a design each."""
    done = set()
    if RAW.exists():
        done = set(pd.read_csv(RAW)[["design", "replication"]].itertuples(index=False, name=None))
    with RAW.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not RAW.stat().st_size:
            writer.writerow(HEADER)
            file.flush()
        for replication in range(replications):
            for design in designs:
                if (design, replication) not in done:
                    writer.writerows(one(design, replication)[0])
                    file.flush()


def summary(raw: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return, per design and parameter, bias in standard errors and the share of 90 % intervals that hold the truth."""
    table = pd.read_csv(RAW) if raw is None else raw
    table["parameter"] = table["parameter"].str.replace(r"(?<=log_hr_place).*", "", regex=True)
    table["bias"] = (table["mean"] - table["truth"]) / table["sd"]
    table["holds"] = (table["low"] <= table["truth"]) & (table["truth"] <= table["high"])
    groups = table.groupby(["design", "parameter"], sort=False)
    found = groups.agg(registers=("replication", "nunique"), bias_se=("bias", "mean"), coverage_90=("holds", "mean"))
    error = np.sqrt(groups["bias"].var() / groups.size())
    return found.assign(monte_carlo_se=error).reset_index()


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        run(int(sys.argv[2]) if len(sys.argv) > 2 else REPLICATIONS, tuple(sys.argv[3:]) or tuple(AGRS))
    print(summary().round(3).to_string(index=False))
