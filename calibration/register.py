"""Fit one structure to registers and cohort tables, and make whole rows of parameters of what they tell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.params import NUMBERS, Number
from ..sim.rule import code_hash
from . import hazards
from .bridge import Bridge, load_bridge
from .diagnostics import psis
from .likelihood import Likelihood, Structure, coordinates
from .priors import SCALES, Z95
from .reweight import prior_of, resample
from .rows import Rows
from .sampler import MOST_BLOCKS, Course, sample
from .shares import log_heads_at_work

Floats = NDArray[np.float64]

POOL = 20_000
"""Prior draws among which each posterior draw finds the numbers the register does not speak of."""
NEAREST = 50
THINNED = 400
"""Draws on which checks are made."""
BANDS = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 100.0)
"""Ages in years between which endings are counted and expected."""
FOLDS = 8
BOOTSTRAPS = 2000
OFFER_STEPS = 4
CHAINS = "chains"


@dataclass(frozen=True)
class Registered:
    """A structure fitted to registers.

    Attributes
    ----------
    likelihood : Likelihood
    course : Course
        The chains.
    params : recarray of Params
        Posterior draws completed by what the register does not speak of.
    p_value : float
        Chance that endings by age, were the model right, were at least as far from what it expects.
    held_out : (folds)
        Log chance of each group of cohorts given the others.
    k_hat : float
        How far the weights behind `held_out` can be trusted, at worst.
    """

    likelihood: Likelihood
    course: Course
    params: np.recarray[Any, Any]
    p_value: float
    held_out: Floats
    k_hat: float


def likelihood_of(rows: Rows, structure: Structure, numbers: dict[str, Number], seed: int) -> Likelihood:
    """Return the likelihood of a structure, with what whole runs say of margins nobody recorded as a prior."""
    bridge = load_bridge()
    pool = prior_of(structure, POOL // 10, seed, numbers)
    reached = bridge(pool)
    given = coordinates(rows, structure, numbers)
    doubt = Z95 * float(np.hypot(reached["margin"].std(), bridge.residual["margin"]))
    middle = float(reached["margin"].mean())
    given["margin"] = replace(given["margin"], low=middle - doubt, median=middle, high=middle + doubt)
    return Likelihood(rows, structure, given, spread=float(reached["spread"].median()))


def key_of(likelihood: Likelihood, seed: int) -> str:
    """Return the sha256 of all that chains rest on: data, priors, structure, seed and code."""
    digest = hashlib.sha256(f"{code_hash()} {_own_hash()} {seed} {likelihood.structure} {likelihood.spread!r}".encode())
    digest.update(repr(sorted((name, repr(number)) for name, number in likelihood.numbers.items())).encode())
    for field in fields(likelihood.rows):
        value = getattr(likelihood.rows, field.name)
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(_sorted(value)).encode())
    return digest.hexdigest()


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


@cache
def _own_hash() -> str:
    """Return the sha256 of the files of calibration that make chains."""
    digest = hashlib.sha256()
    for name in ("hazards", "likelihood", "rows", "sampler", "diagnostics", "priors"):
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()


def fit_register(
    likelihood: Likelihood,
    numbers: dict[str, Number],
    wanted: int,
    seed: int,
    folder: Path | None = None,
    workers: int = 1,
    on_block: Callable[[Course], None] | None = None,
    most: int = MOST_BLOCKS,
) -> Registered:
    """Sample a structure's posterior, complete it, and check it.

    Parameters
    ----------
    folder : Path, optional
        Where chains are kept, by what they rest on: a fit that was stopped goes on, one that was done is read.
    most : int
        Blocks of steps at most.
    """
    path = None
    if folder is not None:
        (folder / CHAINS).mkdir(parents=True, exist_ok=True)
        path = folder / CHAINS / f"{key_of(likelihood, seed)[:32]}.npz"
    likelihood.log_posterior(likelihood.start())  # compiled before several threads ask for it
    course = sample(
        likelihood.log_posterior, likelihood.start(), likelihood.scales(), seed, path, workers, most, on_block
    )
    draws = course.draws
    chosen = draws[np.linspace(0, len(draws) - 1, wanted).astype(int)]
    params = complete(likelihood, chosen, numbers, seed)
    few = draws[np.linspace(0, len(draws) - 1, THINNED).astype(int)]
    held_out, k_hat = hold_out(likelihood, few)
    return Registered(likelihood, course, params, compatibility(likelihood, few, seed), held_out, k_hat)


def complete(likelihood: Likelihood, draws: Floats, numbers: dict[str, Number], seed: int) -> np.recarray[Any, Any]:
    """Return a row of parameters for each draw.

    What the register speaks of is the draw's. The rest comes from prior draws, weighed by the survey of heads at
    work, one whose margins are as hard on businesses as the draw says; offers of jobs are set so that owners take as
    many as the draw says.
    """
    structure, bridge = likelihood.structure, load_bridge()
    pool = prior_of(structure, POOL, seed + 1, numbers)
    linear = bridge.linear(pool)
    order = np.argsort(linear["margin"].to_numpy(), kind="stable")
    margins = linear["margin"].to_numpy()[order]
    weights = np.exp(log_heads_at_work(linear, bridge))[order]
    points = {name: draws[:, k] for k, name in enumerate(likelihood.names)}
    middle = np.searchsorted(margins, points["margin"])
    first = np.clip(middle - NEAREST // 2, 0, len(pool) - NEAREST)
    luck = np.random.Generator(np.random.Philox(key=[seed, 12])).random(len(draws))
    near = first[:, None] + np.arange(NEAREST)
    running = np.cumsum(weights[near], axis=1)
    pick = (running < luck[:, None] * running[:, -1:]).sum(axis=1).clip(max=NEAREST - 1)
    params = pool[order[near[np.arange(len(draws)), pick]]].copy()
    for name in likelihood.names:
        if name in NUMBERS:
            params[name] = SCALES[likelihood.numbers[name].shape][1](points[name])
    if "rate_wage_work" in points:
        _set_offers(params, points["rate_wage_work"], bridge)
    return params


def _set_offers(params: np.recarray[Any, Any], log_rate: Floats, bridge: Bridge) -> None:
    """Set offers of jobs so that whole runs have the yearly rate at which owners take them."""
    number = NUMBERS["job_offer_owner"]
    deviation = (np.log(number.high) - np.log(number.low)) / (2.0 * Z95)
    slope = float(bridge.coefficients.loc["job_offer_owner", "job"])
    for _ in range(OFFER_STEPS):  # more than one, for offers also act together with other numbers
        steps = (log_rate - bridge.linear(params)["job"].to_numpy()) / slope
        params["job_offer_owner"] *= np.exp(np.clip(steps, -4.0, 4.0) * deviation)


def compatibility(likelihood: Likelihood, draws: Floats, seed: int) -> float:
    """Return the posterior predictive p-value of the number of endings in each band of ages.

    Endings seen are set against those expected from the time under observation; a later count is not far off more
    often than luck allows where this is neither near 0 nor, for a summary that fitted, near 1.
    """
    rng = np.random.Generator(np.random.Philox(key=[seed, 13]))
    seen, worse = endings_seen(likelihood.rows), 0
    for draw in draws:
        expected = np.maximum(endings_expected(likelihood, draw), 1e-6)
        again = rng.poisson(expected)
        worse += (((again - expected) ** 2) / expected).sum() >= (((seen - expected) ** 2) / expected).sum()
    return worse / len(draws)


def _row_weights(rows: Rows) -> Floats:
    """Return how many AGRs each row stands for."""
    per_spell = np.repeat(rows.times, np.diff(rows.owner_of))
    return np.asarray(np.repeat(per_spell, np.diff(rows.spell_of)) * rows.weight)


def endings_seen(rows: Rows) -> Floats:
    """Return endings in each band of ages, each in the middle of its interval; shape (bands)."""
    ended = rows.causes > 0
    return np.histogram(rows.ages[ended, 1:].mean(axis=1), BANDS, weights=_row_weights(rows)[ended])[0].astype(float)


def endings_expected(likelihood: Likelihood, x: Floats) -> Floats:
    """Return endings that the time under observation lets expect in each band of ages; shape (bands)."""
    rows, values = likelihood.rows, likelihood.values(x)
    params = likelihood.params(values)
    leave, others = likelihood.rates(values, params)
    ratio = np.exp(likelihood.shift(values, params))
    if "female" in rows.recorded:
        ratio = ratio * values["hr_female_failure"] ** rows.female
    if "need" in rows.recorded:
        ratio = ratio * np.exp(values["log_hazard_need"] * (rows.need - hazards.USUAL_NEED))
    rate = leave[rows.region] + others[0] * np.where(rows.female == 1, others[1], 1.0) + others[2] + others[3]
    points, weights = hazards.frailty_nodes(float(params["log_frailty_sd"][0]))
    edges = np.clip(np.array(BANDS), rows.ages[:, :1], rows.ages[:, 1:].mean(axis=1, keepdims=True))
    spent = hazards.cumulative(edges.ravel(), params)[0].reshape(edges.shape) * ratio[:, None]
    frail = hazards.frailty_ratios(points, params) * np.exp(-0.5 * float(params["log_frailty_sd"][0]) ** 2)
    log_alive = np.log(np.exp(-spent[:, :, None] * frail) @ weights) - rate[:, None] * edges
    return np.asarray(_row_weights(rows) @ -np.diff(log_alive, axis=1))


def hold_out(likelihood: Likelihood, draws: Floats) -> tuple[Floats, float]:
    """Return the log chance of each group of cohorts given the others, and the worst k-hat behind them.

    By Pareto-smoothed importance weights: the posterior without a group is that with it over the group's likelihood.
    """
    fold = folds_of(likelihood.rows)
    logs = np.array([likelihood.owners(likelihood.values(x)) * likelihood.rows.times for x in draws])
    found, worst = np.empty(fold.max() + 1), -np.inf
    for k in range(len(found)):
        inside = logs[:, fold == k].sum(axis=1)
        weights, k_hat = psis(-inside)
        found[k] = inside.max() + np.log(np.exp(weights + inside - inside.max()).sum())
        worst = max(worst, k_hat)
    return found, worst


def folds_of(rows: Rows) -> NDArray[np.int64]:
    """Return the group of cohorts of each owner: years of opening, put together until groups are of like size."""
    counts = pd.Series(rows.times).groupby(rows.cohort).sum()
    share = (counts.cumsum() - counts / 2.0) / counts.sum()
    group = np.unique((share * FOLDS).astype(int), return_inverse=True)[1]
    return np.asarray(pd.Series(group, index=counts.index).loc[rows.cohort], dtype=np.int64)


def weights_of(held_out: Floats, seed: int) -> Floats:
    """Return the weights of structures, by how well they foretell held-out cohorts; shape (structures).

    Pseudo-BMA+ (Yao, Vehtari, Simpson & Gelman 2018): softmax of the summed log chances, averaged over Bayesian
    bootstraps of the cohorts. Stacking gives one structure all of the weight where a few cohorts barely prefer it.

    Parameters
    ----------
    held_out : (structures, folds)
        Log chances.
    seed : int
    """
    folds = held_out.shape[1]
    luck = np.random.Generator(np.random.Philox(key=[seed, 14]))
    sums = folds * luck.dirichlet(np.ones(folds), BOOTSTRAPS) @ held_out.T
    chances = np.exp(sums - sums.max(axis=1, keepdims=True))
    return np.asarray((chances / chances.sum(axis=1, keepdims=True)).mean(axis=0))


def with_shares(registered: Registered, log_weight: Floats, seed: int) -> tuple[Registered, float]:
    """Return the same weighed by published shares too, and the k-hat of the weights."""
    chosen = resample(np.exp(log_weight - log_weight.max()), len(log_weight), seed)
    return replace(registered, params=registered.params[chosen].view(np.recarray)), psis(log_weight)[1]
