"""Where a quantity first falls below a threshold: on lines, outside of the ladder, and in order over draws."""

import math

import pytest

from idmaj.scenarios.decisions.saturation import ALREADY, NEVER, first_below, in_order, size_at


def test_a_crossing_lies_on_the_line_between_two_sizes():
    place = first_below([1.0, 0.95, 0.85, 0.80], 0.9)
    assert place == pytest.approx(1.5)
    assert size_at(place, [10, 20, 40, 80]) == pytest.approx(30.0)


def test_the_first_crossing_counts_and_touching_is_not_falling_below():
    assert first_below([1.0, 0.8, 1.0, 0.8], 0.9) == pytest.approx(0.5)
    assert first_below([1.0, 0.9, 0.9], 0.9) == NEVER


def test_what_lies_outside_is_said_to_lie_outside():
    assert first_below([0.8, 0.7], 0.9) == ALREADY and size_at(ALREADY, [1, 2]) == ALREADY
    assert first_below([1.0, 1.0], 0.9) == NEVER and size_at(NEVER, [1, 2]) == NEVER


def test_sizes_without_a_value_are_passed_over():
    assert first_below([math.nan, 1.0, math.nan, 0.8], 0.9) == pytest.approx(2.0)
    assert math.isnan(first_below([math.nan, math.nan], 0.9))


def test_quantiles_are_values_in_order_and_bear_infinities():
    values = [5.0, NEVER, 3.0, NEVER, ALREADY, 4.0, math.nan, 2.0, 1.0, 6.0, 7.0]
    assert in_order(values, 0.5) == 4.0
    assert in_order(values, 0.1) == ALREADY and in_order(values, 0.9) == NEVER
    assert math.isnan(in_order([math.nan], 0.5))
