"""The columns every estimator takes: checked, or refused by row; and the counts they all start from."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def checked_spells(
    entry: npt.ArrayLike, exit: npt.ArrayLike, ending: npt.ArrayLike, name: str
) -> tuple[Floats, Floats, Ints]:
    """Return entry, exit and ending as columns of one length, or say which row cannot be and why."""
    stop = np.asarray(exit, dtype=np.float64)
    how = np.asarray(ending, dtype=np.float64)
    start = _spread(entry, stop)
    _one_length({"entry": start, "exit": stop, name: how})
    for label, column in (("entry", start), ("exit", stop), (name, how)):
        refuse(~(np.isfinite(column) & (column >= 0.0)), label, column, "a finite number, 0 or more")
    refuse(how != np.floor(how), name, how, "a whole number")
    if name == "event":
        refuse(how > 1, name, how.astype(np.int64), "0 (censored) or 1 (ended)")
    refuse(stop < start, "exit", stop, "its entry or later")
    lived = "later than entry for a spell that ended (count the period of the ending as lived)"
    refuse((stop == start) & (how > 0), "exit", stop, lived)
    return start, stop, how.astype(np.int64)


def known_between(exit: npt.ArrayLike, event: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Turn exits and events into what `turnbull` and `fit_distribution` take: the ending lies in (lower, upper].

    Returns
    -------
    lower, upper : arrays (n,)
        Both `exit` where the spell ended then; from `exit` to infinity where it was last seen.
    """
    _, stop, ended = checked_spells(0.0, exit, event, "event")
    return stop, np.where(ended > 0, stop, np.inf)


def checked_brackets(entry: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return entry, lower and upper as columns of one length, or say which row cannot be and why."""
    low = np.asarray(lower, dtype=np.float64)
    high = np.asarray(upper, dtype=np.float64)
    start = _spread(entry, low)
    _one_length({"entry": start, "lower": low, "upper": high})
    for label, column in (("entry", start), ("lower", low)):
        refuse(~(np.isfinite(column) & (column >= 0.0)), label, column, "a finite number, 0 or more")
    refuse(low < start, "lower", low, "its entry or later (nothing is known of endings before it)")
    refuse(~(high >= low), "upper", high, "its lower or later (the same: it ended then; inf: it had not ended)")
    refuse(high == start, "upper", high, "later than entry (count the period of the ending as lived)")
    return start, low, high


def checked_weights(weight: npt.ArrayLike | None, n: int) -> Floats:
    """Return how many spells each row stands for: one, unless said otherwise."""
    if weight is None:
        return np.ones(n)
    column = np.asarray(weight, dtype=np.float64)
    if column.shape != (n,):
        raise ValueError(f"weight has shape {column.shape}; accepted: a column of {n}")
    refuse(~(np.isfinite(column) & (column >= 0.0)), "weight", column, "a finite number, 0 or more")
    return column


def checked_covariates(covariates: npt.ArrayLike | None, n: int) -> Floats:
    """Return covariates as a table (n, p); p is 0 without any."""
    if covariates is None:
        return np.empty((n, 0))
    table = np.asarray(covariates, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or len(table) != n:
        raise ValueError(f"covariates have shape {table.shape}; accepted: {n} rows, one column for each covariate")
    for k, column in enumerate(table.T):
        refuse(~np.isfinite(column), f"covariate {k}", column, "a finite number")
    return table


def checked_times(times: npt.ArrayLike) -> Floats:
    """Return times as an array of their shape, or say which is before 0 or missing."""
    at = np.asarray(times, dtype=np.float64)
    refuse(np.ravel(~(at >= 0.0)), "time", np.ravel(at), "0 or later")
    return at


def normal_quantile(level: float) -> float:
    """Return the z of a two-sided interval at `level`."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level}; accepted: between 0 and 1, such as 0.95")
    return NormalDist().inv_cdf(0.5 + level / 2.0)


def refuse(bad: npt.NDArray[np.bool_], name: str, column: Floats | Ints, accepted: str) -> None:
    """Raise a ValueError that names the first bad row, its value and what is accepted."""
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(f"row {row}: {name} is {column[row]}; accepted: {accepted}")


def counts(start: Floats, stop: Floats, ended: Ints) -> tuple[Floats, Ints, Ints]:
    """Give the distinct times of an ending, the spells at risk (entry < t <= exit) and the endings."""
    time, events = np.unique(stop[ended > 0], return_counts=True)
    return time, at_risk(start, stop, time), events.astype(np.int64)


def at_risk(start: Floats, stop: Floats, time: Floats) -> Ints:
    """Count the spells at risk (entry < t <= exit) at each time."""
    entered, left = np.searchsorted(np.sort(start), time), np.searchsorted(np.sort(stop), time)
    return (entered - left).astype(np.int64)


def greenwood_terms(at_risk: Floats | Ints, events: Floats | Ints) -> Floats:
    """Give d / (n (n - d)); 0 where all at risk ended, where what it multiplies is zero."""
    left = at_risk - events
    return np.divide(events, at_risk * left, out=np.zeros(left.size), where=left > 0)


def _spread(entry: npt.ArrayLike, like: Floats) -> Floats:
    start = np.asarray(entry, dtype=np.float64)
    return np.full(like.shape, float(start)) if start.ndim == 0 else start


def _one_length(columns: dict[str, Floats]) -> None:
    shapes = [column.shape for column in columns.values()]
    if any(len(shape) != 1 or shape != shapes[0] for shape in shapes):
        *names, last = columns
        *first, final = map(str, shapes)
        raise ValueError(
            f"{', '.join(names)} and {last} have shapes {', '.join(first)} and {final}; "
            "accepted: three columns of one length"
        )
