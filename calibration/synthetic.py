"""Made-up registers with a known truth: lives of AGRs first, then what a register with faults keeps of them.

Everything is a pure function of (truth, defects, n, seed), and each aspect has luck of its own: a defect changes
what is recorded of the same lives, never the lives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..sim.errors import UserError
from ..sim.kinds import Sex, Trade
from .schemas import SPELLS, Exit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LABEL = "synthetic example, no real AGR"

PLACES = ("Rabat", "Casablanca", "Oujda")
ORIGINS = ("SYR", "YEM", "CIV", "COD", "CMR")
ORIGIN_SHARES = (0.45, 0.15, 0.15, 0.15, 0.10)
REFERENCE_YEARS = 3.0
"""As in the model, `level` is the mean failure rate up to this age whatever the shape."""
OF_THE_OWNER = ["owner_id", "sex", "origin", "place", "branch", "lead", "frailty"]
"""What the second AGR of an owner has from the first."""
COVARIATES = ("sector", "sex", "origin", "place", "branch", "trained", "grant_mad", "first_agr", "need")
"""Columns of which a share may be left empty."""
ASPECTS = ("people", "starts", "lives", "causes", "again", "visits", "loss", "unknown", "missing", "force")
"""Each has luck of its own, in this order: append, never reorder."""


@dataclass(frozen=True)
class Truth:
    """What the made-up AGRs live by: a hazard of failure, and constant rates of the other endings.

    Attributes
    ----------
    family : {"weibull", "gompertz"}
        Shape of the failure hazard over age.
    level : float
        Failures per year of the reference AGR (a man, not trained, need 0.35, in the first place), mean over its
        first three years.
    shape : float
        Weibull shape (below 1: the young fail more) or yearly slope of the log hazard (Gompertz).
    log_hr_trained, log_hr_female, log_hr_need : float
        Log hazard ratio of failure: trained before the start, woman owner, need from 0 to 1.
    log_hr_place : tuple of float
        Log hazard ratio of failure in each of `PLACES`.
    log_frailty_sd : float
        Spread between owners of what nobody recorded (lognormal of mean one; the same for all AGRs of an owner).
    rate_owner_left, rate_wage_work, rate_absorbed : float
        Other endings per year, the first one wins.
    rate_forced : float
        Closings by force per year, which a register counts as failures.
    log_hr_female_wage : float
        Log ratio of the rates at which women and men take a job.
    again : float
        Share of the rows that are offered as second AGRs; those whose owner's first AGR failed in time become one.
    first_month, until : float
        AGRs open evenly between these months since January 2007; all is known up to `until`.
    """

    family: str = "weibull"
    level: float = 0.15
    shape: float = 0.85
    log_hr_trained: float = -0.3
    log_hr_female: float = 0.15
    log_hr_need: float = 0.5
    log_hr_place: tuple[float, float, float] = (0.0, 0.25, -0.2)
    log_frailty_sd: float = 0.0
    rate_owner_left: float = 0.06
    rate_wage_work: float = 0.02
    rate_absorbed: float = 0.01
    rate_forced: float = 0.0
    log_hr_female_wage: float = 0.0
    again: float = 0.1
    first_month: float = 0.0
    until: float = 125.0


@dataclass(frozen=True)
class Defects:
    """What a register does to the lives it records; none by default.

    Attributes
    ----------
    visit_months : float
        Owners are visited every so many months, and a closing is found at the next visit; 0: dates are known.
    opened : float or None
        Month in which the register opened: AGRs that had closed by then are not in it.
    lost : float
        Share of the AGRs in it that are lost to follow-up, at a moment that has nothing to do with their closing.
    unknown : float
        Share of the closings whose cause nobody wrote down.
    missing : float
        Share of the cells of each covariate that are empty.
    whole_months : bool
        Dates are known to the month only.
    """

    visit_months: float = 0.0
    opened: float | None = None
    lost: float = 0.0
    unknown: float = 0.0
    missing: float = 0.0
    whole_months: bool = False


ALL_DEFECTS = Defects(visit_months=6.0, opened=36.0, lost=0.15, unknown=0.20)
"""Visits every six months, a register opened three years late, 15 % lost, 20 % of causes unknown."""


def synthetic_spells(truth: Truth, defects: Defects, n: int, seed: int) -> pd.DataFrame:
    """Make a register of spells.

    Parameters
    ----------
    truth, defects : Truth, Defects
    n : int
        AGRs that opened. With `defects.opened` fewer are in the register.
    seed : int
        The same seed, the same table; 0 or more.

    Returns
    -------
    DataFrame
        As `read_spells` returns it, with `source` saying that it is synthetic.

    Raises
    ------
    UserError
        If a share is not 0-1, a rate is below 0, the family is not known, or n is below 1.
    """
    _check(truth, defects, n)
    return _recorded(synthetic_lives(truth, n, seed), truth, defects, seed)


def synthetic_lives(truth: Truth, n: int, seed: int) -> pd.DataFrame:
    """Make lives of AGRs, known without fault.

    Returns
    -------
    DataFrame, n rows
        The covariates of `read_spells` (`trained` in months, inf for never), `id`, `owner_id`, `start` (months
        since January 2007), `end` (inf if it lives beyond everything) and `cause`, an `Exit` from FAILED to
        ABSORBED: how it ends, whenever that is.
    """
    _check(truth, Defects(), n)
    people = _people(n, _luck(seed, "people"))
    people["start"] = truth.first_month + (truth.until - truth.first_month) * _luck(seed, "starts").random(n)
    of_causes = [_luck(seed, "causes").exponential(size=(n, 3)), _luck(seed, "force").exponential(size=(n, 1))]
    luck = np.column_stack([_luck(seed, "lives").exponential(size=n), *of_causes])
    end, cause = _ends(people, luck, truth)
    second = np.arange(n - min(round(truth.again * n), n // 2), n)
    first = np.arange(len(second))
    reopened = end[first] + _luck(seed, "again").exponential(6.0, len(first))
    follows = (cause[first] == Exit.FAILED) & (reopened < truth.until - 1.0)
    first, second = first[follows], second[follows]
    people.loc[second, OF_THE_OWNER] = people.loc[first, OF_THE_OWNER].to_numpy()
    people.loc[second, "start"] = reopened[follows]
    people.loc[second, "first_agr"] = 0.0
    end, cause = _ends(people, luck, truth)
    lead = people.pop("lead").to_numpy()
    trained = np.where(np.isfinite(lead), people["start"] - lead, np.inf)
    trained[second] = trained[first]
    return people.drop(columns="frailty").assign(trained=trained, end=end, cause=cause)


def _people(n: int, luck: np.random.Generator) -> pd.DataFrame:
    """Return owners and the towns they trade in; `lead` is the months from training to start, inf without training."""
    female = luck.random(n) < 0.4
    towns = np.array(PLACES)[luck.integers(len(PLACES), size=n)]
    trained, lead = luck.random(n) < 0.5, luck.uniform(0.0, 6.0, n)
    return pd.DataFrame(
        {
            "id": [f"A{i:05d}" for i in range(1, n + 1)],
            "owner_id": [f"P{i:05d}" for i in range(1, n + 1)],
            "sector": np.array([trade.name.lower() for trade in Trade])[luck.integers(len(Trade), size=n)],
            "sex": np.where(female, Sex.FEMALE.name.lower(), Sex.MALE.name.lower()),
            "origin": luck.choice(np.array(ORIGINS), size=n, p=ORIGIN_SHARES),
            "place": towns,
            "branch": np.where(towns == PLACES[2], PLACES[2], PLACES[0]),
            "lead": np.where(trained, lead, np.inf),
            "grant_mad": np.round(9000.0 * np.exp(0.3 * luck.standard_normal(n)), -2),
            "first_agr": np.ones(n),
            "need": np.round(luck.beta(3.5, 6.5, n), 3),
            "frailty": luck.standard_normal(n),
        }
    )


def _ends(people: pd.DataFrame, luck: Floats, truth: Truth) -> tuple[Floats, NDArray[np.int64]]:
    """Return when each AGR ends and by what: the first of failure, by force too, and of the other endings."""
    log_hr = truth.log_hr_female * (people["sex"] == "female") + truth.log_hr_trained * np.isfinite(people["lead"])
    log_hr += truth.log_hr_need * (people["need"] - 0.35)
    log_hr += np.array(truth.log_hr_place)[[PLACES.index(place) for place in people["place"]]]
    log_hr += truth.log_frailty_sd * people["frailty"] - 0.5 * truth.log_frailty_sd**2
    wage = truth.rate_wage_work * np.exp(truth.log_hr_female_wage * (people["sex"] == "female").to_numpy())
    constant = np.array([truth.rate_owner_left, 0.0, truth.rate_absorbed, truth.rate_forced])
    rates = (constant + np.outer(wage, [0.0, 1.0, 0.0, 0.0])) / 12.0
    with np.errstate(divide="ignore"):
        lengths = np.column_stack([_age_at(luck[:, 0] / np.exp(log_hr.to_numpy()), truth), luck[:, 1:] / rates])
    lengths[:, 0] = np.minimum(lengths[:, 0], lengths[:, 4])
    lengths = lengths[:, :4]
    return people["start"].to_numpy() + lengths.min(axis=1), lengths.argmin(axis=1) + int(Exit.FAILED)


def cumulative_hazard(months: Floats, truth: Truth) -> Floats:
    """Return the hazard of failure the reference AGR has lived through by an age; the shape of `months`."""
    years = np.asarray(months) / 12.0
    spent = truth.level * REFERENCE_YEARS
    if truth.family == "weibull":
        return np.asarray(spent * (years / REFERENCE_YEARS) ** truth.shape)
    if truth.shape == 0.0:
        return np.asarray(spent * years / REFERENCE_YEARS)
    return np.asarray(spent * np.expm1(truth.shape * years) / np.expm1(truth.shape * REFERENCE_YEARS))


def _age_at(hazard: Floats, truth: Truth) -> Floats:
    """Return the months by which the reference AGR has lived through so much hazard; inf if it never does."""
    spent = hazard / (truth.level * REFERENCE_YEARS)
    if truth.family == "weibull":
        return np.asarray(12.0 * REFERENCE_YEARS * spent ** (1.0 / truth.shape))
    if truth.shape == 0.0:
        return 12.0 * REFERENCE_YEARS * spent
    grown = spent * np.expm1(truth.shape * REFERENCE_YEARS)
    never = grown <= -1.0
    return np.where(never, np.inf, 12.0 * np.log1p(np.where(never, 0.0, grown)) / truth.shape)


def _recorded(lives: pd.DataFrame, truth: Truth, defects: Defects, seed: int) -> pd.DataFrame:
    """Return what a register keeps of some lives."""
    start, end = lives["start"].to_numpy(), lives["end"].to_numpy()
    opened = -np.inf if defects.opened is None else defects.opened
    since = np.where(start < opened, opened, -np.inf)
    known = np.maximum(start, since)
    phase = _luck(seed, "visits").random(len(lives)) * defects.visit_months
    visits = _Visits(known, phase, defects.visit_months)
    active, inactive = visits.last(np.minimum(end, truth.until)), visits.next(end)
    closed = inactive <= truth.until
    inside = end > opened
    lost, moment = _loss(np.where(closed, inactive, active) - known, inside, defects.lost, _luck(seed, "loss"))
    active = np.where(lost, np.minimum(visits.last(known + moment), active), active)
    how = np.where(closed, lives["cause"], int(Exit.ACTIVE))
    how = np.where(closed & (_luck(seed, "unknown").random(len(lives)) < defects.unknown), int(Exit.UNKNOWN), how)
    how = np.where(lost, int(Exit.LOST), how)
    inactive = np.where(closed & ~lost, inactive, np.inf)
    lo, hi = (np.floor, lambda x: np.floor(x) + 1.0) if defects.whole_months else (np.positive, np.positive)
    table = lives.drop(columns=["start", "end", "cause"]).assign(
        start_lo=lo(start),
        start_hi=hi(start),
        observed_from=lo(since),
        last_active=lo(active),
        first_inactive=hi(inactive),
        exit=how.astype(np.int64),
        weight=1.0,
        source=f"{LABEL}, seed {seed}",
    )
    holes = _luck(seed, "missing").random((len(lives), len(COVARIATES))) < defects.missing
    for column, empty in zip(COVARIATES, holes.T, strict=True):
        table[column] = table[column].mask(empty, np.nan if pd.api.types.is_numeric_dtype(table[column]) else "")
    return table.loc[inside, [column.name for column in SPELLS.columns]].reset_index(drop=True)


@dataclass(frozen=True)
class _Visits:
    """When each AGR is visited: first a phase after it came under observation, then at equal steps; step 0: always."""

    known: Floats
    phase: Floats
    step: float

    def _done(self, time: Floats) -> Floats:
        return np.maximum(np.floor((time - self.known - self.phase) / self.step), -1.0)

    def last(self, time: Floats) -> Floats:
        """Return the last visit up to a time, or when it came under observation."""
        if not self.step:
            return time
        done = self._done(time)
        return np.where(done < 0, self.known, self.known + self.phase + self.step * done)

    def next(self, time: Floats) -> Floats:
        """Return the first visit after a time."""
        return self.known + self.phase + self.step * (self._done(time) + 1.0) if self.step else time


def _loss(followed: Floats, inside: Bools, share: float, luck: np.random.Generator) -> tuple[Bools, Floats]:
    """Say who of a register is lost, and how long after it came under observation.

    Everybody is lost at one rate, whether still open or not, and that rate is such that the share is met.
    """
    threshold = luck.exponential(size=len(followed))
    with np.errstate(divide="ignore"):
        needed = np.where(inside, threshold / followed, np.inf)
    wanted = round(share * np.count_nonzero(inside))
    if not wanted:
        return np.zeros(len(followed), dtype=bool), np.full(len(followed), np.inf)
    rate = np.sort(needed)[wanted - 1]
    return needed <= rate, threshold / rate


def _luck(seed: int, aspect: str) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[seed, ASPECTS.index(aspect)]))


def _check(truth: Truth, defects: Defects, n: int) -> None:
    """Refuse what cannot be."""
    if truth.family not in ("weibull", "gompertz"):
        raise UserError("family: found {family!r}; accepted: weibull, gompertz", family=truth.family)
    if n < 1:
        raise UserError("n: found {n}; accepted: 1 or more", n=n)
    shares = {name: getattr(defects, name) for name in ("lost", "unknown", "missing")} | {"again": truth.again}
    for name, share in shares.items():
        if not 0.0 <= share <= 1.0:
            raise UserError("{name}: found {share}; accepted: a share, 0 to 1", name=name, share=share)
    positive = {"level": truth.level} | ({"shape": truth.shape} if truth.family == "weibull" else {})
    for name, value in positive.items():
        if not value > 0.0:
            raise UserError("{name}: found {value}; accepted: above 0", name=name, value=value)
    named = ("rate_owner_left", "rate_wage_work", "rate_absorbed", "rate_forced")
    rates = {name: getattr(truth, name) for name in named}
    for name, value in (rates | {"visit_months": defects.visit_months, "log_frailty_sd": truth.log_frailty_sd}).items():
        if not value >= 0.0:
            raise UserError("{name}: found {value}; accepted: 0 or more", name=name, value=value)
    if not truth.first_month < truth.until:
        raise UserError(
            "until: found {until}; accepted: above first_month, {first_month}",
            until=truth.until,
            first_month=truth.first_month,
        )
