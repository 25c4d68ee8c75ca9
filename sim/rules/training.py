"""Training for the less-trained, in the trade they will exercise."""

from __future__ import annotations

from ..kinds import Training
from ..params import Params
from ..records import Person
from ..rule import rule
from ..settings import Settings


@rule
def less_trained(person: Person, now: Settings) -> bool:
    """Say whether an applicant counts as less-trained, by skill and by schooling, and never had a course."""
    if person.training == Training.DONE or person.training == Training.DROPPED_OUT:  # noqa: PLR1714
        return False
    return person.trade_skill < now.training_skill_below and person.schooling <= now.training_schooling_at_most


@rule
def begin_course(person: Person, luck: float, month: int, now: Settings, p: Params) -> None:
    """Begin a course; a share of trainees drops out half-way."""
    person.training = Training.ATTENDING
    person.drops_out = 1 if luck < p.training_drop_out else 0
    half = int(0.5 * (now.training_months + 1))
    person.training_ends = month + (half if person.drops_out else now.training_months)


@rule
def end_course(person: Person, matches: bool, p: Params) -> None:
    """End a course: who stayed gains part of the skill still missing, less where it was another trade's.

    Because training moved profits by 5-10 % (E015) and survival little (E018), which here follows from profit.
    """
    if person.drops_out:
        person.training = Training.DROPPED_OUT
        return
    person.training = Training.DONE
    gain = p.training_gain * (1.0 if matches else p.training_unmatched)
    person.trade_skill += gain * (1.0 - person.trade_skill)


@rule
def course_cost(now: Settings, p: Params) -> float:
    """Return what a course costs, its stipend included; MAD 2016."""
    return p.training_seat_cost + now.training_stipend_mad * now.training_months


@rule
def ready(person: Person, now: Settings) -> bool:
    """Say whether an applicant may be selected: not while in a course, nor before it where training comes first."""
    if person.training == Training.ATTENDING:
        return False
    return not (now.training_before_start and now.training_seats >= 1.0 and person.training == Training.NEEDED)
