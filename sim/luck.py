"""Luck is a function, not a stream: ask twice for the same thing, get the same answer.

Philox4x32-10 (Salmon et al. 2011, Random123) maps a counter (whose luck, of which kind and month, which
spell, which parameter draw) and a key (seed, replication) to four random 32-bit words. So two strategies
share every person's luck, and nothing depends on order, workers or how a study is cut up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import cast

import numpy as np

from .errors import UserError
from .rule import open_rule

WORD = 0xFFFFFFFF
LARGEST_POISSON_STEP = 30.0
ONCE = cast("int", np.int64(0))
"""Month and spell of luck that belongs to a life; a NumPy number, for numba compiles anew for each literal."""


class Stream(IntEnum):
    """What a number is drawn for. Numbers are never reused: append."""

    ARRIVALS = 0
    HOUSEHOLD_TOWN_AND_STAY = 1
    HOUSEHOLD_ADULTS = 2
    HOUSEHOLD_SIZE_AND_PURSE = 3
    HOUSEHOLD_PROTECTION_AND_AID = 4
    HOUSEHOLD_PERMIT_AND_SETTLE = 5
    HOUSEHOLD_LEAVES_AND_IS_RECOGNISED = 6
    HOUSEHOLD_DEPARTURE = 7
    HOUSEHOLD_STARTS_ALONE = 8
    PERSON_SEX_AND_AGE = 9
    PERSON_SCHOOL_AND_TRADE = 10
    PERSON_SKILL_AND_TALENT = 11
    PERSON_LANGUAGE_AND_HEALTH = 12
    PERSON_EASE_AND_NICHE = 13
    PERSON_LOT = 14
    PERSON_WORK_SPELL = 15
    PERSON_ASKS = 16  # no longer drawn: a household asks (26)
    COMMITTEE = 17
    BUSINESS_MATCH_AND_PARTNER = 18
    BUSINESS_FAILS_AND_FRAILTY = 19
    BUSINESS_FORCED_AND_JOB = 20
    BUSINESS_LOST_AND_SHOCK = 21
    BUSINESS_FORCED_REASON = 22
    TRADING = 23
    PLACE_SHOCK = 24
    NICHE = 25
    HOUSEHOLD_ASKS = 26
    PERSON_WISHES = 27
    PERSON_OFFER = 28
    PERSON_COURSE = 29
    PERSON_STOPPED = 30
    BUSINESS_JOB_KIND = 31
    COOPERATIVE_MONTH = 32
    MEMBER_MONTH = 33
    PARTNER = 34


@dataclass(frozen=True)
class Luck:
    """Which luck a run has: a study's `seed`, the `replication` within it, and the parameter `draw`.

    Attributes
    ----------
    seed, replication, draw : int
        Each 0 to 2**32 - 1.
    """

    seed: int = 1
    replication: int = 0
    draw: int = 0

    def __post_init__(self) -> None:
        for name in ("seed", "replication", "draw"):
            value = getattr(self, name)
            if not isinstance(value, int) or not 0 <= value <= WORD:
                raise UserError(
                    "luck: {name} is {value!r}; accepted: a whole number from 0 to {word}",
                    name=name,
                    value=value,
                    word=WORD,
                )

    def key(self) -> tuple[int, int, int]:
        """Return (seed, replication, draw), the form the rules take."""
        return (self.seed, self.replication, self.draw)


@open_rule
def philox4x32(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Return four random 32-bit words for a 128-bit counter and a 64-bit key: ten rounds of Philox4x32."""
    for _ in range(10):
        # The product of two 32-bit words, on signed 64-bit integers: the mask undoes the sign of the shift.
        p0 = 0xD2511F53 * c0
        p1 = 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (
            ((p1 >> 32) & WORD) ^ c1 ^ k0,
            p1 & WORD,
            ((p0 >> 32) & WORD) ^ c3 ^ k1,
            p0 & WORD,
        )
        k0 = (k0 + 0x9E3779B9) & WORD
        k1 = (k1 + 0xBB67AE85) & WORD
    return c0, c1, c2, c3


