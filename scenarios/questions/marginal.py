"""At how much of one lever a step more of it buys less than the same money in another: advisers against grants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import UserError
from ...sim.policy import Strategy, differences, idle_settings, in_words, key_of, settings_table
from ...sim.settings import LEVERS
from ..decisions.costs import fieller
from ..decisions.marginal import buys_less_from, gain_per
from ..decisions.paired import Paired, paired
from ..estimates import Estimate, estimate
from ..experiment import Plan
from ..labels import lever as called_lever
from ..labels import percent
from ..language import _, later, listed, written
from ..results import Experiment
from ..variants import accepts, with_levers
from . import reading
from .answer import Answer, Runner, Table
from .marginal_words import MONEY, NO_RATIO, NOTHING, bought, mind, money, named, rests, short
from .valued import check_effect, unit_of

Floats = NDArray[np.float64]

BUDGET, SPENT = "funding_budget_mad_per_year", "spent"
SURE = 0.95
MOST_VALUES = 12
FIRST, OTHER, OPEN, NEVER = "first", "other", later("cannot be told"), later("none of these")
GAINS, COMPARED, FROM = later("What a step more buys"), later("Which buys more"), later("From which value on")


@dataclass(frozen=True)
class Levers:
    """Two levers: the values of the first, and a step of the other.

    Attributes
    ----------
    over : str
        Column of the first.
    values : tuple of float
        The smallest first.
    against : str
        Column of the other.
    step : float
        How much more of it one step is.
    """

    over: str
    values: tuple[float, ...]
    against: str
    step: float

    @classmethod
    def of(
        cls, over: str, values: Sequence[float], against: str, step: float | None, strategy: Strategy, plan: Plan
    ) -> Levers:
        """Return levers that can be compared in a strategy; without a step it is a tenth of what the strategy has.

        Raises
        ------
        UserError
            If a lever is no number, or changes during the plan, or a value is not accepted.
        """
        for option, column in (("--over", over), ("--against", against)):
            if LEVERS[column].kind is not None:
                raise UserError(
                    "{option}: found {key}, a word; accepted a lever that is a number",
                    option=option,
                    key=key_of(column),
                )
            if column == BUDGET:
                raise UserError(
                    "{option}: found {key}; accepted another lever: here no budget binds",
                    option=option,
                    key=key_of(column),
                )
        if over == against:
            raise UserError(
                "--against: found the lever of --over again ({key}); accepted another lever", key=key_of(over)
            )
        if not 2 <= len(values) <= MOST_VALUES:
            raise UserError(
                "--over: found {count} values, accepted 2 to {most_values}", count=len(values), most_values=MOST_VALUES
            )
        table = settings_table(strategy, plan.start, plan.months, plan.known_until)[against][plan.start :]
        now = float(table[0])
        if (table != now).any():
            found = _("{key}, which changes during the plan", key=key_of(against))
            raise UserError("--against: found {found}; accepted a lever that stays", found=found)
        step = now / 10.0 if step is None else step
        if not (math.isfinite(step) and step > 0.0 and accepts(LEVERS[against], now + step)):
            found = _("{key} = {now:g} with a step of {step:g}", key=key_of(against), now=now, step=step)
            raise UserError(
                "--against: found {found}, accepted a step above 0 within what the lever takes, as {how}",
                found=found,
                how=HOW,
            )
        return cls(over, tuple(sorted(values)), against, step)


HOW = "intake.projects_per_year=10"


def marginal(strategy: Strategy, levers: Levers, plan: Plan, run: Runner, effect: str = "begun_and_open") -> Answer:
    """Say from which value of the first lever on a step more of it buys less than one of the other.

    Parameters
    ----------
    strategy : Strategy
    levers : Levers
    plan : Plan
        Past, start, years, draws, replications, seed; its strategies are replaced by the designs.
    run : Runner
    effect : str
        An outcome that is counted and of which more is better.
    """
    check_effect(effect)
    reading.enough_runs(plan)
    found = run(replace(plan, strategies=designs(strategy, levers, plan)))
    table = reading.outcomes_table(found, (effect, SPENT, "projects_started"))
    return Weighed(found, levers, effect, paired(table, (effect, SPENT, "projects_started"))).answer()


def designs(strategy: Strategy, levers: Levers, plan: Plan) -> tuple[Strategy, ...]:
    """Return the first lever at its values, then the same but the last with a step more of the other.

    No budget binds in any of them: whatever more is done is paid on top.
    """
    settings = settings_table(strategy, plan.start, plan.months, plan.known_until)
    more = float(settings[levers.against][plan.start]) + levers.step
    free = with_levers(strategy, {BUDGET: math.inf})
    found = []
    for value in levers.values:
        said = f"{key_of(levers.over)} = {in_words(levers.over, value)}"
        found.append(with_levers(strategy, {BUDGET: math.inf, levers.over: value}, said))
    for value in levers.values[:-1]:
        said = f"{key_of(levers.over)} = {in_words(levers.over, value)}, {key_of(levers.against)} = {more:g}"
        chosen = {BUDGET: math.inf, levers.over: value, levers.against: more}
        found.append(with_levers(strategy, chosen, said))
    for variant, columns in ((found[0], [levers.over]), (found[-1], [levers.over, levers.against])):
        if differences(free, variant, plan.start, plan.months):
            _refuse_idle(free, variant, columns, plan)
    return tuple(found)


def _refuse_idle(free: Strategy, variant: Strategy, columns: Sequence[str], plan: Plan) -> None:
    """Refuse a lever that acts on nothing."""
    for remark in idle_settings(free, variant, plan.start, plan.months):
        if remark.key in map(key_of, columns):
            raise UserError("--over, --against: found {text}; accepted a lever that acts", text=remark.text)


@dataclass(frozen=True)
class Step:
    """What a step adds and what it costs, in every run.

    Attributes
    ----------
    effect, money, opened : array (draws, replications)
    """

    effect: Floats
    money: Floats
    opened: Floats

    def row(self) -> dict[str, Any]:
        """Return what it buys: means with 95 % intervals, and their ratio with Fieller's."""
        told: dict[str, Any] = {"more_opened": estimate(self.opened).mean}
        gain, paid = estimate(self.effect), estimate(self.money)
        told |= {"more": gain.mean, "more_low": gain.low, "more_high": gain.high, "costs": paid.mean}
        ratio = fieller(MONEY * _units(self.effect), _units(self.money))
        says = _says(gain, paid, bool(ratio.why))
        numbers = (math.nan,) * 3 if says == NO_RATIO else (ratio.ratio, ratio.low, ratio.high)
        return told | dict(zip(("per_100_000", "low", "high"), numbers, strict=True)) | {"says": says}


