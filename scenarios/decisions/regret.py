"""Strategies in many futures: which holds up, by which measure, and where the measures disagree.

A *world* is a future under a structure of the model (where there are several). In each the outcome is a mean over
draws and luck, taken before any maximum: the worst of many noisy runs is mostly noise. To treat every draw as a world
of its own, name the draw in the column ``future``.

McPhail and others 2018, Earth's Future 6; Savage 1951, Journal of the American Statistical Association 46.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...sim import UserError
from ..language import later
from .paired import RESAMPLES, Floats, Ratios, interval, paired
from .selection import ranks

if TYPE_CHECKING:
    import pandas as pd

CRITERIA = {
    "mean": later("mean over all worlds, each counting alike"),
    "worst": later("outcome in its worst world (maximin)"),
    "max_regret": later("most that is lost against the best strategy of a world (minimax regret)"),
    "p90_regret": later("regret that is exceeded in one world of ten"),
    "satisficing": later("share of worlds in which the threshold is met"),
}
"""Measures of robustness, in words."""
LESS_IS_BETTER = frozenset({"max_regret", "p90_regret"})
ONE = "the model"
"""The structure where a table names none."""


def regret(payoff: Floats) -> Floats:
    """Return what is lost against the best strategy of each world.

    Parameters
    ----------
    payoff : array (..., strategies, worlds)
        More is better.
    """
    return np.asarray(payoff.max(axis=-2, keepdims=True) - payoff)


def criteria(payoff: Floats, threshold: float | None = None) -> dict[str, Floats]:
    """Return every measure of robustness, an array (..., strategies) each.

    Parameters
    ----------
    payoff : array (..., strategies, worlds)
        More is better.
    threshold : float, optional
        The least that satisfies; without it there is no ``satisficing``.

    Notes
    -----
    The 90th percentile of regret is interpolated between worlds: of ten worlds or fewer it is nearly the maximum.
    """
    lost = regret(payoff)
    found = {
        "mean": payoff.mean(axis=-1),
        "worst": payoff.min(axis=-1),
        "max_regret": lost.max(axis=-1),
        "p90_regret": np.quantile(lost, 0.9, axis=-1),
    }
    if threshold is not None:
        found["satisficing"] = np.mean(payoff >= threshold, axis=-1)
    return found


def ranks_by(found: dict[str, Floats]) -> dict[str, NDArray[np.int64]]:
    """Return the rank of each strategy by each criterion, 1 the best; equals share the better rank."""
    return {name: ranks(-each if name in LESS_IS_BETTER else each) for name, each in found.items()}


@dataclass(frozen=True, eq=False)
class Robustness:
    """How strategies hold up over futures and structures.

    Attributes
    ----------
    measures : DataFrame
        A row per criterion and strategy: ``criterion, strategy, value, low, high, rank, rank_low, rank_high,
        chance_first`` (share of resamples of the draws in which it ranks first, or shares the first rank).
    worlds : DataFrame
        A row per strategy and world: ``strategy, future, structure, value, regret``.
    structures : DataFrame
        A row per structure, criterion and strategy: ``structure, criterion, strategy, value, rank, chance_first``.
    disagreements : DataFrame
        A row per criterion with the best strategy by it: ``criterion, best, chance_first, agrees`` (with the mean).
    flips : DataFrame
        A row per criterion and pair that one structure ranks otherwise than another: ``criterion, strategy, other,
        ahead_under, behind_under, chance`` (share of resamples in which the two still stand in opposite order under
        some two structures).
    """

    measures: pd.DataFrame
    worlds: pd.DataFrame
    structures: pd.DataFrame
    disagreements: pd.DataFrame
    flips: pd.DataFrame


def robustness(
    table: pd.DataFrame,
    outcome: str,
    threshold: float | None = None,
    better: str = "more",
    per: Ratios | None = None,
    seed: int = 0,
) -> Robustness:
    """Measure how strategies hold up.

    Parameters
    ----------
    table : DataFrame
        Columns ``strategy, future, draw, replication, outcome, value`` and, where the model has rival structures,
        ``structure``. Draws of one structure meet all its strategies and futures.
    outcome : str
    threshold : float, optional
        The least (or, where less is better, the most) that satisfies.
    better : str
        ``more`` or ``less``.
    per : mapping of (str, str), optional
        Outcomes that are ratios of means; see `paired`.

    Returns
    -------
    Robustness
        Intervals by bootstrap over draws, within each structure.
    """
    import pandas as pd

    if better not in ("more", "less"):
        raise UserError("better: found {better!r}, accepted 'more' or 'less'", better=better)
    sign = 1.0 if better == "more" else -1.0
    bar = None if threshold is None else sign * threshold
    if "structure" not in table:
        table = table.assign(structure=ONE)
    strategies, structures = list(table["strategy"].unique()), list(table["structure"].unique())
    cubes = {
        each: _cube(table[table["structure"] == each], outcome, strategies, sign, per, seed + at)
        for at, each in enumerate(structures)
    }
    futures = [(structure, future) for structure, (names, _, _) in cubes.items() for future in names]
    means = np.concatenate([mean for _, mean, _ in cubes.values()], axis=-1)
    samples = np.concatenate([again for _, _, again in cubes.values()], axis=-1)
    measures = _measures(strategies, criteria(means, bar), criteria(samples, bar), sign)
    lost = regret(means)
    worlds = [
        (name, future, structure, sign * means[row, column], lost[row, column])
        for row, name in enumerate(strategies)
        for column, (structure, future) in enumerate(futures)
    ]
    by_structure = {each: (criteria(mean, bar), criteria(again, bar)) for each, (_, mean, again) in cubes.items()}
    parts = [
        _measures(strategies, found, again, sign).assign(structure=each)
        for each, (found, again) in by_structure.items()
    ]
    columns = ["structure", "criterion", "strategy", "value", "rank", "chance_first"]
    return Robustness(
        measures,
        pd.DataFrame(worlds, columns=["strategy", "future", "structure", "value", "regret"]),
        pd.concat(parts, ignore_index=True)[columns],
        _disagreements(measures),
        _flips(strategies, by_structure),
    )


def _cube(
    table: pd.DataFrame, outcome: str, strategies: list[str], sign: float, per: Ratios | None, seed: int
) -> tuple[list[str], Floats, Floats]:
    """Return the futures of a structure, means (strategies, futures) and resampled ones (times, ...)."""
    import pandas as pd

    futures = list(table["future"].unique())
    cells = table.assign(cell=pd.MultiIndex.from_frame(table[["strategy", "future"]]).to_flat_index())
    found = paired(cells, [outcome], "cell", per)
    wanted = [(strategy, future) for strategy in strategies for future in futures]
    missing = [cell for cell in wanted if cell not in found.names]
    if missing:
        raise UserError(
            "futures: found no runs of {strategy} in {future}; accepted: all in all",
            strategy=missing[0][0],
            future=missing[0][1],
        )
    order = [found.names.index(cell) for cell in wanted]
    shape = (len(strategies), len(futures))
    mean = sign * found.mean[0, order].reshape(shape)
    return futures, mean, sign * found.resampled(RESAMPLES, seed)[:, 0, order].reshape(-1, *shape)


def _measures(strategies: list[str], found: dict[str, Floats], again: dict[str, Floats], sign: float) -> pd.DataFrame:
    import pandas as pd

    own, others = ranks_by(found), ranks_by(again)
    rows = []
    for name, values in found.items():
        # Where less is better payoffs were turned round; what is itself an outcome is turned back.
        turn = sign if name in ("mean", "worst") else 1.0
        low, high = interval(turn * again[name])
        least, most = np.quantile(others[name], [0.025, 0.975], axis=0, method="closest_observation")
        first = np.mean(others[name] == 1, axis=0)
        rows += [
            (name, strategy, turn * values[at], low[at], high[at], int(own[name][at]), int(least[at]), int(most[at]),
             first[at])
            for at, strategy in enumerate(strategies)
        ]  # fmt: skip
    columns = ["criterion", "strategy", "value", "low", "high", "rank", "rank_low", "rank_high", "chance_first"]
    return pd.DataFrame(rows, columns=columns)


def _disagreements(measures: pd.DataFrame) -> pd.DataFrame:
    """Return which strategies are best by each criterion, joined by a comma where they tie."""
    best = measures[measures["rank"] == 1]
    table = best.groupby("criterion", sort=False).agg(
        best=("strategy", ", ".join), chance_first=("chance_first", "max")
    )
    table["agrees"] = table["best"] == table.loc["mean", "best"]
    return table.reset_index()


def _flips(strategies: list[str], by_structure: dict[str, tuple[dict[str, Floats], dict[str, Floats]]]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    structures = list(by_structure)
    for criterion in next(iter(by_structure.values()))[0]:
        turn = -1.0 if criterion in LESS_IS_BETTER else 1.0
        for one, other in combinations(range(len(strategies)), 2):
            gaps = [turn * (found[criterion][one] - found[criterion][other]) for found, _ in by_structure.values()]
            ahead = [name for name, gap in zip(structures, gaps, strict=True) if gap > 0]
            behind = [name for name, gap in zip(structures, gaps, strict=True) if gap < 0]
            if not (ahead and behind):
                continue
            again = np.stack([turn * (each[criterion][:, one] - each[criterion][:, other])
                              for _, each in by_structure.values()])  # fmt: skip
            chance = float(np.mean((again > 0).any(axis=0) & (again < 0).any(axis=0)))
            names = strategies[one], strategies[other]
            rows.append((criterion, *names, ", ".join(ahead), ", ".join(behind), chance))
    return pd.DataFrame(rows, columns=["criterion", "strategy", "other", "ahead_under", "behind_under", "chance"])
