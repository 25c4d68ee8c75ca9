"""Which draws the quick fit keeps, and in which order: on made-up summaries, without a run."""

from __future__ import annotations

from threading import Event
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from idmaj.calibration import fit
from idmaj.calibration.fit import MAX_INSOLVENT, TARGETS, QuickFit, balanced, contraction, loss, quick_fit, replay
from idmaj.calibration.priors import SCALES, draw_priors
from idmaj.sim import NUMBERS, UserError, default_params
from idmaj.sim.ensemble import threads
from idmaj.sim.kinds import HazardFamily

ON_TARGET = {target.summary: target.value for target in TARGETS} | {"insolvent_share": 0.1}


def away(scales: np.ndarray) -> pd.DataFrame:
    """Return summaries that miss the first target by so many of its scales, and nothing else."""
    first = TARGETS[0]
    return pd.DataFrame([ON_TARGET | {first.summary: first.value + first.scale * far} for far in scales])


def test_the_loss_is_the_sum_of_squared_misses_in_their_scales() -> None:
    rows = [ON_TARGET, *({**ON_TARGET, each.summary: each.value - 3 * each.scale} for each in TARGETS)]
    rows.append(ON_TARGET | {each.summary: each.value + 2 * each.scale for each in TARGETS})
    np.testing.assert_allclose(loss(pd.DataFrame(rows)), [0.0, 9.0, 9.0, 8.0], atol=1e-9)


def test_a_run_with_too_many_insolvencies_is_infinitely_far() -> None:
    rows = [ON_TARGET | {"insolvent_share": share} for share in (MAX_INSOLVENT, MAX_INSOLVENT + 1e-9, np.nan)]
    np.testing.assert_array_equal(loss(pd.DataFrame(rows)), [0.0, np.inf, np.inf])


def test_the_nearest_draws_are_kept_in_a_balanced_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 60 draws the 20 with the smallest loss, but for the nearest of all, which is insolvent."""
    far = np.random.default_rng(3).permutation(60) / 10
    summaries = away(far)
    nearest = int(np.argmin(far))
    summaries.loc[nearest, "insolvent_share"] = 0.9
    asked = QuickFit(60, 20, 5)
    prior = draw_priors(60, 5)
    given = []

    def made_up(params, seed, crew, on_progress):
        given.append((params.tobytes(), seed))
        return summaries

    monkeypatch.setattr(fit, "replay", made_up)
    found = quick_fit(asked)
    assert given == [(prior.tobytes(), 5)]
    near = np.argsort(far)[1:21]
    np.testing.assert_array_equal(found.kept, near[balanced(prior[near])])
    assert found.params.tobytes() == prior[found.kept].tobytes()
    assert found.summaries is summaries
    pd.testing.assert_frame_equal(found.table, contraction(prior, prior[near]), rtol=1e-9)


@pytest.mark.parametrize("kept", [1, 61])
def test_too_few_and_too_many_to_keep_are_refused(monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    monkeypatch.setattr(fit, "replay", None)
    with pytest.raises(UserError, match=f"--kept: found {kept}; accepted: 2 to the 60 replayed"):
        quick_fit(QuickFit(60, kept, 5))


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
        assert (luck.seed, luck.replication, months) == (9, 0, fit.FIT_MONTHS)
        return float(row.failure_level), luck.draw

    monkeypatch.setattr(fit, "history_policy", lambda months: SimpleNamespace(months=months))
    monkeypatch.setattr(fit, "simulate", made_up)
    monkeypatch.setattr(fit, "summarise", lambda lived: {"level": lived[0], "draw": lived[1]})
    told = []
    found = replay(params, 9, threads(2), lambda done, total: told.append((done, total)))
    assert found["draw"].tolist() == found.index.tolist() == list(range(6))
    np.testing.assert_array_equal(found["level"], params.failure_level)
    assert told == [(done, 6) for done in range(1, 7)]


def test_a_replay_that_fails_is_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(row, policy, luck, months):
        raise ArithmeticError("no such world")

    monkeypatch.setattr(fit, "history_policy", lambda months: SimpleNamespace(months=months))
    monkeypatch.setattr(fit, "simulate", broken)
    with pytest.raises(RuntimeError, match="draw 0 of seed 9: .*no such world"):
        replay(draw_priors(1, 1), 9, threads(1), None)
