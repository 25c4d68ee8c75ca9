"""The savings circle of docs/OWN_BEHAVIOUR.md does what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from worlds import TOWNS, difference, tables_of, toy_country, toy_params, toy_policy

from idmaj.sim import NUMBERS, Luck, World, simulate
from idmaj.sim.kinds import Origin
from idmaj.sim.settings import LEVERS
from idmaj.sim.world import Household

PAGE = (Path(__file__).parents[1] / "docs" / "OWN_BEHAVIOUR.md").read_text(encoding="utf-8")
MONTHS = 48
SHARE = 40.0
COUNTRY = toy_country(persons=3000.0)
PARAMS = toy_params(saving=NUMBERS["saving"].high)


def fenced(language: str) -> str:
    (block,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return block


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """Return what the page defines, without its last part, which runs it."""
    found: dict[str, Any] = {}
    exec(compile(fenced("python").split("\nfor share in")[0], "OWN_BEHAVIOUR.md", "exec"), found)
    return found


def circle(names: dict[str, Any], share: float) -> Any:
    return names["Daret"](TOWNS[0], Origin.CIV, share)


def toy_world(**levers: float) -> World:
    return World(PARAMS, toy_policy(MONTHS, COUNTRY, **levers), seed=5)


class Watched:
    """A circle, and who won in which month; money is counted before and after it."""

    def __init__(self, daret: Any) -> None:
        self.daret = daret
        self.winners: list[int] = []
        self.paid = self.again = 0

    def __call__(self, world: World) -> None:
        before = world.column(Household, "purse").copy()
        had, members = set(self.daret.had), set(world.agents_by_type[Household].select(self.daret.can_pay))
        self.daret(world)
        change = world.column(Household, "purse") - before
        assert change.sum() == pytest.approx(0.0, abs=1e-6)
        assert (world.column(Household, "purse") >= 0.0).all()
        gained = (change > 0.0).nonzero()[0]
        assert len(gained) <= 1
        self.paid += int((change < 0.0).sum())
        for row in gained:
            assert world.agent(Household, row).town.name == TOWNS[0]
            assert world.agent(Household, row).origin == Origin.CIV
            assert members <= had or world.agent(Household, row) not in had, "all others first"
            self.again += row in self.winners
        self.winners += gained.tolist() or [-1]


def watched(names: dict[str, Any], **levers: float) -> Watched:
    world, daret = toy_world(**levers), Watched(circle(names, SHARE))
    world.add_behaviour(daret)
    world.run(MONTHS)
    return daret


def test_the_page_prints_the_numbers_shown(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(fenced("python"), "OWN_BEHAVIOUR.md", "exec"), {})
    assert capsys.readouterr().out == fenced("text")


def test_the_circle_moves_money_and_neither_makes_nor_loses_any(names: dict[str, Any]) -> None:
    daret = watched(names)
    assert daret.paid > 10 * MONTHS, "the circle is too small to prove anything"
    assert len(set(daret.winners)) > 10
    assert daret.again > 0, "no second round: that all others come first would not be proved"


def test_the_lot_falls_on_the_same_people_under_another_strategy(names: dict[str, Any]) -> None:
    """Where nobody's purse differs yet; and a lot that fell elsewhere would differ in its first months."""
    assert LEVERS["advisers_number"].default != 9.0
    assert watched(names).winners[:6] == watched(names, advisers_number=9.0).winners[:6]
    other = World(PARAMS, toy_policy(MONTHS, COUNTRY), seed=6)
    daret = Watched(circle(names, SHARE))
    other.add_behaviour(daret)
    other.run(6)
    assert daret.winners != watched(names).winners[:6], "another seed, another lot"


def test_a_circle_of_nothing_is_no_circle(names: dict[str, Any]) -> None:
    plain = tables_of(simulate(PARAMS, toy_policy(MONTHS, COUNTRY), Luck(5), MONTHS))
    for share, same in ((0.0, True), (SHARE, False)):
        world = toy_world()
        world.add_behaviour(circle(names, share))
        world.run(MONTHS)
        assert (difference(tables_of(world.history), plain) == "") is same
