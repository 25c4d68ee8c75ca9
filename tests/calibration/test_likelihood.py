"""The likelihood: what it says of lives worked out on paper, and of the careless ways to count them."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from theory_world import cohort, quiet

from idmaj.calibration import hazards
from idmaj.calibration.cohorts import cohorts_of
from idmaj.calibration.likelihood import PLACE, Likelihood, Structure, coordinates, with_fixed
from idmaj.calibration.rows import lives_of_cohorts, lives_of_spells, region_of, rows_of
from idmaj.calibration.spells import spells_of
from idmaj.calibration.synthetic import ALL_DEFECTS, Defects, Truth, cumulative_hazard, synthetic_spells
from idmaj.sim.kinds import Ending, HazardFamily, Region
from idmaj.sim.params import default_params

WEIBULL = Structure(HazardFamily.WEIBULL, crowding=False)
LEVEL, SHAPE, LEFT, WAGE, ABSORBED = 0.15, 0.85, 0.06, 0.02, 0.01
PLAIN = {"failure_level": LEVEL, "weibull_shape": SHAPE, "log_frailty_sd": 0.0, "forced_closure_rate": 0.0,
         "departure_syrian": LEFT, "hr_departure_running_business": 1.0, "rate_wage_work": WAGE,
         "rate_absorbed": ABSORBED}  # fmt: skip
HEADER = "id,owner_id,start_lo,start_hi,observed_from,last_active,first_inactive,exit,origin,source\n"
STARTED = "2010-01-01,2010-01-01"


def likelihood_of(*lines: str, structure: Structure = WEIBULL, spread: float = 0.0) -> Likelihood:
    rows = rows_of(lives_of_spells(spells_of("x", HEADER + "\n".join(lines) + "\n")))
    return Likelihood(rows, structure, coordinates(rows, structure), spread)


def hazard(years: float, ratio: float = 1.0) -> float:
    return ratio * float(cumulative_hazard(12.0 * np.array(years), Truth(level=LEVEL, shape=SHAPE)))


def alive(years: float, ratio: float = 1.0, rate: float = LEFT + WAGE + ABSORBED) -> float:
    return math.exp(-hazard(years, ratio) - rate * years)


@pytest.mark.parametrize("family", list(HazardFamily))
def test_simulated_closing_frequencies_are_those_of_the_function_of_the_likelihood(family):
    """20,000 lives: a share errs by 0.0035, so a level wrong by a tenth is twelve standard errors off at three."""
    params = quiet(hazard_family=float(family), failure_level=0.12)
    businesses = cohort(params, 84).businesses
    ages = np.array([12, 36, 60, 84])
    expected = hazards.survival(ages / 12.0, params)[0]
    found = [((businesses.ending == Ending.OPEN) | (businesses.age > age)).mean() for age in ages]
    assert found == pytest.approx(expected, abs=0.018)
    assert expected == pytest.approx(np.exp(-hazards.cumulative(ages / 12.0, params)[0]))


def test_simulated_frailty_is_that_of_the_likelihood():
    params = quiet(failure_level=0.2, log_frailty_sd=0.7)
    businesses = cohort(params, 84).businesses
    found = [((businesses.ending == Ending.OPEN) | (businesses.age > age)).mean() for age in (24, 84)]
    assert found == pytest.approx(hazards.survival(np.array([2.0, 7.0]), params)[0], abs=0.018)


def test_an_open_agr_has_its_chance_of_survival():
    given = likelihood_of(f"a,,{STARTED},,2014-01-01,,active,SYR,x")
    assert given.at(PLAIN) == pytest.approx(math.log(alive(4.0)), abs=1e-9)


@pytest.mark.parametrize(
    ("how", "of_it"),
    [
        ("failed", lambda t: (SHAPE / t) * hazard(t)),
        ("owner_left", lambda t: LEFT),
        ("wage_work", lambda t: WAGE),
        ("absorbed", lambda t: ABSORBED),
        ("unknown", lambda t: (SHAPE / t) * hazard(t) + LEFT + WAGE + ABSORBED),
    ],
)
def test_an_ending_between_two_visits_has_the_chance_of_its_cause(how, of_it):
    given = likelihood_of(
        f"a,,{STARTED},,2011-01-01,2012-01-01,{how},SYR,x", f"z,,{STARTED},,{STARTED[:10]},2010-01-02,unknown,SYR,x"
    )
    other = likelihood_of(f"z,,{STARTED},,{STARTED[:10]},2010-01-02,unknown,SYR,x")
    expected = quad(lambda t: of_it(t) * alive(t), 1.0, 2.0)[0]
    assert given.at(PLAIN) - other.at(PLAIN) == pytest.approx(math.log(expected), abs=3e-3)


def test_chances_of_all_endings_add_up():
    days = ",2010-06-01,2014-06-01,"
    table = [likelihood_of(f"a,,{STARTED},{days}{how},SYR,x", f"z,,{STARTED},,2010-01-02,2010-01-03,unknown,SYR,x")
             for how in ("failed", "owner_left", "wage_work", "absorbed", "unknown")]  # fmt: skip
    logs = [each.at(PLAIN) for each in table]
    assert math.log(sum(math.exp(log - logs[-1]) for log in logs[:-1])) == pytest.approx(0.0, abs=1e-9)


def test_who_came_late_under_observation_is_given_to_have_lived_till_then():
    late = likelihood_of(f"a,,{STARTED},2012-01-01,2014-01-01,,active,SYR,x").at(PLAIN)
    assert late == pytest.approx(math.log(alive(4.0) / alive(2.0)), abs=1e-9)


def test_frailty_is_shared_by_the_agrs_of_an_owner():
    sd = 0.8
    lines = [f"{name},{{}},{STARTED},,2013-01-01,,active,SYR,x" for name in "ab"]
    frail = PLAIN | {"log_frailty_sd": sd}
    apart = likelihood_of(*(line.format(owner) for line, owner in zip(lines, "PQ", strict=True))).at(frail)
    shared = likelihood_of(*(line.format("P") for line in lines)).at(frail)

    def mean(agrs: int) -> float:
        density = lambda z: math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)  # noqa: E731
        one = lambda z: alive(3.0, math.exp(sd * z - 0.5 * sd * sd)) ** agrs  # noqa: E731
        return quad(lambda z: one(z) * density(z), -9, 9)[0]

    assert apart == pytest.approx(2.0 * math.log(mean(1)), abs=3e-3)
    assert shared == pytest.approx(math.log(mean(2)), abs=3e-3)


def test_a_missing_covariate_is_averaged_over_those_recorded():
    spells = synthetic_spells(Truth(), ALL_DEFECTS, 400, 3)
    spells = spells[spells["exit"] == 0].head(4).assign(owner_id=list("PQRS"))
    known = spells.assign(sex=["female", "male", "female", "male"], place="Rabat", need=0.35, trained=np.inf)

    def at(table: pd.DataFrame) -> float:
        rows = rows_of(lives_of_spells(table))
        given = Likelihood(rows, WEIBULL, coordinates(rows, WEIBULL))
        return given.at(PLAIN | {"hr_female_failure": 1.5})

    first = known.head(1)
    parts = [at(pd.concat([first.assign(sex=sex), known.iloc[1:]])) for sex in ("male", "female")]
    unknown = at(pd.concat([first.assign(sex=""), known.iloc[1:]]))
    # Of the three that are left one is a woman.
    assert unknown == pytest.approx(math.log((2 * math.exp(parts[0]) + math.exp(parts[1])) / 3), abs=1e-9)


def test_a_cohort_table_says_what_its_spells_say():
    header = "cohort_from,cohort_to,origin,n_started,at,n_active,n_failed,n_left,n_wage,n_unknown,source\n"
    cohort = "2010-01-01,2010-01-01,SYR,10"
    lines = [f"{cohort},2011-01-01,7,2,1,0,0,x", f"{cohort},2013-01-01,3,4,1,0,1,x"]
    rows = rows_of(lives_of_cohorts(cohorts_of("x", header + "\n".join(lines) + "\n")))
    cells = [(",2010-01-01,2011-01-01,failed", 2), (",2010-01-01,2011-01-01,owner_left", 1),
             (",2011-01-01,2013-01-01,failed", 2), (",2011-01-01,2013-01-01,unknown", 1),
             (",2011-01-01,,lost", 1), (",2013-01-01,,active", 3)]  # fmt: skip
    many = [f"{k}{i},,{STARTED},{cell},SYR,x" for k, (cell, n) in enumerate(cells) for i in range(n)]
    counted = Likelihood(rows, WEIBULL, coordinates(rows, WEIBULL))
    assert rows.times.sum() == 10
    assert counted.at(PLAIN) == pytest.approx(likelihood_of(*many).at(PLAIN), abs=2e-3)


def test_the_rest_of_a_cohort_ended_where_endings_were_not_counted():
    header = "cohort_from,cohort_to,n_started,age_months,n_active,source\n"
    rows = rows_of(lives_of_cohorts(cohorts_of("x", header + "2010-01,2010-12,100,36,60,x\n")))
    given = Likelihood(rows, WEIBULL, with_fixed(coordinates(rows, WEIBULL), {"log_frailty_sd": 0.0}))
    values = {"failure_level": LEVEL, "weibull_shape": SHAPE, "forced_closure_rate": 0.0, "rate_wage_work": 0.0,
              "rate_absorbed": 0.0, "log_frailty_sd": 0.0}  # fmt: skip
    share = math.exp(-hazard(3.0))
    assert given.at(values) == pytest.approx(60 * math.log(share) + 40 * math.log(1.0 - share), abs=1e-6)


@pytest.mark.parametrize("counts", [(2011,), (2011, 2012, 2013, 2014)])
def test_agrs_of_a_cohort_opened_at_any_time_of_its_year(counts):
    """With the first day of the year for all, young AGRs would seem to last and old ones to fail."""
    level, many = 0.25, 100_000
    opened = (np.arange(many) + 0.5) / many  # years from January 2010
    ends = opened - np.log1p(-np.random.default_rng(3).random(many)) / level
    lines = [
        f"2010-01-01,2010-12-31,{many},{year}-01-01,{(ends > year - 2010).sum()},{(ends <= year - 2010).sum()},0,0,0,x"
        for year in counts
    ]
    header = "cohort_from,cohort_to,n_started,at,n_active,n_failed,n_left,n_wage,n_unknown,source\n"
    rows = rows_of(lives_of_cohorts(cohorts_of("x", header + "\n".join(lines) + "\n")))
    given = Likelihood(rows, WEIBULL, coordinates(rows, WEIBULL))
    shapes = (0.9, 0.95, 1.0, 1.05, 1.1) if len(counts) > 1 else (1.0,)
    rates = {"forced_closure_rate": 0.0, "rate_wage_work": 0.0, "rate_absorbed": 0.0, "log_frailty_sd": 0.0}
    tried = [(level, shape) for level in (0.23, 0.24, 0.25, 0.26, 0.27) for shape in shapes]
    best = max(tried, key=lambda each: given.at(rates | {"failure_level": each[0], "weibull_shape": each[1]}))
    assert best == (0.25, 1.0)


def test_an_agr_with_no_date_of_activity_may_have_opened_at_any_time_of_its_interval():
    rows = likelihood_of("a,,2010-01-01,2011-01-01,,,2012-01-01,failed,SYR,x").rows
    assert len(rows.causes) > 1 and np.ptp(rows.ages[:, 2]) > 0.5
    seen = likelihood_of("a,,2010-01-01,2011-01-01,,2010-03-01,2012-01-01,failed,SYR,x").rows
    assert seen.ages[:, 2].min() > 2.0 - 2.1 / 12.0 + 0.0 and np.ptp(seen.ages[:, 2]) < 0.2


def test_weights_do_not_multiply_what_was_seen():
    """Ten rows that stand for ten each tell as much as ten; where weights differ, they tell less."""
    header = HEADER.replace("source", "weight,source")
    cells = [f"{STARTED},,2011-01-01,2012-01-01,failed,SYR"] * 6 + [f"{STARTED},,2014-01-01,,active,SYR"] * 4

    def rows(weights):
        lines = [f"{k},,{cell},{weight},x" for k, (cell, weight) in enumerate(zip(cells, weights, strict=True))]
        return rows_of(lives_of_spells(spells_of("x", header + "\n".join(lines) + "\n")))

    assert rows([10] * 10).times.tolist() == [1.0] * 10
    uneven = rows([1] * 5 + [3] * 5).times
    assert uneven.sum() == pytest.approx(20**2 / 50) and uneven[-1] == pytest.approx(3 * uneven[0])


def test_pieces_of_life_are_short_enough():
    spells = synthetic_spells(Truth(shape=0.7), Defects(visit_months=24.0), 300, 5)
    rows = rows_of(lives_of_spells(spells))
    given = Likelihood(rows, WEIBULL, coordinates(rows, WEIBULL))
    x = given.start()
    truth = given.values(x)
    coarse = given.at(truth)
    assert coarse == pytest.approx(_in_small_steps(spells, truth), abs=0.02)


def _in_small_steps(spells: pd.DataFrame, values: dict[str, float]) -> float:
    """Return the log likelihood by brute force: a thousand steps an interval, sixty points of frailty."""
    rows = rows_of(lives_of_spells(spells))
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    sd, k = values["log_frailty_sd"], values["weibull_shape"]
    ratios, weights = np.exp(sd * points - 0.5 * sd * sd), weights / weights.sum()
    leave = {region: values.get(name, 0.0) for region, name in [(0, "departure_syrian"), (1, "departure_yemeni"),
             (3, "departure_subsaharan")]}  # fmt: skip
    total = 0.0
    for owner in range(len(rows.times)):
        product = np.ones(len(points))
        for row in range(rows.owner_of[owner], rows.owner_of[owner + 1]):
            need = math.exp(values["log_hazard_need"] * (rows.need[row] - 0.35))
            h = values["hr_female_failure"] ** rows.female[row] * need * ratios
            left = leave[int(rows.region[row])] * values["hr_departure_running_business"]
            wage = values["rate_wage_work"] * (values["hr_female_wage_exit"] if rows.female[row] else 1.0)
            absorbed, forced = values["rate_absorbed"], values["forced_closure_rate"]
            H = lambda t: 3.0 * values["failure_level"] * (t / 3.0) ** k  # noqa: E731, N806
            _, active, inactive = rows.ages[row]
            if not rows.causes[row]:
                product *= np.exp(-h * H(active) - (left + wage + absorbed + forced) * active)
                continue
            t = np.linspace(active, inactive, 1001)
            every = left + wage + absorbed + forced
            S = np.exp(-np.outer(H(t), h) - every * t[:, None])  # noqa: N806
            dH, dt = np.outer(np.diff(H(t)), h), np.diff(t)[:, None]  # noqa: N806
            causes = int(rows.causes[row])
            wanted = (dH + forced * dt if causes & 1 else 0.0) + dt * (
                left * bool(causes & 2) + wage * bool(causes & 4) + absorbed * bool(causes & 8)
            )
            product *= ((S[:-1] - S[1:]) * wanted / (dH + every * dt)).sum(axis=0)
        total += math.log(weights @ product)
    return total


def test_crowding_raises_the_hazard_of_who_opened_among_many():
    spells = synthetic_spells(Truth(), ALL_DEFECTS, 2000, 3)
    rows = rows_of(lives_of_spells(spells))
    crowded = Structure(HazardFamily.WEIBULL, crowding=True)
    given = Likelihood(rows, crowded, coordinates(rows, crowded), niches=0.5)
    values = given.values(given.start())
    gamma = [given.at(values | {"saturation_gamma": each}) for each in (0.0, 0.3)]
    assert gamma[0] == pytest.approx(Likelihood(rows, WEIBULL, coordinates(rows, WEIBULL)).at(values))
    assert gamma[0] != gamma[1]


def test_origins_have_the_departure_rate_of_their_region():
    assert region_of("SYR") == Region.SYRIAN
    assert region_of("CIV") == Region.SUB_SAHARAN
    assert math.isnan(region_of(""))
    assert default_params()["departure_syrian"][0] > 0
    assert PLACE.endswith(" ")


def test_half_of_the_prior_of_the_likelihood_lies_below_each_stated_median():
    """As in `draw_priors`: where an interval is lopsided (frailty) the density is higher on its narrow side."""
    from idmaj.calibration.likelihood import NUISANCE, Likelihood, Structure
    from idmaj.calibration.sbc_design import EMPTY
    from idmaj.sim.kinds import HazardFamily
    from idmaj.sim.params import NUMBERS

    names = ("log_frailty_sd", "failure_level", "hr_departure_running_business")
    numbers = {name: NUMBERS[name] for name in names} | {"rate_absorbed": NUISANCE["rate_absorbed"]}
    likelihood = Likelihood(EMPTY, Structure(HazardFamily.WEIBULL, crowding=False), numbers)
    x = likelihood.start()
    for k in range(len(x)):
        low, median, high = (np.log(getattr(numbers[likelihood.names[k]], end)) for end in ("low", "median", "high"))
        grid = np.linspace(median - 12.0, median + 12.0, 4001)
        points = np.tile(x, (len(grid), 1))
        points[:, k] = grid
        mass = np.cumsum([np.exp(likelihood.log_prior(point) - likelihood.log_prior(x)) for point in points])
        below = np.interp([low, median, high], grid, mass / mass[-1])
        np.testing.assert_allclose(below, [0.05, 0.5, 0.95], atol=0.01)
