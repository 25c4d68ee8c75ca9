"""Cost and effect of every run of a study with a ledger, worth at the start of its plan."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import OUTCOMES, UserError
from ...sim.outcomes import RATIOS
from ..decisions.costs import PERSPECTIVES, discounted, flows
from ..language import _, later
from ..results import Experiment
from . import reading

Floats = NDArray[np.float64]

COST = "cost"
UNITS = {
    "begun_and_open": later("live business begun in the plan"),
    "livelihood_years": later("livelihood year"),
    "net_livelihood_years": later("net livelihood year"),
}
"""What money is usually asked to buy, one of each in words."""
YEARLY = {"livelihood_years": ("jobs_gross",), "net_livelihood_years": ("jobs_gross", "displaced")}
"""Effects that come month by month, and so are discounted: a monthly outcome, less another; persons at work."""


def check_effect(effect: str) -> None:
    """Refuse an effect that cannot be bought by the unit."""
    if reading.wanted(effect, "--effect") != "more":
        raise UserError(
            "--effect: found {effect!r}, of which less is better; accepted one of which more is better", effect=effect
        )
    unit = OUTCOMES[effect].unit
    if effect in RATIOS or unit in ("share", "index") or unit.startswith("MAD"):
        raise UserError(
            "--effect: found {effect!r}, a {unit}; accepted what is counted, as {names}",
            effect=effect,
            unit=_(unit),
            names=", ".join(UNITS),
        )


def unit_of(effect: str) -> str:
    """Return one of an effect in words, as tables have it."""
    return UNITS.get(effect) or unit_said(effect)


def unit_said(effect: str) -> str:
    """Return one of an effect in the language spoken."""
    return _(UNITS[effect]) if effect in UNITS else _("unit of “{outcome}”", outcome=reading.told(effect))


def ends_of(found: Experiment, effect: str, cost: Floats, rate: float) -> pd.DataFrame:
    """Return cost and effects in every run: ``strategy, draw, replication, outcome, value``, strategies by label.

    Cost, from `costs_of`, and years at work are worth at the start of the plan; what is counted at its end is not
    discounted.
    """
    counted = [name for name in dict.fromkeys((*UNITS, effect)) if name not in YEARLY]
    ends = found.ends(counted)
    parts = [ends.assign(strategy=ends["strategy"].map(reading.named(found.plan))), tidy(found, COST, cost)]
    return pd.concat([*parts, *(tidy(found, name, years_of(found, name, rate)) for name in YEARLY)], ignore_index=True)


def costs_of(found: Experiment, rate: float) -> dict[str, Floats]:
    """Return the cost of the plan by perspective, worth at its start; MAD 2016, each (runs, strategies)."""
    total = {name: np.zeros((len(found.runs), len(found.plan.keys))) for name in PERSPECTIVES}
    for months, ledger in found.ledgers():
        for name in PERSPECTIVES:
            total[name] += _at_start(flows(ledger, name), rate, months.start - found.plan.start)
    return total


def years_of(found: Experiment, effect: str, rate: float) -> Floats:
    """Return the years at work of the plan, worth at its start; (runs, strategies)."""
    total = np.zeros((len(found.runs), len(found.plan.keys)))
    counted, *less = YEARLY[effect]
    for months, columns in found.months_of(YEARLY[effect]):
        at_work = columns[counted] - sum(columns[name] for name in less)
        total += _at_start(at_work / 12.0, rate, months.start - found.plan.start)
    return total


def _at_start(monthly: Floats, rate: float, later: int) -> Floats:
    """Return what monthly amounts, the first of them so many months after the start, are worth at the start."""
    return discounted(monthly, rate) * (1.0 + rate) ** (-later / 12.0)


def tidy(found: Experiment, outcome: str, values: Floats) -> pd.DataFrame:
    """Return values (runs, strategies) as a table ``strategy, draw, replication, outcome, value``, by label."""
    draws, replications = np.array(found.runs).T
    about = {"draw": draws, "replication": replications, "outcome": outcome}
    labels = reading.named(found.plan).values()
    return pd.concat(
        [pd.DataFrame({"strategy": label, **about, "value": values[:, at]}) for at, label in enumerate(labels)],
        ignore_index=True,
    )
