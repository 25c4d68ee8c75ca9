"""The exact likelihood of registers (D2) and cohort tables (D3) under the model's hazards.

What a likelihood must not get wrong: an AGR that closed before the register opened is not in it (left truncation);
a visit finds a closing after it happened (interval); a cause nobody wrote down is one of several (sum over
causes); an owner who cannot be found is known to have been open when last seen (censoring); who leaves or takes a
job has not failed (competing causes). Frailty is the owner's: all its spells share it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..sim.kinds import HazardFamily, Region
from ..sim.params import NUMBERS, Number, default_params
from . import hazards
from .priors import SCALES, Z95
from .rows import ABSORBED, LEFT, WAGE, Rows

Floats = NDArray[np.float64]

DEPARTURES = {
    Region.SYRIAN: "departure_syrian",
    Region.YEMENI: "departure_yemeni",
    Region.OTHER_MENA: "departure_other_mena",
    Region.SUB_SAHARAN: "departure_subsaharan",
}


def _of_data(meaning: str, unit: str, prior: tuple[float, float, float], shape: str = "lognormal") -> Number:
    return Number(meaning, unit, None, *prior, shape, "judgement")


NUISANCE: dict[str, Number] = {
    "margin": _of_data(
        "Log failure hazard by what no register holds: income, advice", "log", (0.0, -0.3, 0.3), "normal"
    ),
    "rate_wage_work": _of_data("Owners who take a job", "per year", (0.015, 0.003, 0.08)),
    "rate_absorbed": _of_data("AGRs taken into another business or a cooperative", "per year", (0.005, 0.0008, 0.03)),
    "log_hr_trained": _of_data(
        "Log failure hazard of owners trained before they opened", "log", (0.0, -0.5, 0.5), "normal"
    ),
    "log_hr_place": _of_data("Log failure hazard of a place against the largest", "log", (0.0, -0.5, 0.5), "normal"),
}
"""What a register tells that is no number of the model, with its prior; the model earns these effects otherwise."""
RUNNING = "hr_departure_running_business"
PLACE = "log_hr_place: "
"""Followed by the name of a place."""

BACK: dict[str, Callable[[float], float]] = {
    "lognormal": math.exp,
    "normal": float,
    "share": lambda x: 1.0 / (1.0 + math.exp(-x)),
}
"""From the scale on which a prior is normal, for one number."""


@dataclass(frozen=True)
class Structure:
    """A rival account of how AGRs fail: a shape over age, and whether sellers of one niche crowd each other."""

    family: HazardFamily
    crowding: bool = True

    @property
    def name(self) -> str:
        """Its name, as in ``weibull, no crowding``."""
        return f"{self.family.name.lower()}, {'crowding' if self.crowding else 'no crowding'}"


def coordinates(rows: Rows, structure: Structure, numbers: Mapping[str, Number] = NUMBERS) -> dict[str, Number]:
    """Return what the data can speak of under a structure, by name, with its prior: the model's numbers first."""
    names = ["failure_level", *([hazards.SHAPES[structure.family]] if structure.family in hazards.SHAPES else [])]
    names += ["log_frailty_sd", "forced_closure_rate"]
    names += ["hr_female_failure"] if "female" in rows.recorded else []
    names += ["log_hazard_need"] if "need" in rows.recorded else []
    if ((rows.causes & LEFT) > 0).any():
        names += [DEPARTURES[Region(region)] for region in np.unique(rows.region)]
        names += [RUNNING]
    names += ["hazard_slope_on_margin", "saturation_gamma"] if structure.crowding and np.ptp(rows.newcomers) else []
    found = {name: numbers[name] for name in names}
    found["margin"] = NUISANCE["margin"]
    found |= {"rate_wage_work": NUISANCE["rate_wage_work"]} if ((rows.causes & WAGE) > 0).any() else {}
    if "female" in rows.recorded and "rate_wage_work" in found:
        found["hr_female_wage_exit"] = numbers["hr_female_wage_exit"]
    found |= {"rate_absorbed": NUISANCE["rate_absorbed"]} if ((rows.causes & ABSORBED) > 0).any() else {}
    found |= {"log_hr_trained": NUISANCE["log_hr_trained"]} if "trained" in rows.recorded else {}
    return found | {PLACE + name: NUISANCE["log_hr_place"] for name in rows.places[1:]}


