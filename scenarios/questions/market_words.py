"""What is said of markets that fill up, and of those that do not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...sim.policy import settings_table
from ..by_structure import WITHOUT
from ..decisions.saturation import ALREADY, NEVER
from ..experiment import Plan
from ..labels import lever as called_lever
from ..language import ENGLISH, _, later, listed, many, speaking
from ..language import written as local
from ..numbers import plain, span
from . import reading
from .market_runs import ALL, SCALED

EVERY = later("all draws")
CROSSES, AT_ONCE, TOO_FEW, NOT_YET, NO_CROWDING = ENDS = (
    later("saturates"), later("already at the smallest"), later("applicants ran out first"),
    later("not in the range"), "no crowding",
)  # fmt: skip
"""What may come of a trade in a draw."""


@dataclass(frozen=True)
class Words:
    """The words of an answer on markets.

    Attributes
    ----------
    plan : Plan
    times : tuple of float
        Sizes, the smallest first.
    lost : float
        Part of income lost at which a trade is saturated.
    crowded : int
        Draws in which sellers crowd each other.
    """

    plan: Plan
    times: tuple[float, ...]
    lost: float
    crowded: int

    @property
    def percent(self) -> str:
        """How much is lost where a trade is saturated."""
        return _("{share}\u00a0%", share=local(f"{100 * self.lost:g}"))

    @property
    def of_crossings(self) -> str:
        """What the table of crossings means."""
        return _(
            "Projects opened a year in that trade at which its financed sellers lose {share} of their income to "
            "crowding: a tenth of the draws by 'low', half by 'middle', nine tenths by 'high'; times: size of the "
            "programme at the middle. 'below': at the smallest size already; 'beyond': not within the sizes. The "
            "columns behind are shares of draws.",
            share=self.percent,
        )

    @property
    def of_sizes(self) -> str:
        """What the table of sizes means."""
        return _(
            "Means a run. opened: during the plan; live: financed and open at its end; both with 95 % intervals over "
            "draws. kept: share of income that financed sellers keep in the last month, over the draws with crowding "
            "only; without: what they would keep had the programme financed none; crowded_sellers: financed sellers "
            "whose own niche loses more than {share}.",
            share=self.percent,
        )

    @property
    def of_steps(self) -> str:
        """What the table of steps means."""
        return _(
            "Between neighbouring sizes, on the same people and luck, over all draws: what each 100 more projects "
            "opened add in projects open at the end, with Fieller's 95 % interval; below zero they cost others more "
            "than they add."
        )

    @staticmethod
    def of_people(ran_out: float) -> str:
        """Return what the table of places and applicants means."""
        return _(
            "Places a year that the intake asks for, projects opened, and the backlog of places funded and staffed, "
            "carried over from month to month, for which nobody waits (mean of the last year). ran_out: share of draws "
            "in which it is more than {share} % of a year's places: applicants then set the pace.",
            share=local(f"{100 * ran_out:g}"),
        )

    def sentence(self, told: pd.DataFrame, people: pd.DataFrame, sizes: pd.DataFrame) -> str:
        """Return the answer in a few sentences: what the structure decides first, then trades, then applicants.

        Parameters
        ----------
        told : DataFrame
            A row a trade: ``trade, low, middle, high, times`` and `ENDS`.
        people, sizes : DataFrame
            The tables of those names.
        """
        about = {"draws": local(str(self.plan.draws)), "structure": _(WITHOUT)}
        if not self.crowded:
            first = _(
                "In all {draws} draws sellers do not crowd each other (structure '{structure}'), so no market "
                "saturates at any size; the data cannot tell whether that holds.",
                **about,
            )
            return f"{first} {self._applicants(people)}"
        trades = self._each(told)
        if self.crowded < self.plan.draws:
            first = _(
                "Whether any market ever saturates the data cannot tell: in {without} of {draws} draws sellers do not "
                "crowd each other (structure '{structure}'), and none does.",
                without=local(str(self.plan.draws - self.crowded)), **about,
            ) + " " + many(
                "In the one draw with crowding, {trades}.", "In the {n} draws with crowding, {trades}.",
                self.crowded, trades=trades,
            )  # fmt: skip
        else:
            first = _("In all {draws} draws sellers crowd each other: {trades}.", trades=trades, **about)
        return f"{first} {self._loss(sizes)} {self._applicants(people)}"

    def _each(self, told: pd.DataFrame) -> str:
        """Say where each trade saturates, and together which do not in most draws."""
        rows = told.to_dict("records")
        inside = [
            _(
                "{trade} at {size} ({times} times the programme; 10 to 90 % of draws: {span})",
                trade=_(row["trade"]), size=outside(row["middle"]), times=outside(row["times"]),
                span=_span(row["low"], row["high"]),
            )
            for row in rows
            if math.isfinite(row["middle"])
        ]  # fmt: skip
        early = [_(row["trade"]) for row in rows if row["middle"] == ALREADY]
        late = {_(row["trade"]): _reach(row) for row in rows if row["middle"] == NEVER}
        none = all(row[CROSSES] + row[AT_ONCE] == 0.0 for row in rows)
        reach = {"share": self.percent, "low": _g(self.times[0]), "high": _g(self.times[-1])}
        if none:
            return _(
                "no trade loses {share} of its income at any size from {low} to {high} times the programme", **reach
            )
        said = []
        if inside:
            said.append(
                _(
                    "{share} of income is lost, in projects opened a year in that trade: {trades}",
                    share=self.percent, trades=_("; ").join(inside),
                )
            )  # fmt: skip
        if early:
            said.append(
                _("as much is lost at {size} already in {trades}", size=at(self.times[0]), trades=listed(early))
            )
        if late:
            together = [
                f"{listed([name for name, mine in late.items() if mine == share])} ({share})"
                for share in dict.fromkeys(late.values())
            ]
            said.append(
                _(
                    "fewer than half of them reach a loss of {share} at any size from {low} to {high} times the "
                    "programme: {trades}",
                    trades=_("; ").join(together), **reach,
                )
            )  # fmt: skip
        return _("; ").join(said)

    def _loss(self, sizes: pd.DataFrame) -> str:
        """Say how much is lost at the largest size, and how much of it is the hosts' own crowding."""
        last = sizes[sizes["trade"] == ALL].iloc[-1]
        if math.isnan(last["kept"]):
            return ""
        return _(
            "At {size} financed sellers lose {lost} of an open market's income, the mean of all trades; to host "
            "sellers and to refugees whom nobody finances alone they would lose {alone}.",
            size=at(last["times"]), lost=_percent(1 - last["kept"], 1), alone=_percent(1 - last["without"], 1),
        )  # fmt: skip

    def _applicants(self, people: pd.DataFrame) -> str:
        """Say from which size on applicants run out."""
        dry = people[people["ran_out"] > 0.0]
        if dry.empty:
            return _("There are applicants for all places at every size.")
        half = people[people["ran_out"] >= 0.5]
        first, last = half.iloc[0] if len(half) else dry.iloc[-1], people.iloc[-1]
        return _(
            "Applicants run out in {share} of all draws at {size}: at {largest} {opened} projects a year open, of "
            "{places} places, so larger markets were not really tried.",
            share=_percent(first["ran_out"]), size=at(first["times"]), largest=at(last["times"]),
            opened=plain(last["opened_a_year"]), places=plain(last["places_a_year"]),
        )  # fmt: skip

    def rests(self, fingerprint: str) -> tuple[str, ...]:
        """Return what the answer rests on."""
        strategy, plan = self.plan.strategies[0], self.plan
        settings = settings_table(strategy, plan.start, plan.months, plan.known_until)[plan.start :]
        scaled = [called_lever(column) for column in SCALED if np.any(settings[column] > 0)]
        return (
            reading.luck(plan),
            _(
                "A size multiplies, from the start of the plan on: {levers}. What one project gets, branches and "
                "partners stay as they are.",
                levers=_(", ").join(scaled),
            ),
            _(
                "That a trade is saturated where its sellers lose {share} of an open market's income is the asker's "
                "word (--lost), not a finding.",
                share=self.percent,
            ),
            _(
                "How large a niche is, how much demand it has to spare, how hosts give way and what crowding costs are "
                "judgement (idmaj explain saturation_gamma, niche_host_sellers, niche_slack, host_exit_elasticity)."
            ),
            _("Fingerprint: {fingerprint}.", fingerprint=fingerprint[:16]),
        )

    def mind(self, people: pd.DataFrame, sizes: pd.DataFrame) -> tuple[str, ...]:
        """Return what the answer does not say."""
        said = []
        if people["ran_out"].iloc[-1] > 0.0:
            said.append(
                _(
                    "Where applicants run out, a larger size opens no more projects. To try larger markets ask of a "
                    "strategy that reaches more people: eligibility.asylum_seekers = true, more outreach, or the "
                    "future 'surge'."
                )
            )
        last = sizes[sizes["trade"] == ALL].iloc[-1]
        if not math.isnan(last["kept"]):
            said.append(
                _(
                    "The mean of a trade hides full niches beside empty ones: with crowding, {part} of financed "
                    "sellers are in niches that lose more than {share} at {size}.",
                    part=_percent(last["crowded_sellers"]), share=self.percent, size=at(last["times"]),
                )
            )  # fmt: skip
        said.append(_("Incomes are those of the plan's last month: a market that fills slowly may do so later."))
        return (*said, *reading.few(self.plan))


