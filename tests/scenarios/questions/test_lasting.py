"""How long projects last: curves that agree with the model's own outcomes and with estimates by hand."""

import numpy as np
import pandas as pd
import pytest
from small_studies import done, given_medians, small

from idmaj.scenarios.experiment import prepare
from idmaj.scenarios.questions import lasting as question
from idmaj.scenarios.questions.lasting import AT_RISK, COLUMNS, CURVES, ENDINGS, LASTING, Spells, curves, spells_in
from idmaj.scenarios.runs import Lives
from idmaj.sim import UserError

YEARS = 4


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    with given_medians():
        yield done(tmp_path_factory.mktemp("lasting") / "study", small(years=YEARS, draws=3, replications=2))


@pytest.fixture(scope="module")
def answer(study):
    return question.lasting(study.results())


def spells(*rows) -> Spells:
    names = ("strategy", "draw", "replication", "time", "cause")
    return Spells(pd.DataFrame(rows, columns=names), 1)


def test_curves_are_those_of_a_textbook():
    """Five projects: ended after 1, 3 and 3 months' trade in two ways, open at 2 and at 5."""
    times, causes = (2, 2, 4, 4, 5), (1, 0, 1, 4, 0)
    table = curves(spells(*(("a", 0, 0, *each) for each in zip(times, causes, strict=True))), ["a"], 6)
    share = dict(zip(table["age"], table["share"], strict=True))
    assert [share[age] for age in (0, 1, 2, 3)] == [1.0, 1.0, 0.8, 0.8]
    assert share[4] == pytest.approx(0.8 / 3) and share[5] == share[4] and np.isnan(share[6])
    at_four = table[table["age"] == 4].iloc[0]
    assert at_four["failed"] == pytest.approx(0.2 + 0.8 / 3) and at_four["took_a_job"] == pytest.approx(0.8 / 3)
    assert list(table["at_risk"]) == [5, 5, 5, 3, 3, 1, 0]


def test_shares_that_have_ended_and_the_share_still_open_make_one(answer):
    table = answer.table(CURVES).dropna(subset=["share"])
    assert len(table) > 60
    assert np.allclose(table["share"] + table[list(COLUMNS.values())].sum(axis=1), 1.0)


def test_what_is_kept_of_a_run_are_its_projects_and_of_those_old_enough_the_share_is_the_models_own_outcome(study):
    plan = study.plan
    lived = Lives.of(plan, prepare(plan)).lived(1, 1)
    kept = spells_in(study.results(), 6).table
    for key, history in lived.items():
        table = kept[(kept["strategy"] == key) & (kept["draw"] == 1) & (kept["replication"] == 1)]
        businesses = history.businesses
        mine = businesses[(businesses.assisted == 1) & (businesses.opened >= plan.start)]
        times = mine.age + (mine.ending > 0)
        assert sorted(table["time"]) == sorted(times) and (table["cause"] > 0).sum() == (mine.ending > 0).sum()
        for years in (1, 3):
            old = np.asarray(mine.opened <= plan.months - 12 * years)
            own = pd.DataFrame({"time": times[old], "cause": mine.ending[old]})
            found = question._survival(own, np.array([12.0 * years]))[0]
            assert found == pytest.approx(history.ends(plan.start, plan.months)[f"survival_{years}y"])


def test_runs_are_spread_over_the_draws(study):
    some, whole = (spells_in(study.results(), most) for most in (4, 99))
    assert (some.runs, whole.runs) == (4, 6)
    runs = {tuple(run) for run in some.table[["draw", "replication"]].drop_duplicates().to_numpy()}
    assert runs == {(0, 0), (1, 0), (2, 0), (0, 1)}
    first, same = (
        each.table[(each.table["draw"] == 0) & (each.table["replication"] == 0)].reset_index(drop=True)
        for each in (whole, some)
    )
    assert first.equals(same)


def test_the_answer_says_what_its_tables_say(answer, study):
    rows = answer.table(LASTING)
    names = [strategy.name for strategy in study.plan.strategies]
    assert list(rows["strategy"].unique()) == names
    base = rows[rows["strategy"] == names[0]]
    assert base["difference"].isna().all() and (base["share"].between(base["low"], base["high"])).all()
    other = rows[(rows["strategy"] == names[1]) & (rows["months"] == 36)].iloc[0]
    assert other["difference_low"] <= other["difference"] <= other["difference_high"]
    assert f"{other['share']:.0f} %" in answer.sentence
    risk = answer.table(AT_RISK).set_index("strategy")
    assert (np.diff(risk.to_numpy(), axis=1) <= 0).all()
    assert list(answer.table(ENDINGS).columns) == ["strategy", "months", *COLUMNS.values()]
    assert answer.facts["runs"] == 6


def test_levels_differences_and_counts_are_those_of_the_runs(study, answer):
    plan, inputs = study.plan, prepare(study.plan)
    lived = {run: Lives.of(plan, inputs).lived(*run) for run in study.results().runs}
    still, begun = {}, {key: 0 for key in plan.keys}
    for key in plan.keys:
        for draw in range(plan.draws):
            times, ended = [], []
            for replication in range(plan.replications):
                table = lived[draw, replication][key].businesses
                mine = table[(table.assisted == 1) & (table.opened >= plan.start)]
                times += (mine.age + (mine.ending > 0)).tolist()
                ended += (mine.ending > 0).tolist()
            begun[key] += len(times)
            share = 1.0
            for month in range(1, 37):  # the product-limit estimate, by hand
                risk = sum(time >= month for time in times)
                share *= 1 - sum(end and time == month for time, end in zip(times, ended, strict=True)) / risk
            still[key, draw] = 100 * share
    first, second = plan.keys
    rows = answer.table(LASTING)
    at = rows[rows["months"] == 36].set_index("strategy")
    names = [strategy.name for strategy in plan.strategies]
    draws = range(plan.draws)
    for key, name in zip(plan.keys, names, strict=True):
        assert at.loc[name, "share"] == pytest.approx(np.mean([still[key, draw] for draw in draws]), abs=0.006)
    difference = np.mean([still[second, draw] - still[first, draw] for draw in draws])
    assert at.loc[names[1], "difference"] == pytest.approx(difference, abs=0.006)
    risk = answer.table(AT_RISK).set_index("strategy")["year 0"]
    for key, name in zip(plan.keys, names, strict=True):
        assert risk[name] == pytest.approx(begun[key] / len(lived), abs=0.06)


def test_a_damaged_chunk_is_named_with_its_remedy(tmp_path):
    with given_medians():
        broken = done(tmp_path / "broken", small(years=2, draws=1, replications=1))
        for path in (broken.folder / "chunks").glob("*-spells.parquet"):
            path.write_bytes(b"nonsense")
        with pytest.raises(UserError, match="a chunk is missing or damaged; idmaj study verify"):
            question.lasting(broken.results())


def test_what_has_no_answer_is_refused(study, tmp_path):
    with pytest.raises(UserError, match="--runs: found 0"):
        question.lasting(study.results(), 0)
    from idmaj.scenarios.strategies import load

    with given_medians():
        idle = done(tmp_path / "idle", small(strategies=(load("no_programme"),), start=0, draws=1, replications=1))
        with pytest.raises(UserError, match="found no strategy that begins a project"):
            question.lasting(idle.results())
