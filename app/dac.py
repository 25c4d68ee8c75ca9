"""A study under the headings evaluators use: the six criteria of OECD-DAC (2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..scenarios.language import _, quoted
from . import wording
from .study import records

if TYPE_CHECKING:
    from .study import Study


@dataclass(frozen=True)
class Criterion:
    """A criterion: its title, what it asks, and what the study says to it, a sentence each."""

    title: str
    asks: str
    says: tuple[str, ...]


CRITERIA = {
    "Relevance": (
        "Is the intervention doing the right things? Whom it reaches, and who waits.",
        ("share_neediest_served", "people_served", "waiting_months"),
    ),
    "Coherence": (
        "How well does it fit? What it takes from hosts and unassisted refugees, and its link to wage work.",
        ("jobs_gross", "jobs_net", "in_formal_work"),
    ),
    "Effectiveness": (
        "Does it achieve its objectives? Enterprises, courses and placements.",
        ("live_businesses", "projects_started", "survival_3y", "trained", "placed"),
    ),
    "Efficiency": (
        "How well are resources used? Money spent, and what a unit costs.",
        ("spent", "cost_per_project", "cost_per_livelihood_year"),
    ),
    "Impact": (
        "What difference does it make? Here: between two simulated worlds; nothing measured.",
        ("net_livelihood_years", "self_reliant_households", "income_served", "concentration"),
    ),
    "Sustainability": (
        "Will the benefits last? What is still there at the end, and after five years.",
        ("survival_5y", "begun_and_open", "in_cooperatives"),
    ),
}
"""By title: what it asks, and the outcomes that answer."""


def criteria(study: Study) -> list[Criterion]:
    """Return the criteria with what a study says to each."""
    found = []
    for title, (asks, outcomes) in CRITERIA.items():
        says = tuple(filter(None, (_said(study, name) for name in outcomes)))
        found.append(Criterion(_(title), _(asks), says))
    return found


def _said(study: Study, outcome: str) -> str:
    """Say what an outcome comes to, strategy by strategy; nothing where the study has it not."""
    rows = records(study.rows[study.rows["outcome"] == outcome])
    if not rows:
        return ""
    parts = [_level(row) if study.baseline is None else _contrast(row, study) for row in rows]
    if study.baseline is None:
        return _("{name}: {value}", name=wording.label(outcome), value=parts[0]) + "."
    base = wording.level(rows[0].baseline_mean, rows[0].unit)
    return _(
        "{outcome}: {level} {unit} under {baseline}; {changes}.",
        outcome=wording.label(outcome), level=base, unit=wording.shown_unit(rows[0].unit),
        baseline=quoted(study.called[study.baseline]), changes=_("; ").join(parts),
    )  # fmt: skip


def _level(row: Any) -> str:
    mean, low, high = wording.interval((row.mean, row.low, row.high), row.unit, sign=False)
    return f"{mean} {wording.shown_unit(row.unit)} ({wording.span(low, high)})"


def _contrast(row: Any, study: Study) -> str:
    difference, low, high = wording.interval((row.difference, row.low, row.high), row.unit, sign=True)
    return f"{quoted(study.called[row.strategy])} {difference} ({wording.span(low, high)})"
