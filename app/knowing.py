"""The box "What the data can and cannot tell": computed from the posterior and from the runs of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from . import wording

if TYPE_CHECKING:
    from ..calibration.knowledge import Knowledge
    from ..scenarios.results import Experiment

RANKED = "live_businesses"
"""Outcome whose order of strategies is looked at under each structure."""
MOST_NAMED = 8
MOST_ORDERED = 6
"""Strategies whose order is told pair by pair; answers about more designs say themselves where structures disagree."""


def tells(experiment: Experiment) -> tuple[str, ...]:
    """Return what the posterior of a study knows, and whether its order of strategies holds, a sentence or two each."""
    *said, source = knows(experiment.plan.posterior)
    if 1 < len(experiment.plan.keys) <= MOST_ORDERED:
        said.append(order(experiment))
    return (*said, source)


def knows(posterior: Path | None) -> tuple[str, ...]:
    """Return what the posterior in a folder knows, of the bundled fit without one, a sentence or two each."""
    from ..calibration.knowledge import load_knowledge

    known = load_knowledge(posterior)
    source = f"Computed from the posterior of: {known.command}."
    return (moved(known), *denominators(known), definitions(known), source)


def moved(known: Knowledge) -> str:
    """Say how many numbers the data settle, say something about, and leave as they were judged beforehand."""
    informed, weak, driven = (known.named(label) for label in ("data-informed", "weak", "prior-driven"))
    parts = [
        f"the data settle {_named(informed)}",
        f"say something about {_named(weak)}",
        f"and leave {len(driven):,} as uncertain as they were judged beforehand (prior-driven)",
    ]
    return f"Of {len(known.labels):,} numbers that nobody knows exactly, {', '.join(parts)}."


def _named(names: list[str]) -> str:
    if not names:
        return "none"
    words = [wording.label(name).lower() for name in names[:MOST_NAMED]]
    words += [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return f"{len(names)} ({wording.listed(words)})"


def denominators(known: Knowledge) -> list[str]:
    """Say of how many a published share may be, and how likely each is; nothing where no share was used."""
    said = []
    for figure, ways in known.readings.groupby("figure", sort=False):
        printed = ways["active"].min()
        exact = ways.loc[ways["n"] == ways["financed"], "chance"].sum()
        others = ways[ways["n"] != ways["financed"]]
        share = f"{100 * printed:.1f}{wording.THIN}% ({figure})"
        if others.empty:
            continue
        low, high = (f"{100 * level:.0f}" for level in (others["active"].min(), others["active"].max()))
        said.append(
            f"The published {share} does not say of how many. That all who were counted had a project has a chance "
            f"of {wording.chance(exact)}; that only those financed had one, so that "
            f"{wording.span(low, high) if low != high else low}{wording.THIN}% of projects were active, one of "
            f"{wording.chance(others['chance'].sum())}."
        )
    return said


def definitions(known: Knowledge) -> str:
    """Say what share was active in May 2017 under each definition of success, as whole runs have it."""
    parts = []
    for row in known.definitions.itertuples():
        low, high = (f"{100 * level:.0f}" for level in (row.low, row.high))
        parts.append(f"{row.meaning}: {100 * row.mean:.0f}{wording.THIN}% ({wording.span(low, high)})")
    return f"What share was active in May 2017 depends on the definition, with 90 % intervals: {'; '.join(parts)}."


def order(experiment: Experiment) -> str:
    """Say whether the order of strategies holds under every structure."""
    import pandas as pd

    from ..scenarios.by_structure import differences_by_structure, in_words, rankings, structures_of
    from ..scenarios.shelf import PARAMETERS

    parameters = pd.read_csv(experiment.store.folder / PARAMETERS)
    ends = experiment.ends([RANKED])
    base = ends.loc[ends["strategy"] == experiment.plan.keys[0], "value"]
    table = rankings(differences_by_structure(ends, structures_of(parameters)), wording.NEGLIGIBLE * abs(base.mean()))
    called = {strategy.key: strategy.name for strategy in experiment.plan.strategies}
    return in_words(table, called, wording.label(RANKED).lower(), experiment.plan.draws)
