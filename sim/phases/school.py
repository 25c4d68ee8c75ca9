"""Courses for the less-trained: seats given, courses completed or broken off."""

from __future__ import annotations

from ..kinds import Account, Activity, Departure, File, Training
from ..luck import Stream, spell_fates
from ..rule import part
from ..rules.money import covers, with_overhead
from ..rules.selection import promise
from ..rules.training import begin_course, course_cost, end_course, less_trained
from ..state import Desk, Scene, State
from .books import free_funds, pay
from .endings import new_spell
from .order import put_in_order


@part
def attend(state: State, scene: Scene, luck: tuple[int, int, int], desk: Desk, month: int) -> None:
    """End the courses that are over, then give free seats to those with the least skill."""
    tally, outcome = state.tally[0], state.monthly[month]
    kept = 0
    for index in range(tally.trainees):
        row = state.trainees[index]
        person = state.persons[row]
        here = state.families[person.household].departure == Departure.PRESENT
        if here and person.training_ends > month:
            state.trainees[kept] = row
            kept += 1
        else:
            leave_course(state, scene, luck, row, here, month)
    tally.trainees = kept
    fill_seats(state, scene, luck, desk, month)
    outcome.in_training = tally.trainees


@part
def leave_course(state: State, scene: Scene, luck: tuple[int, int, int], row: int, here: bool, month: int) -> None:
    """End one adult's course: completed or broken off; it searches for work again."""
    person, worker = state.persons[row], state.workers[row]
    now, p = scene.settings[month], scene.params[0]
    if not here:
        person.drops_out = 1
    _, match = spell_fates(luck, worker.page, Stream.PERSON_COURSE, person.applications)
    end_course(person, match < now.training_matched_share, p)
    if person.training == Training.DONE:
        state.monthly[month].trained += 1
        person.promise = promise(person, p)
    else:
        state.monthly[month].dropped_out += 1
    if here and worker.activity == Activity.TRAINING:
        place = state.places[state.households[person.household].place]
        new_spell(state.tally[0], worker, place, luck, Activity.IDLE, month, now, p)


@part
def fill_seats(state: State, scene: Scene, luck: tuple[int, int, int], desk: Desk, month: int) -> None:
    """Give free seats to the less-trained who wait, lowest skill first, as far as money goes."""
    tally, now, p = state.tally[0], scene.settings[month], scene.params[0]
    if now.training_seats < 1.0:
        return
    count = 0
    for index in range(tally.waiting):
        row = state.waiting[index]
        person = state.persons[row]
        if person.training == Training.NEEDED and state.workers[row].activity != Activity.FORMAL_WORK:
            card = desk.cards[count]
            card.row = row
            card.key = -person.trade_skill
            card.lot = person.lot
            count += 1
    put_in_order(desk.cards, count)
    free = max(0, int(now.training_seats) - int(tally.trainees))
    given = 0
    for place in range(min(free, count)):
        if not covers(free_funds(state, scene, month), with_overhead(course_cost(now, p), p)):
            break
        enrol(state, scene, luck, desk.cards[desk.cards[place].order].row, month)
        given += 1
    state.monthly[month].seats_unfilled = free - given


@part
def enrol(state: State, scene: Scene, luck: tuple[int, int, int], row: int, month: int) -> None:
    """Give one adult a seat; until its course ends it does nothing else."""
    person, worker = state.persons[row], state.workers[row]
    now, p, tally = scene.settings[month], scene.params[0], state.tally[0]
    pay(state, scene, month, Account.TRAINING, course_cost(now, p))
    begin_course(person, spell_fates(luck, worker.page, Stream.PERSON_COURSE, person.applications)[0], month, now, p)
    place = state.places[state.households[person.household].place]
    new_spell(tally, worker, place, luck, Activity.TRAINING, month, now, p)
    state.trainees[tally.trainees] = row
    tally.trainees += 1
    state.monthly[month].courses_begun += 1


@part
def find_training_need(state: State, scene: Scene, row: int, month: int) -> None:
    """Write down for an applicant whether it is less-trained; a course done or broken off stays so."""
    person = state.persons[row]
    if person.file == File.WAITING and person.training <= Training.NEEDED:
        person.training = Training.NEEDED if less_trained(person, scene.settings[month]) else Training.NOT_NEEDED
