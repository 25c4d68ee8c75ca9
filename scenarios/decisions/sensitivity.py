"""Which numbers move the answer most, over the whole of their prior ranges: Morris screening, then Sobol indices.

Both take a *design*, a table of runs to do, and later the outcome of each. A column a number, and ``replication``,
which luck the run meets: luck is one more input, so that its share stands beside the numbers' own. Everything else of
two runs is the same, so what differs between them is what was changed. The outcome of a row may be the mean over a
block of replications, so long as ``replication`` picks the block: luck's share is then that of such a mean.

Sampling and indices are SALib's (Herman & Usher 2017, J. Open Source Softw. 2; MIT). Morris 1991, Technometrics 33;
Campolongo, Cariboni & Saltelli 2007, Environ. Model. Softw. 22; Saltelli et al. 2010, Comput. Phys. Commun. 181.

Indices of variance are of inputs that are independent. Priors are; a posterior is not, and is refused: what is worth
knowing of it is told by `information.evppi`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...calibration.priors import quantile
from ...sim import UserError
from ...sim.kinds import HazardFamily
from ...sim.params import Number
from ..language import _, written

Floats = NDArray[np.float64]

LUCK = "replication"
FEWEST_BASE = 1024
"""Rows of the base sample below which Sobol indices are noise."""
FEWEST_TRAJECTORIES = 10
LEVELS = 4
COURSES = 2**16
"""Different courses of luck that a Sobol design draws from."""
EDGE = 0.05
"""Morris' steps stay within the 90 % interval of a prior, for its ends lie at infinity."""
HALF_WIDTH = 0.1
"""Of the 95 % interval of a total index; wider ones are too wide to rank numbers by (judgement)."""
LEAST_TIE, CHANCE = 0.1, 0.001
"""Rank correlation above which two numbers are tied, and the chance that luck alone makes one look so."""


@dataclass(frozen=True)
class Design:
    """Runs to be done.

    Attributes
    ----------
    runs : DataFrame
        A row a run, in order: the value of every number, and ``replication``.
    units : array (runs, factors)
        The same between 0 and 1, luck last.
    names : tuple of str
        The factors, luck last.
    method : str
        ``morris`` or ``sobol``.
    size : int
        Trajectories, or rows of the base sample.
    """

    runs: pd.DataFrame
    units: Floats
    names: tuple[str, ...]
    method: str
    size: int


@dataclass(frozen=True)
class Indices:
    """Sobol indices of every factor.

    Attributes
    ----------
    table : DataFrame
        Most important first: ``factor, first, first_low, first_high, total, total_low, total_high``.
    needed : int
        Base sample that would make the widest interval of a total index narrow enough; that of the design if it is.
    enough : bool
        Whether it is.
    says : str
    """

    table: pd.DataFrame
    needed: int
    enough: bool
    says: str


def morris_design(numbers: Mapping[str, Number], trajectories: int = 20, seed: int = 1) -> Design:
    """Return the runs of a Morris screening: trajectories along which one factor at a time takes a step.

    Each trajectory meets luck of its own, the same all along but for luck's own step.

    Parameters
    ----------
    numbers : mapping of Number
        By name, with their priors; those that are fixed are left out.
    trajectories : int
        Runs are this times the factors plus one.
    seed : int
        Of the sample; 1 or more.

    Raises
    ------
    UserError
        If there are too few trajectories, or nothing varies.
    """
    from SALib.sample import morris

    if trajectories < FEWEST_TRAJECTORIES:
        raise UserError(
            "trajectories: found {trajectories}, accepted {fewest_trajectories} or more",
            trajectories=trajectories,
            fewest_trajectories=FEWEST_TRAJECTORIES,
        )
    names = (*_varying(numbers), LUCK)
    units = morris.sample(_problem(names), trajectories, num_levels=LEVELS, seed=_checked(seed))
    where = np.repeat(np.arange(trajectories), len(names) + 1)
    luck = where * LEVELS + np.rint(units[:, -1] * (LEVELS - 1)).astype(np.int64)
    runs = _runs(numbers, names[:-1], EDGE + (1.0 - 2.0 * EDGE) * units, luck)
    return Design(runs, units, names, "morris", trajectories)


def sobol_design(numbers: Mapping[str, Number], base: int = FEWEST_BASE, seed: int = 1) -> Design:
    """Return the runs of Sobol indices (Saltelli's scheme): the base sample times the factors plus two.

    Parameters
    ----------
    numbers : mapping of Number
        By name, with their priors; those that are fixed are left out.
    base : int
        A power of two, 1,024 or more.
    seed : int
        Of the sample; 1 or more.

    Raises
    ------
    UserError
        If the sample is too small or no power of two: which size is needed is said; or if nothing varies.
    """
    from SALib.sample import sobol

    names = (*_varying(numbers), LUCK)
    needed = max(FEWEST_BASE, 1 << max(0, base - 1).bit_length())
    if base != needed:
        runs = needed * (len(names) + 2)
        raise UserError(
            "base sample: found {base}, accepted a power of two of {fewest_base} or more: with "
            "{needed} and {count} factors that is {runs} runs; fewer factors (Morris screening tells "
            "which) take fewer",
            base=base,
            fewest_base=FEWEST_BASE,
            needed=needed,
            count=len(names),
            runs=runs,
        )
    units = sobol.sample(_problem(names), base, calc_second_order=False, seed=_checked(seed))
    luck = np.minimum((units[:, -1] * COURSES).astype(np.int64), COURSES - 1)
    return Design(_runs(numbers, names[:-1], units, luck), units, names, "sobol", base)


