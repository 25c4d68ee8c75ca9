"""Draw parameters from their priors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..sim.kinds import HazardFamily
from ..sim.params import NUMBERS, Number, Params
from ..sim.table import new_table

Z95 = 1.6448536269514722
"""Standard normal quantile of 0.95: priors are given by their 5, 50 and 95 % quantiles."""

Floats = NDArray[np.float64]


def draw_priors(draws: int, seed: int, numbers: Mapping[str, Number] = NUMBERS) -> np.recarray[Any, Any]:
    """Draw parameters from their priors, independently, each by its name: a new one leaves the others' draws alone.

    The first draws are the same however many follow. `numbers` are the model's, or the same with other priors.

    Returns
    -------
    recarray of Params, shape (draws,)
        The hazard family is drawn too, each as likely: nobody knows it.
    """
    table = new_table(Params, draws)
    for name in NUMBERS:
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
        luck = np.random.Generator(np.random.Philox(key=[seed, key])).random(draws)
        table[name] = quantile(numbers[name], luck)
    return table


def quantile(number: Number, u: Floats) -> Floats:
    """Return quantiles of a prior: two half-normals that meet at the median, on the scale of its shape."""
    if number.kind is HazardFamily:
        return np.minimum((u * len(HazardFamily)).astype(int), len(HazardFamily) - 1).astype(float)
    if number.shape == "fixed":
        return np.full(len(u), number.median)
    there, back = SCALES[number.shape]
    low, median, high = (there(np.array(value)) for value in (number.low, number.median, number.high))
    z = standard_normal(u)
    return np.asarray(back(median + np.where(z < 0, median - low, high - median) / Z95 * z))


def standard_normal(u: Floats) -> Floats:
    """Return standard normal quantiles."""
    from scipy.special import ndtri

    return np.asarray(ndtri(u))


def _logit(x: Floats) -> Floats:
    return np.log(x / (1.0 - x))


def _expit(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))


SCALES = {"lognormal": (np.log, np.exp), "share": (_logit, _expit), "normal": (np.positive, np.positive)}
"""How each shape of prior is made normal, and back."""
