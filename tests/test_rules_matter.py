"""Every rule matters: with its body deleted, a little world is no longer the same.

Most are asked in an eventful one, a few in one where there is a crowd.

Rules are replaced in the interpreted reader (a process of its own, with NUMBA_DISABLE_JIT=1). Luck is a pure
function, so that it is remembered there between the worlds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RULES = sorted(
    f"{path.stem}.{line.split('(')[0].removeprefix('def ')}"
    for path in (Path(__file__).parents[1] / "sim" / "rules").glob("*.py")
    for line in path.read_text(encoding="utf-8").splitlines()
    if line.startswith("def ")
)
IN_A_CROWD = {
    "accompany.wanted_hours",  # advisers are short, so that hours are missing
    "branches.follows",  # people are unserved where no branch is named
    "cooperate.owner_would_join",  # cooperatives are founded when there are owners already
    "grants.reinforcement_score",  # more projects than second grants
}
"""Rules of which an eventful little world is too small to ask anything, and what they need."""

SCRIPT = """
import functools
import importlib
import json
import multiprocessing
import sys
from dataclasses import replace

import idmaj.sim.luck as luck
from idmaj.sim import Luck, simulate

luck.words = functools.cache(luck.words)  # a pure function: it is worked out once for all worlds
sys.path.insert(0, sys.argv[1])
import test_rules_matter as test
from worlds import difference, tables_of, toy_country, toy_params, toy_policy


def neutral(function):
    kind = function.__annotations__.get("return")
    value = {"float": 0.0, "int": 0, "bool": False}.get(kind)

    def nothing(*_):
        return value

    nothing.replaces = function
    return nothing


def world():
    persons, levers, numbers = test.worlds()[sys.argv[3]]
    try:
        policy = toy_policy(test.MONTHS, toy_country(persons), **levers)
        policy = replace(policy, baseline=toy_policy(test.MONTHS).settings)  # all that is planned here costs more
        return tables_of(simulate(toy_params(**numbers), policy, Luck(4), test.MONTHS))
    except (ArithmeticError, ValueError, IndexError):
        return None


before = world()
assert before is not None
assert not difference(before, world())


def dead(name):
    module, rule = name.split(".")
    function = getattr(importlib.import_module(f"idmaj.sim.rules.{module}"), rule)
    swap(lambda value: value is function, neutral(function))
    after = world()
    swap(lambda value: getattr(value, "replaces", None) is function, function)
    return after is not None and not difference(before, after)


def swap(is_one, other):
    for each in list(sys.modules.values()):
        if getattr(each, "__name__", "").startswith("idmaj.sim"):
            for key in [key for key, value in vars(each).items() if is_one(value)]:
                setattr(each, key, other)


names = json.loads(sys.argv[2])
with multiprocessing.get_context("fork").Pool(2) as pool:  # a copy of what is remembered for each
    print(json.dumps([name for name, is_dead in zip(names, pool.map(dead, names, 1), strict=True) if is_dead]))
"""
MONTHS = 28
LEVERS = {
    "intake_projects_per_year": 12.0, "branches_follow_flows": 1, "branches_trigger_people": 3.0,
    "branches_trigger_months": 2, "cooperatives_most_members": 20, "grants_delay_months": 0,
    "cooperatives_willing_share": 0.5, "cooperatives_grant_mad": 2000.0, "cooperatives_least_members": 2,
    "intake_reinforcements_per_project": 0.3, "advisers_number": 0.2,
    "funding_budget_mad_per_year": 9e6, "advisers_mode": 1, "incubators_admission": 1,
}  # fmt: skip
NUMBERS = {"hazard_family": 1.0, "application_rate": 0.2, "partner_withdrawal": 0.4, "patience_months": 6.0,
           "member_quits": 1.5, "registration_months": 1.0, "formal_offer": 0.006, "job_offer_owner": 4.0}  # fmt: skip




def worlds() -> dict[str, tuple[float, dict[str, Any], dict[str, float]]]:
    """Return by name how many people, which levers and which numbers a world has."""
    from test_conservation import EVENTFUL, FULL, WHOLE

    months = np.arange(MONTHS)
    eventful = FULL | WHOLE | LEVERS | {
        "cooperatives_coordinators": np.where(months >= 3, 20.0, 0.0),
        "selection_rule": np.where(months >= 14, 5, 3),
        "shock_finding_factor": np.where(months >= 20, 2.0, 1.0),
    }  # fmt: skip
    crowd = {
        "intake_projects_per_year": 60.0, "grants_delay_months": 0,
        "intake_reinforcements_per_project": np.where(months == 14, 8.0, 0.0),
        "advisers_number": 0.1, "branches_follow_flows": 1, "branches_trigger_people": 3.0,
        "branches_trigger_months": 2, "cooperatives_coordinators": np.where(months >= 16, 20.0, 0.0),
        "cooperatives_willing_share": 1.0, "cooperatives_most_members": 40, "cooperatives_admit_owners": 1,
    }  # fmt: skip
    rush = {"application_rate": 0.2, "failure_level": 0.2, "registration_months": 1.0, "casual_income": 1600.0}
    return {"eventful": (150.0, eventful, EVENTFUL | NUMBERS), "crowd": (300.0, crowd, rush)}


def names_of(world: str) -> list[str]:
    return [name for name in RULES if (name in IN_A_CROWD) == (world == "crowd")]


@pytest.fixture(scope="module")
def dead() -> list[str]:
    """Return the rules without which nothing changes in the world that they are asked in."""
    found = []
    for world in ("eventful", "crowd"):
        command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), json.dumps(names_of(world)), world]
        environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        found += json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", RULES)
def test_deleting_the_body_of_a_rule_changes_the_world(name, dead):
    assert name not in dead


def test_the_rules_named_above_exist():
    assert set(RULES) >= IN_A_CROWD
