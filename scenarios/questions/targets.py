"""What a size is to meet, as people write it: ``live_businesses >= 300 at 5y``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...sim import OUTCOMES, UserError
from ...sim.strategy_words import did_you_mean
from ..labels import coded
from ..language import ENGLISH, _, later, many, spoken, written

BASELINE = "baseline"
MOST_YEARS = 40
FORM = re.compile(
    r"\s*(?P<outcome>\w+)\s*(?P<sense>>=|<=)\s*(?P<baseline>baseline\b)?\s*(?P<sign>[+-])?\s*"
    r"(?P<number>[0-9][0-9_,]*\.?[0-9]*)?\s*(?P<percent>%)?\s*(?:at\s+(?P<years>\d+)\s*y(?:ears?)?)?\s*"
)
ACCEPTED = later("'live_businesses >= 300 at 5y', 'share_neediest_served >= baseline' or '... >= baseline - 0.02'")


@dataclass(frozen=True)
class Target:
    """An outcome that shall be at least, or at most, so much at the end of so many years.

    Attributes
    ----------
    outcome : str
    sense : str
        ``>=`` or ``<=``.
    amount : float
        The bound; where it is `relative`, by how much it is above what the baseline reaches in the same world.
    relative : bool
    years : int
        From the start of the plan.
    """

    outcome: str
    sense: str
    amount: float
    relative: bool
    years: int

    def __str__(self) -> str:
        bound = f"{self.amount:,.12g}"
        if self.relative:
            bound = f"{BASELINE} {'-' if self.amount < 0 else '+'} {abs(self.amount):.6g}" if self.amount else BASELINE
        return f"{self.outcome} {self.sense} {bound} at {self.years}y"

    @property
    def in_words(self) -> str:
        """As people read it in the language spoken; in English as they write it."""
        if spoken() is ENGLISH:
            return str(self)
        bound = written(f"{self.amount:,.12g}")
        if self.relative:
            off, more, less = written(f"{abs(self.amount):.6g}"), _("baseline + {off}"), _("baseline − {off}")
            bound = (less if self.amount < 0 else more).format(off=off) if self.amount else _("baseline")
        parts = {"outcome": coded(self.outcome), "bound": bound, "span": many("one year", "{n} years", self.years)}
        if self.sense == ">=":
            return _("{outcome} at least {bound} after {span}", **parts)
        return _("{outcome} at most {bound} after {span}", **parts)

    def eased(self, by: float) -> Target:
        """Return the same target, easier by so much, rounded to the easier side to four digits."""
        amount = self.amount - by if self.sense == ">=" else self.amount + by
        unit = 10.0 ** (math.floor(math.log10(abs(amount))) - 3) if amount else 1.0
        rounded = math.floor(amount / unit + 1e-9) if self.sense == ">=" else math.ceil(amount / unit - 1e-9)
        return replace(self, amount=rounded * unit)

    def margin(self, values: NDArray[np.float64], baseline: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return by how much each world meets it, in the outcome's unit; below zero where it does not."""
        bound = self.amount + (baseline if self.relative else 0.0)
        return values - bound if self.sense == ">=" else bound - values


def targets_of(targets: Sequence[str], keep: Sequence[str]) -> tuple[Target, ...]:
    """Read targets and what is to be kept; one without a date is of the latest date that another names.

    Raises
    ------
    UserError
        If one cannot be read, none has a date, or one is said twice.
    """
    texts = [("--target", text) for text in targets] + [("--keep", text) for text in keep]
    if not targets:
        raise UserError("--target: found none, accepted at least one, as {accepted}", accepted=_(ACCEPTED))
    read = [_read(option, text) for option, text in texts]
    dates = [years for *_parts, years in read if years]
    if not dates:
        raise UserError("--target: found no date, accepted one at least, as 'live_businesses >= 300 at 5y'")
    found = tuple(Target(*parts, years or max(dates)) for *parts, years in read)
    twice = [str(each) for each in found if found.count(each) > 1]
    if twice:
        raise UserError("--target, --keep: found {twice!r} twice; accepted: each once", twice=twice[0])
    return found


def _read(option: str, text: str) -> tuple[str, str, float, bool, int | None]:
    form = FORM.fullmatch(text)
    if form is None or not (form["baseline"] or form["number"]) or bool(form["sign"] and form["number"] is None):
        raise UserError("{option}: found {text!r}, accepted {accepted}", option=option, text=text, accepted=_(ACCEPTED))
    name = form["outcome"]
    if name not in OUTCOMES:
        raise UserError(
            "{option}: found outcome {name!r}, accepted {outcomes}", option=option, name=name, outcomes=_outcomes(name)
        )
    if form["baseline"] and form["number"] and not form["sign"]:
        raise UserError("{option}: found {text!r}, accepted {accepted}", option=option, text=text, accepted=_(ACCEPTED))
    amount = float(re.sub("[_,]", "", form["number"] or "0")) * (0.01 if form["percent"] else 1.0)
    years = int(form["years"]) if form["years"] else None
    if years is not None and not 1 <= years <= MOST_YEARS:
        raise UserError(
            "{option}: found {years} years, accepted 1 to {most_years}",
            option=option,
            years=years,
            most_years=MOST_YEARS,
        )
    return name, form["sense"], -amount if form["sign"] == "-" else amount, bool(form["baseline"]), years


def _outcomes(name: str) -> str:
    return did_you_mean(name, OUTCOMES) or _("one of: {names}", names=", ".join(OUTCOMES))
