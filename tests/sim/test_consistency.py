"""What settings say together: contradictions are errors, and what acts on nothing is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strategy_files import HEAD, MONTHS, START, problems_of, shelf, table_of, the_problem, write
from worlds import tables_of, toy_params, toy_policy

from idmaj.sim import Luck, simulate
from idmaj.sim.policy import base_of, idle_settings, late_changes, read_strategy
from idmaj.sim.settings import LEVERS, NEEDS, NOT_ABOVE, Needs

MINE = 'name = "Mine"\nextends = "continued"\nwhy = "x"\n'


def remarks(folder: Path, text: str, which: str = "") -> list[str]:
    """Return what is said to act on nothing in a strategy written on the shelf."""
    library = shelf(folder) | {"mine": write(folder, MINE + text)}
    strategy = read_strategy(which or "mine", library)
    base = base_of(strategy)
    found = idle_settings(base, strategy, START, MONTHS) + late_changes(base, strategy, START, MONTHS)
    return [str(remark).removeprefix(f"{folder / 'mine.toml'}:") for remark in found]


# Contradictions


def test_a_least_above_the_most_is_an_error(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, HEAD + "[cooperatives]\nleast_members = 20\nmost_members = 10\n")
    assert (problem.line, problem.key) in {(4, "cooperatives.least_members"), (5, "cooperatives.most_members")}
    assert problem.found == "cooperatives.least_members = 20 above cooperatives.most_members = 10, from 2026-01 on"
    assert problem.accepted == "cooperatives.least_members up to cooperatives.most_members"


def test_it_is_blamed_on_who_said_it_last_and_told_once_a_stretch(tmp_path: Path) -> None:
    library = shelf(tmp_path) | {"small": write(tmp_path, MINE + "[cooperatives]\nmost_members = 6\n", "small.toml")}
    text = 'name = "A"\nextends = "small"\nwhy = "x"\n'
    text += '[[changes]]\ndate = "+12 months"\nwhy = "x"\n[changes.cooperatives]\nleast_members = 7\n'
    text += '[[changes]]\ndate = "+24 months"\nwhy = "x"\n[changes.cooperatives]\nleast_members = 6\n'
    (problem,) = problems_of(write(tmp_path, text), library)
    assert (problem.file, problem.line) == (str(tmp_path / "mine.toml"), 8)
    assert "from 2027-01 on" in problem.found


def test_equal_is_no_contradiction(tmp_path: Path) -> None:
    last = table_of(tmp_path, HEAD + "[cooperatives]\nleast_members = 7\nmost_members = 7\n")[-1]
    assert last.cooperatives_least_members == last.cooperatives_most_members == 7


def test_no_part_of_a_budget_without_limit_is_an_error(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, HEAD + "[funding]\npaid_part = 0\n")
    assert (problem.key, problem.line) == ("funding.paid_part", 4)
    assert problem.found.startswith("funding.paid_part = 0 of a budget without limit")
    assert table_of(tmp_path, HEAD + "[funding]\npaid_part = 0\nbudget_mad_per_year = 1\n").funding_paid_part[-1] == 0


# What acts on nothing


def test_a_lever_without_its_switch_is_told_with_its_line(tmp_path: Path) -> None:
    assert remarks(tmp_path, "[partner]\njobs_per_year = 24\n") == [
        "5: partner.jobs_per_year = 24 acts on nothing without partner.present = true, from 2026-01 on"
    ]
    assert not remarks(tmp_path, "[partner]\npresent = true\njobs_per_year = 24\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[selection]\nquota_neediest = 0.7\n", 'without selection.rule = "quota"'),
        ("[incubators]\nnumber = 2\nrooms = 0\n", "incubators.number = 2 acts on nothing without incubators.rooms"),
        ("[training]\nmatched_share = 1\n", "; it matters only to what was begun before"),
        ("[branches]\nadvisers = 2\n", "a town as branches.second or a town as branches.third or"),
        ("[partner]\npresent = true\n", "without partner.cofunding_mad_per_year above 0 or partner.jobs_per_year"),
        ("[funding]\npaid_part = 0.4\n", "without a limit as funding.budget_mad_per_year"),
    ],
)  # fmt: skip
def test_each_kind_of_switch_is_said_in_words(tmp_path: Path, text: str, words: str) -> None:
    (said, *_) = remarks(tmp_path, text)
    assert words in said


def test_what_another_part_or_a_later_block_turns_on_is_not_idle(tmp_path: Path) -> None:
    later = '[[changes]]\ndate = "+6 months"\nwhy = "x"\n[changes.partner]\npresent = true\n'
    assert not remarks(tmp_path, "[partner]\njobs_per_year = 24\n" + later)
    off = later.replace("true", "false") + "jobs_per_year = 9\n"
    assert len(remarks(tmp_path, "[partner]\npresent = true\njobs_per_year = 24\n" + off)) == 1
    own = write(tmp_path, MINE + "[partner]\npresent = true\njobs_per_year = 1\n", "own.toml")
    library = shelf(tmp_path) | {"own": own, "mine": write(tmp_path, MINE + "[partner]\npurchases_sellers = 9\n")}
    strategy = read_strategy("own+mine", library)
    assert not idle_settings(base_of(strategy), strategy, START, MONTHS)


def test_what_changes_nothing_asks_for_nothing(tmp_path: Path) -> None:
    assert not remarks(tmp_path, "[training]\nseats = 0\nbefore_start = false\n[partner]\npresent = false\n")
    assert not remarks(tmp_path, "[intake]\nunsure_share = 0\n[grants]\nreinforcement_mad = 0\n")


def test_a_change_after_the_end_is_told_and_one_in_the_last_month_is_not(tmp_path: Path) -> None:
    block = '[[changes]]\ndate = "{}"\nwhy = "x"\n[changes.grants]\namount_mad = 1\n'
    assert remarks(tmp_path, block.format("2036-01")) == [
        "5: what changes from 2036-01 on comes after the plan's end, 2035-12"
    ]
    assert remarks(tmp_path, block.format("+120 months")) == remarks(tmp_path, block.format("2036-01"))
    assert not remarks(tmp_path, block.format("+119 months"))


# The table itself

BUSY: dict[str, Any] = {
    "intake_projects_per_year": 30.0, "advisers_number": 2.0, "funding_budget_mad_per_year": 9e5,
    "cooperatives_coordinators": 2.0, "training_seats": 4.0, "jobs_brokers": 0.2, "orientation_job_share": 0.5,
    "jobs_subsidy_share": 0.5, "incubators_number": 1, "incubators_rooms": 2, "rural_projects_share": 0.5,
    "partner_present": 1, "partner_jobs_per_year": 6.0, "social_households": 5.0, "branches_second": 2,
    "cooperatives_willing_share": 0.4, "branches_follow_flows": 1, "branches_trigger_people": 10.0,
}  # fmt: skip
MAY_DIFFER = {
    "persons": {"training"}, "places": {"months_over", "months_under"},
    "monthly": {"partner_weight", "households_aided"},
    "partner": {"since", "weight", "wear", "withdrawn"}, "families": {"aid_until"}, "tally": {"aided"},
}  # fmt: skip
"""What is written down of a lever that acts on nothing: who would be trained, aided with nothing, or followed."""


def off(column: str) -> float:
    """Return a value at which a switch is off."""
    return float("inf") if column == "funding_budget_mad_per_year" else 0.0


def other(column: str) -> float:
    """Return an accepted value of a lever, far from its default."""
    lever = LEVERS[column]
    if lever.kind is not None:
        return 0.0 if lever.default else 1.0
    most = lever.at_most if lever.at_most <= 60 else 60.0
    return most if lever.default != most else lever.at_least + 1.0


def lived(levers: dict[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
    params = toy_params(application_rate=0.05, failure_level=0.3, partner_withdrawal=0.0)
    return tables_of(simulate(params, toy_policy(36, **levers), Luck(5), 36))


@pytest.mark.parametrize("needs", NEEDS, ids=lambda needs: f"{needs.levers[0]} needs {needs.any_of[0]}")
def test_levers_move_nothing_while_what_they_need_is_off(needs: Needs) -> None:
    switched_off = BUSY | {column: off(column) for column in needs.any_of}
    before = lived(switched_off)
    for column in needs.levers:
        after = lived(switched_off | {column: other(column)})
        for name, table in before.items():
            names = [each for each in table.dtype.names or () if each not in MAY_DIFFER.get(name, set())]
            if not names:
                assert table.tobytes() == after[name].tobytes(), (column, name)
            for each in names:
                assert table[each].tobytes() == after[name][each].tobytes(), (column, name, each)


def test_the_tables_name_levers() -> None:
    named = {column for needs in NEEDS for column in (*needs.levers, *needs.any_of)}
    assert named | {column for pair in NOT_ABOVE for column in pair} <= set(LEVERS)
    assert all(LEVERS[a].default <= LEVERS[b].default for a, b in NOT_ABOVE)
