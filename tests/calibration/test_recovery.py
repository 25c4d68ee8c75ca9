"""Known numbers are found again: a few registers here, a hundred in benchmarks/recovery.py with its raw results."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]


def recovery():
    spec = importlib.util.spec_from_file_location("recovery", ROOT / "benchmarks" / "recovery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_intervals_of_two_registers_with_all_defects_hold_the_truth():
    tool = recovery()
    table = pd.DataFrame([row for k in (900, 901) for row in tool.one("fixed", k, agrs=500)[0]], columns=tool.HEADER)
    numbers = table.drop(columns=["design", "parameter"]).astype(float)
    # 24 intervals of 90 %: fewer than 17 hold the truth once in 400 times.
    assert ((numbers["low"] <= numbers["truth"]) & (numbers["truth"] <= numbers["high"])).sum() >= 17
    assert (numbers["r_hat"] < 1.01).all() and (numbers["tail_ess"] > 400).all()


def test_the_committed_replications_meet_the_promise():
    """Over a hundred registers and all parameters: bias under 0.2 standard errors, 85-95 % of intervals hold."""
    tool = recovery()
    raw = pd.read_csv(tool.RAW)
    fixed = tool.summary(raw)
    fixed = fixed[fixed["design"] == "fixed"]
    assert fixed["registers"].min() >= 100
    hold = (raw["low"] <= raw["truth"]) & (raw["truth"] <= raw["high"])
    assert hold[raw["design"] == "fixed"].mean() == pytest.approx(0.90, abs=0.05)
    assert abs(fixed["bias_se"].mean()) < 0.2
