"""History with something changed: only what was asked for differs, from the month on that was asked for."""

import pytest

from idmaj.scenarios.questions.rewritten import MONTHS, PAST, laid_over_history, what_differs
from idmaj.scenarios.questions.through import NOT_LABELLED, THROUGH, acts_through
from idmaj.scenarios.strategies import load
from idmaj.sim import NUMBERS, UserError
from idmaj.sim.policy import settings_table
from idmaj.sim.strategy_words import SECTIONS


def test_a_strategy_of_the_catalogue_brings_only_what_it_says_itself():
    changed = laid_over_history("trade_training")
    assert {each.key for each in what_differs(changed)} == {"training.matched_share", "training.before_start"}
    table, past = settings_table(changed, 0, MONTHS), settings_table(load(PAST), 0, MONTHS)
    assert (table.training_seats == past.training_seats).all()
    assert (table.funding_budget_mad_per_year == past.funding_budget_mad_per_year).all()


def test_levers_hold_from_the_month_asked_for_and_over_all_that_came_later():
    changed = laid_over_history(PAST, 48, {"training_seats": 20.0})
    table, past = settings_table(changed, 0, MONTHS), settings_table(load(PAST), 0, MONTHS)
    assert (table.training_seats[:48] == past.training_seats[:48]).all()
    assert (table.training_seats[48:] == 20.0).all()


def test_no_programme_finances_nothing_from_the_first_month_on():
    table = settings_table(laid_over_history("no_programme"), 0, MONTHS)
    assert (table.intake_projects_per_year == 0.0).all() and (table.advisers_number == 0.0).all()


def test_what_changes_nothing_before_the_evaluation_is_refused():
    with pytest.raises(UserError, match="nothing that differs"):
        laid_over_history(PAST)
    as_it_was = float(settings_table(load(PAST), 0, 1).evaluation_visit_months[0])
    with pytest.raises(UserError, match="nothing that differs"):
        laid_over_history(PAST, 0, {"evaluation_visit_months": as_it_was})


def test_a_date_before_the_month_asked_for_is_refused(tmp_path):
    file = tmp_path / "early.toml"
    file.write_text(
        'name = "Early"\nextends = "history"\nwhy = "To see."\n[[changes]]\ndate = "2009-01"\nwhy = "Now."\n'
        "[changes.training]\nseats = 9\n"
    )
    assert laid_over_history(str(file), 0)
    with pytest.raises(UserError, match="accepted: 2009-01 or earlier"):
        laid_over_history(str(file), 36)


def test_every_section_names_numbers_that_there_are():
    assert set(THROUGH) == set(SECTIONS)
    assert {name for names in THROUGH.values() for name in names} <= set(NUMBERS)


class _Known:
    labels = {"training_gain": "weak"}


def test_a_number_that_the_fit_never_moved_is_prior_driven():
    table = acts_through(["training_seats", "training_months"], _Known())
    assert list(table["number"]) == list(THROUGH["training"])
    assert dict(zip(table["number"], table["label"], strict=True))["training_gain"] == "weak"
    assert (table["label"] == NOT_LABELLED).sum() == len(table) - 1
