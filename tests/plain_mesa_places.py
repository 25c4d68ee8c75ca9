"""Places on ordinary objects: branches that follow people, the link to the countryside, and the month's trade."""

from __future__ import annotations

from typing import Any

from plain_mesa_agents import Household, Niche, Place

from idmaj.sim.kinds import Account, Trade
from idmaj.sim.luck import Stream, normal, uniforms

TOWN_PAGE = 31 * 2**27 + 1000
PLACE_SHOCK = int(Stream.PLACE_SHOCK)


class Branches:
    """The programme's branches: those named by a lever, and those that follow people."""

    def __init__(self, world: Any) -> None:
        self.world = world

    def follow(self) -> None:
        """Count the unserved, then open and close branches by name or because people are there."""
        world, rules, now = self.world, self.world.rules, self.world.now
        before = [place.branch for place in world.places]
        for place, crowd, served in zip(world.places, world.crowd, world.served, strict=True):
            place.unserved = 0.0
            for here, reached in zip(crowd, served, strict=True):
                place.unserved += here - reached
            rules.watch_flows(place, now)
        for row, place in enumerate(world.places):
            if place.first_branch:
                continue
            by_name = rules.named(row, now)
            room = place.followed or self.further() + 1 < now.branches_most
            wanted = by_name or (room and rules.follows(place, now))
            if wanted and place.opens < 0:
                place.opens = world.month + now.branches_months_to_open
                place.followed = int(not by_name)
            elif not wanted and place.opens >= 0:
                place.opens = -1
                place.branch = place.followed = 0
            due = place.opens >= 0 and place.opens <= world.month and not place.branch
            if due and world.books.pay_if_afforded(Account.BRANCH, world.params.branch_opening_cost):
                place.branch = 1
        if [place.branch for place in world.places] != before:
            self.measure_roads()

    def further(self) -> int:
        """Return how many branches beyond the first are open or being opened."""
        return sum(place.opens >= 0 for place in self.world.places)

    def measure_roads(self) -> None:
        """Measure from each place the road to the nearest branch."""
        places = self.world.places
        for place in places:
            roads = [self.world.rules.road(place, other) for other in places if other.branch]
            place.distance_km = min(roads, default=place.distance_km)


class Countryside:
    """Rural zones and the carriers that link each with its nearest town."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.carriers_paid = 0.0

    def nearest(self, here: Place, rural: int) -> Place | None:
        """Return the nearest other place that is a rural zone, or that is a town."""
        others = [place for place in self.world.places if place.rural == rural and place is not here]
        return min(others, key=lambda place: self.world.rules.road(here, place), default=None)

    def zones(self) -> list[Place]:
        return [place for place in self.world.places if place.rural]

    def welcome(self, household: Household) -> None:
        """Let a household of a town move to the nearest zone, if its moving grant can be paid."""
        world, grant = self.world, self.world.now.rural_moving_grant_mad
        here = world.places[household.place]
        there = self.nearest(here, 1)
        if here.rural or there is None or not world.books.pay_if_afforded(Account.RURAL, grant):
            return
        household.purse += grant
        household.move(world.places.index(there))

    def pay_carriers(self) -> None:
        """Pay the carriers between zones and their towns by the road; as many drive as are paid."""
        world, rules, p = self.world, self.world.rules, self.world.params
        self.carriers_paid = 0.0
        kilometres = 0.0
        for zone in self.zones():
            kilometres += rules.road(zone, self.nearest(zone, 0))
        if world.now.link_carriers > 0.0 and self.zones():
            price = rules.carrier_price(kilometres / len(self.zones()), p)
            self.carriers_paid = world.books.hire(Account.LINK, world.now.link_carriers, price)
        world.outcome.carriers_paid = self.carriers_paid

    def bring_demand(self) -> None:
        """Spread what carriers and a partner buy over niches."""
        world = self.world
        for niche in world.niches:
            niche.extra = 0.0
        if self.carriers_paid > 0.0:
            fed = self.carriers_paid * world.params.carrier_sellers / max(len(self.zones()), 1)
            for zone in self.zones():
                feed(self.niches(zone), fed)
                food = [one for one in self.niches(self.nearest(zone, 0)) if one.trade == Trade.FOOD]
                feed(food, fed)
        bought = world.partner.weight * world.now.partner_purchases_sellers
        branches = [place for place in world.places if place.branch]
        for place in branches if bought > 0.0 else []:
            feed(self.niches(place), bought / len(branches))

    def niches(self, place: Place) -> list[Niche]:
        number = self.world.places.index(place)
        return [niche for niche in self.world.niches if niche.place == number]


def feed(niches: list[Niche], sellers: float) -> None:
    """Spread demand for that many sellers evenly over some niches."""
    for niche in niches:
        niche.extra += sellers / len(niches)


def trade(world: Any) -> None:
    """Count the sellers of every niche, deal the towns' luck, then let every business trade."""
    rules, p, demand = world.rules, world.params, world.now.shock_demand_factor
    world.countryside.bring_demand()
    for niche in world.niches:
        niche.newcomers = niche.assisted = 0.0
    for business in world.trading:
        niche = world.niches[business.niche]
        niche.newcomers += business.hands
        niche.assisted += business.hands if business.assisted else 0.0
    for niche in world.niches:
        rules.crowd(niche, demand, p)
        if niche.assisted > 0.0:
            world.outcome.displaced += rules.displaced(niche, demand, p)
    for row, place in enumerate(world.places):
        chance = normal(uniforms(world.luck, TOWN_PAGE + row, PLACE_SHOCK, world.month, 0)[0])
        place.shock = rules.next_shock(place.shock, p.own_shock_rho, p.place_shock_sd, chance)
        rules.turn_season(place, world.month, p)
    for business in world.trading:
        business.earn()
