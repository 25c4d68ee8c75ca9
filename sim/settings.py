"""The levers: everything a strategy can set, a line each, with unit, default and bounds.

A strategy file writes column ``selection_weight_on_need`` as ``[selection] weight_on_need``. One row of this
table is in force in each month; rules read it as ``now``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .kinds import AdviserMode, SelectionRule
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

    funding_budget_mad_per_year: float = lever(
        "What all funders give together in a year; 'inf' pays whatever the intake costs", "MAD 2016/year", float("inf"), may_be_infinite=True
    )
    funding_unhcr_share: float = lever("UNHCR's part of the money", "share", 1, at_most=1)
    funding_monaco_share: float = lever("Monaco's part of the money", "share", 0, at_most=1)
    funding_state_share: float = lever("The state's part of the money", "share", 0, at_most=1)
    funding_private_share: float = lever("Private partners' part of the money", "share", 0, at_most=1)
    funding_other_share: float = lever("Other funders' part of the money", "share", 0, at_most=1)

    arrivals_factor: float = lever("Arrivals relative to what the tables say, or to the last known years", "ratio", 1, at_most=1000)
    evaluation_visit_months: int = lever("Months between two visits of the evaluator to a project", "months", 6, at_least=1, at_most=60, whole=True)


LEVERS: dict[str, Lever] = columns_of(Settings, Lever)
"""Every lever by column name."""