def written(summary: pd.DataFrame) -> pd.DataFrame:
    """Return where trades saturate as tables have it, for some sizes lie outside of what was lived."""
    with speaking(ENGLISH.code):  # data is the same in all languages
        return summary.assign(**{name: summary[name].map(outside) for name in ("low", "middle", "high", "times")})


def outside(value: float) -> str:
    """Write a size, or on which side of those lived it lies."""
    if value in (ALREADY, NEVER):
        return _("below") if value == ALREADY else _("beyond")
    return plain(value, 2)


def at(factor: float) -> str:
    """Write a size of the programme."""
    return _("its own size") if factor == 1.0 else _("{times} times its size", times=_g(factor))


def _g(value: float) -> str:
    return local(f"{value:g}")


def _span(low: float, high: float) -> str:
    first = _("below the smallest") if low == ALREADY else outside(low)
    return span(first, _("beyond the largest") if high == NEVER else outside(high))


def _reach(row: Mapping[str, Any]) -> str:
    """Say in how many draws a trade saturates, and by how many projects a year a tenth of them do."""
    share = _percent(row[CROSSES] + row[AT_ONCE])
    if math.isfinite(row["low"]):
        return _("{share} of them, a tenth by {size} a year", share=share, size=outside(row["low"]))
    return _("{share} of them", share=share)


def _percent(share: float, places: int = 0) -> str:
    return _("{share}\u00a0%", share=local(f"{100 * share:.{places}f}"))
