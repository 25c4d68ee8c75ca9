"""Run the model: `simulate` from the first month, or `resume` a history under another policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .build import ready
from .errors import UserError
from .history import History
from .kinds import Trade
from .luck import Luck
from .month import begin, count_arrivals, live_months
from .policy import Policy
from .population import flow_table, household_size
from .rules.money import planned_cost
from .state import Floats, Scene, Table, clear_desk, empty_state, make_room


def simulate(params: Any, policy: Policy, luck: Luck, months: int) -> History:
    """Live through the months from January 2007 on.

    Parameters
    ----------
    params : one row of a table of `Params`
        What the model takes as given.
    policy : Policy
        Levers by month (at least `months` rows), and the country they act in.
    luck : Luck
        Seed, replication and draw: the same luck in every policy.
    months : int
        How many months, 1 or more.

    Returns
    -------
    History
        Monthly outcomes, the tables as they stand at the end, and where they came from.

    Raises
    ------
    UserError
        If `months` is not positive or the policy is shorter.
    """
    history, scene = start(params, policy, luck, months)
    return live_on(history, scene, months)


def resume(history: History, policy: Policy, months: int) -> History:
    """Continue a copy of a history under a policy, up to `months` in all; the history itself is not touched.

    The past of the policy is not read: only its months from the end of the history on.
    """
    if months < history.months:
        raise UserError(
            "months: found {months}; accepted: at least the {lived} already lived", months=months, lived=history.months
        )
    scene = scene_of(history.params, _with_the_past_of(history, policy), months)
    ready(scene, policy.country.stocks[0])
    more = count_arrivals(scene, history.luck.key(), history.months, months)
    tally = history.state.tally[0]
    households = int(tally.households) + more
    businesses = int(tally.businesses) + 2 * households
    state = make_room(history.state, households, int(tally.persons) + 3 * more, businesses, months)
    return live_on(replace(history, state=state, policy=policy), scene, months)


def _with_the_past_of(history: History, policy: Policy) -> Policy:
    """Return a policy whose months before the end of a history are what then was: the next month looks back at one."""
    settings = policy.settings.copy()
    lived = min(history.months, len(settings))
    settings[:lived] = history.policy.settings[:lived]
    return replace(policy, settings=settings)


def start(params: Any, policy: Policy, luck: Luck, months: int) -> tuple[History, Scene]:
    """Return a history at month 0, with those who live there and room for that many months, and what is given to it."""
    row = parameter_row(params)
    scene = scene_of(row, policy, months)
    ready(scene, policy.country.stocks[0])
    niches = int((policy.country.places["niches_per_trade"] * len(Trade)).sum())
    state = empty_state(policy.country.places, niches)
    households = count_arrivals(scene, luck.key(), 0, months) + int(policy.country.stocks[0].sum()) + 1
    state = make_room(state, households, 3 * households, 2 * households, months)
    begin(state, scene, luck.key(), policy.country.stocks[0])
    return History(state, row, policy, luck, 0), scene


def scene_of(params: Table, policy: Policy, months: int) -> Scene:
    """Gather what is given to a run: numbers, levers by month and what the country's tables imply."""
    if months < 1 or len(policy.settings) < months:
        raise UserError(
            "months: found {months}; accepted: 1 to the {count} months of the policy",
            months=months,
            count=len(policy.settings),
        )
    country = policy.country
    adults, non_adults = household_size(params[0], country)
    return Scene(
        params=params,
        settings=policy.settings,
        additional=additional_budget(params[0], policy),
        flows=flow_table(country, params[0], policy.settings["arrivals_factor"][:months]),
        arrival_share=country.arrival_share,
        permit_share=country.permit_share,
        women_share=country.women_share,
        non_adults=non_adults,
        adults=adults,
    )


def additional_budget(p: Any, policy: Policy) -> Floats:
    """Return what funders pay beside the budget, by month: what the plan costs more than its baseline; MAD 2016."""
    if policy.baseline is None:
        return np.zeros(len(policy.settings))
    plan, baseline = planned(policy.settings, p), planned(policy.baseline, p)
    more: Floats = np.maximum(0.0, plan - baseline[: len(plan)])
    return more * float(1.0 + p.overhead)


def planned(settings: Table, p: Any) -> Floats:
    """Return the planned cost of each month's staff and services, worked out once for months that are alike."""
    cost: Any = getattr(planned_cost, "py_func", planned_cost)
    found = np.zeros(len(settings))
    for month, now in enumerate(settings):
        same = month > 0 and now.tobytes() == settings[month - 1].tobytes()
        found[month] = found[month - 1] if same else cost(now, p)
    return found


def parameter_row(params: Any) -> Table:
    """Return one row of parameters as a table of its own."""
    return np.atleast_1d(np.asarray(params)).copy().view(np.recarray)


def live_on(history: History, scene: Scene, months: int) -> History:
    """Live the tables of a history itself, not a copy, on up to `months`, with ever more room for businesses."""
    state = history.state
    desk = clear_desk(state)
    month = history.months
    while True:
        month = live_months(state, scene, history.luck.key(), desk, month, months)
        if month == months:
            return replace(history, state=state, months=months)
        need = 2 * len(state.households) + 2 * len(state.businesses)
        state = make_room(state, len(state.households), len(state.persons), need, len(state.monthly))
        desk = clear_desk(state)
