"""How many runs are enough: more of them, batch by batch, until an outcome is known as closely as was asked.

The rule is Chow and Robbins': stop at the first batch after which the half-width of the 95 % interval is small enough,
never before `FIRST` runs of `FIRST_DRAWS` draws (with fewer, intervals that stop early cover too seldom). A batch is
fixed by the plan alone, so that the answer does not depend on how many workers there are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ..sim import OUTCOMES, UserError
from ..sim.outcomes import RATIOS
from .contrast import compare_rows, run_rows
from .experiment import Plan
from .language import _
from .results import Experiment
from .studies import StudyFolder

FIRST, FIRST_DRAWS = 30, 25
"""Runs, and draws, before the first look."""
DRAWS_AT_A_TIME = 10


@dataclass(frozen=True)
class Target:
    """An outcome and the half-width of its 95 % interval that is wanted."""

    outcome: str
    half_width: float

    def __str__(self) -> str:
        return f"{self.outcome} +- {self.half_width:g} {OUTCOMES[self.outcome].unit}"

    @property
    def in_words(self) -> str:
        """The same, its unit in the language spoken."""
        return f"{self.outcome} +- {self.half_width:g} {_(OUTCOMES[self.outcome].unit)}"

    def least(self, plan: Plan, most_draws: int) -> int:
        """Return how many runs a search for it takes at the least."""
        return next(
            draws * replications
            for draws, replications in _batches(plan, most_draws)
            if _may_stop(draws, replications, most_draws)
        )

    def most(self, plan: Plan, most_draws: int, most_runs: int) -> int:
        """Return how many runs a search for it takes at the most."""
        batches = _batches(plan, most_draws)
        most = math.prod(next(batches))
        for draws, replications in batches:
            if draws * replications > most_runs:
                break
            most = draws * replications
        return most


@dataclass(frozen=True)
class Reached:
    """Where a search for precision ended: the half-width, and whether that is small enough."""

    half_width: float
    enough: bool
    runs: int


def target_of(text: str) -> Target:
    """Return what ``live_businesses +- 5`` asks for.

    Raises
    ------
    UserError
        If it asks for nothing that is measured.
    """
    import difflib

    found = re.fullmatch(r"\s*(\w+)\s*(?:\+-|\+/-|±)\s*(\d+(?:\.\d+)?)\s*(\w.*)?", text)
    if found is None or float(found[2]) <= 0:
        raise UserError(
            "--until: found {text!r}, accepted an outcome and a half-width, as in 'live_businesses +- 5'", text=text
        )
    if found[1] not in OUTCOMES:
        near = difflib.get_close_matches(found[1], OUTCOMES, 1, 0.4)
        hint = _("did you mean {near}? ", near=near[0]) if near else ""
        raise UserError(
            "--until: found {found!r}, which is no outcome; {hint}idmaj explain outcomes lists them",
            found=found[1],
            hint=hint,
        )
    unit = OUTCOMES[found[1]].unit
    if found[3] and found[3].strip() != unit:
        hint = _("a share of 0.05 is 5 points")
        raise UserError(
            "--until: found the unit {found!r}, accepted {unit!r} ({hint})",
            found=found[3].strip(),
            unit=unit,
            hint=hint,
        )
    return Target(found[1], float(found[2]))


def half_width(found: Experiment, outcome: str) -> float:
    """Return half the width of the widest 95 % interval of an outcome over the strategies.

    Of paired differences from the baseline, or, of one strategy, of its mean; NaN where there is no interval.
    """
    ends, keys = found.with_parts(outcome), found.plan.keys
    rows = compare_rows(ends, keys[0], {}, per=RATIOS) if len(keys) > 1 else run_rows(ends, {}, per=RATIOS)
    rows = rows[rows["outcome"] == outcome]
    return float(((rows["high"] - rows["low"]) / 2).max(skipna=False))


def run_until(
    study: StudyFolder,
    target: Target,
    most_runs: int,
    most_draws: int,
    recount: Callable[[str, Plan], str],
    run: Callable[[], None],
) -> Reached:
    """Add batches to a study until an outcome is known closely enough, or there are as many runs as are allowed.

    More draws first, as far as the fit has any, since the interval is one over draws; then more replications.

    Parameters
    ----------
    study : StudyFolder
    target : Target
    most_runs : int
        At most so many runs (each meets every strategy).
    most_draws : int
        As many as the fit kept.
    recount : callable
        Returns a command with the numbers of another plan.
    run : callable
        Does the runs of the study that are missing.
    """
    while True:
        run()
        found = half_width(study.results(), target.outcome)
        runs = study.plan.runs
        draws, replications = _next(study.plan.draws, study.plan.replications, most_draws)
        may_stop = _may_stop(study.plan.draws, study.plan.replications, most_draws)
        enough = may_stop and found <= target.half_width
        if enough or draws * replications > most_runs:
            return Reached(found, enough, runs)
        plan = replace(study.plan, draws=draws, replications=replications)
        study.extend(draws, replications, recount(study.about["command"], plan))


def _may_stop(draws: int, replications: int, most_draws: int) -> bool:
    """Say whether there is enough to go by: intervals are over draws, so these count too."""
    return draws * replications >= FIRST and draws >= min(FIRST_DRAWS, most_draws)


def _batches(plan: Plan, most_draws: int) -> Iterator[tuple[int, int]]:
    """Yield how many draws and replications there are after each batch."""
    draws, replications = plan.draws, plan.replications
    while True:
        yield draws, replications
        draws, replications = _next(draws, replications, most_draws)


def _next(draws: int, replications: int, most_draws: int) -> tuple[int, int]:
    if draws < most_draws:
        return min(most_draws, draws + DRAWS_AT_A_TIME), replications
    return draws, replications + 1
