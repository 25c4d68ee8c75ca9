"""Living: how a household meets its basic cost, saves, and draws on the business or feeds it."""

from __future__ import annotations

from ..kinds import Status
from ..params import Params
from ..records import Household
from ..rule import rule

A_TWELFTH = 0.08333333333333333


@rule
def basic_cost(persons: int, cost_factor: float, p: Params) -> float:
    """Return what a household needs to live; MAD 2016 a month."""
    return (p.basic_cost_first + p.basic_cost_further * (persons - 1)) * cost_factor


@rule
def cash_aid(status: int, rank: float, p: Params) -> float:
    """Return the month's cash aid: for a share of refugee households, sister to the programme; MAD (L028 L031)."""
    return p.cash_aid if status == Status.REFUGEE and rank < p.cash_aid_share else 0.0


@rule
def live_month(household: Household, earned: float, capital: float, p: Params) -> float:
    """Live for a month on what was earned, on aid and on savings; return what moves into the business, in MAD.

    What still lacks is drawn from the business in part (a negative return); of a surplus a part is put into
    it, a part is saved. `capital` below zero says there is no business. Because household and business are
    not separate for the poor.
    """
    household.mean_income += (earned - household.mean_income) * A_TWELFTH
    household.months_without = household.months_without + 1 if earned <= 0.0 else 0
    left = earned + household.aid - household.basic_cost
    surplus = max(left, 0.0)
    lack = max(-left, 0.0)
    from_purse = min(household.purse, lack)
    household.purse += p.saving * surplus - from_purse
    if capital < 0.0:
        return 0.0
    return p.reinvestment * surplus - min(p.draw_on_capital * (lack - from_purse), capital)


@rule
def margin(household: Household) -> float:
    """Return the twelve-month mean income, with aid, over basic cost; ratio."""
    return (household.mean_income + household.aid) / household.basic_cost


@rule
def self_reliant(household: Household) -> bool:
    """Say whether the household lives above its basic cost without aid, over twelve months; yes or no."""
    return household.mean_income >= household.basic_cost
