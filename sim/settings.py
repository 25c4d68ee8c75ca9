"""The levers: everything a strategy can set, a line each, with unit, default and bounds.

A strategy file writes column ``selection_weight_on_need`` as ``[selection] weight_on_need``. One row of this
table is in force in each month; rules read it as ``now``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .kinds import Admission, AdviserMode, SelectionRule, Town
from .table import Column, Record, columns_of


@dataclass(frozen=True)
class Lever(Column):
    """A column that a strategy may set: its default and the range that is accepted."""

    default: float = 0.0
    at_least: float = 0.0
    at_most: float = float("inf")
    whole: bool = False
    may_be_infinite: bool = False


def lever(
    meaning: str,
    unit: str,
    default: float,
    *,
    kind: Any = None,
    at_least: float = 0.0,
    at_most: float = float("inf"),
    whole: bool = False,
    may_be_infinite: bool = False,
) -> Any:
    """Describe a lever: its column, its default and what is accepted; see `Lever`."""
    return Lever(meaning, unit, kind, float(default), at_least, at_most, whole, may_be_infinite)


class Settings(Record):
    """What the programme does in one month, and the scenario around it."""

    intake_projects_per_year: float = lever("New projects financed a year, at most", "projects/year", 0, at_most=1e6)
    intake_unsure_share: float = lever(
        "Part of that number which may be persons printed as projects; the parameter intake_doubt says how much",
        "share", 0, at_most=1,
    )  # fmt: skip
    intake_reinforcements_per_project: float = lever(
        "Second grants to running projects, per new project", "ratio", 0.2, at_most=10
    )
    eligibility_asylum_seekers: int = lever("Whether asylum-seekers may apply", "yes/no", 0, kind=bool)
    eligibility_second_chance: int = lever("Whether those whose project closed may apply again", "yes/no", 1, kind=bool)
    orientation_job_share: float = lever("Applicants of middling employability who are oriented to the job desk; more of the employable", "share", 0, at_most=1)
    outreach_intensity: float = lever("Outreach, where 1 is what was done in 2007", "ratio", 1, at_most=10)

    selection_rule: int = lever("How the committee orders those who wait", "", SelectionRule.AS_BEFORE, kind=SelectionRule)
    selection_weight_on_need: float = lever("Weight on need in the rule 'mixed'; the rest is promise", "share", 0.5, at_most=1)
    selection_quota_neediest: float = lever("Share of places kept for the neediest fifth in the rule 'quota'", "share", 0.4, at_most=1)
    selection_lottery_threshold: float = lever(
        "Promise above which the rule 'lottery' draws, in standard deviations", "SD", -0.5, at_least=-4, at_most=4
    )

    grants_amount_mad: float = lever("Grant to a new project", "MAD 2016", 9500, at_most=1e6)
    grants_delay_months: int = lever("Months between selection and the first money", "months", 2, at_most=24, whole=True)
    grants_tranches: int = lever("Equal parts in which a grant is paid, three months apart", "parts", 1, at_least=1, at_most=6, whole=True)
    grants_reinforcement_mad: float = lever("Second grant to a running project", "MAD 2016", 4500, at_most=1e6)

    advisers_number: float = lever("Advisers employed", "advisers", 3, at_most=1e5)
    advisers_mode: int = lever("How advisers share out their hours", "", AdviserMode.UNIFORM, kind=AdviserMode)
    advisers_months: int = lever("Months a new project is accompanied", "months", 24, at_most=240, whole=True)
    advisers_caseload: float = lever("Accompanied projects per adviser beyond which no new one starts", "projects/adviser", 120, at_least=1, at_most=1e6)
    advisers_diagnosis_weight: float = lever("Claim of the first month (diagnosis) in the mode 'case_by_case', where later months claim 0.5 to 3", "weight", 3, at_most=100)
    advisers_cap_hours: float = lever("Most hours one project gets in a month in the mode 'case_by_case'", "hours/month", 8, at_least=0.1, at_most=200)

    branches_second: int = lever("Where a second branch stands", "", Town.NONE, kind=Town)
    branches_third: int = lever("Where a third branch stands", "", Town.NONE, kind=Town)
    branches_fourth: int = lever("Where a fourth branch stands", "", Town.NONE, kind=Town)
    branches_follow_flows: int = lever("Whether branches open where many people are unserved, and close where few are left", "yes/no", 0, kind=bool)
    branches_trigger_people: float = lever("Unserved adults beyond which a branch follows; below half of them it closes", "persons", 300, at_most=1e6)
    branches_trigger_months: int = lever("Months in a row for which that must hold", "months", 6, at_least=1, at_most=60, whole=True)
    branches_months_to_open: int = lever("Months it takes to open a branch", "months", 4, at_most=60, whole=True)
    branches_most: int = lever("Most branches in all that may be open when they follow", "branches", 4, at_least=1, at_most=100, whole=True)
    branches_advisers: float = lever("Advisers hired with each further branch, and let go with it", "advisers/branch", 1, at_most=100)

    training_seats: float = lever("Seats in courses at one time", "seats", 0, at_most=1e5)
    training_months: int = lever("Length of a course", "months", 6, at_least=1, at_most=60, whole=True)
    training_skill_below: float = lever("Trade skill below which an applicant is less-trained", "0-1", 0.5, at_most=1)
    training_schooling_at_most: float = lever("Schooling up to which an applicant is less-trained", "years", 12, at_most=30)
    training_matched_share: float = lever("Courses that match the trade the trainee will exercise", "share", 0.5, at_most=1)
    training_before_start: int = lever("Whether the less-trained are selected only after their course, where there are any seats", "yes/no", 0, kind=bool)
    training_stipend_mad: float = lever("What a trainee receives", "MAD 2016/month", 600, at_most=1e5)

    jobs_brokers: float = lever("Brokers at the job desk", "brokers", 0, at_most=1e4)
    jobs_subsidy_share: float = lever("Part of a placed person's wage that is subsidised", "share", 0, at_most=1)
    jobs_subsidy_months: int = lever("Months for which it is", "months", 6, at_least=1, at_most=60, whole=True)

    cooperatives_coordinators: float = lever("Coordinators who help cooperatives to be founded and governed", "coordinators", 0, at_most=1e4)
    cooperatives_willing_share: float = lever("Applicants who would rather found or join a cooperative", "share", 0.15, at_most=1)
    cooperatives_least_members: int = lever("Fewest members (law 112-12 asks for five)", "persons", 5, at_least=5, at_most=100, whole=True)
    cooperatives_most_members: int = lever("Most members", "persons", 12, at_least=5, at_most=1000, whole=True)
    cooperatives_grant_mad: float = lever("Grant to a cooperative, for each founder", "MAD 2016/person", 5000, at_most=1e6)
    cooperatives_admit_owners: int = lever("Whether owners of a running project that earns less than casual work may join", "yes/no", 0, kind=bool)

    incubators_number: int = lever("Incubators, in the towns of the country's table from the first on", "incubators", 0, at_most=100, whole=True)
    incubators_rooms: int = lever("Rooms in each", "rooms", 10, at_most=1e5, whole=True)
    incubators_months: int = lever("Months of stay", "months", 18, at_least=1, at_most=120, whole=True)
    incubators_admission: int = lever("Whom an incubator takes first", "", Admission.LOT, kind=Admission)

    rural_projects_share: float = lever("Selected applicants who are offered to open in a rural zone", "share", 0, at_most=1)
    rural_moving_grant_mad: float = lever("Grant for the move", "MAD 2016", 4000, at_most=1e6)
    rural_delay_months: int = lever("Months that land and permit take there, beyond the usual delay", "months", 3, at_most=60, whole=True)
    link_carriers: float = lever("Carriers between the rural zones and their towns", "carriers", 0, at_most=1e5)

    partner_present: int = lever("Whether a private partner takes part", "yes/no", 0, kind=bool)
    partner_ramp_months: int = lever("Months until it gives all it promised", "months", 12, at_most=120, whole=True)
    partner_cofunding_mad_per_year: float = lever("What it gives beside the budget", "MAD 2016/year", 0, at_most=1e10)
    partner_jobs_per_year: float = lever("Formal jobs it guarantees", "jobs/year", 0, at_most=1e6)
    partner_purchases_sellers: float = lever("Sellers in full niches of branch towns that its purchases feed", "sellers", 0, at_most=1e6)

    social_households: float = lever("Neediest applicants' households on the social component's cash aid at one time", "households", 0, at_most=1e6)
    social_aid_mad: float = lever("That aid", "MAD 2016/month", 900, at_most=1e5)
    social_months: int = lever("Months for which a household receives it", "months", 12, at_least=1, at_most=240, whole=True)
    health_treatments: float = lever("Owners the health component can treat in a month", "persons/month", 0, at_most=1e6)
    legal_cases: float = lever("Owners' households for which the legal component can obtain a permit in a month", "households/month", 0, at_most=1e6)

    funding_budget_mad_per_year: float = lever(
        "What all funders give together in a year; 'inf' pays whatever the intake costs", "MAD 2016/year", float("inf"), may_be_infinite=True
    )
    funding_unhcr_share: float = lever("UNHCR's part of the money", "share", 1, at_most=1)
    funding_monaco_share: float = lever("Monaco's part of the money", "share", 0, at_most=1)
    funding_state_share: float = lever("The state's part of the money", "share", 0, at_most=1)
    funding_private_share: float = lever("Private partners' part of the money", "share", 0, at_most=1)
    funding_other_share: float = lever("Other funders' part of the money", "share", 0, at_most=1)

    funding_paid_part: float = lever("Part of the budget that funders really pay", "ratio", 1, at_most=1)

    law_formal_work: int = lever("Whether refugees may take formal work", "yes/no", 1, kind=bool)
    shock_earners_stopped: float = lever("Earners, in casual work or on their own, who must stop for the month", "share", 0, at_most=1)
    shock_finding_factor: float = lever("Finding casual work, against usual", "ratio", 1, at_least=0.01, at_most=100)
    shock_losing_factor: float = lever("Losing work, against usual", "ratio", 1, at_least=0.01, at_most=100)
    shock_formal_factor: float = lever("Offers and placements of formal work, against usual", "ratio", 1, at_most=100)
    shock_demand_factor: float = lever("Demand in all niches, against usual", "ratio", 1, at_least=0.01, at_most=100)
    arrivals_factor: float = lever("Arrivals relative to what the tables say, or to the last known years", "ratio", 1, at_most=1000)
    evaluation_visit_months: int = lever("Months between two visits of the evaluator to a project", "months", 6, at_least=1, at_most=60, whole=True)


LEVERS: dict[str, Lever] = columns_of(Settings, Lever)
"""Every lever by column name."""


@dataclass(frozen=True)
class Needs:
    """Levers that act on nothing unless one of some others is on: has the word, or is above zero and finite.

    Where they are `lasting`, they still matter to what was begun while one was on.
    """

    levers: tuple[str, ...]
    any_of: tuple[str, ...]
    word: int | None = None
    lasting: bool = False


NEEDS = (
    Needs(("intake_unsure_share",), ("intake_projects_per_year",)),
    Needs(("grants_reinforcement_mad",), ("intake_reinforcements_per_project",)),
    Needs(  # of those oriented to a job that nobody offers, none waits for a cooperative either
        ("orientation_job_share",), ("jobs_brokers", "partner_jobs_per_year", "cooperatives_coordinators")
    ),
    Needs(("selection_weight_on_need",), ("selection_rule",), SelectionRule.MIXED),
    Needs(("selection_quota_neediest",), ("selection_rule",), SelectionRule.QUOTA),
    Needs(("selection_lottery_threshold",), ("selection_rule",), SelectionRule.LOTTERY),
    Needs(("advisers_diagnosis_weight", "advisers_cap_hours"), ("advisers_mode",), AdviserMode.CASE_BY_CASE),
    Needs(("branches_trigger_people", "branches_trigger_months", "branches_most"), ("branches_follow_flows",)),
    Needs(
        ("branches_months_to_open", "branches_advisers"),
        ("branches_second", "branches_third", "branches_fourth", "branches_follow_flows"),
    ),
    Needs(
        ("training_months", "training_skill_below", "training_schooling_at_most", "training_before_start")
        + ("training_stipend_mad",),
        ("training_seats",),
    ),
    Needs(("training_matched_share",), ("training_seats",), lasting=True),
    Needs(("jobs_subsidy_share", "jobs_subsidy_months"), ("jobs_brokers",)),
    Needs(("jobs_subsidy_months",), ("jobs_subsidy_share",)),
    Needs(
        ("cooperatives_willing_share", "cooperatives_most_members", "cooperatives_grant_mad")
        + ("cooperatives_admit_owners",),
        ("cooperatives_coordinators",),
    ),
    Needs(("cooperatives_least_members",), ("cooperatives_coordinators",), lasting=True),
    Needs(("incubators_rooms", "incubators_months", "incubators_admission"), ("incubators_number",)),
    Needs(("incubators_number", "incubators_months", "incubators_admission"), ("incubators_rooms",)),
    Needs(("rural_moving_grant_mad", "rural_delay_months"), ("rural_projects_share",)),
    Needs(
        ("partner_ramp_months", "partner_cofunding_mad_per_year", "partner_jobs_per_year")
        + ("partner_purchases_sellers",),
        ("partner_present",),
    ),
    Needs(
        ("partner_present", "partner_ramp_months"),
        ("partner_cofunding_mad_per_year", "partner_jobs_per_year", "partner_purchases_sellers"),
    ),
    Needs(("social_aid_mad", "social_months"), ("social_households",)),
    Needs(("social_households", "social_months"), ("social_aid_mad",)),
    Needs(("funding_paid_part",), ("funding_budget_mad_per_year",)),
    Needs(("shock_formal_factor",), ("law_formal_work",)),
)
"""What acts only together with something else: a strategy that sets the one without the other is told so."""

NOT_ABOVE = (("cooperatives_least_members", "cooperatives_most_members"),)
"""Pairs of levers of which the first may never be above the second."""
