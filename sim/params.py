"""The numbers of the model: each once, with its unit, its meaning, its prior and what it rests on.

A prior is given by its median and its 90 % interval. `basis` names rows of `calibration/evidence/`, or says
"judgement" where nobody has published a figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .kinds import HazardFamily
from .table import Column, Record, columns_of, new_table


@dataclass(frozen=True)
class Number(Column):
    """A parameter: its median, its 90 % interval and the shape of its prior between them.

    `shape` is ``lognormal`` (positive numbers), ``normal``, ``share`` (logit-normal, between 0 and 1) or
    ``fixed`` (a definition: never drawn).
    """

    median: float = 0.0
    low: float = 0.0
    high: float = 0.0
    shape: str = "lognormal"
    basis: str = ""


def number(meaning: str, unit: str, prior: tuple[float, float, float], basis: str, shape: str = "lognormal") -> Any:
    """Describe a parameter by its meaning, unit, prior (median, low, high) and basis."""
    return Number(meaning, unit, None, *prior, shape, basis)


def fixed(meaning: str, unit: str, value: float, basis: str, kind: Any = None) -> Any:
    """Describe a number that is a definition or a structure, not something to be learned."""
    return Number(meaning, unit, kind, value, value, value, "fixed", basis)


class Params(Record):
    """Everything the model takes as given in one run. Rules read it as ``p``."""

    # Failure of a business: rules/hazard.py
    hazard_family: int = fixed("Shape of the failure hazard over age", "", HazardFamily.WEIBULL, "structure", HazardFamily)
    failure_level: float = number("Failure rate of a business whose household just meets its basic cost, mean over three years", "per year", (0.12, 0.05, 0.29), "S001 S015; kept wide")
    weibull_shape: float = number("Weibull shape of failure: below 1, the young fail more", "-", (0.95, 0.70, 1.20), "judgement")
    gompertz_slope: float = number("Yearly slope of the log failure hazard (Gompertz)", "per year", (-0.05, -0.25, 0.15), "judgement", "normal")
    log_logistic_shape: float = number("Log-logistic shape of failure", "-", (1.1, 0.8, 1.5), "judgement")
    never_failing_share: float = number("Share of businesses that never fail by hazard (mixture)", "share", (0.15, 0.05, 0.35), "judgement", "share")
    log_frailty_sd: float = number("Spread of what makes a business frail and nobody recorded (mean one)", "log", (0.35, 0.03, 0.98), "judgement")
    hazard_slope_on_margin: float = number("Minus the elasticity of failure to income over basic cost", "log/log", (0.35, 0.10, 0.60), "judgement; sign S002")
    log_hazard_need: float = number("Log failure hazard per unit of need at entry; margin already speaks", "log", (0.0, -0.25, 0.25), "judgement", "normal")
    hr_female_failure: float = number("Failure hazard of women owners against men", "ratio", (1.15, 0.95, 1.40), "S018 S029; SE doubled")
    hr_per_year_schooling: float = number("Failure hazard per year of schooling", "ratio", (0.985, 0.965, 1.005), "S020; SE doubled")
    hr_per_year_age: float = number("Failure hazard per year of the owner's age", "ratio", (0.990, 0.984, 0.996), "S017; SE doubled")
    insolvency_floor: float = number("Capital, as a share of K0, under which a business is insolvent in its second month", "share of K0", (0.10, 0.05, 0.20), "judgement")
    forced_closure_rate: float = number("Seizure, eviction, expired permit or theft that ends a business", "per year", (0.010, 0.004, 0.025), "judgement")
    hr_forced_no_permit: float = number("Forced closure without a residence permit", "ratio", (2.0, 1.2, 3.5), "judgement")
    job_offer_owner: float = number("Offers of paid work an owner hears of, against an idle adult", "ratio", (0.03, 0.01, 0.09), "judgement; exits to jobs 2-5 %")
    job_margin: float = number("How much more than the business a job must pay to be taken", "share", (0.25, 0.10, 0.60), "judgement")
    hr_female_wage_exit: float = number("Exits of women owners to paid work against those of men", "ratio", (0.80, 0.65, 1.00), "S029; SE doubled")

    # Leaving and arriving: population.py, rules/flows.py
    departure_syrian: float = number("Departures of Syrians", "per year", (0.05, 0.025, 0.10), "R099 R103 R106")
    departure_subsaharan: float = number("Departures of sub-Saharan Africans", "per year", (0.09, 0.045, 0.18), "R147")
    departure_yemeni: float = number("Departures of Yemenis", "per year", (0.08, 0.04, 0.16), "unhcr_morocco_by_origin.csv")
    departure_other_mena: float = number("Departures of others from the Middle East and North Africa", "per year", (0.08, 0.04, 0.16), "unhcr_morocco_by_origin.csv")
    hr_departure_running_business: float = number("Departure of owners of a running business", "ratio", (0.75, 0.45, 1.25), "judgement; sign open")
    hr_departure_settle: float = number("Departure per standard deviation of the wish to stay", "ratio", (0.75, 0.55, 1.00), "R146 R147")
    excess_file_closed_share: float = number("Share of unusual falls of a stock that are files closed, not departures", "share", (0.5, 0.2, 0.8), "judgement; R040-R076", "share")
    resettled_share: float = number("Share of departures that are resettlement", "share", (0.10, 0.04, 0.22), "R148 R149; judgement", "share")
    returned_share: float = number("Share of departures that are voluntary return", "share", (0.20, 0.08, 0.40), "judgement", "share")
    adults_per_household: float = number("Adults 18-59 in a household", "persons", (1.8, 1.5, 2.1), "R139 R140; unhcr_morocco_demographics.csv")
    non_adults_per_adult: float = number("Children and elders per adult", "persons", (0.66, 0.55, 0.84), "unhcr_morocco_demographics.csv")

    # Outreach, application and selection: rules/asking.py, rules/selection.py
    schooling_none: float = fixed("Refugees with no schooling", "share", 0.22, "R126")
    schooling_primary: float = fixed("Refugees with primary schooling", "share", 0.34, "R127")
    schooling_secondary: float = fixed("Refugees with secondary schooling", "share", 0.25, "R128")
    darija_share: float = fixed("Speak Darija with Moroccans", "share", 0.206, "L018")
    french_share: float = fixed("Speak French", "share", 0.525, "L018")
    application_rate: float = number("Applications of adults in a branch town who do not work well", "per month", (0.022, 0.013, 0.034), "P011: 200 in two years on 574 adults, of whom some 60 % may apply (judgement)")
    reach_without_branch: float = number("Reach of the programme next to a town without a branch", "ratio", (0.25, 0.10, 0.50), "judgement; R110-R125")
    reach_distance_km: float = number("Distance over which reach falls to a third", "km", (400.0, 200.0, 800.0), "judgement")
    word_of_mouth: float = number("Added reach when everybody of one's origin and town had been served", "ratio", (2.0, 0.5, 6.0), "judgement")
    reapplication_relative_rate: float = number("Chance of applying again against the first time", "ratio", (0.5, 0.2, 1.0), "judgement")
    working_well: float = number("Income over basic cost above which nobody applies", "ratio", (1.5, 1.1, 2.2), "judgement")
    patience_months: float = number("Months after which one who waits gives up", "months", (24.0, 12.0, 48.0), "judgement")
    intake_doubt: float = number("Where the uncertain early intake lies between all projects (0) and fewest (1)", "share", (0.4, 0.05, 0.85), "P006 P040; judgement", "share")
    refugees_per_project: float = number("Owners per project", "persons", (1.25, 1.05, 1.45), "P020 P021 P026 P027 P030 P031")
    weight_on_need_before: float = number("Weight on need, before any new policy", "share", (0.30, 0.07, 0.60), "judgement", "share")
    committee_noise: float = number("Error of the committee on a standardised score", "SD", (0.7, 0.4, 1.2), "judgement")

    # Trading: rules/trade.py
    reference_profit: float = number("Profit of an untrained median person at capital K0 in an open market", "MAD 2016/month", (1500.0, 920.0, 2450.0), "M065; refugee scale is judgement")
    own_contribution: float = number("Part of its savings that a household puts into a project the programme finances", "share", (0.3, 0.1, 0.6), "judgement", "share")
    reference_capital: float = fixed("Reference capital K0", "MAD 2016", 9000.0, "definition")
    b_skill: float = number("Log profit from no to full trade skill", "log", (0.50, 0.20, 0.80), "judgement; direction S020", "normal")
    b_language: float = number("Log profit from no to full language", "log", (0.25, 0.05, 0.45), "L018; judgement", "normal")
    b_talent: float = number("Log profit per standard deviation of what the owner brings", "log", (0.40, 0.27, 0.60), "judgement; part of 0.80")
    b_match: float = number("Spread of the match between owner and business, unseen at entry", "log", (0.50, 0.30, 0.70), "judgement")
    alpha_men: float = number("Elasticity of profit to capital, men", "elasticity", (0.35, 0.25, 0.45), "E003")
    alpha_women: float = number("Elasticity of profit to capital, women", "elasticity", (0.20, 0.00, 0.38), "E001 E012; shrunk", "normal")
    food_profit: float = number("Profit in food against retail", "ratio", (1.05, 0.85, 1.30), "judgement")
    hair_profit: float = number("Profit in hair and beauty against retail", "ratio", (0.95, 0.75, 1.20), "judgement")
    sewing_profit: float = number("Profit in sewing and craft against retail", "ratio", (0.90, 0.70, 1.15), "judgement")
    repair_profit: float = number("Profit in repair and services against retail", "ratio", (1.10, 0.88, 1.40), "judgement")
    capital_depreciation: float = number("Wear of capital", "per month", (0.015, 0.008, 0.027), "judgement")
    own_shock_rho: float = number("Month-to-month persistence of a business's own luck", "per month", (0.60, 0.40, 0.80), "judgement", "share")
    own_shock_sd: float = number("Stationary spread of a business's own luck", "log", (0.40, 0.28, 0.55), "judgement")
    place_shock_sd: float = number("Stationary spread of a town's luck", "log", (0.12, 0.05, 0.22), "judgement")
    saturation_gamma: float = number("Loss of income per seller too many in a niche: equals the displacement", "elasticity", (0.45, 0.20, 0.75), "judgement")
    niche_host_sellers: float = number("Host sellers in a niche (neighbourhood x trade x clientele)", "sellers", (60.0, 20.0, 200.0), "judgement")
    niche_slack: float = number("Demand over sellers in a niche at the start", "ratio", (1.05, 0.85, 1.30), "judgement")
    niche_size_sd: float = fixed("Spread of niches' size", "log", 0.4, "judgement")
    niche_slack_sd: float = fixed("Spread of niches' slack", "log", 0.1, "judgement")
    host_exit_elasticity: float = number("How host sellers give way to newcomers", "elasticity", (0.2, 0.0, 0.5), "judgement", "normal")

    # Home: rules/home.py, rules/need.py
    basic_cost_first: float = number("Basic cost of the first member of a household", "MAD 2016/month", (850.0, 660.0, 1090.0), "judgement; order of the 2014 poverty line plus rent")
    basic_cost_further: float = number("Basic cost of each further member", "MAD 2016/month", (350.0, 270.0, 450.0), "judgement")
    cash_aid: float = number("Cash aid of a household that receives it", "MAD 2016/month", (900.0, 500.0, 1600.0), "L031")
    cash_aid_share: float = number("Share of refugee households on cash aid", "share", (0.23, 0.18, 0.28), "L028", "share")
    draw_on_capital: float = number("Part of what a household still lacks that it takes from the business", "per month", (0.08, 0.02, 0.20), "judgement")
    reinvestment: float = number("Part of a surplus put into the business", "share", (0.15, 0.05, 0.30), "judgement", "share")
    saving: float = number("Part of a surplus saved", "share", (0.15, 0.05, 0.35), "judgement", "share")
    need_income: float = fixed("Weight of income below basic cost in need", "weight", 0.30, "judgement")
    need_dependants: float = fixed("Weight of dependants per earner in need", "weight", 0.15, "judgement")
    need_health: float = fixed("Weight of poor health in need", "weight", 0.10, "judgement")
    need_permit: float = fixed("Weight of having no permit in need", "weight", 0.10, "judgement")
    need_alone: float = fixed("Weight of being alone with children in need", "weight", 0.10, "judgement")
    need_protection: float = fixed("Weight of a protection case in need", "weight", 0.15, "judgement")
    need_idle: float = fixed("Weight of months without income in need", "weight", 0.10, "judgement")
    arrival_savings: float = number("Savings on arrival, median", "MAD 2016", (1500.0, 500.0, 4500.0), "judgement")
    protection_share: float = number("Households with a protection case (violence, disability, detention)", "share", (0.15, 0.08, 0.27), "judgement", "share")

    # Work and starting alone: rules/work.py
    casual_income: float = number("Income of a month of casual work", "MAD 2016/month", (1200.0, 860.0, 1670.0), "L019 as ceiling")
    casual_finding: float = number("Finding casual work, at median ease", "per month", (0.08, 0.02, 0.32), "judgement; wide: the fit weighs by L001")
    casual_separation: float = number("Losing casual work", "per month", (0.11, 0.03, 0.40), "judgement; wide: the fit weighs by L001")
    finding_sd: float = number("Persistent spread between persons of the ease of finding work", "log", (0.8, 0.4, 1.2), "judgement")
    self_start_rate: float = number("Starting alone, of households that have saved enough and run no business", "per month", (0.004, 0.001, 0.012), "judgement")
    self_start_capital: float = number("Savings with which a household starts alone", "MAD 2016", (3000.0, 1500.0, 6000.0), "judgement")

    # Formal work: rules/jobs.py
    formal_offer: float = number("Offers of formal work from own search, where the law allows it, to an adult of middling employability", "per month", (0.0004, 0.0002, 0.0010), "L020 L022: 0.001 with the desk; the split is judgement")
    formal_wage: float = number("Net wage of formal work", "MAD 2016/month", (2300.0, 2000.0, 2550.0), "L019 M047")
    formal_separation: float = number("Losing formal work", "per month", (0.03, 0.015, 0.06), "judgement")
    formal_without_permit: float = number("Formal work found without a residence permit, against with one", "ratio", (0.2, 0.05, 0.5), "judgement", "share")
    placements_per_broker: float = number("Placements in formal work that a broker can make", "per month", (4.0, 2.0, 7.0), "L020 L022: 45-50 a year; judgement")
    subsidy_placements: float = number("Further placements for each part of the wage that is subsidised; they end with the subsidy", "ratio", (0.8, 0.2, 1.6), "E021 E022; judgement")

    # Training: rules/training.py
    training_gain: float = number("Part of the skill still missing that a course matched to the trade gives", "share", (0.20, 0.08, 0.40), "E015 E018", "share")
    training_unmatched: float = number("Part of that gain where the course does not match the trade", "share", (0.3, 0.1, 0.6), "judgement", "share")
    training_drop_out: float = number("Trainees who drop out", "share", (0.15, 0.05, 0.35), "judgement", "share")

    # Cooperatives: rules/cooperate.py
    cooperative_log_hazard: float = number("Log failure hazard of a cooperative's enterprise against a sole one", "log", (-0.16, -0.74, 0.41), "S035, which leaves micro-firms out; SE doubled", "normal")
    cooperative_market: float = number("Profit gained by access to larger markets", "share", (0.10, 0.0, 0.25), "judgement", "normal")
    cooperative_coordination: float = number("Profit that coordination among members costs", "share", (0.08, 0.03, 0.18), "judgement", "share")
    cooperative_reserve: float = number("Part of the profit that a cooperative keeps as capital", "share", (0.10, 0.04, 0.20), "judgement", "share")
    governance_start: float = fixed("Governance of a new cooperative", "0-1", 0.8, "judgement")
    governance_floor: float = fixed("Governance below which a cooperative breaks", "0-1", 0.2, "judgement")
    governance_drift: float = number("Governance lost", "per month", (0.006, 0.002, 0.015), "judgement")
    governance_sd: float = number("Monthly spread of governance", "0-1", (0.04, 0.015, 0.08), "judgement")
    member_quits: float = number("Members who quit a cooperative", "per year", (0.10, 0.04, 0.25), "judgement")
    registration_months: float = number("Months from founding to registration", "months", (5.0, 2.0, 12.0), "judgement")
    foundings_per_coordinator: float = number("Cooperatives a coordinator can found", "per year", (2.0, 1.0, 4.0), "P-rows: 3 in 2017 (piseruma_by_year.csv); judgement")

    # Incubators: rules/incubate.py
    incubator_log_hazard: float = number("Log failure hazard in an incubator, beyond what a room saves", "log", (0.0, -0.58, 0.58), "S036 S037", "normal")
    graduation_log_profit: float = number("Log profit that changes when a project leaves its room", "log", (-0.03, -0.10, 0.03), "S036; judgement", "normal")
    room_saving: float = number("Rent that a room saves", "MAD 2016/month", (300.0, 120.0, 700.0), "judgement")
    hr_forced_in_room: float = number("Forced closure with the address and licence of a room, against without", "ratio", (0.5, 0.25, 1.0), "judgement")

    # Rural zones and the link to them: rules/rural.py
    rural_log_profit: float = number("Log profit in a rural zone against a town", "log", (-0.22, -0.50, 0.02), "S038; judgement", "normal")
    rural_log_hazard: float = number("Log failure hazard in a rural zone against a town", "log", (0.0, -0.66, 0.66), "S038; judgement", "normal")
    rural_season: float = number("Log profit gained in the four months of harvest; half of it is lost in the others", "log", (0.25, 0.10, 0.50), "judgement")
    rural_willing: float = number("Adults who would move to a rural zone", "share", (0.25, 0.10, 0.50), "judgement", "share")
    carrier_sellers: float = number("Sellers that the trade of one carrier feeds, at each end of its road", "sellers", (8.0, 4.0, 16.0), "judgement")

    # Partnership: rules/partner.py
    partner_withdrawal: float = number("Withdrawal of a private partner", "per year", (0.12, 0.03, 0.35), "judgement")

    # Sister components: rules/sisters.py
    illness_rate: float = number("Illness that keeps an owner of middling health from work", "per month", (0.02, 0.01, 0.04), "judgement")
    illness_months: float = number("How long such an illness lasts", "months", (2.0, 1.0, 4.0), "judgement")
    illness_loss: float = number("Profit lost while the owner is ill", "share", (0.6, 0.3, 0.85), "judgement", "share")
    care_effect: float = number("Part of that loss which medical care saves", "share", (0.5, 0.2, 0.8), "judgement", "share")
    hr_forced_legal: float = number("Forced closure with legal assistance, against without", "ratio", (0.6, 0.3, 1.0), "judgement")

    # Accompaniment: rules/accompany.py
    adviser_hours: float = fixed("Working hours of an adviser", "hours/month", 120.0, "judgement")
    travel_share: float = number("Share of hours lost to travel where there is no branch", "share", (0.35, 0.15, 0.55), "judgement", "share")
    half_effect_hours: float = number("Hours a month that give 63 % of the effect (h0)", "hours/month", (2.0, 1.0, 4.0), "judgement")
    advice_log_hazard: float = number("Log failure hazard at full accompaniment", "log", (-0.10, -0.35, 0.15), "E007 E014 E025", "normal")
    advice_profit: float = number("Profit gained at full accompaniment, fading after it stops", "share", (0.07, 0.0, 0.18), "E014 E025", "normal")
    advice_fading: float = number("Months over which advice is taken up, and forgotten", "months", (6.0, 3.0, 12.0), "judgement; E014")
    fit_gain: float = number("Effect of hours fitted to the case, against equal hours", "ratio", (1.15, 0.95, 1.50), "judgement")

    # What the evaluator sees: rules/lens.py
    lost_with_branch: float = number("Owners lost to follow-up, where there is a branch", "per six months", (0.02, 0.005, 0.06), "judgement")
    lost_without_branch: float = number("Owners lost to follow-up, where there is none", "per six months", (0.06, 0.02, 0.15), "judgement")

    # Money: rules/money.py
    adviser_cost: float = number("Cost of an adviser", "MAD 2016/month", (9000.0, 6500.0, 12500.0), "judgement")
    branch_cost: float = number("Running cost of a branch", "MAD 2016/month", (11000.0, 6000.0, 18000.0), "judgement")
    branch_opening_cost: float = number("Cost of opening a branch", "MAD 2016", (30000.0, 15000.0, 70000.0), "judgement")
    training_seat_cost: float = number("Cost of a trainee's course", "MAD 2016", (7000.0, 3500.0, 14000.0), "judgement")
    broker_cost: float = number("Cost of a broker at the job desk", "MAD 2016/month", (9500.0, 7000.0, 13000.0), "judgement")
    coordinator_cost: float = number("Cost of a coordinator of cooperatives", "MAD 2016/month", (9500.0, 7000.0, 13000.0), "judgement")
    room_cost: float = number("Cost of a room in an incubator, mentors included", "MAD 2016/month", (1100.0, 600.0, 2000.0), "judgement")
    carrier_cost: float = number("Cost of a carrier without its road", "MAD 2016/month", (5000.0, 3000.0, 8500.0), "judgement")
    carrier_km_cost: float = number("Cost of a carrier's road, eight return trips a month", "MAD 2016/km", (3.0, 1.8, 5.0), "judgement")
    care_cost: float = number("Cost of a treatment", "MAD 2016", (600.0, 250.0, 1500.0), "judgement")
    legal_cost: float = number("Cost of a legal case", "MAD 2016", (500.0, 200.0, 1200.0), "judgement")
    outreach_cost: float = number("Cost of outreach at intensity 1", "MAD 2016/month", (6000.0, 2500.0, 14000.0), "judgement")
    discount_rate: float = fixed("Discount rate of money spent later", "per year", 0.03, "convention")
    overhead: float = number("Overhead on direct cost", "share", (0.20, 0.10, 0.30), "judgement; the total is checked against P044", "share")


NUMBERS: dict[str, Number] = columns_of(Params, Number)
"""Every parameter by name."""


def default_params(rows: int = 1) -> np.recarray[Any, Any]:
    """Return a table of parameters at their medians."""
    table = new_table(Params, rows)
    for name, item in NUMBERS.items():
        table[name] = item.median
    return table
