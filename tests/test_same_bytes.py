"""The model read three ways ends in the same bytes: compiled, interpreted, and on plain Mesa agents.

The promise is made for small worlds in which, taken together, every rule fires and everything that can happen to a
household, a person or a business happens. A rule that never fires here turns a test red.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from eventful import WORLDS, arguments_of
from plain_mesa import PlainWorld, run_plain, tables
from plain_mesa_rules import rule_functions
from worlds import difference, tables_of, toy_policy

from idmaj.sim.history import History
from idmaj.sim.kinds import (
    Account,
    Activity,
    Admission,
    AdviserMode,
    Departure,
    Ending,
    File,
    ForcedReason,
    Funder,
    HazardFamily,
    Origin,
    SelectionRule,
    Sex,
    Standing,
    Status,
    Track,
    Trade,
    Training,
)
from idmaj.sim.run import resume, simulate
from idmaj.sim.settings import LEVERS

WORDS = [
    (("businesses", "ending"), Ending),
    (("businesses", "reason"), ForcedReason),
    (("businesses", "trade"), Trade),
    (("businesses", "female"), Sex),
    (("families", "departure"), Departure),
    (("households", "origin"), Origin),
    (("households", "status"), Status),
    (("workers", "activity"), Activity),
    (("persons", "file"), File),
    (("persons", "track"), Track),
    (("persons", "training"), Training),
    (("cooperatives", "standing"), Standing),
]
"""Columns that hold words, and every word there is."""


class Lived:
    """One world lived through twice: by the model and by the oracle, which tells which rules were called."""

    def __init__(self, name: str) -> None:
        self.fired: set[str] = set()
        arguments = arguments_of(name)
        self.policy = arguments[1]
        self.history: History = simulate(*arguments)
        self.oracle: PlainWorld = run_plain(*arguments, watch=self.fired.add)


@functools.cache
def lived(name: str) -> Lived:
    return Lived(name)


def deeds(name: str) -> set[Any]:
    """Return every rule that fired in a world, and every word that stands in its tables at the end."""
    history = tables_of(lived(name).history)
    words = {(*place, int(value)) for place, _ in WORDS for value in np.unique(history[place[0]][place[1]])}
    mode, budget = (lived(name).policy.settings[lever] for lever in ("advisers_mode", "funding_budget_mad_per_year"))
    return lived(name).fired | words | {("mode", int(mode[0])), ("budget", bool(np.isfinite(budget[0])))}


def enough() -> list[str]:
    """Return few worlds in which, taken together, no rule and no word is missing that any of the worlds has."""
    chosen: list[str] = []
    missing = set().union(*map(deeds, WORLDS))
    while missing:
        chosen.append(max(WORLDS, key=lambda name: len(missing & deeds(name))))
        missing -= deeds(chosen[-1])
    return chosen


def seen(table: str, column: str) -> set[int]:
    """Return every value a column takes at the end of any of the worlds."""
    return {int(value) for name in WORLDS for value in np.unique(tables_of(lived(name).history)[table][column])}


@pytest.mark.parametrize("name", WORLDS)
def test_compiled_and_plain_mesa_end_in_the_same_bytes(name: str) -> None:
    world = lived(name)
    assert not difference(tables_of(world.history), tables(world.oracle))


@pytest.mark.parametrize("name", WORLDS)
def test_each_world_is_large_enough_for_the_promise(name: str) -> None:
    assert lived(name).history.monthly.adults_present.min() >= 200


def test_every_rule_fired() -> None:
    fired = set().union(*(lived(name).fired for name in WORLDS))
    assert fired == set(rule_functions())


@pytest.mark.parametrize(("place", "kind"), WORDS, ids=[" ".join(place) for place, _ in WORDS])
def test_everything_that_can_happen_happened(place: tuple[str, str], kind: Any) -> None:
    assert seen(*place) == set(kind)


def test_every_way_to_choose_to_fail_and_to_advise_was_in_force() -> None:
    worlds = [lived(name) for name in WORLDS]
    rows = [np.unique(world.policy.settings.selection_rule) for world in worlds]
    assert {int(value) for value in np.concatenate(rows)} == set(SelectionRule)
    assert {int(world.history.params.hazard_family[0]) for world in worlds} == set(HazardFamily)
    assert {int(world.policy.settings.advisers_mode[0]) for world in worlds} == set(AdviserMode)
    rooms = [np.unique(world.policy.settings.incubators_admission) for world in worlds]
    assert {int(value) for value in np.concatenate(rooms)} == set(Admission)


def test_every_lever_was_moved_and_every_account_used() -> None:
    worlds = [lived(name) for name in WORLDS]
    moved = {n for n in LEVERS for w in worlds if (w.policy.settings[n] != LEVERS[n].default).any()}
    assert moved == set(LEVERS)
    used = sum(abs(world.history.money).sum(axis=0) for world in worlds) > 0.0
    assert used.shape == (len(Account), len(Funder))
    assert used.all()


def test_the_rarer_turns_were_taken() -> None:
    """A tranche left over, a second owner, a second application, a second business, a place in vain, a lost owner."""
    assert max(seen("businesses", "tranches_left")) > 0
    assert {0, 1} <= seen("businesses", "reinforced")
    assert max(seen("businesses", "second_owner")) > 0
    assert max(seen("businesses", "spell")) > 1
    assert max(seen("persons", "applications")) > 1
    assert seen("persons", "quintile") == {0, 1, 2, 3, 4}
    for outcome in [name for name, _ in tables_of(lived("mixed").history)["monthly"].dtype.descr]:
        assert any((lived(name).history.monthly[outcome] != 0.0).any() for name in WORLDS), outcome


def test_the_rarer_turns_of_the_programme_were_taken() -> None:
    """A head replaced, an owner who joined, rooms left, a move; a partner gone by hazard, and one sent away."""
    history = lived("cooperatives").history
    enterprises = history.businesses[history.cooperatives.business[history.cooperatives.business >= 0]]
    assert (history.workers.page[enterprises.person] != enterprises.page).any()
    assert {Ending.JOINED_COOPERATIVE, Ending.DISSOLVED} <= seen("businesses", "ending")
    businesses = lived("countryside").history.businesses
    assert ((businesses.graduates >= 0) & (businesses.incubator < 0) & (businesses.ending == Ending.OPEN)).any()
    assert lived("countryside").history.state.places.rural[businesses.place].any()
    left, sent_away = (lived(name).history.state.partner[0] for name in ("sisters", "jobs"))
    assert left.withdrawn > left.since >= 0 and left.wear >= left.resilience
    assert sent_away.withdrawn > sent_away.since >= 0 and sent_away.wear < sent_away.resilience
    assert {0, 1} <= seen("places", "branch") and len(np.unique(lived("countryside").history.monthly.branches_open)) > 1
    assert set(np.diff(lived("sisters").history.monthly.branches_open)) >= {-1.0, 1.0}


def test_a_cooperative_whose_members_all_leave_at_once_ends_with_them() -> None:
    """Too rare to wait for: hazards of leaving are set to be spent, in both readers, for all members of one."""
    params, policy, luck, _ = arguments_of("cooperatives")
    history, oracle = simulate(params, policy, luck, 24), PlainWorld(params, policy, luck, 25)
    for _ in range(24):
        oracle.live_month()
    chosen = int(np.flatnonzero(history.cooperatives.standing == Standing.REGISTERED)[0])
    homes = np.unique(history.persons.household[history.persons.cooperative == chosen])
    history.households.leave_left[homes] = -1.0
    for home in homes:
        oracle.households[home].leave_left = -1.0
    history = resume(history, policy, 25)
    oracle.live_month()
    enterprise = history.businesses[history.cooperatives.business[chosen]]
    assert (enterprise.ending, enterprise.ended) == (Ending.OWNER_LEFT, 24)
    assert (history.cooperatives.standing[chosen], history.cooperatives.members[chosen]) == (Standing.CLOSED, 0)
    assert not difference(tables_of(history), tables(oracle))


def test_who_resumes_under_another_law_meets_the_change_whatever_that_policy_says_of_the_past() -> None:
    params, _, luck, _ = arguments_of("jobs")
    free, refused = toy_policy(30), toy_policy(30, law_formal_work=0)
    changed = toy_policy(30, law_formal_work=np.arange(30) < 24)
    resumed = resume(simulate(params, free, luck, 24), refused, 30)
    assert not difference(tables_of(resumed), tables_of(simulate(params, changed, luck, 30)))


CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
import numba
from eventful import arguments_of
from idmaj.sim.run import simulate
assert numba.config.DISABLE_JIT
print(json.dumps({name: simulate(*arguments_of(name)).fingerprint for name in json.loads(sys.argv[2])}))
"""


