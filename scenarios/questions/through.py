"""Through which numbers of the model a change acts: what its effect can only be as well known as."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ...calibration.knowledge import Knowledge
from ...sim import NUMBERS
from ...sim.strategy_words import SECTIONS
from ..labels import basis
from ..language import later

_MARKET = ("saturation_gamma", "niche_host_sellers", "niche_slack")
_FAILURE = ("failure_level", "hazard_slope_on_margin")
THROUGH: dict[str, tuple[str, ...]] = {
    later("intake"): ("application_rate", "intake_doubt", *_MARKET, *_FAILURE),
    later("eligibility"): ("application_rate", "reapplication_relative_rate", *_MARKET),
    later("orientation"): ("placements_per_broker", "formal_wage", "working_well"),
    later("outreach"): ("application_rate", "word_of_mouth", "reach_without_branch", "reach_distance_km"),
    later("selection"): ("weight_on_need_before", "committee_noise", "log_hazard_need", "b_talent"),
    later("grants"): ("alpha_men", "alpha_women", "capital_depreciation", "own_contribution", *_FAILURE),
    later("advisers"): ("advice_log_hazard", "advice_profit", "half_effect_hours", "advice_fading", "fit_gain"),
    later("branches"): ("reach_without_branch", "reach_distance_km", "travel_share", "lost_without_branch"),
    later("training"): (
        "training_gain", "training_unmatched", "training_drop_out", "b_skill", "hazard_slope_on_margin",
    ),  # fmt: skip
    later("jobs"): ("placements_per_broker", "subsidy_placements", "formal_wage", "formal_separation"),
    later("cooperatives"): ("cooperative_log_hazard", "cooperative_market", "cooperative_coordination", "member_quits"),
    later("incubators"): ("incubator_log_hazard", "graduation_log_profit", "room_saving", "hr_forced_in_room"),
    later("rural"): ("rural_log_profit", "rural_log_hazard", "rural_season", "rural_willing"),
    later("link"): ("carrier_sellers", *_MARKET),
    later("partner"): ("partner_withdrawal", *_MARKET),
    later("social"): ("draw_on_capital", "basic_cost_first", "hazard_slope_on_margin"),
    later("health"): ("illness_rate", "illness_months", "illness_loss", "care_effect"),
    later("legal"): ("hr_forced_legal", "hr_forced_no_permit", "formal_without_permit"),
    later("funding"): ("adviser_cost", "training_seat_cost", "overhead"),
    later("law"): ("formal_offer", "formal_without_permit", "job_offer_owner"),
    later("shock"): (*_FAILURE, "casual_finding", "casual_separation"),
    later("arrivals"): ("application_rate", *_MARKET),
    later("evaluation"): ("lost_with_branch", "lost_without_branch"),
}
"""By section of a strategy file, the numbers through which it first acts: which they are is judgement."""

_INFORMED, _WEAK, NOT_LABELLED = later("data-informed"), later("weak"), later("prior-driven")


def sections_of(columns: Iterable[str]) -> list[str]:
    """Return the sections of a strategy file that hold some columns of `Settings`."""
    wanted = set(columns)
    return [section for section, keys in SECTIONS.items() if wanted & set(keys.values())]


def acts_through(columns: Iterable[str], known: Knowledge) -> pd.DataFrame:
    """Return the numbers through which a change of some levers acts, and what the data say of each.

    Returns
    -------
    DataFrame
        ``section, number, meaning, rests_on, label``: `data-informed`, `weak` or `prior-driven`; a number that the fit
        never moved is prior-driven.
    """
    rows = [
        (section, name, NUMBERS[name].meaning, basis(NUMBERS[name].basis), str(known.labels.get(name, NOT_LABELLED)))
        for section in sections_of(columns)
        for name in THROUGH[section]
    ]
    table = pd.DataFrame(rows, columns=["section", "number", "meaning", "rests_on", "label"])
    return table.drop_duplicates("number", ignore_index=True)
