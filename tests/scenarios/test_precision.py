"""How closely an outcome is known, in closed form."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from idmaj.scenarios.precision import half_width


def found(**draws: list[float]) -> Any:
    """Return an experiment of which all that is known are the values of one outcome: by strategy, a value a draw."""
    rows = [(key, draw, 0, "income", value) for key, values in draws.items() for draw, value in enumerate(values)]
    table = pd.DataFrame(rows, columns=["strategy", "draw", "replication", "outcome", "value"])
    return SimpleNamespace(plan=SimpleNamespace(keys=tuple(draws)), with_parts=lambda outcome: table)


def half(values: list[float]) -> float:
    """Return half the width of the 95 % interval of a mean."""
    return float(t(len(values) - 1).ppf(0.975) * np.std(values, ddof=1) / np.sqrt(len(values)))


BASE, NEAR, FAR = [5.0, 50.0, 500.0], [1.0, 2.0, 4.0], [10.0, -20.0, 70.0]


@pytest.mark.parametrize("order", [("near", "far"), ("far", "near")])
def test_of_several_strategies_the_widest_difference_counts(order: tuple[str, str]) -> None:
    """Of the differences from the first, not of the strategies themselves, which vary more."""
    others = {"near": np.add(BASE, NEAR).tolist(), "far": np.add(BASE, FAR).tolist()}
    width = half_width(found(base=BASE, **{key: others[key] for key in order}), "income")
    assert width == pytest.approx(half(FAR)) != pytest.approx(half(NEAR))


def test_of_one_strategy_its_mean_counts() -> None:
    assert half_width(found(base=BASE), "income") == pytest.approx(half(BASE))


def test_where_one_difference_has_no_interval_nothing_is_known() -> None:
    nan = float("nan")
    assert np.isnan(half_width(found(base=BASE, near=BASE, gone=[1.0, nan, nan]), "income"))
    assert np.isnan(half_width(found(base=[1.0]), "income"))
