"""What is measured: the outcomes of every month, and those of a plan as a whole."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .table import Record, column, columns


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
    ended_joined: float = column("Projects given up to join a cooperative this month", "projects")
    ended_dissolved: float = column("Projects of cooperatives that dissolved this month", "projects")
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
    in_training: float = column("Adults in a course", "persons")
    courses_begun: float = column("Courses begun this month", "persons")
    trained: float = column("Courses completed this month", "persons")
    dropped_out: float = column("Courses broken off this month", "persons")
    seats_unfilled: float = column("Seats funded for which nobody less-trained waits", "seats")
    placed: float = column("Placements in formal work by the desk and the partner this month", "persons")
    placements_unfilled: float = column("Placements that could be made and for which nobody waits", "placements")
    in_formal_work: float = column("Adults in formal work", "persons")
    cooperatives_founded: float = column("Cooperatives founded this month", "cooperatives")
    cooperatives_ended: float = column("Cooperatives that ended this month", "cooperatives")
    live_cooperatives: float = column("Registered cooperatives that trade", "cooperatives")
    in_cooperatives: float = column("Members of registered cooperatives", "persons")
    rooms_open: float = column("Rooms in incubators", "rooms")
    rooms_taken: float = column("Of these, those let to a project", "rooms")
    rooms_queue: float = column("New projects in an incubator's town that asked for a room and got none", "projects")
    branches_open: float = column("Branches open", "branches")
    rural_projects: float = column("Financed projects open in rural zones", "projects")
    carriers_paid: float = column("Carriers on the road", "carriers")
    partner_weight: float = column("Part of its promise that a private partner gives", "share")
    households_aided: float = column("Households on the social component's aid", "households")
    treatments: float = column("Owners treated this month", "persons")
    legal_permits: float = column("Permits obtained this month by legal assistance", "households")
    jobs_gross: float = column("Livelihoods of the programme: owners and members at work in open projects, and those placed", "persons")
    displaced: float = column("Livelihoods that hosts and unassisted refugees lost to financed sellers", "persons")
    placed_at_work: float = column("Placed by the programme and still in formal work", "persons")
    spent: float = column("Money spent", "MAD 2016")
    capital: float = column("Capital of open projects", "MAD 2016")


@dataclass(frozen=True)
class Outcome:
    """An outcome of a plan: its name, unit and meaning, and whether more of it is better (1), worse (-1) or neither."""

    name: str
    unit: str
    meaning: str
    better: int

    @property
    def possible(self) -> tuple[float, float]:
        """The least and the most it can be."""
        if self.name in MAY_BE_NEGATIVE:
            return -math.inf, math.inf
        return {"share": (0.0, 1.0), "index": (-1.0, 1.0)}.get(self.unit, (0.0, math.inf))


MAY_BE_NEGATIVE = ("jobs_net", "net_livelihood_years")


def _listed(*rows: tuple[str, str, str, int]) -> dict[str, Outcome]:
    return {row[0]: Outcome(*row) for row in rows}


OUTCOMES = _listed(
    ("live_businesses", "projects", "Financed projects open at the end of the plan", 1),
    ("projects_started", "projects", "Projects opened during the plan", 1),
    ("people_served", "persons", "Owners of projects opened during the plan, and applicants who joined a cooperative", 1),
    ("begun_and_open", "projects", "Projects that opened during the plan and are open at its end", 1),
    ("survival_1y", "share", "Of the plan's projects begun at least a year before its end, those that traded for one; every ending counts", 1),
    ("survival_3y", "share", "Of the plan's projects begun at least three years before its end, those that traded for three years; every ending counts", 1),
    ("survival_5y", "share", "Of the plan's projects begun at least five years before its end, those that traded for five; every ending counts", 1),
    ("open_share", "share", "Projects ever financed, since 2007, that are open at the end", 1),
    ("active_share", "share", "Projects ever financed, since 2007, that the evaluator's last visit found open and that it has not lost", 1),
    ("livelihood_years", "person-years", "Years at work, during the plan, of owners and members of financed projects and of those placed", 1),
    ("net_livelihood_years", "person-years", "Livelihood years of the plan, less the years that hosts and unassisted refugees lose to them", 1),
    ("jobs_gross", "persons", "Owners and members at work in financed projects, and those placed, at the end of the plan", 1),
    ("jobs_net", "persons", "Owners and members at work and those placed, at the end of the plan, less the livelihoods that hosts and unassisted refugees lose to them", 1),
    ("share_neediest_served", "share", "Of the projects opened during the plan, those of the neediest fifth of applicants", 1),
    ("neediest_still_open", "share", "Of the plan's projects that are open at its end, those of the neediest fifth of applicants", 1),
    ("concentration", "index", "Erreygers' index of being open at the end over need at entry, among the plan's projects: above zero it favours the needy", 1),
    ("self_reliant_households", "households", "Households once served that live above basic cost without aid, at the end", 1),
    ("income_served", "MAD 2016/month", "Mean income of households once served, last year of the plan", 1),
    ("trained", "courses", "Courses completed during the plan", 1),
    ("placed", "placements", "Placements in formal work by the desk and a partner during the plan", 1),
    ("in_formal_work", "persons", "Adults in formal work at the end of the plan", 1),
    ("in_cooperatives", "persons", "Members of registered cooperatives at the end of the plan", 1),
    ("rural_projects", "projects", "Financed projects open in rural zones at the end of the plan", 0),
    ("durable_solutions", "persons", "Resettled or returned home during the plan", 0),
    ("waiting_months", "months", "Mean time from application to opening, of the plan's projects", -1),
    ("places_unfilled", "projects", "Places funded and staffed, carried over from month to month, for which nobody who may be selected waits: mean of the last year", 0),
    ("hours_used", "hours", "Adviser hours spent with projects during the plan", 0),
    ("waiting", "persons", "Persons who wait at the end of the plan", -1),
    ("hours_missing", "hours", "Adviser hours that were missing during the plan", -1),
    ("spent", "MAD 2016", "Money spent during the plan", -1),
    ("spent_discounted", "MAD 2016", "Money spent during the plan, worth at its start", -1),
    ("cost_per_project", "MAD 2016", "Money spent during the plan per project opened during it", -1),
    ("cost_per_livelihood_year", "MAD 2016", "Money spent during the plan per livelihood year: a year at work, during the plan, of an owner or member of a financed project or of somebody placed", -1),
    ("cost_per_net_job", "MAD 2016", "Money spent during the plan per net livelihood year, not per job: a livelihood year (a year at work of an owner, a member or somebody placed) net of the years that hosts and unassisted refugees lose", -1),
    ("cost_per_live_business", "MAD 2016", "Money spent during the plan per project that opened during it and is open at its end", -1),
)
"""The outcomes of a plan by name, in the order in which they are shown."""

RATIOS = {
    "cost_per_project": ("spent", "projects_started"),
    "cost_per_livelihood_year": ("spent", "livelihood_years"),
    "cost_per_net_job": ("spent", "net_livelihood_years"),
    "cost_per_live_business": ("spent", "begun_and_open"),
}
"""Outcomes that are one outcome per another: over runs, their mean is the ratio of those two means."""

HEADLINE = (
    "live_businesses",
    "projects_started",
    "people_served",
    "survival_3y",
    "share_neediest_served",
    "self_reliant_households",
    "income_served",
    "livelihood_years",
    "jobs_net",
    "trained",
    "placed",
    "in_cooperatives",
    "waiting",
    "places_unfilled",
    "waiting_months",
    "spent",
    "cost_per_livelihood_year",
)
"""The outcomes that a terminal shows; the report, the tables and JSON have all."""

MONTHLY = tuple(columns(Month))
"""The outcomes of every month."""

KEPT = (
    "live_businesses",
    "projects_started",
    "people_served",
    "active_share",
    "waiting",
    "persons_present",
    "self_reliant_households",
    "income_served",
    "jobs_gross",
    "displaced",
    "in_cooperatives",
    "in_formal_work",
    "spent",
)
"""Those that are kept of every run of a study; the others take its full traces."""
