"""What a step more of one thing gives for its money, beside a step more of another, at several values of the first."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def gain_per(effect: ArrayLike, money: ArrayLike, unit: float = 1.0) -> Floats:
    """Return the effect of so much money, from differences in means.

    Parameters
    ----------
    effect, money : array (...)
        What a step adds and what it costs.
    unit : float
        MAD.

    Returns
    -------
    array (...)
        Where a step costs nothing or less: infinite if it adds something, minus infinity if it takes something away,
        and 0 if it does nothing at all.
    """
    more, paid = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in (effect, money)))
    free = np.select([more > 0.0, more < 0.0], [np.inf, -np.inf], 0.0)
    return np.asarray(np.divide(unit * more, paid, out=free, where=paid > 0.0))


def buys_less_from(first: ArrayLike, other: ArrayLike) -> NDArray[np.int64]:
    """Return the step from which on the first always buys less than the other.

    Parameters
    ----------
    first, other : array (..., steps)
        Gains per unit of money, in the order of the first one's values.

    Returns
    -------
    array (...) of int
        Number of the step; that of steps if the first does not buy less in the last one.
    """
    less = np.asarray(first, dtype=np.float64) < np.asarray(other, dtype=np.float64)
    from_here_on = np.logical_and.accumulate(less[..., ::-1], axis=-1)
    return np.asarray(less.shape[-1] - from_here_on.sum(axis=-1))
