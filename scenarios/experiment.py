"""What is to be compared, over which months, how often; and everything that this resolves to before it runs.

Each run is one draw of the numbers nobody knows exactly and one replication of luck. Its past is lived once,
under what was really done; every strategy then continues a copy of it (`runs`). Studies keep them (`studies`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..calibration import load_country, load_draws
from ..calibration.knowledge import fit_hash
from ..sim import UserError
from ..sim.outcomes import KEPT, MONTHLY
from ..sim.policy import Policy, Strategy, settings_table
from .language import _
from .provenance import model_hash

BUDGETS = ("equal", "additional")
"""What a lever costs is taken from the budget, or comes on top of it."""

PAST = "past"
"""Name under which the months before a plan stand in tables: all strategies share them."""

Table = np.recarray[Any, Any]


@dataclass(frozen=True)
class Plan:
    """What is to be compared, over which months, how often.

    Attributes
    ----------
    strategies : tuple of Strategy
        The baseline first. Tables name each by its `key`.
    past : Strategy
        What was really done, up to the start.
    start : int
        Month in which the strategies part, counted from January 2007. 0 has no past to share.
    years : int
        Length of the plan.
    draws : int
        Parameter draws (ignorance).
    replications : int
        Courses of luck per draw.
    seed : int
        Of all luck.
    hindsight : bool
        Whether refugee stocks published after the start may be used.
    budget : str
        ``equal``: what a lever costs is taken from the yearly budget. ``additional``: what a strategy's staff and
        services cost more than those of the first strategy comes on top of it.
    traces : bool
        Whether every monthly outcome of every run is kept, not only those that are drawn, and its ledger.
    posterior : Path or None
        Folder of the fit whose draws are used; None for the one that comes with idmaj.
    """

    strategies: tuple[Strategy, ...]
    past: Strategy
    start: int = 228
    years: int = 10
    draws: int = 25
    replications: int = 2
    seed: int = 1
    hindsight: bool = False
    budget: str = BUDGETS[0]
    traces: bool = False
    posterior: Path | None = None

    def __post_init__(self) -> None:
        if self.budget not in BUDGETS:
            names = _(" or ").join(BUDGETS)
            raise UserError("budget: found {budget!r}, accepted {names}", budget=self.budget, names=names)
        keys = self.keys
        twice = [key for key in keys if keys.count(key) > 1]
        if PAST in keys:
            raise UserError(
                "strategies: found one named {past!r}; accepted: another name, for tables call history so", past=PAST
            )
        if twice:
            raise UserError("strategies: found {twice!r} twice; accepted: each strategy once", twice=twice[0])

    @property
    def numbers(self) -> dict[str, Any]:
        """All that a plan says besides its strategies and where its fit lies, by name."""
        others = ("strategies", "past", "posterior")
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name not in others}

    @property
    def keys(self) -> list[str]:
        """Keys of the strategies, the baseline first."""
        return [strategy.key for strategy in self.strategies]

    @property
    def months(self) -> int:
        """Month in which the plan ends, counted from January 2007."""
        return self.start + 12 * self.years

    @property
    def runs(self) -> int:
        """Draws times replications: each meets every strategy."""
        return self.draws * self.replications

    @property
    def columns(self) -> tuple[str, ...]:
        """Monthly outcomes that are kept of every run."""
        return MONTHLY if self.traces else KEPT

    @property
    def known_until(self) -> int | None:
        """Month up to which history is known to the strategies; None where all of it is."""
        return None if self.hindsight or self.start == 0 else self.start


@dataclass(frozen=True)
class Inputs:
    """Everything a plan resolves to before it runs.

    Attributes
    ----------
    params : recarray (draws)
        One row of parameters a draw.
    past : Policy
        What was really done.
    policies : dict of Policy
        By key of strategy, the baseline first; with an additional budget each knows the baseline's settings.
    posterior : str
        Hash of the fit.
    country : str
        Hash of the country's data.
    model : str
        Hash of the code that lives and records a run.
    """

    params: Table
    past: Policy
    policies: dict[str, Policy]
    posterior: str
    country: str
    model: str

    def alone(self, name: str) -> Inputs:
        """Return the same with one strategy only."""
        return replace(self, policies={name: self.policies[name]})


def prepare(plan: Plan) -> Inputs:
    """Resolve a plan: its parameter draws, its country as known at the start, its settings month by month."""
    country = load_country(plan.known_until)
    months = plan.months
    past = Policy(settings_table(plan.past, plan.start, months), country)
    settings = {
        strategy.key: settings_table(strategy, plan.start, months, plan.known_until) for strategy in plan.strategies
    }
    baseline = settings[plan.keys[0]] if plan.budget == "additional" else None
    policies = {key: Policy(table, country, baseline) for key, table in settings.items()}
    fit = load_draws(plan.draws, plan.posterior), past, policies, fit_hash(plan.posterior)
    return Inputs(*fit, country.fingerprint(), model_hash())