@open_rule
def words(luck: tuple[int, int, int], page: int, stream: int, month: int, spell: int) -> tuple[int, int, int, int]:
    """Return the four words of one page (whose luck), stream (of which kind), month and spell."""
    return philox4x32(int(page), stream * 65536 + int(month), int(spell), luck[2], luck[0], luck[1])


@open_rule
def unit(high: int, low: int) -> float:
    """Return a uniform number strictly between 0 and 1 from two words (52 bits)."""
    return ((high >> 6) * 67108864.0 + (low >> 6) + 0.5) / 4503599627370496.0


@open_rule
def uniforms(luck: tuple[int, int, int], page: int, stream: int, month: int, spell: int) -> tuple[float, float]:
    """Return two uniform numbers strictly between 0 and 1."""
    a, b, c, d = words(luck, page, stream, month, spell)
    return unit(a, b), unit(c, d)


@open_rule
def fates(luck: tuple[int, int, int], page: int, stream: int) -> tuple[float, float]:
    """Return two uniform numbers that are dealt once in a life."""
    return spell_fates(luck, page, stream, ONCE)


@open_rule
def spell_fates(luck: tuple[int, int, int], page: int, stream: int, spell: int) -> tuple[float, float]:
    """Return two uniform numbers that are dealt once in a spell, whatever the month."""
    return uniforms(luck, page, stream, ONCE, spell)


@open_rule
def exponential(u: float) -> float:
    """Return the standard exponential number of a uniform one (mean 1): the resilience a life is dealt."""
    return -math.log(u)


@open_rule
def below(u: float, n: int) -> int:
    """Return a whole number from 0 to n - 1, each as likely, of a uniform number."""
    return min(int(u * n), n - 1)


@open_rule
def normal(u: float) -> float:
    """Return the standard normal number of a uniform one (mean 0, sd 1).

    The inverse distribution function by Wichura's algorithm AS 241 (PPND16, relative error about 1e-16), so
    that a larger uniform always gives a larger normal.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _central(r)
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    value = _tail(r - 1.6) if r <= 5.0 else _far_tail(r - 5.0)
    return -value if q < 0.0 else value


@open_rule
def _central(r: float) -> float:
    top = (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
              + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
            + 133.14166789178437745) * r + 3.387132872796366608)  # fmt: skip
    bottom = (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                 + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
               + 42.313330701600911252) * r + 1.0)  # fmt: skip
    return top / bottom


@open_rule
def _tail(r: float) -> float:
    top = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
              + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
            + 4.6303378461565452959) * r + 1.42343711074968357734)  # fmt: skip
    bottom = (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
                  + 0.0151986665636164571966) * r + 0.14810397642748007459) * r + 0.68976733498510000455) * r
                + 1.6763848301838038494) * r + 2.05319162663775882187) * r + 1.0)  # fmt: skip
    return top / bottom


@open_rule
def _far_tail(r: float) -> float:
    top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
              + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
            + 5.4637849111641143699) * r + 6.6579046435011037772)  # fmt: skip
    bottom = (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
                  + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r
                + 0.13692988092273580531) * r + 0.59983220655588793769) * r + 1.0)  # fmt: skip
    return top / bottom


@open_rule
def poisson_step(u: float, mean: float) -> int:
    """Return the Poisson number of a uniform one by inversion, for a mean of at most 30."""
    chance = math.exp(-mean)
    total = chance
    count = 0
    while u > total and count < 1000:
        count += 1
        chance *= mean / count
        total += chance
    return count


@open_rule
def poisson(luck: tuple[int, int, int], page: int, stream: int, month: int, mean: float) -> int:
    """Return a Poisson number of any mean: a sum of independent ones of mean 30 or less, a spell each."""
    count = 0
    spell = 0
    left = mean
    while left > 0.0:
        step = min(left, LARGEST_POISSON_STEP)
        count += poisson_step(uniforms(luck, page, stream, month, spell)[0], step)
        left -= step
        spell += 1
    return count
