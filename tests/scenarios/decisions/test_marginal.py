"""What money buys at the margin, and from which step on one lever buys less than another."""

import numpy as np
import pytest

from idmaj.scenarios.decisions.marginal import buys_less_from, gain_per


def test_a_gain_is_effect_over_money():
    assert gain_per([3.0, -1.0], [1.5e5, 2e5], 1e5) == pytest.approx([2.0, -0.5])


def test_what_costs_nothing_is_told_apart_by_what_it_does():
    assert gain_per([1.0, 0.0, -1.0], 0.0).tolist() == [np.inf, 0.0, -np.inf]


@pytest.mark.parametrize(
    ("first", "other", "step"),
    [
        ([3.0, 2.0, 1.0], [2.5, 1.5, 1.5], 2),
        ([1.0, 3.0, 1.0], [2.0, 2.0, 2.0], 2),  # once less, then more again: only what stays counts
        ([1.0, 1.0, 1.0], [2.0, 2.0, 2.0], 0),
        ([1.0, 1.0, 3.0], [2.0, 2.0, 2.0], 3),
        ([2.0, 2.0], [2.0, 2.0], 2),  # as much is not less
    ],
)
def test_the_step_from_which_on_one_always_buys_less(first, other, step):
    assert buys_less_from(first, other) == step


def test_resamples_are_judged_one_by_one():
    assert buys_less_from(np.array([[1.0, 1.0], [3.0, 3.0]]), np.array([[2.0, 2.0], [2.0, 2.0]])).tolist() == [0, 2]
