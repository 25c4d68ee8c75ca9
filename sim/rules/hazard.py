"""The failure hazard: one pure function of recorded things, used by the simulator, the theory and the plots."""

from __future__ import annotations

import math

from ..kinds import HazardFamily
from ..params import Params
from ..records import Business
from ..rule import rule

REFERENCE_YEARS = 3.0
"""Every family spends three years' worth of `failure_level` by this age, so that the level means one thing.

Because the published share speaks of survival near age three (P001)."""


@rule
def power(base: float, exponent: float) -> float:
    """Return base to the exponent for a base of zero or more; no unit."""
    return math.exp(exponent * math.log(base)) if base > 0.0 else 0.0


@rule
def cumulative_hazard(years: float, p: Params) -> float:
    """Return the hazard a reference business has lived through by an age in years; no unit."""
    spent = p.failure_level * REFERENCE_YEARS
    age = years / REFERENCE_YEARS
    if p.hazard_family == HazardFamily.WEIBULL:
        return spent * power(age, p.weibull_shape)
    if p.hazard_family == HazardFamily.GOMPERTZ and abs(p.gompertz_slope) > 1e-9:
        return spent * math.expm1(p.gompertz_slope * years) / math.expm1(p.gompertz_slope * REFERENCE_YEARS)
    if p.hazard_family == HazardFamily.LOG_LOGISTIC:
        return math.log1p(math.expm1(min(spent, 50.0)) * power(age, p.log_logistic_shape))
    if p.hazard_family == HazardFamily.MIXTURE:
        # The immortal share is kept under what still lives at three years, or the level could not be met.
        alive = math.exp(-min(spent, 50.0))
        never = min(p.never_failing_share, 0.9 * alive)
        rate = -math.log((alive - never) / (1.0 - never))
        return -math.log(never + (1.0 - never) * math.exp(-rate * age))
    return spent * age


@rule
def traits(schooling: float, years_of_age: float, female: int, need: float, luck: float, p: Params) -> float:
    """Return the log hazard ratio of an owner's traits, with an unseen part of mean one; log.

    Because of S017, S018, S020 and S029, each with its standard error doubled. Counted from 9 years of
    schooling, 35 years of age and a need of 0.35, so that the level stays that of a usual owner.
    """
    log_ratio = math.log(p.hr_per_year_schooling) * (schooling - 9.0)
    log_ratio += math.log(p.hr_per_year_age) * (years_of_age - 35.0)
    log_ratio += p.log_hazard_need * (need - 0.35)
    if female:
        log_ratio += math.log(p.hr_female_failure)
    return log_ratio + p.log_frailty_sd * luck - 0.5 * p.log_frailty_sd * p.log_frailty_sd


@rule
def hardship(age: int, margin: float, log_ratio: float, p: Params) -> float:
    """Return the failure hazard of one month at an age in months; hazard.

    `margin` is the household's twelve-month mean income, with aid, over its basic cost. It is held between
    0.2 and 5. Because the sign is known (S002) and the far ends are not.
    """
    shape = cumulative_hazard((age + 1.0) / 12.0, p) - cumulative_hazard(age / 12.0, p)
    held = min(max(margin, 0.2), 5.0)
    return shape * math.exp(log_ratio - p.hazard_slope_on_margin * math.log(held))


@rule
def survive_month(business: Business, margin: float, p: Params) -> None:
    """Add this month's hardship, eased by advice; the business fails once it outgrows its resilience."""
    log_ratio = business.frailty + business.guard + p.advice_log_hazard * business.advice
    business.wear += hardship(business.age, margin, log_ratio, p)
