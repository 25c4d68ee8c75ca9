"""A plan run for the sake of its results only: the study behind them goes when they do."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

from ..sim import UserError
from ..sim.ensemble import threads
from .experiment import Plan
from .results import Experiment
from .studies import OnProgress, create


def run_experiment(plan: Plan, on_progress: OnProgress | None = None, workers: int | None = None) -> Experiment:
    """Run a plan on this machine's cores and keep it only as long as the results are in use.

    Parameters
    ----------
    plan : Plan
    on_progress : callable, optional
        Called in the calling thread with (runs done, runs in all).
    workers : int, optional
        Runs worked on at the same time; all cores by default. Changes no number.

    Raises
    ------
    UserError
        When a strategy cannot be read as settings, or a run cannot be done.
    """
    passing = Path(tempfile.mkdtemp(prefix="idmaj-"))
    try:
        study = create(passing / "study", plan, "")
        failures = study.run(threads(workers), on_progress)
        if failures:
            raise UserError("draw {draw}: {error}", draw=failures[0].chunk.draw, error=failures[0].error)
        found = study.results()
    except BaseException:
        shutil.rmtree(passing, ignore_errors=True)
        raise
    weakref.finalize(found, shutil.rmtree, passing, ignore_errors=True)
    return found