@dataclass(frozen=True)
class Likelihood:
    """Register and structure together: a function of a point on the scales on which priors are normal.

    Parameters
    ----------
    rows : Rows
    structure : Structure
    numbers : dict of Number
        Coordinates in order, each with its prior; one whose `shape` is "fixed" keeps its median and is none.
    spread : float
        Further spread between owners, from margins nobody recorded; added to that of frailty.
    niches : float
        Niches over which the sellers of a place and trade spread.
    """

    rows: Rows
    structure: Structure
    numbers: dict[str, Number]
    spread: float = 0.0
    niches: float = 12.0

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the coordinates."""
        return tuple(name for name, number in self.numbers.items() if number.shape != "fixed")

    @cached_property
    def _usual(self) -> np.recarray[Any, Any]:
        """The model's medians under this structure."""
        params = default_params(1)
        params["hazard_family"] = float(self.structure.family)
        return params

    @cached_property
    def _prior(self) -> tuple[Floats, Floats, Floats]:
        """Medians of the coordinates on their scales, and the spreads below and above."""
        levels = []
        for name in self.names:
            there = SCALES[self.numbers[name].shape][0]
            number = self.numbers[name]
            levels.append([float(there(np.array(each))) for each in (number.median, number.low, number.high)])
        median, low, high = np.array(levels).T
        return median, (median - low) / Z95, (high - median) / Z95

    def start(self) -> Floats:
        """Return the medians of the prior."""
        return self._prior[0].copy()

    def scales(self) -> Floats:
        """Return the mean of the prior's two spreads."""
        return (self._prior[1] + self._prior[2]) / 2.0

    def log_prior(self, x: Floats) -> float:
        """Return the log density of the prior, but for a constant.

        Half of a prior lies below its median, however near that is to one end: so it is higher on the narrow side.
        Without that the median of what is sampled is another than that of what `draw_priors` draws.
        """
        median, below, above = self._prior
        spread = np.where(x < median, below, above)
        z = (x - median) / spread
        return -0.5 * float(z @ z) - float(np.log(spread).sum())

    def log_posterior(self, x: Floats) -> float:
        """Return the log density of the posterior, but for a constant."""
        prior = self.log_prior(x)
        return prior + self(x) if prior > -1e4 else -np.inf

    def values(self, x: Floats) -> dict[str, float]:
        """Return a point in the parameters' own units, with those that are fixed."""
        found = {name: number.median for name, number in self.numbers.items() if number.shape == "fixed"}
        return found | {name: BACK[self.numbers[name].shape](each) for name, each in zip(self.names, x, strict=True)}

    def __call__(self, x: Floats) -> float:
        """Return the log likelihood at a point."""
        return self.at(self.values(x))

    def at(self, values: Mapping[str, float]) -> float:
        """Return the log likelihood where the coordinates have some values, in their own units."""
        return float(self.owners(values) @ self.rows.times)

    def owners(self, values: Mapping[str, float]) -> Floats:
        """Return the log likelihood of each owner, counted once."""
        rows, params = self.rows, self.params(values)
        table = np.asarray(params)
        points, weights = hazards.frailty_nodes(float(params["log_frailty_sd"][0]))
        ratios = hazards.frailty_ratios(points, params)
        leave, others = self.rates(values, params)
        seen, there = (np.empty((len(rows.causes), len(points))) for _ in range(2))
        hazards.fill_rows(
            rows.ages, rows.causes, rows.region, rows.female, rows.need, self.shift(values, params), rows.weight,
            leave, others, ratios, table, seen, there, np.empty(len(points)),
        )  # fmt: skip
        out = np.empty(len(rows.times))
        hazards.fill_owners(seen, there, rows.spell_of, rows.owner_of, weights, np.empty((2, len(points))), out)
        return out

    def params(self, values: Mapping[str, float]) -> np.recarray[Any, Any]:
        """Return the model's parameters at some values: one row, the others at their medians."""
        params = self._usual.copy()
        for name in values.keys() & NUMBERS.keys():
            params[name] = values[name]
        params["log_frailty_sd"] = np.hypot(params["log_frailty_sd"], self.spread)
        return params

    def rates(self, values: Mapping[str, float], params: np.recarray[Any, Any]) -> tuple[Floats, Floats]:
        """Return yearly rates of the other endings, as `hazards.fill_rows` takes them."""
        forced, running = hazards.rates(params)
        leave = np.array([float(params[DEPARTURES[region]][0]) for region in Region]) * running[0]
        wage, women = values.get("rate_wage_work", 0.0), values.get("hr_female_wage_exit", 1.0)
        others = np.array([wage, women, values.get("rate_absorbed", 0.0), forced[0]])
        # Where nobody left, the data do not speak of departures.
        return leave if RUNNING in values else np.zeros(len(Region)), others

    def shift(self, values: Mapping[str, float], params: np.recarray[Any, Any]) -> Floats:
        """Return what is added to each row's log failure hazard beyond the model's traits."""
        rows = self.rows
        places = np.array([0.0, *(values[PLACE + name] for name in rows.places[1:])])
        shift = values.get("margin", 0.0) + places[rows.place] + values.get("log_hr_trained", 0.0) * rows.trained
        if "saturation_gamma" in self.numbers:
            newcomers, where = self._crowds
            lost = hazards.log_kept(newcomers, params)[0][where]
            shift = shift - values["hazard_slope_on_margin"] * (lost - lost.mean())
        return np.ascontiguousarray(shift)

    @cached_property
    def _crowds(self) -> tuple[Floats, NDArray[np.intp]]:
        """Each count of newcomers in a niche once, and which of them each row has."""
        return np.unique(self.rows.newcomers / self.niches, return_inverse=True)


def with_fixed(numbers: Mapping[str, Number], values: Mapping[str, float]) -> dict[str, Number]:
    """Return coordinates with some held at a value."""
    held = {
        name: replace(numbers[name], median=value, low=value, high=value, shape="fixed")
        for name, value in values.items()
        if name in numbers
    }
    return dict(numbers) | held
