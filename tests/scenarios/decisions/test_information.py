"""The value of information against closed forms: two decisions whose gain is normal, and what a survey tells of it.

Of a gain N(m, s2) perfect information is worth s (phi(u) - u Phi(-u)), u = |m| / s: the unit normal loss (Raiffa &
Schlaifer 1961, "Applied Statistical Decision Theory", ch. 5).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from decision_tables import ends
from scipy.stats import binom, norm

from idmaj.scenarios.decisions.benefits import Benefits, benefits_of
from idmaj.scenarios.decisions.information import evpi, evppi, worth_knowing, worth_of
from idmaj.scenarios.decisions.smoothing import basis_of, smooth
from idmaj.scenarios.decisions.surveys import survey_of
from idmaj.sim import UserError


def loss(mean: float, sd: float) -> float:
    """Return the normal loss."""
    u = abs(mean) / sd
    return float(sd * (norm.pdf(u) - u * norm.sf(u)))


def gaining(gain: np.ndarray, noise: float = 0.0) -> Benefits:
    """Return two strategies, or more: nothing, and those that gain so much, with luck of a variance left in each."""
    gain = gain.reshape(len(gain), -1)
    table = pd.DataFrame(np.column_stack([np.zeros(len(gain)), gain])).rename_axis("draw")
    return Benefits(table, np.diag([0.0] + [noise] * gain.shape[1]), "enterprises")


def linear(draws: int, seed: int, mean: float = -1.0, luck: float = 1.0) -> tuple[Benefits, pd.DataFrame]:
    """Return a gain of 2 a + b + c / 2 on top of its mean, and the numbers, `dull` among them, which does nothing."""
    generator = np.random.default_rng(seed)
    params = pd.DataFrame(generator.normal(size=(draws, 4)), columns=["a", "b", "c", "dull"]).rename_axis("draw")
    gain = mean + params.to_numpy() @ [2, 1, 0.5, 0] + generator.normal(0, luck, draws)
    return gaining(gain, luck**2), params


SETS = {"a": (["a"], 2.0), "b": (["b"], 1.0), "b and c": (["b", "c"], 1.25**0.5), "all": (["a", "b", "c"], 5.25**0.5)}


@pytest.mark.parametrize("name", SETS)
def test_evppi_of_a_linear_gaussian_model(name: str) -> None:
    columns, sd = SETS[name]
    benefits, params = linear(2000, 1)
    found = evppi(benefits, params[columns], tries=50)
    assert found.se < 0.03
    assert found.value == pytest.approx(loss(-1, sd), abs=3 * found.se)
    assert not found.below_floor
    assert found.low < found.value < found.high


def test_evpi_takes_out_what_luck_left() -> None:
    benefits, _ = linear(4000, 2, luck=2.0)
    truth = loss(-1, np.sqrt(5.25))
    found = evpi(benefits)
    assert found.value == pytest.approx(truth, abs=3 * found.se)
    loud = evpi(Benefits(benefits.table, np.full((2, 2), np.nan), "enterprises"))
    assert loud.value > truth + 4 * loud.se


@pytest.mark.parametrize("sd", [2.0, 1.0])
def test_intervals_cover_the_truth_at_200_draws(sd: float) -> None:
    """Of 200 data sets; at a true 95 % fewer than 179 cover in one test of 1,000, at 83 % with chance above 0.99."""
    assert binom(200, 0.95).ppf(0.001) == 179
    assert binom(200, 0.83).cdf(178) > 0.99
    generator = np.random.default_rng(11)
    hits = 0
    for _ in range(200):
        known = generator.normal(size=(200, 1))
        gain = -1 + sd * known + generator.normal(0, np.sqrt(6.25 - sd**2), (200, 1))
        found = worth_of(gaining(gain), basis_of(known), gain, -1.0)
        hits += found.low <= loss(-1, sd) <= found.high
    assert hits >= 179


def test_a_group_of_more_numbers_than_a_fit_could_hold_freely() -> None:
    """Of 20 numbers and their 190 pairs three matter: 200 draws find what they are worth together."""
    generator = np.random.default_rng(13)
    known = generator.normal(size=(200, 20))
    gain = -1 + known[:, :3] @ [1, 1, 0.5] + generator.normal(0, 1, 200)
    params = pd.DataFrame(known).rename_axis("draw")
    found = evppi(gaining(gain, 1.0), params, tries=50)
    assert not found.below_floor
    assert found.se < 0.07
    assert found.value == pytest.approx(loss(-1, 1.5), abs=3 * found.se)


def test_what_bends_or_acts_together_is_found_too() -> None:
    """Of x2 - 1 knowledge is worth 2 phi(1); of x y the two together 1 / pi, each alone nothing."""
    generator = np.random.default_rng(3)
    params = pd.DataFrame(generator.normal(size=(1500, 2)), columns=["x", "y"]).rename_axis("draw")
    bent = gaining(params["x"].to_numpy() ** 2 - 1 + generator.normal(0, 0.5, 1500))
    found = evppi(bent, params[["x"]], tries=20)
    assert found.value == pytest.approx(2 * norm.pdf(1), abs=3 * found.se + 0.01)
    both = gaining(params["x"].to_numpy() * params["y"].to_numpy() + generator.normal(0, 0.5, 1500))
    found = evppi(both, params, tries=20)
    assert found.value == pytest.approx(1 / np.pi, abs=3 * found.se + 0.01)
    assert all(evppi(both, params[[name]], tries=1).value < 0.1 / np.pi for name in ("x", "y"))


def test_a_category_of_three_strategies_is_counted_out() -> None:
    """Each of three is best by 6 where its own case holds and loses 3 elsewhere: knowing the case is worth 6."""
    case = np.tile([0.0, 1, 2], 100)
    gains = np.where(case[:, None] == [0, 1, 2], 6.0, -3.0)
    benefits = Benefits(pd.DataFrame(gains).rename_axis("draw"), np.zeros((3, 3)), "enterprises")
    found = evppi(benefits, pd.DataFrame({"case": case}).rename_axis("draw"), tries=20)
    assert found.value == pytest.approx(6, abs=0.01)
    assert evpi(benefits).value == pytest.approx(6)


def test_a_long_tail_changes_nothing_that_can_be_known() -> None:
    benefits, params = linear(400, 4)
    one, other = evppi(benefits, params[["a"]], tries=5), evppi(benefits, np.exp(3 * params[["a"]]), tries=5)
    assert one == other


def test_noise_passes_its_floor_as_seldom_as_promised() -> None:
    """Of 60 studies of 6 numbers that do nothing, 5 % name one; at 5 % over 9 in one of 1,000, at 30 % with 0.99."""
    assert binom(60, 0.3).sf(9) > 0.99
    named = 0
    for seed in range(60):
        generator = np.random.default_rng(seed)
        params = pd.DataFrame(generator.normal(size=(60, 6))).rename_axis("draw")
        params.columns = [f"p{i}" for i in range(6)]
        named += (~worth_knowing(gaining(generator.normal(0, 1, 60)), params)["below_floor"]).any()
    assert named <= binom(60, 0.05).ppf(0.999) == 9


def test_the_list_begins_with_what_to_collect_first_and_prints_no_noise() -> None:
    benefits, params = linear(500, 5)
    table = worth_knowing(benefits, params.assign(fixed=3.0), {"register": ["b", "c"]}, 1000.0, "MAD")
    assert table["what"].tolist()[:3] == ["a", "register", "b"]
    assert "fixed" not in set(table["what"])
    dull = table.set_index("what").loc["dull"]
    assert dull["below_floor"]
    assert np.isnan([dull[name] for name in ("value", "low", "high", "se", "share_of_evpi")]).all()
    assert "pure noise" in dull["says"]
    first = table.iloc[0]
    assert first["says"].startswith("a: to know it exactly is worth ")
    assert first["value"] == pytest.approx(1000 * evppi(benefits, params[["a"]], tries=1).value)
    assert first["share_of_evpi"] == pytest.approx(first["value"] / 1000 / evpi(benefits).value)


def test_users_mistakes_are_named() -> None:
    benefits, params = linear(60, 6)
    with pytest.raises(UserError, match="draws: found 20"):
        evppi(Benefits(benefits.table.iloc[:20], benefits.noise, ""), params)
    with pytest.raises(UserError, match="found none for draw 7"):
        evppi(benefits, params.drop(index=7))
    with pytest.raises(UserError, match="groups: found 'z'"):
        worth_knowing(benefits, params, {"g": ["z"]})
    with pytest.raises(UserError, match="no number"):
        evppi(benefits, params.replace(params.iloc[3, 0], np.nan))


def test_benefits_are_means_over_complete_runs_with_their_noise() -> None:
    """Two draws of two runs: the residuals of b are +-1 in each, so a mean of two carries a variance of 1."""
    zero = np.zeros((3, 2))
    jobs = np.array([[4.0, 6], [9, 11], [np.nan, np.nan]])
    table = ends({"a": {"jobs": zero, "spent": zero + 10}, "b": {"jobs": jobs, "spent": zero + 20}})
    found = benefits_of(table, "jobs", "MAD", 3.0, "spent")
    assert found.table["b"].to_dict() == {0: -5.0, 1: 10.0}
    assert found.table["a"].tolist() == [-10, -10]
    assert found.noise.tolist() == [[0, 0], [0, 9]]
    assert found.best() == "b"
    assert found.quiet[:, 1].var(ddof=1) == pytest.approx(found.values[:, 1].var(ddof=1) - 9)
    assert found.quiet.mean(axis=0) == pytest.approx(found.values.mean(axis=0))
    with pytest.raises(UserError, match="outcome: found 'job'"):
        benefits_of(table, "job", "MAD")
    with pytest.raises(UserError, match="draws: found 1"):
        benefits_of(table[table["draw"] == 0], "jobs", "MAD")


def test_a_smooth_of_noise_is_nearly_flat_and_of_a_sine_nearly_the_sine() -> None:
    generator = np.random.default_rng(7)
    x = generator.uniform(-3, 3, 400)
    outcomes = np.column_stack([np.sin(2 * x) + generator.normal(0, 0.3, 400), generator.normal(0, 1, 400)])
    found = smooth(basis_of(x[:, None]), outcomes)
    assert np.sqrt(np.mean((found.fitted[:, 0] - np.sin(2 * x)) ** 2)) < 0.1
    assert found.fitted[:, 1].std() < 0.15
    assert found.noise == pytest.approx([0.3, 1.0], rel=0.12)
    assert found.fitted.mean(axis=0) == pytest.approx(outcomes.mean(axis=0))


MEAN, TAU, SIGMA, SIZES = -0.3, 1.0, 4.0, (5, 10, 20, 40, 80, 160, 320)


def survey_worth(n: int) -> float:
    """Return the value of a sample of n of a normal gain with a normal prior (Raiffa & Schlaifer 1961)."""
    return loss(MEAN, TAU**2 / np.sqrt(TAU**2 + SIGMA**2 / n))


def surveyed(draws: int, seed: int, sizes: tuple[int, ...] = SIZES) -> tuple[Benefits, dict[int, pd.DataFrame]]:
    """Return a gain N(MEAN, TAU2), and of each size the mean that a survey of it would show."""
    generator = np.random.default_rng(seed)
    gain = generator.normal(MEAN, TAU, draws)
    seen = {n: gain + generator.normal(0, SIGMA / np.sqrt(n), draws) for n in sizes}
    return gaining(gain), {n: pd.DataFrame({"mean": each}).rename_axis("draw") for n, each in seen.items()}


def test_evsi_and_the_best_survey_in_closed_form() -> None:
    def cost(n: int) -> float:
        return 20 + 0.5 * n

    found = survey_of(*surveyed(3000, 8), cost, 1000.0, "MAD")
    table = found.table.set_index("n")
    truth = np.array([1000 * survey_worth(n) for n in SIZES])
    assert (np.abs(table["smoothed"] - truth) < 3.5 * table["se"] + 2).all()
    assert (np.diff(table["smoothed"]) >= 0).all()
    nets = dict(zip(SIZES, truth - [cost(n) for n in SIZES], strict=True))
    ideal = max(nets, key=lambda n: nets[n])
    assert found.low <= ideal <= found.high
    assert nets[found.best] > nets[ideal] - 20, "the size advised gains nearly as much as the best"
    assert found.chance > 0.99
    assert f"A survey of {found.best} " in found.says


def test_a_survey_that_is_too_dear_is_not_advised() -> None:
    found = survey_of(*surveyed(500, 9, (20, 80)), lambda n: 100.0 * n, 100.0, "MAD")
    assert (found.best, found.low, found.high) == (0, 0, 0)
    assert found.says.startswith("No survey of those tried is worth its cost")


def test_a_survey_that_tells_nothing_is_below_its_floor() -> None:
    generator = np.random.default_rng(100)
    benefits, _ = surveyed(300, 10)
    noise = {n: pd.DataFrame({"mean": generator.normal(size=300)}).rename_axis("draw") for n in (20, 80)}
    found = survey_of(benefits, noise, lambda n: 0.001 * n)
    assert found.table["below_floor"].all()
    assert found.table["evsi"].isna().all()
    assert found.best == 0
    assert "pure noise" in found.says
    with pytest.raises(UserError, match="survey sizes"):
        survey_of(benefits, {}, float)
