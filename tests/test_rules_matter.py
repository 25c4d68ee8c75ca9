"""Every rule matters: with its body deleted, an eventful little world is no longer the same.

Rules are replaced in the interpreted reader (a process of its own, with NUMBA_DISABLE_JIT=1). Luck is a pure
function, so that it is remembered there between the worlds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RULES = sorted(
    f"{path.stem}.{line.split('(')[0].removeprefix('def ')}"
    for path in (Path(__file__).parents[1] / "sim" / "rules").glob("*.py")
    for line in path.read_text(encoding="utf-8").splitlines()
    if line.startswith("def ")
)
ELSEWHERE = {
    "money.planned_cost",  # of a plan paid for beside its baseline: read before the first month
    "accompany.wanted_hours",  # test_levers: the diagnosis' weight moves the hours that are missing
    "branches.follows",  # test_levers: branches_follow_flows
    "cooperate.owner_would_join",  # test_levers: owners who would rather join
    "grants.reinforcement_score",  # test_limits: the most depleted first
}
"""Rules that this world does not ask, and where they are asked."""

SCRIPT = """
import functools
import importlib
import json
import multiprocessing
import sys

import numpy as np

import idmaj.sim.luck as luck
from idmaj.sim import Luck, simulate

luck.words = functools.cache(luck.words)  # a pure function: it is worked out once for all worlds
sys.path.insert(0, sys.argv[1])
import test_rules_matter as test
from test_conservation import EVENTFUL, FULL, WHOLE
from worlds import difference, tables_of, toy_country, toy_params, toy_policy


def neutral(function):
    kind = function.__annotations__.get("return")
    value = {"float": 0.0, "int": 0, "bool": False}.get(kind)

    def nothing(*_):
        return value

    nothing.replaces = function
    return nothing


def world():
    months = np.arange(test.MONTHS)
    levers = FULL | WHOLE | test.LEVERS | {
        "cooperatives_coordinators": np.where(months >= 3, 20.0, 0.0),
        "selection_rule": np.where(months >= 14, 5, 3),
        "shock_finding_factor": np.where(months >= 20, 2.0, 1.0),
    }
    numbers = EVENTFUL | test.NUMBERS
    try:
        policy = toy_policy(test.MONTHS, toy_country(test.PERSONS), **levers)
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
PERSONS = 150.0
LEVERS = {
    "intake_projects_per_year": 12.0, "branches_follow_flows": 1, "branches_trigger_people": 3.0,
    "branches_trigger_months": 2, "cooperatives_most_members": 20, "grants_delay_months": 0,
    "cooperatives_willing_share": 0.5, "cooperatives_grant_mad": 2000.0, "cooperatives_least_members": 2,
    "intake_reinforcements_per_project": 0.3, "advisers_number": 0.2,
    "funding_budget_mad_per_year": 9e6, "advisers_mode": 1, "incubators_admission": 1,
}  # fmt: skip
NUMBERS = {"hazard_family": 1.0, "application_rate": 0.2, "partner_withdrawal": 0.4, "patience_months": 6.0,
           "member_quits": 1.5, "registration_months": 1.0, "formal_offer": 0.006, "job_offer_owner": 4.0}  # fmt: skip


@pytest.fixture(scope="module")
def dead() -> list[str]:
    """Return the rules without which nothing changes."""
    names = json.dumps([name for name in RULES if name not in ELSEWHERE])
    command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), names]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in RULES if name not in ELSEWHERE])
def test_deleting_the_body_of_a_rule_changes_the_world(name, dead):
    assert name not in dead
