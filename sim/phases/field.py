"""In the field: advisers' hours shared out, niches counted, businesses trade."""

from __future__ import annotations

import math

from ..kinds import Ending
from ..luck import ONCE, Stream, normal, uniforms
from ..population import TOWN_PAGE
from ..rule import part
from ..rules.accompany import (
    accompanied,
    claim,
    fit,
    hours_per_hour,
    share_of_hours,
    take_advice,
    wanted_hours,
)
from ..rules.rural import turn_season
from ..rules.sisters import fall_ill
from ..rules.trade import crowd, displaced, next_shock, trade_month
from ..state import Scene, State
from .countryside import bring_demand
from .daily import stops


@part
def still_running(state: State) -> None:
    """Strike the businesses that ended from the list of those that run."""
    tally = state.tally[0]
    kept = 0
    for index in range(tally.running):
        row = state.running[index]
        if state.businesses[row].ending == Ending.OPEN:
            state.running[kept] = row
            kept += 1
    tally.running = kept


@part
def advise(state: State, scene: Scene, month: int) -> None:
    """Share the advisers' working hours out over accompanied projects; no hour is lost or made."""
    tally = state.tally[0]
    now = scene.settings[month]
    p = scene.params[0]
    outcome = state.monthly[month]
    claims = 0.0
    for index in range(tally.running):
        business = state.businesses[state.running[index]]
        business.weight = 0.0
        if accompanied(business, now):
            claim(business, now)
            business.accompanied += 1
            claims += business.weight
    available = tally.advisers_paid * p.adviser_hours
    outcome.hours_available += available
    for index in range(tally.running):
        business = state.businesses[state.running[index]]
        hours = 0.0
        if business.weight > 0.0 and claims > 0.0:
            travel = hours_per_hour(state.places[business.place], p)
            hours = share_of_hours(business, available, claims, travel, now)
            outcome.hours_delivered += hours
            outcome.hours_travel += hours * (travel - 1.0)
            outcome.hours_missing += max(0.0, wanted_hours(p) - hours)
        if business.assisted:
            take_advice(business, hours, fit(now, p), p)
    outcome.hours_unused += max(0.0, available - outcome.hours_delivered - outcome.hours_travel)


@part
def trade(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Count the sellers of every niche, then let every business trade."""
    p, stopped = scene.params[0], scene.settings[month].shock_earners_stopped
    count_sellers(state, scene, month)
    for row in range(len(state.places)):
        place = state.places[row]
        chance = normal(uniforms(luck, TOWN_PAGE + row, Stream.PLACE_SHOCK, month, ONCE)[0])
        place.shock = next_shock(place.shock, p.own_shock_rho, p.place_shock_sd, chance)
        turn_season(place, month, p)
    for index in range(state.tally[0].running):
        business = state.businesses[state.running[index]]
        trade_month(business, state.places[business.place], state.niches[business.niche], p)
        if stopped > 0.0 and stops(state.workers[business.person], luck, month, stopped):
            business.takings = 0.0


@part
def meet_luck(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Deal every business its luck of the month: its trade's, which members pool, and its owner's health."""
    p = scene.params[0]
    for index in range(state.tally[0].running):
        business = state.businesses[state.running[index]]
        chance, health = uniforms(luck, business.page, Stream.TRADING, month, business.spell)
        spread = p.own_shock_sd / math.sqrt(business.hands)
        business.shock = next_shock(business.shock, p.own_shock_rho, spread, normal(chance))
        fall_ill(business, state.persons[business.person].health, health, p)


@part
def count_sellers(state: State, scene: Scene, month: int) -> None:
    """Count the sellers of every niche, what they keep, and what financed sellers take from the others."""
    p, demand = scene.params[0], scene.settings[month].shock_demand_factor
    bring_demand(state, scene, month)
    for row in range(len(state.niches)):
        state.niches[row].newcomers = 0.0
        state.niches[row].assisted = 0.0
    for index in range(state.tally[0].running):
        business = state.businesses[state.running[index]]
        state.niches[business.niche].newcomers += business.hands
        if business.assisted:
            state.niches[business.niche].assisted += business.hands
    for row in range(len(state.niches)):
        niche = state.niches[row]
        crowd(niche, demand, p)
        if niche.assisted > 0.0:
            state.monthly[month].displaced += displaced(niche, demand, p)
