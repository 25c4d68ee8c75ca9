"""What strategies give for their money: cost per unit, what more costs, and which to choose at which worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import OUTCOMES, UserError
from ...sim.outcomes import RATIOS
from ...sim.strategy_words import did_you_mean
from ..contrast import grids_of
from ..decisions.costs import PERSPECTIVES, cost_per_effect, discounted, flows
from ..decisions.value_for_money import EFFICIENT, acceptability, cost_plane, frontier, switches
from ..estimates import estimate
from ..experiment import Plan
from ..results import Experiment
from . import reading
from .answer import Answer, Runner, Table

Floats = NDArray[np.float64]

COST = "cost"
COST_LIKE = "spent"
"""The outcome as which money is written."""
MAD = "MAD 2016"
UNITS = {
    "begun_and_open": "live business",
    "livelihood_years": "livelihood year",
    "net_livelihood_years": "net livelihood year",
}
"""What money is usually asked to buy, one of each in words."""
YEARLY = {"livelihood_years": ("jobs_gross",), "net_livelihood_years": ("jobs_gross", "displaced")}
"""Effects that come month by month, and so are discounted: a monthly outcome, less another; persons at work."""
HIGHEST_RATE, MOST_WORTH = 0.5, 1e9
WORTHS = 40
"""Steps of what a unit may be worth."""
UNIT_COSTS, FRONTIER, PLANE, CHOICE = "Cost per unit", "What more costs", "Against the first", "Which to choose"
DRAWS, CURVE = "Each draw against the first", "By what a unit is worth"


@dataclass(frozen=True)
class Purse:
    """How money is counted.

    Attributes
    ----------
    perspective : str
        Whose money: a name in `decisions.costs.PERSPECTIVES`.
    rate : float
        At which later money, and later years at work, count less; per year.
    worth : float, optional
        MAD 2016 that a unit of the effect is worth to who asks; by default what it costs on average under the first
        strategy.

    Raises
    ------
    UserError
        If there is no such perspective, or a number is none that money can have.
    """

    perspective: str = "programme"
    rate: float = 0.03
    worth: float | None = None

    def __post_init__(self) -> None:
        if self.perspective not in PERSPECTIVES:
            near = did_you_mean(self.perspective, PERSPECTIVES)
            found = f"--perspective: found {self.perspective!r}, accepted {', '.join(PERSPECTIVES)}"
            raise UserError(f"{found}; {near}" if near else found)
        if not 0.0 <= self.rate <= HIGHEST_RATE:
            raise UserError(f"--discount: found {self.rate:g}, accepted a rate from 0 to {HIGHEST_RATE:g}, as 0.03")
        if self.worth is not None and not 0.0 <= self.worth <= MOST_WORTH:
            raise UserError(f"--worth: found {self.worth:g}, accepted MAD from 0 to {MOST_WORTH:,.0f}")


def value(plan: Plan, run: Runner, effect: str = "begun_and_open", purse: Purse | None = None) -> Answer:
    """Say which strategies give value for money.

    Parameters
    ----------
    plan : Plan
        With traces; its first strategy is the baseline.
    run : Runner
    effect : str
        An outcome of which more is better.
    purse : Purse, optional
    """
    purse = purse or Purse()
    check_effect(effect)
    reading.enough_runs(plan)
    if len(plan.strategies) < 2:
        raise UserError("STRATEGY: found one, accepted two or more: the first is the yardstick")
    found = run(plan)
    return _Valued(found, effect, purse, ends_of(found, effect, purse)).answer()


def check_effect(effect: str) -> None:
    """Refuse an effect that cannot be bought by the unit."""
    if reading.wanted(effect, "--effect") != "more":
        raise UserError(f"--effect: found {effect!r}, of which less is better; accepted one of which more is better")
    unit = OUTCOMES[effect].unit
    if effect in RATIOS or unit in ("share", "index") or unit.startswith("MAD"):
        raise UserError(f"--effect: found {effect!r}, a {unit}; accepted what is counted, as {', '.join(UNITS)}")


def unit_of(effect: str) -> str:
    """Return one of an effect in words."""
    return UNITS.get(effect, f"unit of {reading.words(effect)}")


def ends_of(found: Experiment, effect: str, purse: Purse) -> pd.DataFrame:
    """Return cost and effects in every run: ``strategy, draw, replication, outcome, value``.

    Cost and years at work are worth at the start of the plan; what is counted at its end is not discounted.
    """
    counted = [name for name in dict.fromkeys((*UNITS, effect)) if name not in YEARLY]
    parts = [found.ends(counted), _tidy(found, COST, costs_of(found, purse.perspective, purse.rate))]
    parts += [_tidy(found, name, years_of(found, name, purse.rate)) for name in YEARLY]
    return pd.concat(parts, ignore_index=True)


def costs_of(found: Experiment, perspective: str, rate: float) -> Floats:
    """Return the cost of the plan from a perspective, worth at its start; MAD 2016, (runs, strategies)."""
    total = np.zeros((len(found.runs), len(found.plan.keys)))
    for months, ledger in found.ledgers():
        total += _at_start(flows(ledger, perspective), rate, months.start - found.plan.start)
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


def _tidy(found: Experiment, outcome: str, values: Floats) -> pd.DataFrame:
    draws, replications = np.array(found.runs).T
    about = {"draw": draws, "replication": replications, "outcome": outcome}
    parts = [pd.DataFrame({"strategy": key, **about, "value": values[:, at]}) for at, key in enumerate(found.plan.keys)]
    return pd.concat(parts, ignore_index=True)[["strategy", "draw", "replication", "outcome", "value"]]


def worths_up_to(top: float) -> Floats:
    """Return round amounts from nothing to at least `top`, some forty of them."""
    if not top > 0.0:
        return np.array([0.0])
    power = 10.0 ** np.floor(np.log10(top / WORTHS))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= top / WORTHS * (1 - 1e-9))
    return np.asarray(step * np.arange(np.ceil(top / step) + 1))


@dataclass(frozen=True)
class _Valued:
    """A study whose money was counted, and what is said of it."""

    found: Experiment
    effect: str
    purse: Purse
    ends: pd.DataFrame

    def answer(self) -> Answer:
        plan = self.found.plan
        units = self._unit_costs()
        front = frontier(self.ends, COST, self.effect)
        front = front.assign(because=front["because"].map(self._because))
        worth = self._worth(units)
        curve = acceptability(self.ends, COST, self.effect, sorted({*self._worths(units, worth), worth}), MAD)
        at = curve[curve["worth"] == worth].reset_index(drop=True)
        steps = switches(curve)
        plane = cost_plane(self.ends, plan.keys[0], COST, self.effect)
        facts = self._facts(front, at, steps, units, worth)
        turns = self._turns(worth, facts["best"])
        told = "with 95 % intervals over draws (the bootstrap's, and Fieller's)"
        tables = (
            Table(UNIT_COSTS, f"What the plan spends per unit, {told}; {self._money()}.", self._called(units)),
            Table(FRONTIER, "Cheapest first. Of an efficient strategy: what each further unit costs over the next "
                  "cheaper efficient one, with Fieller's 95 % interval. Of a dominated one: by which, and why. "
                  "chance_efficient: share of resamples of the draws in which it stays on the frontier.",
                  self._called(front, "strategy", "against")),
            Table(PLANE, f"Share of draws in which a strategy has more effect than {plan.strategies[0].name}, or costs "
                  "more, with its Wilson 95 % interval.", self._called(self._quadrants(plane))),
            Table(CHOICE, "From which worth of a unit on a strategy is best on average, how often it is the best of a "
                  f"draw there, and what knowing the draw would be worth ({MAD}).", self._called(steps)),
            Table(f"At {reading.level(worth, COST_LIKE)} {MAD} a {unit_of(self.effect)}", "Net benefit: effect times "
                  "worth, less cost. expected_loss: what choosing it loses on average against the best of each draw.",
                  self._called(at)),
            Table(DRAWS, "Mean over the luck of each draw.", self._called(self._each_draw()), long=True),
            Table(CURVE, "Net benefit, chance to be best, and expected loss.", self._called(curve), long=True),
        )  # fmt: skip
        return Answer(
            f"Which strategy gives most for its money, per {unit_of(self.effect)}?",
            self._sentence(front, facts, units),
            facts,
            tables,
            self._rests(),
            (*turns, *self._mind(front), *reading.few(plan)),
            (self.found,),
        )

    def _called(self, table: pd.DataFrame, *columns: str) -> pd.DataFrame:
        """Return a table in which strategies have the names that people call them."""
        names = {strategy.key: strategy.name for strategy in self.found.plan.strategies}
        return table.assign(**{name: table[name].replace(names) for name in columns or ("strategy",)})

    def _name(self, key: str) -> str:
        return next(each.name for each in self.found.plan.strategies if each.key == key)

    def _money(self) -> str:
        meaning = PERSPECTIVES[self.purse.perspective].meaning
        return f"{meaning}; worth at the start of the plan at {100 * self.purse.rate:g} % a year"

    def _unit_costs(self) -> pd.DataFrame:
        parts = []
        for name in dict.fromkeys((self.effect, *UNITS)):
            parts.append(cost_per_effect(self.ends, COST, name).assign(per=unit_of(name)))
        table = pd.concat(parts, ignore_index=True)
        return table[["per", "strategy", COST, "effect", "ratio", "low", "high", "fieller_low", "fieller_high", "says"]]

    def _worth(self, units: pd.DataFrame) -> float:
        """Return what a unit is worth: as was asked, or what it costs under the first strategy."""
        if self.purse.worth is not None:
            return self.purse.worth
        first = float(units.loc[units["strategy"] == self.found.plan.keys[0], "ratio"].iloc[0])
        return round(max(first, 0.0), -2) if np.isfinite(first) else 0.0

    def _worths(self, units: pd.DataFrame, worth: float) -> Floats:
        """Return amounts that a unit may be worth: well beyond what it costs on average under any strategy."""
        own = units.loc[units["per"] == unit_of(self.effect), "ratio"]
        own = own[np.isfinite(own)]
        return worths_up_to(3.0 * max(worth, float(own.max()) if len(own) else 0.0))

    def _quadrants(self, plane: pd.DataFrame) -> pd.DataFrame:
        """Return the chances of the quadrants; that two are alike to the last digit is seldom worth a row."""
        told = plane[["strategy", "quadrant", "chance", "low", "high"]]
        return told[(told["quadrant"] != "no difference") | (told["chance"] > 0.0)].reset_index(drop=True)

    def _each_draw(self) -> pd.DataFrame:
        grids = grids_of(self.ends)
        base = self.found.plan.keys[0]
        draws = np.unique(self.ends["draw"])
        parts = []
        for key in self.found.plan.keys[1:]:
            extra = {
                name: np.nanmean(grids[outcome][key] - grids[outcome][base], axis=1)
                for name, outcome in (("extra_effect", self.effect), ("extra_cost", COST))
            }
            parts.append(pd.DataFrame({"strategy": key, "draw": draws, **extra}))
        return pd.concat(parts, ignore_index=True)

    def _facts(
        self, front: pd.DataFrame, at: pd.DataFrame, steps: pd.DataFrame, units: pd.DataFrame, worth: float
    ) -> dict[str, Any]:
        best = at.loc[at["on_frontier"]].iloc[0]
        own = units[units["per"] == unit_of(self.effect)].set_index("strategy")
        return {
            "effect": self.effect,
            "per": unit_of(self.effect),
            "perspective": self.purse.perspective,
            "discount_rate": self.purse.rate,
            "cost_per_unit": {key: list(own.loc[key, ["ratio", "low", "high"]]) for key in own.index},
            "efficient": list(front.loc[front["status"] == EFFICIENT, "strategy"]),
            "worth": worth,
            "best": str(best["strategy"]),
            "chance_best": float(best["chance_best"]),
            "expected_loss": float(best["expected_loss"]),
            "switches": [{"from": row.from_worth, "strategy": row.strategy} for row in steps.itertuples()],
        }

    def _sentence(self, front: pd.DataFrame, facts: dict[str, Any], units: pd.DataFrame) -> str:
        said, per = [], facts["per"]
        own = facts["cost_per_unit"]
        cheapest = min((key for key in own if np.isfinite(own[key][0])), key=lambda key: own[key][0], default=None)
        if cheapest is not None:
            said.append(
                f"Per {per} '{self._name(cheapest)}' spends least: {reading.within(*own[cheapest], COST_LIKE)} {MAD}."
            )
        for row in front[front["ratio"].notna()].itertuples():
            said.append(
                f"Over '{self._name(row.against)}', '{self._name(row.strategy)}' costs "
                f"{reading.level(row.ratio, COST_LIKE)} {MAD} for each further {per}"
                + (f" ({row.says})." if row.says else
                   f" ({reading.level(row.low, COST_LIKE)} to {reading.level(row.high, COST_LIKE)}).")
            )  # fmt: skip
        for row in front[front["status"] != EFFICIENT].itertuples():
            but = f"; not so in {100 * row.chance_efficient:.0f} % of resamples" if row.chance_efficient > 0.05 else ""
            said.append(f"'{self._name(row.strategy)}' is {row.status} ({row.because}{but}).")
        loss = reading.level(facts["expected_loss"], COST_LIKE)
        said.append(
            f"Where a {per} is worth {reading.level(facts['worth'], COST_LIKE)} {MAD}, choose "
            f"'{self._name(facts['best'])}': best in {100 * facts['chance_best']:.0f} % of draws, with an expected "
            f"loss of {loss} {MAD} against the best of each draw."
        )
        return " ".join(said)

    def _because(self, text: str) -> str:
        """Return why a strategy is dominated, with the names that people call strategies."""
        for strategy in sorted(self.found.plan.strategies, key=lambda each: -len(each.key)):
            text = text.replace(strategy.key, f"'{strategy.name}'")
        return text

    def _turns(self, worth: float, best: str) -> list[str]:
        """Say under which structures of the model another strategy is best."""
        said = []
        for name, draws in reading.structures(self.found).items():
            part = self.ends[self.ends["draw"].isin(draws)]
            table = acceptability(part, COST, self.effect, [worth], MAD)
            there = str(table.loc[table["on_frontier"], "strategy"].iloc[0])
            if there != best:
                said.append(f"In the draws of {name} ({len(draws)}) '{self._name(there)}' is best instead.")
        return said

    def _rests(self) -> tuple[str, ...]:
        return (
            reading.luck(self.found.plan),
            f"Costs: {self._money()}. Years at work are discounted alike; what is counted at the end of the plan is "
            "not.",
            f"Budget: {self.found.plan.budget}.",
            "Unit costs vary with the draw; most are judgement (idmaj plan lists them, docs/LIMITS.md).",
        )

    def _mind(self, front: pd.DataFrame) -> list[str]:
        said: list[str] = []
        spread = float(front[COST].max() - front[COST].min())
        if self.found.plan.budget == "equal" and spread < 0.05 * float(front[COST].abs().max()):
            said.append(
                "With an equal budget costs differ by what is left unspent only: read effects, or use --budget "
                "additional."
            )
        losing = self._each_draw().groupby("strategy")["extra_effect"].apply(lambda x: estimate(x.to_numpy()[:, None]))
        for key, each in losing.items():
            if each.low <= 0.0 <= each.high:
                said.append(
                    f"'{self._name(str(key))}' may have no more effect than the first: a ratio to it says little."
                )
        if self.purse.perspective == "household":
            said.append("To households the money is income: costs below zero are what they get.")
        return [*said, "A unit is one whoever it goes to: for who is reached see idmaj equity."]
