"""At what intake the market of each trade saturates: one programme at several sizes, under common luck."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...sim import UserError
from ...sim.policy import settings_table
from ..by_structure import WITH, structures_of
from ..contrast import FEW_DRAWS
from ..decisions.costs import NO_INTERVAL, fieller
from ..decisions.costs import TOO_FEW as TOO_FEW_DRAWS
from ..decisions.saturation import ALREADY, NEVER, first_below, in_order, size_at
from ..estimates import estimate, estimate_ratio
from ..experiment import Plan, prepare
from ..language import ENGLISH, _, later, speaking
from ..study_text import parameter_text
from . import reading
from .answer import Answer, Table
from .market_runs import ALL, TRADES, OnProgress, at_sizes, fingerprint_of, market_runs, name_of
from .market_words import AT_ONCE, CROSSES, ENDS, EVERY, NO_CROWDING, NOT_YET, TOO_FEW, Words, outside, written

Floats = NDArray[np.float64]

SMALLEST, LARGEST, MOST_SIZES = 0.01, 64.0, 12
RAN_OUT = 0.1
"""Part of a year's places for which nobody waits beyond which applicants have run out (judgement)."""
EACH = 100
"""Projects opened, of which it is told what they add."""
QUANTILES = {"low": 0.1, "middle": 0.5, "high": 0.9}
CROSSINGS, SIZES, STEPS, PEOPLE, DRAWS = (
    later("Where each trade saturates"), later("Each trade at each size"), later("What 100 more projects add"),
    later("Places and applicants"), later("Each draw"),
)  # fmt: skip


SAYS = {
    "": "",
    NO_INTERVAL: later("more opened may be zero: a ratio of it has no interval"),
    TOO_FEW_DRAWS: later("too few draws for an interval"),
}
"""What is said of a ratio without an interval."""


def check(times: Sequence[float], lost: float) -> None:
    """Refuse sizes and a loss that cannot be asked about.

    Raises
    ------
    UserError
    """
    if len(times) < 2:
        raise UserError("--times: found {count} size, accepted two or more, as in 0.5,1,2,4", count=len(times))
    if len(times) > MOST_SIZES:
        raise UserError(
            "--times: found {count} sizes, accepted at most {most_sizes}", count=len(times), most_sizes=MOST_SIZES
        )
    for factor in times:
        if not SMALLEST <= factor <= LARGEST:
            raise UserError(
                "--times: found {factor:g}, accepted numbers from {smallest:g} to {largest:g}",
                factor=factor,
                smallest=SMALLEST,
                largest=LARGEST,
            )
    if len(set(times)) < len(times):
        raise UserError("--times: found a size twice, accepted each size once")
    if not 0.0 < lost < 1.0:
        raise UserError("--lost: found {lost:g}, accepted a part of income between 0 and 1, as 0.1", lost=lost)


