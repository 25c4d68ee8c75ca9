"""What is measured: the outcomes of every month, and those of a plan as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from .table import Record, column


class Month(Record):
    """What the programme and its people look like at the end of one month."""

    live_businesses: float = column("Financed projects still open", "projects")
    live_unassisted: float = column("Businesses begun alone and still open", "businesses")
    projects_selected: float = column("Projects selected this month", "projects")
    projects_started: float = column("Projects opened this month", "projects")
    people_served: float = column("Owners of projects opened this month", "persons")
    reinforcements: float = column("Second grants this month", "grants")
    applications: float = column("Applications this month", "applications")
    waiting: float = column("Persons who wait", "persons")
    places_unfilled: float = column("Places funded and staffed for which nobody eligible waits", "projects")
    ended_failed: float = column("Projects that failed this month", "projects")
    ended_insolvent: float = column("Projects that ran out of capital this month", "projects")
    ended_forced: float = column("Projects closed by force this month", "projects")
    ended_left: float = column("Projects whose owners left this month", "projects")
    ended_job: float = column("Projects given up for paid work this month", "projects")
    active_share: float = column("Share of all projects ever financed that the evaluator's last visit found open", "share")
    active_share_true: float = column("Share of all projects ever financed that are open", "share")
    lost_to_follow_up: float = column("Projects the evaluator has lost, so far", "projects")
    persons_present: float = column("Refugees and asylum-seekers of all ages", "persons")
    adults_present: float = column("Adults among them", "persons")
    persons_arrived: float = column("Arrivals this month", "persons")
    persons_resettled: float = column("Resettled this month: a durable solution", "persons")
    persons_returned: float = column("Returned home this month: a durable solution", "persons")
    persons_onward: float = column("Moved on this month", "persons")
    persons_file_closed: float = column("In files closed this month", "persons")
    refugee_households: float = column("Refugee households present", "households")
    heads_working: float = column("Of those, with a first adult who works", "households")
    heads_at_work: float = column("Share of refugee households whose first adult works", "share")
    self_reliant_households: float = column("Households once served that live above basic cost without aid", "households")
    served_households: float = column("Households once served and still present", "households")
    income_served: float = column("Mean income of households once served, without aid", "MAD 2016/month")
    profit: float = column("Mean profit of open projects", "MAD 2016/month")
    neediest_applied: float = column("Applications this month from the neediest fifth", "applications")
    neediest_served: float = column("Projects opened this month for the neediest fifth", "projects")
    advisers_paid: float = column("Advisers whose month was paid", "advisers")
    hours_available: float = column("Working hours of advisers", "hours")
    hours_delivered: float = column("Hours spent with projects", "hours")
    hours_travel: float = column("Hours spent on the way", "hours")
    hours_unused: float = column("Hours left over", "hours")
    hours_missing: float = column("Hours that would have been useful and were not there", "hours")
    spent: float = column("Money spent", "MAD 2016")
    capital: float = column("Capital of open projects", "MAD 2016")


@dataclass(frozen=True)
class Outcome:
    """An outcome of a plan: its name, unit and meaning, and whether more of it is better (1), worse (-1) or neither."""

    name: str
    unit: str
    meaning: str
    better: int


def _listed(*rows: tuple[str, str, str, int]) -> dict[str, Outcome]:
    return {row[0]: Outcome(*row) for row in rows}


OUTCOMES = _listed(
    ("live_businesses", "projects", "Financed projects open at the end of the plan", 1),
    ("projects_started", "projects", "Projects opened during the plan", 1),
    ("people_served", "persons", "Owners of the projects opened during the plan", 1),
    ("survival_3y", "share", "Of the plan's projects begun at least three years before its end, those that traded for three years; every ending counts", 1),
    ("open_share", "share", "Projects ever financed, since 2007, that are open at the end", 1),
    ("active_share", "share", "The same as the evaluator sees it: the last visit found them open, and nobody was lost", 1),
    ("livelihood_years", "project-years", "Years of trading of financed projects during the plan", 1),
    ("share_neediest_served", "share", "Of the projects opened during the plan, those of the neediest fifth of applicants", 1),
    ("self_reliant_households", "households", "Households once served that live above basic cost without aid, at the end", 1),
    ("income_served", "MAD 2016/month", "Mean income of households once served, last year of the plan", 1),
    ("waiting", "persons", "Persons who wait at the end of the plan", -1),
    ("hours_missing", "hours", "Adviser hours that were missing during the plan", -1),
    ("spent", "MAD 2016", "Money spent during the plan", -1),
    ("spent_discounted", "MAD 2016", "Money spent during the plan, worth at its start", -1),
    ("cost_per_project", "MAD 2016", "Money spent during the plan per project opened", -1),
    ("cost_per_live_business", "MAD 2016", "Money spent during the plan per project that opened during it and is open at its end", -1),
)
"""The outcomes of a plan by name, in the order in which they are shown."""
