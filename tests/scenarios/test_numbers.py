"""Numbers in sentences: no sign before zero, no more digits than are worth reading."""

import math

import pytest

from idmaj.scenarios.numbers import plain, signed


@pytest.mark.parametrize(
    ("value", "said"),
    [(1703001.2, "1,700,000"), (0.65774, "0.658"), (53492.0, "53,500"), (0.0, "0"), (-7.0, "−7.00"), (math.nan, "–")],
)
def test_three_digits_and_no_exponent(value, said):
    assert plain(value) == said


@pytest.mark.parametrize(("value", "places", "said"), [(-0.04, 0, "0"), (0.26, 1, "+0.3"), (-34.4, 0, "−34")])
def test_a_difference_has_its_sign_unless_it_rounds_to_zero(value, places, said):
    assert signed(value, places) == said
