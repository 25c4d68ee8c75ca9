"""Can a published percentage be what it says it is? Which whole numbers round to it, in exact arithmetic."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from fractions import Fraction

import pandas as pd

from ..sim.errors import later, worded
from .figures import NO_SHARE
from .privacy import told
from .reading import EvidenceError

FITS, IMPOSSIBLE, UNSTATED = later("fits"), later("impossible"), later("not stated")
"""Verdicts on a share."""
MOST_TRIED = 10_000
"""Denominators that are tried: with two decimals every larger one can be printed."""


def decimals_of(printed: str) -> int:
    """Return the decimals of a number as printed: 1 for ``4.0``."""
    return len(printed.partition(".")[2])


def denominators(share_percent: float | str, decimals: int, candidates: Iterable[int]) -> pd.DataFrame:
    """Say for which whole n some k out of n rounds to a printed percentage.

    Parameters
    ----------
    share_percent, decimals : float or str, int
        The percentage as printed, 0-100, and its number of decimals.
    candidates : iterable of int
        Denominators to try, each 1 or more.

    Returns
    -------
    DataFrame
        One row a candidate: `n`, `possible`, and the smallest and largest such k (`k_low`, `k_high`, missing
        when impossible). A share half-way between two prints may go either way. Exact arithmetic.

    Raises
    ------
    EvidenceError
        If the share is not 0-100, cannot be printed with so few decimals, or a candidate is below 1.
    """
    tried = [operator.index(n) for n in candidates]
    low, high = _interval(share_percent, decimals)
    if min(tried, default=1) < 1:
        raise EvidenceError(worded("candidate {min}; accepted: 1 or more", min=min(tried)))
    lows = [max(0, math.ceil(n * low)) for n in tried]
    highs = [min(n, math.floor(n * high)) for n in tried]
    table = pd.DataFrame({"n": tried, "k_low": lows, "k_high": highs}, dtype="Int64")
    table.insert(1, "possible", (table["k_low"] <= table["k_high"]).astype(bool))
    table.loc[~table["possible"], ["k_low", "k_high"]] = pd.NA
    return table.astype({"n": "int64"})


def wholes(k: int, share_percent: float | str, decimals: int) -> tuple[int, int] | None:
    """Return the smallest and largest n of which k, 1 or more, rounds to a printed percentage; None if there is none.

    Raises EvidenceError as `denominators`, and where nothing bounds n: a share that can be printed as zero.
    """
    low, high = _interval(share_percent, decimals)
    if k < 1 or low <= 0:
        raise EvidenceError(
            worded(
                "k {k} of a share of {share_percent} %; accepted: 1 or more, of a share above zero",
                k=k,
                share_percent=share_percent,
            )
        )
    least, most = max(k, math.ceil(k / high)), math.floor(k / low)
    return (least, most) if least <= most else None


def smallest_denominator(share_percent: float | str, decimals: int) -> tuple[int, int]:
    """Return the smallest n, and its k, that can be printed as a percentage; EvidenceError as `denominators`."""
    low, high = _interval(share_percent, decimals)
    n = next(n for n in range(1, MOST_TRIED * 10 ** max(0, decimals - 2) + 1) if math.ceil(n * low) <= n * high)
    return n, max(0, math.ceil(n * low))


def check_shares(figures: pd.DataFrame) -> pd.DataFrame:
    """Check every published share against the whole numbers that may stand behind it.

    Parameters
    ----------
    figures : DataFrame
        As `load_figures` gives it.

    Returns
    -------
    DataFrame
        One row a share and candidate n, in order: `id`, `printed` (the percentage), `n` (missing where none is
        stated), `k` (as stated, or missing), `verdict` ("fits", "impossible" or "not stated") and `says`, the
        verdict in words of the language spoken.
    """
    shares = figures[(figures["unit"] == "percent") & ~figures["denominator"].isin(["", NO_SHARE])]
    rows = []
    for row in shares.to_dict("records"):
        k = None if pd.isna(row["k"]) else int(row["k"])
        rows += [(row["id"], row["printed"], n, k, *verdict(row["printed"], k, n)) for n in row["n"] or (None,)]
    table = pd.DataFrame(rows, columns=["id", "printed", "n", "k", "verdict", "says"])
    return table.astype({"n": "Int64", "k": "Int64"})


def verdict(printed: str, k: int | None, n: int | None) -> tuple[str, str]:
    """Say whether a printed percentage can be k of n: "fits", "impossible" or "not stated", and why, in words."""
    places, share = decimals_of(printed), told(printed)
    if n is None and k is None:
        least, some = smallest_denominator(printed, places)
        text = worded(
            "the smallest group that can print it is {least} ({some} of {least})", least=_many(least), some=_many(some)
        )
        return UNSTATED, text
    if n is None:
        assert k is not None
        found = wholes(k, printed, places)
        if found is None:
            return IMPOSSIBLE, worded("{k} is {share} % of no whole number", k=_many(k), share=share)
        low, high = map(_many, found)
        return FITS, worded("{k} is {share} % of {low} to {high}", k=_many(k), share=share, low=low, high=high)
    row = denominators(printed, places, [n]).iloc[0]
    if not row["possible"]:
        around = _around(printed, places, n)
        text = worded("no whole number out of {n} gives {share} %: {around}", n=_many(n), share=share, around=around)
        return IMPOSSIBLE, text
    if k is None:
        low, high = _many(row["k_low"]), _many(row["k_high"])
        if low == high:
            return FITS, worded("{k} of {n}", k=low, n=_many(n))
        return FITS, worded("{low} to {high} of {n}", low=low, high=high, n=_many(n))
    if row["k_low"] <= k <= row["k_high"]:
        return FITS, worded("{k} of {n}, as stated", k=_many(k), n=_many(n))
    share = _print(k, n, places)
    return IMPOSSIBLE, worded("{k} of {n}, as stated, is {share} %", k=_many(k), n=_many(n), share=share)


def _around(printed: str, places: int, n: int) -> str:
    """Say what the nearest whole numbers on both sides would be printed as."""
    below = math.floor(Fraction(printed) * n / 100)
    said = [
        worded("{k} gives {share}", k=_many(k), share=_print(k, n, places)) for k in (below, below + 1) if 0 <= k <= n
    ]
    if len(said) < 2:
        return "".join(said)
    return worded("{all_but_the_last} and {last}", all_but_the_last=said[0], last=said[1])


def _many(count: int) -> str:
    return told(f"{count:,}")


def _print(k: int, n: int, places: int) -> str:
    return told(f"{float(round(Fraction(100 * k, n), places)):.{places}f}")


def _interval(share_percent: float | str, decimals: int) -> tuple[Fraction, Fraction]:
    """Return the shares, 0-1, that may be printed so."""
    share, step = Fraction(str(share_percent)), Fraction(1, 10 ** max(decimals, 0))
    if decimals < 0 or not 0 <= share / 100 <= 1 or share % step:
        raise EvidenceError(
            worded(
                "share {share_percent}, {decimals} decimals; accepted: 0 to 100, as printed",
                share_percent=share_percent,
                decimals=decimals,
            )
        )
    return (share - step / 2) / 100, (share + step / 2) / 100
