"""Tracer surveys of past owners, as the model's own past would answer them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import History, Luck, UserError, simulate
from ...sim.ensemble import threads
from ...sim.kinds import Departure, Ending
from ..experiment import Inputs, Plan
from ..language import _

THREE_YEARS = 36
SUMMARIES = ("found", "trading", "traded_3y", "took_job")
"""Share of the sample whose owner is found; of those found, the share still trading, of those who opened three years
ago or earlier the share that traded for three, and of those closed the share given up for paid work."""
FEWEST_ASKED = 5
"""Answers below which a survey has no share of its own; the mean of all surveys stands in its place."""


def tracer_surveys(
    plan: Plan, inputs: Inputs, sizes: Sequence[int], workers: int | None = None
) -> dict[int, pd.DataFrame]:
    """Return what surveys of past owners would show at the start of a plan: one of each size under each draw.

    The past is lived under luck that no run of the plan meets, so that a survey tells of what is not known, and not of
    the plan's own luck. A larger survey asks those whom a smaller one asks, and more. Owners who left Morocco, or whom
    the evaluator had lost, are not found. Those found answer truly: surveys that flatter tell less.

    Parameters
    ----------
    plan : Plan
    inputs : Inputs
        Of that plan.
    sizes : sequence of int
        How many past owners are asked.
    workers : int, optional
        Pasts lived at a time.

    Returns
    -------
    dict of DataFrame
        By size: a row a draw, columns `SUMMARIES`.

    Raises
    ------
    UserError
        If the plan has no past, or more owners are to be asked than there are under some draw.
    """
    if plan.start == 0:
        raise UserError("--start: found 2007-01, accepted a later month: a survey needs past owners")
    luck = plan.replications
    simulate(inputs.params[0], inputs.past, Luck(plan.seed, luck, 0), 1)  # compiled by one thread

    def asked(draw: int) -> list[list[float]]:
        history = simulate(inputs.params[draw], inputs.past, Luck(plan.seed, luck, draw), plan.start)
        answers = answers_of(history)
        if len(answers) < max(sizes):
            found = _(
                "{most} owners to ask, and {count} projects financed by then under draw {draw}",
                most=max(sizes),
                count=len(answers),
                draw=draw,
            )
            raise UserError("--sizes: found {found}; accepted a size of at most that", found=found)
        order = np.random.default_rng([plan.seed, draw]).permutation(len(answers))
        return [summary_of(answers[order[:size]]) for size in sizes]

    crew = threads(workers)
    with crew.hire(None) as executor:
        rows = np.array(list(executor.map(asked, range(plan.draws))))  # (draws, sizes, summaries)
    return {size: _filled(rows[:, place]) for place, size in enumerate(sizes)}


def answers_of(history: History) -> NDArray[Any]:
    """Return what the owner of each project financed would answer, in the order in which they opened.

    Array of (found, trading, old enough, traded for three years, given up for a job), each 0 or 1.
    """
    table = history.businesses[history.businesses.assisted == 1]
    here = history.families[table.household].departure == Departure.PRESENT
    lived = np.where(table.ended < 0, history.months, table.ended) - table.opened
    old = history.months - table.opened >= THREE_YEARS
    job = table.ending == Ending.TOOK_JOB
    columns = (here & (table.lost < 0), table.ended < 0, old, lived >= THREE_YEARS, job)
    return np.stack([np.asarray(column) for column in columns], axis=1)


def summary_of(answers: NDArray[Any]) -> list[float]:
    """Return the summaries of some answers; NaN where too few were asked."""
    found = answers[answers[:, 0]]
    old, closed = found[found[:, 2]], found[~found[:, 1]]
    return [float(answers[:, 0].mean()), _share(found[:, 1]), _share(old[:, 3]), _share(closed[:, 4])]


def _share(answers: NDArray[Any]) -> float:
    return float(answers.mean()) if len(answers) >= FEWEST_ASKED else float("nan")


def _filled(rows: NDArray[np.float64]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(SUMMARIES), index=pd.RangeIndex(len(rows), name="draw"))
    return table.fillna(table.mean()).fillna(0.0)
