"""A world in which nothing touches anybody else, so that what happens can be worked out on paper."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..sim import Country, History, Luck, Policy, default_params, simulate
from ..sim.kinds import Ending, HazardFamily, Origin, SelectionRule, Status
from ..sim.records import Place
from ..sim.settings import LEVERS, Settings
from ..sim.table import new_table

Floats = NDArray[np.float64]
COHORT = 20_000

QUIET = {
    # No hazard but that of failure, and that one the same for all.
    "hazard_slope_on_margin": 0.0, "log_frailty_sd": 0.0, "log_hazard_need": 0.0, "hr_female_failure": 1.0,
    "hr_per_year_schooling": 1.0, "hr_per_year_age": 1.0, "forced_closure_rate": 0.0, "hr_forced_no_permit": 1.0,
    "insolvency_floor": 0.0, "job_offer_owner": 0.0, "advice_log_hazard": 0.0, "advice_profit": 0.0,
    # Nobody leaves, nobody starts alone, nobody crowds anybody.
    "departure_syrian": 0.0, "departure_yemeni": 0.0, "departure_other_mena": 0.0, "departure_subsaharan": 0.0,
    "hr_departure_settle": 1.0, "hr_departure_running_business": 1.0, "self_start_rate": 0.0,
    "saturation_gamma": 0.0, "illness_rate": 0.0,
    # Everybody lives alone and asks at once.
    "adults_per_household": 1.0, "application_rate": 60.0, "working_well": 1e12,
}  # fmt: skip


def quiet(**changes: float) -> np.recarray[Any, Any]:
    """Return parameters with every interaction off, but for the changes."""
    table = default_params()
    for name, value in (QUIET | changes).items():
        table[name] = value
    return table


def flat_country(people: int, rural: int = 0) -> Country:
    """Return one place of Ivorian refugees who live alone, with a branch and nobody arriving."""
    stocks = np.zeros((1, len(Origin), len(Status)))
    stocks[0, Origin.CIV, Status.REFUGEE] = people
    places = new_table(Place, 1)
    places["branch"], places["niches_per_trade"], places["rural"] = 1, 12, rural
    places["work_factor"], places["cost_factor"], places["market_size"] = 1.0, 1.0, 1.0
    return Country(
        place_names=("Town",),
        places=places,
        stocks=stocks,
        recognition=np.zeros(0),
        arrival_share=np.ones((1, 1)),
        permit_share=np.full((1, len(Origin)), 0.5),
        women_share=np.full((1, 2), 0.4),
        non_adult_ratio=np.zeros((1, 2)),
        solitary=np.ones(2),
        known_until=0,
    )


def cohort(
    params: np.recarray[Any, Any],
    months: int,
    people: int = COHORT,
    chosen: int | None = None,
    luck: Luck | None = None,
    rural: int = 0,
    **levers: float,
) -> History:
    """Live through months in which `chosen` people (everybody, by default) are financed in month 0, nobody later."""
    settings = new_table(Settings, months + 12)
    for name, lever in LEVERS.items():
        settings[name] = lever.default
    settings["intake_reinforcements_per_project"] = 0.0
    for name, value in levers.items():
        settings[name] = value
    settings["advisers_caseload"] = 1e6
    settings["grants_delay_months"] = 0
    settings["selection_rule"] = SelectionRule.FIRST_COME
    settings["intake_projects_per_year"][0] = 12 * (people if chosen is None else chosen)
    return simulate(params, Policy(settings, flat_country(people, rural)), luck or Luck(), months)


def survived(table: np.recarray[Any, Any], months: int) -> NDArray[np.bool_]:
    """Return which of the businesses traded for that many months and went on."""
    return (table.ending == Ending.OPEN) | (table.age > months)


def surviving(family: HazardFamily, years: Floats, level: float, shape: float) -> Floats:
    """Return the share still alive at an age in years, from the textbook: each family has exp(-3 level) at three."""
    alive = math.exp(-3.0 * level)
    if family == HazardFamily.WEIBULL:
        return np.asarray(alive ** ((years / 3.0) ** shape))
    if family == HazardFamily.GOMPERTZ and shape != 0.0:
        scale = 3.0 * level / (math.exp(3.0 * shape) - 1.0)
        return np.asarray(np.exp(-scale * (np.exp(shape * years) - 1.0)))
    if family == HazardFamily.LOG_LOGISTIC:
        median = 3.0 / (1.0 / alive - 1.0) ** (1.0 / shape)
        return 1.0 / (1.0 + (years / median) ** shape)
    if family == HazardFamily.MIXTURE:
        rate = -math.log((alive - shape) / (1.0 - shape)) / 3.0
        return shape + (1.0 - shape) * np.exp(-rate * years)
    return np.asarray(np.exp(-level * years))
