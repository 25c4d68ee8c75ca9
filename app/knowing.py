"""The box "What the data can and cannot tell": computed from the posterior and from the runs of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..scenarios.language import _
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
    source = _("Computed from the posterior of: {command}.", command=known.command)
    return (moved(known), *denominators(known), definitions(known), source)


def moved(known: Knowledge) -> str:
    """Say how many numbers the data settle, say something about, and leave as they were judged beforehand."""
    informed, weak, driven = (known.named(label) for label in ("data-informed", "weak", "prior-driven"))
    return _(
        "Of {count} numbers that nobody knows exactly, the data settle {settled}, say something about {touched}, and "
        "leave {left} as uncertain as they were judged beforehand (prior-driven).",
        count=wording.number(len(known.labels)), settled=_named(informed), touched=_named(weak),
        left=wording.number(len(driven)),
    )  # fmt: skip


def _named(names: list[str]) -> str:
    if not names:
        return _("none")
    words = [wording.label(name).lower() for name in names[:MOST_NAMED]]
    words += [_("{count} more", count=len(names) - MOST_NAMED)] if len(names) > MOST_NAMED else []
    return f"{wording.number(len(names))} ({wording.listed(words)})"


def denominators(known: Knowledge) -> list[str]:
    """Say of how many a published share may be, and how likely each is; nothing where no share was used."""
    said = []
    for figure, ways in known.readings.groupby("figure", sort=False):
        printed = ways["active"].min()
        exact = ways.loc[ways["n"] == ways["financed"], "chance"].sum()
        others = ways[ways["n"] != ways["financed"]]
        if others.empty:
            continue
        low, high = (wording.number(100 * level) for level in (others["active"].min(), others["active"].max()))
        said.append(
            _(
                "The published {share} % ({figure}) does not say of how many. That all who were counted had a project "
                "has a chance of {exact}; that only those financed had one, so that {active} % of projects were "
                "active, one of {other}.",
                share=wording.number(100 * printed, 1), figure=figure, exact=wording.chance(exact),
                active=wording.span(low, high) if low != high else low, other=wording.chance(others["chance"].sum()),
            )
        )  # fmt: skip
    return said


def definitions(known: Knowledge) -> str:
    """Say what share was active in May 2017 under each definition of success, as whole runs have it."""
    parts = []
    for row in known.definitions.itertuples():
        mean, low, high = (wording.number(100 * level) for level in (row.mean, row.low, row.high))
        share = f"{mean}{wording.THIN}% ({wording.span(low, high)})"
        parts.append(_("{name}: {value}", name=_(row.meaning), value=share))
    return _(
        "What share was active in May 2017 depends on the definition, with 90 % intervals: {shares}.",
        shares=_("; ").join(parts),
    )


def order(experiment: Experiment) -> str:
    """Say whether the order of strategies holds under every structure."""
    import pandas as pd

    from ..scenarios.by_structure import differences_by_structure, in_words, rankings, structures_of
    from ..scenarios.questions.reading import called
    from ..scenarios.shelf import PARAMETERS

    parameters = pd.read_csv(experiment.store.folder / PARAMETERS)
    ends = experiment.ends([RANKED])
    base = ends.loc[ends["strategy"] == experiment.plan.keys[0], "value"]
    table = rankings(differences_by_structure(ends, structures_of(parameters)), wording.NEGLIGIBLE * abs(base.mean()))
    return in_words(table, called(experiment.plan), wording.label(RANKED).lower(), experiment.plan.draws)
