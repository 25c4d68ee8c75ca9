"""What could be collected, and which numbers of the model each would tell: which tells what is judgement.

Every number that is not known exactly is in one group: that which would tell most of it.
"""

from __future__ import annotations

from ..language import later

TRACER = later("a tracer survey of past owners")

GROUPS: dict[str, tuple[str, ...]] = {
    TRACER: (
        "hazard_family", "failure_level", "weibull_shape", "gompertz_slope", "log_logistic_shape",
        "never_failing_share", "log_frailty_sd", "hazard_slope_on_margin", "log_hazard_need", "hr_female_failure",
        "hr_per_year_schooling", "hr_per_year_age", "insolvency_floor", "forced_closure_rate", "hr_forced_no_permit",
        "job_offer_owner", "job_margin", "hr_female_wage_exit",
    ),
    later("owners' takings and stock, asked every month for a year"): (
        "reference_profit", "own_contribution", "b_skill", "b_language", "b_talent", "b_match", "alpha_men",
        "alpha_women", "food_profit", "hair_profit", "sewing_profit", "repair_profit", "capital_depreciation",
        "own_shock_rho", "own_shock_sd", "place_shock_sd", "draw_on_capital", "reinvestment", "saving",
    ),
    later("a count of sellers and their custom in some markets"): (
        "saturation_gamma", "niche_host_sellers", "niche_slack", "host_exit_elasticity",
    ),
    later("UNHCR's files on who left, and why"): (
        "departure_syrian", "departure_subsaharan", "departure_yemeni", "departure_other_mena",
        "hr_departure_running_business", "hr_departure_settle", "excess_file_closed_share", "resettled_share",
        "returned_share", "adults_per_household", "non_adults_per_adult",
    ),
    later("the programme's files on applications, selection and visits"): (
        "application_rate", "reach_without_branch", "reach_distance_km", "word_of_mouth", "reapplication_relative_rate",
        "working_well", "patience_months", "intake_doubt", "refugees_per_project", "weight_on_need_before",
        "committee_noise", "lost_with_branch", "lost_without_branch",
    ),
    later("a survey of households: needs, aid and casual work"): (
        "basic_cost_first", "basic_cost_further", "cash_aid", "cash_aid_share", "arrival_savings", "protection_share",
        "casual_income", "casual_finding", "casual_separation", "finding_sd", "self_start_rate", "self_start_capital",
    ),
    later("the job desk's files on placements"): (
        "formal_offer", "formal_wage", "formal_separation", "formal_without_permit", "placements_per_broker",
        "subsidy_placements",
    ),
    later("a trial of training"): ("training_gain", "training_unmatched", "training_drop_out"),
    later("a trial of accompaniment"): (
        "travel_share", "half_effect_hours", "advice_log_hazard", "advice_profit", "advice_fading", "fit_gain",
    ),
    later("the books of cooperatives"): (
        "cooperative_log_hazard", "cooperative_market", "cooperative_coordination", "cooperative_reserve",
        "governance_drift", "governance_sd", "member_quits", "registration_months", "foundings_per_coordinator",
    ),
    later("a pilot of an incubator"): (
        "incubator_log_hazard", "graduation_log_profit", "room_saving", "hr_forced_in_room",
    ),
    later("a pilot in a rural zone"): (
        "rural_log_profit", "rural_log_hazard", "rural_season", "rural_willing", "carrier_sellers",
    ),
    later("what other partnerships lived through"): ("partner_withdrawal",),
    later("the files of the social, medical and legal components"): (
        "illness_rate", "illness_months", "illness_loss", "care_effect", "hr_forced_legal",
    ),
    later("the programme's accounts"): (
        "adviser_cost", "branch_cost", "branch_opening_cost", "training_seat_cost", "broker_cost", "coordinator_cost",
        "room_cost", "carrier_cost", "carrier_km_cost", "care_cost", "legal_cost", "outreach_cost", "overhead",
    ),
}  # fmt: skip
"""Numbers by what would tell them."""