def test_compiled_and_interpreted_end_in_the_same_bytes() -> None:
    """Slow to interpret, so in as few worlds as hold every rule that fires and every ending that is met in all."""
    names = enough()
    command = [sys.executable, "-W", "error", "-c", CHILD, os.path.dirname(__file__), json.dumps(names)]
    child = subprocess.run(
        command, env=os.environ | {"NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stderr
    assert json.loads(child.stdout) == {name: lived(name).history.fingerprint for name in names}


def test_a_difference_is_named_by_table_row_and_column() -> None:
    world = lived("mixed")
    ours, theirs = tables_of(world.history), tables(world.oracle)
    theirs["persons"]["need"][17] += 1e-16 + theirs["persons"]["need"][17] * 1e-15
    theirs["money"][3, Account.GRANT, Funder.UNHCR] = -1.0
    theirs["stocks"][5, 0, 0] = 0.0
    message = difference(ours, theirs)
    assert "persons, row 17, column need: " in message
    assert "money, row 3, column (2, 0): " in message
    assert "stocks, row 5, column (0, 0): " in message
    assert message.count("\n") == 2
    theirs["households"] = theirs["households"][:-1]
    assert "households (" in difference(ours, theirs)


SHARED_WITH_THE_MODEL = {
    *("kinds", "luck", "outcomes", "policy", "records", "rules", "rules.cooperate", "rules.selection", "table"),
    *("population.flow_table", "population.household_size"),
}
"""What is declared, the rules, the luck, and data made ready; `rules.selection` for the score that bars a person,
`rules.cooperate` for the capital that the law asks of a cooperative."""


def test_the_oracle_has_its_own_month_and_deals_its_own_people() -> None:
    borrowed = set()
    for path in Path(__file__).parent.glob("plain_mesa*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("idmaj"):
                module = f"{node.module}.".removeprefix("idmaj.sim.")
                whole = module.startswith("population") or not module
                borrowed |= {f"{module}{alias.name}" if whole else module[:-1] for alias in node.names}
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("idmaj") for alias in node.names), path
    assert borrowed == SHARED_WITH_THE_MODEL


def test_a_misspelt_column_is_caught() -> None:
    world = run_plain(*arguments_of("mixed")[:3], 1)
    world.persons[3].taking = 1.0
    with pytest.raises(AssertionError, match="no column"):
        tables(world)
    world = run_plain(*arguments_of("mixed")[:3], 1)
    world.persons[3].applications = 0.5
    with pytest.raises(AssertionError):
        tables(world)
