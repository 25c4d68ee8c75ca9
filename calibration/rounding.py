"""Can a published percentage be what it says it is? Which whole numbers round to it, in exact arithmetic."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from fractions import Fraction

import pandas as pd

from .figures import NO_SHARE
from .reading import EvidenceError

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
        raise EvidenceError(f"candidate {min(tried)}; accepted: 1 or more")
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
        raise EvidenceError(f"k {k} of a share of {share_percent} %; accepted: 1 or more, of a share above zero")
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
        verdict in words.
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
    places = decimals_of(printed)
    if n is None and k is None:
        least, some = smallest_denominator(printed, places)
        return "not stated", f"the smallest group that can print it is {least:,} ({some:,} of {least:,})"
    if n is None:
        assert k is not None
        found = wholes(k, printed, places)
        if found is None:
            return "impossible", f"{k:,} is {printed} % of no whole number"
        return "fits", f"{k:,} is {printed} % of {found[0]:,} to {found[1]:,}"
    row = denominators(printed, places, [n]).iloc[0]
    if not row["possible"]:
        return "impossible", f"no whole number out of {n:,} gives {printed} %: {_around(printed, places, n)}"
    if k is None:
        few = row["k_low"] == row["k_high"]
        return "fits", f"{row['k_low']:,} of {n:,}" if few else f"{row['k_low']:,} to {row['k_high']:,} of {n:,}"
    if row["k_low"] <= k <= row["k_high"]:
        return "fits", f"{k:,} of {n:,}, as stated"
    return "impossible", f"{k:,} of {n:,}, as stated, is {_print(k, n, places)} %"


def _around(printed: str, places: int, n: int) -> str:
    """Say what the nearest whole numbers on both sides would be printed as."""
    below = math.floor(Fraction(printed) * n / 100)
    return " and ".join(f"{k:,} gives {_print(k, n, places)}" for k in (below, below + 1) if 0 <= k <= n)


def _print(k: int, n: int, places: int) -> str:
    return f"{float(round(Fraction(100 * k, n), places)):.{places}f}"


def _interval(share_percent: float | str, decimals: int) -> tuple[Fraction, Fraction]:
    """Return the shares, 0-1, that may be printed so."""
    share, step = Fraction(str(share_percent)), Fraction(1, 10 ** max(decimals, 0))
    if decimals < 0 or not 0 <= share / 100 <= 1 or share % step:
        raise EvidenceError(f"share {share_percent}, {decimals} decimals; accepted: 0 to 100, as printed")
    return (share - step / 2) / 100, (share + step / 2) / 100
