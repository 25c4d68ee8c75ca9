"""The first fit: what it gives, what it is made from, and how it refuses what is not one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration.bridge import load_bridge
from idmaj.calibration.checks import PUBLISHED, historical_figures, prior_table, stock_table
from idmaj.calibration.draws import BUNDLED, FITTED, load_contractions, load_draws
from idmaj.calibration.posterior_files import check_folder
from idmaj.calibration.priors import draw_priors
from idmaj.calibration.replays import KNOWN_MONTHS, history_policy
from idmaj.calibration.shares import bundled_share
from idmaj.sim import EVALUATION_MONTH, NUMBERS, Luck, UserError, default_params, simulate

DRAWS = 40


@pytest.fixture(scope="module")
def replays():
    params, policy = load_draws(DRAWS), history_policy(KNOWN_MONTHS)
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda k: simulate(params[k], policy, Luck(99, 0, k), KNOWN_MONTHS), range(DRAWS)))


def test_whole_runs_under_the_fit_show_the_share_that_its_closed_form_foretold(replays):
    # The fit weighs draws by a closed form. One replay is off by about 0.025, so the mean of 40 errs by 0.004: a bias
    # of 2.5 points is seen with a chance of 98 %.
    share, reached = bundled_share(), load_bridge()(load_draws(DRAWS))
    true = share.true_shares(load_draws(DRAWS), reached)[EVALUATION_MONTH + 1]
    foretold = true * np.minimum(reached["found"].to_numpy(), 1.0)
    seen = np.array([history.monthly.active_share[EVALUATION_MONTH] for history in replays])
    assert abs(float(np.mean(seen - foretold))) < 0.017
    assert np.corrcoef(seen, foretold)[0, 1] > 0.8


def test_the_published_share_lies_where_whole_runs_under_the_fit_put_it(replays):
    seen = [history.monthly.active_share[EVALUATION_MONTH] for history in replays]
    assert np.quantile(seen, 0.05) < 0.537 < np.quantile(seen, 0.95)


def test_stocks_are_within_ten_percent_of_the_tables_above_100_persons(replays):
    table = stock_table(replays)
    assert len(table) > 200
    assert table.relative_error.abs().max() < 0.10


def test_every_historical_figure_has_its_role(replays):
    table = historical_figures(replays[:2])
    assert set(table.role) == {"imposed", "fitted", "in the prior", "predicted", "not published"}
    assert (table.role == "predicted").sum() >= 2
    assert len(table) == len(PUBLISHED)
    assert np.isfinite(table[["model", "low", "high"]].to_numpy()).all()


def test_the_share_under_each_definition_of_success(replays):
    shares = replays[0].active_shares()
    assert shares["seen"] == pytest.approx(replays[0].monthly.active_share[-1])
    assert shares["open"] == pytest.approx(replays[0].monthly.active_share_true[-1])
    assert shares["open"] < shares["stayed"] < 1.0
    assert shares["open"] < shares["jobs_and_solutions"]
    assert shares["seen"] < shares["found"]


def test_the_share_of_an_earlier_month_is_that_of_a_run_which_ends_there(replays):
    long = replays[0]
    short = simulate(long.params[0], history_policy(EVALUATION_MONTH + 1), long.luck, EVALUATION_MONTH + 1)
    assert long.active_shares(EVALUATION_MONTH) == short.active_shares() != long.active_shares()


def test_provenance_names_all_that_the_bytes_rest_on(replays):
    about = replays[0].provenance()
    assert {"version", "seed", "replication", "draw", "code_sha256", "params_sha256", "policy_sha256"} <= set(about)
    assert about["result_sha256"] == replays[0].fingerprint != replays[1].fingerprint


def test_prior_draws_are_the_same_however_many_follow():
    few, many = draw_priors(5, 3), draw_priors(50, 3)
    assert few.tobytes() == many[:5].tobytes()
    assert draw_priors(5, 4).tobytes() != few.tobytes()


def test_prior_draws_have_the_stated_quantiles():
    # 20,000 draws: a quantile of 0.05 errs by 0.0015, so 0.01 is more than six standard errors.
    table = draw_priors(20_000, 1)
    for name, number in NUMBERS.items():
        if number.shape != "fixed":
            for level, value in ((0.05, number.low), (0.5, number.median), (0.95, number.high)):
                assert (table[name] <= value).mean() == pytest.approx(level, abs=0.025), (name, level)


def test_a_number_that_does_not_hang_together_is_said_to_fail():
    row = {"active_share": 0.2, "insolvent_share": 0.4, "job_share": 0.3, "exits_per_year": 0.5, "three_years": 0.2}
    more = {"log_profit_12": 9.0, "profit_spread": 20.0, "capital_36": 1.0, "heads_at_work": 0.1}
    assert (prior_table(pd.DataFrame([row | more] * 4)).verdict == "fails").all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("failure_level", "failure_rate", 1), "failure_rate"),
        (lambda text: text.replace("\nweibull,", "\nwiebull,"), "hazard_family"),
        (lambda text: "\x00", "columns"),
        (lambda text: "", "cannot be read"),
    ],
)
def test_a_file_that_is_no_fit_is_refused(tmp_path, change, said):
    path = tmp_path / FITTED
    path.write_text(change((BUNDLED / FITTED).read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(UserError) as refused:
        load_draws(2, tmp_path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_more_draws_than_there_are_is_refused():
    with pytest.raises(UserError, match="accepted: 1 to 1000"):
        load_draws(1001)


def test_a_folder_that_holds_a_fit_is_refused(tmp_path):
    check_folder(tmp_path / "new", force=False)
    assert list((tmp_path / "new").iterdir()) == []
    with pytest.raises(UserError, match="--force"):
        check_folder(BUNDLED, force=False)


def test_the_fit_was_made_by_the_parameters_of_this_version():
    assert set(pd.read_csv(BUNDLED / FITTED).columns) == set(NUMBERS) == set(default_params().dtype.names)


def test_the_fit_says_what_it_moved():
    moved = load_contractions()
    assert moved and set(moved) <= set(NUMBERS)
    assert all(0.1 <= share <= 1.0 for share in moved.values())
    assert len(load_draws()) == len(pd.read_csv(BUNDLED / FITTED))


def test_a_file_that_says_nothing_of_a_fit_is_refused(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        load_contractions(tmp_path)
