"""Strategies that differ in a few levers only."""

import math

import pytest

from idmaj.scenarios.strategies import load
from idmaj.scenarios.variants import KEYS, lever_of, value_of, with_levers
from idmaj.sim import UserError
from idmaj.sim.kinds import SelectionRule
from idmaj.sim.policy import settings_table
from idmaj.sim.settings import LEVERS

START, MONTHS = 228, 264


def test_every_lever_has_its_key():
    assert set(KEYS.values()) == set(LEVERS)
    assert lever_of("selection.weight_on_need") == "selection_weight_on_need"


def test_a_key_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(UserError, match=r"--by: found 'selection.weight_on_ned'.*selection.weight_on_need"):
        lever_of("selection.weight_on_ned", "--by")


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("selection.weight_on_need", "0.4", 0.4),
        ("selection.rule", "need_first", float(SelectionRule.NEED_FIRST)),
        ("training.before_start", "true", 1.0),
        ("advisers.number", "8", 8.0),
        ("funding.budget_mad_per_year", "3_600_000", 3.6e6),
        ("funding.budget_mad_per_year", "inf", math.inf),
    ],
)
def test_values_are_read_as_files_write_them(key, text, value):
    assert value_of(lever_of(key), text) == value


@pytest.mark.parametrize(
    ("key", "text", "accepted"),
    [
        ("selection.weight_on_need", "40", "a share from 0 to 1"),
        ("selection.weight_on_need", "nan", "a share from 0 to 1"),
        ("selection.rule", "fair", "one of"),
        ("training.before_start", "1", "true or false"),
        ("grants.tranches", "2.5", "a whole number"),
        ("grants.amount_mad", "much", "a number"),
    ],
)
def test_values_that_a_lever_does_not_accept_are_refused(key, text, accepted):
    with pytest.raises(UserError) as refused:
        value_of(lever_of(key), text)
    assert f"found {key} = {text}, accepted {accepted}" in str(refused.value)


def test_a_variant_has_its_levers_from_the_start_of_the_plan_and_nothing_else_differs():
    base = load("continued")
    before = settings_table(base, START, MONTHS)
    table = settings_table(with_levers(base, {"advisers_number": 9.0}), START, MONTHS)
    assert (table["advisers_number"][START:] == 9.0).all()
    assert (table["advisers_number"][:START] == before["advisers_number"][:START]).all()
    assert all((table[name] == before[name]).all() for name in LEVERS if name != "advisers_number")
    assert with_levers(base, {}) is base


def test_variants_of_one_base_have_keys_of_their_own():
    base = load("continued")
    keys = {with_levers(base, {"advisers_number": float(n)}).key for n in range(5)}
    assert len(keys) == 5
    assert with_levers(base, {"selection_rule": 0.0}).key.startswith("continued[selection.rule=")
