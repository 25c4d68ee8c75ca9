"""The outcomes of a plan as a whole, from its months and from the table of businesses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kinds import Departure, Ending
from .outcomes import OUTCOMES
from .table import some_rows

Table = np.recarray[Any, Any]


def outcomes_of(
    plan: Table, businesses: Table, households: Table, families: Table, start: int, discount_rate: float
) -> dict[str, float]:
    """Return the outcomes of a plan by name, as `OUTCOMES` lists them; a share of nothing is NaN.

    Parameters
    ----------
    plan : recarray of Month
        The months of the plan.
    businesses : recarray of Business
        Every business that ever opened, as it stands at the plan's end.
    households, families : recarray of Household and of Family
        Every household that was ever there, as it stands then.
    start : int
        Month in which the plan began.
    discount_rate : float
        Of money spent later; per year.
    """
    end = start + len(plan)
    begun = some_rows(businesses, (businesses.assisted == 1) & (businesses.opened >= start))
    is_open = begun.ending == Ending.OPEN
    values = _of_months(plan, discount_rate) | {
        "begun_and_open": float(is_open.sum()),
        "survival_1y": _traded(begun, end, 12),
        "survival_3y": _traded(begun, end, 36),
        "survival_5y": _traded(begun, end, 60),
        "self_reliant_households": float(self_reliant(households, families).sum()),
        "waiting_months": ratio(float(begun.waited.sum()), float(len(begun))),
        "concentration": erreygers(is_open, begun.need),
        "neediest_still_open": ratio(float((is_open & (begun.quintile == 4)).sum()), float(is_open.sum())),
        "cost_per_live_business": ratio(float(plan.spent.sum()), float(is_open.sum())),
    }
    return {name: values[name] for name in OUTCOMES}


def _of_months(plan: Table, discount_rate: float) -> dict[str, float]:
    """Return what the months alone tell."""
    last = plan[-1]
    begun, spent = float(plan.projects_started.sum()), float(plan.spent.sum())
    livelihoods = float(plan.jobs_gross.sum()) / 12.0
    net = float((plan.jobs_gross - plan.displaced).sum()) / 12.0
    years = np.arange(len(plan)) / 12.0
    return {
        "live_businesses": float(last.live_businesses),
        "projects_started": begun,
        "people_served": float(plan.people_served.sum()),
        "open_share": float(last.active_share_true),
        "active_share": float(last.active_share),
        "livelihood_years": livelihoods,
        "net_livelihood_years": net,
        "share_neediest_served": ratio(float(plan.neediest_served.sum()), begun),
        "income_served": float(plan.income_served[-12:].mean()),
        "jobs_gross": float(last.jobs_gross),
        "jobs_net": float(last.jobs_gross - last.displaced),
        "trained": float(plan.trained.sum()),
        "placed": float(plan.placed.sum()),
        "in_formal_work": float(last.in_formal_work),
        "in_cooperatives": float(last.in_cooperatives),
        "rural_projects": float(last.rural_projects),
        "durable_solutions": float((plan.persons_resettled + plan.persons_returned).sum()),
        "waiting": float(last.waiting),
        "places_unfilled": float(plan.places_unfilled[-12:].mean()),
        "hours_used": float(plan.hours_delivered.sum()),
        "hours_missing": float(plan.hours_missing.sum()),
        "spent": spent,
        "spent_discounted": float((plan.spent / (1.0 + discount_rate) ** years).sum()),
        "cost_per_project": ratio(spent, begun),
        "cost_per_livelihood_year": ratio(spent, livelihoods),
        "cost_per_net_job": ratio(spent, net),
    }


def served_here(households: Table, families: Table) -> NDArray[np.bool_]:
    """Say which households were once served and are still present."""
    found: NDArray[np.bool_] = (households.ever_served == 1) & (families.departure == Departure.PRESENT)
    return found


def self_reliant(households: Table, families: Table) -> NDArray[np.bool_]:
    """Say which of them live above basic cost without aid, over twelve months: the total and its groups alike."""
    found: NDArray[np.bool_] = served_here(households, families) & (households.mean_income >= households.basic_cost)
    return found


def _traded(begun: Table, end: int, months: int) -> float:
    """Return the share of a plan's projects, begun long enough before its end, that traded for that many months."""
    old = begun.opened <= end - months
    return ratio(float((old & (begun.age >= months)).sum()), float(old.sum()))


def erreygers(value: NDArray[np.bool_], rank_by: NDArray[np.float64]) -> float:
    """Return Erreygers' concentration index of a yes/no outcome over need; -1 to 1.

    Above zero the outcome is found more among the needy, below zero less. Because an index for yes/no outcomes
    must not depend on how often they occur (Erreygers 2009).
    """
    count = len(value)
    if count < 2:
        return float("nan")
    ranks = np.empty(count)
    ranks[np.argsort(rank_by, kind="stable")] = (np.arange(count) + 0.5) / count
    return float(8.0 * np.mean(value * (ranks - 0.5)))


def ratio(top: float, bottom: float) -> float:
    """Return a ratio, NaN of nothing."""
    return top / bottom if bottom > 0.0 else float("nan")
