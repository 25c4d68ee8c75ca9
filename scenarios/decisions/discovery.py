"""Whether the box in which a strategy fails is worth naming, and the sentence that names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..language import _, looked_up, written
from ..numbers import fixed
from .boxes import ALPHA, MOST_RESTRICTED, Box, Cases, Limit, choose, find_box, quasi_p, trajectory

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 15
"""Failures, and successes, below which no box is sought (judgement)."""
SHUFFLES = 39
"""With these a box that none of the shuffles reaches has a chance of 1 in 40 under noise."""
HALVES = 20
LEAST_LIFT = 1.2
"""Times that failures must be denser in the box than in all cases, on cases that did not choose it (judgement)."""
OFTEN = 0.5
"""Share of the halves that must restrict an assumption again."""
SCREENED = 12
"""Numbers among which a box is sought: those that go most with failure. Each shuffle and each half screens anew."""


@dataclass(frozen=True, eq=False)
class Discovery:
    """The box in which a strategy fails, and whether it is worth naming.

    Attributes
    ----------
    box : Box
        The box that was found; without limits where there is none.
    named : bool
        Whether it is worth naming.
    reason : str
        Why, or why not.
    cases, failures : int
    trajectory : DataFrame
        The boxes on the way: ``step, coverage, density, mass, restricted``.
    restrictions : DataFrame
        A row per limit: ``assumption, low, high, among, quasi_p, again`` (share of halves in which a box found anew
        restricts the same assumption in the same direction).
    noise : float
        Chance of a box as good if failures had nothing to do with the assumptions.
    density_again, coverage_again : float
        On the half of the cases that a box did not see, mean over the halves: what to expect of new cases.
    """

    box: Box
    named: bool
    reason: str
    cases: int
    failures: int
    trajectory: pd.DataFrame
    restrictions: pd.DataFrame
    noise: float
    density_again: float
    coverage_again: float


def discovery(
    assumptions: pd.DataFrame,
    fails: NDArray[Any],
    most: int = MOST_RESTRICTED,
    seed: int = 0,
    blocks: NDArray[Any] | None = None,
) -> Discovery:
    """Look for the circumstances in which a strategy fails.

    Parameters
    ----------
    assumptions : DataFrame (cases, assumptions)
        Numbers or words.
    fails : array (cases,) of bool
        Average luck out first: one run that fails is mostly bad luck.
    most : int
        Restrictions that a box may have.
    blocks : array (cases,), optional
        Which cases belong together, as one draw in several futures does: equally many in each block. They are then
        shuffled and split as blocks, for cases that share their numbers are not news of one another.

    Notes
    -----
    A box is named only if it passes three tests. *Noise*: hardly ever is a box as good (harmonic mean of coverage and
    density) found when the failures are shuffled. *Reproducibility* (Bryant & Lempert 2010): boxes found on halves of
    the cases restrict the same assumptions. *New cases*: on the other half failures are clearly denser in the box.
    """
    cases = Cases(assumptions, fails)
    failures = int(cases.fails.sum())
    if min(failures, len(cases) - failures) < FEWEST:
        about = {"few": min(failures, len(cases) - failures), "cases": len(cases), "least": FEWEST}
        if failures < FEWEST:
            why = _("{few} failures among {cases} cases are too few for a box (accepted: {least})", **about)
        else:
            why = _("{few} successes among {cases} cases are too few for a box (accepted: {least})", **about)
        return _without(cases, why)
    rows = _rows_of(len(cases), blocks)
    boxes = trajectory(_screened(cases))
    box = choose(cases, boxes, most)
    if not box.limits:
        return _without(cases, _("no box holds failures better than all cases together"), boxes)
    generator = np.random.default_rng(seed)
    noise = _noise(cases, rows, box, most, generator)
    again, density, coverage = _again(cases, rows, box, most, generator)
    named, reason = _judged(cases, noise, again, density)
    return Discovery(
        box,
        named,
        reason,
        len(cases),
        failures,
        _steps(boxes),
        _restrictions(cases, box, again),
        noise,
        density,
        coverage,
    )


def sentence(
    found: Discovery, fact: str, labels: Mapping[str, str] | None = None, units: Mapping[str, str] | None = None
) -> str:
    """Say a box in words.

    Parameters
    ----------
    found : Discovery
    fact : str
        What a failure is: ``cooperatives fail to beat today's strategy``.
    labels, units : mapping of str, optional
        Words and unit for each assumption.
    """
    if not found.named:
        return _(
            "No circumstances are worth naming in which {fact} ({failures} of {cases} cases): {reason}.",
            fact=fact, failures=found.failures, cases=found.cases, reason=found.reason,
        )  # fmt: skip
    parts = [
        _limit_words((labels or {}).get(name, name), limit, (units or {}).get(name, ""))
        for name, limit in found.box.limits.items()
    ]
    inside, usual, new, whole = (
        fixed(100 * each)
        for each in (found.box.density, found.failures / found.cases, found.density_again, found.box.coverage)
    )
    return _(
        "{fact} when {circumstances}. So it is in {inside} % of the cases there, against {usual} % of all (of new "
        "cases there expect {new} %), and {whole} % of all such cases lie there.",
        fact=f"{fact[:1].upper()}{fact[1:]}", circumstances=_(" and ").join(parts), inside=inside, usual=usual,
        new=new, whole=whole,
    )  # fmt: skip


def _limit_words(label: str, limit: Limit, unit: str) -> str:
    if limit.among:
        return _("{label} is {words}", label=label, words=_(" or ").join(map(looked_up, sorted(map(str, limit.among)))))
    unit = f" {unit}" if unit else ""
    low, high = written(f"{limit.low:.3g}"), written(f"{limit.high:.3g}")
    if np.isinf(limit.low):
        return _("{label} is below {high}", label=label, high=f"{high}{unit}")
    if np.isinf(limit.high):
        return _("{label} is above {low}", label=label, low=f"{low}{unit}")
    return _("{label} is between {low} and {high}", label=label, low=low, high=f"{high}{unit}")


def _rows_of(count: int, blocks: NDArray[Any] | None) -> NDArray[np.int64]:
    """Return the rows of each block, an array (blocks, cases of a block); without blocks each case is its own."""
    if blocks is None:
        return np.arange(count)[:, None]
    names, sizes = np.unique(blocks, return_counts=True)
    if len(blocks) != count or sizes.min() != sizes.max():
        raise ValueError("blocks: found some larger than others, accepted equally many cases in each")
    return np.argsort(blocks, kind="stable").reshape(len(names), -1)


def _screened(cases: Cases) -> Cases:
    """Return the cases with all assumptions in words, and the numbers that go most with failure."""
    numbers = {name: column for name, column in cases.columns.items() if column.dtype.kind in "biuf"}
    if len(numbers) <= SCREENED:
        return cases
    fails = cases.fails - cases.fails.mean()
    ranks = np.argsort(np.argsort(np.stack(list(numbers.values())), axis=1), axis=1)
    strength = np.abs((ranks - ranks.mean(axis=1, keepdims=True)) @ fails)
    ordered = sorted(zip(numbers, strength, strict=True), key=lambda each: -each[1])
    kept = {name for name, _strength in ordered[:SCREENED]}
    found = cases.some(np.arange(len(cases)))
    found.columns = {name: column for name, column in cases.columns.items() if name in kept or name not in numbers}
    return found


def _noise(cases: Cases, rows: NDArray[np.int64], box: Box, most: int, generator: np.random.Generator) -> float:
    """Return the chance of a box as good when the failures are dealt out anew (a permutation test).

    Blocks change places as wholes, and within each its failures do: how many failures a block has stays as it was.
    """
    as_good = 0
    for _time in range(SHUFFLES):
        fails = np.empty(len(cases), dtype=bool)
        fails[rows] = generator.permuted(cases.fails[rows][generator.permutation(len(rows))], axis=1)
        as_good += find_box(_screened(cases.with_fails(fails)), most).score >= box.score
    return (1 + as_good) / (1 + SHUFFLES)


def _again(
    cases: Cases, rows: NDArray[np.int64], box: Box, most: int, generator: np.random.Generator
) -> tuple[dict[str, float], float, float]:
    """Return how often halves restrict each assumption again, and density and coverage on the other half."""
    often = dict.fromkeys(box.limits, 0)
    density, coverage = [], []
    for _time in range(HALVES):
        order = rows[generator.permutation(len(rows))]
        half = len(rows) // 2
        found = find_box(_screened(cases.some(order[:half].ravel())), most)
        other = cases.some(order[half:].ravel()).box(found.limits)
        density.append(other.density)
        coverage.append(other.coverage)
        for name, limit in box.limits.items():
            often[name] += name in found.limits and _alike(limit, found.limits[name])
    return {name: count / HALVES for name, count in often.items()}, float(np.mean(density)), float(np.mean(coverage))


def _alike(one: Limit, other: Limit) -> bool:
    """Say whether two limits of an assumption point the same way: share a bounded side, or a word."""
    if one.among or other.among:
        return bool(one.among & other.among)
    low = np.isfinite(one.low) and np.isfinite(other.low)
    high = np.isfinite(one.high) and np.isfinite(other.high)
    return bool(low or high)


def _judged(cases: Cases, noise: float, again: dict[str, float], density: float) -> tuple[bool, str]:
    base = float(cases.fails.mean())
    if noise > ALPHA:
        chance = fixed(100 * noise)
        return False, _("shuffled failures give as good a box with a chance of {chance} %", chance=chance)
    rare = [name for name, share in again.items() if share < OFTEN]
    if rare:
        return False, _("halves of the cases do not restrict {assumptions} again", assumptions=_(", ").join(rare))
    # Where most cases fail there is no room for a lift; a third of the way to certainty stands in for it.
    if density < min(LEAST_LIFT * base, base + (1 - base) / 3):
        return False, _("on cases that did not choose the box failures are hardly denser in it")
    return True, _("denser than chance, found again in halves of the cases, and on cases that did not choose it")


def _without(cases: Cases, reason: str, boxes: list[Box] | None = None) -> Discovery:
    whole, nan = cases.box({}), float("nan")
    steps, none = _steps(boxes or [whole]), _restrictions(cases, whole, {})
    return Discovery(whole, False, reason, len(cases), int(cases.fails.sum()), steps, none, nan, nan, nan)


def _steps(boxes: list[Box]) -> pd.DataFrame:
    import pandas as pd

    rows = [(step, box.coverage, box.density, box.mass, box.restricted) for step, box in enumerate(boxes)]
    return pd.DataFrame(rows, columns=["step", "coverage", "density", "mass", "restricted"])


def _restrictions(cases: Cases, box: Box, again: dict[str, float]) -> pd.DataFrame:
    import pandas as pd

    chances = quasi_p(cases, box)
    rows = [
        (name, limit.low, limit.high, ", ".join(sorted(map(str, limit.among))), chances[name], again[name])
        for name, limit in box.limits.items()
    ]
    return pd.DataFrame(rows, columns=["assumption", "low", "high", "among", "quasi_p", "again"])
