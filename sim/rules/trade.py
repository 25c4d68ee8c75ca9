"""Trading: what a business earns in a month, and how sellers of one niche crowd each other."""

from __future__ import annotations

import math

from ..kinds import Sex, Trade
from ..params import Params
from ..records import Business, Niche, Person, Place
from ..rule import rule


@rule
def trade_factor(trade: int, p: Params) -> float:
    """Return profit in a trade against retail; ratio."""
    if trade == Trade.FOOD:
        return p.food_profit
    if trade == Trade.HAIR_AND_BEAUTY:
        return p.hair_profit
    if trade == Trade.SEWING_AND_CRAFT:
        return p.sewing_profit
    if trade == Trade.REPAIR_AND_SERVICES:
        return p.repair_profit
    return 1.0


@rule
def profit_level(person: Person, match: float, p: Params) -> float:
    """Return the log profit of an owner at reference capital in an open market; log MAD a month.

    `match` is what fits between owner and business, in standard deviations, which nobody can see at entry.
    """
    level = math.log(p.reference_profit * trade_factor(person.trade, p))
    level += p.b_skill * (person.trade_skill - 0.5) + p.b_language * (person.language - 0.5)
    return level + p.b_talent * person.talent + p.b_match * match


@rule
def capital_elasticity(sex: int, p: Params) -> float:
    """Return how profit moves with capital; elasticity. Because grants moved men's profits, not women's (E001 E003)."""
    return p.alpha_women if sex == Sex.FEMALE else p.alpha_men


@rule
def next_shock(shock: float, rho: float, sd: float, luck: float) -> float:
    """Return next month's luck from this month's: a first-order process of stationary spread `sd`; log."""
    return rho * shock + sd * math.sqrt(1.0 - rho * rho) * luck


@rule
def crowd(niche: Niche, p: Params) -> None:
    """Set the share of income a seller keeps, from the sellers counted before anybody trades.

    Hosts give way to newcomers a little. Because at town scale saturation is invisible, niches are small.
    """
    sellers = niche.hosts + niche.newcomers
    sellers -= min(niche.hosts, p.host_exit_elasticity * niche.newcomers)
    if sellers > niche.demand:
        niche.share = math.exp(p.saturation_gamma * math.log(niche.demand / sellers))
    else:
        niche.share = 1.0


@rule
def trade_month(business: Business, place: Place, niche: Niche, p: Params) -> None:
    """Earn this month's profit; stock and tools wear a little.

    Because profit moves with capital by an elasticity (E001 E003), with luck of a stationary spread, and with
    what others of the niche sell.
    """
    log_profit = business.level + business.shock + place.shock
    log_profit -= 0.5 * (p.own_shock_sd * p.own_shock_sd + p.place_shock_sd * p.place_shock_sd)
    log_profit += business.alpha * math.log(max(business.capital, 1.0) / p.reference_capital)
    log_profit += math.log1p(max(p.advice_profit, -0.9) * business.advice)
    business.takings = math.exp(min(log_profit, 30.0)) * niche.share
    business.capital *= 1.0 - p.capital_depreciation
