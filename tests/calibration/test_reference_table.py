"""The reference table: the same bytes whoever makes it and however often it was stopped, and what is seen of a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration import reference_table, whole_runs
from idmaj.calibration.observables import (
    DATES,
    MONTHS,
    OBSERVABLES,
    YEAR_ENDS,
    observe,
    reading_column,
    traded,
)
from idmaj.calibration.priors import draw_priors
from idmaj.calibration.reference_table import home_of, make_table, minutes_of
from idmaj.calibration.replays import history_policy
from idmaj.calibration.reweight import structures_of
from idmaj.calibration.whole_runs import WholeRuns
from idmaj.scenarios.language import speaking
from idmaj.sim import EVALUATION_MONTH, NUMBERS, Luck, simulate
from idmaj.sim.ensemble import processes, threads
from idmaj.sim.kinds import HazardFamily
from idmaj.sim.outcomes import OUTCOMES

TWO = structures_of(False)[:2]


def small(**changes) -> WholeRuns:
    return WholeRuns(**({"structures": TWO, "numbers": dict(NUMBERS), "seed": 3, "block": 2} | changes))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("table")
    told = []
    table = make_table(8, small(), threads(1), folder, lambda done, of: told.append((done, of)))
    assert told == [(2, 8), (4, 8), (6, 8), (8, 8)]
    return folder, table


@pytest.fixture(scope="module")
def history():
    return simulate(draw_priors(3, 5)[2], history_policy(MONTHS), Luck(1, 0, 2), MONTHS)


def test_runs_are_under_prior_draws_of_each_structure_in_turn(made):
    _, table = made
    assert table.structure.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    assert (table.params["hazard_family"] == HazardFamily.WEIBULL).all()
    assert ((table.params["saturation_gamma"] > 0.0) == (table.structure == 0)).all()
    assert len(np.unique(table.params["failure_level"])) == 8
    again = simulate(table.params[5], history_policy(MONTHS), Luck(3, 1, 2), MONTHS)
    assert observe(again) == pytest.approx(table.seen.iloc[5].to_dict(), nan_ok=True)


def test_a_crew_changes_no_byte(made, tmp_path):
    folder, table = made
    for k, crew in enumerate((threads(2), processes(2))):
        other = make_table(8, small(), crew, tmp_path / str(k))
        assert files(tmp_path / str(k)) == files(folder)
        pd.testing.assert_frame_equal(other.seen, table.seen, check_exact=True)
        assert other.params.tobytes() == table.params.tobytes()


def test_a_table_that_was_stopped_goes_on_to_the_same_bytes(made, tmp_path):
    folder, _ = made

    def stop(done, of):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_table(8, small(), threads(1), tmp_path, stop)
    told = []
    make_table(8, small(), threads(1), tmp_path, lambda done, of: told.append(done))
    assert told == [6, 8], "what was there is not lived again"
    assert files(tmp_path) == files(folder)


def test_a_larger_table_begins_with_the_smaller_one_and_a_smaller_one_leaves_it(made, tmp_path):
    _, table = made
    larger = make_table(12, small(), threads(2), tmp_path)
    before = files(tmp_path)
    pd.testing.assert_frame_equal(larger.seen[:8], table.seen, check_exact=True)
    told = []
    fewer = make_table(8, small(), threads(2), tmp_path, lambda done, of: told.append(done))
    assert told == [] and files(tmp_path) == before
    pd.testing.assert_frame_equal(fewer.seen, table.seen, check_exact=True)


def test_a_block_that_is_damaged_is_lived_again(made, tmp_path):
    folder, table = made
    make_table(8, small(), threads(2), tmp_path)
    victim = sorted((tmp_path / "chunks").iterdir())[1]
    victim.write_bytes(victim.read_bytes()[:-1] + b"x")
    told = []
    again = make_table(8, small(), threads(1), tmp_path, lambda done, of: told.append(done))
    assert told == [8]
    assert files(tmp_path) == files(folder)
    pd.testing.assert_frame_equal(again.seen, table.seen, check_exact=True)


def test_the_key_is_of_all_that_runs_follow_from(monkeypatch, tmp_path):
    first, params = small(), small().params(0)
    assert small().key == first.key
    wider = NUMBERS | {"failure_level": replace(NUMBERS["failure_level"], median=0.13)}
    for other in (small(seed=4), small(numbers=wider), small(structures=TWO[::-1]), small(block=3)):
        assert other.key != first.key
    assert small(seed=4).address(0, params) != first.address(0, params)
    assert first.address(0, small(numbers=wider).params(0)) != first.address(0, params)
    monkeypatch.setattr(reference_table, "cache_root", lambda: tmp_path)
    assert home_of(first) == tmp_path / f"table-{first.key[:16]}"
    monkeypatch.setattr(whole_runs, "code_stamp", lambda modules: {"sim": "of another version"})
    assert small().key != first.key
    assert small().address(0, params) != first.address(0, params)


def test_history_itself_is_in_the_key():
    policy = history_policy(MONTHS)
    settings = policy.settings.copy()
    settings["evaluation_visit_months"] += 1
    assert small(policy=replace(policy, settings=settings)).key != small().key


def test_what_is_seen_is_what_the_model_says_of_itself(history):
    seen, monthly = observe(history), history.monthly
    for month in DATES:
        share = OBSERVABLES["active_share"].column(month)
        assert seen[share] == pytest.approx(monthly.active_share[month])
    assert seen[reading_column(False, EVALUATION_MONTH + 1)] == seen["active_share_2017_05"]
    ends = history.ends(0, MONTHS)
    for years in (1, 3, 5):
        assert traded(history, MONTHS - 1, years) == pytest.approx(ends[f"survival_{years}y"], abs=0.02)
    assert history.active_shares()["found"] == pytest.approx(
        seen["active_share_2020_02"] / (1.0 - seen["lost_share_2020_02"])
    )
    assert seen["lost_share_2017_05"] == pytest.approx(
        1.0 - seen[reading_column(False, EVALUATION_MONTH + 1)] / seen[reading_column(True, EVALUATION_MONTH + 1)]
    )
    for month in YEAR_ENDS:
        year = OBSERVABLES["projects_started"].column(month)
        assert seen[year] == monthly.projects_started[month - 11 : month + 1].sum()
    assert {"income_served", "placed", "trained"} <= set(OUTCOMES)


def test_what_is_seen_is_possible(made):
    seen = made[1].seen
    assert seen.notna().mean().min() >= 0.5
    for each in OBSERVABLES.values():
        for month in each.months:
            values = seen[each.column(month)].dropna()
            assert (values >= 0.0).all(), each.name
            assert each.unit != "share" or (values <= 1.0).all(), each.name


def test_how_long_it_takes_is_said_in_minutes():
    assert minutes_of(50_000) == "50,000 whole runs take some 42 minutes of one core"
    assert minutes_of(100, 4) == "100 whole runs take some 1 minutes of 4 cores"
    with speaking("fr"):
        assert "cœurs" in minutes_of(100, 4)
        assert minutes_of(100, 4, str.format) == "100 whole runs take some 1 minutes of 4 cores"
