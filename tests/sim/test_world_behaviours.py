"""Behaviours of one's own: they join the months of a Mesa world, write what they may, and have luck of their own."""

from __future__ import annotations

from typing import Any

import pytest
from mesa_worlds import MONTHS, full_world, world
from worlds import toy_country, toy_params, toy_policy

from idmaj.sim import UserError, World
from idmaj.sim.kinds import Activity, Departure, Ending, Origin, Standing, Status, Training
from idmaj.sim.luck import Stream, uniforms
from idmaj.sim.world import FIRST_OWN_STREAM, Business, Cooperative, Household, Niche, Partner, Person, Place


@pytest.fixture
def young() -> World:
    found = world()
    found.run(20)
    return found


def test_behaviours_come_before_and_after_the_month_in_order() -> None:
    found, calls = world(), []
    found.add_behaviour(lambda w: calls.append(("late", w.month, w.history.months)))
    found.add_behaviour(lambda w: calls.append(("early", w.month, w.history.months)), when="start")
    assert found.add_behaviour(lambda w: calls.append(("later", w.month, w.history.months))) is not None
    found.run(2)
    order = [[("early", m, m), ("late", m, m + 1), ("later", m, m + 1)] for m in (0, 1)]
    assert calls == order[0] + order[1]
    with pytest.raises(UserError, match="accepted: 'start' or 'end'"):
        found.add_behaviour(print, when="noon")


def test_what_a_behaviour_writes_at_the_start_is_lived_on() -> None:
    found, plain = world(), world()

    def gift(w: World) -> None:
        if w.month == 5:
            w.agents_by_type[Household].set("purse", 1e5)

    found.add_behaviour(gift, when="start")
    found.run(12)
    plain.run(12)
    assert found.history.monthly[:5].tobytes() == plain.history.monthly[:5].tobytes()
    assert found.outcome("live_unassisted") > plain.outcome("live_unassisted")


def test_the_ways_named_to_close_a_business_let_a_household_go_and_recognise_one(young: World) -> None:
    business = young.agents_by_type[Business].select(lambda b: b.forced_wear < 0.5 * b.forced_resilience)[0]
    leaver = young.agents_by_type[Household].select(lambda h: h.business < 0 and h.origin != Origin.SYR)[0]
    seeker = young.agents_by_type[Household].select(lambda h: h.status == Status.ASYLUM_SEEKER)[-1]
    business.resilience = leaver.leave_left = seeker.recognition_left = 0.0
    young.step()
    assert business.ending in (Ending.FAILED, Ending.OWNER_LEFT) and business not in young.agents
    assert leaver.departure != Departure.PRESENT and leaver not in young.agents and leaver.left == 20
    assert seeker.status == Status.REFUGEE and seeker.recognised == 20


def test_the_ways_named_to_find_work_end_a_course_leave_a_room_and_part_with_a_partner() -> None:
    found = full_world()
    found.run(29)
    seeker = found.agents_by_type[Person].select(lambda person: person.activity == Activity.IDLE)[0]
    lucky = found.agents_by_type[Person].select(lambda person: person.activity == Activity.CASUAL_WORK)[0]
    owner = found.agents_by_type[Person].select(lambda person: person.activity == Activity.OWN_BUSINESS)[0]
    trainee = found.agents_by_type[Person].select(lambda person: person.activity == Activity.TRAINING)[0]
    tenant = found.agents_by_type[Business].select(lambda business: business.incubator >= 0)[0]
    broken = found.agents_by_type[Cooperative].select(lambda one: one.standing == Standing.REGISTERED)[0]
    partner = found.agents_by_type[Partner][0]
    stays = seeker.home, lucky.home, owner.home, trainee.home, tenant.home
    for home in stays:
        home.leave_left = 10.0
    seeker.turns = lucky.offer = owner.turns = owner.offer = 0.0
    trainee.training_ends = tenant.graduates = 0
    broken.governance = partner.resilience = 0.0
    found.step()
    assert seeker.activity == Activity.CASUAL_WORK and lucky.activity == Activity.FORMAL_WORK
    assert owner.activity == Activity.OWN_BUSINESS or owner.open_business is None
    assert trainee.training in (Training.DONE, Training.DROPPED_OUT)
    assert tenant.incubator == -1 and tenant.graduates == 0
    assert broken.standing == Standing.BROKEN and broken not in found.agents
    assert partner.withdrawn == 29 and partner.weight == 0.0
    assert found.outcome("in_formal_work") == (found.column(Person, "activity") == Activity.FORMAL_WORK).sum()


def test_numbers_that_turn_into_none_are_named() -> None:
    found = world()

    def spoil(w: World) -> None:
        home = w.agents_by_type[Household][0]
        home.mean_income = home.basic_cost = float("-inf")

    found.add_behaviour(spoil, when="start")
    with pytest.raises(UserError, match=r"Household\.\w+: not a number in row 0 after month 0"):
        found.step()
    assert found.month == found.history.months == 1, "the month was lived"


def test_an_own_luck_is_the_models_function_on_a_stream_of_its_own(young: World) -> None:
    person, business = young.agents_by_type[Person][3], young.agents_by_type[Business][0]
    expected = uniforms((1, 0, 0), person.page, 1000, 20, 4)
    assert young.luck_of(person, 1000, 4) == expected
    assert young.luck_of(business, 1000) == young.luck_of(business.owner, 1000)
    lucks = {
        young.luck_of(agent, stream) for agent in young.agents.select(agent_type=Person) for stream in (1000, 1001)
    }
    assert len(lucks) == 2 * len(young.agents_by_type[Person])
    assert young.luck_of(young.agent(Place, 0), 1000) != young.luck_of(young.agent(Niche, 0), 1000)
    other = world(seed=1, advisers_number=9.0)
    other.run(20)
    assert other.luck_of(other.agent(Person, person.row), 1000, 4) == expected
    young.step()
    assert young.luck_of(person, 1000, 4) != expected


@pytest.mark.parametrize("stream", [0, Stream.TRADING, 999, 65536, -1, 1000.0])
def test_the_models_streams_are_not_for_others(young: World, stream: Any) -> None:
    assert max(Stream) < FIRST_OWN_STREAM
    with pytest.raises(UserError, match="accepted: 1000 to 65535"):
        young.luck_of(young.agent(Person, 0), stream)


def test_a_month_and_its_behaviours_have_the_same_luck() -> None:
    found, lucks = world(), []
    for when in ("start", "end"):
        found.add_behaviour(lambda w: lucks.append(w.luck_of(w.agent(Person, 0), 1000)), when)
    found.run(2)
    assert lucks[0] == lucks[1] != lucks[2] == lucks[3]


def test_a_crowd_costs_what_changes() -> None:
    """Only rows that are new become agents: the same windows are there after a step."""
    found = World(toy_params(), toy_policy(MONTHS, toy_country(persons=3000.0)))
    before = {agent.row: agent for agent in found.agents_by_type[Person]}
    ids = max(agent.unique_id for agent in found.agents)
    found.step()
    for agent in found.agents_by_type[Person]:
        assert before.get(agent.row, agent) is agent
        assert (agent.unique_id > ids) == (agent.row not in before)
