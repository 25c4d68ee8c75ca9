"""In which order draws stand, and replays of history under them: on made-up summaries, without a run."""

from __future__ import annotations

from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest

from idmaj.calibration import replays
from idmaj.calibration.posterior import balanced
from idmaj.calibration.priors import SCALES, draw_priors
from idmaj.calibration.replays import replay
from idmaj.sim import NUMBERS, default_params
from idmaj.sim.ensemble import threads
from idmaj.sim.kinds import HazardFamily


def standard(params: np.ndarray) -> np.ndarray:
    """Return every number that is learned, on its own scale, with mean 0 and standard deviation 1."""
    learned = [name for name, number in NUMBERS.items() if number.shape != "fixed"]
    table = np.column_stack([SCALES[NUMBERS[name].shape][0](params[name]) for name in learned])
    return (table - table.mean(axis=0)) / table.std(axis=0)


def test_the_first_draws_in_balance_have_means_near_those_of_all() -> None:
    """Nearer than in any of 1,000 random orders, after ten draws and after thirty, over all numbers alike."""
    params = draw_priors(200, 4)
    table = standard(params)
    order = balanced(params)
    np.testing.assert_array_equal(np.sort(order), np.arange(200))
    random = np.random.default_rng(5)
    for first in (10, 30):
        distance = float((table[order[:first]].mean(axis=0) ** 2).sum())
        others = [(table[random.permutation(200)[:first]].mean(axis=0) ** 2).sum() for _ in range(1000)]
        assert distance < 0.9 * min(others)


def test_families_and_a_number_are_each_balanced() -> None:
    params = default_params(25)
    params.hazard_family = np.repeat(list(HazardFamily), 5)
    families = params.hazard_family[balanced(params)].reshape(5, 5)
    assert (np.sort(families, axis=1) == np.sort(list(HazardFamily))).all()
    params = default_params(6)
    params.failure_level *= np.exp([1.0, 2.0, 3.0, -3.0, -2.0, -1.0])
    np.testing.assert_array_equal(balanced(params), [0, 5, 1, 4, 2, 3])


def test_replays_stand_in_the_order_of_their_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first draw is held up until the last one is done; each meets its own luck and parameters."""
    params = draw_priors(6, 1)
    last = Event()

    def made_up(row, policy, luck, months):
        if luck.draw == 5:
            last.set()
        elif luck.draw == 0:
            assert last.wait(10)
        assert (luck.seed, luck.replication, months) == (9, 0, replays.FIT_MONTHS)
        return float(row.failure_level), luck.draw

    monkeypatch.setattr(replays, "history_policy", lambda months: SimpleNamespace(months=months))
    monkeypatch.setattr(replays, "simulate", made_up)
    monkeypatch.setattr(replays, "summarise", lambda lived: {"level": lived[0], "draw": lived[1]})
    told = []
    found = replay(params, 9, threads(2), lambda done, total: told.append((done, total)))
    assert found["draw"].tolist() == found.index.tolist() == list(range(6))
    np.testing.assert_array_equal(found["level"], params.failure_level)
    assert told == [(done, 6) for done in range(1, 7)]


def test_a_replay_that_fails_is_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(row, policy, luck, months):
        raise ArithmeticError("no such world")

    monkeypatch.setattr(replays, "history_policy", lambda months: SimpleNamespace(months=months))
    monkeypatch.setattr(replays, "simulate", broken)
    with pytest.raises(RuntimeError, match="draw 0 of seed 9: .*no such world"):
        replay(draw_priors(1, 1), 9, threads(1), None)
