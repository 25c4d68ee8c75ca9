"""What strategies give for their money: cost per unit, what more costs, and which to choose at which worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import UserError
from ..contrast import grids_of
from ..decisions.costs import cost_per_effect
from ..decisions.value_for_money import EFFICIENT, acceptability, cost_plane, frontier
from ..estimates import estimate
from ..experiment import Plan
from ..language import _, later, looked_up
from ..numbers import fixed, span
from ..results import Experiment
from . import reading
from .answer import Answer, Runner, Table
from .purse import HOUSEHOLD, MAD, Purse, received, whose_money, whose_table
from .valued import COST, UNITS, check_effect, costs_of, ends_of, unit_of, unit_said

Floats = NDArray[np.float64]

OF_THE_PLAN = ("begun_and_open", "projects_started", "people_served")
"""Effects that are nothing without a plan: all others count what would be there anyway."""
WORTHS = 40
"""Steps of what a unit may be worth."""
ALIKE = 0.05
"""Part of the cost by which strategies must differ for a ratio to say much (judgement)."""
UNIT_COSTS, EXTRA = later("Cost per unit"), later("Cost per further unit")
FRONTIER, PLANE = later("What more costs"), later("Against the first")
CHOICE, AT_WORTH = later("Which to choose"), later("At the worth that was asked")
DRAWS, CURVE = later("Each draw against the first"), later("By what a unit is worth")
QUIET = later("Luck is taken out of the draws' means first, for a maximum feeds on it.")


def value(plan: Plan, run: Runner, effect: str = "begun_and_open", purse: Purse | None = None) -> Answer:
    """Say which strategies give value for money; of households' money, what they get.

    Parameters
    ----------
    plan : Plan
        With traces; its first strategy is the yardstick.
    run : Runner
    effect : str
        An outcome of which more is better.
    purse : Purse, optional
    """
    purse = purse or Purse()
    check(plan, effect)
    found = run(plan)
    if purse.perspective == HOUSEHOLD:
        return received(found, purse)
    return _Valued(found, effect, purse).answer()


def check(plan: Plan, effect: str) -> None:
    """Refuse what cannot be told, before anything is computed: one strategy or draw, an effect that has no units."""
    if len(plan.strategies) < 2:
        raise UserError("STRATEGY: found one, accepted two or more: the first is the yardstick")
    check_effect(effect)
    if plan.draws < 2:
        raise UserError("--draws: found {draws}, accepted 2 or more: a choice is made over draws", draws=plan.draws)


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

    @cached_property
    def costs(self) -> dict[str, Floats]:
        """Cost of every run by perspective."""
        return costs_of(self.found, self.purse.rate)

    @cached_property
    def ends(self) -> pd.DataFrame:
        """Cost and effects in every run, strategies by what people call them."""
        return ends_of(self.found, self.effect, self.costs[self.purse.perspective], self.purse.rate)

    @cached_property
    def names(self) -> list[str]:
        """What tables call the strategies, the yardstick first."""
        return list(reading.named(self.found.plan).values())

    @cached_property
    def front(self) -> pd.DataFrame:
        """The frontier, with the ratio of each step along it."""
        return frontier(self.ends, COST, self.effect)

    @cached_property
    def units(self) -> pd.DataFrame:
        """What a unit of each effect costs on average under each strategy."""
        return self._per_unit(None)

    @property
    def _efficient(self) -> pd.DataFrame:
        """The strategies on the frontier, the cheapest first."""
        return self.front[self.front["status"] == EFFICIENT]

    @property
    def per(self) -> str:
        return unit_of(self.effect)

    @property
    def unit(self) -> str:
        """One of the effect, in the language spoken."""
        return unit_said(self.effect)

    def answer(self) -> Answer:
        plan, whose = self.found.plan, whose_money(self.found, self.costs)
        steps, curve = self._switches(), self._curve()
        facts, first = self._facts(steps), looked_up(self.names[0])
        at = () if self.purse.worth is None else (self._at_worth(),)
        tables = (
            Table(UNIT_COSTS, _("What the plan spends on average per unit, with the bootstrap's and Fieller's 95 % "
                  "intervals; {whose}.", whose=self.purse.in_words), self.units),
            Table(EXTRA, _("What each unit more than under '{strategy}' costs: both are differences.", strategy=first),
                  self._per_unit(self.names[0])),
            Table(FRONTIER, _("Cheapest first. Of an efficient strategy: what each further unit costs over the next "
                  "cheaper efficient one, with Fieller's 95 % interval. Of a dominated one: by which, and why. "
                  "chance_efficient: share of resamples of the draws in which it stays on the frontier."), self.front),
            Table(PLANE, _("Share of draws in which a strategy has more effect than '{strategy}', or costs more, "
                  "with its Wilson 95 % interval; by the means of a draw's courses of luck, which still blur it.",
                  strategy=first), self._quadrants()),
            Table(CHOICE, _("From which worth of a unit on a strategy is best on average (there the further unit costs "
                  "just that), how often it is the best of a draw there, and what knowing the draw would be worth.")
                  + f" {_(QUIET)}", steps),
            *at,
            whose_table(whose, self.purse),
            Table(DRAWS, _("Mean over the luck of each draw."), self._each_draw, long=True),
            Table(CURVE, f"{_('Net benefit, chance to be best, and expected loss.')} {_(QUIET)}", curve, long=True),
        )  # fmt: skip
        return Answer(
            _("Which strategy gives most for its money, per {unit}?", unit=self.unit),
            self._sentence(facts),
            facts,
            tables,
            self._rests(),
            (*self._turns(facts), *self._mind(whose), *reading.few(plan)),
            (self.found,),
        )

    def _per_unit(self, baseline: str | None) -> pd.DataFrame:
        effects = list(dict.fromkeys((self.effect, *UNITS)))
        parts = [cost_per_effect(self.ends, COST, name, baseline).assign(per=unit_of(name)) for name in effects]
        table = pd.concat(parts, ignore_index=True)
        return table[["per", "strategy", COST, "effect", "ratio", "low", "high", "fieller_low", "fieller_high", "says"]]

    def _acceptability(self, worths: Sequence[float], ends: pd.DataFrame | None = None) -> pd.DataFrame:
        return acceptability(self.ends if ends is None else ends, COST, self.effect, worths, MAD)

    def _switches(self) -> pd.DataFrame:
        """Return from which worth on each efficient strategy is best on average: exactly where its step pays."""
        rows = []
        for row in self._efficient.itertuples():
            worth = 0.0 if np.isnan(row.ratio) else float(row.ratio)
            there = self._acceptability([worth]).set_index("strategy")
            often = there["chance_best"].idxmax()
            rows.append((worth, row.strategy, there.loc[row.strategy, "chance_best"], often, there["evpi"].iloc[0]))
        columns = ["from_worth", "strategy", "chance_best", "most_often_best", "evpi"]
        return pd.DataFrame(rows, columns=columns)

    def _curve(self) -> pd.DataFrame:
        """Return the acceptability of amounts well beyond what a unit costs on average under any strategy."""
        own = self.units.loc[self.units["per"] == self.per, "ratio"]
        own = own[np.isfinite(own)]
        return self._acceptability(worths_up_to(3.0 * max(self.purse.worth or 0.0, *own, 0.0)))

    def _at_worth(self) -> Table:
        worth = float(self.purse.worth or 0.0)
        about = _(
            "Net benefit where a {unit} is worth {worth} {money}: effect times worth, less cost. expected_loss: what "
            "choosing it loses on average against the best of each draw.",
            unit=self.unit, worth=reading.amount(worth), money=_(MAD),
        )  # fmt: skip
        return Table(AT_WORTH, f"{about} {_(QUIET)}", self._acceptability([worth]))

    def _quadrants(self) -> pd.DataFrame:
        """Return the chances of the quadrants; that two are alike to the last digit is seldom worth a row."""
        plane = cost_plane(self.ends, self.names[0], COST, self.effect)
        told = plane[["strategy", "quadrant", "chance", "low", "high"]]
        return told[(told["quadrant"] != "no difference") | (told["chance"] > 0.0)].reset_index(drop=True)

    @cached_property
    def _each_draw(self) -> pd.DataFrame:
        grids, base = grids_of(self.ends), self.names[0]
        parts = []
        for name in self.names[1:]:
            extra = {
                column: np.nanmean(grids[outcome][name] - grids[outcome][base], axis=1)
                for column, outcome in (("extra_effect", self.effect), ("extra_cost", COST))
            }
            parts.append(pd.DataFrame({"strategy": name, "draw": np.unique(self.ends["draw"]), **extra}))
        return pd.concat(parts, ignore_index=True)

    def _facts(self, steps: pd.DataFrame) -> dict[str, Any]:
        own = self.units[self.units["per"] == self.per].set_index("strategy")[["ratio", "fieller_low", "fieller_high"]]
        facts: dict[str, Any] = {
            "effect": self.effect,
            "per": self.per,
            "perspective": self.purse.perspective,
            "discount_rate": self.purse.rate,
            "cost_per_unit": {
                name: list(own.loc[name, ["ratio", "fieller_low", "fieller_high"]]) for name in own.index
            },
            "efficient": list(self._efficient["strategy"]),
            "switches": [
                {"from": row.from_worth, "strategy": row.strategy, "sure": not told}
                for row, told in zip(steps.itertuples(), self._efficient["says"], strict=True)
            ],
            "worth": self.purse.worth,
        }
        if self.purse.worth is not None:
            at = self._acceptability([self.purse.worth])
            best, often = at[at["on_frontier"]].iloc[0], at.loc[at["chance_best"].idxmax()]
            facts |= {"best": str(best["strategy"]), "chance_best": float(best["chance_best"])}
            facts |= {"most_often_best": str(often["strategy"]), "expected_loss": float(best["expected_loss"])}
        return facts

    def _sentence(self, facts: dict[str, Any]) -> str:
        if not self.ends.loc[self.ends["outcome"] == self.effect, "value"].any():
            outcome = reading.told(self.effect)
            return _("None of these strategies has any “{outcome}”: there is nothing to buy.", outcome=outcome)
        said = []
        own = {name: told for name, told in facts["cost_per_unit"].items() if np.isfinite(told[0])}
        if own and self.effect in OF_THE_PLAN:
            cheapest = min(own, key=lambda name: own[name][0])
            said.append(
                _(
                    "Per {unit} '{strategy}' spends least: {amount}.",
                    unit=self.unit, strategy=looked_up(cheapest), amount=_between(*own[cheapest]),
                )
            )  # fmt: skip
        said += [self._step(row) for row in self._efficient.iloc[1:].itertuples()]
        said += [_beaten(row) for row in self.front[self.front["status"] != EFFICIENT].itertuples()]
        return " ".join([*said, self._choice(facts)])

    def _step(self, row: Any) -> str:
        about = {"against": looked_up(row.against), "strategy": looked_up(row.strategy), "unit": self.unit}
        about |= {"more": reading.amount(row.extra_cost), "money": _(MAD)}
        if row.says:
            return _(
                "Over '{against}', '{strategy}' costs {more} {money} more; what each further {unit} costs cannot be "
                "said, for there may be none.",
                **about,
            )
        return _(
            "Over '{against}', '{strategy}' costs {more} {money} more: {each} for each further {unit}.",
            each=_between(row.ratio, row.low, row.high), **about,
        )  # fmt: skip

    def _choice(self, facts: dict[str, Any]) -> str:
        """Say which to choose at the worth that was asked, or else from which worth on each."""
        if self.purse.worth is None:
            first, *others = facts["switches"]
            then = "".join(
                _(
                    ", from {worth} {money} on '{strategy}'",
                    worth=reading.amount(each["from"]), money=_(MAD), strategy=looked_up(each["strategy"]),
                )
                if each["sure"]
                else _(
                    "; whether '{strategy}' ever gives more for its price cannot be told",
                    strategy=looked_up(each["strategy"]),
                )
                for each in others
            )  # fmt: skip
            return _(
                "Which to choose hangs on what a {unit} is worth (--worth): at little '{strategy}'{then}.",
                unit=self.unit, strategy=looked_up(first["strategy"]), then=then,
            )  # fmt: skip
        said = _(
            "Where a {unit} is worth {worth} {money}, choose '{strategy}': best on average and in {chance} % of draws, "
            "with an expected loss of {loss} {money} against the best of each draw.",
            unit=self.unit, worth=reading.amount(self.purse.worth), money=_(MAD), strategy=looked_up(facts["best"]),
            chance=fixed(100 * facts["chance_best"]), loss=reading.amount(facts["expected_loss"]),
        )  # fmt: skip
        often = facts["most_often_best"]
        if often != facts["best"]:
            said += " " + _("Most often best of a draw is '{strategy}'.", strategy=looked_up(often))
        return said

    def _turns(self, facts: dict[str, Any]) -> list[str]:
        """Say under which structures of the model another strategy is best at the worth that was asked."""
        said: list[str] = []
        if self.purse.worth is None:
            return said
        for name, draws in reading.structures(self.found).items():
            table = self._acceptability([self.purse.worth], self.ends[self.ends["draw"].isin(draws)])
            there = str(table.loc[table["on_frontier"], "strategy"].iloc[0])
            if there != facts["best"]:
                said.append(
                    _(
                        "In the draws of {structure} ({draws}) '{strategy}' is best instead.",
                        structure=_(name), draws=len(draws), strategy=looked_up(there),
                    )
                )  # fmt: skip
        return said

    def _rests(self) -> tuple[str, ...]:
        return (
            reading.luck(self.found.plan),
            _(
                "Costs: {whose}. Years at work are discounted alike; what is counted at the end of the plan is not. "
                "(idmaj compare discounts neither.)",
                whose=self.purse.in_words,
            ),
            reading.budget(self.found.plan),
            _("Intervals are 95 %, over draws; those of the sentence are Fieller's."),
            _("Unit costs vary with the draw; most are judgement (idmaj plan lists them, docs/LIMITS.md)."),
        )

    def _mind(self, whose: pd.DataFrame) -> list[str]:
        said: list[str] = []
        if self.effect not in OF_THE_PLAN:
            said.append(
                _(
                    "“{outcome}” counts also what began before the plan and what people do unaided: the average cost "
                    "is no price of one more. Read the cost per further unit, with no_programme as the first strategy "
                    "to leave out what would be there without any.",
                    outcome=reading.told(self.effect),
                )
            )
        front = self.front
        spread = float(front[COST].max() - front[COST].min())
        if self.found.plan.budget == "equal" and spread < ALIKE * float(front[COST].abs().max()):
            said.append(
                _(
                    "With an equal budget costs differ by what is left unspent only: read effects, or use --budget "
                    "additional."
                )
            )
        for name, draws in self._each_draw.groupby("strategy", sort=False)["extra_effect"]:
            each = estimate(draws.to_numpy()[:, None])
            if each.low <= 0.0 <= each.high:
                said.append(
                    _(
                        "'{strategy}' may have no more effect than the first: a ratio to it says little.",
                        strategy=looked_up(name),
                    )
                )
        means = whose.pivot(index="strategy", columns="perspective", values="mean")
        if self.purse.perspective == "donor" and np.allclose(means["donor"], means["programme"]):
            said.append(_("The Moroccan State pays nothing under these strategies: donors pay all that is spent."))
        return [*said, _("A unit is one whoever it goes to: for who is reached see idmaj equity.")]


def _between(middle: float, low: float, high: float) -> str:
    """Return an amount with its interval in words."""
    return f"{reading.amount(middle)} ({span(reading.amount(low), reading.amount(high))}) {_(MAD)}"


def _beaten(row: Any) -> str:
    """Say why a strategy is not on the frontier."""
    about = {"strategy": looked_up(row.strategy), "status": _(row.status), "because": row.because}
    if row.chance_efficient > 0.05:
        return _(
            "'{strategy}' is {status} ({because}; not so in {share} % of resamples).",
            share=fixed(100 * row.chance_efficient), **about,
        )  # fmt: skip
    return _("'{strategy}' is {status} ({because}).", **about)
