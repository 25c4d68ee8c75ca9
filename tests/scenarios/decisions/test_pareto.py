"""The front of known sets, its chances against a normal closed form, and the knee of known curves."""

import numpy as np
import pandas as pd
import pytest
from decision_tables import constant, tidy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from idmaj.scenarios.decisions.pareto import again, front, knee, non_dominated
from idmaj.sim import UserError

POINTS = arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.integers(0, 4).map(float))
WANTED = {"alive": "more", "cost": "less"}


def designs(points: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """Return designs whose survivors and cost are the same in every run."""
    parts = [tidy({name: constant(pair[at]) for name, pair in points.items()}, key) for at, key in enumerate(WANTED)]
    return pd.concat(parts)


KNOWN = {"a": (10, 1), "b": (20, 2), "c": (15, 3), "d": (30, 5), "e": (30, 6), "f": (5, 1), "g": (20, 2)}
"""Survivors and cost: c costs more than b and gives less, e costs more than d for the same, f gives less than a for
the same; b and g are equal, so neither dominates."""


def test_the_front_of_a_known_set():
    table = front(designs(KNOWN), WANTED).set_index("strategy")
    assert table.index[table["on_front"]].tolist() == ["a", "b", "d", "g"]
    assert table["dominated_by"].to_dict() == {
        "a": "", "b": "", "c": "b, g", "d": "", "e": "d", "f": "a", "g": "",
    }  # fmt: skip
    assert table.loc["b", "chance"] == table.loc["b", "worlds"] == 1.0
    assert table["verdict"].tolist() == ["kept", "kept", "dominated", "kept", "dominated", "dominated", "kept"]


@given(POINTS)
def test_every_point_is_on_the_front_or_dominated_by_one_that_is(points):
    on = non_dominated(points)
    assert on.any()
    for at, point in enumerate(points):
        beaten = [np.all(other >= point) and np.any(other > point) for other in points[on]]
        assert any(beaten) == (not on[at])


@given(POINTS)
def test_the_front_is_the_same_on_any_scale(points):
    np.testing.assert_array_equal(non_dominated(points), non_dominated(np.exp(points / 2) - 7))


def test_a_missing_value_is_refused():
    with pytest.raises(ValueError, match="missing value"):
        non_dominated(np.array([[1.0, np.nan]]))


def test_the_chance_of_not_being_dominated_is_that_of_the_normal_closed_form():
    """`dear` costs more, so it is dominated unless it keeps more alive: with chance Phi(gap / standard error).

    2,000 resamples know a chance near 0.85 to 0.008; 0.035 is four of these and the bootstrap's own error.
    """
    rng = np.random.default_rng(4)
    base, gap = rng.normal(50, 20, (200, 1)), rng.normal(0.0, 1.0, (200, 1))
    gap = (gap - gap.mean()) / gap.std(ddof=1) + 0.075
    table = pd.concat(
        [
            tidy({"cheap": base, "dear": base + gap}, "alive"),
            tidy({"cheap": base * 0 + 1, "dear": base * 0 + 2}, "cost"),
        ]
    )
    found = front(table, WANTED).set_index("strategy").loc["dear"]
    assert found["chance"] == pytest.approx(norm.cdf(0.075 * np.sqrt(200)), abs=0.035)
    assert found["on_front"] and found["verdict"] == "not sure"
    assert found["worlds"] == pytest.approx((gap > 0).mean())


def test_of_equal_designs_the_one_that_luck_chose_falls_back_on_fresh_luck():
    """40 designs alike in truth, 30 runs each: the best is about 2.2 standard errors too good, and then it is not.

    Power: its fresh mean is as good again with a chance of 1.4 %, and never by this seed.
    """
    rng = np.random.default_rng(5)
    names = [f"d{at}" for at in range(40)]
    first, second = (tidy({name: rng.normal(100, 10, (30, 1)) for name in names}, "alive") for _ in range(2))
    second["replication"] += 1
    before = front(first, {"alive": "more"})
    best = before.loc[before["alive"].idxmax(), "strategy"]
    after = again(first, second, {"alive": "more"}).set_index("strategy").loc[best]
    assert after["alive_before"] == before["alive"].max() > 103
    assert after["alive"] < after["alive_before"]


def test_runs_that_chose_a_front_cannot_judge_it():
    table = designs(KNOWN)
    with pytest.raises(UserError, match="runs that chose the front"):
        again(table, table, WANTED)


def test_fresh_runs_must_hold_all_that_stood():
    table = designs(KNOWN)
    fresh = table[table["strategy"] != "d"].assign(replication=9)
    with pytest.raises(UserError, match="no runs of d"):
        again(table, fresh, WANTED)


def test_what_is_better_must_be_said():
    with pytest.raises(UserError, match="found 'up', accepted 'more' or 'less'"):
        front(designs(KNOWN), {"alive": "up", "cost": "less"})


def arc(count: int = 9) -> dict[str, tuple[float, float]]:
    """Return a quarter circle: gain over cost rises steeply and then flattens."""
    angles = np.linspace(0, np.pi / 2, count)
    return {f"p{at}": (100 * np.sin(angle), 500 * (1 - np.cos(angle))) for at, angle in enumerate(angles)}


def test_the_knee_of_a_quarter_circle_is_its_middle_on_any_scale():
    found = knee(designs(arc()), WANTED)
    assert found.name == "p4"
    assert found.bend == pytest.approx(1 - np.sqrt(0.5))  # radius less the distance of the chord from the centre
    assert found.chance == {"p4": 1.0} and found.none == 0.0


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ({f"p{at}": (at, at) for at in range(5)}, "straight"),
        ({"a": (0, 0), "b": (1, 5), "c": (10, 10)}, "straight or bends inward"),
        ({"a": (3, 1), "b": (2, 2), "c": (1, 3)}, "fewer than three"),
    ],
)
def test_where_there_is_no_knee_it_says_so(points, reason):
    found = knee(designs(points), WANTED)
    assert found.name is None and reason in found.reason and found.none == 1.0


def test_a_knee_that_rests_on_few_draws_is_shown_to_be_unstable():
    rng = np.random.default_rng(6)
    points = arc(17)
    parts = [
        tidy({name: pair[at] + rng.normal(0, spread, (10, 1)) for name, pair in points.items()}, key)
        for at, (key, spread) in enumerate((("alive", 20.0), ("cost", 0.0)))
    ]
    found = knee(pd.concat(parts), WANTED)
    assert len(found.chance) > 2 and max(found.chance.values()) < 0.9
    assert sum(found.chance.values()) + found.none == pytest.approx(1.0)


def test_a_knee_needs_two_outcomes():
    with pytest.raises(UserError, match="found 1 outcomes, accepted two"):
        knee(designs(KNOWN), {"alive": "more"})
