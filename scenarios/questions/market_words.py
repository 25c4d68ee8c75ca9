"""What is said of markets that fill up, and of those that do not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...sim.policy import key_of, settings_table
from ..by_structure import WITHOUT
from ..decisions.saturation import ALREADY, NEVER
from ..experiment import Plan
from ..language import listed
from ..numbers import plain
from . import reading
from .market_runs import ALL, SCALED

EVERY = "all draws"
CROSSES, AT_ONCE, TOO_FEW, NOT_YET, NO_CROWDING = ENDS = (
    "saturates", "already at the smallest", "applicants ran out first", "not in the range", "no crowding",
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
        return f"{100 * self.lost:g}\u00a0%"

    @property
    def of_crossings(self) -> str:
        """What the table of crossings means."""
        return (
            "Projects opened a year in that trade at which its financed sellers lose "
            f"{self.percent} of their income to crowding: a tenth of the draws by 'low', half by 'middle', nine tenths "
            "by 'high'; times: size of the programme at the middle. 'below': at the smallest size already; 'beyond': "
            "not within the sizes. The columns behind are shares of draws."
        )

    @property
    def of_sizes(self) -> str:
        """What the table of sizes means."""
        return (
            "Means a run. opened: during the plan; live: financed and open at its end; both with 95 % intervals over "
            "draws. kept: share of income that financed sellers keep in the last month, over the draws with crowding "
            "only; without: what they would keep had the programme financed none; crowded_sellers: financed sellers "
            f"whose own niche loses more than {self.percent}."
        )

    @property
    def of_steps(self) -> str:
        """What the table of steps means."""
        return (
            "Between neighbouring sizes, on the same people and luck, over all draws: what each 100 more projects "
            "opened add in projects open at the end, with Fieller's 95 % interval; below zero they cost others more "
            "than they add."
        )

    @staticmethod
    def of_people(ran_out: float) -> str:
        """Return what the table of places and applicants means."""
        return (
            "Places a year that the intake asks for, projects opened, and the backlog of places funded and staffed, "
            "carried over from month to month, for which nobody waits (mean of the last year). ran_out: share of draws "
            f"in which it is more than {100 * ran_out:g} % of a year's places: applicants then set the pace."
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
        draws = self.plan.draws
        if not self.crowded:
            first = (
                f"In all {draws} draws sellers do not crowd each other (structure '{WITHOUT}'), so no market "
                "saturates at any size; the data cannot tell whether that holds."
            )
            return f"{first} {self._applicants(people)}"
        if self.crowded < draws:
            first = (
                f"Whether any market ever saturates the data cannot tell: in {draws - self.crowded} of {draws} draws "
                f"sellers do not crowd each other (structure '{WITHOUT}'), and none does. In the "
                f"{'one draw' if self.crowded == 1 else f'{self.crowded} draws'} with crowding, {self._each(told)}."
            )
        else:
            first = f"In all {draws} draws sellers crowd each other: {self._each(told)}."
        return f"{first} {self._loss(sizes)} {self._applicants(people)}"

    def _each(self, told: pd.DataFrame) -> str:
        """Say where each trade saturates, and together which do not in most draws."""
        rows = told.to_dict("records")
        inside = [
            f"{row['trade']} at {outside(row['middle'])} ({outside(row['times'])} times the programme; 10 to 90 % of "
            f"draws: {_span(row['low'], row['high'])})"
            for row in rows
            if math.isfinite(row["middle"])
        ]
        early = [row["trade"] for row in rows if row["middle"] == ALREADY]
        late = {row["trade"]: _reach(row) for row in rows if row["middle"] == NEVER}
        none = all(row[CROSSES] + row[AT_ONCE] == 0.0 for row in rows)
        span = f"at any size from {self.times[0]:g} to {self.times[-1]:g} times the programme"
        if none:
            return f"no trade loses {self.percent} of its income {span}"
        said = []
        if inside:
            yearly = "in projects opened a year in that trade"
            said.append(f"{self.percent} of income is lost, {yearly}: {'; '.join(inside)}")
        if early:
            said.append(f"as much is lost at {at(self.times[0])} already in {listed(early)}")
        if late:
            together = [
                f"{listed([name for name, mine in late.items() if mine == share])} ({share})"
                for share in dict.fromkeys(late.values())
            ]
            said.append(f"fewer than half of them reach a loss of {self.percent} {span}: {'; '.join(together)}")
        return "; ".join(said)

    def _loss(self, sizes: pd.DataFrame) -> str:
        """Say how much is lost at the largest size, and how much of it is the hosts' own crowding."""
        last = sizes[sizes["trade"] == ALL].iloc[-1]
        if math.isnan(last["kept"]):
            return ""
        return (
            f"At {at(last['times'])} financed sellers lose {_percent(1 - last['kept'], 1)} of an open market's income, "
            f"the mean of all trades; to host sellers and to refugees whom nobody finances alone they would lose "
            f"{_percent(1 - last['without'], 1)}."
        )

    def _applicants(self, people: pd.DataFrame) -> str:
        """Say from which size on applicants run out."""
        dry = people[people["ran_out"] > 0.0]
        if dry.empty:
            return "There are applicants for all places at every size."
        half = people[people["ran_out"] >= 0.5]
        first, last = half.iloc[0] if len(half) else dry.iloc[-1], people.iloc[-1]
        return (
            f"Applicants run out in {_percent(first['ran_out'])} of all draws at {at(first['times'])}: at "
            f"{at(last['times'])} {plain(last['opened_a_year'])} projects a year open, of "
            f"{plain(last['places_a_year'])} places, so larger markets were not really tried."
        )

    def rests(self, fingerprint: str) -> tuple[str, ...]:
        """Return what the answer rests on."""
        strategy, plan = self.plan.strategies[0], self.plan
        settings = settings_table(strategy, plan.start, plan.months, plan.known_until)[plan.start :]
        scaled = [key_of(column) for column in SCALED if np.any(settings[column] > 0)]
        return (
            reading.luck(plan),
            f"A size multiplies, from the start of the plan on: {', '.join(scaled)}. What one project gets, branches "
            "and partners stay as they are.",
            f"That a trade is saturated where its sellers lose {self.percent} of an open market's income is the "
            "asker's word (--lost), not a finding.",
            "How large a niche is, how much demand it has to spare, how hosts give way and what crowding costs are "
            "judgement (idmaj explain saturation_gamma, niche_host_sellers, niche_slack, host_exit_elasticity).",
            f"Fingerprint: {fingerprint[:16]}.",
        )

    def mind(self, people: pd.DataFrame, sizes: pd.DataFrame) -> tuple[str, ...]:
        """Return what the answer does not say."""
        said = []
        if people["ran_out"].iloc[-1] > 0.0:
            said.append(
                "Where applicants run out, a larger size opens no more projects. To try larger markets ask of a "
                "strategy that reaches more people: eligibility.asylum_seekers = true, more outreach, or the future "
                "'surge'."
            )
        last = sizes[sizes["trade"] == ALL].iloc[-1]
        if not math.isnan(last["kept"]):
            said.append(
                "The mean of a trade hides full niches beside empty ones: with crowding, "
                f"{_percent(last['crowded_sellers'])} of financed sellers are in niches that lose more than "
                f"{self.percent} at {at(last['times'])}."
            )
        said.append("Incomes are those of the plan's last month: a market that fills slowly may do so later.")
        return (*said, *reading.few(self.plan))


def written(summary: pd.DataFrame) -> pd.DataFrame:
    """Return where trades saturate as people read it, for some sizes lie outside of what was lived."""
    return summary.assign(**{name: summary[name].map(outside) for name in ("low", "middle", "high", "times")})


def outside(value: float) -> str:
    """Write a size, or on which side of those lived it lies."""
    return {ALREADY: "below", NEVER: "beyond"}.get(value) or plain(value, 2)


def at(factor: float) -> str:
    """Write a size of the programme."""
    return "its own size" if factor == 1.0 else f"{factor:g} times its size"


def _span(low: float, high: float) -> str:
    first = "below the smallest" if low == ALREADY else outside(low)
    return f"{first} to {'beyond the largest' if high == NEVER else outside(high)}"


def _reach(row: Mapping[str, Any]) -> str:
    """Say in how many draws a trade saturates, and by how many projects a year a tenth of them do."""
    share = f"{_percent(row[CROSSES] + row[AT_ONCE])} of them"
    return f"{share}, a tenth by {outside(row['low'])} a year" if math.isfinite(row["low"]) else share


def _percent(share: float, places: int = 0) -> str:
    return f"{100 * share:.{places}f}\u00a0%"
