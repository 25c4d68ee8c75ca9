"""Running strategies on the same people and luck: nothing may depend on how the work is shared out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from idmaj.scenarios import experiment, runs
from idmaj.scenarios.contrast import compare_rows
from idmaj.scenarios.experiment import Plan, prepare
from idmaj.scenarios.passing import run_experiment
from idmaj.scenarios.provenance import fingerprint
from idmaj.scenarios.runs import PAST
from idmaj.scenarios.statistics import statistics
from idmaj.scenarios.strategies import load
from idmaj.sim import EVALUATION_MONTH, OUTCOMES, Luck, UserError, default_params, resume, simulate


@pytest.fixture(autouse=True)
def _some_draws(monkeypatch):
    """Give parameters that need no fit: medians, with another level of failure in each draw."""

    def draws(number: int, folder=None):
        table = default_params(number)
        table["failure_level"] *= np.linspace(0.7, 1.4, number)
        return table

    monkeypatch.setattr(experiment, "load_draws", draws)


def small(**changes) -> Plan:
    """Return a plan of two years from 2012 on, two draws of two replications."""
    strategies = (load("continued"), load("neediest_first"))
    plan = Plan(strategies, load("historical"), start=60, years=2, draws=2, replications=2, seed=3)
    return replace(plan, **changes)


@pytest.fixture(scope="module")
def two() -> tuple:
    """Return the same plan run with one worker and with three."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "load_draws", lambda number, folder=None: default_params(number))
        return run_experiment(small(), workers=1), run_experiment(small(), workers=3)


def test_workers_change_nothing(two):
    one, three = two
    assert one.ends().equals(three.ends())
    assert one.monthly.equals(three.monthly)
    assert one.results_sha256 == three.results_sha256
    assert one.fingerprint == three.fingerprint


def test_ends_are_those_of_a_run_made_by_hand(two):
    plan, inputs = small(), prepare(small())
    past = simulate(default_params(2)[1], inputs.past, Luck(3, 1, 1), plan.start)
    expected = resume(past, inputs.policies["neediest_first"], plan.months).ends(plan.start, plan.months)
    ends = two[0].ends()
    chosen = ends[(ends.strategy == "neediest_first") & (ends.draw == 1) & (ends.replication == 1)]
    found = dict(zip(chosen.outcome, chosen.value, strict=True))
    assert found.keys() == OUTCOMES.keys()
    assert all(found[name] == expected[name] or np.isnan(expected[name]) for name in expected)


def test_the_monthly_table_tells_the_past_once_and_then_each_strategy(two):
    monthly = two[0].monthly
    levels = monthly[(monthly.measure == "level") & (monthly.outcome == "live_businesses")]
    months = {name: part.month.tolist() for name, part in levels.groupby("strategy")}
    later = list(range(60, 84))
    assert months == {PAST: list(range(60)), "continued": later, "neediest_first": later}
    assert (levels.q05 <= levels.q50).all()
    assert (levels.q50 <= levels.q95).all()
    differences = monthly[monthly.measure == "difference"]
    assert set(differences.strategy) == {"neediest_first"}


def test_a_strategy_against_its_twin_differs_in_nothing():
    twin = replace(load("continued"), key="twin")
    found = run_experiment(small(strategies=(load("continued"), twin), draws=1))
    rows = compare_rows(found.ends(), "continued", {})
    counted = rows[rows.pairs > 0]
    assert len(counted) > 5
    assert (counted[["difference", "low", "high", "chance_above_zero"]] == 0).all(axis=None)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 4},
        {"years": 3},
        {"start": 61},
        {"replications": 1},
        {"draws": 1},
        {"hindsight": True},
        {"budget": "additional"},
        {"strategies": (load("continued"), load("case_by_case"))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_fingerprint_knows_every_input(two, changes):
    plan = small(**changes)
    inputs = prepare(plan)
    assert fingerprint(plan, inputs, two[0].provenance) != two[0].fingerprint


def test_the_fingerprint_knows_the_parameters_and_the_code(two):
    plan, inputs, known = small(), prepare(small()), two[0].provenance
    same = replace(inputs, params=default_params(2))
    assert fingerprint(plan, same, known) == two[0].fingerprint
    other = replace(inputs, params=default_params(2))
    other.params["failure_level"][1] += 1e-12
    assert fingerprint(plan, other, known) != two[0].fingerprint
    assert fingerprint(plan, same, known | {"code": "other"}) != two[0].fingerprint


def test_a_plan_knows_stocks_up_to_its_start_unless_it_has_hindsight():
    assert prepare(small(start=125)).past.country.known_years == 10
    assert prepare(small(start=125, hindsight=True)).past.country.known_years == 19


def test_a_plan_from_the_first_month_has_no_past():
    plan = small(strategies=(load("historical"),), start=0, years=11, draws=1, replications=1)
    found = run_experiment(plan)
    assert PAST not in set(found.monthly.strategy)
    assert found.evaluation.shape == (1, 5)
    seen = found.monthly[(found.monthly.outcome == "active_share") & (found.monthly.month == EVALUATION_MONTH)]
    assert seen["mean"].item() == found.evaluation["value"].item()


def test_published_figures_stand_beside_a_past_that_is_long_enough(two):
    assert two[0].published.empty
    found = run_experiment(small(start=228, years=1, draws=1, replications=1))
    roles = set(found.published["role"])
    assert {"imposed", "fitted", "predicted"} <= roles


def test_progress_counts_every_run(two):
    seen = []
    run_experiment(small(draws=1), on_progress=lambda done, total: seen.append((done, total)), workers=1)
    assert seen[-1] == (2, 2)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_an_interruption_stops_before_the_next_run(monkeypatch):
    begun = []

    def counted(*given):
        begun.append(given)
        return simulate(*given)

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "simulate", counted)
    with pytest.raises(KeyboardInterrupt):
        run_experiment(small(draws=20, replications=5), on_progress=interrupt, workers=1)
    assert len(begun) < 10


def test_a_mistake_in_one_run_ends_the_experiment(monkeypatch):
    def broken(*_):
        raise UserError("months: found nothing")

    monkeypatch.setattr(runs, "simulate", broken)
    with pytest.raises(UserError, match="found nothing"):
        run_experiment(small())


def test_no_strategy_takes_the_name_of_history():
    with pytest.raises(UserError, match="found one named 'past'"):
        small(strategies=(load("continued"), replace(load("neediest_first"), key="past")))


def test_a_strategy_cannot_stand_in_a_plan_twice():
    with pytest.raises(UserError, match="'continued' twice"):
        small(strategies=(load("continued"), load("continued")))


def test_statistics_are_numpys_quantiles_where_values_are_missing():
    generator = np.random.default_rng(30)
    values = generator.normal(size=(9, 4, 3))
    values[generator.random(values.shape) < 0.3] = np.nan
    values[:, 0, 0] = np.nan
    found = statistics(values)
    kept = ~np.isnan(values).all(axis=0)
    expected = [np.nanmean(values[:, kept], axis=0)]
    expected += [np.nanquantile(values[:, kept], q, axis=0) for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine[kept], theirs)
        assert np.isnan(mine[~kept]).all()


def test_strategies_of_files_are_known_by_their_names(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text('name = "Mine"\nextends = "continued"\nwhy = "a test"\n', encoding="utf-8")
    assert small(strategies=(load("continued"), load(file))).keys == ["continued", "mine"]
