"""Which whole numbers can stand behind a published percentage."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idmaj.calibration import rounding as rd
from idmaj.calibration.figures import NO_SHARE, EvidenceError, load_figures


def test_the_published_share_does_not_fit_every_denominator() -> None:
    """No whole number out of 494 gives 53.7 %; 311 of 579, 322 of 600 and 323 of 601 do."""
    table = rd.denominators(53.7, 1, [494, 579, 600, 601]).set_index("n")
    assert table["possible"].tolist() == [False, True, True, True]
    assert table.loc[[579, 600, 601], "k_low"].tolist() == [311, 322, 323]
    assert table.loc[[579, 600, 601], "k_high"].tolist() == [311, 322, 323]
    assert table.loc[494, ["k_low", "k_high"]].isna().all()
    assert rd.denominators(54, 0, [494]).loc[0, ["k_low", "k_high"]].tolist() == [265, 269]
    half = rd.denominators(12.5, 1, [80_000]).loc[0, ["k_low", "k_high"]].tolist()
    assert half == [9960, 10040]


@given(n=st.integers(1, 700), decimals=st.integers(0, 2), data=st.data())
def test_denominators_agree_with_trying_every_count(n: int, decimals: int, data: st.DataObject) -> None:
    """Against every k from 0 to n, in whole numbers: |100 k / n - share| is at most half a unit."""
    unit = 10**decimals
    printed = data.draw(st.integers(0, 100 * unit))
    row = rd.denominators(printed / unit, decimals, [n]).iloc[0]
    fits = [k for k in range(n + 1) if abs(200 * unit * k - 2 * printed * n) <= n]
    assert row["possible"] == bool(fits)
    if fits:
        assert [row["k_low"], row["k_high"]] == [fits[0], fits[-1]]


@pytest.mark.parametrize(
    ("share", "decimals", "candidates"),
    [(53.74, 1, [10]), (101, 0, [10]), (-1, 0, [10]), (5, -1, [10]), (5, 0, [0])],
)
def test_impossible_prints_are_refused(share: float, decimals: int, candidates: list[int]) -> None:
    """A share that cannot be printed so, and a denominator below one."""
    with pytest.raises(EvidenceError, match="accepted"):
        rd.denominators(share, decimals, candidates)


@given(k=st.integers(1, 300), n=st.integers(1, 300), decimals=st.integers(0, 2))
def test_the_wholes_are_those_that_print_the_share(k: int, n: int, decimals: int) -> None:
    """All n from the least to the most, and none beside them."""
    k, unit = min(k, n), 10**decimals
    share = max(1, round(100 * unit * k / n)) / unit
    found = rd.wholes(k, share, decimals)
    fits = [each for each in range(k, 40_000) if abs(200 * unit * k - 2 * round(share * unit) * each) <= each]
    assert found == ((fits[0], fits[-1]) if fits else None)


@pytest.mark.parametrize(("k", "share"), [(0, 5), (3, 0)])
def test_wholes_without_bound_are_refused(k: int, share: int) -> None:
    with pytest.raises(EvidenceError, match="accepted: 1 or more, of a share above zero"):
        rd.wholes(k, share, 0)


def test_the_smallest_group_that_can_print_a_share() -> None:
    """22 of 41 is 53.7 %, and no smaller group has such a share; whole percents need few."""
    assert rd.smallest_denominator("53.7", 1) == (41, 22)
    assert not rd.denominators("53.7", 1, range(1, 41))["possible"].any()
    assert rd.smallest_denominator("50", 0) == (2, 1)
    assert rd.smallest_denominator("0", 0) == (1, 0)
    assert rd.smallest_denominator("0.001", 3)[0] <= 100_000


def test_every_published_share_is_checked_as_printed() -> None:
    """53.7 % cannot have 494 below it; the decimals of 4.0 count; a change of prices is no share."""
    figures = load_figures()
    table = rd.check_shares(figures)
    first = table[table["id"] == "P001"].set_index("n")
    assert first["verdict"].to_dict() == {494: "impossible", 579: "fits", 600: "fits", 601: "fits"}
    assert first.loc[579, "says"] == "311 of 579"
    assert first.loc[494, "says"] == "no whole number out of 494 gives 53.7 %: 265 gives 53.6 and 266 gives 53.8"
    says = table.set_index("id")["says"]
    assert says["R111"] == "1,504 of 4,128, as stated"
    assert says["R124"] == "1,551 is 15.6 % of 9,911 to 9,974"
    assert table.set_index("id").loc["M021", "printed"] == "4.0"
    shares = figures[(figures["unit"] == "percent") & (figures["denominator"] != NO_SHARE)]
    assert set(table["id"]) == set(shares["id"])
    assert "M001" not in set(table["id"])


@pytest.mark.parametrize(
    ("printed", "k", "n", "verdict", "says"),
    [
        ("36", 1500, (4000,), "impossible", "1,500 of 4,000, as stated, is 38 %"),
        ("99.9", 3, (), "impossible", "3 is 99.9 % of no whole number"),
        ("54", None, (494,), "fits", "265 to 269 of 494"),
    ],
)
def test_a_stated_count_must_give_the_print(
    printed: str, k: int | None, n: tuple[int, ...], verdict: str, says: str
) -> None:
    """What a source says twice must agree."""
    row = {"id": "X001", "printed": printed, "unit": "percent", "denominator": "projects", "k": k, "n": n}
    table = rd.check_shares(pd.DataFrame([row]))
    assert table.loc[0, ["verdict", "says"]].tolist() == [verdict, says]
