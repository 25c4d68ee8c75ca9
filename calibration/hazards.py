"""The model's own hazards over arrays: what the likelihood, closed forms and plots of calibration call.

No formula of a hazard stands here: every number comes from the rules of `sim/rules`, compiled into loops. Between
two ages an ending is counted in short pieces, in each of which the causes compete at constant rates; causes then
add up exactly, and only the cumulative hazard is needed, which is finite where a hazard is not.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..sim.kinds import HazardFamily
from ..sim.records import Business, Household, Niche
from ..sim.rule import entry_point, part
from ..sim.rules.closing import risk_force
from ..sim.rules.flows import pull
from ..sim.rules.hazard import cumulative_hazard, traits
from ..sim.rules.trade import kept
from ..sim.table import new_table

Floats = NDArray[np.float64]
Table = np.ndarray[Any, Any]

FRAILTY_NODES = 15
"""Points of Gauss-Hermite quadrature over what makes an owner frail and nobody recorded."""
MONTHS_OF_A_PIECE = 3.0
USUAL_SCHOOLING, USUAL_AGE, USUAL_NEED = 9.0, 35.0, 0.35
"""Where the rule of traits counts from: what a register does not record is held there."""
LEAST = 1e-300
FAILED, LEFT, WAGE, ABSORBED = 1, 2, 4, 8
"""Causes that may have ended a spell, added up where it is not known which of them did; 0: it had not ended."""


def frailty_nodes(spread: float) -> tuple[Floats, Floats]:
    """Return points and weights of a standard normal; one point where nothing spreads."""
    points, weights = _nodes(1 if spread == 0.0 else FRAILTY_NODES)
    return points.copy(), weights.copy()


@cache
def _nodes(number: int) -> tuple[Floats, Floats]:
    """Return points and weights; worked out once, for that took half the time of the likelihood of a small register."""
    points, weights = np.polynomial.hermite_e.hermegauss(number)
    return points, weights / weights.sum()


@entry_point
def fill_cumulative(years: Floats, params: Table, out: Floats) -> None:
    """Write into `out` (draws, ages) the hazard a reference AGR has lived through by each age in years."""
    for draw in range(len(params)):
        for k in range(len(years)):
            out[draw, k] = cumulative_hazard(years[k], params[draw])


@entry_point
def fill_survival(
    years: Floats, params: Table, shift: Floats, others: Floats, nodes: Floats, weights: Floats, out: Floats
) -> None:
    """Write into `out` (draws, ages) the chance of being open at each age, frailty averaged out.

    `shift` (draws) is added to the log failure hazard, `others` (draws) is the rate of all other endings.
    """
    for draw in range(len(params)):
        p = params[draw]
        for k in range(len(years)):
            lived, alive = cumulative_hazard(years[k], p), 0.0
            for q in range(len(nodes)):
                ratio = traits(USUAL_SCHOOLING, USUAL_AGE, 0, USUAL_NEED, nodes[q], p)
                alive += weights[q] * math.exp(-lived * math.exp(shift[draw] + ratio))
            out[draw, k] = alive * math.exp(-others[draw] * years[k])


@entry_point
def fill_kept(newcomers: Floats, niches: Table, params: Table, out: Floats) -> None:
    """Write into `out` (draws, counts) the log share of income kept with so many newcomers in a niche."""
    for draw in range(len(params)):
        for k in range(len(newcomers)):
            out[draw, k] = math.log(kept(niches[draw], newcomers[k], 1.0, params[draw]))


@part
def share_of(causes: int, years: float, failed: float, left: float, wage: float, absorbed: float) -> float:
    """Return the share of some causes among the endings of a piece of life.

    `failed` is the failure hazard of the piece, `years` its length; the other rates are per year.
    """
    every = failed + (left + wage + absorbed) * years
    wanted = failed if causes & FAILED else 0.0
    if causes & LEFT:
        wanted += left * years
    if causes & WAGE:
        wanted += wage * years
    if causes & ABSORBED:
        wanted += absorbed * years
    return wanted / every if every > 0.0 else 0.0


@entry_point
def fill_rows(
    ages: Floats, causes: Any, region: Any, female: Any, need: Floats, shift: Floats, weight: Floats,
    leave: Floats, others: Floats, ratios: Floats, params: Table, seen: Floats, there: Floats, alive: Floats,
) -> None:  # fmt: skip
    """Add each row's chance of what was recorded of it, and of having come under observation.

    Parameters
    ----------
    ages : (rows, 3)
        Years at which it came under observation, was last known active, was first known to have ended.
    causes, region, female, need : (rows)
        Which endings it may have met; where its owner comes from; traits.
    shift, weight : (rows)
        Added to the log failure hazard; weight of the row among those of its spell.
    leave : (regions), others : (4)
        Yearly rates: departure by region; wage work, the same of women against men, absorbed, closed by force.
        A register counts who was closed by force as failed.
    ratios : (nodes)
        Failure hazard ratios of the points of frailty.
    params : (1)
    seen, there : (rows, nodes)
        Results: weighted chances.
    alive : (nodes)
        Room to work in.
    """
    p = params[0]
    for row in range(len(causes)):
        entry, active, inactive = ages[row, 0], ages[row, 1], ages[row, 2]
        ratio = math.exp(traits(USUAL_SCHOOLING, USUAL_AGE, female[row], need[row], 0.0, p) + shift[row])
        left, absorbed = leave[region[row]], others[2]
        wage = others[0] * (others[1] if female[row] else 1.0)
        rate = left + wage + absorbed + others[3]
        at_entry = cumulative_hazard(entry, p) * ratio if entry > 0.0 else 0.0
        at_active = cumulative_hazard(active, p) * ratio
        for q in range(len(ratios)):
            there[row, q] = weight[row]
            if entry > 0.0:
                there[row, q] *= math.exp(-at_entry * ratios[q] - rate * entry)
            seen[row, q] = weight[row] * math.exp(-at_active * ratios[q] - rate * active)
            alive[q] = seen[row, q]
            if causes[row] != 0:
                seen[row, q] = 0.0
        pieces = int(math.ceil((inactive - active) * 12.0 / MONTHS_OF_A_PIECE)) if causes[row] != 0 else 0
        years, before = (inactive - active) / max(pieces, 1), at_active
        for k in range(1, pieces + 1):
            after = cumulative_hazard(active + years * k, p) * ratio
            for q in range(len(ratios)):
                failed = (after - before) * ratios[q] + others[3] * years
                ended = alive[q] * -math.expm1(-failed - (left + wage + absorbed) * years)
                seen[row, q] += ended * share_of(causes[row], years, failed, left, wage, absorbed)
                alive[q] -= ended
            before = after


@entry_point
def fill_owners(
    seen: Floats, there: Floats, spell_of: Any, owner_of: Any, weights: Floats, sums: Floats, out: Floats
) -> None:
    """Write into `out` (owners) log likelihoods: rows are mixed within a spell, spells multiplied within a frailty.

    `spell_of` (spells + 1) and `owner_of` (owners + 1) are first rows and first spells; `sums` (2, nodes) is room to
    work in.
    """
    for owner in range(len(out)):
        scale = 0.0
        for q in range(len(weights)):
            sums[0, q], sums[1, q] = weights[q], weights[q]
        for spell in range(owner_of[owner], owner_of[owner + 1]):
            most = 0.0
            for q in range(len(weights)):
                chance, inside = 0.0, 0.0
                for row in range(spell_of[spell], spell_of[spell + 1]):
                    chance += seen[row, q]
                    inside += there[row, q]
                sums[0, q] *= chance
                sums[1, q] *= inside
                most = max(most, sums[0, q])
            most = max(most, LEAST)
            scale += math.log(most)  # so that a product over many spells stays a number
            for q in range(len(weights)):
                sums[0, q] /= most
        chance, inside = 0.0, 0.0
        for q in range(len(weights)):
            chance += sums[0, q]
            inside += sums[1, q]
        out[owner] = scale + math.log(max(chance, LEAST)) - math.log(max(inside, LEAST))


@entry_point
def fill_ratios(nodes: Floats, params: Table, out: Floats) -> None:
    """Write into `out` (nodes) the failure hazard ratios that points of frailty give."""
    usual = traits(USUAL_SCHOOLING, USUAL_AGE, 0, USUAL_NEED, 0.0, params[0])
    for q in range(len(nodes)):
        out[q] = math.exp(traits(USUAL_SCHOOLING, USUAL_AGE, 0, USUAL_NEED, nodes[q], params[0]) - usual)


@entry_point
def fill_rates(business: Table, household: Table, params: Table, out: Floats) -> None:
    """Write into `out` (draws, 2) the yearly rate of closing by force and the departure ratio of who runs an AGR."""
    for draw in range(len(params)):
        business[draw].incubator = -1
        risk_force(business[draw], True, False, params[draw])
        household[draw].leave_rate = 1.0
        out[draw, 0] = 12.0 * business[draw].forced_wear
        out[draw, 1] = pull(household[draw], params[draw])


def rates(params: Any) -> tuple[Floats, Floats]:
    """Return the yearly rate of closing by force, with a permit, and the departure ratio of owners; each (draws)."""
    table = np.asarray(params)
    out = np.empty((len(table), 2))
    fill_rates(np.asarray(new_table(Business, len(table))), np.asarray(new_table(Household, len(table))), table, out)
    return out[:, 0], out[:, 1]


def cumulative(years: Floats, params: Any) -> Floats:
    """Return the hazard a reference AGR has lived through by each age in years; shape (draws, ages)."""
    ages, table = np.ascontiguousarray(years, float), np.asarray(params)
    out = np.empty((len(table), len(ages)))
    fill_cumulative(ages, table, out)
    return out


def survival(years: Floats, params: Any, shift: Floats | float = 0.0, others: Floats | float = 0.0) -> Floats:
    """Return the chance of being open at each age in years, frailty averaged out; shape (draws, ages).

    Parameters
    ----------
    years : array (ages)
    params : recarray of Params (draws)
    shift : array (draws)
        Added to the log failure hazard.
    others : array (draws)
        Endings per year by all other causes.
    """
    ages, table = np.ascontiguousarray(years, float), np.asarray(params)
    whole = np.ones(len(table))
    points, weights = frailty_nodes(float(np.max(table["log_frailty_sd"])))
    out = np.empty((len(table), len(ages)))
    fill_survival(ages, table, shift * whole, others * whole, points, weights, out)
    return out


def frailty_ratios(points: Floats, params: Any) -> Floats:
    """Return the failure hazard ratios that points of frailty give under one row of parameters; shape (points)."""
    out = np.empty(len(points))
    fill_ratios(points, np.asarray(params), out)
    return out


def log_kept(newcomers: Floats, params: Any) -> Floats:
    """Return the log share of income that sellers of a usual niche keep with so many newcomers; (draws, counts)."""
    counts, table = np.ascontiguousarray(newcomers, float), np.asarray(params)
    niches = np.asarray(new_table(Niche, len(table)))
    niches["hosts"] = table["niche_host_sellers"]
    niches["demand"] = table["niche_host_sellers"] * table["niche_slack"]
    out = np.empty((len(table), len(counts)))
    fill_kept(counts, niches, table, out)
    return out


SHAPES = {
    HazardFamily.WEIBULL: "weibull_shape",
    HazardFamily.GOMPERTZ: "gompertz_slope",
    HazardFamily.LOG_LOGISTIC: "log_logistic_shape",
    HazardFamily.MIXTURE: "never_failing_share",
}
"""The parameter that shapes each family; constant hazards have none."""