def screen(design: Design, outcome: Floats, seed: int = 1) -> pd.DataFrame:
    """Return what a Morris screening shows.

    Parameters
    ----------
    design : Design
    outcome : array (runs,)
        Of each run, in the design's order.

    Returns
    -------
    DataFrame
        Most important first: ``factor, effect, low, high, mean, spread``. `effect` is the mean size of a step across
        a factor's 90 % range, with its bootstrap 95 % interval; `mean` has its sign; a `spread` as large as the effect
        tells of curves or interactions. A factor whose effect is not above that of ``replication`` is lost in luck.
    """
    from SALib.analyze import morris

    values = _outcome(design, outcome, "morris")
    found = morris.analyze(
        _problem(design.names), design.units, values, num_levels=LEVELS, num_resamples=1000, seed=_checked(seed)
    )
    effect, half = (np.asarray(found[name], np.float64) for name in ("mu_star", "mu_star_conf"))
    mean, spread = (np.asarray(found[name], np.float64) for name in ("mu", "sigma"))
    table = pd.DataFrame(
        {
            "factor": design.names,
            "effect": effect,
            "low": np.maximum(effect - half, 0.0),
            "high": effect + half,
            "mean": mean,
            "spread": spread,
        }
    )
    return table.sort_values("effect", ascending=False, kind="stable", ignore_index=True)


def indices(design: Design, outcome: Floats, seed: int = 1) -> Indices:
    """Return first and total Sobol indices with bootstrap 95 % intervals.

    The first index is the share of the outcome's variance that would go if the factor were known; the total one, the
    share that would stay if all others were.

    Parameters
    ----------
    design : Design
    outcome : array (runs,)
        Of each run, in the design's order.
    """
    from SALib.analyze import sobol

    values = _outcome(design, outcome, "sobol")
    if np.ptp(values) == 0.0:
        raise UserError("outcome: found the same in every run, accepted one that varies")
    found = sobol.analyze(
        _problem(design.names), values, calc_second_order=False, num_resamples=1000, seed=_checked(seed)
    )
    columns: dict[str, Any] = {"factor": design.names}
    for name, short in (("first", "S1"), ("total", "ST")):
        middle, half = found[short], found[f"{short}_conf"]
        columns |= {name: middle, f"{name}_low": middle - half, f"{name}_high": middle + half}
    widest = float(np.max(found["ST_conf"]))
    enough = widest <= HALF_WIDTH
    wanted = design.size * (widest / HALF_WIDTH) ** 2
    needed = design.size if enough else 1 << int(np.ceil(np.log2(wanted)))
    table = pd.DataFrame(columns).sort_values("total", ascending=False, kind="stable", ignore_index=True)
    width = written(f"{widest:.2f}")
    if enough:
        says = _("The widest interval of a total index is +- {width}, narrow enough to rank by.", width=width)
    else:
        says = _(
            "The widest interval of a total index is +- {width}, too wide to rank by: it takes a base sample of "
            "{needed}.",
            width=width, needed=needed,
        )  # fmt: skip
    return Indices(table, needed, enough, says)


def refuse_if_tied(params: pd.DataFrame) -> None:
    """Refuse draws in which numbers go together: indices of variance have no meaning there.

    Raises
    ------
    UserError
        If two columns are correlated in ranks beyond chance; it names the closest pair.
    """
    from scipy.special import ndtri

    varying = params.loc[:, params.nunique() > 1]
    count, draws = varying.shape[1], len(varying)
    if count < 2 or draws < 5:
        return
    ties = np.abs(np.corrcoef(varying.rank().to_numpy(), rowvar=False))
    np.fill_diagonal(ties, 0.0)
    pairs = count * (count - 1) / 2.0
    least = max(LEAST_TIE, float(np.tanh(-ndtri(CHANCE / pairs / 2.0) / np.sqrt(draws - 3.0))))
    i, j = divmod(int(np.argmax(ties)), count)
    if ties[i, j] > least:
        raise UserError(
            "parameters: found draws in which {one} and {other} go together (rank correlation "
            "{tie:.2f}); accepted independent ones, as priors are. For a fitted model ask what is "
            "worth knowing (EVPPI) instead",
            one=varying.columns[i],
            other=varying.columns[j],
            tie=ties[i, j],
        )


def _varying(numbers: Mapping[str, Number]) -> list[str]:
    names = [name for name, number in numbers.items() if number.shape != "fixed" or number.kind is HazardFamily]
    if not names:
        raise UserError("numbers: found none with a prior that is not fixed, accepted one or more")
    return names


def _problem(names: tuple[str, ...]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _checked(seed: int) -> int:
    """Return a seed; SALib takes 0 for none at all."""
    if seed < 1:
        raise UserError("seed: found {seed}, accepted 1 or more", seed=seed)
    return seed


def _runs(
    numbers: Mapping[str, Number], names: tuple[str, ...], units: Floats, luck: NDArray[np.int64]
) -> pd.DataFrame:
    inside = np.clip(units, 1e-9, 1.0 - 1e-9)
    columns: dict[str, Any] = {name: quantile(numbers[name], inside[:, k]) for k, name in enumerate(names)}
    return pd.DataFrame(columns | {LUCK: luck})


def _outcome(design: Design, outcome: Floats, method: str) -> Floats:
    """Return the outcome of every run of a design of that method."""
    values = np.asarray(outcome, dtype=np.float64)
    if design.method != method:
        raise UserError("design: found one for {of}, accepted one for {method}", of=design.method, method=method)
    if values.shape != (len(design.runs),):
        raise UserError(
            "outcome: found {size} values, accepted one for each of {count} runs",
            size=values.size,
            count=len(design.runs),
        )
    if not np.isfinite(values).all():
        raise UserError(
            "outcome: found none in run {argmin}, accepted one in every run", argmin=int(np.argmin(np.isfinite(values)))
        )
    return values
