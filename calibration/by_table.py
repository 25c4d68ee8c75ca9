"""Calibrate with whole runs: what the reference table says of a set of figures, and whether it may say anything.

Structures weigh the same: shares of accepted runs do not choose between models reliably (Robert et al. 2011), and the
figures hold no cohort out by which to judge them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.ensemble import Crew
from ..sim.errors import UserError, later, worded
from ..sim.params import Number
from .bridge import LEARNED
from .diagnostics import ess_weights
from .learned import Compatibility, accept, adjusted_where_acting, compatibility, learn
from .likelihood import Structure
from .observed import Observed, matrix, published
from .posterior import Fitted, Posterior, acts
from .priors import SCALES
from .reference_table import RunTable, make_table
from .replays import replay
from .reweight import resample
from .whole_runs import WholeRuns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Table = np.recarray[Any, Any]

IMPOSSIBLE, DOUBTFUL = 0.001, 0.05
"""Share of runs as far out as what was published, below which it is refused, or doubted."""
FAR = 2.0
"""Standard deviations from which on a figure is named."""
FRESH_RUNS = 200
"""Runs under the posterior, with luck of their own."""
FEWEST_FINITE = 0.5


@dataclass(frozen=True)
class Shown:
    """A table as figures see it.

    Attributes
    ----------
    table : RunTable
        Runs that show every figure.
    x : array (runs, figures)
        What they would have printed.
    way : array (runs, figures)
        How that was read.
    theta : array (runs, numbers)
        What they ran under, `LEARNED`, each where its prior is normal; 0 where it does not act.
    acting : array (runs, numbers) of bool
    """

    table: RunTable
    x: Floats
    way: Ints
    theta: Floats
    acting: NDArray[np.bool_]

    def rows(self, chosen: Any) -> Shown:
        """Return some of the runs."""
        parts = (self.x[chosen], self.way[chosen], self.theta[chosen], self.acting[chosen])
        return Shown(self.table.rows(chosen), *parts)


def shown(table: RunTable, observed: Sequence[Observed], numbers: dict[str, Number], seed: int) -> Shown:
    """Return a table as figures see it; UserError where half of the runs or more do not show one of them."""
    x, way = matrix(observed, table.seen, seed)
    for each, told in zip(observed, np.isfinite(x).mean(axis=0), strict=True):
        if told < FEWEST_FINITE:
            raise UserError(
                "{id}: found {name} in {told:.0%} of the runs; accepted half of them or more",
                id=each.id,
                name=each.of.name,
                told=told,
            )
    told = np.isfinite(x).all(axis=1)
    kept = table.rows(told)
    acting = np.array([[acts(name, each) for name in LEARNED] for each in table.structures])[kept.structure]
    with np.errstate(divide="ignore"):
        theta = np.column_stack([SCALES[numbers[name].shape][0](kept.params[name]) for name in LEARNED])
    return Shown(kept, x[told], way[told], np.where(acting, theta, 0.0), acting)


@dataclass(frozen=True)
class Drawn:
    """Draws from the posterior of a table.

    Attributes
    ----------
    rows : array (draws,)
        Runs they come from.
    weights : array (draws,)
        They sum to 1 in each structure.
    theta : array (draws, numbers)
        Adjusted.
    explained : array (numbers,)
        Share of each number's variance that the figures explain over all runs.
    """

    rows: Ints
    weights: Floats
    theta: Floats
    explained: Floats


def infer(given: Shown, at: Floats) -> Drawn:
    """Return the posterior given figures, each on the scale on which runs are compared."""
    learned = learn(given.x, given.theta, given.acting)
    s, there = learned(given.x), learned(at[None, :])[0]
    rows, weights = accept(s, there, given.table.structure)
    away, group = learned.along(given.x[rows], at), given.table.structure[rows]
    theta = adjusted_where_acting(given.theta[rows], away, weights, group, given.acting[rows])
    return Drawn(rows, weights, theta, learned.explained)


def by_table(
    runs: int, observed: Sequence[Observed], structures: Sequence[Structure], numbers: dict[str, Number], seed: int,
    crew: Crew, tell: Callable[[str, int, int], None],
) -> tuple[list[Fitted], str, pd.DataFrame, list[str]]:  # fmt: skip
    """Fit every structure by the reference table; return what `engine.calibrate` makes a posterior of.

    Raises
    ------
    UserError
        If no run comes near the figures: which is off, and by how much.
    """
    work = WholeRuns(tuple(structures), numbers, seed)
    table = make_table(runs, work, crew, None, lambda done, of: tell("living whole runs", done, of))
    given, at = shown(table, observed, numbers, seed), published(observed)
    notes = check(compatibility(given.x, at), observed, at, given.x)
    drawn = infer(given, at)
    fitted = _fitted(given, at, drawn, structures, numbers, seed)
    notes += _after(work, observed, fitted, numbers, crew, tell)
    kept = np.bincount(given.table.structure[drawn.rows])
    notes.insert(0, f"{len(table.params):,} whole runs; of each structure {kept.min()} to {kept.max()} are kept")
    weighing = "structures weigh the same: how many runs of each come near does not choose between models reliably"
    return fitted, weighing, _readings(observed, given, drawn), notes


def _fitted(
    given: Shown, at: Floats, drawn: Drawn, structures: Sequence[Structure], numbers: dict[str, Number], seed: int
) -> list[Fitted]:
    found = []
    for k, structure in enumerate(structures):
        mine = given.table.structure[drawn.rows] == k
        weights = drawn.weights[mine]
        ess = ess_weights(np.log(weights))
        chosen = np.flatnonzero(mine)[resample(weights, round(ess), seed + k)]  # no more than they are worth
        params = given.table.params[drawn.rows[chosen]].copy()
        for j, name in enumerate(LEARNED):
            if acts(name, structure):
                params[name] = SCALES[numbers[name].shape][1](drawn.theta[chosen, j])
        p_value = compatibility(given.x[given.table.structure == k], at).p_value
        found.append(Fitted(structure, 1.0 / len(structures), params, float("nan"), p_value, ess=ess))
    return found


def check(found: Compatibility, observed: Sequence[Observed], at: Floats, cloud: Floats) -> list[str]:
    """Return what to say of how figures lie among prior runs, in English; UserError where no run comes near.

    Parameters
    ----------
    found : Compatibility
    observed : sequence of Observed
    at : array (figures,)
    cloud : array (runs, figures)
    """
    if found.p_value < IMPOSSIBLE:
        words = _far(found, observed, cloud, worded)
        raise UserError(
            "targets: no whole run comes near (p {p_value:.4f}): {words}; accepted: figures that some "
            "run gives, or wider --priors",
            p_value=found.p_value,
            words=words,
        )
    said = [f"among prior runs {found.p_value:.0%} lie as far out as the figures (Mahalanobis)"]
    if found.p_value >= DOUBTFUL:
        return said
    return [*said, f"figures and priors hardly agree: {_far(found, observed, cloud, str.format)}"]


def _far(found: Compatibility, observed: Sequence[Observed], cloud: Floats, say: Callable[..., str]) -> str:
    """Say which figures lie far from runs; of none that does, that all together do."""
    beside = zip(observed, found.off, cloud.T, strict=True)
    far = [_off(each, off, column, say) for each, off, column in beside if abs(off) > FAR]
    if far:
        return "; ".join(far)
    near = later(
        "each alone is near, but together they lie {distance:.1f} standard deviations from the middle of the runs"
    )
    return say(near, distance=found.distance)


def _off(each: Observed, off: float, column: Floats, say: Callable[..., str]) -> str:
    """Say how far a figure lies from runs, in its own unit."""
    low, high = (_back(each, float(np.quantile(column, level))) for level in (0.005, 0.995))
    about = {"id": each.id, "name": each.of.name, "value": each.value, "low": low, "high": high, "off": abs(off)}
    if off > 0:
        above = later("{id} ({name}) is {value:.3g}, runs have {low:.3g} to {high:.3g}: {off:.1f} sd above")
        return say(above, **about)
    return say(later("{id} ({name}) is {value:.3g}, runs have {low:.3g} to {high:.3g}: {off:.1f} sd below"), **about)


def _back(each: Observed, value: float) -> float:
    """Return a value from the scale on which runs are compared."""
    if each.of.unit == "share":
        return 1.0 / (1.0 + float(np.exp(-value)))
    return max(0.0, float(np.exp(value)) - float(np.exp(each.linear(0.0))))


def _after(
    work: WholeRuns, observed: Sequence[Observed], fitted: list[Fitted], numbers: dict[str, Number], crew: Crew,
    tell: Callable[[str, int, int], None],
) -> list[str]:  # fmt: skip
    """Live again under the posterior, with other luck, and say how the figures lie among those runs."""
    draws = Posterior(tuple(fitted), numbers, "", "", "", pd.DataFrame(), ()).draws(FRESH_RUNS)
    seen = fresh_runs(work, draws, crew, lambda done, of: tell("living under the posterior", done, of))
    x, _ = matrix(observed, seen, work.seed + 1)
    x = x[np.isfinite(x).all(axis=1)]
    found = compatibility(x, published(observed))
    said = f"of {len(x)} fresh runs under the posterior {found.p_value:.0%} lie as far out as the figures (Mahalanobis)"
    if found.p_value >= DOUBTFUL:
        return [said]
    far = [f"{each.id} by {off:+.1f} sd" for each, off in zip(observed, found.off, strict=True)]
    return [said, f"the posterior does not give the figures again: {', '.join(far)}; more --runs may help"]


def fresh_runs(
    work: WholeRuns, draws: Table, crew: Crew, on_progress: Callable[[int, int], None] | None = None
) -> pd.DataFrame:
    """Live history under some draws, each with luck that the table did not see; return what is seen, in their order."""
    return replay(draws, work.seed + 1, crew, on_progress, work.see)


def _readings(observed: Sequence[Observed], given: Shown, drawn: Drawn) -> pd.DataFrame:
    """Return how likely each way to read each figure is."""
    rows = []
    weights = drawn.weights / drawn.weights.sum()
    for k, each in enumerate(observed):
        if len(each.ways) > 1:
            chance = np.bincount(given.way[drawn.rows, k], weights, len(each.ways))
            rows += [(each.id, way.name, float(share)) for way, share in zip(each.ways, chance, strict=True)]
    return pd.DataFrame(rows, columns=["figure", "reading", "chance"])
