"""Studies small enough for tests, on parameters that need no fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from idmaj.scenarios import experiment
from idmaj.scenarios.experiment import Plan
from idmaj.scenarios.strategies import load
from idmaj.scenarios.studies import StudyFolder, create
from idmaj.sim import default_params


@contextmanager
def given_medians() -> Iterator[None]:
    """Give parameters that need no fit: medians, with another level of failure in each draw."""

    def draws(number: int, folder=None):
        table = default_params(200)[:number]
        table["failure_level"] *= np.linspace(0.7, 1.4, 200)[:number]
        return table

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "load_draws", draws)
        yield


def small(**changes) -> Plan:
    """Return a plan of one year from 2008 on, two draws of six replications."""
    strategies = (load("continued"), load("neediest_first+recession"))
    return replace(Plan(strategies, load("historical"), start=12, years=1, draws=2, replications=6, seed=3), **changes)


def done(folder: Path, plan: Plan | None = None, crew=None, **more) -> StudyFolder:
    """Return a study that was run and, unless it is a shard, finished."""
    study = create(folder, plan or small(), "the command", **more)
    assert study.run(crew) == []
    if study.shard is None:
        study.finish({"report.html": "the report"}, {"cannot_tell": ["much"]})
    return study


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder but the lock."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
