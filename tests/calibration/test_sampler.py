"""The sampler draws from what it should, says when it is done, and goes on where it was stopped, bit for bit."""

import numpy as np
import pytest

from idmaj.calibration import sampler

CORRELATION = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 4.0]])
INVERSE = np.linalg.inv(CORRELATION)
MEAN = np.array([1.0, -2.0, 0.5])


def gaussian(x: np.ndarray) -> float:
    return -0.5 * float((x - MEAN) @ INVERSE @ (x - MEAN))


def skewed(x: np.ndarray) -> float:
    """Return the log density of a log-gamma in each coordinate: mean digamma(2), far from normal."""
    return float((2.0 * x - np.exp(np.minimum(x, 500.0))).sum())


class StoppedError(Exception):
    """Stands for a kill."""


def test_draws_have_the_moments_of_what_they_are_drawn_from():
    course = sampler.sample(gaussian, np.zeros(3), np.ones(3), seed=1)
    assert course.enough
    mixed, bulk, tail = course.diagnosis
    assert mixed.max() < sampler.MOST_R_HAT and min(bulk.min(), tail.min()) > sampler.LEAST_ESS
    # At least 400 effective draws: a mean errs by at most a twentieth of its spread, four of which are allowed.
    assert course.draws.mean(axis=0) == pytest.approx(MEAN, abs=0.2 * 2.0)
    assert np.cov(course.draws.T)[0, 1] == pytest.approx(0.9, abs=0.2)


def test_a_skewed_density_is_sampled_too():
    course = sampler.sample(skewed, np.zeros(2), np.ones(2), seed=2)
    assert course.draws.mean() == pytest.approx(0.4228, abs=0.12)  # digamma(2)
    assert course.draws.var() == pytest.approx(0.6449, abs=0.15)  # trigamma(2)


def test_stopped_and_taken_up_again_it_gives_the_same_bytes_whoever_does_it(tmp_path):
    whole = sampler.sample(gaussian, np.zeros(3), np.ones(3), seed=3, workers=1)

    def stop(course: sampler.Course) -> None:
        if course.blocks == 6:
            raise StoppedError

    with pytest.raises(StoppedError):
        sampler.sample(gaussian, np.zeros(3), np.ones(3), seed=3, path=tmp_path / "chains.npz", on_block=stop)
    resumed = sampler.sample(gaussian, np.zeros(3), np.ones(3), seed=3, path=tmp_path / "chains.npz", workers=3)
    assert resumed.kept.tobytes() == whole.kept.tobytes()
    assert sampler.unpacked(tmp_path / "chains.npz").kept.tobytes() == whole.kept.tobytes()


def test_what_is_done_is_not_done_again(tmp_path):
    path, asked = tmp_path / "chains.npz", []
    sampler.sample(gaussian, np.zeros(3), np.ones(3), seed=4, path=path)
    sampler.sample(lambda x: asked.append(x) or 0.0, np.zeros(3), np.ones(3), seed=4, path=path)
    assert asked == []


def test_a_file_that_holds_no_chains_counts_as_none(tmp_path):
    (tmp_path / "chains.npz").write_bytes(b"PK\x03\x04 cut off")
    assert sampler.unpacked(tmp_path / "chains.npz") is None


def test_another_seed_gives_other_draws_and_too_few_blocks_are_said_to_be():
    one, two = (sampler.sample(gaussian, np.zeros(3), np.ones(3), seed=seed, most=6) for seed in (5, 6))
    assert one.draws.tobytes() != two.draws.tobytes()
    assert not one.enough
