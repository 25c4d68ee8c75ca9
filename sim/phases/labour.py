"""The labour market: what changes for all at once, and placements by the desk, a subsidy and a partner."""

from __future__ import annotations

from ..kinds import Account, Activity, File, Track
from ..luck import ONCE, Stream, uniforms
from ..population import permit_held, row_of_year
from ..records import Household, Place, Worker
from ..rule import part
from ..rules.jobs import offer_hazard, placements, see_employer, subsidised, subsidy
from ..rules.money import covers, with_overhead
from ..rules.partner import guaranteed
from ..rules.work import work_hazard
from ..settings import Settings
from ..state import Desk, Scene, State
from .books import free_funds, pay
from .desk import still_on_file
from .endings import close_file, new_spell, rescale
from .order import put_in_order


@part
def reckon(state: State, scene: Scene, luck: tuple[int, int, int], month: int) -> None:
    """Where permits, the law or a shock change the chances of work, reckon anew when every spell ends."""
    if month == 0 or not conditions_changed(scene, month):
        return
    for index in range(state.tally[0].present):
        row = state.present[index]
        household = state.households[row]
        permit = permit_held(household, state.families[row], scene.permit_share, month)
        for member in range(household.first_person, household.first_person + household.adults):
            reckon_spell(state, scene, luck, member, household, permit, month)


@part
def conditions_changed(scene: Scene, month: int) -> bool:
    """Say whether permits, the law or shocks to work differ from those of the month before."""
    now, before = scene.settings[month], scene.settings[month - 1]
    if now.law_formal_work != before.law_formal_work or now.shock_formal_factor != before.shock_formal_factor:
        return True
    if now.shock_finding_factor != before.shock_finding_factor:
        return True
    if now.shock_losing_factor != before.shock_losing_factor:
        return True
    year, last = row_of_year(month, len(scene.permit_share)), row_of_year(month - 1, len(scene.permit_share))
    for origin in range(scene.permit_share.shape[1]):
        if scene.permit_share[year, origin] != scene.permit_share[last, origin]:
            return True
    return False


@part
def reckon_spell(
    state: State, scene: Scene, luck: tuple[int, int, int], row: int, household: Household, permit: bool, month: int
) -> None:
    """Stretch what is left of an adult's spell by the ratio of hazards; an offer newly possible is dealt."""
    now, before, p = scene.settings[month], scene.settings[month - 1], scene.params[0]
    worker, place = state.workers[row], state.places[household.place]
    offers_before = hazard_of_offers(worker, place, before, scene)
    see_employer(worker, state.persons[row], permit, p)
    offers = hazard_of_offers(worker, place, now, scene)
    ends_before = work_hazard(worker.activity, worker.ease, place.work_factor, before, p)
    ends = work_hazard(worker.activity, worker.ease, place.work_factor, now, p)
    rescale(worker, luck, (ends_before, ends), (offers_before, offers), month)


@part
def hazard_of_offers(worker: Worker, place: Place, now: Settings, scene: Scene) -> float:
    """Return an adult's hazard of an offer of formal work under the settings of a month; per month."""
    return offer_hazard(worker.activity, worker.employable, place.work_factor, now, scene.params[0])


@part
def place_seekers(state: State, scene: Scene, luck: tuple[int, int, int], desk: Desk, month: int) -> None:
    """Place those oriented to a job: the desk by employability, a subsidy further ones, a partner by lot."""
    tally, now, p = state.tally[0], scene.settings[month], scene.params[0]
    partner = state.partner[0]
    own = placements(tally.brokers_paid, now, p)
    more = subsidised(own, now, p)
    most = max(1.0, 3.0 * (own + more)) if own + more > 0.0 else 0.0
    tally.placement_credit = min(tally.placement_credit + own + more, most)
    partner.jobs_credit = min(partner.jobs_credit + guaranteed(partner, now), 1.0 + now.partner_jobs_per_year / 4.0)
    if partner.weight <= 0.0:
        partner.jobs_credit = 0.0
    by_desk = int(tally.placement_credit + 1e-9)
    wanted = by_desk + int(partner.jobs_credit + 1e-9)
    if wanted == 0:
        return
    count = order_seekers(state, desk)
    done = 0
    price = with_overhead(subsidy(now, p), p)
    share = more / (own + more) if own + more > 0.0 else 0.0
    for place in range(min(wanted, count)):
        row = desk.cards[desk.cards[place].order].row
        by_partner = place >= by_desk
        supported = False
        if not by_partner and now.jobs_subsidy_share > 0.0:
            if not covers(free_funds(state, scene, month), price):
                break
            pay(state, scene, month, Account.SUBSIDY, subsidy(now, p))
            supported = uniforms(luck, state.workers[row].page, Stream.PERSON_COURSE, month, ONCE)[0] < share
        take_job(state, scene, luck, row, supported, month)
        if by_partner:
            partner.jobs_credit = max(0.0, partner.jobs_credit - 1.0)
        else:
            tally.placement_credit = max(0.0, tally.placement_credit - 1.0)
        done += 1
    still_on_file(state)
    state.monthly[month].placed = done
    state.monthly[month].placements_unfilled = wanted - done


@part
def order_seekers(state: State, desk: Desk) -> int:
    """Put those oriented to a job in order, the most employable first, ties by lot; return how many they are."""
    count = 0
    for index in range(state.tally[0].waiting):
        row = state.waiting[index]
        person = state.persons[row]
        busy = state.workers[row].activity > Activity.CASUAL_WORK
        if person.track != Track.JOB or person.file != File.WAITING or busy:
            continue
        card = desk.cards[count]
        card.row = row
        card.key = state.workers[row].employable
        card.lot = person.lot
        count += 1
    put_in_order(desk.cards, count)
    return count


@part
def take_job(state: State, scene: Scene, luck: tuple[int, int, int], row: int, supported: bool, month: int) -> None:
    """Place an adult in formal work from next month on; a placement owed to a subsidy ends with it (E021)."""
    now, p, tally, worker = scene.settings[month], scene.params[0], state.tally[0], state.workers[row]
    place = state.places[state.households[state.persons[row].household].place]
    new_spell(tally, worker, place, luck, Activity.FORMAL_WORK, month + 1, now, p)
    worker.placed = 1
    tally.placed += 1
    if supported:
        worker.turns = min(worker.turns, month + now.jobs_subsidy_months)
    close_file(state, p, luck, row)
