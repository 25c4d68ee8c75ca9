"""Trading: what a business earns in a month, and how sellers of one niche crowd each other."""

from __future__ import annotations

import math

from ..kinds import Sex, Trade
from ..params import Params
from ..records import Business, Niche, Person, Place
from ..rule import rule
from .sisters import kept_while_ill


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
def gave_way(niche: Niche, newcomers: float, p: Params) -> float:
    """Return how many host sellers give way to that many newcomers; sellers."""
    return min(niche.hosts, max(p.host_exit_elasticity, 0.0) * newcomers)


@rule
def kept(niche: Niche, newcomers: float, demand: float, p: Params) -> float:
    """Return the share of income a seller keeps with that many newcomers; 0 to 1.

    Hosts give way to newcomers a little. Because at town scale saturation is invisible, niches are small.
    """
    sellers = niche.hosts + newcomers - gave_way(niche, newcomers, p)
    room = niche.demand * demand + niche.extra
    return math.exp(p.saturation_gamma * math.log(room / sellers)) if sellers > room else 1.0


@rule
def crowd(niche: Niche, demand: float, p: Params) -> None:
    """Set the share of income a seller keeps, from the sellers counted before anybody trades."""
    niche.share = kept(niche, niche.newcomers, demand, p)


@rule
def displaced(niche: Niche, demand: float, p: Params) -> float:
    """Return the livelihoods that financed sellers take from the others of their niche; persons.

    Hosts who give way, and the income that those who stay lose, counted in full incomes. Because more sellers in
    a full niche take from others, net jobs differ from gross.
    """
    without = niche.newcomers - niche.assisted
    went = gave_way(niche, niche.newcomers, p) - gave_way(niche, without, p)
    others = niche.hosts - gave_way(niche, niche.newcomers, p) + without
    return went + others * (kept(niche, without, demand, p) - niche.share)


@rule
def trade_month(business: Business, place: Place, niche: Niche, p: Params) -> None:
    """Earn this month's profit; stock and tools wear a little.

    Because profit moves with capital by an elasticity (E001 E003), with luck of a stationary spread, which
    members of a cooperative pool, and with what others of the niche sell.
    """
    log_profit = business.level + business.boost + business.shock + place.shock + place.season
    log_profit -= 0.5 * (p.own_shock_sd * p.own_shock_sd / business.hands + p.place_shock_sd * p.place_shock_sd)
    log_profit += business.alpha * math.log(max(business.capital, 1.0) / (p.reference_capital * business.hands))
    log_profit += math.log1p(max(p.advice_profit, -0.9) * business.advice)
    business.takings = math.exp(min(log_profit, 30.0)) * niche.share * business.hands
    if business.ill_months > 0.0:
        business.takings *= kept_while_ill(business, p)
    if business.incubator >= 0:
        business.takings += p.room_saving
    business.capital *= 1.0 - p.capital_depreciation
