"""Selection: how the committee orders those who wait. Never by origin or health; by sex only in the gain expected."""

from __future__ import annotations

import math

from ..kinds import SelectionRule
from ..params import Params
from ..records import Household, Person, Pool
from ..rule import rule
from ..settings import Settings
from .trade import capital_elasticity, profit_level

NEVER = -1e300


@rule
def promise(person: Person, p: Params) -> float:
    """Return the log profit that a person's known traits foretell; log MAD a month."""
    return profit_level(person, 0.0, p)


@rule
def need_seen(person: Person, pool: Pool, p: Params) -> float:
    """Return need as the committee sees it, in standard deviations of all who wait."""
    return (person.need - pool.need_mean) / pool.need_sd + p.committee_noise * person.need_error


@rule
def promise_seen(person: Person, pool: Pool, p: Params) -> float:
    """Return promise as the committee sees it, in standard deviations of all who wait."""
    return (person.promise - pool.promise_mean) / pool.promise_sd + p.committee_noise * person.promise_error


@rule
def gain_seen(person: Person, household: Household, pool: Pool, now: Settings, p: Params) -> float:
    """Return the income the committee expects a grant to add, over the same person unserved; MAD a month."""
    log_profit = pool.promise_mean + pool.promise_sd * promise_seen(person, pool, p)
    capital = max(now.grants_amount_mad, 1.0) / p.reference_capital
    log_profit += capital_elasticity(person.sex, p) * math.log(capital)
    return math.exp(min(log_profit, 30.0)) - household.mean_income / household.adults


@rule
def mixed(person: Person, weight: float, pool: Pool, p: Params) -> float:
    """Return need and promise weighed against each other; standard deviations."""
    return weight * need_seen(person, pool, p) + (1.0 - weight) * promise_seen(person, pool, p)


@rule
def score(person: Person, household: Household, pool: Pool, now: Settings, p: Params) -> float:
    """Return the committee's score, highest first; no unit. Ties go by lot; NEVER bars a person for this month."""
    how = now.selection_rule
    if how == SelectionRule.NEED_FIRST:
        return need_seen(person, pool, p)
    if how == SelectionRule.PROMISE_FIRST:
        return promise_seen(person, pool, p)
    if how == SelectionRule.MIXED:
        return mixed(person, now.selection_weight_on_need, pool, p)
    if how == SelectionRule.EXPECTED_GAIN:
        return gain_seen(person, household, pool, now, p)
    if how == SelectionRule.LOTTERY:
        return 0.0 if promise_seen(person, pool, p) >= now.selection_lottery_threshold else NEVER
    if how == SelectionRule.FIRST_COME or how == SelectionRule.UNIVERSAL:  # noqa: PLR1714 - numba compares, no more
        return -float(person.applied)
    return mixed(person, p.weight_on_need_before, pool, p)