def _says(gain: Estimate, paid: Estimate, none: bool) -> str:
    """Say what is wrong with a ratio, if anything is."""
    if none or paid.mean <= 0.0:
        return NO_RATIO
    return NOTHING if gain.low <= 0.0 <= gain.high else ""


@dataclass(frozen=True)
class Weighed:
    """Designs that were run, and which lever buys more at which value of the first.

    Attributes
    ----------
    found : Experiment
    levers : Levers
    effect : str
    runs : Paired
        Outcomes: the effect, money, projects opened. Designs as `designs` lists them.
    """

    found: Experiment
    levers: Levers
    effect: str
    runs: Paired

    def answer(self) -> Answer:
        """Return the answer."""
        gains, compared, switches = self.gains(), self.compared(), self.switches()
        facts = self._facts(compared, switches, gains)
        tables = self._tables(gains, compared, switches)
        return Answer(
            _(
                "From which value of {over} on does one more buy less than the same money in {against}?",
                over=named(self.levers.over), against=named(self.levers.against),
            ),
            self._sentence(compared, gains, facts),
            facts,
            tables,
            rests(self.found.plan, self.levers.over, self.levers.against, self.levers.step),
            (*self._turns(facts), *mind(self.levers.over, self.levers.against, gains), *reading.few(self.found.plan)),
            (self.found,),
        )  # fmt: skip

    def _tables(self, gains: pd.DataFrame, compared: pd.DataFrame, switches: pd.DataFrame) -> tuple[Table, ...]:
        over, against = (key_of(each) for each in (self.levers.over, self.levers.against))
        about = {"over": called_lever(self.levers.over), "against": called_lever(self.levers.against)}
        of_gains = _(
            "A step more of {over} (to the next value) and of {against} (by {step}), from the same design, on the same "
            "people and luck: more projects opened, more of the effect with its 95 % interval, costs in MAD 2016 "
            "really spent. per_100_000: {effect} for {money} MAD, a ratio of means with Fieller's interval.",
            step=short(self.levers.step), effect=reading.told(self.effect), money=money(), **about,
        )  # fmt: skip
        of_compared = _(
            "Gains by the means alone. chance: share of resamples of the draws in which {against} buys more; it is "
            "said to where that is {sure} % or more, and {over} where it is {unsure} % or less.",
            sure=percent(SURE), unsure=percent(1.0 - SURE), **about,
        )  # fmt: skip
        of_from = _("Share of resamples in which from this value of {over} on {against} buys more.", **about)
        named = compared.replace({"buys_more": {FIRST: over, OTHER: against}})
        return Table(GAINS, of_gains, gains), Table(COMPARED, of_compared, named), Table(FROM, of_from, switches)

    def _pairs(self) -> list[tuple[int, int, int]]:
        """Return, for each step, the designs that it starts from, and with more of the first, and of the other."""
        count = len(self.levers.values)
        return [(at, at + 1, count + at) for at in range(count - 1)]

    def _step(self, base: int, more: int) -> Step:
        values = self.runs.tops
        return Step(*(values[outcome, more] - values[outcome, base] for outcome in range(3)))

    def gains(self) -> pd.DataFrame:
        """Return what a step more of each lever buys; see the table's meaning."""
        rows = []
        for at, (base, first, other) in enumerate(self._pairs()):
            value = self.levers.values[at]
            for column, design in ((self.levers.over, first), (self.levers.against, other)):
                rows.append({"at": value, "more_of": key_of(column), **self._step(base, design).row()})
        return pd.DataFrame(rows)

    def compared(self, draws: set[int] | None = None) -> pd.DataFrame:
        """Return which lever buys more at each value of the first.

        Returns
        -------
        DataFrame
            ``at, first, other, chance, buys_more``: gains by the means alone, for there may be no ratio to them.
        """
        first, other = (self._resampled(draws, place) for place in (1, 2))
        means = [self._by_means(draws, place) for place in (1, 2)]
        chance = np.mean(other > first, axis=0)
        sure = [OTHER if each >= SURE else FIRST if each <= 1.0 - SURE else OPEN for each in chance]
        return pd.DataFrame(
            {"at": self.levers.values[:-1], "first": means[0], "other": means[1], "chance": chance, "buys_more": sure}
        )

    def _of(self, draws: set[int] | None) -> Paired:
        """Return the runs of some draws."""
        if draws is None:
            return self.runs
        kept = np.isin(self.runs.draws, list(draws))
        tops, bottoms = self.runs.tops[:, :, kept], self.runs.bottoms[:, :, kept]
        return replace(self.runs, tops=tops, bottoms=bottoms, draws=self.runs.draws[kept])

    def _by_means(self, draws: set[int] | None, place: int) -> Floats:
        """Return what money buys in each step of a lever, the first (1) or the other (2); an array (steps,)."""
        return self._per_money(self._of(draws).mean[None], place)[0]

    def _resampled(self, draws: set[int] | None, place: int) -> Floats:
        """Return the same when draws are drawn again, an array (times, steps)."""
        return self._per_money(self._of(draws).resampled(), place)

    def _per_money(self, means: Floats, place: int) -> Floats:
        bases, others = ([pair[at] for pair in self._pairs()] for at in (0, place))
        more = means[:, :, others] - means[:, :, bases]
        return gain_per(more[:, 0], more[:, 1], MONEY)

    def switches(self) -> pd.DataFrame:
        """Return how often each value is the one from which on the other lever buys more: ``at, chance``."""
        where = buys_less_from(*(self._resampled(None, place) for place in (1, 2)))
        names = [*(f"{value:.15g}" for value in self.levers.values[:-1]), NEVER]
        return pd.DataFrame({"at": names, "chance": np.bincount(where, minlength=len(names)) / len(where)})

    def _facts(self, compared: pd.DataFrame, switches: pd.DataFrame, gains: pd.DataFrame) -> dict[str, Any]:
        at = self._switch(compared)
        return {
            "over": key_of(self.levers.over),
            "values": list(self.levers.values),
            "against": key_of(self.levers.against),
            "step": self.levers.step,
            "effect": self.effect,
            "per": unit_of(self.effect),
            "from": at,
            "chance": float(switches.set_index("at")["chance"][at]),
            "first_surely_at": list(compared.loc[compared["buys_more"] == FIRST, "at"]),
            "other_surely_at": list(compared.loc[compared["buys_more"] == OTHER, "at"]),
            "no_ratio": [f"{row.more_of} at {row.at:g}" for row in gains.itertuples() if row.says == NO_RATIO],
        }

    @staticmethod
    def _switch(compared: pd.DataFrame) -> str:
        """Return the value from which on the other buys more by the means, in words."""
        at = int(buys_less_from(compared["first"].to_numpy(), compared["other"].to_numpy()))
        return f"{compared['at'].iloc[at]:.15g}" if at < len(compared) else NEVER

    def _sentence(self, compared: pd.DataFrame, gains: pd.DataFrame, facts: dict[str, Any]) -> str:
        over, against = (named(column) for column in (self.levers.over, self.levers.against))
        about = {"over": over, "against": against, "chance": percent(facts["chance"])}
        if facts["from"] == NEVER:
            said = _(
                "From {low} to {high} there is no value from which on money for more of {against} buys more than for "
                "more of {over}; {chance}\u00a0% of resamples agree.",
                low=short(self.levers.values[0]), high=short(self.levers.values[-1]), **about,
            )  # fmt: skip
        else:
            said = _(
                "From {value} on, money for more of {against} buys more than for more of {over}; {chance}\u00a0% of "
                "resamples agree.",
                value=written(facts["from"]), **about,
            )  # fmt: skip
        told, what = gains.set_index(["at", "more_of"]), reading.told(self.effect)
        for row in _about(compared, facts["from"]).itertuples():
            first, other = (bought(told.loc[(row.at, facts[name])]) for name in ("over", "against"))
            said += " " + _(
                "At {value}, {money} MAD of the latter buy {first} of {effect}, of the former {other}.",
                value=short(row.at), money=money(), first=first, effect=what, other=other,
            )  # fmt: skip
        latter, former = later("the latter at {values}"), later("the former at {values}")
        sure = [
            _(which, values=listed([short(each) for each in values]))
            for which, values in ((latter, facts["first_surely_at"]), (former, facts["other_surely_at"]))
            if values
        ]
        if not sure:
            return said + " " + _("At no value is it sure which buys more.")
        return said + " " + _(
            "Sure to buy more (in 95 % of resamples, each value by itself) are {levers}.", levers=_("; ").join(sure)
        )

    def _turns(self, facts: dict[str, Any]) -> list[str]:
        """Say under which structures of the model it is another value."""
        said = []
        for name, draws in reading.structures(self.found).items():
            there = self._switch(self.compared(draws))
            if there != facts["from"]:
                about = {"structure": _(name), "draws": written(str(len(draws)))}
                there = _(there) if there == NEVER else written(there)
                said.append(_("In the draws of {structure} ({draws}) it is {value} instead.", value=there, **about))
        return said

def _about(compared: pd.DataFrame, switch: str) -> pd.DataFrame:
    """Return the value from which on the other buys more and the one before; the last two if there is none."""
    names = [f"{value:.15g}" for value in compared["at"]]
    at = len(compared) - 1 if switch == NEVER else names.index(switch)
    return compared.iloc[max(0, at - 1) : at + 1]


def _units(values: Floats) -> Floats:
    """Return the mean of each draw over its complete runs; of a single draw, its runs."""
    return np.nanmean(values, axis=1) if len(values) > 1 else values[0][~np.isnan(values[0])]
