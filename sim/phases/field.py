"""In the field: advisers' hours shared out, niches counted, businesses trade."""

from __future__ import annotations

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
from ..rules.trade import crowd, next_shock, trade_month
from ..state import Scene, State


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
    p = scene.params[0]
    for row in range(len(state.niches)):
        state.niches[row].newcomers = 0
    for index in range(state.tally[0].running):
        state.niches[state.businesses[state.running[index]].niche].newcomers += 1
    for row in range(len(state.niches)):
        crowd(state.niches[row], p)
    for row in range(len(state.places)):
        place = state.places[row]
        chance = normal(uniforms(luck, TOWN_PAGE + row, Stream.PLACE_SHOCK, month, ONCE)[0])
        place.shock = next_shock(place.shock, p.own_shock_rho, p.place_shock_sd, chance)
    for index in range(state.tally[0].running):
        business = state.businesses[state.running[index]]
        chance = normal(uniforms(luck, business.page, Stream.TRADING, month, business.spell)[0])
        business.shock = next_shock(business.shock, p.own_shock_rho, p.own_shock_sd, chance)
        trade_month(business, state.places[business.place], state.niches[business.niche], p)
