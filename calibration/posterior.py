"""What a calibration found: structures with their draws, what each number gained, and what stays unknown, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.kinds import HazardFamily
from ..sim.params import NUMBERS, Number
from . import hazards
from .bridge import LEARNED, OF_CROWDING
from .likelihood import Structure
from .priors import SCALES, draw_priors

Floats = NDArray[np.float64]
Table = np.recarray[Any, Any]

KEPT = 1000
"""Draws that later commands can use."""
PRIOR_DRAWS, PRIOR_SEED = 20_000, 4
INFORMED, WEAK = 0.5, 0.1
FAMILYWISE = 3.3
"""Standard errors that the largest of some hundred contractions rarely passes by chance."""
FEWEST_DRAWS_A_NUMBER = 2
"""With fewer draws sums of numbers vary less by chance alone."""
BOUND, LOADING, MOST_SAID = 0.5, 0.3, 5
"""Correlation, and part in a direction, from which on a number is named; how many are."""


@dataclass(frozen=True)
class Fitted:
    """One structure's posterior.

    Attributes
    ----------
    structure : Structure
    weight : float
        Share of the draws that are its.
    params : recarray of Params
        Equally weighted draws.
    log_score : float
        Log evidence (reweighting) or log chance of held-out cohorts (likelihood).
    p_value : float
        Compatibility: how often, were the structure right, what was seen would be as far from what it foretells.
    k_hat, ess : float
        Of importance weights; NaN where there are none.
    chains : DataFrame
        `r_hat, bulk_ess, tail_ess` by parameter; empty where there are no chains.
    others : DataFrame
        What the data tell that is no number of the model: `parameter, unit`, prior and posterior interval.
    """

    structure: Structure
    weight: float
    params: Table
    log_score: float
    p_value: float
    k_hat: float = float("nan")
    ess: float = float("nan")
    chains: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["r_hat", "bulk_ess", "tail_ess"]))
    others: pd.DataFrame = field(default_factory=pd.DataFrame)

    def worth(self, name: str | None = None) -> float:
        """Return how many independent draws those of a number are worth, or of the number that has the fewest.

        Draws that weights chose again and again, or that chains repeat, say less than their count.
        """
        rows = self.chains if name is None else self.chains.loc[self.chains.index.intersection([name])]
        many = float(len(self.params))
        chains = float(rows["bulk_ess"].fillna(1.0).min()) if len(rows) else many
        weights = many if np.isnan(self.ess) else self.ess
        return max(1.0, many * min(chains / many, 1.0) * min(weights / many, 1.0))


@dataclass(frozen=True)
class Posterior:
    """All structures, the engine and why it was chosen, readings of published shares, and what was done, in words."""

    fitted: tuple[Fitted, ...]
    numbers: Mapping[str, Number]
    engine: str
    why: str
    weighing: str
    readings: pd.DataFrame
    notes: tuple[str, ...]

    @cached_property
    def moments(self) -> dict[str, tuple[float, float]]:
        """Mean and spread of each learned number under its prior."""
        return prior_moments(self.numbers)

    def says(self) -> dict[str, tuple[int, list[str]]]:
        """Return, by structure, how many directions are identified, and what is known and not known, in words."""
        return {each.structure.name: directions(each, self.numbers, self.moments) for each in self.fitted}

    def structures(self) -> pd.DataFrame:
        """Return a row per structure: weight, score, compatibility, how far weights and chains can be trusted."""
        rows = []
        for each in self.fitted:
            mixed = each.chains["r_hat"].max() if len(each.chains) else float("nan")
            least = each.chains[["bulk_ess", "tail_ess"]].min().min() if len(each.chains) else each.ess
            rows.append((each.structure.name, each.weight, each.log_score, each.p_value, each.k_hat, mixed, least))
        names = ["structure", "weight", "log_score", "p_value", "k_hat", "r_hat", "least_ess"]
        return pd.DataFrame(rows, columns=names)

    def parameters(self) -> pd.DataFrame:
        """Return a row per structure ("all" first) and number: prior, posterior, contraction and label."""
        rows = [row for name in LEARNED for row in self._rows_of(name, self.moments[name][1] ** 2)]
        names = ["structure", "parameter", "unit", "prior_low", "prior_median", "prior_high", "low", "median", "high"]
        names += ["contraction", "label", "r_hat", "bulk_ess", "tail_ess"]
        table = pd.DataFrame(rows, columns=names)
        order = {name: k for k, name in enumerate(["all", *(each.structure.name for each in self.fitted)])}
        return table.sort_values("structure", key=lambda column: column.map(order), kind="stable", ignore_index=True)

    def _rows_of(self, name: str, before: float) -> list[tuple[Any, ...]]:
        """Return the rows of one number, of a prior variance, over the structures in which it acts."""
        mine = [each for each in self.fitted if acts(name, each.structure)]
        if not mine:
            return []
        number = self.numbers[name]
        there, back = SCALES[number.shape]
        scaled = [there(each.params[name]) for each in mine]
        weights = np.array([each.weight for each in mine])
        weights = weights / weights.sum() if weights.sum() > 0.0 else np.full(len(mine), 1.0 / len(mine))
        sizes = [len(x) for x in scaled]
        views = [("all", np.concatenate(scaled), np.repeat(weights / sizes, sizes), mine, weights)]
        for each, x in zip(mine, scaled, strict=True):
            views.append((each.structure.name, x, np.full(len(x), 1.0 / len(x)), [each], np.ones(1)))
        found = []
        for who, x, weight, of, parts in views:
            worth = 1.0 / float((parts**2 / [each.worth(name) for each in of]).sum())
            share = 1.0 - float(weight @ (x - float(weight @ x)) ** 2) / before
            interval = [float(back(np.array(each))) for each in _quantiles(x, weight, (0.05, 0.5, 0.95))]
            about = (who, name, number.unit, number.low, number.median, number.high, *interval)
            found.append((*about, share, label_of(share, worth), *_mixed(name, of)))
        return found

    def draws(self, kept: int = KEPT) -> Table:
        """Return equally weighted draws of all structures, the first of them balanced however few are used."""
        parts = []
        for each, count in zip(self.fitted, _counts([each.weight for each in self.fitted], kept), strict=True):
            parts.append(each.params[np.linspace(0, len(each.params) - 1, count).astype(int)])
        table = np.concatenate(parts).view(np.recarray)
        usual = table.copy()
        gamma = table["saturation_gamma"]
        usual["saturation_gamma"] = np.where(gamma > 0.0, gamma, self.numbers["saturation_gamma"].median)
        return table[balanced(usual)].view(np.recarray)


def balanced(params: Any) -> np.ndarray:
    """Return an order in which the first draws, however few, have means near those of all.

    Greedy: next comes the draw that keeps the running sum of standardised parameters smallest. Hazard families
    are balanced alike.
    """
    learned = [name for name, number in NUMBERS.items() if number.shape != "fixed"]
    columns = [SCALES[NUMBERS[name].shape][0](params[name]) for name in learned]
    columns += [(params["hazard_family"] == family).astype(float) for family in HazardFamily]
    table = np.column_stack(columns)
    spread = table.std(axis=0)
    table = (table - table.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    total = np.zeros(table.shape[1])
    left = list(range(len(table)))
    order = []
    while left:
        ahead = ((total + table[left]) ** 2).sum(axis=1)
        order.append(left.pop(int(np.argmin(ahead))))
        total += table[order[-1]]
    return np.array(order)


def _mixed(name: str, of: Sequence[Fitted]) -> tuple[float, float, float]:
    """Return the worst R-hat and effective sizes of a number over structures; NaN where there are no chains."""
    rows = [each.chains.loc[name] for each in of if name in each.chains.index]
    if not rows:
        return float("nan"), float("nan"), float("nan")
    r_hat, bulk, tail = (np.array([row[column] for row in rows]) for column in ("r_hat", "bulk_ess", "tail_ess"))
    return float(r_hat.max()), float(bulk.min()), float(tail.min())


def acts(name: str, structure: Structure) -> bool:
    """Say whether a number acts under a structure."""
    shape_of = {shape: family for family, shape in hazards.SHAPES.items()}
    return (name not in OF_CROWDING or structure.crowding) and shape_of.get(name, structure.family) == structure.family


def label_of(contraction: float, draws: float) -> str:
    """Return what moved a number: `data-informed`, `weak` or `prior-driven`; chance alone moves nothing.

    Parameters
    ----------
    contraction : float
        Share of the prior variance that is gone.
    draws : float
        How many independent draws it was worked out of.
    """
    chance = FAMILYWISE * float(np.sqrt(2.0 / draws))
    if contraction >= max(INFORMED, chance):
        return "data-informed"
    return "weak" if contraction >= max(WEAK, chance) else "prior-driven"


def prior_moments(numbers: Mapping[str, Number]) -> dict[str, tuple[float, float]]:
    """Return mean and spread of each learned number under its prior, on the scale on which it is normal."""
    prior = draw_priors(PRIOR_DRAWS, PRIOR_SEED, numbers)
    scaled = {name: SCALES[numbers[name].shape][0](prior[name]) for name in LEARNED}
    return {name: (float(x.mean()), float(x.std())) for name, x in scaled.items()}


def directions(
    each: Fitted, numbers: Mapping[str, Number], moments: Mapping[str, tuple[float, float]]
) -> tuple[int, list[str]]:
    """Return how many directions the data identify under a structure, and what is known and not known, in words.

    A direction is a weighted sum of numbers, each in standard deviations of its prior. It is identified where less
    than half of its prior variance is left.
    """
    names = [name for name in LEARNED if acts(name, each.structure)]
    scaled = {name: SCALES[numbers[name].shape][0](each.params[name]) for name in names}
    z = np.column_stack([(scaled[name] - moments[name][0]) / moments[name][1] for name in names])
    worth = each.worth()
    if worth < FEWEST_DRAWS_A_NUMBER * len(names):
        return 0, [f"{worth:.0f} draws are too few to tell directions among {len(names)} numbers"]
    left, vectors = np.linalg.eigh(np.cov(z.T))
    # Of many columns some sums vary less by chance alone: what noise would give does not count (Marchenko, Pastur).
    edge = (1.0 - np.sqrt(z.shape[1] / worth)) ** 2
    rank = int((left < min(INFORMED, 0.9 * edge)).sum())
    words = []
    for k in range(min(rank, MOST_SAID)):
        vector = vectors[:, k] * np.sign(vectors[np.argmax(np.abs(vectors[:, k])), k])
        parts = [i for i in np.argsort(-np.abs(vector)) if abs(vector[i]) >= LOADING]
        terms = " ".join(f"{'+' if vector[i] > 0 else '-'} {abs(vector[i]):.2f} {names[i]}" for i in parts).lstrip("+ ")
        words.append(f"known: {terms} ({left[k]:.0%} of its prior variance is left)")
    correlation = np.corrcoef(z.T)
    pairs = [(i, j) for i in range(len(names)) for j in range(i) if abs(correlation[i, j]) >= BOUND]
    for i, j in sorted(pairs, key=lambda pair: -abs(correlation[pair]))[:MOST_SAID]:
        kind = "sum" if correlation[i, j] < 0 else "difference"
        how = f"their {kind} is known better (correlation {correlation[i, j]:.2f})"
        words.append(f"sloppy: {names[j]} and {names[i]} cannot be told apart; {how}")
    return rank, words


def _quantiles(x: Floats, weights: Floats, levels: tuple[float, ...]) -> list[float]:
    order = np.argsort(x, kind="stable")
    running = np.cumsum(weights[order])
    return [float(x[order][min(np.searchsorted(running, level * running[-1]), len(x) - 1)]) for level in levels]


def _counts(weights: list[float], kept: int) -> list[int]:
    """Return whole numbers in proportion to weights that add up to `kept`: largest remainders."""
    shares = np.array(weights) / np.sum(weights) * kept
    counts = np.floor(shares).astype(int)
    for k in np.argsort(-(shares - counts), kind="stable")[: kept - counts.sum()]:
        counts[k] += 1
    return [int(count) for count in counts]
