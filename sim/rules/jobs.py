"""Formal work: who is offered it, whom the desk can place, and what a subsidy adds."""

from __future__ import annotations

from ..kinds import Activity
from ..params import Params
from ..records import Person, Worker
from ..rule import rule
from ..settings import Settings


@rule
def employability(person: Person) -> float:
    """Return the chance that an employer takes an adult who holds a permit, by schooling and language; 0 to 1.

    Because formal employers ask for both (L018 R126-R129); the weights are judgement.
    """
    return 0.2 + 0.4 * min(person.schooling, 16.0) / 16.0 + 0.4 * person.language


@rule
def see_employer(worker: Worker, person: Person, permit: bool, p: Params) -> None:
    """Set an adult's chance with an employer: much lower without a permit."""
    worker.employable = employability(person) * (1.0 if permit else p.formal_without_permit)


@rule
def offer_hazard(activity: int, employable: float, work_factor: float, now: Settings, p: Params) -> float:
    """Return the hazard of an offer of formal work, of those who search or work casually; per month.

    Because before 2013 formal work was refused to refugees (W005), and some 50 a year found it later (L020 L022).
    """
    if activity != Activity.IDLE and activity != Activity.CASUAL_WORK:  # noqa: PLR1714 - numba compares, no more
        return 0.0
    if now.law_formal_work == 0:
        return 0.0
    return p.formal_offer * 2.0 * employable * work_factor * now.shock_formal_factor


@rule
def oriented_to_job(person: Person, now: Settings) -> bool:
    """Say whether an applicant is oriented to the job desk: the employable and the inclined."""
    return person.wish < now.orientation_job_share * 2.0 * employability(person)


@rule
def placements(brokers: float, now: Settings, p: Params) -> float:
    """Return how many the brokers can place in a month without a subsidy; persons (L020 L022)."""
    return brokers * p.placements_per_broker * now.shock_formal_factor * now.law_formal_work


@rule
def subsidised(capacity: float, now: Settings, p: Params) -> float:
    """Return how many more a subsidy lets them place; persons. Because vouchers placed many and kept few (E021)."""
    return capacity * p.subsidy_placements * now.jobs_subsidy_share


@rule
def subsidy(now: Settings, p: Params) -> float:
    """Return what the subsidy of one placement costs, over all its months; MAD 2016."""
    return p.formal_wage * now.jobs_subsidy_share * now.jobs_subsidy_months
