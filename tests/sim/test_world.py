"""Mesa's face: the same months, and agents that are rows."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import pytest
from mesa_worlds import EVENTFUL, FULL, MONTHS, full_policy, full_world, world
from worlds import difference, tables_of, toy_params, toy_policy

from idmaj.sim import Luck, UserError, World, resume, simulate
from idmaj.sim import records as tables
from idmaj.sim.kinds import Departure, Ending, Standing, Trade
from idmaj.sim.outcomes import Month
from idmaj.sim.rules.cooperate import trade_group
from idmaj.sim.state import ROOMS
from idmaj.sim.table import columns
from idmaj.sim.windows import COUNTED, INSTEAD, KINDS
from idmaj.sim.world import (
    Business,
    Cooperative,
    Household,
    Incubator,
    Niche,
    Partner,
    Person,
    Place,
    Window,
)

CROWDED = {"failure_level": 6.0, "self_start_rate": 3.0, "self_start_capital": 0.0, "application_rate": 0.0}


@pytest.fixture(scope="module")
def full() -> World:
    """Return a world in which everything went on, at the end of its policy: not to be written to."""
    found = full_world()
    found.run(MONTHS)
    return found


@pytest.fixture(scope="module")
def lived() -> World:
    """Return a world at the end of its policy, to be looked at and not to be written to."""
    found = world()
    found.run(MONTHS)
    return found


@pytest.fixture
def young() -> World:
    found = world()
    found.run(20)
    return found


# The same months


@pytest.mark.parametrize("luck", [Luck(), Luck(7, 2, 3)])
def test_world_and_simulate_end_in_the_same_bytes(luck: Luck) -> None:
    params, policy = toy_params(**EVENTFUL), toy_policy(MONTHS)
    stepped = World(params, policy, luck.seed, replication=luck.replication, draw=luck.draw)
    for month in range(1, MONTHS + 1):
        stepped.step()
        if month in (1, 12, MONTHS):
            once = simulate(params, policy, luck, month)
            assert not difference(tables_of(stepped.history), tables_of(once))
            assert stepped.history.fingerprint == once.fingerprint
            assert stepped.history.provenance() == once.provenance()


def test_the_same_bytes_with_every_mechanism_at_work(full: World) -> None:
    once = simulate(toy_params(**FULL), full_policy(), Luck(), MONTHS)
    assert not difference(tables_of(full.history), tables_of(once))
    half = full_world()
    half.run(17)
    again = resume(half.history, full_policy(), MONTHS)
    assert not difference(tables_of(again), tables_of(once))
    at_work = ("trained", "placed", "in_cooperatives", "cooperatives_ended", "ended_joined", "rooms_taken")
    at_work += ("rural_projects", "carriers_paid", "partner_weight", "households_aided", "treatments", "legal_permits")
    sums = {name: once.monthly[name].sum() for name in at_work}
    assert all(sums.values()), sums
    assert once.monthly.branches_open.max() > 1


def test_tables_that_grow_change_neither_bytes_nor_agents() -> None:
    found = world(90, params=CROWDED)
    room = len(found._lived.state.businesses)
    found.run(40)
    oldest = found.agent(Business, 0)
    opened, resident = oldest.opened, found.agents_by_type[Household][0]
    found.run(50)
    assert len(found._lived.state.businesses) > room, "nothing grew: this would prove nothing"
    assert not difference(
        tables_of(found.history), tables_of(simulate(toy_params(**CROWDED), toy_policy(90), Luck(), 90))
    )
    assert found.agent(Business, 0) is oldest and oldest.opened == opened
    resident.purse = 1234.5
    assert found.history.households.purse[resident.row] == 1234.5


def test_the_history_is_a_copy_that_can_be_resumed(young: World) -> None:
    history = young.history
    before = history.fingerprint
    young.step()
    young.agents_by_type[Household][0].purse = 1e6
    again = resume(history, toy_policy(MONTHS), MONTHS)
    assert history.months == 20 and young.history.months == 21
    assert simulate(toy_params(**EVENTFUL), toy_policy(MONTHS), Luck(), 20).fingerprint == before
    assert again.fingerprint == simulate(toy_params(**EVENTFUL), toy_policy(MONTHS), Luck(), MONTHS).fingerprint


def test_mesas_generators_and_the_global_ones_are_nobodys_luck() -> None:
    ends = []
    for noise in (1, 2):
        random.seed(noise)
        np.random.seed(noise)
        found = world()
        found.add_behaviour(lambda w, noise=noise: [w.random.random() for _ in range(noise)])
        found.add_behaviour(lambda w, noise=noise: w.rng.random(noise), when="start")
        found.agents.shuffle(inplace=True)
        found.run(MONTHS)
        ends.append(tables_of(found.history))
    assert not difference(*ends)
    assert difference(ends[0], tables_of(simulate(toy_params(**EVENTFUL), toy_policy(MONTHS), Luck(2), MONTHS)))


def test_it_ends_with_the_policy(lived: World) -> None:
    assert lived.month == MONTHS and not lived.running
    with pytest.raises(UserError, match=f"ends after {MONTHS}"):
        lived.step()
    with pytest.raises(UserError, match="seed"):
        world(seed=-1)
    short = world(3)
    short.run_model()
    assert short.month == 3


# Agents


def present(history: Any) -> dict[type[Window], Any]:
    here = history.families.departure == Departure.PRESENT
    return {
        Place: np.arange(len(history.state.places)),
        Niche: np.arange(len(history.state.niches)),
        Household: np.flatnonzero(here),
        Person: np.flatnonzero(here[history.persons.household]),
        Business: np.flatnonzero(history.businesses.ending == Ending.OPEN),
        Cooperative: np.flatnonzero(history.cooperatives.standing <= Standing.REGISTERED),
        Incubator: np.flatnonzero(history.state.incubators.rooms > 0),
        Partner: np.zeros(1, int),
    }


@pytest.mark.parametrize("make", [world, full_world])
def test_agents_are_those_who_are_there_every_month(make: Callable[[], World]) -> None:
    found = make()
    went = 0
    for _ in range(MONTHS):
        there = present(found.history)
        assert there.keys() == set(KINDS)
        for kind, rows in there.items():
            assert [agent.row for agent in found.agents_by_type[kind]] == rows.tolist()
        assert len(found.agents) == sum(map(len, there.values()))
        found.step()
        went += found.history.monthly.ended_failed[-1] > 0
    assert went > 3 and len(there[Person]) < found.rows(Person)


def test_agents_that_come_and_go(full: World) -> None:
    """Cooperatives end for good; an incubator without rooms is none, and one that has rooms again is."""
    assert 0 < len(full.agents_by_type[Cooperative]) < full.rows(Cooperative)
    counts, found = [], full_world()
    found.add_behaviour(lambda w: counts.append([agent.row for agent in w.agents_by_type[Incubator]]))
    found.run(6)
    assert counts[0] == counts[1] == counts[4] == [0, 1]
    assert found.agents_by_type[Partner][0].weight == 0.5
    assert len(world().agents_by_type[Partner]) == 1 and not world().agents_by_type[Incubator]


def test_a_window_for_every_table_of_agents() -> None:
    ours = {name: record for kind in KINDS for name, record in kind.tables.items()}
    assert ours == {name: record for name, record in ROOMS.items() if name not in {"tally", "monthly"}}


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_read_as_it_stands(full: World, kind: type[Window]) -> None:
    for name, record in kind.tables.items():
        table = tables_of(full.history)[name]
        for row in {0, len(table) // 2, len(table) - 1}:
            agent = full.agent(kind, row)
            for column, described in columns(record).items():
                value = getattr(agent, column)
                assert value == table[column][row]
                assert type(value) is (described.kind or {"i": int, "f": float}[table[column].dtype.kind])
                assert getattr(kind, column).__doc__.startswith(described.meaning)
    assert list(kind.columns) == [column for record in kind.tables.values() for column in columns(record)]


def test_what_is_written_stands_in_the_table(young: World) -> None:
    business, person = young.agents_by_type[Business][0], young.agents_by_type[Person][0]
    business.wear += 0.25
    business.trade = Trade.FOOD
    business.low_months = np.int64(1)
    person.trade = Trade.RETAIL.value
    person.wage = 700
    person.home.aid = 50
    person.home.legal_help = 1
    history = young.history
    assert history.businesses.wear[business.row] == business.wear >= 0.25
    assert business.trade is Trade.FOOD and history.businesses.trade[business.row] == Trade.FOOD
    assert history.businesses.low_months[business.row] == 1
    assert person.trade is Trade.RETAIL and history.persons.trade[person.row] == Trade.RETAIL
    assert history.workers.wage[person.row] == 700.0
    assert history.households.aid[person.household] == 50.0 and history.families.legal_help[person.household] == 1


def test_what_is_written_of_the_new_kinds_stands_in_the_table() -> None:
    found = full_world()
    found.run(20)
    one = found.agents_by_type[Cooperative][0]
    one.governance, found.agents_by_type[Partner][0].jobs_credit = 0.9, 3.0
    assert found.history.cooperatives.governance[one.row] == 0.9
    assert found.history.state.partner.jobs_credit[0] == 3.0
    for agent, name in [
        (one, "members"), (one, "standing"), (found.agent(Partner, 0), "withdrawn"),
        (found.agent(Incubator, 0), "tenants"), (found.agent(Business, 0), "hands"),
        (found.agent(Person, 0), "activity"),
    ]:  # fmt: skip
        with pytest.raises(UserError, match=f"{name}: lists, counts or luck of the model go by it"):
            setattr(agent, name, 1)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("trade", 9, "Business.trade: found 9; accepted: Trade.FOOD, "),
        ("trade", Ending.FAILED, "accepted: Trade.FOOD"),
        ("trade", "FOOD", "accepted: Trade.FOOD"),
        ("trade", 1.5, "accepted: Trade.FOOD"),
        ("low_months", 1.5, "accepted: a whole number"),
        ("low_months", float("nan"), "accepted: a whole number"),
        ("wear", float("nan"), "Business.wear: found nan; accepted: a number"),
        ("wear", None, "accepted: a number"),
        ("ending", Ending.FAILED, "set resilience to 0"),
        ("household", 3, "cannot be written"),
    ],
)
def test_what_no_column_accepts_is_refused(young: World, column: str, value: Any, message: str) -> None:
    business = young.agents_by_type[Business][0]
    before = young.history.fingerprint
    with pytest.raises(UserError, match=message):
        setattr(business, column, value)
    assert young.history.fingerprint == before


@pytest.mark.parametrize(
    ("name", "hint"), [("weer", "did you mean 'wear'"), ("owner", "'owner' to write$"), ("row", "no column 'row'")]
)
def test_a_misspelt_attribute_is_an_error(lived: World, name: str, hint: str) -> None:
    business = lived.agent(Business, 0)
    with pytest.raises(AttributeError, match=hint):
        setattr(business, name, 1)
    with pytest.raises(AttributeError):
        business.weer  # noqa: B018
    assert business.row == 0


def test_columns_that_are_counted_are_columns() -> None:
    assert {name for kind in KINDS for name in kind.columns} >= COUNTED
    assert INSTEAD.keys() <= COUNTED


def test_a_kind_whose_column_hides_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Twice\.place is a column and something else"):
        type("Twice", (Window,), {"tables": {"niches": tables.Niche}, "place": 3})


def test_a_kind_may_stand_in_two_tables() -> None:
    both = type("Both", (Window,), {"tables": {"places": tables.Place, "niches": tables.Niche}})
    assert both.columns == columns(tables.Place) | columns(tables.Niche)
    assert both.hosts.place == ("niches", "hosts") and both.distance_km.place == ("places", "distance_km")


def test_links_lead_where_the_numbers_point(lived: World) -> None:
    for business in lived.agents_by_type[Business]:
        assert business.owner in business.home.members and business.owner is business.owners[0]
        assert business.home.open_business is business.owner.open_business is business
        assert business.market.town is business.town is business.home.town
    shared = lived.agents_by_type[Business].select(lambda business: business.second_owner >= 0)
    assert shared and all(owner.open_business is business for business in shared for owner in business.owners)
    assert all(person in person.home.members for person in lived.agents_by_type[Person])
    idle = lived.agents_by_type[Household].select(lambda household: household.business < 0)
    assert idle[0].open_business is None and idle[0].members[0].open_business is None
    assert (
        lived.agent(Place, 1).name == "Near"
        and lived.agent(Person, 0).market.place == lived.agent(Person, 0).home.place
    )
    gone = lived.agent(Business, int(np.argmax(lived.column(Business, "ending") == Ending.FAILED)))
    assert gone not in lived.agents and gone.ending is Ending.FAILED and gone.owner.row == gone.person


def test_links_of_cooperatives_incubators_and_moves_to_the_country(full: World) -> None:
    for cooperative in full.agents_by_type[Cooperative]:
        people = cooperative.people
        assert len(people) == cooperative.members > 0
        assert all(person.joined is cooperative and trade_group(person.trade) == cooperative.group for person in people)
        assert all(person.home.town is cooperative.town for person in people)
        if cooperative.standing == Standing.FORMING:
            assert cooperative.enterprise is None
        else:
            assert cooperative.enterprise.joint is cooperative and cooperative.enterprise.owner in people
            assert cooperative.enterprise.hands == cooperative.members
    ended = full.agent(Cooperative, int(np.argmax(full.column(Cooperative, "standing") > Standing.REGISTERED)))
    assert ended not in full.agents and not ended.people
    assert any(full.agents_by_type[Incubator].get("tenants"))
    for incubator in full.agents_by_type[Incubator]:
        assert len(incubator.projects) == incubator.tenants
        assert all(business.host is incubator and business.town is incubator.town for business in incubator.projects)
    alone = full.agents_by_type[Business].select(lambda business: business.cooperative < 0 > business.incubator)[0]
    assert alone.joint is alone.host is alone.owner.joined is None
    assert any(business.town.rural and business.home.town.rural for business in full.agents_by_type[Business])


def test_a_row_that_never_was_is_refused(lived: World) -> None:
    for row in (-1, lived.rows(Business)):
        with pytest.raises(UserError, match="accepted: 0 to"):
            lived.agent(Business, row)


def test_a_column_is_for_reading_only(lived: World) -> None:
    with pytest.raises(ValueError, match="read-only"):
        lived.column(Household, "purse")[0] = 1.0
    assert (lived.column(Household, "purse") == lived.history.households.purse).all()


# Mesa's own tools


def test_select_agg_groupby_and_sort_work(lived: World) -> None:
    businesses, table = lived.agents_by_type[Business], lived.history.businesses
    is_open = table.ending == Ending.OPEN
    assert set(lived.agents_by_type) == set(lived.agent_types) == set(KINDS)
    assert businesses.agg("capital", sum) == pytest.approx(table.capital[is_open].sum())
    assert len(businesses.select(lambda business: business.female == 1)) == table.female[is_open].sum() > 0
    assert list(lived.agents.select(agent_type=Business)) == list(businesses)
    by_trade = businesses.groupby("trade")
    assert by_trade.count() == {trade: n for trade in Trade if (n := (table.trade[is_open] == trade).sum())}
    best = businesses.sort("capital")[0]
    assert best.capital == by_trade.agg("capital", max)[best.trade] == table.capital[is_open].max()
    assert businesses.get("ending") == [Ending.OPEN] * len(businesses)


def test_a_kind_without_agents_is_an_empty_set() -> None:
    assert len(world().agents_by_type[Business]) == 0
    assert world().agents_by_type[Business].select(lambda b: True).agg("capital", sum) == 0


def test_the_collector_collects_the_monthly_outcomes(lived: World) -> None:
    frame = lived.datacollector.get_model_vars_dataframe()
    assert list(frame) == list(columns(Month))
    for name in frame:
        assert frame[name].tolist() == lived.history.monthly[name].tolist()
    few = World(toy_params(), toy_policy(2), collect=("spent",))
    assert np.isnan(few.outcome("spent"))
    few.run(2)
    assert few.datacollector.model_vars == {"spent": few.history.monthly.spent.tolist()}
    with pytest.raises(UserError, match="did you mean 'spent'"):
        World(toy_params(), toy_policy(2), collect=("spend",))


def test_another_collector_can_take_its_place() -> None:
    found = world()
    found.datacollector = mesa.DataCollector(
        model_reporters={"open": lambda w: len(w.agents_by_type[Business])},
        agenttype_reporters={Business: {"capital": "capital", "trade": "trade"}},
    )
    found.run(12)
    frame = found.datacollector.get_agenttype_vars_dataframe(Business)
    last = frame.xs(12, level="Step")
    assert last.capital.tolist() == found.agents_by_type[Business].get("capital")
    assert len(last) == found.datacollector.model_vars["open"][-1] > 0
