"""The fit of registers as it is shipped, laid open to simulation-based calibration.

A truth is drawn from the priors of the likelihood, a register with all the usual faults is made up under it, and
our own sampler fits that. Ranked are every coordinate, the log-likelihood, survival over five years and what training
everybody would add to it. The ranks of 200 fits are in `sbc.csv`, made by `python benchmarks/sbc.py run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..sim.kinds import HazardFamily, Region
from ..sim.params import Number
from . import hazards
from .likelihood import PLACE, Likelihood, Structure, coordinates
from .priors import SCALES, quantile
from .rows import lives_of_spells, rows_of
from .sampler import sample
from .sbc import Model, Values
from .synthetic import ALL_DEFECTS, PLACES, Truth, synthetic_spells

Floats = NDArray[np.float64]

RANKS_FILE = Path(__file__).parent / "sbc.csv"
FITS, SEED = 200, 7
AGRS = 120
"""AGRs that open; some 100 of them are in the register."""
STRUCTURE = Structure(HazardFamily.WEIBULL, crowding=False)
MARGIN, SPREAD = 0.4, 0.25
"""5 and 95 % quantiles, either way, and spread of margins nobody recorded: about what whole runs give."""
MODULES = (
    "diagnostics", "hazards", "likelihood", "priors", "rows", "sampler", "sbc", "sbc_design", "spells", "synthetic",
    "sim/params", "sim/rules/closing", "sim/rules/flows", "sim/rules/hazard",
)  # fmt: skip
"""Code that the ranks follow from."""


@cache
def numbers() -> Mapping[str, Number]:
    """Return the coordinates, with the priors that are shipped."""
    spells = synthetic_spells(Truth(), ALL_DEFECTS, 2000, 1).assign(origin="SYR")
    found = coordinates(rows_of(lives_of_spells(spells), PLACES[0]), STRUCTURE)
    return found | {"margin": replace(found["margin"], low=-MARGIN, median=0.0, high=MARGIN)}


def prior(luck: np.random.Generator) -> dict[str, float]:
    """Draw each coordinate from its prior."""
    return {name: float(quantile(number, luck.random(1))[0]) for name, number in numbers().items()}


def truth_of(values: Mapping[str, float]) -> Truth:
    """Return what made-up lives live by, where the coordinates have some values."""
    table = Likelihood(EMPTY, STRUCTURE, dict(numbers()), SPREAD).params(values)
    forced, running = hazards.rates(table)
    return Truth(
        level=values["failure_level"] * float(np.exp(values["margin"])),
        shape=values["weibull_shape"],
        log_hr_trained=values["log_hr_trained"],
        log_hr_female=float(np.log(values["hr_female_failure"])),
        log_hr_need=values["log_hazard_need"],
        log_hr_place=(0.0, values[PLACE + PLACES[1]], values[PLACE + PLACES[2]]),
        log_frailty_sd=float(table["log_frailty_sd"][0]),
        rate_owner_left=values["departure_syrian"] * float(running[0]),
        rate_wage_work=values["rate_wage_work"],
        rate_absorbed=values["rate_absorbed"],
        rate_forced=float(forced[0]),
        log_hr_female_wage=float(np.log(values["hr_female_wage_exit"])),
    )


def simulate(values: Mapping[str, float], luck: np.random.Generator) -> Likelihood:
    """Make up a register of Syrian owners, with every fault, and return its likelihood."""
    spells = synthetic_spells(truth_of(values), ALL_DEFECTS, AGRS, int(luck.integers(2**31)))
    rows = rows_of(lives_of_spells(spells.assign(origin="SYR")), PLACES[0])
    # Also where nobody left, or took a job: a coordinate of which a register says nothing keeps its prior.
    return Likelihood(rows, STRUCTURE, dict(numbers()), SPREAD)


def fit(likelihood: Likelihood, luck: np.random.Generator) -> Values:
    """Sample the posterior until the shipped rule says it is enough."""
    seed = int(luck.integers(2**31))
    course = sample(likelihood.log_posterior, likelihood.start(), likelihood.scales(), seed, workers=1)
    back = {name: SCALES[numbers()[name].shape][1] for name in likelihood.names}
    return {name: back[name](course.kept[:, :, k]) for k, name in enumerate(likelihood.names)}


def derived(values: Values, likelihood: Likelihood) -> Values:
    """Return the log-likelihood, survival over five years, and what training everybody would add to it."""
    points = [{name: float(column[k]) for name, column in values.items()} for k in range(len(values["margin"]))]
    log_likelihood, open_, trained = np.array([_told(point, likelihood) for point in points]).T
    return {"log_likelihood": log_likelihood, "S(5)": open_, "all trained: S(5)": trained - open_}


def _told(values: Mapping[str, float], likelihood: Likelihood) -> tuple[float, float, float]:
    table = likelihood.params(values)
    leave, others = likelihood.rates(values, table)
    rate = np.array([leave[Region.SYRIAN] + others[0] + others[2] + others[3]])
    margin = np.array([values["margin"]])
    five = np.array([5.0])
    untouched = hazards.survival(five, table, margin, rate)[0, 0]
    trained = hazards.survival(five, table, margin + values["log_hr_trained"], rate)[0, 0]
    return likelihood.at(values), float(untouched), float(trained)


EMPTY = rows_of(lives_of_spells(synthetic_spells(Truth(), ALL_DEFECTS, 2, 1)), PLACES[0])
MODEL = Model(prior, simulate, fit, derived)