def markets(
    plan: Plan,
    times: Sequence[float],
    lost: float = 0.1,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Answer:
    """Say at what number of projects a year each trade loses so much of its income to crowding.

    Parameters
    ----------
    plan : Plan
        Of one strategy.
    times : sequence of float
        Sizes: what the programme's amounts are multiplied with.
    lost : float
        Part of a seller's income lost to crowding at which a trade counts as saturated; 0 to 1.
    workers : int, optional
        Runs lived at a time.
    on_progress : callable, optional
        Told how many runs are done, of how many.
    """
    check(times, lost)
    reading.enough_runs(plan)
    (strategy,) = plan.strategies
    wanted = settings_table(strategy, plan.start, plan.months, plan.known_until)
    wanted = wanted["intake_projects_per_year"][plan.start :]
    if not wanted.any():
        raise UserError(
            "STRATEGY: found {strategy!r}, which finances no project; accepted one that does", strategy=strategy.key
        )
    sizes = sorted(times)
    inputs = at_sizes(prepare(plan), sizes, plan.start)
    rows = market_runs(plan, inputs, lost, workers, on_progress)
    kinds = structures_of(pd.read_csv(io.StringIO(parameter_text(inputs))))
    return Markets(plan, tuple(sizes), lost, rows, kinds, fingerprint_of(plan, inputs, lost)).answer()


@dataclass(frozen=True)
class Markets:
    """What was lived at several sizes, and what is said of it.

    Attributes
    ----------
    plan : Plan
    times : tuple of float
        The smallest first.
    lost : float
    rows : DataFrame
        From `market_runs`.
    kinds : DataFrame
        ``draw, family, crowding``: of which structure each draw is.
    fingerprint : str
    """

    plan: Plan
    times: tuple[float, ...]
    lost: float
    rows: pd.DataFrame
    kinds: pd.DataFrame
    fingerprint: str

    def answer(self) -> Answer:
        """Return the answer."""
        places, people, sizes = self.crossings(), self.people(), self.sizes()
        summary = pd.concat([self._summary(places, *member) for member in self._members()], ignore_index=True)
        told = summary[summary["structure"] == self._main()]
        words = Words(self.plan, self.times, self.lost, len(self._crowded()))
        each = places.drop(columns="place")
        tables = (
            Table(CROSSINGS, words.of_crossings, written(summary)),
            Table(SIZES, words.of_sizes, sizes),
            Table(STEPS, words.of_steps, self.steps()),
            Table(PEOPLE, words.of_people(RAN_OUT), people),
            Table(DRAWS, _("Projects opened a year in that trade, and size of the programme, where it saturates."),
                  each, long=True),
        )  # fmt: skip
        return Answer(
            _("At what intake does the market of each trade saturate?"),
            words.sentence(told[told["trade"] != ALL], people, sizes),
            self._facts(told.set_index("trade"), people),
            tables,
            words.rests(self.fingerprint),
            words.mind(people, sizes),
        )

    def grid(self, column: str, trade: str, draws: Sequence[int] | None = None) -> Floats:
        """Return a column of one trade as an array (sizes, draws, replications)."""
        mine = self.rows[self.rows["trade"] == trade]
        if draws is not None:
            mine = mine[mine["draw"].isin(draws)]
        mine = mine.sort_values(["times", "draw", "replication"])
        return mine[column].to_numpy(dtype=np.float64).reshape(len(self.times), -1, self.plan.replications)

    def crossings(self) -> pd.DataFrame:
        """Return where each trade of each draw saturates.

        Returns
        -------
        DataFrame
            ``trade, draw, crowding, place, opened_a_year, times, comes``: `place` is one on the ladder of sizes,
            infinite outside; `comes` says in words what came of it.
        """
        few = self._ran_out()[-1]
        crowding = self.kinds.sort_values("draw")["crowding"].to_list()
        found = []
        for trade in (*TRADES, ALL):
            kept, sellers, opened = (self.grid(name, trade).sum(axis=2) for name in ("kept", "sellers", "opened"))
            share = np.divide(kept, sellers, out=np.full_like(kept, np.nan), where=sellers > 0.0)
            yearly = opened / self.plan.replications / self.plan.years
            for draw in range(share.shape[1]):
                place = first_below(share[:, draw], 1.0 - self.lost)
                place = NEVER if math.isnan(place) else place  # nobody sells, so nobody is crowded
                at = size_at(place, yearly[:, draw]), size_at(place, self.times)
                comes = NO_CROWDING if crowding[draw] != WITH else _comes(place, bool(few[draw]))
                found.append((trade, draw, crowding[draw], place, *at, comes))
        columns = ["trade", "draw", "crowding", "place", "opened_a_year", "times", "comes"]
        return pd.DataFrame(found, columns=columns)

    def _ran_out(self) -> NDArray[np.bool_]:
        """Say in which draws applicants ran out, by size: an array (sizes, draws)."""
        unfilled, places = (self.grid(name, ALL).mean(axis=2) for name in ("unfilled", "places"))
        return np.asarray(unfilled > RAN_OUT * places)

    def _members(self) -> list[tuple[str, list[int]]]:
        """Return the structures that are told apart, the question's own first, and the draws of each."""
        everything = [(EVERY, self.kinds["draw"].to_list())]
        for of in ("crowding", "family"):
            members = [(str(name), mine.to_list()) for name, mine in self.kinds.groupby(of, sort=True)["draw"]]
            if len(members) > 1:
                everything += [each for each in members if of == "crowding" or len(each[1]) >= FEW_DRAWS]
        return everything

    def _crowded(self) -> list[int]:
        """Return the draws in which sellers crowd each other."""
        return self.kinds.loc[self.kinds["crowding"] == WITH, "draw"].to_list()

    def _summary(self, places: pd.DataFrame, member: str, draws: Sequence[int]) -> pd.DataFrame:
        """Return where each trade saturates over some draws."""
        found = []
        for trade in (*TRADES, ALL):
            mine = places[(places["trade"] == trade) & places["draw"].isin(draws)]
            row: dict[str, Any] = {"structure": member, "draws": len(mine), "trade": trade}
            row |= {name: in_order(mine["opened_a_year"], share) for name, share in QUANTILES.items()}
            row["times"] = in_order(mine["times"], QUANTILES["middle"])
            row |= {word: float((mine["comes"] == word).mean()) for word in ENDS}
            found.append(row)
        return pd.DataFrame(found)

    def sizes(self) -> pd.DataFrame:
        """Return each trade at each size; see the table's meaning."""
        crowded, found = self._crowded(), []
        for trade in (*TRADES, ALL):
            whole = {name: self.grid(name, trade) for name in ("opened", "live", "old", "lasted")}
            part = {name: self.grid(name, trade, crowded) for name in ("kept", "sellers", "without", "below")}
            for at, factor in enumerate(self.times):
                row: dict[str, Any] = {"trade": trade, "times": factor}
                for name in ("opened", "live"):
                    told = estimate(whole[name][at])
                    row |= {name: told.mean, f"{name}_low": told.low, f"{name}_high": told.high}
                row |= self._kept(part, at)
                old = float(whole["old"][at].sum())
                row["survival_3y"] = float(whole["lasted"][at].sum()) / old if old else math.nan
                found.append(row)
        return pd.DataFrame(found)

    @staticmethod
    def _kept(part: dict[str, Floats], at: int) -> dict[str, float]:
        """Return what is kept at a size, with its interval, and what would be kept without the programme."""
        names = ("kept", "kept_low", "kept_high", "without", "crowded_sellers")
        sellers = part["sellers"][at]
        if not sellers.sum():
            return dict.fromkeys(names, math.nan)
        each = np.divide(part["kept"][at], sellers, out=np.full_like(sellers, np.nan), where=sellers > 0.0)
        told = estimate_ratio(part["kept"][at][None], sellers[None], each, (0.0, 1.0))
        others = (float(part[name][at].sum() / sellers.sum()) for name in ("without", "below"))
        return dict(zip(names, (told.mean, told.low, told.high, *others), strict=True))

    def steps(self) -> pd.DataFrame:
        """Return what further projects add between neighbouring sizes."""
        found = []
        for trade in (*TRADES, ALL):
            live, opened = (np.diff(self.grid(name, trade), axis=0) for name in ("live", "opened"))
            for at, (size, larger) in enumerate(zip(self.times, self.times[1:], strict=False)):
                told = fieller(*(EACH * _units(live[at]), _units(opened[at])))
                found.append(
                    {"trade": trade, "size": size, "larger": larger, "more_opened": float(opened[at].mean()),
                     "more_live": float(live[at].mean()), "per_100": told.ratio if not told.why else math.nan,
                     "low": told.low, "high": told.high, "says": SAYS[told.why]}
                )  # fmt: skip
        return pd.DataFrame(found)

    def people(self) -> pd.DataFrame:
        """Return places, projects opened, and where applicants ran out, by size."""
        ran_out = self._ran_out().mean(axis=1)
        opened, places, unfilled = (self.grid(name, ALL).mean(axis=(1, 2)) for name in ("opened", "places", "unfilled"))
        return pd.DataFrame(
            {"times": self.times, "places_a_year": places, "opened_a_year": opened / self.plan.years,
             "places_unfilled": unfilled, "ran_out": ran_out}
        )  # fmt: skip

    def _facts(self, told: pd.DataFrame, people: pd.DataFrame) -> dict[str, Any]:
        crowded = len(self._crowded())
        numbers = (*QUANTILES, "times", *ENDS)
        trades = {
            trade: {name.replace(" ", "_"): _inside(told.loc[trade, name]) for name in numbers}
            for trade in (*TRADES, ALL)
        }
        return {
            "strategy": self.plan.strategies[0].key,
            "times": list(self.times),
            "lost": self.lost,
            "draws": self.plan.draws,
            "draws_with_crowding": crowded,
            "draws_without_crowding": self.plan.draws - crowded,
            "of_draws": self._main(),
            "trades": trades,
            "ran_out": dict(zip(map(name_of, self.times), people["ran_out"], strict=True)),
            "fingerprint": self.fingerprint,
        }

    def _main(self) -> str:
        """Return the structure that the sentence speaks of: crowding, where some draws have it and some do not."""
        return WITH if 0 < len(self._crowded()) < self.plan.draws else EVERY


def _comes(place: float, few: bool) -> str:
    """Say what came of a draw with crowding: `few` where applicants ran out at the largest size."""
    if place == NEVER:
        return TOO_FEW if few else NOT_YET
    return AT_ONCE if place == ALREADY else CROSSES


def _inside(value: float) -> float | str:
    """Return a number for programs: of a size that lies outside, on which side."""
    with speaking(ENGLISH.code):
        return float(value) if math.isfinite(value) else outside(float(value))


def _units(values: Floats) -> Floats:
    """Return the mean of each draw; of a single draw, its runs."""
    return values.mean(axis=1) if len(values) > 1 else values[0]
